"""Points 3, 4 and 5: doing nothing fails, the reference passes with margin, wrong paths stay low."""

from __future__ import annotations

from collections.abc import Mapping
from fnmatch import fnmatchcase
from statistics import median
from typing import Final

from simulator.authoring.plays.all import Played
from simulator.authoring.plays.improving import LASTING
from simulator.authoring.plays.record import Record
from simulator.authoring.points.finding import (
    NO_MEASURE,
    Finding,
    budgets,
    clock,
    gates_broken,
    gates_failed,
    joined,
    measurable,
    on_seeds,
    spread,
)
from simulator.authoring.points.grading import outcome_of, score_of
from simulator.coach.score import FULL_BENEFIT
from simulator.coach.signals import percent
from simulator.drill import outcome_between
from simulator.drill.console import parse
from simulator.drill.costs import table_of_costs
from simulator.scenario.sealed import WrongPath
from simulator.units import format_duration, seconds

#: A play that should pass does so on this share of the seeds.
ENOUGH: Final = 0.95
#: Room to spare: the reference spends at most this share of what doing nothing spends, and of every limit.
HALF: Final = 0.5
BELOW_LIMIT: Final = 0.9
#: And its own scenario's rubric gives it so many points of a hundred: a right play that is marked down shows
#: a wrong rubric.
WELL_MARKED: Final = 80.0
#: From this ceiling on any outcome is under it: such a path is wrong for what it breaks, and must break it.
ANY_OUTCOME: Final = 100.0
#: Budget share that counts as a difference where doing nothing is best: a hundredth of a window's.
HUNDREDTH: Final = 0.01


def nothing_fails(played: Played) -> Finding:
    """Point 3: do-nothing fails, or for a no-op scenario do-nothing is best."""
    if played.scenario.noop:
        return _nothing_is_best(played)
    nothing, healthy = played.each("nothing"), played.each("healthy")
    passed = [seed for seed, record in nothing.items() if not gates_failed(played, record)]
    if passed:
        return Finding(False, f"Who does nothing passes every gate{on_seeds(passed, len(nothing))}.")
    harmless = [seed for seed in played.seeds if nothing[seed].budget < healthy[seed].budget + HUNDREDTH]
    spent = spread(budgets(nothing), min(budgets(nothing)))
    if harmless:
        harm = max(nothing[seed].budget - healthy[seed].budget for seed in harmless)
        where = on_seeds(harmless, len(nothing))
        text = f"Doing nothing spends {spent}, only {percent(harm)} more than if nothing happened{where}"
        return Finding(False, f"{text}.")
    failed = sorted({name for record in nothing.values() for name in gates_failed(played, record)})
    return Finding(True, f"Doing nothing spends {spent} of the budget, and fails {', '.join(failed)}.")


def _nothing_is_best(played: Played) -> Finding:
    """Every other play that changes something spends more, by a hundredth of the budget, or breaks a gate."""
    nothing = played.each("nothing")
    own = spread(budgets(nothing), max(budgets(nothing)))
    better, least = [], 1e9
    for path in played.scenario.wrong_paths:
        records = played.each("wrong", path.name)
        more = [records[seed].budget - nothing[seed].budget for seed in played.seeds]
        excused = [bool(gates_broken(played, seed, records[seed])) for seed in played.seeds]
        least = min(least, *more)
        if any(gain < HUNDREDTH and not fails for gain, fails in zip(more, excused, strict=True)):
            better.append(f"{path.name} spends only {percent(min(more))} more than doing nothing and passes")
    reference = played.each("reference")
    extra = max(reference[seed].budget - nothing[seed].budget for seed in played.seeds)
    if extra >= HUNDREDTH:
        better.append(
            f"the reference spends {percent(extra)} more than doing nothing: restraint would be better"
        )
    if better:
        return Finding(False, joined(better))
    if not played.scenario.wrong_paths:
        return Finding(False, "Nothing else is played: a no-op scenario needs a wrong path that does harm.")
    return Finding(True, f"Doing nothing spends {own}; the mildest wrong path {percent(least)} more.")


def reference_passes(played: Played) -> Finding:
    """Point 4: the reference play passes on 95 % of the seeds with margin; each alternative too.

    Margin: every gate holds, no line is refused, it spends at most half of what doing nothing spends and nine
    tenths of every limit on the budget, and its own rubric gives it 80 points. An alternative must hold every
    gate and spare users at least half of what the reference spares them.
    """
    scenario = played.scenario
    if not scenario.reference:
        return Finding(False, "There is no reference play. Write the lines of a run that succeeds.")
    reference, nothing = played.each("reference"), played.each("nothing")
    faults = {seed: _faults(played, seed) for seed in played.seeds}
    good = [seed for seed in played.seeds if not faults[seed]]
    spent = spread(budgets(reference), max(budgets(reference)))
    idle = percent(median(budgets(nothing)))
    totals = [score_of(played, seed, record).total or 0.0 for seed, record in reference.items()]
    words = [f"reference spends {spent}, do-nothing {idle}; it scores {min(totals):.0f}"]
    ok = len(good) >= ENOUGH * len(played.seeds)
    if len(good) < len(played.seeds):
        bad = [seed for seed in played.seeds if seed not in good]
        words.append(f"it fails{on_seeds(bad, len(played.seeds))}: {'; '.join(faults[bad[0]])}")
    for alternative in scenario.alternatives:
        passes, text = _alternative_passes(played, alternative.name)
        ok = ok and passes
        words.append(text)
    return Finding(ok, joined(words))


def _alternative_passes(played: Played, name: str) -> tuple[bool, str]:
    """Whether an alternative passes on enough seeds, and how it does in words."""
    records = played.each("alternative", name)
    outcomes = {seed: outcome_of(played, seed, record) for seed, record in records.items()}
    faults: dict[int, str] = {}
    for seed, record in records.items():
        failed = gates_failed(played, record)
        if record.refused:
            faults[seed] = f"refused: {record.refused[0]}"
        elif failed:
            faults[seed] = f"gate {', '.join(failed)} does not hold"
        elif outcomes[seed] < FULL_BENEFIT:
            faults[seed] = f"it spares users only {outcomes[seed]:.0f} % of what the reference does"
    text = f"alternative {name} spends {spread(budgets(records), max(budgets(records)))}"
    if faults:
        seed, why = next(iter(faults.items()))
        text += f" and fails{on_seeds(faults, len(records))}: {why}"
    return len(faults) <= (1 - ENOUGH) * len(records), text


def _faults(played: Played, seed: int) -> list[str]:
    """What keeps the reference from passing with margin on one seed."""
    nothing, own = played.each("nothing")[seed], played.each("reference")[seed]
    faults = [f"refused: {line}" for line in own.refused[:2]]
    failed = gates_failed(played, own)
    if failed:
        faults.append(f"gate {', '.join(failed)} does not hold")
    if not played.scenario.noop and own.budget > HALF * nothing.budget:
        faults.append(
            f"it spends {percent(own.budget)}, more than half of do-nothing's {percent(nothing.budget)}"
        )
    faults += [
        f"{percent(own.budget)} is too near to {check.id}'s limit of {percent(check.budget_below)}"
        for check in played.scenario.checks
        if check.budget_below is not None and own.budget > BELOW_LIMIT * check.budget_below
    ]
    total = score_of(played, seed, own).total
    if total is not None and total < WELL_MARKED:
        missed = [check.id for check in own.checks if not check.passed]
        faults.append(f"its own rubric gives it {total:.0f}, it misses {', '.join(missed)}")
    return faults


def wrong_paths_fail(played: Played) -> Finding:
    """Point 5: every wrong path scores under its ceiling; one that should look right does for 60 s.

    A path whose ceiling is the reference's outcome or more (the gate that was skipped, and for once it was
    the cure) must break a gate instead; where doing nothing is best, point 3 asks that of every path. A path
    that is left early was decided: what it had spent by then keeps it under its ceiling for good.
    """
    if not played.scenario.wrong_paths:
        return Finding(False, "No wrong path is written: which tempting move does the scenario answer?")
    seeds = measurable(played)
    if not seeds:
        return Finding(True, NO_MEASURE)
    words, ok = [], True
    for path in played.scenario.wrong_paths:
        records = {seed: played.each("wrong", path.name)[seed] for seed in seeds}
        judged = _breaking if path.ceiling >= ANY_OUTCOME else _under
        text, over = judged(played, path, records)
        ok = ok and not over
        refused = next((record.refused[0] for record in records.values() if record.refused), "")
        if refused:
            text, ok = f"{text}, refused: {refused}", False
        if path.looks_right is not None:
            held, looks = _looks_right(records)
            text, ok = f"{text}, {looks}", ok and held
        words.append(text)
    return Finding(ok, "; ".join(words) + ".")


def _under(played: Played, path: WrongPath, records: Mapping[int, Record]) -> tuple[str, list[int]]:
    """How a wrong path stands to its ceiling in words, and the seeds on which it is over it."""
    nothing, reference = played.each("nothing"), played.each("reference")
    best = {
        seed: outcome_between(record.budget, nothing[seed].budget, reference[seed].budget)
        for seed, record in records.items()
    }
    over = [seed for seed, outcome in best.items() if outcome > path.ceiling]
    if over:
        where = on_seeds(over, len(best))
        return f"{path.name} scores {max(best.values()):.0f}, its ceiling is {path.ceiling:.0f}{where}", over
    seed = max(best, key=lambda each: best[each])
    record = records[seed]
    spent, idle = percent(record.budget), percent(nothing[seed].budget_at(record.until))
    return (
        f"{path.name} stays under {path.ceiling:.0f}: {spent} spent by {clock(record.until)} "
        f"(do-nothing {idle} by then)",
        over,
    )


def _breaking(played: Played, path: WrongPath, records: Mapping[int, Record]) -> tuple[str, list[int]]:
    """Which gate a path breaks that may well cure, in words, and the seeds on which it breaks none."""
    broken = {seed: _gates_broken(played, seed, record) for seed, record in records.items()}
    none = [seed for seed, names in broken.items() if not names]
    names = sorted({name for found in broken.values() for name in found})
    if none and not played.scenario.noop:
        text = (
            f"{path.name} may score up to {path.ceiling:.0f} and breaks no gate{on_seeds(none, len(broken))}"
        )
        return text, none
    return f"{path.name} may end well, and breaks {', '.join(names) or 'no gate'}", []


def _gates_broken(played: Played, seed: int, record: Record) -> list[str]:
    """The gates that a wrong path breaks; without a coach, who was not there, those that forbid its lines."""
    if record.checks:
        return gates_broken(played, seed, record)
    scenario = played.scenario
    costs = table_of_costs(scenario.spec.costs)
    done = [
        parse(line, costs=costs, namespace=scenario.spec.namespace).canonical for _, line, _ in record.acts
    ]
    return [
        check.id
        for check in scenario.checks
        if check.gate and any(fnmatchcase(line, glob) for glob in check.never for line in done)
    ]


def _looks_right(records: Mapping[int, Record]) -> tuple[bool, str]:
    """Whether the signal looks better for long enough on 95 % of the seeds, and how it looks."""
    lasting = seconds(LASTING)
    fails = [seed for seed, record in records.items() if record.improved_seconds < lasting]
    least = min(records.values(), key=lambda record: record.improved_seconds)
    enough = len(fails) <= (1 - ENOUGH) * len(records)
    if enough:
        typical = sorted(records.values(), key=lambda record: record.improved_seconds)[len(records) // 2]
        return True, f"looks right: {typical.improved}, {typical.improved_seconds:.0f} s"
    return False, (
        f"should look right for {format_duration(LASTING)} and does for {least.improved_seconds:.0f} s"
        f"{on_seeds(fails, len(records))}: {least.improved}"
    )
