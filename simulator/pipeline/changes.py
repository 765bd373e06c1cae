"""Changes and the defects that they carry, and the branch that they are merged into."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

import simpy

from simulator.pipeline.luck import Luck
from simulator.pipeline.physics import DefectKind, Physics
from simulator.streams import fold, key

#: What hurts users of a release at once, and how long it takes to be noticed: harm, mean and p99 in minutes.
HARM: Final[dict[DefectKind, tuple[float, float, float]]] = {
    "type-error": (0.9, 4, 15),
    "failing-unit": (0.6, 25, 120),
    "vulnerable-dependency": (0.05, 4320, 20000),
    "leaked-secret": (0.5, 1440, 10000),
    "slow-query": (0.5, 15, 60),
    "leak": (0.7, 240, 900),
    "bad-migration": (0.8, 6, 25),
}
#: What taking the version before into service again does not take back.
NOT_ROLLED_BACK: Final = frozenset({"bad-migration", "leaked-secret", "vulnerable-dependency"})


@dataclass(eq=False)
class Defect:
    """A mistake that a change carries until it is mended.

    Attributes:
        key: For its draws.
        change: The number of the change that brought it.
        shows: The chance that it shows in one run of a gate that could see it.
        skew: Whether it came from two good changes that don't go together.
        mended: Happens when a change that mends it is merged, or its own change is pushed anew.
        caught_by: The gate that found it first; empty while none did.
        caught_at: ns.
        known_at: When people learned that the branch carries it; None while they don't.
        live_at: When it first reached production.
        merged_index: Which commit of the branch brought it; None before that.
    """

    kind: DefectKind
    key: int
    change: int
    shows: float
    mended: simpy.Event
    skew: bool = False
    caught_by: str = ""
    caught_at: int | None = None
    known_at: int | None = None
    live_at: int | None = None
    merged_index: int | None = None

    @property
    def open(self) -> bool:
        return not self.mended.triggered


@dataclass(eq=False)
class Change:
    """A change on its way from the first commit to production.

    Attributes:
        number: As the forge counts pull requests, from 1.
        key: For its draws.
        author: The number of the person.
        opened: ns.
        defects: Those not mended yet.
        cache_key: What caches of its runs are keyed by; None is the branch's own.
        urgent: Whether users are hurt until it is out.
        mends: The defect that it is made for.
        dismissed: Gates whose false alarm was dismissed for it.
        pushes: Commits pushed so far.
        turns: Workflow runs that it caused, by event.
        merged: ns, with ``index`` the number of the commit on the branch.
        deployed: When it first reached production, ns.
    """

    number: int
    key: int
    author: int
    opened: int
    defects: list[Defect] = field(default_factory=list)
    cache_key: int | None = None
    urgent: bool = False
    mends: Defect | None = None
    dismissed: list[str] = field(default_factory=list)
    pushes: int = 0
    turns: dict[str, int] = field(default_factory=dict)
    base: int = 0
    merged: int | None = None
    index: int | None = None
    deployed: int | None = None

    @property
    def runs(self) -> int:
        """Workflow runs that it caused."""
        return sum(self.turns.values())


@dataclass(frozen=True, eq=False, slots=True)
class Commit:
    """What a run works on.

    Attributes:
        ref: Such as ``refs/pull/7/merge`` or ``refs/heads/main``.
        head: The change whose luck the run has.
        defects: Everything wrong in it.
        cache_key: What its caches are keyed by.
        index: The number of commits of the branch that it contains.
        changes: Changes that it brings beyond the branch; for a push those that it merged.
    """

    ref: str
    head: Change
    defects: tuple[Defect, ...]
    cache_key: int
    index: int
    changes: tuple[Change, ...]


def make_change(
    env: simpy.Environment, luck: Luck, model: Physics, *, number: int, change_key: int, author: int
) -> Change:
    """A change that is opened now, with the defects that its key gives it."""
    change = Change(number, change_key, author, int(env.now))
    for each in model.defects:
        if luck.uniform("defect", change_key, each.kind) < each.chance:
            change.defects.append(
                Defect(each.kind, fold(change_key, key(each.kind)), number, each.shows, env.event())
            )
    if luck.uniform("cache-key", change_key) < model.cache_key_changes:
        change.cache_key = change_key
    return change


class Branch:
    """The branch that changes are merged into.

    Args:
        name: Such as ``main``.

    Attributes:
        merged: Changes in order of merging.
        present: Defects that its newest commit carries.
    """

    def __init__(self, name: str) -> None:
        self.name = name
        self.merged: list[Change] = []
        self.present: list[Defect] = []
        self.cache_key = 0

    @property
    def ref(self) -> str:
        return f"refs/heads/{self.name}"

    @property
    def index(self) -> int:
        return len(self.merged)

    def proposal(self, change: Change) -> Commit:
        """A change on top of the branch as it is now, as the forge tests pull requests."""
        defects = (*self.left([change]), *change.defects)
        lock = self.cache_key if change.cache_key is None else change.cache_key
        ref = f"refs/pull/{change.number}/merge"
        return Commit(ref, change, defects, lock, self.index, (change,))

    def left(self, changes: Sequence[Change]) -> list[Defect]:
        """The branch's defects that these changes do not mend."""
        mended = [change.mends for change in changes]
        return [defect for defect in self.present if defect not in mended]

    def merge(self, changes: list[Change], now: int) -> Commit:
        """Take changes in, in this order, as one push."""
        for change in changes:
            self.merged.append(change)
            change.merged, change.index = now, self.index
            for defect in change.defects:
                defect.merged_index = self.index
            self.present += change.defects
            if change.cache_key is not None:
                self.cache_key = change.cache_key
            if change.mends is not None and change.mends.open:
                change.mends.mended.succeed()
        self.present = [defect for defect in self.present if defect.open]
        return Commit(self.ref, changes[-1], tuple(self.present), self.cache_key, self.index, tuple(changes))
