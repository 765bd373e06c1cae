"""Points 6 and 7: what makes a graph quiet does not pass, and what lasts a minute does not either."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from simulator.authoring.plays.all import Played
from simulator.authoring.plays.record import Record
from simulator.authoring.points.finding import (
    NO_MEASURE,
    Finding,
    clock,
    gates_broken,
    gates_failed,
    joined,
    measurable,
    on_seeds,
)
from simulator.authoring.points.grading import outcome_of, score_of
from simulator.coach.signals import percent
from simulator.drill import DEGENERATE
from simulator.units import format_duration, from_seconds

#: Points of outcome and of the total by which two runs differ through chance alone.
NOISE: Final = 5.0
#: Who moves for the sake of moving may by luck do what helps (whoever rolls back everything rolls back the
#: bad release too): such a run must fail, and have under half of all points. A quiet graph gets nothing.
BUSY: Final = ("restart-in-a-loop", "roll-back-everything", "spam")
LUCK: Final = 50.0
#: Where doing nothing is best every other play must cost users a hundredth of the budget, or break a gate.
HUNDREDTH: Final = 0.01


def degenerate_plays_fail(played: Played) -> Finding:
    """Point 6: degenerate plays fail: scale to zero, delete, drain, silence, stop the load, restart, spam.

    Each goes on for twelve minutes after the page and is compared with doing nothing by the same instant:
    it does not pass, and neither its outcome nor its total is higher; one that only keeps busy must not pass
    and has under half of all points. In a no-op scenario each is worse, or fails a gate.
    """
    seeds = measurable(played)
    if not seeds:
        return Finding(True, NO_MEASURE)
    beaten, best = [], (-1e9, "")
    for name in DEGENERATE:
        records = {seed: played.each("degenerate", name)[seed] for seed in seeds}
        wins = {seed: why for seed, each in records.items() if (why := _wins(played, seed, each, name))}
        best = max(best, (max(outcome_of(played, seed, each) for seed, each in records.items()), name))
        if wins:
            beaten.append(f"{name} {next(iter(wins.values()))}{on_seeds(wins, len(records))}")
    if beaten:
        return Finding(False, joined(beaten))
    value, name = best
    text = f"None of {len(DEGENERATE)} degenerate plays passes; the best for users, {name}"
    return Finding(True, f"{text}, has outcome {value:.0f}.")


def _wins(played: Played, seed: int, record: Record, name: str) -> str:
    """How a degenerate play beats doing nothing on a seed; empty where it does not."""
    nothing = played.each("nothing")[seed]
    by_then = nothing.budget_at(record.until)
    failed = gates_failed(played, record)
    if played.scenario.noop:
        if gates_broken(played, seed, record) or record.budget >= by_then + HUNDREDTH:
            return ""
        spent = f"{percent(record.budget)} by {clock(record.until)}"
        return f"spends {spent}, no more than doing nothing, and passes"
    # Early in a drill even doing nothing may have an outcome above 0, where little is lost so far.
    so_far = replace(nothing, until=record.until, spent=(by_then,))
    outcome = outcome_of(played, seed, record) - outcome_of(played, seed, so_far)
    total, idle = (score_of(played, seed, each).total or 0.0 for each in (record, so_far))
    if not failed and gates_failed(played, nothing):
        return f"passes every gate (outcome {outcome:.0f})"
    busy = name in BUSY
    if outcome > NOISE and not busy:
        spent = f"{percent(record.budget)} against {percent(by_then)} by {clock(record.until)}"
        return f"spares users {outcome:.0f} % of what the reference does ({spent})"
    if total > (LUCK if busy else idle + NOISE):
        return f"scores {total:.0f} in all, doing nothing {idle:.0f}"
    return ""


def success_is_held(played: Played) -> Finding:
    """Point 7: held: success counts only if it lasts the window after faults that persist.

    When the reference has had users served for one minute, some gate must still be open; at the end all hold,
    and users were served without a relapse for as long as the gate asks.
    """
    if played.scenario.noop:
        return _stays_well(played)
    gates = {check.id: check for check in played.scenario.checks if check.gate}
    wrong: dict[str, list[int]] = {}
    lengths = []
    seeds = measurable(played)
    if not seeds:
        return Finding(True, NO_MEASURE)
    for seed in seeds:
        record = played.each("reference")[seed]
        lucky = [check for check in record.checks_when_lucky if check.id in gates]
        if not record.calms:
            wrong.setdefault("the gates hold though users are never served again", []).append(seed)
            continue
        if lucky and all(check.passed for check in lucky):
            text = f"one good minute at {clock(record.calms[0].start)} passes every gate already"
            wrong.setdefault(text, []).append(seed)
        last = record.calms[-1]
        if last.end is not None:
            wrong.setdefault(f"the cure wears off at {clock(last.end)}", []).append(seed)
        lengths.append((last.end or record.until) - last.start)
    if wrong:
        return Finding(
            False, joined(f"{text}{on_seeds(at, len(played.seeds))}" for text, at in wrong.items())
        )
    asked = max((check.held_for or 0 for check in gates.values()), default=0)
    least = min(lengths)
    held = format_duration(from_seconds(float(round(least))))
    if from_seconds(least) < asked:
        return Finding(
            False, f"Users are served for {held} at the end; the gate asks {format_duration(asked)}."
        )
    wanted = f"; the gate asks {format_duration(asked)}" if asked else ""
    return Finding(
        True, f"One good minute does not pass; the reference's cure lasts {held} to the end{wanted}."
    )


def _stays_well(played: Played) -> Finding:
    """In a no-op scenario users stay well to the end in the reference play."""
    burning = {
        seed: each
        for seed, record in played.each("reference").items()
        for each in record.objectives
        if each.ratio is not None and each.ratio >= each.allowance
    }
    if burning:
        one = next(iter(burning.values()))
        where = on_seeds(burning, len(played.seeds))
        return Finding(False, f"{one.name} is broken in a scenario where nothing is wrong{where}.")
    rates = [
        each.ratio / each.allowance
        for record in played.each("reference").values()
        for each in record.objectives
        if each.ratio is not None
    ]
    return Finding(
        True, f"Users stay well to the end: {max(rates, default=0.0):.1f}× of what is allowed at most."
    )
