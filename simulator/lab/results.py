"""The last page of a game day: what came of it, who typed what, and the file to hand in.

It certifies nothing. Every figure comes from the run file, and whoever replays the file gets the same ones.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Final

import pandas as pd

from simulator.coach import Coach, Debrief, Document
from simulator.coach.blocks import Block, Items, Labelled, Section, Table, Text
from simulator.coach.case import Deed
from simulator.coach.classroom import Attempt, measured
from simulator.drill import Run, RunCode
from simulator.drill.incident import ROLES, TYPISTS
from simulator.units import format_clock, format_duration, from_seconds, seconds

#: Columns of the report by role, and their headings.
_COLUMNS: Final = {
    "role": "Role",
    "who": "Who",
    "lines": "Lines",
    "looks": "Looks",
    "changes": "Changes",
    "words": "Words out",
    "refused": "Refused",
    "first_s": "First line after the page",
    "errors": "Acts that the authors call errors",
}
#: Acts of these classes are worth talking about.
_ERRORS: Final = ("reasonable-error", "harmful")
#: Parts of the debrief that a results page repeats, in its order.
_REPEATED: Final = ("account", "went-right", "rule", "score", "next")


@dataclass(frozen=True, slots=True)
class Results(Document):
    """A results page: shown in a notebook, printed as text, saved as ``.md`` or ``.html``.

    Attributes:
        attempt: Times, budget and score, as a class's report counts them; None where nothing was typed.
        by_role: A row a role that typed; empty where no role was ever said.
        debrief: The whole debrief; None where nothing was typed.
    """

    attempt: Attempt | None
    by_role: pd.DataFrame
    debrief: Debrief | None


def results(run: Run, coach: Coach, debrief: Callable[[], Debrief]) -> Results:
    """The page of a run, played to its end or so far.

    Args:
        run: The run.
        coach: Of the same run.
        debrief: Makes the debrief, which replays other plays; not called while nothing was typed.
    """
    shares = by_role(run, coach.case.deeds)
    until = "" if run.ended else f" of {format_clock(run.duration)}: the drill goes on"
    subtitle = f"{run.scenario.metadata.title}, {run.mode}, {format_clock(run.now)}{until}"
    handed = Section("hand-in", "To hand in", tuple(_hand_in(run)))
    if not run.acts:
        nothing = Section("outcome", "What came of it", (Text("Nothing was typed yet.", strong=True),))
        return Results("results", "Results", subtitle, (nothing, handed), None, shares, None)
    made = debrief()
    found = measured(run, coach, made, made.code)
    sections = [Section("outcome", "What came of it", tuple(_outcome(found)))]
    if len(shares):
        sections.append(Section("roles", "By role", tuple(_roles(shares))))
    parts = {each.key: each for each in made.sections}
    sections += [parts[key] for key in _REPEATED]
    return Results("results", "Results", subtitle, (*sections, handed), found, shares, made)


def by_role(run: Run, deeds: Iterable[Deed]) -> pd.DataFrame:
    """What was typed in the name of each role, in the order of the console's roles.

    Returns:
        A row a role that typed something: ``role``, ``who`` (as ``incident role`` has it), counts of
        ``lines``, ``looks``, ``changes``, ``words`` (to users and colleagues) and ``refused`` lines,
        ``first_s`` (seconds from the first page to its first act; NaN without one) and ``errors``.
    """
    judged = {deed.number: deed for deed in deeds if deed.ok}
    names = {str(role): name for role, name in run.incident.roles.items()}
    paged = run.first_page_at
    rows = []
    for role in TYPISTS:
        typed = [
            (act, answer)
            for act, answer in zip(run.acts, run.transcript, strict=True)
            if act.role == role and answer.canonical.split(" ")[0] != "role"
        ]
        if not typed:
            continue
        kinds = [answer.kind for _, answer in typed if answer.ok]
        after = (answer.at for _, answer in typed if paged is not None and answer.at >= paged)
        first = next(after, None)
        acts = [judged[answer.number].act for _, answer in typed if answer.number in judged]
        rows.append(
            {
                "role": role,
                "who": names.get(role, ""),
                "lines": len(typed),
                "looks": kinds.count("look"),
                "changes": kinds.count("change"),
                "words": kinds.count("communicate"),
                "refused": sum(not answer.ok for _, answer in typed),
                "first_s": float("nan") if first is None or paged is None else seconds(first - paged),
                "errors": sum(act is not None and act.kind in _ERRORS for act in acts),
            }
        )
    return pd.DataFrame(rows, columns=list(_COLUMNS))


def _outcome(found: Attempt) -> Iterable[Block]:
    paged = "nobody was paged" if found.paged_s is None else format_clock(from_seconds(found.paged_s))
    yield Labelled(
        (
            ("First page", paged),
            ("First look or act after it", _after(found.detected_s)),
            ("First act on it", _after(found.acted_s) + (f", `{found.acted}`" if found.acted else "")),
            ("First word to users after it", _after(found.told_s)),
            ("Users served again after it", _after(found.mitigated_s)),
            ("Error budget spent", f"{100 * found.budget_spent:.1f} % of the window's"),
            ("Users with a bad minute", f"{found.user_minutes_bad:,} user-minutes"),
            ("Hints", str(found.hints)),
        )
    )


def _after(span: float | None) -> str:
    return "not in this run" if span is None else format_duration(from_seconds(span))


def _roles(shares: pd.DataFrame) -> Iterable[Block]:
    shown = shares.assign(first_s=["–" if span != span else _after(span) for span in shares["first_s"]])
    rows = tuple(tuple(str(value) or "–" for value in row) for row in shown.itertuples(index=False))
    yield Table(tuple(_COLUMNS.values()), rows, "Lines by the role in whose name they were typed")
    silent = [role for role in ROLES if role not in set(shares["role"])]
    if silent:
        yield Text(f"Nothing was typed for {' and '.join(silent)}. Was that agreed, or did it happen?")


def _hand_in(run: Run) -> Iterable[Block]:
    if run.journal is None:
        yield Text("This run keeps no file. Start one with a journal to have something to hand in.")
    else:
        yield Items(
            (f"the run file `{run.journal.path}`, unchanged: it is the run, and is graded by replay",)
        )
    yield Text(f"Run code: `{RunCode.of(run)}`. Whoever starts it meets the same users.")
    yield Text("This page certifies nothing. It says what happened to users, and what was done about it.")
