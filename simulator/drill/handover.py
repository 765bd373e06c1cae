"""The hand-over: what the next person on call must know, out of the record alone, by weight."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from simulator.drill.incident import ROLES
from simulator.units import MINUTE, format_clock, format_duration

if TYPE_CHECKING:
    from simulator.drill.run import Run

#: The window over which the present burn is told.
_WINDOW: Final = 5 * MINUTE
_MOST_CHANGES: Final = 8


def summary(run: Run) -> str:
    """The whole hand-over, a section a paragraph."""
    parts = (_state(run), _users(run), _people(run), _changes(run), _beliefs(run), _open_ends(run))
    return "\n\n".join("\n".join(lines) for part in parts if (lines := list(part)))


def _state(run: Run) -> Iterator[str]:
    incident = run.incident
    if incident.declared_at is None:
        yield f"No incident is declared. It is {format_clock(run.now)}."
        return
    phase = {"open": "open", "verifying": "being verified", "resolved": "resolved"}[incident.phase]
    yield f"{incident.severity} {incident.title}: {phase}, declared {format_clock(incident.declared_at)}."
    if incident.holds_until is not None:
        yield f"Counts as over at {format_clock(incident.holds_until)} if the objectives hold."
    yield "Roles: " + ", ".join(f"{role} {incident.who(role)}" for role in ROLES) + "."


def _users(run: Run) -> Iterator[str]:
    yield "Users"
    for slo in run.slos.values():
        burn = slo.burn_rate(_WINDOW, run.now)
        now = "nothing is known" if burn != burn else f"{burn:.1f}x"  # NaN differs from itself
        left = 100 * slo.budget_left(run.now).share_left
        yield f"  {slo.objective.title}: burn {now} over 5 m, {left:.1f} % of the budget left."
    waiting = [page for page in run.pager.pages if page.open]
    for page in waiting:
        taken = "not acknowledged" if page.acked_at is None else f"acknowledged {format_clock(page.acked_at)}"
        yield f"  {page.id} {page.name}: firing since {format_clock(page.since)}, {taken}."
    if not waiting:
        yield "  No page is open."


def _people(run: Run) -> Iterator[str]:
    yield "Told"
    post = run.status_page.current
    yield f"  Status page: {f'{post.state} since {format_clock(post.at)}' if post else 'nothing posted'}."
    hurt = {name: state for name, state in run.status_page.parts.items() if state != "operational"}
    if hurt:
        yield "  Parts: " + ", ".join(f"{name} {state}" for name, state in hurt.items()) + "."
    due = run.incident.update_due
    if due is not None:
        late = f", {format_duration(run.now - due)} ago" if due < run.now else ""
        yield f"  The next update is due at {format_clock(due)}{late}."


def _changes(run: Run) -> Iterator[str]:
    made = [answer for answer in run.transcript if answer.kind == "change" and answer.ok]
    yield f"Changed by hand ({len(made)})"
    if len(made) > _MOST_CHANGES:
        yield f"  … {len(made) - _MOST_CHANGES} earlier ones"
    for answer in made[-_MOST_CHANGES:]:
        yield f"  {format_clock(answer.at)}  {answer.line.strip()}"


def _beliefs(run: Run) -> Iterator[str]:
    if run.incident.hypotheses:
        yield "Believed"
    for each in run.incident.hypotheses:
        why = f" ({each.why})" if each.why else ""
        yield f"  {each.id} {each.verdict}: {each.text}{why}"


def _open_ends(run: Run) -> Iterator[str]:
    if run.notes:
        yield "Notes"
    for note in run.notes:
        yield f"  {format_clock(note.at)}  {note.text}" + (f" [act {note.act}]" if note.act else "")
