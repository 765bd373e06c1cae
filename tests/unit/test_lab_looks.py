"""The console as somebody works in it: looks by tab, the pager, lines after the end, what is told when."""

from __future__ import annotations

import asyncio

import pytest

from simulator.coach import Coach
from simulator.drill import Mode
from simulator.lab.console import Console
from simulator.lab.frames import Scene
from simulator.units import MINUTE, SECOND
from tests.drill_stage import fresh


def console(mode: Mode = "lesson") -> Console:
    """A console of the small incident with James."""
    run = fresh(mode=mode)
    return Console(run, Coach(run))


def typed(made: Console) -> list[str]:
    """The lines of the run, as the terminal shows them."""
    return [entry["line"] for entry in made.transcript]


def test_opening_a_tab_is_a_look_at_the_selected_service() -> None:
    """What is read in a tab counts as if it had been typed; the charts are always there and are none."""
    made = console()
    for tab in ("logs", "signals", "events"):
        made.open_tab(tab)
    made.select("db")
    made.open_map()
    assert ["view logs app", "view events app", "view events db", "view pods db"] == typed(made)
    assert all(answer.ok and answer.kind == "look" for answer in made._run.transcript)
    assert 0 == made._run.now, "a tab is always at hand"


def test_the_same_tab_is_one_look_a_minute() -> None:
    """Going back and forth between tabs fills no journal."""
    made = console()
    for _ in range(3):
        made.open_tab("logs")
    made._run.advance(MINUTE - SECOND)
    made.open_tab("logs")
    assert ["view logs app"] == typed(made)
    made._run.advance(MINUTE)
    made.open_tab("logs")
    assert ["view logs app"] * 2 == typed(made)


def test_a_tab_does_not_answer_a_question_and_writes_nothing_after_the_end() -> None:
    """A dangerous line waits for its yes while somebody reads; a drill that is over takes no more acts."""
    made = console()
    made.line("kubectl delete deployment app")
    assert made.frame["confirm"]
    made.open_tab("logs")
    assert made.frame["confirm"]
    made.line("no")
    made._run.finish()
    made.open_tab("alerts")
    assert ["kubectl delete deployment app", "no"] == typed(made)


def test_a_line_after_the_end_is_answered_in_the_terminal() -> None:
    """The run no longer takes it, and who typed it is told so instead of waiting for ever."""
    made = console()
    made.line("kubectl get pods")
    made.line("# a comment is no act either")
    made.line("page")
    made._run.finish()
    made.line("statuspage resolved")
    made.line("kubectl get pods")
    assert [
        "kubectl get pods",
        "# a comment is no act either",
        "page",
        "statuspage resolved",
        "kubectl get pods",
    ] == (typed(made))
    assert [0, 1, 2, 3, 4] == [entry["number"] for entry in made.transcript]
    assert "The drill is over" in made.transcript[-2]["text"]
    assert "app-" in made.transcript[-1]["text"], "looking goes on"
    assert 2 == len(made._run.transcript)


def test_numbers_of_lines_never_go_back_when_the_oldest_fall_out_of_sight() -> None:
    """The page adds what has a number that it has not seen."""
    made = console()
    seen = -1
    for turn in range(70):
        made.line("# aside" if turn % 3 == 0 else "help")
        assert made.transcript[-1]["number"] == seen + 1
        seen = made.transcript[-1]["number"]
    assert 60 == len(made.transcript)


@pytest.mark.parametrize(("mode", "playing", "speed"), [("lesson", False, 60), ("game-day", True, 1)])
def test_a_page_ends_the_hurry_and_says_so(mode: Mode, playing: bool, speed: int) -> None:
    """Played at ×60 the clock stands at the page where it may, else it goes on as fast as the learner's."""

    async def scene() -> tuple[Console, float, bool]:
        made = console(mode)
        made.play(60)
        for _ in range(100):
            await asyncio.sleep(0.1)
            if made.frame["pages"]:
                break
        found = made.frame, made._clock.playing
        made.close()
        return made, found[0]["clock"]["now"] - found[0]["pages"][0]["since"], found[1]

    made, late, plays = asyncio.run(scene())
    assert (playing, speed) == (plays, made._clock.speed)
    assert late <= 4, "the page is met when it rings"
    assert "The pager rings" in made.frame["notice"]
    made.line("page ack")
    assert "" == made.frame["notice"]


def test_the_speed_to_begin_with_is_the_learner_s_own_where_nothing_stops_the_clock() -> None:
    """Who reads one screen in a game day loses no minute of an outage by it."""
    assert 1 == console("game-day").frame["clock"]["speed"]
    assert 10 == console().frame["clock"]["speed"]


def test_a_game_day_s_title_is_told_at_its_end() -> None:
    """The name of the scenario would tell what goes wrong; a lesson says what it is about."""
    run = fresh(mode="game-day")
    scene = Scene(run)
    assert "Game day" == scene.frame()[0].title
    run.finish()
    assert run.scenario.metadata.title == scene.frame()[0].title
    assert run.scenario.metadata.title == Scene(fresh()).frame()[0].title


def test_the_burn_rate_names_its_window() -> None:
    """The page speaks of an hour, the status bar of five minutes: without the window they contradict."""
    assert {"5m"} == {budget.burn_over for budget in Scene(fresh()).frame()[0].budgets}
