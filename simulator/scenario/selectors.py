"""Selectors of request counters: what an SLI's query names, read out of its label matchers.

``lb_requests_total{service="edge",route=~"browse|cart",code!~"5.."}`` and
``http_request_duration_seconds_bucket{service="edge",le="0.25"}``. Of PromQL only this much is read here; a
query that is more than a selector belongs to a thresholdMetric or a raw rule.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from simulator.scenario.fields import refused

#: Counters of requests, and the labels by which an SLI may pick from each.
METRICS: Final[dict[str, tuple[str, ...]]] = {
    "lb_requests_total": ("service", "route", "code"),
    "http_requests_total": ("service", "route", "code"),
    "http_request_duration_seconds_bucket": ("service", "route", "le"),
    "http_request_duration_seconds_count": ("service", "route"),
}
_OPERATORS: Final[dict[str, tuple[str, ...]]] = {
    "service": ("=",),
    "route": ("=", "=~"),
    "code": ("=", "!=", "=~", "!~"),
    "le": ("=",),
}
_SELECTOR: Final = re.compile(r"\s*([a-z_]+)\s*\{([^{}]*)\}\s*")
_MATCHER: Final = re.compile(r"\s*([a-z_]+)\s*(=~|!~|!=|=)\s*\"([^\"]*)\"\s*(,|$)")
_ROUTES: Final = re.compile(r"[-a-z0-9]+(\|[-a-z0-9]+)*")
#: Status codes and the marks of an alternation of them: nothing that could take long to match.
_CODES: Final = re.compile(r"[0-9.|()\[\]^-]{1,60}")


@dataclass(frozen=True, slots=True)
class Selector:
    """What a selector picks.

    Attributes:
        metric: The counter.
        service: Whose requests.
        routes: Which routes; empty for all.
        code: The matcher on status codes, as (operator, value); None for all.
        le: The bucket's upper bound; empty where none is named.
    """

    metric: str
    service: str
    routes: tuple[str, ...]
    code: tuple[str, str] | None
    le: str

    @property
    def latency(self) -> bool:
        """Whether it counts a histogram's observations."""
        return self.metric.startswith("http_request_duration_seconds")

    @property
    def place(self) -> tuple[bool, str, tuple[str, ...]]:
        """Which requests are meant, whatever became of them."""
        return self.latency, self.service, self.routes

    def __str__(self) -> str:
        parts = [f'service="{self.service}"']
        parts += [f'route=~"{"|".join(self.routes)}"'] if self.routes else []
        parts += [f'code{self.code[0]}"{self.code[1]}"'] if self.code else []
        parts += [f'le="{self.le}"'] if self.le else []
        return f"{self.metric}{{{','.join(parts)}}}"


def selector(query: str) -> Selector:
    """Read a selector.

    Raises:
        PydanticCustomError: It is another query, or its matchers pick no service by name.
    """
    whole = _SELECTOR.fullmatch(query)
    metric = whole.group(1) if whole else ""
    matchers = _matchers(whole.group(2)) if whole and metric in METRICS else {}
    route = matchers.get("route", ("=", "route"))[1]
    code = matchers.get("code")
    known = all(
        name in METRICS[metric] and operator in _OPERATORS[name] for name, (operator, _) in matchers.items()
    )
    if (
        not known
        or "service" not in matchers
        or not _ROUTES.fullmatch(route)
        or (code is not None and not _is_code_pattern(code[1]))
    ):
        raise refused(
            expected='a selector such as lb_requests_total{service="edge",route="checkout"}',
            got=query if len(query) <= 60 else query[:57] + "...",
            todo="An SLI counts requests by service, route and code, or by service, route and le.",
        )
    routes = tuple(route.split("|")) if "route" in matchers else ()
    return Selector(metric, matchers["service"][1], routes, code, matchers.get("le", ("", ""))[1])


def _matchers(body: str) -> dict[str, tuple[str, str]]:
    """Label to (operator, value); empty where the text is no list of matchers, or a label comes twice."""
    found: dict[str, tuple[str, str]] = {}
    position = 0
    while position < len(body):
        match = _MATCHER.match(body, position)
        if match is None or match.group(1) in found:
            return {}
        found[match.group(1)] = (match.group(2), match.group(3))
        position = match.end()
    return found


def _is_code_pattern(text: str) -> bool:
    if not _CODES.fullmatch(text.replace("*", "")):
        return False
    try:
        re.compile(text)
    except re.error:
        return False
    return True
