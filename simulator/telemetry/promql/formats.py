"""Numbers and times as Prometheus' tools print them (Go's ``strconv.FormatFloat`` and ``model.Duration``)."""

from __future__ import annotations

from decimal import Decimal
from math import isinf

from simulator.units import DAY, HOUR, MILLISECOND, MINUTE, SECOND

_UNITS = (
    ("y", 365 * DAY, True),
    ("w", 7 * DAY, True),
    ("d", DAY, False),
    ("h", HOUR, False),
    ("m", MINUTE, False),
    ("s", SECOND, False),
    ("ms", MILLISECOND, False),
)


def number_text(value: float) -> str:
    """The shortest text that reads back as the number, without exponent: ``FormatFloat(v, 'f', -1, 64)``."""
    if value != value:
        return "NaN"
    if isinf(value):
        return "+Inf" if value > 0 else "-Inf"
    text = format(Decimal(repr(value)), "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def exponent_text(value: float) -> str:
    """The shortest text with an exponent: ``FormatFloat(v, 'E', -1, 64)``, as rule tests print."""
    if value != value or isinf(value):
        return number_text(value)
    sign, digits, exponent = Decimal(repr(value)).as_tuple()
    shown = "".join(map(str, digits)).lstrip("0")
    power = int(exponent) + len(shown) - 1 if shown else 0
    shown = shown.rstrip("0") or "0"
    fraction = f".{shown[1:]}" if len(shown) > 1 else ""
    return f"{'-' if sign else ''}{shown[0]}{fraction}E{'-' if power < 0 else '+'}{abs(power):02d}"


def general_text(value: float, digits: int) -> str:
    """C's and Go's ``%.Ng``, as humanising templates print."""
    if value != value or isinf(value):
        return number_text(value)
    return f"{value:.{digits}g}"


def duration_text(span: int) -> str:
    """A duration as Prometheus writes it, ``1h30m``; years and weeks only where they come out whole."""
    if span == 0:
        return "0s"
    rest, parts = abs(span), []
    for unit, size, whole in _UNITS:
        if whole and rest % size:
            continue
        count, rest = divmod(rest, size)
        if count:
            parts.append(f"{count}{unit}")
    return ("-" if span < 0 else "") + "".join(parts)
