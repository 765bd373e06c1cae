"""The words of an application's log: one line for each thing that can happen to a request.

A line is true to its record (status, duration, whose failure it passes on and how that failed) and plausible
in its words, which are those of common clients and proxies. The words of a service's own fault depend on
service, version and route alone: one bug writes one message, again and again, from the same line of code, as
in life. They tell that a version fails and where, never why the scenario made it fail.
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
#: What a request meets at the pod that writes the line.
_OWN: Final = {
    "ok": "request served",
    "rejected": "worker queue full, request rejected",
    "limited": "rate limit exceeded, request refused",
    "shed": "request shed, told to try again later",
}
#: How the last attempt at a call failed, by its reason.
_CALLED: Final = {
    "error": "{callee} answered 500 Internal Server Error",
    "upstream": "{callee} answered 502 Bad Gateway",
    "timeout": "{callee} did not answer in time: context deadline exceeded",
    "rejected": "{callee} answered 503 Service Unavailable",
    "unavailable": "{callee} answered 503: no healthy upstream",
    "reset": "read tcp {callee}:8080: connection reset by peer",
    "limited": "{callee} answered 429 Too Many Requests",
    "shed": "{callee} answered 503: request shed",
    "unreachable": "dial tcp {callee}:8080: no route to host",
    "open": 'circuit breaker "{callee}" is open, call not permitted',
    "starved": "connection pool to {callee} exhausted: timed out waiting for a free connection",
    "no-room": "failed to connect to {callee}: FATAL: sorry, too many clients already (SQLSTATE 53300)",
    "no-name": "dial tcp: lookup {callee} on 10.96.0.10:53: no such host",
    "no-trust": "tls: failed to verify certificate of {callee}: "
    "x509: certificate has expired or is not yet valid",
    "refused": "dial tcp {callee}:8080: connect: connection refused",
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
    """What the application wrote about this request, in a sentence; who was killed (reset) wrote none."""
    if record.outcome == "error":
        return own_fault(record.service, record.version, record.route)
    if record.outcome in _OWN:
        return _OWN[record.outcome]
    callee = record.cause_service or "upstream"
    if record.outcome == "unavailable":
        return f"no healthy upstream for {record.service}"
    if record.outcome == "unreachable":
        return f"could not connect to {callee}"
    reason = record.reason or ("timeout" if record.outcome == "timeout" else "upstream")
    called = _CALLED[reason].format(callee=callee)
    return f"{called}; answered from the fallback" if record.outcome == "degraded" else called


def own_fault(service: str, version: str, route: str) -> str:
    """The exception that this version's bug on this route raises, always the same."""
    place = fold(key(service), key(version), key(route))
    module = "".join(letter if letter.isalnum() else "_" for letter in route.lower()).strip("_") or "handler"
    fault, line = _FAULTS[place % len(_FAULTS)], 40 + (place >> 32) % 200
    return f"unhandled exception: {fault} (handlers/{module}.py:{line})"
