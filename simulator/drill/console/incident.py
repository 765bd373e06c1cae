"""What is said in an incident: status page, messages to people, notes, hints."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from simulator.drill.channel import PART_STATES, STATES
from simulator.drill.console.asking import nobody
from simulator.drill.console.grammar import Arguments, RefusedError, nearest
from simulator.drill.console.registry import Command, family, unknown_word
from simulator.units import format_clock

if TYPE_CHECKING:
    from simulator.drill.run import Run

STATUSPAGE: Final = family("statuspage", about="What customers read about the incident.")
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


def _part_words(line: str, arguments: Arguments) -> tuple[str, ...]:
    words = arguments.words
    if len(words) != 2 or words[1].lower() not in PART_STATES:
        state = words[1] if len(words) > 1 else ""
        close = nearest(state.lower(), PART_STATES) if state else ""
        raise RefusedError(
            f"statuspage: expected PART and one of {', '.join(PART_STATES)}"
            + (f"; did you mean {close}?" if close else ""),
            where=line,
            expected=f"a part and one of {', '.join(PART_STATES)}",
            got=" ".join(words) or "none",
            todo="Write for example: statuspage part checkout partial-outage",
        )
    return (words[0].lower(), words[1].lower())


def _part_candidates(run: Run, before: Sequence[str]) -> Sequence[str]:
    if len(before) == 2:
        return [item.name for item in run.scenario.spec.fronts]
    return PART_STATES if len(before) == 3 else ()


@STATUSPAGE.verb(
    "part",
    usage=f"NAME {'|'.join(PART_STATES)}",
    about="Mark a part of the system as customers see it.",
    kind="communicate",
    cost="note",
    normalise=_part_words,
    candidates=_part_candidates,
)
def statuspage_part(run: Run, command: Command) -> str:
    """Mark one part."""
    name, state = command.targets
    known = [item.name for item in run.scenario.spec.fronts]
    if name not in known:
        raise RefusedError(
            f'statuspage: no part "{name}"; the page lists {", ".join(known)}',
            where=command.line,
            expected=f"one of {', '.join(known)}",
            got=repr(name),
            todo=f"Write for example: statuspage part {nearest(name, known) or known[0]} {state}",
        )
    run.status_page.parts[name] = state
    return f"{name}: {state} on the status page since {format_clock(run.now)}."


def _no_words(line: str, arguments: Arguments) -> tuple[str, ...]:
    if arguments.words:
        refusal = unknown_word(STATUSPAGE, list(arguments.words), line)
        raise RefusedError(
            f"{refusal.said}\nIts states are {', '.join(STATES)}.",
            where=refusal.where,
            expected=refusal.expected,
            got=refusal.got,
            todo=refusal.todo,
        )
    return ()


@STATUSPAGE.verb("", about="Show what is posted.", kind="look", cost="status", normalise=_no_words)
def statuspage(run: Run, _command: Command) -> str:
    """Show what customers read."""
    return _shown(run)


def _shown(run: Run) -> str:
    page = run.status_page
    parts = [f"{name}: {state}" for name, state in page.parts.items() if state != "operational"]
    if not page.posts and not parts:
        return "All systems operational. Nothing has been posted."
    posts = [f"{format_clock(post.at)}  {post.state.capitalize()} - {post.text}" for post in page.posts]
    return "\n".join([*parts, *reversed(posts)])


# --- people ---------------------------------------------------------------------------------------


#: One word, then a text in quotation marks and nothing behind it: the word is meant as a name.
_NAME_AND_TEXT: Final = re.compile(r"""\S+\s+(?P<name>[^\s"']+)\s+(?P<mark>["']).*(?P=mark)\s*""", re.DOTALL)
_EXAMPLE: Final = '"Checkout fails for some; we are rolling back; more in 10 minutes."'


def _people(run: Run, before: Sequence[str]) -> Sequence[str]:
    return run.people if len(before) == 1 else ()


def _who(run: Run) -> str:
    names = ", ".join(run.people)
    return f"WHO is one of {names}; without a name everybody reads it." if names else "Everybody reads it."


def _nobody_called(run: Run, line: str, name: str) -> RefusedError:
    names = ", ".join(run.people) or "no names"
    return RefusedError(
        f'message: nobody here is called "{name}"; there are {names}\n'
        "Leave the name out to write to everybody in the channel.",
        where=line,
        expected=f"one of {names}",
        got=repr(name),
        todo="Leave the name out to write to everybody in the channel.",
    )


def _who_is_meant(run: Run, line: str, name: str, text: str) -> RefusedError:
    """The question to a line without quotes whose first word is nobody's name."""
    names = ", ".join(run.people) or "no names"
    return RefusedError(
        f'message: is "{name}" somebody? Nobody here is called so; there are {names}\n'
        f'To write to everybody, put the text in quotes: message "{text}"',
        where=line,
        expected=f"one of {names}, or a text in quotes",
        got=repr(name),
        todo=f'Write to everybody with message "{text}".',
    )


@MESSAGE.verb(
    "",
    usage='[WHO] "TEXT"',
    about="Send a message to one person or team, or to everybody in the channel.",
    kind="communicate",
    cost="message",
    prose=True,
    candidates=_people,
    more=_who,
)
def message(run: Run, command: Command) -> str:
    """Tell stakeholders."""
    words = list(command.arguments.words)
    first = words[0].rstrip(":,").removeprefix("@") if words else ""
    to = first.lower() if first.lower() in run.people else ""
    named = _NAME_AND_TEXT.fullmatch(command.line)
    behind = command.line.split(maxsplit=1)[1:]
    if not to and named is None and behind and behind[0][0] not in "@\"'":
        raise _who_is_meant(run, command.line, first, behind[0].strip())
    if not to and words and (words[0].startswith("@") or named is not None):
        raise _nobody_called(run, command.line, first)
    text = " ".join(words[1:] if to else words).strip()
    if not text:
        name = to or next(iter(run.people), "")
        raise _wants_text(command.line, " ".join(filter(None, ["message", name, _EXAMPLE])))
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
    if run.hooks.hint is None:
        raise nobody(command)
    return run.hooks.hint(run)
