"""Progress: skills move with finished runs, in a file that survives and can be deleted."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from simulator.coach import Coach
from simulator.coach.progress import BEGINS, MEANINGS, SKILLS, Entry, Estimate, Progress, forget, moved
from simulator.coach.score import Score, ScoreItem, ScoreLine
from simulator.drill import Run
from simulator.errors import SetupError
from tests.drill_stage import fresh


def scored(**passed: bool) -> Score:
    """A score whose checks of these skills passed or failed."""
    items = tuple(ScoreItem(f"c-{skill}", held, "…", 1.0, skill=skill) for skill, held in passed.items())
    return Score((ScoreLine("process", "Process", 0.0, 15, items),), passed=True)


def ended() -> tuple[Run, Coach]:
    """A run that is over."""
    run = fresh()
    coach = Coach(run)
    run.finish()
    return run, coach


def test_a_skill_rises_without_help_and_falls_where_it_failed_or_was_told() -> None:
    """No hint: up. First two rungs: stays. Third rung or failed: down."""
    assert {"rollback": 1, "slo": -1} == moved(scored(rollback=True, slo=False), 0)
    assert {"rollback": 0} == moved(scored(rollback=True), 2)
    assert {"rollback": -1} == moved(scored(rollback=True), 3)


def test_all_checks_of_a_skill_must_hold() -> None:
    """One failed check of two is a failed opportunity."""
    items = (
        ScoreItem("a", True, "…", 1.0, skill="canary"),
        ScoreItem("b", False, "…", 1.0, skill="canary"),
        ScoreItem("c", None, "…", 1.0, skill="canary"),
    )
    assert {"canary": -1} == moved(Score((ScoreLine("safety", "S", 0.0, 20, items),), passed=True), 0)


def test_estimates_stay_between_0_and_4_and_survive_the_process(tmp_path: Path) -> None:
    """Six good runs are a 4; the file read again says the same."""
    path = tmp_path / "deep" / "progress.json"
    run, coach = ended()
    for number in range(6):
        progress = Progress(path)
        progress.entries = [*progress.entries]
        assert progress.record(run, coach, scored(rollback=True))
        fields = json.loads(path.read_text(encoding="utf-8"))
        fields["runs"][-1]["run"] = f"v1:{number}"  # as if it had been another run
        path.write_text(json.dumps(fields), encoding="utf-8")
    again = Progress(path)
    assert (4, 6) == next((each.level, each.runs) for each in again.estimates() if each.skill == "rollback")
    assert 4 == again.level("rollback") and BEGINS == again.level("canary")
    assert list(SKILLS) == [each.skill for each in again.estimates()]


def test_one_good_run_lifts_no_skill_above_where_it_begins(tmp_path: Path) -> None:
    """A second one does; a failure between takes the first back. Who solved it once is not shown more."""
    progress = Progress(tmp_path / "progress.json")

    def after(*moves: int) -> Estimate:
        progress.entries = [Entry(f"v1:{i}", "x", 0, 1, {"rollback": move}) for i, move in enumerate(moves)]
        return next(each for each in progress.estimates() if each.skill == "rollback")

    assert (BEGINS, True) == (after(1).level, after(1).rising)
    assert after(1).meaning == MEANINGS[BEGINS + 1]
    assert BEGINS + 1 == after(1, 1).level == after(1, 0, 1).level
    assert BEGINS - 1 == after(1, -1).level
    assert BEGINS == after(-1, 1).level and not after(-1, 1).rising


def test_a_run_counts_once_and_only_when_it_is_over(tmp_path: Path) -> None:
    """Asking for the debrief twice is one opportunity; a running drill is none."""
    progress = Progress(tmp_path / "progress.json")
    running = fresh()
    assert not progress.record(running, Coach(running), scored(rollback=True))
    run, coach = ended()
    assert progress.record(run, coach, scored(rollback=True))
    assert not progress.record(run, coach, scored(rollback=True))
    assert BEGINS == progress.level("rollback") and 1 == len(progress.entries)


def test_deleting_forgets_everything(tmp_path: Path) -> None:
    """The file is gone, and so are the estimates."""
    progress = Progress(tmp_path / "progress.json")
    progress.record(*ended(), scored(rollback=True))
    assert forget(progress.path) and not progress.path.exists()
    assert BEGINS == Progress(progress.path).level("rollback") and not forget(progress.path)


@pytest.mark.parametrize(
    "text",
    ["", "{", "[]", '{"version": 9}', '{"version": 1, "runs": [{"moves": {"magic": 1}}]}', '{"version": 1}'],
)
def test_a_damaged_file_says_how_to_begin_anew(tmp_path: Path, text: str) -> None:
    """Nothing is guessed and nothing overwritten."""
    path = tmp_path / "progress.json"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(SetupError, match="gameday progress --delete"):
        Progress(path)
    assert text == path.read_text(encoding="utf-8")


def test_a_place_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    """The error names the variable that moves the file."""
    blocked = tmp_path / "file"
    blocked.write_text("", encoding="utf-8")
    with pytest.raises(SetupError, match="GAMEDAY_PROGRESS"):
        Progress(blocked / "progress.json").record(*ended(), scored(rollback=True))
