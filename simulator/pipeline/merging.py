"""Into the branch: at once, or through a merge queue that tests each change on top of those before it.

Source: GitHub's "Managing a merge queue". Each entry has a ``merge_group`` run of its own, on the branch with
everything ahead of it in the queue. An entry whose run fails is taken out and those behind it are built anew.
What has passed at the head merges together, as one push.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from dataclasses import dataclass
from math import prod
from typing import Literal

import simpy

from simulator.pipeline.changes import Branch, Change, Commit, Defect
from simulator.pipeline.forge import Forge
from simulator.pipeline.luck import Luck
from simulator.pipeline.running import Run
from simulator.pipeline.settings import MergeQueue
from simulator.streams import fold, key


class Merger:
    """Merges changes.

    Args:
        env: The clock.
        forge: What runs the checks of a queue.
        branch: What is merged into.
        luck: Whose.
        skew: The chance that a change breaks with one that merged since it was tested.
        passed: Whether a run's required checks have passed.
        pushed: Called with what the branch is after each push.
    """

    def __init__(
        self,
        env: simpy.Environment,
        forge: Forge,
        branch: Branch,
        luck: Luck,
        skew: float,
        passed: Callable[[Run], bool],
        pushed: Callable[[Commit], None],
    ) -> None:
        self._env, self._forge, self.branch, self._luck = env, forge, branch, luck
        self._skew, self.passed, self._pushed = skew, passed, pushed
        self._clashes: dict[int, Defect] = {}

    def clash(self, change: Change, ahead: int) -> Defect | None:
        """The defect of a change that does not go with one of those that it was not tested with.

        Args:
            change: Tested on the branch as it was when it had ``change.base`` commits.
            ahead: Commits that it comes after now.
        """
        apart = max(0, ahead - change.base)
        chance = 1.0 - prod([1.0 - self._skew] * apart)  # a power's last bit differs by machine
        if self._luck.uniform("skew", change.key, change.pushes) >= chance:
            return None
        own = fold(change.key, key("skew"), change.pushes)
        if own not in self._clashes:
            self._clashes[own] = Defect("failing-unit", own, change.number, 1.0, self._env.event(), skew=True)
        return self._clashes[own]

    @property
    def clashes(self) -> list[Defect]:
        """Every clash so far."""
        return list(self._clashes.values())

    def merge(self, changes: list[Change], clashes: list[Defect]) -> None:
        """Merge these at once, as one push."""
        for change in changes:
            change.defects += [defect for defect in clashes if defect.change == change.number]
        self._pushed(self.branch.merge(changes, int(self._env.now)))

    def merge_now(self, change: Change) -> None:
        """Merge one change without a queue; whether it goes with the others is seen afterwards."""
        clash = self.clash(change, self.branch.index)
        self.merge([change], [clash] if clash is not None else [])


@dataclass(eq=False)
class _Entry:
    """A change in the queue."""

    change: Change
    done: simpy.Event
    entered: int
    state: Literal["waiting", "building", "passed", "failed"] = "waiting"
    clash: Defect | None = None
    run: Run | None = None
    ready: int = 0


class Queue:
    """A merge queue.

    Args:
        env: The clock.
        forge: What runs the checks.
        merger: What merges.
        rules: Its sizes and times.
    """

    def __init__(self, env: simpy.Environment, forge: Forge, merger: Merger, rules: MergeQueue) -> None:
        self._env, self._forge, self._merger, self._rules = env, forge, merger, rules
        self._entries: list[_Entry] = []

    def add(self, change: Change) -> simpy.Event:
        """Put a change in; the event's value is the failed run that took it out, or None when it merged."""
        entry = _Entry(change, self._env.event(), int(self._env.now))
        self._entries.append(entry)
        self._build()
        return entry.done

    def _build(self) -> None:
        """Start runs for as many entries as may build at once, from the head on."""
        building = sum(entry.state == "building" for entry in self._entries)
        for place, entry in enumerate(self._entries):
            if entry.state != "waiting":
                continue
            if building >= self._rules.build_concurrency:
                return
            entry.state = "building"
            building += 1
            entry.run = self._forge.start(self._commit(place), "merge_group")
            self._env.process(self._watch(entry, entry.run))

    def _commit(self, place: int) -> Commit:
        branch, stack = self._merger.branch, self._entries[: place + 1]
        defects = branch.left([entry.change for entry in stack])
        for depth, entry in enumerate(stack):
            entry.clash = self._merger.clash(entry.change, branch.index + depth)
            defects += entry.change.defects
            defects += [entry.clash] if entry.clash is not None else []
        head = stack[-1].change
        lock = branch.cache_key if head.cache_key is None else head.cache_key
        ref = f"refs/heads/gh-readonly-queue/{branch.name}/pr-{head.number}"
        changes = tuple(entry.change for entry in stack)
        return Commit(ref, head, tuple(defects), lock, branch.index, changes)

    def _watch(self, entry: _Entry, run: Run) -> Generator[simpy.Event, None, None]:
        yield run.done
        if entry.run is not run:  # built anew meanwhile
            return
        passed = self._merger.passed(run)
        entry.state, entry.ready = "passed" if passed else "failed", int(self._env.now)
        yield self._env.timeout(0)  # those that end at this instant merge together
        self._settle()
        if passed and self._rules.min_group_size > 1 and entry in self._entries:
            yield self._env.timeout(self._rules.wait)
            self._settle()

    def _settle(self) -> None:
        """Merge what can be merged, and take out what failed once all ahead of it has passed."""
        self._merge()
        place = next((place for place, each in enumerate(self._entries) if each.state != "passed"), None)
        if place is None or self._entries[place].state != "failed":
            return
        failed = self._entries.pop(place)
        for behind in self._entries[place:]:
            stale, behind.run, behind.state = behind.run, None, "waiting"
            if stale is not None:
                self._forge.cancel(stale)
        self._build()
        failed.done.succeed(failed.run)

    def _merge(self) -> None:
        """Merge what has passed at the head, if it is enough or has waited long enough."""
        now = int(self._env.now)
        while True:
            group: list[_Entry] = []
            for entry in self._entries[: self._rules.max_group_size]:
                if entry.state != "passed":
                    break
                group.append(entry)
            waited = bool(group) and now - group[0].ready >= self._rules.wait
            if not group or (len(group) < self._rules.min_group_size and not waited):
                return
            del self._entries[: len(group)]
            clashes = [entry.clash for entry in group if entry.clash is not None]
            self._merger.merge([entry.change for entry in group], clashes)
            for entry in group:
                entry.done.succeed(None)
            self._build()
