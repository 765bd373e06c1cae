"""The score: five lines, never one number alone, each with the log lines that made it.

Outcome is what users were spared, from 0 (as if nobody had come) to 100 (the reference play). The other four
are craft. **Craft that is shown by absence counts as much as the good it came with.** Who never types
anything never types anything wrong, and needs no hint; that is no safety and no independence. So a check that
holds only because something was *not* done, and the independence line, are multiplied by how much better than
nothing the run was for users: in full from half way to the reference, not at all where users had nothing from
it. What was *done* (looked up, told, acknowledged) counts by itself. A failed gate empties its line. So doing
nothing scores nothing, scaling to zero less than that, and restarting in a loop gains no safety points for
all that it did not break. Whatever the checks ask, hiding a fire and changing things in the dark take the
safety line down (see ``conduct``). Before the end a check that may still turn is open and counts neither way;
a line of which everything is open has no points yet, and the sum leaves it out and says so. A scenario with
neither a reference play nor checks has nothing to score by: no line has points then.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final, Literal

from simulator.coach.authored import checks
from simulator.coach.checks import Family, Verdict, judge
from simulator.coach.conduct import Breach, breaches
from simulator.coach.ladder import CALM, FREE, Hint
from simulator.drill import outcome
from simulator.drill.acts import Printer
from simulator.units import format_clock, format_duration

if TYPE_CHECKING:
    from simulator.coach.case import Case
    from simulator.coach.coach import Coach
    from simulator.drill.run import Run

LineName = Literal["outcome", "safety", "process", "diagnosis", "independence"]

WEIGHTS: Final[dict[LineName, int]] = {
    "outcome": 40,
    "safety": 20,
    "process": 15,
    "diagnosis": 15,
    "independence": 10,
}
_TITLES: Final[dict[LineName, str]] = {
    "outcome": "Outcome",
    "safety": "Safety",
    "process": "Process",
    "diagnosis": "Diagnosis",
    "independence": "Independence",
}
#: Said instead of points.
UNSCORED: Final = (
    "No score: this scenario has neither a reference play nor checks, so there is nothing to compare with."
)
#: From this outcome on, restraint counts in full.
FULL_BENEFIT: Final = 50.0
#: What a hint takes from the independence line, by rung; a repeated rung and a hint before any page are free.
HINT_COST: Final[dict[int, float]] = {1: 5.0, 2: 10.0, 3: 20.0, 4: 40.0}


@dataclass(frozen=True, slots=True)
class ScoreItem:
    """One reason behind a line.

    Attributes:
        id: The check's, or a word for what is no check.
        passed: Whether it held; None where that is no question.
        text: The reason in words.
        weight: Its share within the line.
        acts: Numbers of the acts that made it.
        at: Instants that made it, ns.
        skill: The skill that the check shows; empty where it is none.
        open: Whether it is not decided yet.
    """

    id: str
    passed: bool | None
    text: str
    weight: float = 0.0
    acts: tuple[int, ...] = ()
    at: tuple[int, ...] = ()
    skill: str = ""
    open: bool = False


@dataclass(frozen=True, slots=True)
class ScoreLine:
    """One of the five lines.

    Attributes:
        name: Its name.
        title: For people.
        points: 0 to 100; outcome from -50, safety from -25; None where the scenario has nothing to score by,
            and before the end where nothing of the line is decided.
        weight: Its share of the total in per cent.
        items: The reasons.
    """

    name: LineName
    title: str
    points: float | None
    weight: int
    items: tuple[ScoreItem, ...]


@dataclass(frozen=True, slots=True)
class Score:
    """The five lines, and their weighted sum, which is never shown without them.

    Attributes:
        lines: Outcome, safety, process, diagnosis, independence.
        passed: Whether every gate held.
        goes_on: (now, the drill's end) of a run that is not over, ns; None once it is.
    """

    lines: tuple[ScoreLine, ...]
    passed: bool
    goes_on: tuple[int, int] | None = None

    @property
    def total(self) -> float | None:
        """The weighted sum of the lines that have points, to one decimal; None where none has."""
        parts = [(line.points, line.weight) for line in self.lines if line.points is not None]
        whole = sum(weight for _, weight in parts)
        return round(sum(points * weight for points, weight in parts) / whole, 1) if parts else None

    @property
    def still_open(self) -> tuple[str, ...]:
        """What is not decided yet, in the author's words."""
        return tuple(item.text for line in self.lines for item in line.items if item.open)

    @property
    def notice(self) -> str:
        """That the drill is not over, until when, and what that leaves open; empty once it is over."""
        if self.goes_on is None:
            return ""
        now, end = self.goes_on
        text = (
            f"The drill is not over: it stands at {format_clock(now)} and goes on until {format_clock(end)}. "
            "The outcome is what it will be if nothing more is done."
        )
        bare = [line.title for line in self.lines if line.points is None]
        if self.still_open:
            text += (
                f" Still open, and counted nowhere: {len(self.still_open)} of the checks below, until "
                f"then. `wait {format_duration(end - now)}` plays to the end."
            )
        if bare and self.total is not None:
            text += f" The sum leaves {' and '.join(bare)} out until then."
        return text

    @property
    def reason(self) -> str:
        """Why there are no points; empty where there are."""
        return UNSCORED if self.total is None else ""

    def __getitem__(self, name: LineName) -> ScoreLine:
        return next(line for line in self.lines if line.name == name)

    def to_json(self) -> dict[str, float | str | None]:
        """The five points and the total, for machines; where there are none, null with the reason."""
        found: dict[str, float | str | None] = {line.name: line.points for line in self.lines}
        return {**found, "total": self.total, **({"reason": self.reason} if self.reason else {})}

    def __str__(self) -> str:
        if self.total is None:
            return self.reason
        rows = [self.notice] if self.notice else []
        for line in self.lines:
            points = "  open" if line.points is None else f"{line.points:6.1f}"
            rows.append(f"{line.title:<13}{points}   counts {line.weight} %")
            rows += [f"  {_mark(item)} {item.text}" for item in line.items]
        gate = "" if self.passed else "\nA check that must hold failed; see the lines above."
        return "\n".join(rows) + f"\n{'In sum':<13}{self.total:6.1f}   the parts say more{gate}"

    def _repr_pretty_(self, printer: Printer, cycle: bool) -> None:  # noqa: ARG002 - IPython's protocol
        """What a notebook shows."""
        printer.text(str(self))


def _mark(item: ScoreItem) -> str:
    return {True: "+", False: "-", None: "·"}[item.passed]


def score(run: Run, coach: Coach, case: Case | None = None) -> Score:
    """Score a run as it stands.

    Args:
        run: The run.
        coach: The coach who listened to it from its first act on.
        case: What is judged; None takes the coach's own record.
    """
    if not run.scenario.reference and not run.scenario.checks:
        return unscored()
    page = run.pager.first
    acked = page.acked_at if page else None
    users = outcome(run)
    record = coach.case if case is None else case

    def judged(record: Case) -> list[Verdict]:
        return [judge(check, record, acked, run.now, ended=run.ended) for check in checks(run.scenario)]

    verdicts = judged(record)
    if coach.example.done:
        verdicts = [_shown(own, other) for own, other in zip(verdicts, judged(record.helped()), strict=True)]
    shown = coach.example.done, len(coach.example.steps)
    made = compose(
        users,
        verdicts,
        coach.hints,
        run.mode,
        noop=run.scenario.noop,
        shown=shown,
        conduct=breaches(run, record),
    )
    return made if run.ended else replace(made, goes_on=(run.now, run.duration))


def _shown(own: Verdict, helped: Verdict) -> Verdict:
    """A check that would have failed, had James not done it, is no failure and no merit of the learner's."""
    if own.passed or not helped.passed:
        return own
    return replace(own, decided=False, shown=True, acts=helped.acts, at=helped.at)


def unscored() -> Score:
    """The five lines of a scenario that has nothing to score by."""
    item = ScoreItem("unscored", None, UNSCORED)
    return Score(
        tuple(ScoreLine(name, _TITLES[name], None, WEIGHTS[name], (item,)) for name in WEIGHTS), True
    )


def compose(
    users: float,
    verdicts: Sequence[Verdict],
    hints: Sequence[Hint],
    mode: str,
    *,
    noop: bool = False,
    shown: tuple[int, int] = (0, 0),
    conduct: Sequence[Breach] = (),
) -> Score:
    """The five lines out of the outcome and the judged checks.

    Args:
        users: The outcome, -50 to 120; what is over 100 is said in words and shown as 100.
        verdicts: The checks, judged.
        hints: Those that were given.
        mode: ``lesson`` or ``game-day``.
        noop: Whether doing nothing to production is best in this scenario.
        shown: How many steps of the reference James did, and of how many.
        conduct: What takes the safety line down besides the checks.
    """
    benefit = min(1.0, max(0.0, users / FULL_BENEFIT))
    lines = [
        ScoreLine(
            "outcome",
            _TITLES["outcome"],
            round(min(users, 100.0), 1),
            WEIGHTS["outcome"],
            (
                _restraint_words(users) if noop else _outcome_words(users),
                *(_item(verdict, 1.0) for verdict in verdicts if verdict.check.family == "outcome"),
            ),
        )
    ]
    crafts: tuple[Family, ...] = ("safety", "process", "diagnosis")
    lines.extend(
        _craft(name, [item for item in verdicts if item.check.family == name], benefit, users)
        for name in crafts
    )
    lines = [_bounded(line, conduct) for line in lines]
    lines.append(_independence(hints, mode, benefit, shown))
    gates = all(verdict.passed for verdict in verdicts if verdict.check.gate and verdict.decided)
    return Score(tuple(lines), gates)


def _bounded(line: ScoreLine, conduct: Sequence[Breach]) -> ScoreLine:
    """A line no higher than what was done besides the checks allows."""
    found = [each for each in conduct if line.name in each.at_most]
    if not found:
        return line
    items = tuple(ScoreItem(each.id, False, each.text, acts=each.acts, at=each.at) for each in found)
    whole = 100.0 if line.points is None else line.points
    points = min(whole, *(each.at_most[line.name] for each in found))
    return replace(line, points=points, items=(*line.items, *items))


def _outcome_words(users: float) -> ScoreItem:
    if users > 100.5:
        text = "Users lost less than in the best play known."
    elif users >= 0.5:
        text = (
            f"Users were spared {users:.0f} % of what the reference play spares them against doing nothing."
        )
    elif users > -0.5:
        text = "Users lost as much as if nobody had been on call."
    else:
        text = "Users lost more than if nobody had been on call."
    return ScoreItem("outcome", None, text)


def _restraint_words(users: float) -> ScoreItem:
    """The outcome where nothing was wrong for users: only what was done could hurt them."""
    text = (
        "Users were well, and nothing that was done took it from them."
        if users >= 99.5
        else "Users were well until something was done that they did not need."
    )
    return ScoreItem("outcome", None, text)


def _craft(name: Family, verdicts: list[Verdict], benefit: float, users: float) -> ScoreLine:
    line: LineName = name
    if not verdicts:
        item = ScoreItem(
            f"{name}-untested", None, "This scenario has no check for it; it counts as the outcome does."
        )
        return ScoreLine(line, _TITLES[line], round(min(100.0, max(0.0, users)), 1), WEIGHTS[line], (item,))
    decided = [verdict for verdict in verdicts if verdict.decided]
    whole = sum(verdict.check.weight for verdict in decided) or 1.0
    won = sum(
        verdict.check.weight * (benefit if verdict.by_absence else 1.0)
        for verdict in decided
        if verdict.passed
    )
    items = [_item(verdict, benefit) for verdict in verdicts]
    broken = [verdict for verdict in decided if verdict.check.gate and not verdict.passed]
    if broken:
        won = 0.0
        items.append(
            ScoreItem(
                f"{name}-gate", False, "One of these has to hold for any of them to count, and it did not."
            )
        )
    bare = not decided and any(not verdict.shown for verdict in verdicts)
    points = None if bare else round(100 * won / whole, 1)
    return ScoreLine(line, _TITLES[line], points, WEIGHTS[line], tuple(items))


def _item(verdict: Verdict, benefit: float) -> ScoreItem:
    check = verdict.check
    if verdict.shown:
        text = f"James did this one: {check.explain_pass}"
        return ScoreItem(check.id, None, text, check.weight, verdict.acts, verdict.at, check.skill)
    if not verdict.decided:
        open_yet = f"Not decided yet: {check.explain_pass}"
        return ScoreItem(check.id, None, open_yet, check.weight, skill=check.skill, open=True)
    text = verdict.text
    if verdict.passed and verdict.by_absence and benefit < 1.0:
        text += f" Counts {100 * benefit:.0f} %: restraint counts as much as the good it came with."
    return ScoreItem(check.id, verdict.passed, text, check.weight, verdict.acts, verdict.at, check.skill)


def _hint_words(hint: Hint) -> str:
    again = ", again" if hint.repeated else ", before any page" if hint.ladder == CALM else ""
    return f"Hint, rung {hint.rung} ({hint.name}{again}) at {format_clock(hint.at)}"


def _independence(hints: Sequence[Hint], mode: str, benefit: float, shown: tuple[int, int]) -> ScoreLine:
    items = [ScoreItem(hint.id, None, _hint_words(hint), at=(hint.at,)) for hint in hints]
    points = 100.0
    worked, steps = shown
    if worked:
        items.append(ScoreItem("shown", None, f"James did {worked} of {steps} steps of the reference."))
    if not hints and not worked:
        items.append(ScoreItem("no-hint", True, "No hint was asked for."))
    elif mode == "lesson":
        items.append(ScoreItem("lesson", None, "In a lesson help is free."))
    else:
        points = max(
            0.0,
            points * (1 - worked / steps if worked else 1)
            - sum(HINT_COST[hint.rung] for hint in hints if not hint.repeated and hint.ladder not in FREE),
        )
    if benefit < 1.0:
        items.append(
            ScoreItem(
                "benefit", None, f"Counts {100 * benefit:.0f} %: to need no help is worth what came of it."
            )
        )
    name: LineName = "independence"
    return ScoreLine(name, _TITLES[name], round(points * benefit, 1), WEIGHTS[name], tuple(items))
