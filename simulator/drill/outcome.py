"""The outcome line of the score: harm to users, between doing nothing (0) and the reference (100)."""

from __future__ import annotations

from typing import Final

from simulator.drill.acts import Act
from simulator.drill.players import NOTHING, REFERENCE, Result, play, result_of
from simulator.drill.replaying import play_acts
from simulator.drill.run import Run
from simulator.scenario import Scenario
from simulator.scenario.sealed import Play

LOWEST, HIGHEST = -50.0, 120.0
#: Budget share between nothing and reference below which doing nothing *is* the reference: a hundredth of a
#: window's.
_SMALLEST_SPAN: Final = 0.01
_MOST_KEPT: Final = 64

_PLAYS: dict[tuple[str, tuple[Play, ...], int, tuple[Act, ...]], tuple[Result, Result]] = {}


def benchmark_plays(
    scenario: Scenario, seed: int, variant: int | None = None, injects: tuple[Act, ...] = ()
) -> tuple[Result, Result]:
    """(nothing, reference) on one seed; played once in a process, whoever asks.

    Args:
        scenario: As loaded.
        seed: Of the run to compare with.
        variant: None takes the scenario as given.
        injects: What an instructor added to that run; both plays meet it too.
    """
    chosen = scenario if variant in (None, scenario.variant) else scenario.with_variant(variant)
    place = (chosen.digest, chosen.reference, seed, injects)
    if place not in _PLAYS:
        while len(_PLAYS) >= _MOST_KEPT:
            del _PLAYS[next(iter(_PLAYS))]
        _PLAYS[place] = (
            play(chosen, seed, player=NOTHING, injects=injects),
            play(chosen, seed, player=REFERENCE, injects=injects),
        )
    return _PLAYS[place]


def outcome_between(yours: float, nothing: float, reference: float) -> float:
    """100·(nothing − yours)/(nothing − reference), clipped to −50…120.

    Where doing nothing spends no more than the reference plus a hundredth of the budget, restraint is the
    skill: then the reference scores 100 and every further hundredth spent costs 100.

    Args:
        yours: Share of the budget that was spent.
        nothing: The same for doing nothing.
        reference: The same for the reference.
    """
    span = max(nothing - reference, _SMALLEST_SPAN)
    return min(max(100.0 * (1.0 - (yours - reference) / span), LOWEST), HIGHEST)


def outcome(run: Run) -> float:
    """The outcome of a run; one that has not ended is judged as if nothing more were done."""
    injects = tuple(each.act for each in run.injects)
    nothing, reference = benchmark_plays(run.scenario, run.seed, injects=injects)
    yours = result_of(run if run.ended else _finished(run))
    return outcome_between(yours.budget_spent, nothing.budget_spent, reference.budget_spent)


def _finished(run: Run) -> Run:
    copy = Run(run.scenario, run.seed, mode=run.mode, compiled=run.compiled)
    play_acts(copy, run.history)
    copy.finish()
    return copy
