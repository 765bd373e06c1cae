"""The score that a recorded play would get, by the coach's own arithmetic."""

from __future__ import annotations

from typing import Final

from simulator.authoring.plays.all import Played
from simulator.authoring.plays.record import Record
from simulator.coach.authored import checks
from simulator.coach.checks import Verdict
from simulator.coach.score import Score, compose
from simulator.drill import outcome_between

#: Budget share by which the reference counts as better at least, before the end (as for whole runs).
_SMALLEST_SPAN: Final = 0.01


def outcome_of(played: Played, seed: int, record: Record) -> float:
    """The outcome of a play against doing nothing and the reference on its seed, by the instant it was left.

    A play that was left early is compared with what both had spent by then. Where that is nearly the same
    because it is early days, doing nothing is still 0, and not the restraint that it would be at the end.
    """
    nothing, reference = played.each("nothing")[seed], played.each("reference")[seed]
    at = record.until
    idle, best = nothing.budget_at(at), reference.budget_at(at)
    if at < nothing.until and not played.scenario.noop:
        best = min(best, idle - _SMALLEST_SPAN)
    return outcome_between(record.budget, idle, best)


def score_of(played: Played, seed: int, record: Record) -> Score:
    """All five lines, without hints, as in a game day."""
    known = {check.id: check for check in checks(played.scenario)}
    verdicts = [Verdict(known[each.id], each.passed, each.by_absence) for each in record.checks]
    return compose(outcome_of(played, seed, record), verdicts, (), "game-day", noop=played.scenario.noop)
