"""Time and quantities: integer nanoseconds inside, each tool's own dialect at the edge.

Simulated time is an ``int`` of nanoseconds, negative before T+00:00. Nothing else in the kit converts.
"""

from __future__ import annotations

import re
from decimal import Decimal, InvalidOperation
from typing import Final, Literal

from simulator.errors import GamedayError

MICROSECOND: Final = 1_000
MILLISECOND: Final = 1_000_000
SECOND: Final = 1_000_000_000
MINUTE: Final = 60 * SECOND
HOUR: Final = 60 * MINUTE
DAY: Final = 24 * HOUR

Dialect = Literal["go", "argo", "prometheus", "k6"]

_UNITS: Final[dict[str, dict[str, int]]] = {
    # Go's time.ParseDuration; also k6 and most Kubernetes fields.
    "go": {
        "ns": 1,
        "us": MICROSECOND,
        "µs": MICROSECOND,
        "ms": MILLISECOND,
        "s": SECOND,
        "m": MINUTE,
        "h": HOUR,
    },
    # Argo Rollouts' pause.duration: "supported units: s, m, h", and a bare number is seconds.
    "argo": {"s": SECOND, "m": MINUTE, "h": HOUR},
    # Prometheus and OpenSLO: whole numbers, units from large to small.
    "prometheus": {
        "ms": MILLISECOND,
        "s": SECOND,
        "m": MINUTE,
        "h": HOUR,
        "d": DAY,
        "w": 7 * DAY,
        "y": 365 * DAY,
    },
}
_UNITS["k6"] = _UNITS["go"]
_EXAMPLES: Final = {"go": "1h30m or 250ms", "argo": "10m", "prometheus": "5m or 30d", "k6": "2m30s"}
_ACCEPTS: Final = {
    "go": "Use ns, us, ms, s, m and h.",
    "argo": "Argo accepts s, m, h.",
    "prometheus": "Prometheus accepts ms, s, m, h, d, w, y with whole numbers.",
    "k6": "k6 accepts ms, s, m, h.",
}
_PART: Final = re.compile(r"([0-9]+(?:\.[0-9]+)?)([a-zµ]+)")
_LONGEST: Final = 400 * DAY


def seconds(ns: int) -> float:
    """Nanoseconds as seconds, for display and for formulas that end in a picture."""
    return ns / SECOND


def from_seconds(value: float) -> int:
    """Seconds as whole nanoseconds, rounded to nearest."""
    return round(value * SECOND)


def parse_duration(text: str, *, where: str, dialect: Dialect = "go") -> int:
    """Read a duration as the tool that owns the field reads it.

    Args:
        text: For example ``1h30m`` (go, k6), ``10m`` or ``30`` (argo), ``30d`` (prometheus).
        where: File, line and path, or the argument; the first part of an error.
        dialect: Whose rules.

    Returns:
        Nanoseconds, from 0 to 400 days.

    Raises:
        GamedayError: The text is no such duration.
    """
    units = _UNITS[dialect]
    stripped = text.strip()
    if stripped == "0":
        return 0
    if dialect == "argo" and stripped.isascii() and stripped.isdigit() and len(stripped) < 12:
        stripped += "s"
    total, position = Decimal(0), 0
    for match in _PART.finditer(stripped):
        number, unit = match.groups()
        whole_only = dialect == "prometheus" and "." in number
        if match.start() != position or unit not in units or len(number) > 18 or whole_only:
            position = -1
            break
        total += Decimal(number) * units[unit]
        position = match.end()
    if position != len(stripped) or not stripped or total > _LONGEST:
        raise GamedayError(
            where, expected=f"a duration such as {_EXAMPLES[dialect]}", got=repr(text), todo=_ACCEPTS[dialect]
        )
    return int(total)


def format_duration(ns: int) -> str:
    """Nanoseconds as people write them: ``2m30s``, ``250ms``, ``45m``, ``0s``."""
    if ns < 0:
        return "-" + format_duration(-ns)
    if ns < SECOND:
        for unit, name in ((MILLISECOND, "ms"), (MICROSECOND, "µs")):
            if ns >= unit:
                return f"{ns / unit:.3f}".rstrip("0").rstrip(".") + name
        return f"{ns}ns" if ns else "0s"
    parts, rest = [], ns
    for unit, name in ((HOUR, "h"), (MINUTE, "m")):
        count, rest = divmod(rest, unit)
        if count:
            parts.append(f"{count}{name}")
    if rest:
        parts.append(f"{rest / SECOND:.3f}".rstrip("0").rstrip(".") + "s")
    return "".join(parts)


def format_clock(ns: int) -> str:
    """A point of simulated time as the console shows it: ``T+12:35``, ``T-03:00``, ``T+1:02:03``."""
    sign, whole = ("-", -(ns // SECOND)) if ns < 0 else ("+", ns // SECOND)
    hours, rest = divmod(whole, 3600)
    minutes, secs = divmod(rest, 60)
    return f"T{sign}{hours}:{minutes:02d}:{secs:02d}" if hours else f"T{sign}{minutes:02d}:{secs:02d}"


def format_moment(ns: int) -> str:
    """A point of simulated time in a table that reaches far back: ``T-59d``, within a day a clock."""
    return f"T-{-ns // DAY}d" if ns <= -DAY else format_clock(ns)


def format_age(ns: int) -> str:
    """An age as kubectl prints it (apimachinery's ``duration.HumanDuration``).

    Source: k8s.io/apimachinery pkg/util/duration/duration.go.
    """
    whole = ns // SECOND
    if whole < -1:
        return "<invalid>"
    if whole < 0:
        return "0s"
    if whole < 120:
        return f"{whole}s"
    minutes, hours = whole // 60, whole // 3600
    if minutes < 10:
        rest = whole % 60
        return f"{minutes}m{rest}s" if rest else f"{minutes}m"
    if minutes < 180:
        return f"{minutes}m"
    if hours < 8:
        rest = minutes % 60
        return f"{hours}h{rest}m" if rest else f"{hours}h"
    if hours < 48:
        return f"{hours}h"
    days = hours // 24
    if hours < 24 * 8:
        rest = hours % 24
        return f"{days}d{rest}h" if rest else f"{days}d"
    if hours < 24 * 365 * 2:
        return f"{days}d"
    years = hours // (24 * 365)
    if hours < 24 * 365 * 8:
        rest = days % 365
        return f"{years}y{rest}d" if rest else f"{years}y"
    return f"{years}y"


_SUFFIXES: Final[dict[str, Decimal]] = {
    "": Decimal(1),
    "m": Decimal("0.001"),
    "k": Decimal(10) ** 3,
    "M": Decimal(10) ** 6,
    "G": Decimal(10) ** 9,
    "T": Decimal(10) ** 12,
    "Ki": Decimal(2) ** 10,
    "Mi": Decimal(2) ** 20,
    "Gi": Decimal(2) ** 30,
    "Ti": Decimal(2) ** 40,
}
_QUANTITY: Final = re.compile(r"([0-9]{1,15}(?:\.[0-9]{1,9})?)([mkKMGT]?i?)")


def _quantity(text: str, where: str, example: str) -> Decimal:
    match = _QUANTITY.fullmatch(text.strip())
    if match and match.group(2) in _SUFFIXES:
        try:
            return Decimal(match.group(1)) * _SUFFIXES[match.group(2)]
        except InvalidOperation:  # pragma: no cover - the expression above admits numbers only
            pass
    raise GamedayError(
        where,
        expected=f"a Kubernetes quantity such as {example}",
        got=repr(text),
        todo="Suffixes are m, k, M, G, T and Ki, Mi, Gi, Ti.",
    )


def parse_cpu(text: str, *, where: str) -> int:
    """A CPU quantity (``500m``, ``2``) as whole millicores, rounded up as Kubernetes does."""
    value = _quantity(text, where, "500m") * 1000
    return int(value.to_integral_value(rounding="ROUND_CEILING"))


def parse_memory(text: str, *, where: str) -> int:
    """A memory quantity (``256Mi``, ``1G``) as whole bytes, rounded up as Kubernetes does."""
    value = _quantity(text, where, "256Mi")
    return int(value.to_integral_value(rounding="ROUND_CEILING"))


def parse_milli(text: str, *, where: str) -> int:
    """Any quantity in thousandths of its unit, rounded up, as Kubernetes' ``MilliValue`` does."""
    value = _quantity(text, where, "100 or 500m") * 1000
    return int(value.to_integral_value(rounding="ROUND_CEILING"))


def format_milli(milli: int) -> str:
    """Thousandths as Kubernetes writes a decimal quantity: ``1500m``, ``2``, ``2k``, ``134217728``."""
    for suffix in ("T", "G", "M", "k", ""):
        unit = int(_SUFFIXES[suffix] * 1000)
        if milli and milli % unit == 0:
            return f"{milli // unit}{suffix}"
    return f"{milli}m" if milli else "0"


def format_memory(count: int) -> str:
    """Bytes as Kubernetes writes them: ``256Mi`` where whole, else plain bytes."""
    for suffix in ("Ti", "Gi", "Mi", "Ki"):
        unit = int(_SUFFIXES[suffix])
        if count and count % unit == 0:
            return f"{count // unit}{suffix}"
    return str(count)


def format_cpu(millicores: int) -> str:
    """Millicores as Kubernetes writes them: ``500m``, ``2``."""
    return str(millicores // 1000) if millicores % 1000 == 0 else f"{millicores}m"
