"""Each verb of the console as a method, made from the one table that knows them: the families' registry.

``drill.kubectl.get("pods", namespace="production")`` types ``kubectl get pods --namespace=production``: that
line is what is journalled, and its answer is what comes back. Classes are made once, on import; for editors
and type checkers the same is written down in ``verbs.pyi``, which a house test keeps in step.
"""

from __future__ import annotations

import keyword
import shlex
from collections.abc import Callable, Mapping, Sequence
from inspect import Parameter, Signature
from typing import Any, Final

from simulator.api import arguments
from simulator.drill import Answer
from simulator.drill.console import FAMILIES, Family, Flag, Verb
from simulator.drill.console.grammar import nearest
from simulator.errors import GamedayError

#: What a flag takes, as Python has it.
TYPES: Final[Mapping[str, type]] = {"text": str, "duration": str, "int": int, "bool": bool}
_CLASSES: Final[dict[str, type[Program]]] = {}


class Program:
    """A program of the console: its verbs are methods, and its bare form is a call.

    Args:
        run: Types a line.
    """

    def __init__(self, run: Callable[[str], Answer]) -> None:
        self._run = run


def identifier(name: str) -> str:
    """A verb's or flag's name as Python can spell it: ``rollout_undo``, and ``for_`` for ``for``."""
    spelled = name.replace("-", "_").replace(" ", "_")
    return f"{spelled}_" if keyword.iskeyword(spelled) else spelled


def method_name(verb: Verb) -> str:
    """What a verb is called on its program; the bare form is the call itself."""
    return identifier(verb.name) if verb.words else "__call__"


def class_name(owner: Family) -> str:
    """What the class of a program is called."""
    return owner.name.capitalize()


def annotation(flag: Flag) -> str:
    """The type of a flag's argument; what may be given again and again takes several."""
    one = TYPES[flag.takes].__name__
    return f"{one} | Sequence[{one}] | None" if flag.many else f"{one} | None"


def _type(flag: Flag) -> Any:
    """The same as the type itself, for whoever asks a live function."""
    one: Any = TYPES[flag.takes]
    return one | Sequence[one] | None if flag.many else one | None


def signature(verb: Verb) -> Signature:
    """Words in order, then each flag by its name; what is not given is not typed."""
    parameters = [
        Parameter("self", Parameter.POSITIONAL_ONLY),
        Parameter("words", Parameter.VAR_POSITIONAL, annotation=str),
        *(
            Parameter(identifier(flag.name), Parameter.KEYWORD_ONLY, default=None, annotation=_type(flag))
            for flag in verb.flags
        ),
    ]
    return Signature(parameters, return_annotation=Answer)


def line_of(owner: Family, verb: Verb, words: Sequence[str], flags: Mapping[str, object]) -> str:
    """The console line that a call stands for.

    Args:
        owner: The program.
        verb: What it does.
        words: Positional words; each is one word of the line, whatever is in it.
        flags: By the arguments' names; None is not typed.

    Raises:
        GamedayError: A word is no text, a flag is unknown, or its value is of another type.
    """
    where = f"drill.{owner.name}.{method_name(verb)}(…)".replace(".__call__", "")
    told = [arguments.text(where, word, "pods") for word in words]
    # What is no language of a shell, such as LogQL, stands in the line as it is.
    shown = told if verb.raw else [shlex.quote(word) for word in told]
    known = {identifier(flag.name): flag for flag in verb.flags}
    for name, value in flags.items():
        if name not in known:
            close = nearest(name, known)
            raise GamedayError(
                where,
                expected=f"one of {', '.join(known) or '(it takes none)'}",
                got=repr(name),
                todo=f"Did you mean {close!r}?" if close else f"help {owner.name} {verb.name} has its flags.",
            )
        shown += _typed(where, known[name], value)
    return " ".join([owner.name, *verb.words, *shown])


def _typed(where: str, flag: Flag, value: object) -> list[str]:
    """A flag as words of the line."""
    if value is None:
        return []
    several = flag.many and isinstance(value, list | tuple)
    found = []
    for each in value if several and isinstance(value, list | tuple) else (value,):
        fits = TYPES[flag.takes]
        if not isinstance(each, fits) or (flag.takes == "int" and isinstance(each, bool)):
            raise GamedayError(
                f"{where}: {identifier(flag.name)}",
                expected=f"{annotation(flag).removesuffix(' | None')} ({flag.about.rstrip('.')})",
                got=repr(each)[:80],
                todo="Change the argument in this cell.",
            )
        if flag.takes == "bool":
            found.append(f"--{flag.name}" if each else f"--{flag.name}=false")
        else:
            found.append(f"--{flag.name}={shlex.quote(str(each))}")
    return found


def _method(owner: Family, verb: Verb) -> Callable[..., Answer]:
    """One verb as a function of a program."""

    def typed(self: Program, /, *words: str, **flags: object) -> Answer:
        return self._run(line_of(owner, verb, words, flags))

    made: Any = typed
    made.__name__ = method_name(verb)
    made.__qualname__ = f"{class_name(owner)}.{made.__name__}"
    made.__signature__ = signature(verb)
    named = f"{owner.name} {verb.name}".strip()
    listed = [f"    {identifier(flag.name)}: {flag.about}" for flag in verb.flags]
    usage = f"Types: {named} {verb.usage}".rstrip()
    made.__doc__ = "\n".join([verb.about, "", usage, *(["", "Args:", *listed] if listed else [])])
    return typed


def program_class(owner: Family) -> type[Program]:
    """The class of a program, with a method for each of its verbs; made once."""
    if owner.name not in _CLASSES:
        methods: dict[str, object] = {
            method_name(verb): _method(owner, verb) for verb in owner.verbs.values()
        }
        _CLASSES[owner.name] = type(class_name(owner), (Program,), {"__doc__": owner.about, **methods})
    return _CLASSES[owner.name]


def door(names: Sequence[str]) -> dict[str, property]:
    """Programs by name as properties of whatever has ``run(line)``."""

    def program(owner: Family) -> property:
        made = program_class(owner)

        def get(self: Any) -> Program:
            return made(self.run)

        return property(get, doc=owner.about)

    return {name: program(FAMILIES[name]) for name in names}
