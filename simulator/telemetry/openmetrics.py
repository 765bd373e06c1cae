"""Everything that was scraped as OpenMetrics text with timestamps, for a Prometheus of one's own.

``promtool tsdb create-blocks-from openmetrics FILE DIR`` makes of it blocks that a Prometheus can serve, so
that a drill's series can be asked with the real thing. The format has no stale markers: a series that ended
is seen for five minutes more there than here.

Source: the OpenMetrics specification, 1.0.0, "Text format".
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from simulator.telemetry.catalogue import CATALOGUE, Metric
from simulator.telemetry.promql.formats import number_text
from simulator.telemetry.store import Store
from simulator.units import MILLISECOND

_PARTS = ("_bucket", "_sum", "_count")
_ESCAPES = str.maketrans({"\\": "\\\\", '"': '\\"', "\n": "\\n"})


def openmetrics(store: Store, epoch: int, *, names: tuple[str, ...] = ()) -> Iterator[str]:
    """The lines of the text, without their ends.

    Args:
        store: Every series.
        epoch: Nanoseconds from the Unix epoch to T+00:00.
        names: Only these metrics; all by default.
    """
    told = ""
    stamps = [number_text((int(at) + epoch) // MILLISECOND / 1000) for at in store.times]
    held = [name for name in CATALOGUE if name in store.names() and (not names or name in names)]
    for name in held:
        family = store.family(name)
        title, kind = _family(family.metric)
        if title != told:
            yield f"# HELP {title} {family.metric.help}"
            yield f"# TYPE {title} {kind}"
            told = title
        for series in range(len(family)):
            ids = np.array([series], dtype=np.int64)
            values, there = family.read(ids, 0, len(stamps))
            labels = zip(family.metric.labels, family.label_values(series), strict=True)
            head = name + _braced([(label, value) for label, value in labels if value])
            exposed = (values[0] / family.metric.divisor).tolist()
            for row in np.flatnonzero(there[0]).tolist():
                yield f"{head} {number_text(exposed[row])} {stamps[row]}"
    yield "# EOF"


def _family(metric: Metric) -> tuple[str, str]:
    """The family's name and type: a counter's goes without ``_total``, a histogram's without its parts."""
    if metric.exposed_type == "histogram":
        part = next(part for part in _PARTS if metric.name.endswith(part))
        return metric.name.removesuffix(part), "histogram"
    return metric.name.removesuffix("_total"), metric.exposed_type


def _braced(labels: list[tuple[str, str]]) -> str:
    if not labels:
        return ""
    return "{" + ",".join(f'{name}="{value.translate(_ESCAPES)}"' for name, value in labels) + "}"
