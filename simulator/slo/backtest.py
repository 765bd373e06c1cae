"""What a rule would have done: detection, reset, false pages and missed burns over a recording.

The comparison is the live one, in whole numbers, over windows open on the left; the states are those of the
live rules, ``for`` and ``keep_firing_for`` among them. Only it is done for all instants at once.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Final

import numpy as np
from numpy.typing import NDArray

from simulator.errors import GamedayError
from simulator.slo.alerts import Instance
from simulator.slo.objective import Objective
from simulator.slo.recordings import STEP, Integers, Recording
from simulator.slo.rules import Condition, Rule
from simulator.units import format_duration

#: A fault that spends at least this share of the budget is worth an alert; a smaller one is not.
WORTH: Final = Fraction(2, 100)


@dataclass(frozen=True, slots=True)
class Trial:
    """A rule over a recording.

    Attributes:
        rule: The rule's name.
        recording: The recording's.
        firing: (from, to) of each time that it fired, ns; an end beyond the recording is its last instant.
        detected_after: From the fault's beginning to the first alert, ns; None if there was none.
        reset_after: From the fault's end to the end of the last alert, ns, at least 0; None likewise.
        false_alerts: Alerts that began before the fault, or in a recording without one that was worth it.
        missed: The fault was worth an alert, and there was none.
        spent_at_detection: Share of the budget that the fault had spent by then; None without an alert.
        spent: Share of the budget that it spent altogether.
    """

    rule: str
    recording: str
    firing: tuple[tuple[int, int], ...]
    detected_after: int | None
    reset_after: int | None
    false_alerts: int
    missed: bool
    spent_at_detection: float | None
    spent: float


def backtest(rule: Rule, recording: Recording, objective: Objective, *, worth: Fraction = WORTH) -> Trial:
    """Run a rule over a recording.

    Args:
        rule: Any: burn rates over two windows, a threshold with ``for``, missing data.
        recording: Made with the objective's allowance.
        objective: Whose budget is counted, over its window at the recording's own traffic.
        worth: Share of the budget from which on a fault deserves an alert, if it burns faster than allowed.

    Raises:
        GamedayError: A window of the rule is no multiple of the 15 s of a recording.
    """
    firing = _firing(rule, recording)
    allowed = float(objective.allowance) * recording.per_step * objective.window / STEP
    ends = recording.ends
    spent = 0.0 if ends is None else recording.bad_until(ends) / allowed
    deserved = ends is not None and spent >= worth and recording.burns(objective.allowance)
    real = [each for each in firing if deserved and each[0] >= 0]
    detected = real[0][0] if real else None
    reset = max(real[-1][1] - ends, 0) if real and ends is not None else None
    return Trial(
        rule=rule.name,
        recording=recording.name,
        firing=firing,
        detected_after=detected,
        reset_after=reset,
        false_alerts=len(firing) - len(real),
        missed=deserved and not real,
        spent_at_detection=None if detected is None else recording.bad_until(detected) / allowed,
        spent=spent,
    )


def _firing(rule: Rule, recording: Recording) -> tuple[tuple[int, int], ...]:
    truth = _truth(rule, recording)
    memory, found, since = Instance(), list[tuple[int, int]](), 0
    for at, true in zip(recording.times.tolist(), truth.tolist(), strict=True):
        if not true and memory.state == "inactive":
            continue
        change = memory.advance(at, true=true, hold=rule.hold, keep=rule.keep)
        if change == "firing":
            since = at
        elif change == "resolved":
            found.append((since, at))
    if memory.state == "firing":
        found.append((since, int(recording.times[-1])))
    return tuple(found)


def _truth(rule: Rule, recording: Recording) -> NDArray[np.bool_]:
    """Whether the rule's expression holds, at every instant."""
    bad, total = (np.concatenate([[0], np.cumsum(each)]) for each in (recording.bad, recording.total))
    if rule.silence:
        quiet: NDArray[np.bool_] = _over(total, rule.silence)[1:] == 0
        return quiet
    truth = np.zeros(len(recording.total), dtype=np.bool_)
    for part in rule.conditions:
        truth |= _exceeds(bad, total, part.short, part) & _exceeds(bad, total, part.long, part)
    return truth


def _exceeds(bad: Integers, total: Integers, window: int, part: Condition) -> NDArray[np.bool_]:
    """Strictly greater, in whole numbers; nothing asked is unknown, and unknown exceeds nothing."""
    asked = _over(total, window)[1:]
    over = _over(bad, window)[1:] * part.limit.denominator > part.limit.numerator * asked
    known: NDArray[np.bool_] = over & (asked > 0)
    return known


def _over(counts: Integers, window: int) -> Integers:
    """Newest minus oldest sample in ``(at - window, at]``, for every sample."""
    if window % STEP or window < 2 * STEP:
        raise GamedayError(
            "window",
            expected=f"a multiple of {format_duration(STEP)}, at least two of them",
            got=format_duration(window),
            todo="A recording has one sample every 15 s.",
        )
    back = window // STEP - 1
    oldest = counts[np.maximum(np.arange(len(counts)) - back, 0)]
    difference: Integers = counts - oldest
    return difference
