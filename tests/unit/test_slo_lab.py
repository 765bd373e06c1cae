"""The SLO lab: one incident under several promises, whose differences are the promises' alone."""

from __future__ import annotations

from math import isnan

import numpy as np
import pytest

from simulator.errors import GamedayError
from simulator.lab import slo_lab
from simulator.slo.recordings import STEP, Recording
from simulator.units import DAY, MINUTE

BEGINS = 3 * DAY


def outage(minutes: int, *, share: float = 1.0, calm: int = 30) -> Recording:
    """Three clean days, then so many minutes in which a share fails, then calm; 40 requests a second."""
    steps = [BEGINS // STEP, minutes * MINUTE // STEP, calm * MINUTE // STEP]
    total = np.full(sum(steps), 600, dtype=np.int64)
    bad = np.repeat(np.array([0, round(600 * share), 0], dtype=np.int64), steps)
    return Recording("made", "Made for a test.", -BEGINS, bad, total, minutes * MINUTE)


@pytest.mark.parametrize(
    ("target", "window", "minutes"),
    [
        (0.99, "30d", 432.0),
        (0.999, "30d", 43.2),
        (0.9999, "30d", 4.32),
        (0.9995, "28d", 20.16),
        (0.9, "7d", 1008.0),
    ],
)
def test_a_budget_is_the_share_that_may_fail_times_the_window(
    target: float, window: str, minutes: float
) -> None:
    """The Workbook's table: 43.2 minutes a month at 99.9 %, a tenth of it for each further nine."""
    found = slo_lab.budget(target, window)
    assert minutes == pytest.approx(found["minutes"])
    assert isnan(found["requests"])
    assert 60 * 18 * minutes == pytest.approx(slo_lab.budget(target, window, rps=18)["requests"])


def test_a_partial_outage_costs_its_share_of_the_minutes() -> None:
    """A third of the requests for thirty minutes are ten minutes of 43.2."""
    frame = slo_lab.replay(outage(30, share=1 / 3), (0.999, "30d")).frame
    assert ["99.9 % over 30d"] == list(frame.index)
    assert 10 / 43.2 == pytest.approx(frame["spent"].iloc[0], rel=0.002)
    assert 30 * 60 * 40 / 3 == frame["failed_requests"].iloc[0]
    assert frame["gone_minutes"].isna().all()


def test_a_further_nine_costs_ten_times_the_share_and_pages_sooner() -> None:
    """The same requests failed under each promise; only what they are a share of is another."""
    found = slo_lab.replay(outage(40, share=0.3), (0.99, "30d"), (0.999, "30d"), (0.9999, "30d"))
    lax, usual, strict = found.promises
    assert lax.failed == usual.failed == strict.failed
    assert 10 * lax.spent == pytest.approx(usual.spent)
    assert 10 * usual.spent == pytest.approx(strict.spent)
    assert lax.paged is not None and usual.paged is not None and strict.paged is not None
    assert lax.paged > usual.paged > strict.paged
    # 14.4 times too fast over an hour, with 30 % failing after clean days: 28.8 and 2.88 minutes.
    assert 28.8 == pytest.approx(lax.paged / MINUTE, abs=0.5)
    assert 2.88 == pytest.approx(usual.paged / MINUTE, abs=0.5)


def test_a_budget_is_gone_when_as_many_failed_as_were_allowed() -> None:
    """A total outage takes a budget of 4.32 minutes in 4.32 minutes, on the next sample."""
    promise = slo_lab.replay(outage(10), (0.9999, "30d")).promises[0]
    assert promise.gone is not None
    assert 4.32 <= promise.gone / MINUTE < 4.32 + 2 * STEP / MINUTE
    assert promise.left[-1] == pytest.approx(1 - 10 / 4.32, rel=0.01)


def test_what_is_small_pages_nobody() -> None:
    """A minute in which one request in ten fails is no reason to wake anybody at 99 %."""
    found = slo_lab.replay(outage(1, share=0.1), (0.99, "30d"))
    assert found.promises[0].paged is None
    assert "nobody is paged" in str(found.plot())


def test_the_curves_begin_full_shortly_before_the_incident() -> None:
    """Three minutes of calm, then down; the tape's end is the curve's end."""
    promise = slo_lab.replay(outage(10, calm=5), (0.999, "30d")).promises[0]
    assert (-3 * MINUTE, 15 * MINUTE) == (promise.times[0], promise.times[-1])
    assert (promise.left[promise.times <= 0] == 1.0).all()
    assert (np.diff(promise.left) <= 0).all()


def test_the_picture_names_each_promise_and_its_units() -> None:
    """A line and a page for each; the axes say per cent and minutes."""
    picture = slo_lab.replay(outage(40, share=0.3), (0.999, "30d"), (0.9999, "7d")).plot()
    axes = picture.axes[0]
    assert "(%)" in axes.get_ylabel()
    assert "minutes" in axes.get_xlabel()
    assert ["99.9 % over 30d", "99.99 % over 7d"] == [line.get_label() for line in axes.lines]
    assert "all gone after" in str(picture)
    assert picture._repr_png_().startswith(b"\x89PNG")


def test_the_tape_of_a_drill_that_was_mended_is_the_cheaper_one() -> None:
    """Played by the kit's own learners; the same seed is the same tape."""
    burnt, mended = (slo_lab.tape("welcome", player=player, seed=3) for player in ("nothing", "reference"))
    again = slo_lab.tape("welcome", seed=3)
    spent = [slo_lab.replay(each, (0.999, "30d")).promises[0].spent for each in (burnt, mended, again)]
    assert spent[0] == spent[2] > 2 * spent[1] > 0


@pytest.mark.parametrize(
    ("promises", "words"),
    [
        ((), "none twice, got none"),
        (((0.999, "30d"), (0.999, "30d")), "none twice, got 99.9 % over 30d, 99.9 % over 30d"),
        ((0.999,), "pairs of target and window"),
        (((99.9, "30d"),), "a share between 0 and 1"),
        ((("0.999", "30d"),), "pairs of target and window"),
        (((0.999, "30"),), "30"),
    ],
)
def test_what_is_no_promise_is_said_in_four_parts(
    promises: tuple[tuple[float, str], ...], words: str
) -> None:
    """The cell is named, with what it should hold."""
    with pytest.raises(GamedayError) as caught:
        slo_lab.replay(outage(5), *promises)
    assert words in str(caught.value)


def test_a_quiet_tape_has_nothing_to_replay() -> None:
    """A day without an incident costs nothing under any promise."""
    tape = outage(5)
    quiet = Recording(tape.name, tape.about, tape.start, np.zeros_like(tape.bad), tape.total, None)
    with pytest.raises(GamedayError, match="a tape with an incident"):
        slo_lab.replay(quiet, (0.999, "30d"))
