"""Metrics as tidy pandas frames, for people who explore: one row a sample, one column a label."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from simulator.telemetry.catalogue import CATALOGUE
from simulator.telemetry.family import Match
from simulator.telemetry.scraper import Telemetry
from simulator.units import MINUTE

if TYPE_CHECKING:
    import pandas as pd


def metrics_frame(
    telemetry: Telemetry,
    names: str | Sequence[str] = (),
    *,
    start: int | None = None,
    end: int | None = None,
    step: int | None = None,
    **match: Match,
) -> pd.DataFrame:
    """Samples as a tidy frame.

    Args:
        telemetry: The run's telemetry.
        names: One metric or several; none means all that have samples.
        start: Only samples after this time, ns.
        end: Only samples until this time, ns.
        step: Keep scrapes at multiples of this, ns; by default every scrape, or one a minute when no metric
            is named.
        **match: Label values that series must have; metrics without such a label are left out.

    Returns:
        Columns ``time`` (a timedelta since T+00:00), ``metric``, one a label (empty text where a metric lacks
        it) and ``value``. A series has no row where it has no sample.

    Raises:
        GamedayError: No such metric.
    """
    import pandas as pd  # most drills never ask for a frame, and pandas is slow to import

    store = telemetry.store
    wanted = [names] if isinstance(names, str) else list(names)
    if not wanted:
        wanted, step = store.names(), step or MINUTE
    low = -(1 << 62) if start is None else start
    high = (1 << 62) if end is None else end
    parts = []
    for name in wanted:
        metric = store.family(name).metric
        if not set(match) <= set(metric.labels):
            continue
        samples = store.range(name, low, high, **match)
        values, times = samples.values, samples.times
        if step:
            kept = times % step == 0
            values, times = values[:, kept], times[kept]
        series, column = np.nonzero(~np.isnan(values))
        frame = pd.DataFrame({"time": pd.to_timedelta(times[column], unit="ns"), "metric": name})
        for label in metric.labels:
            texts = np.array([labels[label] for labels in samples.labels], dtype=object)
            frame[label] = texts[series] if len(texts) else ""
        frame["value"] = values[series, column]
        parts.append(frame)
    if not parts:
        return pd.DataFrame({"time": pd.to_timedelta([], unit="ns"), "metric": [], "value": []})
    joined = pd.concat(parts, ignore_index=True)
    labels = [column for column in joined.columns if column not in ("time", "metric", "value")]
    joined[labels] = joined[labels].fillna("")
    return joined[["time", "metric", *labels, "value"]]


def catalogue_frame(telemetry: Telemetry) -> pd.DataFrame:
    """Every metric with type, labels, help and the number of its series."""
    import pandas as pd

    return pd.DataFrame(
        [
            {
                "metric": metric.name,
                "type": metric.exposed_type,
                "labels": ", ".join(metric.labels),
                "series": len(telemetry.store.family(metric.name)),
                "help": metric.help,
            }
            for metric in CATALOGUE.values()
        ]
    )
