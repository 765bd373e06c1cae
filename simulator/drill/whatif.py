"""What if: the same users, the same luck, one decision changed.

A run is played again with acts moved, dropped or inserted; everything else keeps its absolute time. A line
that names a pod means the same pod there: found by owner and ordinal, whatever its name. Where it does not
exist, or the line is refused there although it was carried out here, the act is reported as not applicable,
unless it only looked. What is set and later taken back is one stretch: its end moves and goes with its start.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from textwrap import fill
from typing import Any

import numpy as np
from joblib import Parallel, delayed
from numpy.typing import NDArray

from simulator.drill.acts import INSTRUCTOR, Act, Answer, Printer
from simulator.drill.paired import stretch
from simulator.drill.run import Run
from simulator.errors import GamedayError
from simulator.slo import user_minutes_bad, worst
from simulator.units import SECOND, format_clock, parse_duration

Floats = NDArray[np.float64]
#: How wide a notebook shows a sentence, so that no word is broken.
_COLUMNS = 96


@dataclass(frozen=True, slots=True)
class BudgetCurve:
    """Budget spent over time.

    Attributes:
        times_s: Seconds since T+00:00, one entry a scrape.
        budget_spent: Share of the window's budget that the drill had spent by then.
    """

    times_s: Floats
    budget_spent: Floats


@dataclass(frozen=True, slots=True)
class NotApplicable:
    """An act that means nothing in the other run: its number (0 for an inserted one), line and reason."""

    number: int
    line: str
    reason: str


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two runs that differ in decisions alone.

    Attributes:
        slo: Name of the SLO that the curves show: the one that was spent most in either run.
        yours: As it was.
        other: As it would have been.
        budget_difference: Share of the budget that the other run spends more; negative is saved.
        user_minutes_difference: Bad user-minutes that the other run has more.
        sentence: The comparison in one plain sentence.
        not_applicable: Acts that meant nothing there.
        run: The run itself.
        other_run: The other run, played for its outcome alone: its acts and its budgets, no logs or graphs.
    """

    slo: str
    yours: BudgetCurve
    other: BudgetCurve
    budget_difference: float
    user_minutes_difference: int
    sentence: str
    not_applicable: tuple[NotApplicable, ...]
    run: Run
    other_run: Run

    def __str__(self) -> str:
        skipped = [f"Not applicable there: {each.line} ({each.reason})" for each in self.not_applicable]
        return "\n".join([self.sentence, *skipped])

    def _repr_pretty_(self, printer: Printer, cycle: bool) -> None:  # noqa: ARG002 - IPython's protocol
        """What a notebook shows."""
        printer.text("\n".join(fill(line, _COLUMNS) for line in str(self).split("\n")))


@dataclass(frozen=True, slots=True)
class Edits:
    """What is done differently; see ``what_if``. ``follow`` are acts that go with a moved or dropped one."""

    move: Mapping[int, str]
    drop: tuple[int, ...]
    insert: tuple[tuple[str, str], ...]
    replace: Mapping[int, str]
    follow: Mapping[int, int]


@dataclass(frozen=True, slots=True)
class _Step:
    """One act of the other run; ``number`` is the act's in the run itself, 0 for an inserted one."""

    act: Act
    number: int


def what_if(
    run: Run,
    *,
    move: Mapping[int, str] | None = None,
    drop: Sequence[int] = (),
    insert: Sequence[tuple[str, str]] = (),
    replace: Mapping[int, str] | None = None,
) -> Comparison:
    """Play a run again with other decisions, up to the same instant.

    Args:
        run: Played so far.
        move: Act number to its new time, for example ``{3: "7m"}``.
        drop: Act numbers.
        insert: (time, line) pairs, for example ``[("6m", "kubectl rollout undo deployment/checkout")]``.
        replace: Act number to the line in its place, for example ``{4: "kubectl get events"}``.

    Raises:
        GamedayError: No such act, no such time, or an act that is both dropped and replaced.
    """
    edits = _whole(run, Edits(dict(move or {}), tuple(drop), tuple(insert), dict(replace or {}), {}))
    steps = _edited(run, edits)
    other = Run(run.scenario, run.seed, mode=run.mode, compiled=run.compiled, looked_at=False)
    not_applicable = _play(run, other, steps)
    other.advance(run.now)
    return _compare(run, other, _decision(run, edits), not_applicable)


def what_ifs(
    run: Run,
    edits: Sequence[Mapping[str, Any]],
    *,
    workers: int | None = None,
    done: Callable[[int, int], None] | None = None,
) -> list[Comparison]:
    """Several what-ifs of one run, side by side over the cores.

    They are independent of one another, and the kernel lets go of Python's lock while it carries requests,
    so threads are enough and nothing has to be shipped to other processes.

    Args:
        run: Played so far; it must not be played on meanwhile.
        edits: ``what_if``'s arguments, one mapping each.
        workers: How many run at once; None is one for each core. The results are the same for any number.
        done: Called with (replays finished, replays in all), for a progress bar.

    Returns:
        The comparisons, in the order of ``edits``.

    Raises:
        GamedayError: As ``what_if``, for the first that is wrong.
    """
    if not edits:
        return []
    at_once = max(1, min(workers or os.cpu_count() or 1, len(edits)))
    parallel = Parallel(n_jobs=at_once, backend="threading", return_as="generator")
    found = list[Comparison]()
    for comparison in parallel(delayed(what_if)(run, **each) for each in edits):
        found.append(comparison)
        if done is not None:
            done(len(found), len(edits))
    return found


# --- editing --------------------------------------------------------------------------------------


def _time(text: str, run: Run) -> int:
    at = parse_duration(text, where="what_if")
    if at > run.now:
        raise GamedayError(
            "what_if",
            expected=f"a time up to {format_clock(run.now)}, where the run stands",
            got=text,
            todo="Choose an earlier time.",
        )
    return at


def _whole(run: Run, edits: Edits) -> Edits:
    """The same edits, with the rest of each stretch whose start is moved or dropped; named acts stay so."""
    named = {*edits.move, *edits.drop, *edits.replace}
    starts = [number for number in (*edits.move, *edits.drop) if number not in edits.replace]
    follow = {
        later: number
        for number in starts
        for later in (stretch(run, number) if 1 <= number <= len(run.acts) else ())
        if later not in named
    }
    return replace(edits, follow=follow)


def _shifted(run: Run, edits: Edits, number: int) -> int:
    """When an act that goes with a moved one happens in the other run, ns: by as much sooner or later."""
    start = edits.follow[number]
    by = _time(edits.move[start], run) - run.acts[start - 1].at
    return min(max(run.acts[number - 1].at + by, 0), run.now)


def _confirmed(run: Run, number: int) -> bool:
    """Whether an act is the yes to the one before it."""
    answer = run.transcript[number - 1]
    return answer.line.strip().lower() in ("yes", "y") and bool(answer.canonical) and number > 1


def _with_partner(run: Run, number: int) -> tuple[int, ...]:
    """A dangerous line and its yes are one decision: both their numbers, else the one."""
    if not 1 <= number <= len(run.acts):
        raise GamedayError(
            "what_if",
            expected=f"an act from 1 to {len(run.acts)}" if run.acts else "a run with acts",
            got=str(number),
            todo="drill.actions lists them.",
        )
    if _confirmed(run, number):
        return number - 1, number
    if number < len(run.acts) and _confirmed(run, number + 1):
        return number, number + 1
    return (number,)


def _edited(run: Run, edits: Edits) -> list[_Step]:
    moved = {
        each: _time(text, run) for number, text in edits.move.items() for each in _with_partner(run, number)
    }
    followers = {each: number for number in edits.follow for each in _with_partner(run, number)}
    for each, number in followers.items():
        if edits.follow[number] in edits.move:
            moved[each] = _shifted(run, edits, number)
    dropped = {each for number in edits.drop for each in _with_partner(run, number)}
    dropped |= {each for each, number in followers.items() if edits.follow[number] in edits.drop}
    # What stands in an act's place is a line of its own: it means itself, and the yes goes with the old one.
    replaced = {each for number in edits.replace for each in _with_partner(run, number)}
    if twice := sorted(dropped & replaced):
        raise GamedayError(
            "what_if",
            expected="an act that is dropped or replaced",
            got=f"act {twice[0]} in both",
            todo="Leave it in one of them.",
        )
    dropped |= replaced
    steps, number = list[_Step](), 0
    for act in run.history:
        if act.actor == INSTRUCTOR:  # the world's: it stays where it was
            steps.append(_Step(act, 0))
            continue
        number += 1
        if number not in dropped:
            steps.append(_Step(replace(act, at=moved.get(number, act.at)), number))
    steps += [_Step(Act(_time(text, run), line), 0) for text, line in edits.insert]
    steps += [
        _Step(Act(moved.get(number, run.acts[number - 1].at), line), 0)
        for number, line in edits.replace.items()
    ]
    return sorted(steps, key=lambda step: step.act.at)


# --- playing --------------------------------------------------------------------------------------


def _play(run: Run, other: Run, steps: Sequence[_Step]) -> tuple[NotApplicable, ...]:
    skipped: list[NotApplicable] = []
    for place, step in enumerate(steps):
        ends_by = steps[place + 1].act.at if place + 1 < len(steps) else run.now
        at = max(step.act.at, other.now)
        other.advance(at)
        was = run.transcript[step.number - 1] if step.number else None
        line, missing = _translated(run, other, step.act.line, was)
        looked = was is not None and was.kind == "look"  # who only looked there changed nothing by it
        if missing:
            if looked:
                continue
            skipped.append(NotApplicable(step.number, step.act.line, missing))
            continue
        answer = other.apply(replace(step.act, at=at, line=line), ends_by=ends_by)
        injected = step.act.actor == INSTRUCTOR
        if (
            other.pending is not None and was is None and not injected
        ):  # an inserted line means itself, however dangerous
            answer = other.apply(replace(step.act, at=other.now, line="yes"), ends_by=ends_by)
        if not answer.ok and not looked and (was is None or was.ok):
            skipped.append(NotApplicable(step.number, line, answer.text.split("\n")[0]))
    return tuple(skipped)


def _translated(run: Run, other: Run, line: str, was: Answer | None) -> tuple[str, str]:
    """(the line with the names that pods have in the other run, why it can't be said there)."""
    if was is None or not was.ok:
        return line, ""
    words = line.split(" ")
    for place, word in enumerate(words):
        prefix, slash, name = word.rpartition("/")
        identity = run.cluster.identities.get(name)
        if identity is None:
            continue
        pod = other.cluster.find_identity(identity)
        if pod is None:
            return line, f"pod {name} does not exist there at {format_clock(other.now)}"
        words[place] = f"{prefix}{slash}{pod.meta.name}"
    return " ".join(words), ""


# --- comparing ------------------------------------------------------------------------------------


def _compare(run: Run, other: Run, decision: str, not_applicable: tuple[NotApplicable, ...]) -> Comparison:
    end = run.now
    candidates = (worst(run.slos, end), worst(other.slos, end))
    name = max(candidates, key=lambda slo: slo.spent_in_drill(end)).objective.name
    yours, others = run.slos[name].spent_in_drill(end), other.slos[name].spent_in_drill(end)
    minutes = user_minutes_bad(run.telemetry, end), user_minutes_bad(other.telemetry, end)
    return Comparison(
        slo=name,
        yours=_curve(run, name),
        other=_curve(other, name),
        budget_difference=others - yours,
        user_minutes_difference=minutes[1] - minutes[0],
        sentence=_sentence(decision, yours, others, minutes[1] - minutes[0]),
        not_applicable=not_applicable,
        run=run,
        other_run=other,
    )


def _curve(run: Run, name: str) -> BudgetCurve:
    curve = run.slos[name].curve(0, run.now)
    return BudgetCurve(curve.times / SECOND, curve.spent_in_drill)


def _decision(run: Run, edits: Edits) -> str:
    parts = []
    for number, text in edits.move.items():
        if number in edits.replace:
            continue
        act = run.acts[number - 1]
        moment = format_clock(_time(text, run))
        parts.append(f"act {number} ({act.line}) at {moment} instead of {format_clock(act.at)}")
        parts += [
            f"with it act {later} ({run.acts[later - 1].line}) at {format_clock(_shifted(run, edits, later))}"
            for later, start in edits.follow.items()
            if start == number
        ]
    for number in edits.drop:
        parts.append(f"without act {number} ({run.acts[number - 1].line})")
        parts += [
            f"and without act {later} ({run.acts[later - 1].line}), which took it back"
            for later, start in edits.follow.items()
            if start == number
        ]
    parts += [f"{line} at {format_clock(_time(text, run))}" for text, line in edits.insert]
    for number, line in edits.replace.items():
        moment = f" at {format_clock(_time(edits.move[number], run))}" if number in edits.move else ""
        parts.append(f"{line}{moment} instead of act {number} ({run.acts[number - 1].line})")
    if not parts:
        return "With the same decisions"
    joined = ", ".join(parts)
    return joined[0].upper() + joined[1:] if joined.startswith("without") else f"With {joined}"


def _sentence(decision: str, yours: float, others: float, minutes: int) -> str:
    users = "no difference to users"
    if minutes:
        users = f"{abs(minutes):,} {'fewer' if minutes < 0 else 'more'} bad user-minutes"
    return (
        f"{decision}, the drill would have spent {100 * others:.1f} % of the error budget instead of "
        f"{100 * yours:.1f} %: {users}."
    )
