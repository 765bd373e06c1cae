"""A class's report: every number comes from playing the files again, and nothing of a run is lost."""

from __future__ import annotations

import json
from pathlib import Path

import nbformat
import pandas as pd
import pytest
from typer.testing import CliRunner

import simulator as sim
from simulator.cli import report as room
from simulator.cli.app import app
from simulator.coach.classroom import Classroom
from simulator.errors import GamedayError, JournalError

UNDO = "kubectl rollout undo deployment/checkout"
SCALE = "kubectl scale deployment/checkout --replicas=12"


def _played(path: Path, *lines: tuple[str, str]) -> Path:
    drill = sim.start("production-is-down", seed=1, mode="game-day", journal=path)
    for at, line in lines:
        while drill.now < at:
            drill.wait("15s")
        drill.run(line)
    return path


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three learners: one takes the release back, one scales out, one does nothing."""
    made = tmp_path_factory.mktemp("class")
    _played(
        made / "ada.jsonl",
        ("T+08:00", "page ack"),
        ("T+08:30", UNDO),
        ("T+09:30", 'statuspage monitoring "Better."'),
    )
    _played(made / "bob.jsonl", ("T+08:00", "page ack"), ("T+08:30", SCALE))
    _played(made / "cyd.jsonl")
    return made


@pytest.fixture(scope="module")
def found(folder: Path) -> Classroom:
    """The three, read."""
    return room.read([folder])


def test_each_run_has_its_times_its_cost_and_its_belief(found: Classroom) -> None:
    """Ada mitigated and told; Bob believed in more pods and did not mitigate; Cyd did nothing at all."""
    ada, bob, cyd = found.attempts
    assert ["ada", "bob", "cyd"] == [each.name for each in found.attempts]
    assert 60 <= (ada.detected_s or 0) <= 70
    assert 60 < (ada.mitigated_s or 0) < 240
    assert 120 <= (ada.told_s or 0) <= 180
    assert [None, None] == [bob.mitigated_s, cyd.mitigated_s]
    assert cyd.detected_s is None and cyd.acted_s is None and "" == cyd.acted
    assert ada.detected_s == ada.acted_s and "page ack" == ada.acted
    assert ada.budget_spent < bob.budget_spent / 3
    assert () == cyd.beliefs
    belief = found.beliefs().to_dict(orient="records")[0]
    assert (1, 3) == (belief["runs"], belief["of"])
    assert belief["belief"] in [each.id for each in bob.beliefs]


def test_what_cost_most_stands_first(found: Classroom) -> None:
    """Who did nothing could have spared most, by at least a tenth of the budget."""
    regrets = found.regrets()
    saved = regrets["saved_percent"].tolist()
    assert {"bob", "cyd"} <= set(regrets["run"])
    assert sorted(saved, reverse=True) == saved
    assert saved[0] > 10


def test_the_command_writes_a_table_and_a_notebook_and_prints_one_document(
    folder: Path, tmp_path: Path
) -> None:
    """``--json`` gives the rows of the CSV; the notebook is valid and holds table, picture and questions."""
    answer = CliRunner().invoke(app, ["report", str(folder / "ada.jsonl"), "--out", str(tmp_path), "--json"])
    assert 0 == answer.exit_code, answer.output
    (row,) = json.loads(answer.stdout)
    assert ("ada", "production-is-down") == (row["run"], row["scenario"])
    assert ["ada"] == pd.read_csv(tmp_path / "class.csv")["run"].tolist()
    notebook = nbformat.read(tmp_path / "class.ipynb", as_version=4)  # type: ignore[no-untyped-call]
    nbformat.validate(notebook)
    text = "\n".join(cell.source for cell in notebook.cells)
    assert "| ada |" in text and "Questions for the room" in text
    assert notebook.cells[2].attachments["class.png"]["image/png"]


def test_no_file_and_a_damaged_file_are_named(tmp_path: Path) -> None:
    """An empty folder says what to collect; a file that was changed says at which line."""
    with pytest.raises(GamedayError, match="run files, or folders"):
        room.read([tmp_path])
    bad = tmp_path / "dan.jsonl"
    bad.write_text("nonsense\n")
    with pytest.raises(JournalError, match=r"dan\.jsonl"):
        room.read([bad])
