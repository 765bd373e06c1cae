"""Families of console lines register themselves here, so that no one file knows them all.

A family is a program (``kubectl``); a verb is one thing that it does (``rollout undo``). A verb's function
gets the run and its arguments and returns what the terminal prints; it is called at the instant of the act.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from simulator.drill.acts import Kind
from simulator.drill.console.filters import Filter
from simulator.drill.console.grammar import Arguments, Flag, RefusedError, nearest

if TYPE_CHECKING:
    from simulator.drill.run import Run

Action = Callable[["Run", "Command"], str]
#: Words of the longest verb, ``create secret generic``.
_LONGEST_VERB: Final = 3


def _words_as_typed(_line: str, arguments: Arguments) -> tuple[str, ...]:
    return arguments.words


def _as_pflag_says(error: RefusedError) -> str:
    return error.said


def _no_danger(_arguments: Arguments) -> str:
    return ""


def _no_candidates(_run: Run, _before: Sequence[str]) -> Sequence[str]:
    return ()


def _nothing_more(_run: Run) -> str:
    return ""


def _no_endings(_run: Run, _text: str) -> Sequence[str]:
    return ()


def _itself(_run: Run, _command: Command) -> str:
    return ""


@dataclass(frozen=True, slots=True)
class Verb:
    """One thing that a family does.

    Attributes:
        words: ``("rollout", "undo")``; empty for a family that has a bare form.
        usage: What stands behind it, in the tool's notation.
        about: One sentence, for help.
        kind: What an act of this verb is to the incident.
        cost: Row of the table of costs; empty where the act itself passes the time.
        action: Does it.
        flags: What it takes.
        prose: Whether the rest of the line is free text.
        normalise: Checks the positional words and puts them into their one spelling; may refuse.
        danger: The risk in one sentence, for what can't be taken back; empty for everything else.
        candidates: Words that may stand at the end of the line, given those before it.
        spelled: How the canonical line begins where that is another program's line; empty for its own.
        endings: The same given the line so far, for verbs whose words are no words of a shell.
        more: What help adds out of this run, such as who can be written to.
        raw: Whether what stands behind it is no language of a shell, so that quotes are its own.
        stands_for: The line that one would have typed to see the same, where a pane of the console writes
            this one by itself; empty for every line that people type.
    """

    words: tuple[str, ...]
    usage: str
    about: str
    kind: Kind
    cost: str
    action: Action
    flags: tuple[Flag, ...] = ()
    prose: bool = False
    normalise: Callable[[str, Arguments], tuple[str, ...]] = _words_as_typed
    danger: Callable[[Arguments], str] = _no_danger
    candidates: Callable[[Run, Sequence[str]], Sequence[str]] = _no_candidates
    spelled: str = ""
    endings: Callable[[Run, str], Sequence[str]] = _no_endings
    more: Callable[[Run], str] = _nothing_more
    raw: bool = False
    stands_for: Callable[[Run, Command], str] = _itself

    @property
    def name(self) -> str:
        """The words as one text."""
        return " ".join(self.words)


def _has_value(word: str, flag: Flag) -> bool:
    """Whether a word is this flag and its value in one: ``--namespace=x``, ``-nx``, ``-n=x``."""
    return word.startswith(f"--{flag.name}=") or (
        word.startswith(f"-{flag.short}") and not word.startswith("--")
    )


@dataclass(slots=True)
class Family:
    """A program of the console and its verbs.

    Attributes:
        name: The first word of its lines.
        about: One sentence, for help.
        aliases: Other first words that mean the same.
        verbs: In order of registration.
        unknown: Makes the tool's own refusal for words that are no verb of it.
        persistent: Flags with a value that may also stand before the verb or inside it.
        phrased: What the tool says instead of pflag's words where a flag is refused.
    """

    name: str
    about: str
    unknown: Callable[[Family, list[str], str], RefusedError]
    aliases: tuple[str, ...] = ()
    persistent: tuple[Flag, ...] = ()
    phrased: Callable[[RefusedError], str] = _as_pflag_says
    verbs: dict[tuple[str, ...], Verb] = field(default_factory=dict)

    def verb(
        self,
        name: str,
        *,
        usage: str = "",
        about: str,
        kind: Kind,
        cost: str,
        flags: tuple[Flag, ...] = (),
        prose: bool = False,
        normalise: Callable[[str, Arguments], tuple[str, ...]] = _words_as_typed,
        danger: Callable[[Arguments], str] = _no_danger,
        candidates: Callable[[Run, Sequence[str]], Sequence[str]] = _no_candidates,
        spelled: str = "",
        endings: Callable[[Run, str], Sequence[str]] = _no_endings,
        more: Callable[[Run], str] = _nothing_more,
        raw: bool = False,
        stands_for: Callable[[Run, Command], str] = _itself,
    ) -> Callable[[Action], Action]:
        """Register the decorated function as a verb; see ``Verb`` for the arguments."""

        def register(action: Action) -> Action:
            words = tuple(name.split())
            self.verbs[words] = Verb(
                words,
                usage,
                about,
                kind,
                cost,
                action,
                flags,
                prose,
                normalise,
                danger,
                candidates,
                spelled,
                endings,
                more,
                raw,
                stands_for,
            )
            return action

        return register

    def verb_first(self, words: Sequence[str]) -> list[str]:
        """The words with persistent flags behind the verb: ``-n production get pods`` begins with ``get``.

        The verb ends at the first other flag: what stands behind that may be its value.
        """
        rest, kept, moved = list(words), list[str](), list[str]()
        while rest and len(kept) < _LONGEST_VERB:
            word = rest.pop(0)
            if any(word in (f"--{flag.name}", f"-{flag.short}") for flag in self.persistent):
                moved += [word, *rest[:1]]
                del rest[:1]
            elif any(_has_value(word, flag) for flag in self.persistent):
                moved.append(word)
            elif word.startswith("-"):
                rest.insert(0, word)
                break
            else:
                kept.append(word)
        return [*kept, *moved, *rest]

    def find(self, words: Sequence[str]) -> Verb | None:
        """The verb with the longest name that ``words`` begin with."""
        for length in range(min(len(words), _LONGEST_VERB), -1, -1):
            verb = self.verbs.get(tuple(words[:length]))
            if verb is not None:
                return verb
        return None


@dataclass(frozen=True, slots=True)
class Command:
    """A line that was understood: what it means, before it is carried out.

    Attributes:
        line: As typed.
        family: Program.
        verb: For example ``rollout undo``.
        canonical: The line in its one spelling.
        kind: Look, change, communicate, wait or none.
        cost: Nanoseconds.
        danger: Empty, or the risk in one sentence.
        arguments: Flags and words as typed.
        targets: Positional words in their one spelling.
        action: Does it.
        stands_for: See ``Verb``.
        filters: What stood behind pipes; the answer goes through them.
    """

    line: str
    family: str
    verb: str
    canonical: str
    kind: Kind
    cost: int
    danger: str
    arguments: Arguments
    targets: tuple[str, ...]
    action: Action
    stands_for: Callable[[Run, Command], str] = _itself
    filters: tuple[Filter, ...] = ()

    @property
    def by_a_pane(self) -> bool:
        """Whether nobody typed it: a pane of the console was opened."""
        return self.stands_for is not _itself


FAMILIES: Final[dict[str, Family]] = {}


def family(
    name: str,
    *,
    about: str,
    aliases: tuple[str, ...] = (),
    persistent: tuple[Flag, ...] = (),
    unknown: Callable[[Family, list[str], str], RefusedError] | None = None,
    phrased: Callable[[RefusedError], str] = _as_pflag_says,
) -> Family:
    """Register a family; its verbs register themselves on what this returns."""
    made = Family(name, about, unknown or unknown_word, aliases, persistent, phrased)
    FAMILIES[name] = made
    return made


def program(word: str) -> Family | None:
    """The family that a first word belongs to."""
    found = FAMILIES.get(word)
    if found is not None:
        return found
    return next((known for known in FAMILIES.values() if word in known.aliases), None)


def unknown_word(owner: Family, words: list[str], line: str) -> RefusedError:
    """The refusal of a family that has no manner of its own."""
    known = sorted(" ".join(verb) for verb in owner.verbs if verb)
    word = words[0] if words else ""
    close = nearest(word, known) or next((each for each in known if word[2:] and each.startswith(word)), "")
    got = f'"{word}"' if word else "nothing"
    said = f"{owner.name}: {f'unknown command {got}' if word else 'a command is missing'}"
    if close:
        said += f"\n\nDid you mean this?\n\t{owner.name} {close}"
    elif not word:
        said += "\n\nIt takes one of these:" + "".join(f"\n\t{owner.name} {each}" for each in known)
    return RefusedError(
        said,
        where=line,
        expected=f"{owner.name} followed by one of {', '.join(known)}",
        got=got,
        todo=f"Type {owner.name} {close}." if close else f"Type help {owner.name}.",
    )
