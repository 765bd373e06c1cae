"""What an instance runs may change while it runs: another program, and variants of it for shares of users.

A change counts for requests that begin to be computed from then on; who is computing, or waits for a call,
ends under the program with which it began. So a setting that is pushed, a flag that is turned and a fault
that comes are one thing here: the same instance with another program.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from simulator.dataplane import kernel, state
from simulator.dataplane.equipment import SETTINGS, set_pools, settings
from simulator.dataplane.memory import Memory, Names
from simulator.dataplane.model import Pool
from simulator.dataplane.programs import Programs
from simulator.dataplane.ranges import within
from simulator.errors import GamedayError

#: Splits of one instance, at most: a variant is laid down for every subset of them.
MOST_SPLITS: Final = 6


@dataclass(frozen=True, slots=True)
class Split:
    """Some of the users, always the same ones.

    Attributes:
        bit: Which bit of a variant's number it sets; two splits with one bit are the union of their users.
        key: 64 bits; the draw of a user hangs on it and on the user alone.
        share: Of all users.
    """

    bit: int
    key: int
    share: float

    def __post_init__(self) -> None:
        within("bit", self.bit, 0, MOST_SPLITS - 1)
        within("share", self.share, 0.0, 1.0)


class Variants:
    """The changes of one data plane's instances.

    Args:
        memory: Of the data plane.
        names: Of the data plane.
        programs: Of the data plane.
    """

    def __init__(self, memory: Memory, names: Names, programs: Programs) -> None:
        self._memory = memory
        self._names = names
        self._programs = programs
        self._ballast: dict[int, int] = {}
        self._laid: dict[tuple[int, ...], int] = {}
        self._splits: dict[tuple[Split, ...], int] = {}

    def run(self, instance: int, programs: Sequence[int], splits: Sequence[Split]) -> None:
        """Let an instance run other programs; see ``DataPlane.run_program``."""
        info, memory = self._names.instances[instance], self._memory
        bits = max((split.bit for split in splits), default=-1) + 1
        if len(programs) != 1 << bits:
            raise GamedayError(
                info.pod,
                expected=f"{1 << bits} programs for {bits} kinds of users",
                got=str(len(programs)),
                todo="Give one for each subset of the splits' bits.",
            )
        for program in programs:
            self._check(instance, program, programs[0])
        row = memory.instance[instance]
        row["split"], row["splits"] = self._split_rows(tuple(splits)), len(splits)
        row["variant"] = self._variant_rows(tuple(programs))
        row["program"] = self._programs.known[programs[0]][3]
        behaviour = self._programs.known[programs[0]][2]
        kept = int(row["features"]) & ~SETTINGS
        row["features"] = kept | settings(row, behaviour) | kernel.I_CHANGED
        row["memory"] += self._ballast.get(instance, 0)
        set_pools(memory, row, self._programs.pools[programs[0]])
        memory.widen()

    def set_ballast(self, instance: int, size: int) -> None:
        """Let something beside the process take so many bytes; see ``DataPlane.set_ballast``."""
        within("ballast", size, 0, 1 << 50)
        self._memory.instance[instance]["memory"] += size - self._ballast.get(instance, 0)
        self._ballast[instance] = size

    def _check(self, instance: int, program: int, first: int) -> None:
        info = self._names.instances[instance]
        owner = self._programs.known[program][0]
        if owner != info.service:
            raise GamedayError(
                info.pod, expected=f"a version of {info.service}", got=f"one of {owner}", todo="Pass its own."
            )
        before = len(self._programs.pools[self._program_of(instance)])
        if len(self._programs.pools[program]) != before:
            raise GamedayError(
                info.pod,
                expected=f"{before} connection pools, as its process has",
                got=f"{len(self._programs.pools[program])}",
                todo="A change while it runs may resize pools, not add or remove them.",
            )
        if program != first and self._pools(program) != self._pools(first):
            raise GamedayError(
                info.pod,
                expected="variants whose connection pools are the same",
                got="different ones",
                todo="Users share the pools of a process.",
            )

    def _pools(self, program: int) -> list[tuple[str, Pool]]:
        return self._programs.pools[program]

    def _program_of(self, instance: int) -> int:
        """The number of the program whose first row an instance has."""
        first = int(self._memory.instance[instance]["program"])
        return next(number for number, known in enumerate(self._programs.known) if known[3] == first)

    def _split_rows(self, splits: tuple[Split, ...]) -> int:
        """First row of these splits, laid down once."""
        if splits not in self._splits:
            first = self._splits[splits] = len(self._memory.split)
            self._memory.split = state.grown(self._memory.split, first + len(splits))
            for row, split in zip(self._memory.split[first:], splits, strict=True):
                row["bit"], row["key"], row["below"] = split.bit, split.key, state.chance(split.share)
            self._memory.changed()
        return self._splits[splits]

    def _variant_rows(self, programs: tuple[int, ...]) -> int:
        """Place of these programs' first rows, laid down once."""
        if programs not in self._laid:
            self._laid[programs] = len(self._memory.variants)
            rows = [self._programs.known[program][3] for program in programs]
            self._memory.variants = np.concatenate([self._memory.variants, np.array(rows, dtype=np.int64)])
            self._memory.changed()
        return self._laid[programs]
