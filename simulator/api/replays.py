"""A run beside other plays of the same users, as the public door shows them: with their charts."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, Final

from rich.progress import Progress

from simulator import drill as runs
from simulator.api import arguments
from simulator.drill import Comparison, Run, SideBySide, compare, ghost
from simulator.errors import GamedayError
from simulator.lab import Plots
from simulator.lab.plots.style import Picture


@dataclass(frozen=True, slots=True, repr=False)
class WhatIf(Comparison):
    """A comparison that can also draw itself."""

    @classmethod
    def of(cls, comparison: Comparison) -> WhatIf:
        """The same comparison, with its plot."""
        return cls(**{field.name: getattr(comparison, field.name) for field in fields(comparison)})

    def plot(self) -> Picture:
        """Both budget curves on one chart."""
        return Plots(self.run).comparison(self)


@dataclass(frozen=True, slots=True, repr=False)
class Compared(SideBySide):
    """Plays side by side that can also draw themselves."""

    run: Run

    @classmethod
    def of(cls, found: SideBySide, run: Run) -> Compared:
        """The same plays, with their plot."""
        return cls(found.slo, found.played, run)

    def plot(self) -> Picture:
        """All budget curves on one chart, each with its decisions."""
        return Plots(self.run).side_by_side(self)


def what_if(run: Run, **edits: Any) -> WhatIf:
    """A run played again with other decisions; see ``Drill.what_if``."""
    return WhatIf.of(runs.what_if(run, **_checked("what_if", edits)))


def compared(run: Run, others: Sequence[str | Path], what_ifs: Mapping[str, Mapping[str, Any]]) -> Compared:
    """A run beside other players, run files and its own what-ifs; see ``Drill.compare``."""
    plays = {each if isinstance(each, str) else each.name: ghost(run, each) for each in others}
    edits = [_edits_of(name, each) for name, each in what_ifs.items()]
    if taken := [name for name in what_ifs if name == "yours" or name in plays]:
        raise GamedayError(
            "compare",
            expected="a name of its own for each play",
            got=repr(taken[0]) + " twice",
            todo="Give the what-if another name.",
        )
    if edits:  # a bar over nothing would leave an empty output behind
        with progress("playing it again") as done:
            for name, found in zip(what_ifs, runs.what_ifs(run, edits, done=done), strict=True):
                plays[name] = found.other_run
    return Compared.of(compare({"yours": run, **plays}), run)


@contextmanager
def progress(words: str) -> Iterator[Callable[[int, int], None]]:
    """A bar that goes when all is done; yields what is told (finished, in all)."""
    with Progress(transient=True) as bar:
        task = bar.add_task(words, total=None)
        yield lambda count, whole: bar.update(task, completed=count, total=whole)


#: What a what-if can change.
_KINDS: Final = ("move", "drop", "insert", "replace")


def _edits_of(name: str, edits: object) -> dict[str, Any]:
    """One named what-if of ``compare``.

    Raises:
        GamedayError: It is no mapping, or it changes something that no what-if can.
    """
    where = f"compare, {name}"
    if not isinstance(edits, Mapping) or not edits:
        raise GamedayError(
            where,
            expected='a what-if\'s arguments such as {"move": {3: "7m"}}',
            got=repr(edits)[:80],
            todo="Change the argument in this cell.",
        )
    if unknown := [each for each in edits if each not in _KINDS]:
        raise GamedayError(
            where,
            expected="one of " + ", ".join(_KINDS),
            got=repr(unknown[0]),
            todo="Change the argument in this cell.",
        )
    return _checked(where, edits)


def _checked(where: str, edits: Mapping[str, Any]) -> dict[str, Any]:
    """The arguments of a what-if, as the drill takes them."""
    return {
        "move": arguments.by_act(f"{where}(move=…)", edits.get("move"), 'times such as {3: "7m"}'),
        "drop": arguments.numbers(f"{where}(drop=…)", edits.get("drop", ())),
        "insert": arguments.insertions(f"{where}(insert=…)", edits.get("insert", ())),
        "replace": arguments.by_act(
            f"{where}(replace=…)", edits.get("replace"), 'lines such as {4: "kubectl top pods"}'
        ),
    }
