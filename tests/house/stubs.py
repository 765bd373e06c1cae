"""``simulator/api/verbs.pyi``, made from the registry of the console's families.

``python -m tests.house.stubs`` writes it anew after a verb or flag has changed.
"""

from __future__ import annotations

from simulator.api import typed, verbs
from simulator.drill.console import FAMILIES, Family, Verb
from tests.house.lockstep import ROOT

PATH = ROOT / "simulator" / "api" / "verbs.pyi"
_WIDTH = 110
_HEAD = """# Types of verbs.py, made from the console's registry: python -m tests.house.stubs writes them.

from collections.abc import Callable, Sequence

from simulator.drill import Answer

OWN: tuple[str, ...]
NAMES: tuple[str, ...]

class Program:
    def __init__(self, run: Callable[[str], Answer]) -> None: ...
"""


def stub_text() -> str:
    """The whole file, as ruff leaves it."""
    programs = [_program(FAMILIES[name]) for name in sorted(FAMILIES)]
    door = ["class Verbs:"]
    for name in verbs.NAMES:
        door += ["    @property", f"    def {name}(self) -> {typed.class_name(FAMILIES[name])}: ..."]
    return "\n".join([_HEAD, *programs, *door, ""])


def _program(owner: Family) -> str:
    lines = [f"class {typed.class_name(owner)}(Program):"]
    for verb in owner.verbs.values():
        lines += _method(verb)
    return "\n".join([*lines, ""])


def _method(verb: Verb) -> list[str]:
    flags = [f"{typed.identifier(flag.name)}: {typed.annotation(flag)} = None" for flag in verb.flags]
    flags = [each.removesuffix("None") + "..." for each in flags]
    head = f"    def {typed.method_name(verb)}"
    single = f"{head}({', '.join(['self', '*words: str', *flags])}) -> Answer: ..."
    if len(single) <= _WIDTH:
        return [single]
    inside = ", ".join(["self", "*words: str", *flags])
    if len(inside) + 8 <= _WIDTH:
        return [f"{head}(", f"        {inside}", "    ) -> Answer: ..."]
    return [
        f"{head}(",
        *(f"        {each}," for each in ("self", "*words: str", *flags)),
        "    ) -> Answer: ...",
    ]


if __name__ == "__main__":
    PATH.write_text(stub_text(), encoding="utf-8")
