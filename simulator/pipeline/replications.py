"""The same months with other luck: intervals over replications, and what-ifs paired on the same luck.

Replications run side by side. Each is a function of the pipeline and its seed alone, and they are put
together in the order of their seeds, so the number of workers changes nothing.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from math import sqrt
from statistics import mean, stdev
from typing import TYPE_CHECKING, Final

from joblib import Parallel, delayed
from scipy.special import stdtrit

from simulator.errors import GamedayError
from simulator.pipeline.edits import Edit
from simulator.pipeline.loading import Source
from simulator.pipeline.simulation import Pipeline

if TYPE_CHECKING:
    import pandas as pd

MOST: Final = 1_000
#: What a table shows of each measure: its name for people.
NAMES: Final[dict[str, str]] = {
    "deployments_per_day": "deployments a day",
    "lead_time_hours": "lead time, hours (median)",
    "change_failure_rate": "change failure rate",
    "restore_hours": "time to restore, hours (median)",
    "queue_minutes": "wait for a runner, minutes (mean)",
    "checks_minutes": "checks of a change, minutes (median)",
    "runner_hours_per_day": "runner hours a day",
    "caught": "defects caught",
    "slipped": "defects that reached production",
    "incidents": "incidents",
    "changes_deployed": "changes in production",
}


@dataclass(frozen=True, slots=True)
class Interval:
    """A mean with its 95 % interval by Student's t; the ends are the mean where there is one value."""

    mean: float
    low: float
    high: float
    count: int

    @classmethod
    def of(cls, values: Sequence[float]) -> Interval:
        """The interval of a mean.

        Args:
            values: One a replication; at least one.
        """
        middle = mean(values)
        if len(values) < 2:
            return cls(middle, middle, middle, len(values))
        half = float(stdtrit(len(values) - 1, 0.975)) * stdev(values) / sqrt(len(values))
        return cls(middle, middle - half, middle + half, len(values))

    def __str__(self) -> str:
        return f"{self.mean:.3g} ({self.low:.3g} to {self.high:.3g})"


@dataclass(frozen=True, slots=True)
class Difference:
    """One measure as it is and with an edit.

    Attributes:
        change: Of pairs on the same luck: with the edit, less without.
    """

    measure: str
    before: Interval
    after: Interval
    change: Interval

    @property
    def clear(self) -> bool:
        """Whether the interval of the change leaves zero out."""
        return self.change.low > 0 or self.change.high < 0


@dataclass(frozen=True, slots=True)
class Comparison:
    """A pipeline against what-ifs of it.

    Attributes:
        days: Simulated in each replication.
        replications: How many.
        differences: By the what-if's sentence, in the order in which they were asked.
    """

    days: float
    replications: int
    differences: dict[str, tuple[Difference, ...]]

    def frame(self) -> pd.DataFrame:
        """One row a what-if and measure, with the paired change and its interval."""
        import pandas as pd

        rows = [
            {
                "what if": name,
                "measure": each.measure,
                "before": each.before.mean,
                "after": each.after.mean,
                "change": each.change.mean,
                "low": each.change.low,
                "high": each.change.high,
                "clear": each.clear,
            }
            for name, differences in self.differences.items()
            for each in differences
        ]
        return pd.DataFrame(rows).set_index(["what if", "measure"])

    def __str__(self) -> str:
        lines = [f"{self.replications} replications of {self.days:g} days, paired on the same luck."]
        for name, differences in self.differences.items():
            clear = [each for each in differences if each.clear]
            said = [f"{NAMES[each.measure]} {each.change.mean:+.3g}" for each in clear]
            lines.append(f"{name[:1].upper()}{name[1:]}: {'; '.join(said) or 'no clear difference'}.")
        return "\n".join(lines)


def replicate(
    sources: Sequence[Source],
    *,
    days: float,
    replications: int,
    seed: int,
    workers: int | None = None,
    done: Callable[[int, int], None] | None = None,
) -> list[list[dict[str, float]]]:
    """Measures of each pipeline in each replication.

    Args:
        sources: The pipelines.
        days: Each.
        replications: How many; the seeds are ``seed`` and the numbers after it.
        seed: The first.
        workers: Processes; None takes as many as there are processors.
        done: Called with (simulations finished, simulations in all), for a progress bar.

    Raises:
        GamedayError: So many replications can't be run.
    """
    if not 1 <= replications <= MOST:
        raise GamedayError(
            "replications",
            expected=f"from 1 to {MOST:,}",
            got=repr(replications),
            todo="Twenty show most differences.",
        )
    tasks = [(source, days, seed + number) for number in range(replications) for source in sources]
    count = max(1, min(os.cpu_count() or 1 if workers is None else workers, len(tasks)))
    found: list[dict[str, float]] = []
    parallel = Parallel(n_jobs=count, return_as="generator")
    for measures in parallel(delayed(_measured)(*task) for task in tasks):
        found.append(measures)
        if done is not None:
            done(len(found), len(tasks))
    width = len(sources)
    return [found[place::width] for place in range(width)]


def _measured(source: Source, days: float, seed: int) -> dict[str, float]:
    return Pipeline(source, seed=seed).run(days).measures()


def compare(
    source: Source,
    edits: Sequence[Edit] | Mapping[str, Edit],
    *,
    days: float,
    replications: int,
    seed: int,
    workers: int | None = None,
    done: Callable[[int, int], None] | None = None,
) -> Comparison:
    """A pipeline with each of some edits against itself, on the same luck.

    Raises:
        GamedayError: An edit means nothing here, or so many replications can't be run.
    """
    named = dict(edits) if isinstance(edits, Mapping) else {edit.sentence: edit for edit in edits}
    sources = [source, *(edit.apply(source) for edit in named.values())]
    before, *others = replicate(
        sources, days=days, replications=replications, seed=seed, workers=workers, done=done
    )
    return Comparison(
        days,
        replications,
        {name: tuple(_differences(before, after)) for name, after in zip(named, others, strict=True)},
    )


def _differences(before: list[dict[str, float]], after: list[dict[str, float]]) -> list[Difference]:
    made = []
    for measure in NAMES:
        pairs = [
            (first[measure], second[measure])
            for first, second in zip(before, after, strict=True)
            if measure in first and measure in second
        ]
        if pairs:
            made.append(
                Difference(
                    measure,
                    Interval.of([first for first, _ in pairs]),
                    Interval.of([second for _, second in pairs]),
                    Interval.of([second - first for first, second in pairs]),
                )
            )
    return made
