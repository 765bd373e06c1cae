"""Others' actions in the workflow: which commit a tag names at a moment, and what that puts into images.

A step that names a commit gets this commit for ever. One that names a tag gets whatever the tag's owner, or
whoever acts as its owner, says on the day.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from simulator.engine.delivery.jobs import Job
from simulator.engine.delivery.repository import commit_id
from simulator.scenario.effects import Effect
from simulator.scenario.sealed import VersionModel
from simulator.scenario.workflow import MoveTag

_COMMIT: Final = re.compile(r"[0-9a-f]{40}")


@dataclass(frozen=True, slots=True)
class Move:
    """A tag names another commit.

    Attributes:
        at: From when on, ns.
        uses: Action and tag.
        commit: What it names from then on.
        effects: What images do that are built with it.
    """

    at: int
    uses: str
    commit: str
    effects: tuple[Effect, ...]


class Actions:
    """What every tag has named so far."""

    def __init__(self) -> None:
        self._moves: list[Move] = []

    def move(self, at: int, change: MoveTag) -> None:
        """Let a tag name another commit from ``at`` on."""
        self._moves.append(Move(at, _bare(change.uses), change.commit, change.effects))

    def commit(self, uses: str, at: int) -> str:
        """The commit that a step got which used this at ``at`` (ns)."""
        bare = _bare(uses)
        ref = bare.partition("@")[2]
        if _COMMIT.fullmatch(ref):
            return ref
        move = self._newest(bare, at)
        return move.commit if move is not None else commit_id(bare)

    def models(self, workload: str, jobs: Sequence[Job], began: int) -> Iterator[VersionModel]:
        """What the actions of a run add to a workload's image that it builds.

        Args:
            workload: Whose image.
            jobs: Of the run.
            began: When it began, ns.
        """
        for job in jobs:
            for step in job.steps:
                if not step.uses or step.skipped:
                    continue
                move = self._newest(_bare(step.uses), began + job.begins(step.name))
                for effect in move.effects if move is not None else ():
                    if effect.workload == workload:
                        yield effect.model

    def _newest(self, bare: str, at: int) -> Move | None:
        found = [move for move in self._moves if move.uses == bare and move.at <= at]
        return found[-1] if found else None


def _bare(uses: str) -> str:
    """Without the comment in which people keep the tag of a commit."""
    return uses.partition(" # ")[0]
