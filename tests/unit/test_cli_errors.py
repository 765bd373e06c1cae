"""A user's mistake on the command line: four parts on standard error, exit code 2, no output."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from simulator.errors import SetupError
from tests.browser.chromium import find_chromium
from tests.house.lockstep import ROOT


def gameday(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the command line as a user does."""
    command = [sys.executable, "-m", "simulator", *arguments]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["run", "prodction-is-down", "--json"], ("expected the name of a scenario", "Did you mean")),
        (["run", "production-is-down", "--player", "nobody"], ("expected one of", "got 'nobody'")),
        (["run", "production-is-down", "--variant", "99"], ("expected", "got")),
        (["replay", "no-such-file.jsonl"], ("expected a run file", "Check the path")),
    ],
)
def test_a_mistake_is_said_in_four_parts(arguments: list[str], words: tuple[str, ...]) -> None:
    """Where, what was expected, what came, what to do; never a traceback."""
    done = gameday(*arguments)
    assert 2 == done.returncode
    assert "" == done.stdout
    assert "Traceback" not in done.stderr
    for word in words:
        assert word in done.stderr


def test_a_damaged_run_file_is_refused_with_its_line(tmp_path: Path) -> None:
    """A file that is no run file names its first line."""
    damaged = tmp_path / "run.jsonl"
    damaged.write_text("not a run\n", encoding="utf-8")
    done = gameday("replay", str(damaged), "--json")
    assert 2 == done.returncode
    assert f"{damaged}:1: expected the header of a run file" in done.stderr


def test_a_chromium_that_cannot_be_run_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """The variable CHROMIUM is believed, and a wrong one is an error rather than a search elsewhere."""
    monkeypatch.setenv("CHROMIUM", "no-such-browser")
    with pytest.raises(SetupError, match="got 'no-such-browser'"):
        find_chromium()
