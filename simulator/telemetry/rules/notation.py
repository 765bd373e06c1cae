"""The series notation of rule tests: ``0+10x20``, ``1x5``, ``_``, ``_x3``, ``stale``.

Source: prometheus/prometheus promql/parser, the series description of its grammar.
"""

from __future__ import annotations

import re
from math import inf, nan
from typing import Final

from simulator.errors import QueryError
from simulator.telemetry.promql.expressions import Selector
from simulator.telemetry.promql.labels import Labels, labels_of
from simulator.telemetry.promql.syntax import parse

_NUMBER: Final = r"[-+]?(?:[0-9]*\.?[0-9]+(?:[eE][-+]?[0-9]+)?|[0-9]+\.|[iI]nf|[nN]a[nN])"
_TERM: Final = re.compile(
    rf"(?P<blank>_)(?:x(?P<blanks>[0-9]+))?"
    rf"|(?P<stale>stale)"
    rf"|(?P<start>{_NUMBER})(?:(?P<step>[-+]{_NUMBER.replace('[-+]?', '', 1)}))?(?:x(?P<times>[0-9]+))?"
)
#: Longest series of a test, samples.
_LONGEST: Final = 100_000
#: What a place without a sample holds.
MISSING: Final = "missing"
STALE_MARK: Final = "stale"


def series_values(text: str, *, where: str) -> list[float | str]:
    """The values of a series, one an interval; ``MISSING`` or ``STALE_MARK`` where there is no number.

    Raises:
        QueryError: The text is no such notation.
    """
    values: list[float | str] = []
    for term in text.split():
        match = _TERM.fullmatch(term)
        if match is None:
            raise _refused(where, term)
        if match.group("blank"):
            values += [MISSING] * int(match.group("blanks") or 1)
        elif match.group("stale"):
            values.append(STALE_MARK)
        else:
            start, times = number(match.group("start")), match.group("times")
            step = number(match.group("step") or "0")
            if match.group("step") and times is None:
                raise _refused(where, term)
            current = start
            values.append(current)
            for _ in range(min(int(times or 0), _LONGEST)):
                current += step
                values.append(current)
        if len(values) > _LONGEST:
            raise QueryError(
                where, expected=f"at most {_LONGEST} samples", got="more", todo="Use a longer interval."
            )
    return values


def number(text: str) -> float:
    """A number as a series has it: no hexadecimal, since ``0x5`` is a zero five times."""
    bare = text.lstrip("+-").lower()
    size = inf if bare == "inf" else nan if bare == "nan" else None
    if size is None:
        size = float(bare)
    return -size if text.startswith("-") else size


def series_labels(text: str, *, where: str) -> Labels:
    """The label set that ``name{label="value"}`` or ``{label="value"}`` names.

    Raises:
        QueryError: It names none.
    """
    if text.strip() == "{}":
        return ()
    expression = parse(text.strip())
    if not isinstance(expression, Selector) or any(matcher.kind != "=" for matcher in expression.matchers):
        raise QueryError(
            where,
            expected='a series such as up{job="web"}',
            got=repr(text[:80]),
            todo="Use = for each label.",
        )
    return labels_of({matcher.name: matcher.value for matcher in expression.matchers})


def _refused(where: str, term: str) -> QueryError:
    return QueryError(
        where,
        expected="values such as 0+10x20, 5x3, _, _x3, stale",
        got=repr(term[:80]),
        todo="A step needs a count behind x; native histograms are not supported.",
    )
