"""What makes a request good: the service-level indicator, as counters here and as PromQL in a rule file.

One object tells both, so that what pages the learner and what a rule file says are the same story. Three
kinds, after OpenSLO: requests by status code and requests under a latency bound (``ratioMetric``), and a
number that must keep a bound (``thresholdMetric``), sampled once a minute.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final, Literal

from simulator.errors import GamedayError

#: How a label is matched, as PromQL writes it.
Operator = Literal["=", "!=", "=~", "!~"]
#: OpenSLO's comparisons of a threshold metric.
Comparison = Literal["lte", "gte", "lt", "gt"]
#: Where requests are counted: by the load balancer in front of the service, which also sees those that met no
#: ready pod, or by the service's own pods.
BALANCER: Final = "lb_requests_total"
PODS: Final = "http_requests_total"
LATENCY: Final = "http_request_duration_seconds"
#: PromQL's spelling of the comparisons that hold where the promise is broken.
_BROKEN: Final[dict[Comparison, str]] = {"lte": ">", "lt": ">=", "gte": "<", "gt": "<="}


@dataclass(frozen=True, slots=True)
class CodeMatcher:
    """A matcher on the ``code`` label, such as ``code=~"5.."``."""

    operator: Operator
    value: str

    def matches(self, code: str) -> bool:
        """Whether a status code fits; a regular expression must fit all of it, as in Prometheus."""
        hit = re.fullmatch(self.value, code) is not None if "~" in self.operator else code == self.value
        return hit != self.operator.startswith("!")

    @property
    def negated(self) -> CodeMatcher:
        """What fits where this does not."""
        opposite: dict[Operator, Operator] = {"=": "!=", "!=": "=", "=~": "!~", "!~": "=~"}
        return CodeMatcher(opposite[self.operator], self.value)

    def __str__(self) -> str:
        return f'code{self.operator}"{self.value}"'


@dataclass(frozen=True, slots=True)
class Threshold:
    """A number that must keep a bound.

    Attributes:
        query: PromQL that gives one number.
        op: How it must compare with the bound.
        value: The bound.
    """

    query: str
    op: Comparison
    value: float

    def broken(self, number: float) -> bool:
        """Whether the bound is broken; NaN breaks no bound and is no proof of health either."""
        return {
            "lte": number > self.value,
            "lt": number >= self.value,
            "gte": number < self.value,
            "gt": number <= self.value,
        }[self.op]


@dataclass(frozen=True, slots=True)
class Indicator:
    """An SLI. Exactly one of ``bad``, ``le`` and ``threshold`` says what a bad event is.

    Attributes:
        metric: The counter of requests, ``lb_requests_total`` or ``http_requests_total``.
        bad: Codes of bad answers.
        le: Upper bound of the bucket that good answers fall into, as the ``le`` label has it; or empty.
        threshold: The bound of a threshold metric.
    """

    metric: str = BALANCER
    bad: CodeMatcher | None = None
    le: str = ""
    threshold: Threshold | None = None

    @property
    def kind(self) -> str:
        """``availability``, ``latency`` or ``threshold``."""
        return "threshold" if self.threshold else "latency" if self.le else "availability"

    def error_ratio(self, service: str, routes: tuple[str, ...], window: str) -> str:
        """PromQL of the share of bad events over a window such as ``5m``, as Sloth writes it.

        Raises:
            GamedayError: The indicator is a threshold; its ratio is a mean of recorded samples.
        """
        where = _matchers(service, routes)
        if self.bad is not None:
            bad = f"sum(rate({self.metric}{{{where},{self.bad}}}[{window}]))"
            return f"({bad})\n/\n(sum(rate({self.metric}{{{where}}}[{window}])))"
        if self.le:
            good = f'sum(rate({LATENCY}_bucket{{{where},le="{self.le}"}}[{window}]))'
            total = f"sum(rate({LATENCY}_count{{{where}}}[{window}]))"
            return f"1 - (\n  ({good})\n  /\n  ({total})\n)"
        raise GamedayError(
            "thresholdMetric",
            expected="a ratio of requests",
            got="a threshold",
            todo="Record its samples first.",
        )

    def broken(self) -> str:
        """PromQL that is 1 where the threshold is broken and 0 where it holds."""
        assert self.threshold is not None, "only a threshold is broken"
        return f"({self.threshold.query}) {_BROKEN[self.threshold.op]} bool {self.threshold.value:g}"

    def traffic(self, service: str, routes: tuple[str, ...], window: str) -> str:
        """PromQL of events per second over a window; without any, nothing is known."""
        where = _matchers(service, routes)
        metric = f"{LATENCY}_count" if self.le else self.metric
        return f"sum(rate({metric}{{{where}}}[{window}]))"


#: The usual SLI: what the load balancer did not answer with a server's error is good.
AVAILABILITY: Final = Indicator(bad=CodeMatcher("=~", "5.."))


def _matchers(service: str, routes: tuple[str, ...]) -> str:
    """The label matchers of a service and its routes, without braces."""
    where = f'service="{service}"'
    if len(routes) == 1:
        return f'{where},route="{routes[0]}"'
    return f'{where},route=~"{"|".join(routes)}"' if routes else where
