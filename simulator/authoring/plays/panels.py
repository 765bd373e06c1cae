"""What a learner may watch, one value a minute: golden signals, SLIs, and every metric of the cluster.

Two runs of one seed share their luck, so a panel that differs between them differs for a reason. Still a pod
that starts a second later shuffles who waits for whom; so a panel has moved when it stands off by more than
it moves by itself from minute to minute.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import isfinite, nan
from statistics import median
from typing import Final

import numpy as np
from numpy.typing import NDArray

from simulator.coach.signals import percent
from simulator.drill import Run
from simulator.telemetry import signals
from simulator.telemetry.family import Family
from simulator.units import MINUTE

Integers = NDArray[np.int64]
Floats = NDArray[np.float64]
Panels = dict[str, tuple[float | None, ...]]

#: The panels that a person looks at first, by what they show, with the change that is noise (own unit).
_GOLDEN: Final = {
    "errors": 0.004,
    "latency": 0.03,
    "traffic": 2.0,
    "saturation": 0.08,
    "queue": 4.0,
    "sli": 0.002,
}
#: A change smaller than this share of what the panel shows is noise in any panel.
_SHARE: Final = 0.05
#: How often a panel's own step from minute to minute a change must be.
_STEPS: Final = 4.0
#: A single minute of a golden signal counts if it is so many times as large; else two in a row must be.
_BURST: Final = 3.0
#: What the cluster says of its own objects has no noise: one object more or less, in any minute.
_STATE: Final = "kube_"
_OBJECT: Final = 0.9
#: Any other metric has strays; so many a minute are none.
_STRAY: Final = 3.0
#: The metrics of the cluster and its machines; those of requests are in the golden signals.
_SKIPPED: Final = (
    "http_requests",
    "http_request_",
    "lb_requests",
    "user_",
    "prober_",
    "up",
    "workers_",
    "queue_",
)
#: Labels that name one pod, or that are no part of what is watched.
_OWN: Final = frozenset(
    ("namespace", "pod", "container", "pod_ip", "internal_ip", "replicaset", "created_by_name", "le", "unit")
)


def panels(run: Run) -> Panels:
    """Every panel of a run up to now."""
    minutes = run.now // MINUTE
    found = dict(_golden(run, minutes))
    found.update(_metrics(run, minutes))
    return {name: _short(values) for name, values in found.items()}


def _golden(run: Run, minutes: int) -> Iterator[tuple[str, Sequence[float]]]:
    assert run.telemetry.frame is not None, "a run has been scraped by the time that it begins"
    ends = [(number + 1) * MINUTE for number in range(minutes)]
    for service in run.telemetry.frame.services:
        shown = signals(run.telemetry, service, 0, run.now, window=MINUTE)
        rows = np.searchsorted(shown.times, ends, "right") - 1
        for name, column in (
            ("errors", shown.error_ratio),
            ("latency", shown.p99),
            ("traffic", shown.total),
            ("saturation", shown.saturation),
            ("queue", shown.queue),
        ):
            yield f"{name}:{service}", column[rows].tolist()
        for version, column in shown.traffic.items():
            yield f"traffic:{service}@{version}", column[rows].tolist()
    for name, slo in run.slos.items():
        yield f"sli:{name}", [slo.error_ratio(MINUTE, end) for end in ends]


def _metrics(run: Run, minutes: int) -> Iterator[tuple[str, Sequence[float]]]:
    store = run.telemetry.store
    first, last = store.row_at(0), [store.row_at((number + 1) * MINUTE) for number in range(minutes)]
    rows = np.array([first, *last])
    for name in store.names():
        family = store.family(name)
        if not name.startswith(_SKIPPED) and not name.endswith("_bucket"):
            yield from _family(name, family, rows)


def _family(name: str, family: Family, rows: Integers) -> Iterator[tuple[str, Sequence[float]]]:
    series = family.select()
    raw, there = family.read_rows(series, rows), family.present_at(series, rows)
    values = np.where(there, raw, 0) / family.metric.divisor
    groups: dict[str, Floats] = {}
    for labels, own in zip(family.labels(series), values, strict=True):
        place = grouped(labels)
        groups[place] = groups[place] + own if place in groups else own
    for place, summed in groups.items():
        grown = np.diff(summed) if family.metric.type == "counter" else summed[1:]
        yield f"{name}{{{place}}}", grown.tolist()


def grouped(labels: Mapping[str, str]) -> str:
    """What is left of a series' labels when those that name one pod are gone."""
    return ",".join(f"{key}={value}" for key, value in sorted(labels.items()) if key not in _OWN)


def _short(values: Sequence[float]) -> tuple[float | None, ...]:
    """Rounded to six digits; one value alone where all are equal."""
    rounded = tuple(float(f"{value:.6g}") if isfinite(value) else None for value in values)
    return rounded[:1] if len(set(rounded)) == 1 else rounded


def golden_panels(found: Mapping[str, Sequence[float | None]]) -> frozenset[str]:
    """The panels that are looked at first: the golden signals of each service, and the SLIs."""
    return frozenset(name for name in found if name.partition(":")[0] in _GOLDEN and "@" not in name)


# --- two runs -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Moved:
    """A panel that differs between two runs of one seed by more than noise.

    Attributes:
        name: The panel's.
        minute: The first minute in which it does, from 0.
        without: Its value then in the run that lacks something.
        with_: Its value in the other.
        times: How many times the noise the largest difference is.
    """

    name: str
    minute: int
    without: float
    with_: float
    times: float

    @property
    def golden(self) -> bool:
        """Whether it is one of the panels that are looked at first."""
        return self.name.partition(":")[0] in _GOLDEN

    @property
    def words(self) -> str:
        """The finding for a table."""
        kind = self.name.partition(":")[0]

        def shown(value: float) -> str:
            if value != value:
                return "nothing"
            if kind in ("errors", "saturation", "sli"):
                return percent(value)
            return f"{1000 * value:.0f} ms" if kind == "latency" else f"{value:.4g}"

        return f"{self.name} from {shown(self.without)} to {shown(self.with_)}"


def moved(
    without: Mapping[str, Sequence[float | None]],
    with_: Mapping[str, Sequence[float | None]],
    since: int,
    minutes: int,
) -> list[Moved]:
    """The panels that differ from minute ``since`` up to ``minutes``, the clearest golden signal first.

    Args:
        without: Panels of the run that lacks something.
        with_: Panels of the run that has it.
        since: The minute in which it happened.
        minutes: How many minutes both runs cover.
    """
    found = []
    for name in sorted({*without, *with_}):
        before, after = _values(without.get(name), minutes), _values(with_.get(name), minutes)
        finding = _compared(name, before, after, since)
        if finding is not None:
            found.append(finding)
    return sorted(found, key=lambda each: (not each.golden, -min(each.times, 1000.0), each.name))


def _values(values: Sequence[float | None] | None, minutes: int) -> list[float]:
    """A panel's values; NaN where nothing was known, or where there was no such panel."""
    if values is None:
        return [nan] * minutes
    whole = [nan if value is None else value for value in values]
    return (whole * minutes if len(whole) == 1 else whole)[:minutes]


def _compared(name: str, without: list[float], with_: list[float], since: int) -> Moved | None:
    noise, burst = _noise(name, without), _burst(name)
    sizes = []
    for a, b in zip(without[since:], with_[since:], strict=True):
        one_sided = isfinite(a) != isfinite(b)
        sizes.append(burst if one_sided else abs(b - a) / noise if isfinite(a) and isfinite(b) else 0.0)
    for number, size in enumerate(sizes):
        lasting = min(size, sizes[number + 1]) if number + 1 < len(sizes) else 0.0
        if size >= burst or lasting >= 1.0:
            place = since + number
            return Moved(name, place, without[place], with_[place], max(sizes))
    return None


def _burst(name: str) -> float:
    """How many times its noise a panel must move in a single minute to have moved."""
    if name.startswith(_STATE):
        return 1.0
    return _BURST if name.partition(":")[0] in _GOLDEN else float("inf")


def _noise(name: str, values: list[float]) -> float:
    """What a panel moves by itself: four of its usual steps, its floor, or a twentieth of its value."""
    known = [value for value in values if isfinite(value)]
    if name.startswith(_STATE):
        return _OBJECT
    floor = _GOLDEN.get(name.partition(":")[0], _STRAY)
    if not known:
        return floor
    steps = [abs(b - a) for a, b in pairwise(known)]
    usual = 1.4826 * median(steps) / 2**0.5 if steps else 0.0
    return max(floor, _STEPS * usual, _SHARE * abs(median(known)))
