"""Reading what was said where answers are only printed: ``channel``, and a blocking line that was ended."""

from __future__ import annotations

import pytest

import simulator as sim
from simulator.coach import Coach
from simulator.coach.chronicle import chronicle
from simulator.drill import Run
from simulator.units import MINUTE, SECOND, format_clock
from tests.drill_stage import fresh


def rung() -> Run:
    """A run whose pager rings while a line waits."""
    run = fresh()
    for _ in range(30):
        if run.pager.pages:
            return run
        run.do("wait 1m")
    raise AssertionError("the pager never rang")


def test_a_wait_that_a_page_ends_prints_the_page() -> None:
    """The words stand under the line that they ended, with time and id, and count as read."""
    run = rung()
    page = run.pager.pages[0]
    stopped = run.transcript[-1].text
    assert "Stopped waiting" in stopped and f"the pager rings: {page.id}" in stopped
    assert f"\n{format_clock(page.since)}  pager: {page.id} {page.name}: " in stopped
    assert "Nothing new. Type channel --all for everything." == run.do("channel").text


def test_a_rollout_status_that_the_coach_ends_prints_his_words() -> None:
    """It is so with every line that blocks, not with ``wait`` alone."""
    run = fresh()
    run.do("kubectl set image deployment/app app=registry.local/app:v1")
    run.do("kubectl rollout restart deployment/app")
    run.telemetry.on_scrape(lambda _at: speak(run))
    text = run.do("kubectl rollout status deployment/app").text
    assert "The coach has something to say." in text
    assert text.endswith("  James O'Brien: Who is hurt?")


def speak(run: Run) -> None:
    """James says one thing and wants to be heard."""
    if not any(message.id == "once" for message in run.channel):
        run.say("coach", "James O'Brien", "Who is hurt?", id="once")
        run.interrupt()


def test_a_page_that_rings_during_a_line_stands_below_its_answer() -> None:
    """Also below a line that does not block, once; the tool's own text stays what the tool printed."""
    rung_at = rung().pager.pages[0].since
    run = fresh()
    run.advance(rung_at - 2 * SECOND)
    answer = run.do("kubectl get pods -o name")
    page = run.pager.pages[0]
    assert f"{format_clock(page.since)}  pager: {page.id} " in answer.rang
    assert answer.text + "\n" + answer.rang == str(answer) and "pager" not in answer.text
    assert "" == run.do("kubectl get pods").rang
    assert "Nothing new. Type channel --all for everything." == run.do("channel").text


def test_the_channel_prints_what_others_said_since_it_was_read() -> None:
    """First everything, then what is new; the learner's own words only with --all; it costs a look."""
    run = fresh()
    run.say("people", "Noor", "Do we know?")
    run.do('message "We look."')
    answer = run.do("channel")
    assert ("look", run.costs["status"], "channel") == (answer.kind, answer.cost, answer.canonical)
    assert "T+00:00  Noor: Do we know?" == answer.text
    run.say("people", "Noor", "And now?")
    assert f"{format_clock(run.now)}  Noor: And now?" == run.do("inbox").text
    assert ["Noor", "you", "Noor"] == [
        line.split()[1].rstrip(":") for line in run.do("channel --all").text.splitlines()
    ]
    assert not run.do("channel Noor hello").ok


def test_a_page_that_rang_while_a_line_took_its_time_is_printed_by_the_next_that_is_ended() -> None:
    """Nobody misses a page since it rang during a look: the next line that is ended prints it as well."""
    run = fresh()
    run.say("page", "pager", "CheckoutDown: checkout fails", id="P7")
    run.say("people", "Noor", "Do we know?")
    run.telemetry.on_scrape(lambda _at: speak(run))
    text = run.do("wait 5m").text
    assert "P7 CheckoutDown" in text and "Who is hurt?" in text and "Do we know?" not in text
    assert "T+00:00  Noor: Do we know?" == run.do("channel").text


def test_a_notebook_does_not_show_again_what_an_answer_printed() -> None:
    """Words in the answer's text are read; only the others follow under it."""
    drill = sim.start("production-is-down", seed=7)
    stopped = drill.wait("20m")
    assert "pager: P1" in stopped.text and stopped.unread is not None
    assert not [message for message in stopped.unread.messages if message.id == "P1"]
    assert 10 * MINUTE > drill._run.now > SECOND


def test_a_drill_prints_how_long_it_lasts_and_how_old_its_releases_are() -> None:
    """A length is no point of time, and a release of last month is days old."""
    drill = sim.start("production-is-down", seed=7)
    assert "T+00:00 of 45m, lesson" in str(drill)
    assert drill.events["last"].iloc[0].endswith("d")


@pytest.mark.parametrize("word", ["exit", "quit", "watch kubectl get pods"])
def test_a_habit_of_the_shell_is_told_what_to_do_here(word: str) -> None:
    """The console has none of it, says so, and names a line that helps."""
    answer = fresh().do(word)
    assert not answer.ok and "This console has no " in answer.text
    assert "Did you mean" not in answer.text


def test_an_act_stands_above_what_it_did_in_the_same_instant() -> None:
    """The debrief's timeline has the rollback before the version that it brought."""
    run = fresh()
    coach = Coach(run)
    run.advance(3 * MINUTE)
    run.do("kubectl rollout undo deployment/app")
    rows = chronicle(run, coach).rows
    same = [row.lane for row in rows if row.at == 3 * MINUTE and row.lane in ("You", "World")]
    assert ["You", "World"] == same
