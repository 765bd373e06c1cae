"""The scenario's checks, judged over a finished case: what was looked at, done, avoided, told, and kept.

Nothing here reads free text: a check asks for acts, instants and numbers. Each verdict names the acts and
    instants that made
it, so that a line of the score can be followed back to the log.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from typing import Literal

from simulator.coach import expressions
from simulator.coach.case import RECOVERY_HELD, Case, Deed
from simulator.scenario.conditions import MetricCondition, StateCondition
from simulator.units import SECOND, format_clock

Family = Literal["outcome", "safety", "process", "diagnosis"]


@dataclass(frozen=True, slots=True)
class Looked:
    """Every glob was looked at, within ``before`` of the first page where that is given."""

    globs: tuple[str, ...]
    before: int | None = None


@dataclass(frozen=True, slots=True)
class Did:
    """One of the globs was done."""

    globs: tuple[str, ...]
    before: int | None = None


@dataclass(frozen=True, slots=True)
class Never:
    """None of the globs was done."""

    globs: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ToldWithin:
    """The status page spoke within this time of the first page."""

    limit: int


@dataclass(frozen=True, slots=True)
class AckedWithin:
    """The first page was acknowledged within this time."""

    limit: int


@dataclass(frozen=True, slots=True)
class BudgetBelow:
    """The drill spent less than this share of the budget."""

    share: float


@dataclass(frozen=True, slots=True)
class HeldFor:
    """Users were served for this long at the end."""

    length: int


@dataclass(frozen=True, slots=True)
class ServedWithin:
    """Users were served again within this time of the first page."""

    limit: int


@dataclass(frozen=True, slots=True)
class ChangesAtMost:
    """No more than so many acts changed production."""

    number: int


Condition = (
    Looked
    | Did
    | Never
    | ToldWithin
    | AckedWithin
    | ServedWithin
    | BudgetBelow
    | HeldFor
    | ChangesAtMost
    | MetricCondition
    | StateCondition
)


@dataclass(frozen=True, slots=True)
class Check:
    """One check of a scenario.

    Attributes:
        id: Its name.
        family: The line of the score that it belongs to.
        condition: What is asked.
        weight: Its share within the line.
        skill: The skill that it shows.
        gate: Whether failing it fails the run.
        explain_pass: Words if it holds.
        explain_fail: Words if not.
    """

    id: str
    family: Family
    condition: Condition
    weight: float
    skill: str
    gate: bool
    explain_pass: str
    explain_fail: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """A check, judged.

    Attributes:
        check: Which.
        passed: Whether it holds.
        by_absence: Whether it holds only since something was not done.
        decided: Whether nothing that is still to come can change it.
        acts: Numbers of the acts that decided it.
        at: The instants that decided it, ns.
        shown: Whether it holds only since James did what it asks for; it counts neither way then.
    """

    check: Check
    passed: bool
    by_absence: bool = False
    decided: bool = True
    acts: tuple[int, ...] = ()
    at: tuple[int, ...] = ()
    shown: bool = False

    @property
    def text(self) -> str:
        """The author's words with the instants that decided it."""
        words = self.check.explain_pass if self.passed else self.check.explain_fail
        where = ", ".join(format_clock(instant) for instant in self.at[:3])
        return f"{words} ({where})" if where else words


def judge(check: Check, case: Case, acked_at: int | None, now: int, *, ended: bool = True) -> Verdict:
    """Judge one check on the case as it stands at ``now``.

    Args:
        check: Which.
        case: The record of the run.
        acked_at: When the first page was acknowledged, ns.
        now: The end of the run or the present.
        ended: Whether the run is over; before that a check may still be open.
    """
    verdict = _judge(check, case, acked_at, now)
    return replace(verdict, decided=ended or _decided(verdict, case, now))


def _decided(verdict: Verdict, case: Case, now: int) -> bool:
    """What happened stays; what did not happen is settled once its time is over; the end settles the rest."""
    page = case.paged_at
    match verdict.check.condition:
        case Looked(_, before) | Did(_, before):
            late = before is not None and page is not None and now > page + before
            return verdict.passed or late
        case Never() | BudgetBelow() | ChangesAtMost():
            return not verdict.passed
        case ToldWithin(limit) | AckedWithin(limit):
            return verdict.passed or (page is not None and now > page + limit)
        case ServedWithin(limit):
            return verdict.passed or (page is not None and now > page + limit + RECOVERY_HELD)
        case HeldFor() | MetricCondition() | StateCondition():
            return verdict.decided


def _judge(check: Check, case: Case, acked_at: int | None, now: int) -> Verdict:
    match check.condition:
        case Looked(globs, before):
            limit = _limit(case, before, now)
            found = [_first(case, glob, limit, check.family, "look") for glob in globs]
            seen = sorted(
                {deed.number: deed for deed in found if deed}.values(), key=lambda deed: deed.number
            )
            return _by_acts(check, all(found), seen)
        case Did(globs, before):
            limit = _limit(case, before, now)
            done = [deed for glob in globs if (deed := _first(case, glob, limit, check.family)) is not None]
            first = min(done, key=lambda deed: deed.number, default=None)
            return _by_acts(check, first is not None, [first] if first else [])
        case Never(globs):
            wrong = [
                deed for deed in _yours(case) if any(fnmatchcase(deed.canonical, glob) for glob in globs)
            ]
            verdict = _by_acts(check, not wrong, wrong)
            return replace(verdict, by_absence=not wrong)
        case ToldWithin(limit):
            page = case.paged_at
            # Who writes only that it is over has not told anybody while it hurt.
            words = [
                post.at for post in case.sight.posts(now) if page is not None and post.state != "resolved"
            ]
            posts = [at for at in words if page is not None and at >= page]
            early = [at for at in words if page is not None and at < page]
            told = early[-1] if early else posts[0] if posts else None
            return Verdict(
                check, told is not None and page is not None and told - page <= limit, at=_instants(told)
            )
        case AckedWithin(limit):
            page = case.paged_at
            passed = page is not None and acked_at is not None and acked_at - page <= limit
            return Verdict(check, passed, at=_instants(acked_at))
        case BudgetBelow(share):
            return Verdict(check, case.sight.spent(now) < share)
        case ServedWithin(limit):
            page, calm = case.paged_at, next(iter(case.calms), None)
            passed = page is not None and calm is not None and calm.start - page <= limit
            return Verdict(check, passed, at=_instants(calm.start if calm else None))
        case ChangesAtMost(number):
            changes = [deed for deed in _yours(case) if deed.kind == "change"]
            over = changes[number:]
            return replace(_by_acts(check, not over, over), by_absence=not over)
        case HeldFor(length):
            calm = case.calm(now)
            held = calm is not None and now - calm.start >= length
            return Verdict(check, held, decided=False, at=_instants(calm.start if calm else None))
        case MetricCondition() as asked:
            return _found(check, expressions.metric(asked, case, now))
        case StateCondition() as asked:
            return _found(check, expressions.state(asked, case))


def _found(check: Check, finding: expressions.Finding) -> Verdict:
    return Verdict(check, finding.passed, finding.by_absence, finding.decided, at=_instants(finding.at))


def _yours(case: Case) -> list[Deed]:
    return [deed for deed in case.deeds if deed.ok and deed.actor != "james"]


def _first(case: Case, glob: str, limit: int, family: Family, kind: str = "") -> Deed | None:
    """The first deed that a glob asks for, and of looks the first after the page, if there is one.

    What was looked at before anything had happened tells nothing of what did, so diagnosis does not count it;
    and an undo that brought back what ran already has taken nothing back.
    """
    since = case.began if family == "diagnosis" else None
    fitting = [
        deed
        for deed in _yours(case)
        if deed.at <= limit and (not kind or deed.kind == kind) and fnmatchcase(deed.canonical, glob)
        if not deed.undone.same and (since is None or deed.kind != "look" or deed.at >= since)
    ]
    page = case.paged_at
    called = (deed for deed in fitting if page is not None and deed.at >= page)
    first = next(iter(fitting), None)
    return next(called, first) if first is not None and first.kind == "look" else first


def _limit(case: Case, before: int | None, now: int) -> int:
    return now if before is None or case.paged_at is None else case.paged_at + before


def _by_acts(check: Check, passed: bool, deeds: list[Deed]) -> Verdict:
    return Verdict(
        check, passed, acts=tuple(deed.number for deed in deeds), at=tuple(deed.at for deed in deeds)
    )


def _instants(at: int | None) -> tuple[int, ...]:
    return () if at is None or at < -SECOND else (at,)
