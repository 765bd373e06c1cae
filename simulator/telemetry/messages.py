"""The words of an application's log: one line for each thing that can happen to a request.

A line is true to its record (status, duration, whose failure it passes on) and plausible in its words. The
words of a service's own fault depend on service, version and route alone: one bug writes one message, again
and again, from the same line of code, as in life. They tell that a version fails and where, never why the
scenario made it fail.
"""

from __future__ import annotations

from typing import Final, Literal

from simulator.dataplane import HTTP_CODES, OUTCOMES, LogRecord
from simulator.streams import fold, key

Level = Literal["DEBUG", "INFO", "WARN", "ERROR"]

CODE_OF: Final = dict(zip(OUTCOMES, HTTP_CODES, strict=True))
LEVEL_OF: Final[dict[str, Level]] = {
    "ok": "INFO",
    "error": "ERROR",
    "upstream": "ERROR",
    "timeout": "ERROR",
    "rejected": "WARN",
    "unavailable": "ERROR",
    "reset": "WARN",
    "degraded": "WARN",
    "limited": "WARN",
    "shed": "WARN",
    "unreachable": "ERROR",
}
#: Mistakes of a program in itself; none of them points at another part of the system.
_FAULTS: Final = (
    "KeyError: 'currency'",
    "TypeError: unsupported operand type(s) for +: 'NoneType' and 'int'",
    "AttributeError: 'NoneType' object has no attribute 'id'",
    "ValueError: invalid literal for int() with base 10: ''",
    "IndexError: list index out of range",
    "TypeError: Object of type Decimal is not JSON serializable",
    "AssertionError: total does not match the sum of its items",
    "UnicodeDecodeError: 'utf-8' codec can't decode byte 0xe9 in position 12",
    "ZeroDivisionError: division by zero",
    "KeyError: 'address'",
)


def message(record: LogRecord) -> str:
    """What the application wrote about this request, in one sentence."""
    callee = record.cause_service or "an upstream"
    if record.outcome == "ok":
        return "request served"
    if record.outcome == "error":
        return own_fault(record.service, record.version, record.route)
    if record.outcome == "upstream":
        return f"call to {callee} failed, no attempts left"
    if record.outcome == "timeout":
        return f"call to {callee} timed out, no attempts left: deadline exceeded"
    if record.outcome == "rejected":
        return "worker queue full, request rejected"
    if record.outcome == "unavailable":
        return f"no healthy upstream for {record.service}"
    if record.outcome == "degraded":
        return f"call to {callee} failed, answered from the fallback"
    if record.outcome == "limited":
        return "rate limit exceeded, request refused"
    if record.outcome == "shed":
        return "overloaded, request of low priority shed"
    if record.outcome == "unreachable":
        return f"could not connect to {callee}"
    return "process is stopping, connection reset before the response was written"


def own_fault(service: str, version: str, route: str) -> str:
    """The exception that this version's bug on this route raises, always the same."""
    place = fold(key(service), key(version), key(route))
    module = "".join(letter if letter.isalnum() else "_" for letter in route.lower()).strip("_") or "handler"
    fault, line = _FAULTS[place % len(_FAULTS)], 40 + (place >> 32) % 200
    return f"unhandled exception: {fault} (handlers/{module}.py:{line})"
