"""The SLO lab: the same incident under other promises: what it would have cost, and when it would have paged.

    from simulator.lab import slo_lab

    tape = slo_lab.tape("production-is-down", seed=7)          # nobody does anything
    found = slo_lab.replay(tape, (0.99, "30d"), (0.999, "30d"), (0.9999, "30d"))
    found.frame            # one row a promise: budget, what the incident took of it, the page
    found.plot()

The incident is played once; what changes is what was promised. So every difference is the promise's, to the
last request. The budget is fresh in each: nothing of it was spent before.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import nan

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from simulator.errors import GamedayError
from simulator.lab.alert_lab import objective, played
from simulator.lab.plots.style import Picture
from simulator.slo.backtest import backtest
from simulator.slo.objective import Objective
from simulator.slo.recordings import STEP, Recording
from simulator.slo.rules import workbook_rules
from simulator.units import MINUTE

__all__ = ["Promised", "Replayed", "budget", "replay", "tape"]

#: Three days of history stand before the incident; the plot begins shortly before it.
_SHOWN_BEFORE = 3 * MINUTE


def tape(scenario: str, *, player: str = "nothing", seed: int | None = None, slo: str = "") -> Recording:
    """The requests of one incident, good and bad, as an automatic learner met it.

    Args:
        scenario: Name or path.
        player: ``nothing`` lets it burn; ``reference`` mends it.
        seed: None takes the scenario's own.
        slo: Whose requests; those of the objective that spent most where none is named.

    Raises:
        GamedayError: No such scenario, player or SLO.
    """
    return played(scenario, player=player, seed=seed, slo=slo)


def budget(target: float, window: str = "30d", *, rps: float | None = None) -> pd.Series:
    """What a promise allows.

    Args:
        target: Share of good requests, such as 0.999.
        window: Rolling, such as ``30d``.
        rps: Requests a second; with it also how many of them may fail.

    Returns:
        ``minutes`` of total outage, and ``requests`` that may fail (NaN without ``rps``).

    Raises:
        GamedayError: The target is no share, or the window no duration from 1d on.
    """
    goal = objective(target, window)
    minutes = float(goal.allowance) * goal.window / MINUTE
    return pd.Series({"minutes": minutes, "requests": nan if rps is None else 60.0 * rps * minutes})


@dataclass(frozen=True, slots=True)
class Promised:
    """An incident under one promise.

    Attributes:
        goal: The promise.
        failed: Bad requests of the incident.
        allowed: Bad requests that the window's whole budget allows at this traffic.
        paged: When the workbook's page rings, ns after the incident's beginning; None if it never does.
        times: From shortly before the incident to the end of the tape, ns after its beginning.
        left: Share of a fresh budget that is left at those times; below 0 where more is gone than there was.
    """

    goal: Objective
    failed: int
    allowed: float
    paged: int | None
    times: NDArray[np.int64]
    left: NDArray[np.float64]

    @property
    def name(self) -> str:
        """``99.9 % over 30d``."""
        return f"{self.goal.target_text} over {self.goal.window_text}"

    @property
    def spent(self) -> float:
        """Share of the budget that the incident took; above 1 where it took more than there was."""
        return self.failed / self.allowed

    @property
    def gone(self) -> int | None:
        """When the budget is used up, ns after the beginning; None where it is not."""
        used = np.flatnonzero(self.left <= 0)
        return int(self.times[used[0]]) if len(used) else None


@dataclass(frozen=True, slots=True, repr=False)
class Replayed:
    """One incident under several promises, in the order in which they were given."""

    tape: Recording
    promises: tuple[Promised, ...]

    @property
    def frame(self) -> pd.DataFrame:
        """One row a promise.

        ``budget_minutes`` of total outage and ``budget_requests`` are what its window allows,
        ``failed_requests`` what the incident took, ``spent`` its share, ``paged_minutes`` and
        ``gone_minutes`` when somebody is woken and when nothing is left, after the beginning; NaN is never.
        """
        rows = [
            {
                "promise": each.name,
                "budget_minutes": float(each.goal.allowance) * each.goal.window / MINUTE,
                "budget_requests": each.allowed,
                "failed_requests": each.failed,
                "spent": each.spent,
                "paged_minutes": _minutes(each.paged),
                "gone_minutes": _minutes(each.gone),
            }
            for each in self.promises
        ]
        return pd.DataFrame(rows).set_index("promise")

    def plot(self) -> Picture:
        """The budget left under each promise, minute by minute, with the moment of its page."""
        from simulator.lab.plots.promises import promises_picture

        return promises_picture(self)

    def __repr__(self) -> str:
        return self.frame.round(3).to_string()


def replay(tape: Recording, *promises: tuple[float, str]) -> Replayed:
    """The same incident under other promises.

    Args:
        tape: The incident, from :func:`tape`.
        promises: Pairs of target and window, such as ``(0.999, "30d")``.

    Raises:
        GamedayError: No promise, one twice, something that is none, or a tape on which nothing went wrong.
    """
    if tape.ends is None:
        raise GamedayError(
            "replay(tape)",
            expected="a tape with an incident",
            got=tape.about,
            todo="Take another seed or play.",
        )
    goals = [_goal(each) for each in promises]
    names = [(goal.target_text, goal.window_text) for goal in goals]
    if not goals or len(set(names)) != len(names):
        raise GamedayError(
            "replay(tape, …)",
            expected="at least one promise, and none twice",
            got=", ".join(f"{target} over {window}" for target, window in names) or "none",
            todo='Write them as pairs: slo_lab.replay(tape, (0.999, "30d"), (0.99, "30d")).',
        )
    return Replayed(tape, tuple(_promised(tape, goal) for goal in goals))


def _goal(promise: Sequence[object]) -> Objective:
    if isinstance(promise, tuple) and len(promise) == 2:
        target, window = promise
        if isinstance(target, float) and isinstance(window, str):
            return objective(target, window)
    raise GamedayError(
        "replay(tape, …)",
        expected='pairs of target and window such as (0.999, "30d")',
        got=repr(promise)[:80],
        todo="Write 99.9 % over 30 days as this pair.",
    )


def _promised(tape: Recording, goal: Objective) -> Promised:
    allowed = float(goal.allowance) * tape.per_step * goal.window / STEP
    first = -tape.start // STEP
    before = min(_SHOWN_BEFORE // STEP, first)
    failed = np.concatenate([np.zeros(before + 1, dtype=np.int64), np.cumsum(tape.bad[first:])])
    times = STEP * (np.arange(len(failed), dtype=np.int64) - before)
    return Promised(
        goal=goal,
        failed=int(failed[-1]),
        allowed=allowed,
        paged=_paged(tape, goal),
        times=times,
        left=1.0 - failed / allowed,
    )


def _paged(tape: Recording, goal: Objective) -> int | None:
    """When the first of the workbook's pages rings in or after the incident."""
    pages = [rule for rule in workbook_rules(goal) if rule.severity == "page" and not rule.silence]
    rung = [since for rule in pages for since, _until in backtest(rule, tape, goal).firing if since >= 0]
    return min(rung, default=None)


def _minutes(ns: int | None) -> float:
    return nan if ns is None else ns / MINUTE
