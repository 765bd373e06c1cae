"""What curl prints: the answer's head and body, its errors, its meter, and what ``-w`` asks for.

Bodies are not modelled; what stands there is what common frameworks and Envoy put into such answers. Source
of the texts: curl 7.88 (``lib/strerror.c``, ``src/tool_writeout.c``) and Envoy's local replies.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Final

from simulator.units import MILLISECOND, SECOND

AGENT: Final = "curl/7.88.1"
_JSON, _PLAIN = "application/json", "text/plain"
#: Content type and body of an answer by the data plane's outcome.
_BODIES: Final[Mapping[str, tuple[str, str]]] = {
    "ok": (_JSON, '{"status":"ok"}'),
    "degraded": (_JSON, '{"status":"ok","fallback":true}'),
    "error": (_JSON, '{"status":500,"error":"Internal Server Error"}'),
    "upstream": (_JSON, '{"status":502,"error":"Bad Gateway"}'),
    "timeout": (_PLAIN, "upstream request timeout"),
    "rejected": (_JSON, '{"status":503,"error":"Service Unavailable"}'),
    "unavailable": (_PLAIN, "no healthy upstream"),
    "reset": (
        _PLAIN,
        "upstream connect error or disconnect/reset before headers. reset reason: connection termination",
    ),
    "limited": (_PLAIN, "local_rate_limited"),
    "shed": (_PLAIN, "overloaded: request shed"),
}
#: The same by status for what a server says without a route.
_PLAIN_ANSWERS: Final[Mapping[int, tuple[str, str]]] = {
    400: (_PLAIN, "Client sent an HTTP request to an HTTPS server."),
    404: (_PLAIN, "404 page not found"),
    405: (_PLAIN, "Method Not Allowed"),
}
_NO_TRUST: Final = (
    "SSL certificate problem: certificate has expired\n"
    "More details here: https://curl.se/docs/sslcerts.html\n\n"
    "curl failed to verify the legitimacy of the server and therefore could not\n"
    "establish a secure connection to it. To learn more about this situation and\n"
    "how to fix it, please visit the web page mentioned above."
)
_VARIABLE: Final = re.compile(r"%(?:\{([a-z_.]*)\}|(%))|\\(.)")
_ESCAPES: Final = {"n": "\n", "t": "\t", "r": "\r"}
_METER: Final = (
    "  % Total    % Received % Xferd  Average Speed   Time    Time     Time  Current\n"
    "                                 Dload  Upload   Total   Spent    Left  Speed"
)


@dataclass(frozen=True, slots=True)
class Transfer:
    """One transfer as it ended.

    Attributes:
        url: As curl prints it.
        method: As sent.
        took: ns.
        status: Of the answer; 0 where none came.
        content_type: Of the answer.
        body: Of the answer, without a final newline.
        exit_code: curl's own; 0 where an answer came.
        error: Its words, without ``curl: (7) ``.
        address: Whom it asked; empty where that was not found.
    """

    url: str
    method: str
    took: int
    status: int = 0
    content_type: str = ""
    body: str = ""
    exit_code: int = 0
    error: str = ""
    address: str = ""

    @property
    def size(self) -> int:
        """Bytes of the body, with the newline that ends it."""
        return len(self.body) + 1 if self.body and self.method != "HEAD" else 0


def answer_of(outcome: str, status: int) -> tuple[str, str]:
    """(content type, body) of an answer by outcome, or by status where no route gave it (outcome empty)."""
    return _BODIES[outcome] if outcome else _PLAIN_ANSWERS[status]


def unreachable(reason: str, host: str, port: int, took: int) -> tuple[int, str]:
    """(exit code, words) where the data plane says that nobody could be reached, and why."""
    if reason == "no-name":
        return 6, f"Could not resolve host: {host}"
    if reason == "no-trust":
        return 60, _NO_TRUST
    return (
        7,
        f"Failed to connect to {host} port {port} after {took // MILLISECOND} ms: Couldn't connect to server",
    )


def head(transfer: Transfer, date: str, *, prefix: str = "") -> list[str]:
    """The lines of an answer's head; every answer passes a proxy, and its own time is in it."""
    waited = transfer.took // MILLISECOND
    lines = [
        f"HTTP/1.1 {transfer.status} {HTTPStatus(transfer.status).phrase}",
        f"content-type: {transfer.content_type}",
        f"content-length: {len(transfer.body) + 1}",
        f"date: {date}",
        *([f"x-envoy-upstream-service-time: {waited}"] if waited or transfer.status < 400 else []),
        "server: envoy",
        "",
    ]
    return [f"{prefix}{line}" for line in lines]


def meter(transfer: Transfer) -> str:
    """The progress meter, which curl draws where its output does not go to the terminal."""
    size, seconds = transfer.size, transfer.took / SECOND
    speed = round(size / seconds) if seconds else 0
    share = 100 if size else 0
    row = (
        f"{share:3d} {size:5d} {share:4d} {size:5d}    0     0 {speed:6d}      0 "
        "--:--:-- --:--:-- --:--:-- " + f"{speed:5d}"
    )
    spent = int(seconds)
    if spent:
        row = row.replace(
            "--:--:-- --:--:--", f"--:--:-- {spent // 3600:2d}:{spent // 60 % 60:02d}:{spent % 60:02d}", 1
        )
    return f"{_METER}\n{row}"


def write_out(template: str, transfer: Transfer) -> str:
    """``-w``: the template with its variables filled in; connecting takes no time of its own here."""
    total = f"{transfer.took / SECOND:.6f}"
    answered = total if transfer.status else "0.000000"
    reached = "0.000000"
    values = {
        "http_code": f"{transfer.status:03d}",
        "response_code": f"{transfer.status:03d}",
        "time_total": total,
        "time_starttransfer": answered,
        "time_namelookup": reached,
        "time_connect": reached,
        "time_appconnect": reached,
        "time_pretransfer": reached,
        "time_redirect": reached,
        "size_download": str(transfer.size if transfer.status else 0),
        "size_upload": "0",
        "speed_download": str(round(transfer.size * SECOND / transfer.took)) if transfer.took else "0",
        "num_connects": "1" if transfer.address and transfer.exit_code != 7 else "0",
        "num_redirects": "0",
        "http_version": "1.1" if transfer.status else "0",
        "content_type": transfer.content_type,
        "method": transfer.method,
        "url": transfer.url,
        "url_effective": transfer.url,
        "scheme": transfer.url.partition(":")[0].upper(),
        "remote_ip": transfer.address,
        "exitcode": str(transfer.exit_code),
        "errormsg": transfer.error.partition("\n")[0],
    }

    def filled(found: re.Match[str]) -> str:
        name, percent, escaped = found[1], found[2], found[3]
        if percent:
            return "%"
        if escaped:
            return _ESCAPES.get(escaped, f"\\{escaped}")
        return values.get(name, f"curl: unknown --write-out variable: '{name}'\n")

    return _VARIABLE.sub(filled, template)
