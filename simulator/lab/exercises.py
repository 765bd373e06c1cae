"""``drill.check("e1")``, ``.answer(...)``, ``.predict(...)``: what was seen, what was hoped for, one hint.

Nothing here raises for anything that a learner does or leaves undone, so Run All of an untouched lesson goes
through. The hint belongs to the first thing that is still missing, and goes up one rung each time it is asked
for: orient, principle, narrow, worked. To ask takes no time, and it is not in the journal.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from numbers import Real
from typing import Final

from simulator.coach import Coach
from simulator.coach.case import Deed
from simulator.coach.checks import (
    BudgetBelow,
    Check,
    Condition,
    Did,
    HeldFor,
    Looked,
    ToldWithin,
    Verdict,
    judge,
)
from simulator.coach.signals import BURN
from simulator.drill import Run
from simulator.drill.whatif import Comparison
from simulator.errors import GamedayError
from simulator.lab.decisions import changed, moved
from simulator.lab.exercise_file import Bound, Exercise, Want, exercises_of
from simulator.scenario.problems import nearest
from simulator.units import MINUTE, format_clock, format_duration, parse_duration

RUNGS: Final = 4
#: So many values of an answer are read back.
_SHOWN: Final = 6
_GUESS: Final = (
    "write what you expect between the quotes, and run the cell again. A wrong guess teaches more than none."
)
#: A line that was refused is worth a word while so few have followed it.
_RECENT: Final = 3
#: A time after the first page, as a hint writes it.
_AFTER_PAGE: Final = re.compile(r"PAGE\+(\d+[ms])")
_ANSWER: Final = "write your answer into the cell, and run it again. A wrong one costs nothing."


@dataclass(frozen=True, slots=True)
class Feedback:
    """What a check answers.

    Attributes:
        id: The exercise; empty for what is none.
        passed: Everything that was hoped for is there.
        saw: What the check saw, a sentence each.
        hoped: What is still hoped for; empty when nothing is missing.
        hint: One hint; empty when none is needed.
        rung: 1 to 4 for a hint, else 0.
    """

    id: str
    passed: bool
    saw: tuple[str, ...]
    hoped: str = ""
    hint: str = ""
    rung: int = 0

    def __str__(self) -> str:
        verdict = "done." if self.passed else "not yet."
        lines = [f"{self.id}: {verdict}" if self.id else "", *self._lines("{}: {}")]
        return "\n".join(line for line in lines if line)

    def __repr__(self) -> str:
        return str(self)

    def _repr_markdown_(self) -> str:
        verdict = "done." if self.passed else "not yet."
        parts = [f"**{self.id}: {verdict}**" if self.id else "", *self._lines("*{}:* {}")]
        return "\n\n".join(part for part in parts if part)

    def _lines(self, form: str) -> list[str]:
        lines = [form.format("Saw", " ".join(self.saw))] if self.id else list(self.saw)
        if self.hoped:
            lines.append(form.format("Hoped for", self.hoped))
        if self.hint:
            lines.append(form.format(f"Hint {self.rung} of {RUNGS}" if self.rung else "Try", self.hint))
        return lines


class Exercises:
    """The exercises of one run.

    Args:
        run: What the learner plays.
        coach: James, who keeps the record that checks read.
        comparisons: The what-ifs asked so far; the list that its owner keeps adding to.
        known: The exercises by id; None reads them from their file when they are asked for.
        lesson: The number of a lesson that has a file of its own; None reads the scenario's.
    """

    def __init__(
        self,
        run: Run,
        coach: Coach,
        comparisons: Sequence[Comparison] = (),
        known: Mapping[str, Exercise] | None = None,
        lesson: str | None = None,
    ) -> None:
        self._run = run
        self._coach = coach
        self._comparisons = comparisons
        self._known = known
        self._lesson = lesson
        self._answers: dict[str, dict[str, float | str]] = {}
        self._asked: dict[tuple[str, int], int] = {}

    def check(self, id: str) -> Feedback:  # noqa: A002 - what a lesson calls it
        """Look at what was done for an exercise."""
        try:
            known = exercises_of(self._run.scenario, self._lesson) if self._known is None else self._known
        except GamedayError as error:
            return Feedback("", False, (str(error),))
        exercise = known.get(id)
        if exercise is None:
            return self._unknown(id, list(known))
        findings = [self._judged(id, want) for want in exercise.wants]
        missing = next((place for place, finding in enumerate(findings) if not finding.holds), None)
        if missing is None:
            self._asked = {key: count for key, count in self._asked.items() if key[0] != id}
            met = [want.met for want in exercise.wants]
            return Feedback(id, True, tuple(_woven([each.saw for each in findings], met)))
        return self._coaching(exercise, missing, findings[missing].saw)

    def answer(self, id: str, value: object = None, **values: object) -> Feedback:  # noqa: A002 - as in check
        """Record an answer, the last one counts; the check of that exercise looks at it.

        Args:
            id: Of the exercise.
            value: A number or a word; or a row of a table, whose values are known by their names.
            values: Further values by name.
        """
        named = {**_values(value), **_values(values)}
        if not named:
            return Feedback("", True, ("Nothing recorded yet.",), hint=_ANSWER)
        self._answers[id] = named
        return Feedback("", True, (f"Recorded: {_told(named)}. Run the check.",))

    def predict(
        self, expectation: str = "", *, signal: str = "", value: float | None = None, within: str = "5m"
    ) -> Feedback:
        """Record what the learner expects, with the time; without words, what was expected beside what came.

        It is never judged.
        """
        if not str(expectation).strip():
            sight, now = self._coach.case.sight, self._run.now
            said = tuple(each.compared(sight, now) for each in self._coach.predictions)
            return (
                Feedback("", True, said)
                if said
                else Feedback("", True, ("Nothing recorded yet.",), hint=_GUESS)
            )
        try:
            made = self._coach.predict(str(expectation), signal=signal, value=value, within=within)
        except GamedayError as error:
            saw = f"Nothing recorded. Expected {error.expected}, got {error.got}."
            return Feedback("", True, (saw,), hint=error.todo)
        saw = f"Recorded at {format_clock(made.at)}: {made.words}."
        if made.signal is not None:
            due = format_clock(made.at + made.within)
            saw += f" In numbers: {made.signal.words} {made.signal.format(made.value)} by {due}."
        return Feedback("", True, (f"{saw} `predict()` without words puts it beside what came.",))

    # --- judging

    def _judged(self, exercise: str, want: Want) -> _Finding:
        case, now = self._coach.case, self._run.now
        if want.answered is not None:
            return _compared_with(self._answers.get(exercise, {}), want.answered)
        if want.noted:
            notes = [note for note in self._run.notes if not note.text.startswith("predict")]
            if not notes:
                return _Finding(False, "No note yet.")
            return _Finding(True, f"“{notes[-1].text}”, noted at {format_clock(notes[-1].at)}.")
        if want.compared:
            return self._compared(want.compared)
        if want.served_within is not None:
            return self._served(want.served_within)
        if want.after:
            return self._in_order(want)
        verdict = judge(Check("", "process", _condition(want), 1.0, "", False, "", ""), case, None, now)
        if want.held_for is not None:
            return _Finding(verdict.passed, self._held())
        if want.told_within is not None:
            return _Finding(verdict.passed, self._told(verdict))
        if want.budget_below is not None:
            return _Finding(verdict.passed, self._spent())
        return _Finding(verdict.passed, self._acts(want, verdict))

    def _in_order(self, want: Want) -> _Finding:
        """Done, and not before one of the acts that belong before it."""
        done, first = self._of(want.did), next(iter(self._of(want.after)), None)
        if not done:
            return _Finding(False, self._last_line())
        saw = self._when(done[0])
        if first is None or done[0].number < first.number:
            return _Finding(False, f"{saw}; what belongs before it was not done by then.")
        page = self._run.first_page_at
        if want.within is not None and page is not None and done[0].at > page + want.within:
            return _Finding(False, f"{saw}; the time was {format_duration(want.within)}.")
        return _Finding(True, f"{saw}.")

    def _acts(self, want: Want, verdict: Verdict) -> str:
        deeds = [deed for deed in self._coach.case.deeds if deed.number in verdict.acts]
        if verdict.passed:
            return "; ".join(map(self._when, deeds)) + "."
        late = self._of(want.looked or want.did)
        if late and want.within is not None and want.did:
            return f"{self._when(late[0])}; the time was {format_duration(want.within)}."
        if deeds:
            return "; ".join(map(self._when, deeds)) + "; the rest not yet."
        return self._last_line()

    def _of(self, globs: tuple[str, ...]) -> list[Deed]:
        """The learner's acts that fit one of the globs, oldest first."""
        yours = [deed for deed in self._coach.case.deeds if deed.ok and deed.actor != "james"]
        return [deed for deed in yours if any(fnmatchcase(deed.canonical, glob) for glob in globs)]

    def _last_line(self) -> str:
        acts = self._run.transcript
        if not acts:
            return f"No line in this run yet; it is {format_clock(self._run.now)}."
        last = acts[-1]
        count = "One line" if len(acts) == 1 else f"{len(acts)} lines"
        said = f"{count} so far, the last `{last.line.strip()}` at {format_clock(last.at)}."
        refused = next((act for act in reversed(acts[-_RECENT:]) if not act.ok), None)
        if refused is None:
            return said
        return f"{said} Refused: `{refused.line.strip()}`, {_first_line(refused.text)}"

    def _when(self, deed: Deed) -> str:
        page = self._run.first_page_at
        after = (
            f", {format_duration(deed.at - page)} after the page"
            if page is not None and deed.at >= page
            else ""
        )
        return f"`{deed.line}` at {format_clock(deed.at)}{after}"

    def _held(self) -> str:
        now = self._run.now
        if self._coach.case.paged_at is None:
            return f"No page yet at {format_clock(now)}."
        calm = self._coach.case.calm(now)
        if calm is not None:
            return f"Users are served since {format_clock(calm.start)}; it is {format_clock(now)}."
        rate = self._coach.case.sight.burn(now, MINUTE)
        return f"At {format_clock(now)} the budget burns at {BURN.format(rate)}, over the last minute."

    def _spent(self) -> str:
        share = 100 * self._coach.case.sight.spent(self._run.now)
        return f"{share:.2g} % of the budget went in this drill so far; it is {format_clock(self._run.now)}."

    def _served(self, limit: int) -> _Finding:
        """Users count as served from the start of the quiet that lasts, however it came."""
        page, calm = self._run.first_page_at, self._coach.case.calm(self._run.now)
        if page is None or calm is None:
            return _Finding(False, self._held())
        after = format_duration(max(0, calm.start - page))
        saw = f"Users are served since {format_clock(calm.start)}, {after} after the page."
        return _Finding(calm.start - page <= limit, saw)

    def _told(self, verdict: Verdict) -> str:
        page = self._run.first_page_at
        if page is None:
            return "No page yet, so nobody has to be told."
        posts = self._run.status_page.posts
        if not posts:
            return f"Nothing on the status page, {format_duration(self._run.now - page)} after the page."
        at = verdict.at[0] if verdict.at else posts[0].at
        after = format_duration(max(0, at - page))
        return f"The status page spoke at {format_clock(at)}, {after} after the page."

    def _compared(self, globs: tuple[str, ...]) -> _Finding:
        for comparison in reversed(self._comparisons):
            if any(fnmatchcase(line, glob) for line in changed(comparison) for glob in globs):
                said = (comparison.sentence, moved(comparison, globs))
                return _Finding(True, " ".join(filter(None, said)))
        if self._comparisons:
            return _Finding(
                False, f"A what-if that leaves that act as it was: {self._comparisons[-1].sentence}"
            )
        return _Finding(False, "No what-if on this run yet.")

    # --- words

    def _coaching(self, exercise: Exercise, place: int, saw: str) -> Feedback:
        want = exercise.wants[place]
        rung = min(RUNGS, self._asked.get((exercise.id, place), 0) + 1)
        self._asked[exercise.id, place] = rung
        hint = _AFTER_PAGE.sub(self._after_page, want.hints[rung - 1])
        return Feedback(exercise.id, False, (saw,), want.hoped, hint, rung)

    def _after_page(self, found: re.Match[str]) -> str:
        """A time that a hint gives as ``PAGE+1m``, in this run; its first page where there was one."""
        page = self._run.first_page_at or 0
        return format_duration(page + parse_duration(found[1], where="hint"))

    def _unknown(self, id_: object, known: list[str]) -> Feedback:
        shown = str(id_)[:40]
        if not known:
            return Feedback("", False, (f"{self._run.scenario.name} has no exercises; nothing to check.",))
        close = nearest(shown, known)
        todo = f'drill.check("{close or known[0]}")'
        return Feedback(
            "", False, (f"Exercises here: {', '.join(known)}; there is no {shown!r}.",), hint=todo
        )


@dataclass(frozen=True, slots=True)
class _Finding:
    """Whether a want holds, and what was seen."""

    holds: bool
    saw: str


def _compared_with(answer: Mapping[str, float | str], hoped: Mapping[str, Bound]) -> _Finding:
    """An answer beside its bounds; what was seen names the values in question alone."""
    if not answer:
        return _Finding(False, "No answer yet.")
    asked = {name: answer[name] for name in hoped if name in answer}
    if missing := [name for name in hoped if name not in answer]:
        return _Finding(False, f"An answer without {', '.join(missing)}: {_told(dict(answer))}.")
    return _Finding(
        all(bound.holds(asked[name]) for name, bound in hoped.items()), f"You answered {_told(asked)}."
    )


def _values(found: object) -> dict[str, float | str]:
    """Numbers and words by name; ``value`` is the name of one alone. What is neither is left out."""
    items = getattr(found, "items", None)
    pairs = items() if callable(items) else [("value", found)]
    kept: dict[str, float | str] = {}
    for name, each in pairs:
        if isinstance(each, str):
            if each.strip():
                kept[str(name)] = each.strip()
        elif isinstance(each, Real):
            kept[str(name)] = float(each)
    return kept


def _told(values: Mapping[str, float | str]) -> str:
    """An answer in words: ``20.2``, or ``missed 0, false_alerts 3``."""
    words = {name: each if isinstance(each, str) else _number(each) for name, each in values.items()}
    if tuple(words) == ("value",):
        return words["value"]
    shown = [f"{name} {each}" for name, each in words.items()]
    return ", ".join(shown[:_SHOWN]) + (" …" if len(shown) > _SHOWN else "")


def _number(value: float) -> str:
    """Four digits that count, and never a power of ten: ``0.0346``, ``13,899``."""
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.4g}"


def _first_line(text: str) -> str:
    """The first line of an answer that says something."""
    return next((line.strip() for line in text.splitlines() if line.strip()), "without a word")


def _condition(want: Want) -> Condition:
    if want.looked:
        return Looked(want.looked, want.within)
    if want.did:
        return Did(want.did, want.within)
    if want.told_within is not None:
        return ToldWithin(want.told_within)
    if want.budget_below is not None:
        return BudgetBelow(want.budget_below)
    assert want.held_for is not None, "the file admits exactly one condition"
    return HeldFor(want.held_for)


def _woven(saw: list[str], met: list[str]) -> list[str]:
    return [sentence for pair in zip(saw, met, strict=True) for sentence in pair]
