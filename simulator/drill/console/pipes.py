"""Pipes: what is typed behind ``|`` of a looking line, and what it makes of the answer.

Everybody types ``| grep`` first, so the filters of ``filters.PROGRAMS`` may follow each other behind any line
that only looks. The line before the first pipe is the look: checks and the coach see that. Other programs are
refused with what to type here instead.
"""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from typing import Final

from simulator.drill.console.filters import PROGRAMS, Filter, understood
from simulator.drill.console.grammar import RefusedError, nearest
from simulator.drill.console.tables import tabulate

_MOST: Final = 8
_COLUMNS: Final = "kubectl's own -o name, -o jsonpath=… and -o custom-columns=… print what you want to see"
_WHOLE: Final = "the answer stands here whole, and head and tail cut it"
#: What people pipe into and this console does not have: what to type instead.
INSTEAD: Final = {
    **dict.fromkeys(("awk", "cut", "column", "sed", "tr"), f"{_COLUMNS}, and grep chooses lines"),
    **dict.fromkeys(("jq", "yq"), _COLUMNS),
    "xargs": "type the second line yourself; most verbs take several names, or -l app=NAME",
    **dict.fromkeys(("less", "more", "cat", "bat"), _WHOLE),
    "tee": 'every answer stays, and note "…" pins what you want to keep',
    **dict.fromkeys(("egrep", "fgrep", "rg"), "grep -E and grep -F are here"),
    "watch": "kubectl get … -w watches",
}
#: What kubectl writes to its standard error, which no pipe reads.
_ASIDE: Final = ("No resources found", "Found ", "Warning: ")


def divide(line: str, *, own_language: bool) -> tuple[str, tuple[str, ...]]:
    """(the line before the first pipe, what stands behind each).

    Args:
        line: As typed.
        own_language: What the line says is LogQL, PromQL or prose, in which a pipe is no shell's; only one
            that a known program follows is.
    """
    parts, begin, quote, at = list[str](), 0, "", 0
    while at < len(line):
        sign = line[at]
        if sign == "\\" and quote != "'":
            at += 2
            continue
        if quote:
            quote = "" if sign == quote else quote
        elif sign in "\"'" or (sign == "`" and own_language):
            quote = sign
        elif sign == "|" and _is_pipe(line, at, own_language=own_language):
            parts.append(line[begin:at])
            begin = at + 1
        at += 1
    parts.append(line[begin:])
    return parts[0].strip(), tuple(part.strip() for part in parts[1:])


def _is_pipe(line: str, at: int, *, own_language: bool) -> bool:
    if "|" in (line[at - 1 : at], line[at + 1 : at + 2]) or line[at + 1 : at + 2] == "&":
        return False
    following = line[at + 1 :].split(maxsplit=1)[:1]
    return not own_language or (bool(following) and (following[0] in PROGRAMS or following[0] in INSTEAD))


def filters(stages: Sequence[str], line: str) -> tuple[Filter, ...]:
    """What stands behind the pipes, understood.

    Args:
        stages: Texts between pipes.
        line: The whole line, for errors.

    Raises:
        RefusedError: A program that is not part of the console, or a flag that is none of its.
    """
    if len(stages) > _MOST:
        raise _refused(
            line, f"bash: more than {_MOST} pipes", f"at most {_MOST} pipes", "Filter in fewer steps."
        )
    return tuple(_filter(stage, line) for stage in stages)


def _filter(stage: str, line: str) -> Filter:
    try:
        words = shlex.split(stage)
    except ValueError:
        mark = '"' if stage.count('"') % 2 else "'"
        said = f"bash: unexpected EOF while looking for matching `{mark}'"
        raise _refused(line, said, f"a closing {mark}", "Close the quotation.") from None
    if not words:
        said = "bash: syntax error near unexpected token `|'"
        raise _refused(
            line, said, "a program behind the pipe", "For example: kubectl get pods | grep checkout"
        )
    bare = _bare(stage)
    if bare:
        said = f"{bare}: behind a pipe stand filters alone, without redirections or lists"
        raise _refused(line, said, f"one of {_known()}", "Type one command a line.")
    if words[0] not in PROGRAMS:
        raise _unknown(words[0], line)
    return understood(words, line)


def _bare(stage: str) -> str:
    """The first sign of a shell outside quotation marks."""
    lexer = shlex.shlex(stage, posix=False, punctuation_chars="&;<>")
    lexer.commenters = ""
    lexer.whitespace_split = True
    return next((word for word in lexer if not set(word) - set("&;<>")), "")


def _unknown(word: str, line: str) -> RefusedError:
    instead = INSTEAD.get(word)
    close = nearest(word, PROGRAMS)
    if instead:
        said = f"{word}: not part of this console; {instead}"
    else:
        said = f"bash: {word[:80]}: command not found" + (
            f"\n\nDid you mean this?\n\t{close}" if close else ""
        )
    return _refused(
        line, f"{said}\nBehind a pipe it takes {_known()}.", f"one of {_known()}", "Type help grep."
    )


def alone(word: str) -> str:
    """What to say to a program that stands at the beginning of a line; empty where it is none of these."""
    if word in PROGRAMS:
        return f"It filters what a look prints: kubectl get pods | {word} {PROGRAMS[word].usage}"
    return f"Not part of this console; {INSTEAD[word]}." if word in INSTEAD else ""


def topics() -> str:
    """The filters as rows of help."""
    return "\n".join(f"  | {program.name}\t{program.about}" for program in PROGRAMS.values())


def topic(word: str) -> str:
    """Help on one filter; empty where it is none."""
    program = PROGRAMS.get(word)
    if program is None:
        return ""
    rows = [f"  -{flag.short}, --{flag.name}\t{flag.about}" for flag in program.flags]
    return "\n\n".join(
        [
            f"{program.about}\n\nUsage:\n  LOOK | {program.name} {program.usage}",
            "Flags:\n" + tabulate("\n".join(rows)),
            "A filter takes no time of its own. It may stand behind every line that only looks.",
        ]
    )


def _known() -> str:
    return ", ".join(PROGRAMS)


def _refused(line: str, said: str, expected: str, todo: str) -> RefusedError:
    return RefusedError(said, where=line[:200], expected=expected, got=repr(line[:200]), todo=todo)


def through(text: str, filters: Sequence[Filter]) -> str:
    """An answer as it comes out of its filters.

    What a real tool writes to its standard error goes past them: kubectl's remarks before a list, and this
    console's own below an answer, which begin with ``# ``.

    Raises:
        RefusedError: A pattern that is too much work on this text.
    """
    lines = text.split("\n") if text else []
    head, foot = list[str](), list[str]()
    while lines and lines[0].startswith(_ASIDE):
        head.append(lines.pop(0))
    while lines and lines[-1].startswith("# "):
        foot.insert(0, lines.pop())
    for each in filters:
        lines = each(lines)
    return "\n".join([*head, *lines, *foot])


def refused_behind(line: str, first: str, why: str) -> RefusedError:
    """The refusal of a pipe behind a line whose answer no filter may read.

    Args:
        line: As typed.
        first: The line before the pipe.
        why: One clause, such as ``it changes something``.
    """
    said = f"|: a pipe reads what a finished look prints; `{first[:80]}` is none, {why}"
    return _refused(line, said, "a look before the pipe", f"Type {first[:80]} by itself.")


def completions(before: Sequence[str], begun: str) -> list[str] | None:
    """What may stand under the cursor behind a pipe; None where no pipe stands before it.

    Args:
        before: The words before the cursor's.
        begun: The cursor's.
    """
    if "|" not in before:
        return None
    stage = list(before[len(before) - 1 - list(reversed(before)).index("|") + 1 :])
    if not stage:
        return list(PROGRAMS)
    program = PROGRAMS.get(stage[0])
    if program is None or not begun.startswith("-"):
        return []
    return [word for flag in program.flags for word in (f"-{flag.short}", f"--{flag.name}")]
