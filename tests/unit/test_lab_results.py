"""A game day: what a number draws, and the page at its end, with the report by role."""

from __future__ import annotations

from pathlib import Path

import pytest

import simulator as sim
from simulator.api.tickets import LEVELS
from simulator.drill import RunCode
from simulator.errors import GamedayError, ScenarioError
from simulator.lab.results import Results


@pytest.fixture(scope="module")
def team(tmp_path_factory: pytest.TempPathFactory) -> Results:
    """Two roles of three take turns on the welcome's incident; one line is refused."""
    path = tmp_path_factory.mktemp("runs") / "blue.jsonl"
    drill = sim.start("welcome", seed=7, mode="game-day", journal=path)
    drill.run("incident role operations Ana")
    drill.wait("20m")
    for line in (
        "role operations",
        "page ack",
        "kubectl get podz",
        "kubectl rollout undo deployment/app",
        "role communications",
        'statuspage identified "We take a release back."',
    ):
        drill.run(line)
    drill.wait("15m")
    return drill.results(("errors", "the release", "the undo"), rule="Undo first.")


def test_a_number_draws_the_same_incident_again_and_hides_its_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Scenario, variant and users; the run file is called after the number."""
    monkeypatch.chdir(tmp_path)
    first, again, text = (sim.game_day(ticket) for ticket in (11, 11, "11"))
    assert str(first) == str(again) == str(text)
    assert "game-day, guidance 4" in str(first)
    assert ["game-day-11-2.jsonl", "game-day-11-3.jsonl", "game-day-11.jsonl"] == sorted(
        path.name for path in (tmp_path / "runs").iterdir()
    )


def test_numbers_draw_from_the_whole_shelf_but_the_course_s_beginning() -> None:
    """A hundred numbers meet nearly everything of levels 2 to 4, and nothing below."""
    from simulator.api.tickets import _drawn

    levels = {str(name): int(row["level"]) for name, row in sim.catalog().iterrows()}
    drawn = [_drawn(number, None) for number in range(100)]
    shelf = {name for name, level in levels.items() if level in LEVELS}
    assert {code.name for code in drawn} <= shelf
    assert 0.8 * len(shelf) < len({code.name for code in drawn})
    assert all(1 <= code.seed <= 20 for code in drawn)
    assert {4} == {levels[_drawn(number, 4).name] for number in range(5)}


def test_a_run_code_meets_somebody_s_users() -> None:
    """What a colleague hands over is played as it is."""
    drill = sim.game_day("welcome.0.7", journal=False)
    assert ("welcome", 0, 7) == (drill._run.scenario.name, drill._run.variant, drill._run.seed)
    assert RunCode("welcome", 0, 7) == RunCode.parse("welcome.0.7")


@pytest.mark.parametrize("ticket", ["", "seven", "-1", 1.5, True, -3, 2**63])
def test_what_is_no_number_is_told(ticket: object) -> None:
    """In four parts, with what to type."""
    with pytest.raises(GamedayError, match="expected a whole number of your own, or a run code"):
        sim.game_day(ticket)  # type: ignore[arg-type]


def test_a_level_that_is_not_drawn_from_and_an_unknown_name_are_told() -> None:
    """The nearest name stands in the error."""
    with pytest.raises(GamedayError, match="expected 2 to 4"):
        sim.game_day(1, level=1)
    with pytest.raises(ScenarioError, match="Did you mean 'payday'"):
        sim.game_day("paydey.0.1")


def test_untouched_there_is_nothing_to_hand_in_yet_and_nothing_is_replayed(tmp_path: Path) -> None:
    """A page all the same: it names the file, and has neither score nor debrief."""
    drill = sim.start("welcome", mode="game-day", journal=tmp_path / "mine.jsonl")
    page = drill.results()
    assert page.attempt is None
    assert page.debrief is None
    assert "Nothing was typed yet." in str(page)
    assert "mine.jsonl" in str(page)


def test_the_page_says_what_came_of_it_and_what_to_hand_in(team: Results) -> None:
    """Times after the page, budget, score, the learner's own words, the file; and no certificate."""
    text = str(team)
    assert team.attempt is not None
    assert team.debrief is not None
    assert "First page: T+" in text
    assert f"{100 * team.attempt.budget_spent:.1f} % of the window's" in text
    assert "“Undo first.”" in text
    assert "blue.jsonl`, unchanged" in text
    assert "This page certifies nothing." in text
    assert team.debrief.score.total == team.attempt.score["total"]


def test_the_report_by_role_counts_what_was_typed_in_its_name(team: Results) -> None:
    """Who, looks, changes, words, what was refused; and a role for which nobody typed is asked about."""
    rows = team.by_role.set_index("role")
    assert ["operations", "communications"] == list(rows.index)
    assert ("Ana", 3, 1, 1) == tuple(rows.loc["operations", ["who", "lines", "changes", "refused"]])
    assert 1 == rows.loc["communications", "words"]
    operations, communications = (float(each) for each in team.by_role["first_s"])
    assert operations < communications
    assert "Nothing was typed for commander. Was that agreed, or did it happen?" in str(team)


def test_the_page_is_saved_as_one_file(team: Results, tmp_path: Path) -> None:
    """As a page that asks nothing of the network."""
    text = team.save(tmp_path / "results.html").read_text(encoding="utf-8")
    assert "Ana" in text
    assert "http" not in text.replace("http://www.w3.org", "").partition("A public incident")[0]


def test_a_look_is_not_the_first_act_on_a_page(tmp_path: Path) -> None:
    """What was looked at first has a line of its own; the act on the page is named, with its time."""
    drill = sim.start("welcome", seed=7, mode="game-day", journal=tmp_path / "look.jsonl")
    drill.wait("20m")
    drill.run("kubectl get pods")
    drill.wait("30s")
    drill.run("page ack")
    page = drill.results()
    found = page.attempt
    assert found is not None and found.detected_s is not None and found.acted_s is not None
    assert "page ack" == found.acted and found.detected_s + 30 <= found.acted_s
    assert "First look or act after it" in str(page) and ", `page ack`" in str(page)
