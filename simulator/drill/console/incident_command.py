"""``incident``: declare it, give roles, write down beliefs, hand it over, say when it is over."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from simulator.drill.console.grammar import Arguments, Flag, RefusedError
from simulator.drill.console.registry import Command, family, unknown_word
from simulator.drill.handover import summary
from simulator.drill.incident import (
    CADENCE,
    LONGEST_HOLD,
    ROLES,
    SEVERITIES,
    SHORTEST_HOLD,
    STAND_IN,
    VERDICTS,
)
from simulator.units import format_clock, format_duration

if TYPE_CHECKING:
    from simulator.drill.run import Run

INCIDENT: Final = family("incident", about="The incident's record: severity, roles, beliefs, hand-over, end.")
_HYPOTHESIS: Final = re.compile(r"[Hh]\d+")
#: ``1``, ``sev1`` and ``sev-1`` are SEV1.
_SEVERITY: Final = re.compile(r"(?:sev-?)?([1-4])", re.IGNORECASE)


def _refused(line: str, said: str, *, expected: str, got: str, example: str) -> RefusedError:
    return RefusedError(
        f"incident: {said}\nFor example: {example}",
        where=line,
        expected=expected,
        got=got,
        todo=f"Write for example: {example}",
    )


def _one_of(line: str, word: str, known: Sequence[str], what: str, example: str) -> str:
    """The known word that was meant, in its one spelling."""
    for each in known:
        if word.lower() == each.lower():
            return each
    got = repr(word) if word else "none"
    said = f'"{word}" is no {what}' if word else f"a {what} is missing"
    said += f": {', '.join(known)}"
    raise _refused(line, said, expected=f"one of {', '.join(known)}", got=got, example=example)


def _severity(line: str, arguments: Arguments, example: str) -> str:
    """The severity that a line begins with, in its one spelling."""
    word = arguments.words[0] if arguments.words else ""
    found = _SEVERITY.fullmatch(word)
    return _one_of(line, f"SEV{found[1]}" if found else word, SEVERITIES, "severity", example)


# --- severity -------------------------------------------------------------------------------------

_DECLARE: Final = "incident declare SEV2 Customers can not pay"


def _declare_words(line: str, arguments: Arguments) -> tuple[str, ...]:
    words = arguments.words
    severity = _severity(line, arguments, _DECLARE)
    if not " ".join(words[1:]).strip():
        raise _refused(line, "a title is missing", expected="a title", got="none", example=_DECLARE)
    return (severity, *words[1:])


def _severities(_run: Run, before: Sequence[str]) -> Sequence[str]:
    return SEVERITIES if len(before) == 2 else ()


@INCIDENT.verb(
    "declare",
    usage="SEV1|SEV2|SEV3|SEV4 TITLE",
    about="Make it official: who waits knows where to look, and how often they will hear from you.",
    kind="communicate",
    cost="incident",
    prose=True,
    normalise=_declare_words,
    candidates=_severities,
)
def declare(run: Run, command: Command) -> str:
    """Open the record."""
    incident = run.incident
    severity = next(each for each in SEVERITIES if each == command.targets[0])
    incident.declare(run.now, severity, " ".join(command.targets[1:]), run.acts[-1].actor)
    roles = "; ".join(f"{role}: {incident.who(role)}" for role in ROLES)
    return (
        f"{severity} declared at {format_clock(run.now)}: {incident.title}\n"
        f"An update is due every {format_duration(CADENCE[severity])}. Roles: {roles}."
    )


def _severity_words(line: str, arguments: Arguments) -> tuple[str, ...]:
    return (_severity(line, arguments, "incident severity SEV1 Nobody can pay"), *arguments.words[1:])


@INCIDENT.verb(
    "severity",
    usage="SEV1|SEV2|SEV3|SEV4 [WHY]",
    about="Raise or lower the severity.",
    kind="communicate",
    cost="note",
    prose=True,
    normalise=_severity_words,
    candidates=_severities,
)
def severity_(run: Run, command: Command) -> str:
    """Change the severity."""
    severity = next(each for each in SEVERITIES if each == command.targets[0])
    run.incident.change_severity(run.now, severity, " ".join(command.targets[1:]))
    return run.incident.log[-1].text


# --- roles ----------------------------------------------------------------------------------------


def _role_words(line: str, arguments: Arguments) -> tuple[str, ...]:
    words = arguments.words
    example = "incident role communications you"
    role = _one_of(line, words[0] if words else "", ROLES, "role", example)
    if len(words) != 2:
        raise _refused(
            line,
            "a name is missing" if len(words) < 2 else "one name, without spaces",
            expected="one name",
            got=" ".join(words[1:]) or "none",
            example=example,
        )
    return (role, words[1])


def _role_candidates(run: Run, before: Sequence[str]) -> Sequence[str]:
    return ROLES if len(before) == 2 else ("you", STAND_IN.lower(), *run.people) if len(before) == 3 else ()


@INCIDENT.verb(
    "role",
    usage="commander|operations|communications NAME",
    about="Give a role to somebody; what nobody takes, James fills.",
    kind="communicate",
    cost="note",
    normalise=_role_words,
    candidates=_role_candidates,
)
def role_(run: Run, command: Command) -> str:
    """Assign a role."""
    role = next(each for each in ROLES if each == command.targets[0])
    run.incident.assign(run.now, role, command.targets[1])
    return run.incident.log[-1].text


# --- beliefs --------------------------------------------------------------------------------------


def _hypothesis_words(line: str, arguments: Arguments) -> tuple[str, ...]:
    words = arguments.words
    example = "incident hypothesis The 09:12 release fails on POST /orders"
    if not " ".join(words).strip():
        raise _refused(line, "a text is missing", expected="a hypothesis", got="none", example=example)
    if _HYPOTHESIS.fullmatch(words[0]):
        example = f"incident hypothesis {words[0].upper()} refuted v41 fails in the same way"
        verdict = _one_of(line, words[1] if len(words) > 1 else "", VERDICTS, "verdict", example)
        return (words[0].upper(), verdict, *words[2:])
    return words


def _hypothesis_candidates(run: Run, before: Sequence[str]) -> Sequence[str]:
    if len(before) == 2:
        return [each.id for each in run.incident.hypotheses]
    return VERDICTS if len(before) == 3 else ()


@INCIDENT.verb(
    "hypothesis",
    usage="TEXT | H1 confirmed|refuted|open [WHY]",
    about="Write down what may be the cause before you test it, and what became of it.",
    kind="communicate",
    cost="note",
    prose=True,
    normalise=_hypothesis_words,
    candidates=_hypothesis_candidates,
)
def hypothesis(run: Run, command: Command) -> str:
    """Add a hypothesis, or judge one."""
    words = command.targets
    if not _HYPOTHESIS.fullmatch(words[0]):
        made = run.incident.suppose(run.now, " ".join(words))
        return f"{made.id} noted at {format_clock(run.now)}. What would you see if it were false?"
    verdict = next(each for each in VERDICTS if each == words[1])
    judged = run.incident.judge(run.now, words[0], verdict, " ".join(words[2:]))
    return f"{judged.id} {judged.verdict}: {judged.text}"


# --- words ----------------------------------------------------------------------------------------


def _text(line: str, arguments: Arguments) -> tuple[str, ...]:
    if not arguments.sentence.strip():
        example = f"incident {line.split()[1].lower()} We are rolling back; more in 10 minutes"
        raise _refused(line, "a text is missing", expected="a text", got="none", example=example)
    return arguments.words


@INCIDENT.verb(
    "update",
    usage="TEXT",
    about="Write to everybody in the channel; it counts as word, as message does.",
    kind="communicate",
    cost="message",
    prose=True,
    normalise=_text,
    spelled="message",
)
def update(run: Run, command: Command) -> str:
    """Tell everybody."""
    run.tell("", command.arguments.sentence)
    return f"Sent to everybody in the channel at {format_clock(run.now)}."


@INCIDENT.verb(
    "note",
    usage="TEXT",
    about="Pin a note with the time; the same as note.",
    kind="communicate",
    cost="note",
    prose=True,
    normalise=_text,
    spelled="note",
)
def note(run: Run, command: Command) -> str:
    """Pin a note."""
    run.pin(command.arguments.sentence)
    return f"Noted at {format_clock(run.now)}."


# --- hand-over and end ----------------------------------------------------------------------------


@INCIDENT.verb(
    "handover",
    usage="[NAME]",
    about="Print what the next person must know, and give them the command if you name them.",
    kind="communicate",
    cost="incident",
)
def handover(run: Run, command: Command) -> str:
    """Summarise; with a name, change the commander."""
    name = " ".join(command.arguments.words)
    if name:
        run.incident.assign(run.now, "commander", name)
    return summary(run)


def _resolve_words(line: str, arguments: Arguments) -> tuple[str, ...]:
    hold = arguments.duration("hold")
    if arguments.words or not SHORTEST_HOLD <= hold <= LONGEST_HOLD:
        raise _refused(
            line,
            "takes no words" if arguments.words else f"--hold={arguments.text('hold')} is out of range",
            expected=f"--hold from {format_duration(SHORTEST_HOLD)} to {format_duration(LONGEST_HOLD)}",
            got=" ".join(arguments.words) or arguments.text("hold"),
            example="incident resolve --hold=5m",
        )
    return ()


@INCIDENT.verb(
    "resolve",
    usage="[--hold=5m]",
    about="Say that it is over; it counts once every objective has been met for so long.",
    kind="communicate",
    cost="incident",
    flags=(Flag("hold", "How long the objectives must be met.", takes="duration", default="5m"),),
    normalise=_resolve_words,
)
def resolve(run: Run, command: Command) -> str:
    """Begin the verification."""
    run.incident.resolve(run.now, command.arguments.duration("hold"))
    until = run.incident.holds_until
    return (
        f"Verifying until {format_clock(until or run.now)}. The channel says whether it held; users decide, "
        "not the rollout."
    )


@INCIDENT.verb(
    "reopen",
    usage="[WHY]",
    about="Take a resolution back.",
    kind="communicate",
    cost="note",
    prose=True,
)
def reopen(run: Run, command: Command) -> str:
    """Open the record again."""
    run.incident.reopen(run.now, command.arguments.sentence)
    return run.incident.log[-1].text


def _no_words(line: str, arguments: Arguments) -> tuple[str, ...]:
    if arguments.words:
        raise _unknown(list(arguments.words), line)
    return ()


def _unknown(words: list[str], line: str) -> RefusedError:
    """An unknown word, with those that are known: what was written behind it is not lost unsaid."""
    refusal = unknown_word(INCIDENT, words, line)
    known = ", ".join(sorted(verb.name for verb in INCIDENT.verbs.values() if verb.name))
    return RefusedError(
        f"{refusal.said}\nIts commands are {known}.",
        where=refusal.where,
        expected=refusal.expected,
        got=refusal.got,
        todo=refusal.todo,
    )


@INCIDENT.verb("", about="Show the record.", kind="look", cost="status", normalise=_no_words)
@INCIDENT.verb("show", about="Show the record.", kind="look", cost="status", normalise=_no_words)
def show(run: Run, _command: Command) -> str:
    """The state in a few lines, then the log."""
    incident = run.incident
    if not incident.log:
        return f"No incident is declared. For example: {_DECLARE}"
    head = summary(run).split("\n\n", 1)[0]
    return "\n".join([head, "", *(f"{format_clock(entry.at)}  {entry.text}" for entry in incident.log)])
