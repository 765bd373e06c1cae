"""Ghosts: another play of the same users, to lie under one's own on a chart."""

from __future__ import annotations

from pathlib import Path

from simulator.drill.codes import RunCode
from simulator.drill.players import play_run, players
from simulator.drill.replaying import replay
from simulator.drill.run import Run
from simulator.errors import GamedayError


def ghost(run: Run, other: str | Path) -> Run:
    """Another play of a run's scenario, variant and seed, played to its end.

    Args:
        run: One's own.
        other: A player, such as ``reference``, ``nothing`` or a wrong path's name; or the path of a run file.

    Raises:
        GamedayError: Neither a player nor a file, or a run file of other users.
        JournalError: The run file is damaged.
    """
    names = players(run.scenario)
    if str(other) in names:
        return play_run(run.scenario, run.seed, player=str(other), compiled=run.compiled)
    if not Path(other).exists():
        raise GamedayError(
            "ghost",
            expected=f"a player ({', '.join(names)}) or the path of a run file",
            got=repr(str(other)),
            todo="For example ghost='reference'.",
        )
    found = replay(Path(other), to_end=True, compiled=run.compiled)
    if RunCode.of(found) != RunCode.of(run):
        raise GamedayError(
            f"ghost {str(other)!r}",
            expected=f"a run of {RunCode.of(run)}",
            got=str(RunCode.of(found)),
            todo="A ghost meets the same users as you: play its run code, or take another file.",
        )
    return found
