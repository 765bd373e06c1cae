"""Points 1 and 2: before it happens all is well, and when the learner is called nothing is solved yet."""

from __future__ import annotations

from simulator.authoring.plays.all import Played
from simulator.authoring.plays.record import Record
from simulator.authoring.points.finding import Finding, clock, joined, on_seeds
from simulator.coach.signals import times
from simulator.units import format_duration, seconds


def healthy_before(played: Played) -> Finding:
    """Point 1: not failing before the trigger: the healthy run stays inside its SLOs and pages nobody.

    The healthy run is the whole drill in which no entry of the timeline happens. An objective is kept where
    fewer requests were bad than it allows (a burn rate under 1). With the timeline nobody is paged before its
    first entry.
    """
    healthy, nothing = played.each("healthy"), played.each("nothing")
    wrong = []
    paged = [seed for seed, record in healthy.items() if record.paged_at is not None]
    if paged:
        first = healthy[paged[0]]
        at = clock(first.paged_at or 0.0)
        wrong.append(f"with nothing happening {first.paged_slo} pages at {at}{on_seeds(paged, len(healthy))}")
    burning = [seed for seed, record in healthy.items() if _burn(record)[0] >= 1.0]
    if burning:
        rate, name = max(_burn(healthy[seed]) for seed in burning)
        where = on_seeds(burning, len(healthy))
        wrong.append(f"with nothing happening {name} burns its budget at {times(rate)}{where}")
    trigger = min((seconds(entry.at) for entry in played.scenario.timeline), default=None)
    early = [
        seed
        for seed, record in nothing.items()
        if trigger is not None and record.paged_at is not None and record.paged_at < trigger
    ]
    if early:
        wrong.append(
            f"a page rings before the first entry at {clock(trigger or 0.0)}{on_seeds(early, len(nothing))}"
        )
    if wrong:
        return Finding(False, joined(wrong))
    rate, name = max(_burn(record) for record in healthy.values())
    minutes = format_duration(played.scenario.spec.duration)
    return Finding(True, f"With nothing happening no page in {minutes}; {name} burns most, at {times(rate)}.")


def _burn(record: Record) -> tuple[float, str]:
    """The highest burn rate of a whole run, and whose."""
    rates = [(each.ratio / each.allowance, each.name) for each in record.objectives if each.ratio is not None]
    return max(rates, default=(0.0, "no objective"))


def unsolved_at_call(played: Played) -> Finding:
    """Point 2: not solved at the start: no gating check passes at t=0 by itself.

    t=0 is when the learner is called: at the first page or, without one, once all has happened. A gate that
    forbids something, or limits what is spent, holds until somebody breaks it; it can't be all that is asked.
    """
    gates = {check.id for check in played.scenario.checks if check.gate}
    if not gates:
        return Finding(False, "No check is a gate, so every run passes. Mark the outcome's with gate: true.")
    solved: dict[str, list[int]] = {}
    asking: set[str] = set()
    for seed, record in played.each("nothing").items():
        for check in record.checks_at_call:
            if check.id in gates and not check.by_absence:
                asking.add(check.id)
                if check.passed:
                    solved.setdefault(check.id, []).append(seed)
    if solved:
        found = [
            f"gate {name} holds when the learner is called{on_seeds(at, len(played.seeds))}"
            for name, at in solved.items()
        ]
        return Finding(False, joined([*found, "whoever does nothing more has passed it"]))
    if not asking:
        return Finding(
            False, f"The gates ({', '.join(sorted(gates))}) only forbid: nothing has to be achieved."
        )
    resting = sorted(gates - asking)
    words = f"Open when the learner is called: {', '.join(sorted(asking))}."
    return Finding(True, words + (f" Restraint only: {', '.join(resting)}." if resting else ""))
