"""What a metric is: name, type, help and labels, as a ``/metrics`` page declares them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

MetricType = Literal["counter", "gauge"]

#: What a scrape of a pod's own page carries: the page's labels, and where the target is.
POD: Final = ("namespace", "pod", "container", "service", "version", "node", "zone")
#: Stored integers are nanoseconds, or microseconds where a sum would grow too large; exposed values seconds.
NANOSECONDS: Final = 10**9
MICROSECONDS: Final = 10**6


@dataclass(frozen=True, slots=True)
class Metric:
    """One metric name.

    Attributes:
        name: The Prometheus name.
        type: ``counter`` (stored as int64) or ``gauge`` (stored as float64).
        help: One sentence, the HELP line.
        labels: Label names, in the order in which series carry their values.
        divisor: From the stored integer to the exposed value; 1e9 where nanoseconds are exposed as seconds.
        exposed_type: What TYPE says; the parts of a classic histogram are counters in store and say
            ``histogram``.
    """

    name: str
    type: MetricType
    help: str
    labels: tuple[str, ...]
    divisor: int = 1
    exposed_type: str = ""

    def __post_init__(self) -> None:
        if not self.exposed_type:
            object.__setattr__(self, "exposed_type", self.type)

    @property
    def exposition(self) -> str:
        """The two comment lines of the text format."""
        return f"# HELP {self.name} {self.help}\n# TYPE {self.name} {self.exposed_type}"
