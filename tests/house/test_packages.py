"""An installed kit is whole: every package, scenario and notebook of the checkout is in the wheel."""

from __future__ import annotations

import tomllib

from tests.house.lockstep import ROOT
from tests.house.source import package

_SETUPTOOLS = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["setuptools"]
_CARRIED = {"simulator._notebooks": "notebooks", "simulator._scenarios": "scenarios"}


def test_pyproject_lists_every_package_of_the_tree() -> None:
    """A room that is missing in pyproject.toml would be missing in every installed kit."""
    folders = {module.name if module.path.endswith("__init__.py") else "" for module in package()} - {""}
    assert sorted(folders | set(_CARRIED)) == _SETUPTOOLS["packages"]


def test_every_folder_with_code_is_a_package() -> None:
    """A folder without __init__.py is found by an editable install and lost by a wheel."""
    bare = {module.path.rpartition("/")[0] for module in package()}
    assert [] == [folder for folder in sorted(bare) if not (ROOT / folder / "__init__.py").is_file()]


def test_scenarios_and_notebooks_are_carried_as_data() -> None:
    """The folders of the top level map to packages, and the patterns cover every file a learner needs."""
    assert _CARRIED == _SETUPTOOLS["package-dir"]
    for name, folder in _CARRIED.items():
        patterns = _SETUPTOOLS["package-data"][name]
        covered = {path for pattern in patterns for path in (ROOT / folder).glob(pattern)}
        kept = {
            p
            for p in (ROOT / folder).rglob("*")
            if p.is_file() and not {".ipynb_checkpoints", "runs"} & set(p.parts)
        }
        assert kept, f"{folder}/ is empty"
        assert [] == sorted(str(path) for path in kept - covered)


def test_every_data_file_of_the_package_is_carried() -> None:
    """Style sheets, scripts and settings that code reads at run time are in the wheel too."""
    patterns = _SETUPTOOLS["package-data"]["*"]
    data = [
        p
        for p in (ROOT / "simulator").rglob("*")
        if p.is_file() and p.suffix not in (".py", ".pyc", ".nbi", ".nbc")
    ]
    lost = [str(p.relative_to(ROOT)) for p in data if not any(p.match(pattern) for pattern in patterns)]
    assert [] == sorted(lost)
