"""``gameday lab`` opens the welcome with settings that a workshop needs."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from simulator.cli import jupyter_lab


def test_the_users_flags_come_last_so_that_they_win() -> None:
    """Whatever the kit sets, ``LAB_FLAGS`` can set otherwise."""
    line = jupyter_lab.arguments(["--no-browser"], folder=Path("notes"), root=False)
    assert "--no-browser" == line[-1]
    assert "--LabApp.default_url=/lab/tree/learn/00-welcome.ipynb" in line
    assert "--allow-root" not in line


def test_a_superuser_may_open_the_lab() -> None:
    """In a container the user is root, and Jupyter would refuse without a flag."""
    assert "--allow-root" in jupyter_lab.arguments([], folder=Path("notes"), root=True)


def test_an_installed_kit_copies_its_notebooks_and_keeps_what_was_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """From a wheel the learner gets a copy of the course; a second start overwrites nothing."""
    package = tmp_path / "site" / "simulator"
    lesson = package / "_notebooks" / "learn" / "00-welcome.ipynb"
    lesson.parent.mkdir(parents=True)
    lesson.write_text("{}", encoding="utf-8")
    monkeypatch.setattr(jupyter_lab, "_PACKAGE", package)
    monkeypatch.chdir(tmp_path)
    copy = jupyter_lab.notebooks_folder() / "learn" / "00-welcome.ipynb"
    copy.write_text('{"mine": 1}', encoding="utf-8")
    assert '{"mine": 1}' == (jupyter_lab.notebooks_folder() / "learn" / "00-welcome.ipynb").read_text()
    assert "{}" == lesson.read_text(encoding="utf-8")


def test_the_lab_asks_nobody_for_news() -> None:
    """The settings that are given to JupyterLab switch off its news and update checks."""
    folder = jupyter_lab._SETTINGS / "labconfig" / "default_setting_overrides.json"
    settings = json.loads(folder.read_text(encoding="utf-8"))["@jupyterlab/apputils-extension:notification"]
    assert "false" == settings["fetchNews"]
    assert settings["checkForUpdates"] is False
