"""``gameday check`` on the command line: exit codes, what is said where, and the files that it writes."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from typer.testing import CliRunner

from simulator.authoring.difficulty import Difficulty
from simulator.authoring.proof import Point, Proof
from simulator.authoring.report import difficulties, table, write
from simulator.cli import check as room
from simulator.cli.app import app
from simulator.errors import GamedayError
from simulator.scenario.measured import in_words, measured, short_digest
from tests import proof_stage as stage


def written(folder: Path, *edits: tuple[str, str]) -> Path:
    """The small scenario as a folder on disk."""
    home = folder / "reading-room"
    home.mkdir()
    files = [stage.SCENARIO, stage.TEXTS]
    for old, new in edits:
        files = [file.replace(old, new, 1) for file in files]
    (home / "scenario.yaml").write_text(files[0], encoding="utf-8")
    (home / "texts.yaml").write_text(files[1], encoding="utf-8")
    return home


def test_a_path_may_be_checked_without_playing(tmp_path: Path) -> None:
    """The texts alone: two points, in no time; machines get one document and nothing beside it."""
    done = CliRunner().invoke(app, ["check", str(written(tmp_path)), "--lint-only", "--json"])
    (found,) = json.loads(done.stdout)
    assert 0 == done.exit_code
    assert ("reading-room", 0, True) == (found["name"], found["variant"], found["passed"])
    assert [10, 12] == [point["point"] for point in found["points"]]
    assert all({"point", "title", "passed", "evidence"} == set(point) for point in found["points"])


def test_a_failure_is_loud_and_ends_with_exit_code_1(tmp_path: Path) -> None:
    """The document stays whole on standard output; the complaint goes to standard error."""
    home = written(tmp_path, ("title: An afternoon", "title: The v2 afternoon"))
    done = CliRunner().invoke(app, ["check", str(home), "--lint-only", "--json"])
    assert 1 == done.exit_code
    assert json.loads(done.stdout)[0]["passed"] is False
    assert "FAILS  reading-room, variant 0: point 10" in done.stderr
    assert "metadata.title says “v2”" in done.stderr


def test_people_get_a_table(tmp_path: Path) -> None:
    """Title, marks and evidence."""
    done = CliRunner().invoke(app, ["check", str(written(tmp_path)), "--lint-only"])
    assert "An afternoon in the reading room (texts alone)" in done.stdout
    assert "Every text can be read aloud." in done.stdout


def proof() -> Proof:
    """A proof as it might come out."""
    points = (Point(1, "first", True, "1 | 2"), Point(2, "second", False, "no"))
    return Proof(stage.scenario(), (1, 2), points, Difficulty(1, 1, 4, None, 90.0, 0.5))


def test_the_files_carry_the_digest_of_what_was_proved(tmp_path: Path) -> None:
    """A difficulty is shown as long as the scenario is what it was; then it is unmeasured."""
    write([proof()], tmp_path)
    scenario = stage.scenario()
    assert f"| reading-room | 0 | `{short_digest(scenario)}` | " in (tmp_path / "PROOF.md").read_text("utf-8")
    found = measured(scenario, tmp_path)
    assert found is not None
    assert (1, 90.0) == (found["hops"], found["wrong_path_distance"])
    assert measured(stage.scenario(("ceiling: 20", "ceiling: 30")), tmp_path) is None
    assert measured(scenario, tmp_path / "elsewhere") is None
    assert "unmeasured" == in_words(None)


def test_the_table_is_markdown() -> None:
    """Evidence with a bar in it stays in its cell, and what fails stands out."""
    text = table([proof()])
    assert "| 1 first | ok | 1 \\| 2 |" in text
    assert "| 2 second | **fails** | no |" in text
    assert "on 2 seeds" in text
    assert {"reading-room"} == set(json.loads(difficulties([proof()])))


def test_the_table_is_written_for_all_or_not_at_all() -> None:
    """Half a table would look like a whole one."""
    with pytest.raises(GamedayError, match="every scenario of the kit"):
        room.record([replace(proof())])
