"""What is kept of one play: enough for every point of the proof, and small enough to keep on disk."""

from __future__ import annotations

import gzip
from dataclasses import field
from typing import Final, NamedTuple

from pydantic import TypeAdapter, ValidationError
from pydantic.dataclasses import dataclass

#: From one value of ``spent`` to the next, seconds.
SPENT_EVERY: Final = 30


class Judged(NamedTuple):
    """A check of the scenario, judged at one instant as if the drill were over then.

    Attributes:
        id: The check's.
        passed: Whether it holds.
        by_absence: Whether it holds only since something was not done.
    """

    id: str
    passed: bool
    by_absence: bool


class Objective(NamedTuple):
    """One SLO over the whole play.

    Attributes:
        name: The SLO's.
        ratio: Share of bad units since T+00:00; None where nothing was asked.
        allowance: The share that the objective allows.
        spent: Share of the window's budget that the drill spent.
    """

    name: str
    ratio: float | None
    allowance: float
    spent: float


class Calm(NamedTuple):
    """A stretch in which users were served again, in seconds; ``end`` is None where it lasts."""

    start: float
    end: float | None


@dataclass(frozen=True)
class Record:
    """What became of one play. All instants in seconds since T+00:00.

    Attributes:
        digest: Of the run where it was left; empty of a run at which nobody looked.
        until: Where it was left.
        paged_at: First page of this system, or None.
        paged_slo: The objective that rang first; empty without a page.
        spent: Share of the window's budget that was spent by every half minute, from 0, worst SLO; then at
            ``until``.
        objectives: Each SLO.
        checks: Judged where the run was left.
        checks_at_call: Judged when the learner is called: at the first page, else when all has happened.
        checks_when_lucky: Judged once users were served again for a single minute; empty if never.
        calms: Stretches in which users were served again.
        refused: Lines of the play that were not carried out, with what was answered.
        acts: What was typed, resolved: (instant in ns, line, actor).
        panels: Panels by name, one value a minute; a panel that never moves has one value in all.
        improved_seconds: How long the signal that should look right looked better at a stretch.
        improved: That signal before the act and afterwards, in words.
        answer: What an observation showed.
        series: What a PromQL observation gave, by labels.
        cpu_seconds: CPU time of the play.
        cpu_ratio: The same in units of a calibration loop in the same process.
    """

    digest: str = ""
    until: float = 0.0
    paged_at: float | None = None
    paged_slo: str = ""
    spent: tuple[float, ...] = ()
    objectives: tuple[Objective, ...] = ()
    checks: tuple[Judged, ...] = ()
    checks_at_call: tuple[Judged, ...] = ()
    checks_when_lucky: tuple[Judged, ...] = ()
    calms: tuple[Calm, ...] = ()
    refused: tuple[str, ...] = ()
    acts: tuple[tuple[int, str, str], ...] = ()
    panels: dict[str, tuple[float | None, ...]] = field(default_factory=dict)
    improved_seconds: float = 0.0
    improved: str = ""
    answer: str = ""
    series: dict[str, float] = field(default_factory=dict)
    cpu_seconds: float = 0.0
    cpu_ratio: float = 0.0

    @property
    def budget(self) -> float:
        """Share of the budget spent where the play was left."""
        return self.spent[-1] if self.spent else 0.0

    def budget_at(self, seconds: float) -> float:
        """Share of the budget spent by an instant (the last half minute before it), or at the end."""
        if seconds >= self.until:
            return self.budget
        return self.spent[int(seconds // SPENT_EVERY)]

    def minute(self, panel: str, number: int) -> float | None:
        """A panel's value over the minute of this number, from 0; None where nothing was known."""
        values = self.panels[panel]
        return values[0] if len(values) == 1 else values[number] if number < len(values) else None


_ADAPTER: Final = TypeAdapter(Record)


def packed(record: Record) -> bytes:
    """A record as it is kept on disk; the same bytes for the same record."""
    return gzip.compress(_ADAPTER.dump_json(record), compresslevel=5, mtime=0)


def unpacked(content: bytes) -> Record | None:
    """The record that was kept; None where the bytes are damaged or of another time."""
    try:
        return _ADAPTER.validate_json(gzip.decompress(content))
    except (OSError, EOFError, ValueError, ValidationError):
        return None
