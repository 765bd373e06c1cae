"""Automatic learners: who does nothing, the reference, who panics, every named play, the degenerate ones."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from simulator.drill.acts import Act
from simulator.drill.degenerate import (
    DEGENERATE,
    after_the_page,
    driver,
    paged_workload,
    restart,
    scale,
    workloads,
)
from simulator.drill.injecting import foresee
from simulator.drill.observing import resolved
from simulator.drill.replaying import Attach
from simulator.drill.run import Run
from simulator.errors import GamedayError
from simulator.scenario import Scenario
from simulator.slo import Slo, user_minutes_bad, worst
from simulator.units import MINUTE, seconds

NOTHING, REFERENCE, PANIC = "nothing", "reference", "panic"
PLAYERS: Final = (NOTHING, REFERENCE, PANIC)

#: A minute burns as long as it spends the budget faster than the slowest page allows (SRE Workbook, chapter
#: 5).
_CALM_BURN: Final = 6.0
_SHORT, _LONG = MINUTE, 5 * MINUTE
#: How long calm must have lasted at the end to count.
_HELD: Final = 5 * MINUTE


@dataclass(frozen=True, slots=True)
class Result:
    """What a whole play came to.

    Attributes:
        scenario: Name.
        seed: Of the run.
        variant: From 0.
        player: Who played.
        digest: Of the run, at its end.
        requests: Requests that the run carried, at every tier, warm-up included.
        budget_spent: Share of the window's budget that the drill spent, for the worst SLO.
        user_minutes_bad: Sum over the minutes of users whose requests failed or were too slow.
        paged_at: Seconds at which the pager first rang, or None.
        mitigated_at: Seconds from which the worst SLO no longer burnt, or None; see ``mitigated_at``.
    """

    scenario: str
    seed: int
    variant: int
    player: str
    digest: str
    requests: int
    budget_spent: float
    user_minutes_bad: int
    paged_at: float | None
    mitigated_at: float | None

    def to_json(
        self, *, wall_seconds: float, score: Mapping[str, float | str | None] | None = None
    ) -> dict[str, object]:
        """The object that ``gameday run --json`` prints.

        Args:
            wall_seconds: As the caller measured it; nothing in here knows a wall clock.
            score: The five lines and their total, by name; null with a reason where nothing can be scored.
        """
        return {
            "scenario": self.scenario,
            "seed": self.seed,
            "variant": self.variant,
            "player": self.player,
            "digest": self.digest,
            "requests": self.requests,
            "wall_seconds": wall_seconds,
            "budget_spent": self.budget_spent,
            "user_minutes_bad": self.user_minutes_bad,
            "paged_at": self.paged_at,
            "mitigated_at": self.mitigated_at,
            "score": dict(score) if score is not None else None,
        }


def players(scenario: Scenario) -> tuple[str, ...]:
    """Who plays this scenario by its own lights; ``DEGENERATE`` names who can besides."""
    return (*PLAYERS, *(path.name for path in scenario.named_plays))


def play(
    scenario: Scenario,
    seed: int | None = None,
    *,
    variant: int | None = None,
    player: str = REFERENCE,
    compiled: bool = True,
    attach: Attach | None = None,
    injects: Iterable[Act] = (),
) -> Result:
    """Play a scenario to its end; see ``play_run``.

    Raises:
        GamedayError: No such player.
    """
    run = play_run(
        scenario, seed, variant=variant, player=player, compiled=compiled, attach=attach, injects=injects
    )
    return result_of(run, player)


def play_run(
    scenario: Scenario,
    seed: int | None = None,
    *,
    variant: int | None = None,
    player: str = REFERENCE,
    compiled: bool = True,
    attach: Attach | None = None,
    injects: Iterable[Act] = (),
) -> Run:
    """As ``play``; the run itself, at its end. Players need no yes: they play in game-day mode.

    Args:
        scenario: As loaded.
        seed: None takes the scenario's own.
        variant: None takes the scenario as given.
        player: One of ``players(scenario)`` or of ``DEGENERATE``.
        compiled: As for ``Run``.
        attach: Called with the run before its first act, for example ``Coach``.
        injects: What an instructor added to another run, to be met here too.

    Raises:
        GamedayError: No such player.
    """
    chosen = scenario if variant in (None, scenario.variant) else scenario.with_variant(variant)
    drive = _driver(chosen, player)
    run = Run(chosen, seed, mode="game-day", compiled=compiled)
    if attach is not None:
        attach(run)
    foresee(run, injects)
    drive(run)
    run.finish()
    return run


def _driver(scenario: Scenario, player: str) -> Callable[[Run], None]:
    if player == NOTHING:
        return Run.finish
    if player == PANIC:
        return _panic
    if player == REFERENCE:
        return _typist([(step.at, step.run) for step in scenario.reference], player)
    for path in scenario.named_plays:
        if path.name == player:
            return _typist([(step.at, step.run) for step in path.plays], player)
    degenerate = driver(player)
    if degenerate is not None:
        return degenerate
    raise GamedayError(
        "player",
        expected=f"one of {', '.join((*players(scenario), *DEGENERATE))}",
        got=repr(player),
        todo="Choose one of them.",
    )


def _typist(steps: Sequence[tuple[int, str]], actor: str) -> Callable[[Run], None]:
    """Types each line at its time, or as soon as the line before is done."""

    def drive(run: Run) -> None:
        for at, line in steps:
            run.advance(at)
            run.apply(Act(run.now, resolved(run, line), actor))

    return drive


def _panic(run: Run) -> None:
    """A fixed flurry of changes without a single look, on the service whose SLO burns first."""
    after_the_page(run)
    target = paged_workload(run)
    others = [item for item in workloads(run) if item is not target]
    replicas = target.spec.replicas
    lines = [
        scale(target, 3 * replicas),
        restart(target),
        restart(target),
        *(restart(item) for item in others),
        f"kubectl delete pod --all -n {run.namespace} --wait=false",
        scale(target, max(replicas // 2, 1)),
        restart(target),
        f"kubectl delete pod --all -n {run.namespace} --wait=false",
        scale(target, replicas),
    ]
    for line in lines:
        run.do(line, actor=PANIC)


def result_of(run: Run, player: str = "you") -> Result:
    """What a run has come to so far; for a whole play let it ``finish`` first."""
    slo = worst(run.slos, run.now)
    frame = run.telemetry.frame
    carried = int(frame.requests.sum() + frame.unrouted.sum()) if frame is not None else 0
    calm = mitigated_at(run, slo)
    return Result(
        scenario=run.scenario.metadata.name,
        seed=run.seed,
        variant=run.variant,
        player=player,
        digest=run.digest,
        requests=carried,
        budget_spent=slo.spent_in_drill(run.now),
        user_minutes_bad=user_minutes_bad(run.telemetry, run.now),
        paged_at=None if run.first_page_at is None else seconds(run.first_page_at),
        mitigated_at=None if calm is None else seconds(calm),
    )


def mitigated_at(run: Run, slo: Slo) -> int | None:
    """The instant from which an SLO no longer burns, to the end of what was played, ns.

    It burns at a scrape when its error ratio is at or above six times the allowance over the last minute
    *and* over the last five: the slowest rate that pages; the short window ends it soon, the long one ignores
    a single bad minute. Unknown (no requests) is no calm. None where nothing ever paged, or where calm has
    lasted less than five minutes by the end.
    """
    if run.first_page_at is None:
        return None
    interval = run.telemetry.interval
    newest = (run.now - 1) // interval * interval
    at = newest
    while at >= run.first_page_at and not _burns(slo, at):
        at -= interval
    calm = max(at + interval, run.first_page_at)
    return calm if newest - calm >= _HELD else None


def _burns(slo: Slo, at: int) -> bool:
    """Whether both windows burn; NaN compares as burning."""
    return not (slo.burn_rate(_SHORT, at) < _CALM_BURN or slo.burn_rate(_LONG, at) < _CALM_BURN)
