"""What is said in an incident: status page, pager, messages to people, notes, hints."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from simulator.drill.channel import STATES
from simulator.drill.console.grammar import Arguments, RefusedError
from simulator.drill.console.registry import Command, family, unknown_word
from simulator.units import format_clock

if TYPE_CHECKING:
    from simulator.drill.run import Run

STATUSPAGE: Final = family("statuspage", about="What customers read about the incident.")
PAGE: Final = family("page", about="The pager: what rang, and who has it.", aliases=("pager",))
MESSAGE: Final = family("message", about="Tell people inside the company.", aliases=("tell",))
NOTE: Final = family("note", about="Pin a thought or a finding for the debrief.")
HINT: Final = family("hint", about="Ask the coach; the next rung of the ladder.")


def _wants_text(line: str, example: str) -> RefusedError:
    program = line.split(maxsplit=1)[0]
    return RefusedError(
        f"{program}: a text is missing\nUsage: {example}",
        where=line,
        expected=f"a text, as in: {example}",
        got="none",
        todo="Write in one sentence what people should know.",
    )


# --- status page ----------------------------------------------------------------------------------


def _post_words(line: str, arguments: Arguments) -> tuple[str, ...]:
    if not arguments.sentence.strip():
        state = line.split()[1].lower()
        raise _wants_text(line, f'statuspage {state} "What users see, and when you will say more."')
    return arguments.words


def _post(run: Run, command: Command) -> str:
    """Publish an update; the verb is its state."""
    text = command.arguments.sentence
    run.publish(command.verb, text)
    return f"Posted to the status page at {format_clock(run.now)}: {command.verb.capitalize()} - {text}"


for _state, _about in zip(
    STATES,
    (
        "Post that something is wrong and that you are on it.",
        "Post that the cause is known.",
        "Post that a remedy is in place and that you watch it.",
        "Post that it is over.",
    ),
    strict=True,
):
    STATUSPAGE.verb(
        _state,
        usage='"TEXT"',
        about=_about,
        kind="communicate",
        cost="statuspage",
        prose=True,
        normalise=_post_words,
    )(_post)


def _no_words(line: str, arguments: Arguments) -> tuple[str, ...]:
    if arguments.words:
        raise unknown_word(STATUSPAGE, list(arguments.words), line)
    return ()


@STATUSPAGE.verb("", about="Show what is posted.", kind="look", cost="status", normalise=_no_words)
def statuspage(run: Run, _command: Command) -> str:
    """Show what customers read."""
    return _shown(run)


def _shown(run: Run) -> str:
    posts = run.status_page.posts
    if not posts:
        return "All systems operational. Nothing has been posted."
    return "\n".join(
        f"{format_clock(post.at)}  {post.state.capitalize()} - {post.text}" for post in reversed(posts)
    )


# --- pager ----------------------------------------------------------------------------------------


@PAGE.verb("", about="List the pages of this run.", kind="look", cost="status")
@PAGE.verb("list", about="List the pages of this run.", kind="look", cost="status")
def page_list(run: Run, _command: Command) -> str:
    """Every page, newest last."""
    if not run.pager.pages:
        return "No pages."
    lines = []
    for page in run.pager.pages:
        state = "firing" if page.open else f"resolved {format_clock(page.resolved_at or 0)}"
        acked = (
            f"acknowledged {format_clock(page.acked_at)}" if page.acked_at is not None else "not acknowledged"
        )
        lines.append(
            f"{page.id}  {format_clock(page.since)}  {page.name}  {state}, {acked}\n    {page.summary}"
        )
    return "\n".join(lines)


def _page_names(run: Run, before: Sequence[str]) -> Sequence[str]:
    return [page.id for page in run.pager.unacknowledged] if len(before) == 2 else ()


@PAGE.verb(
    "ack",
    usage="[ID|ALERT]",
    about="Acknowledge a page: the one named, or the oldest that waits.",
    kind="communicate",
    cost="page",
    candidates=_page_names,
)
def page_ack(run: Run, command: Command) -> str:
    """Take a page."""
    words = command.arguments.words
    page = run.pager.acknowledge(run.now, words[0] if words else None)
    run.channel.acknowledge(page.id, run.now)
    return f"{page.id} {page.name} acknowledged at {format_clock(run.now)}."


# --- people ---------------------------------------------------------------------------------------


def _message_words(line: str, arguments: Arguments) -> tuple[str, ...]:
    if not arguments.sentence.strip():
        raise _wants_text(
            line, 'message support "Checkout fails for some; we are rolling back; more in 10 minutes."'
        )
    return arguments.words


def _people(run: Run, before: Sequence[str]) -> Sequence[str]:
    return run.people if len(before) == 1 else ()


@MESSAGE.verb(
    "",
    usage='[WHO] "TEXT"',
    about="Send a message to one person or team, or to everybody in the channel.",
    kind="communicate",
    cost="message",
    prose=True,
    normalise=_message_words,
    candidates=_people,
)
def message(run: Run, command: Command) -> str:
    """Tell stakeholders."""
    words = list(command.arguments.words)
    first = words[0].lower().rstrip(":,").lstrip("@")
    to = first if first in run.people else ""
    if to:
        del words[0]
    text = " ".join(words).strip()
    if not text:
        raise _wants_text(command.line, f'message {to} "TEXT"')
    run.tell(to, text)
    return f"Sent to {to or 'everybody in the channel'} at {format_clock(run.now)}."


# --- notes and hints ------------------------------------------------------------------------------


def _note_words(line: str, arguments: Arguments) -> tuple[str, ...]:
    if not arguments.sentence.strip():
        raise _wants_text(line, 'note "errors began with the 09:12 release"')
    return arguments.words


@NOTE.verb(
    "",
    usage='"TEXT"',
    about="Pin a note with the time; the debrief shows it.",
    kind="communicate",
    cost="note",
    prose=True,
    normalise=_note_words,
)
def note(run: Run, command: Command) -> str:
    """Pin a note."""
    run.pin(command.arguments.sentence)
    return f"Noted at {format_clock(run.now)}."


@HINT.verb(
    "", about="Ask the coach for the next rung.", kind="look", cost="hint", prose=True, usage='["MY GUESS"]'
)
def hint(run: Run, command: Command) -> str:
    """The coach answers through the run's hook."""
    if run.hint_hook is None:
        raise RefusedError(
            "hint: no coach is here",
            where=command.line,
            expected="a drill with a coach",
            got="a run without one",
            todo="Start the drill with sim.start(...), which brings the coach.",
        )
    return run.hint_hook(run)
