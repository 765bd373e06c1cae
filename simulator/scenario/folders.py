"""Where scenarios lie: the kit's own folder, and before it any folder that an instructor adds.

``GAMEDAY_SCENARIOS`` names further folders, parted as in ``PATH``; the first one that has a name wins.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from simulator.errors import Problem, ScenarioError
from simulator.scenario.problems import nearest

FILE: Final = "scenario.yaml"
TEXTS: Final = "texts.yaml"
SYSTEM: Final = "system.yaml"
SYSTEMS: Final = "systems"
#: The variable that adds folders.
VARIABLE: Final = "GAMEDAY_SCENARIOS"


@dataclass(frozen=True, slots=True)
class Entry:
    """A scenario of the catalogue.

    Attributes:
        name: By which it is started.
        title: For people.
        labels: Skill, level, minutes.
        path: Its file.
    """

    name: str
    title: str
    labels: dict[str, str]
    path: Path


def search_path() -> tuple[Path, ...]:
    """The folders in which scenarios are looked for, in order."""
    added = [Path(part) for part in os.environ.get(VARIABLE, "").split(os.pathsep) if part]
    package = Path(__file__).resolve().parent.parent
    checkout = package.parent / "scenarios"
    own = (
        checkout
        if (package.parent / "pyproject.toml").is_file() and checkout.is_dir()
        else package / "_scenarios"
    )
    return (*added, own)


def scenario_files() -> dict[str, Path]:
    """Every scenario's file by name, in order of names."""
    found: dict[str, Path] = {}
    for root in search_path():
        for path in sorted(root.glob(f"*/{FILE}")):
            found.setdefault(path.parent.name, path)
    return dict(sorted(found.items()))


def find(name_or_path: str | Path) -> Path:
    """The file of a scenario, by its name or by the path of its folder or file.

    Raises:
        ScenarioError: There is none; the nearest known name is given.
    """
    text = str(name_or_path)
    if isinstance(name_or_path, Path) or "/" in text or os.sep in text or text.endswith((".yaml", ".yml")):
        path = Path(name_or_path)
        path = path / FILE if path.is_dir() else path
        if path.is_file():
            return path
        raise _none(text, f"a scenario's folder, or its {FILE}", "nothing there", "Check the path.")
    files = scenario_files()
    if text in files:
        return files[text]
    near = nearest(text, list(files))
    todo = f"Did you mean {near!r}?" if near else f"There are {', '.join(files) or 'none'}."
    raise _none("scenario", "the name of a scenario, or the path of one", repr(text), todo)


def find_system(name: str, near: Path | None) -> Path | None:
    """The file of a shared system: beside the scenario's own folder first, then on the search path."""
    for root in _roots(near):
        path = root / SYSTEMS / name / SYSTEM
        if path.is_file():
            return path
    return None


def _roots(near: Path | None) -> tuple[Path, ...]:
    return (near, *search_path()) if near else search_path()


def system_names(near: Path | None) -> list[str]:
    """All systems that can be included, in order of names."""
    return sorted({path.parent.name for root in _roots(near) for path in root.glob(f"{SYSTEMS}/*/{SYSTEM}")})


def shown_path(path: Path) -> str:
    """A path as messages show it: short inside the working folder and the kit, as it is elsewhere."""
    resolved = path.resolve()
    for root in (Path.cwd(), *(folder.parent for folder in search_path())):
        if resolved.is_relative_to(root.resolve()):
            return resolved.relative_to(root.resolve()).as_posix()
    return str(path)


def _none(where: str, expected: str, got: str, todo: str) -> ScenarioError:
    return ScenarioError([Problem(where, expected, got, todo)])
