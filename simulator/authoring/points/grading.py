"""The score that a recorded play would get, by the coach's own arithmetic."""

from __future__ import annotations

from simulator.authoring.plays.all import Played
from simulator.authoring.plays.record import Record
from simulator.coach.authored import checks
from simulator.coach.checks import Verdict
from simulator.coach.score import Score, compose
from simulator.drill import outcome_between


def outcome_of(played: Played, seed: int, record: Record) -> float:
    """The outcome of a play against doing nothing and the reference on its seed, by the instant it was left.

    A play that was left early is compared with what both had spent by then.
    """
    nothing, reference = played.each("nothing")[seed], played.each("reference")[seed]
    at = record.until
    return outcome_between(record.budget, nothing.budget_at(at), reference.budget_at(at))


def score_of(played: Played, seed: int, record: Record) -> Score:
    """All five lines, without hints, as in a game day."""
    known = {check.id: check for check in checks(played.scenario)}
    verdicts = [Verdict(known[each.id], each.passed, each.by_absence) for each in record.checks]
    return compose(outcome_of(played, seed, record), verdicts, (), "game-day", noop=played.scenario.noop)
