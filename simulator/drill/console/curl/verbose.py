"""The whole of what a curl line prints, in curl's order: ``-v``, head, body, errors, meter, ``-w``."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from email.utils import format_datetime
from typing import TYPE_CHECKING

from simulator.drill.console.curl.output import AGENT, Transfer, head, meter, write_out
from simulator.drill.console.curl.targets import Url
from simulator.drill.console.grammar import Arguments
from simulator.units import MICROSECOND
from simulator.world import Certificate

if TYPE_CHECKING:
    from simulator.drill.run import Run


def printed(run: Run, url: Url, transfer: Transfer, arguments: Arguments) -> str:
    """What the terminal shows."""
    parts: list[str] = []
    verbose = arguments.truth("verbose")
    date = format_datetime(_moment(run, run.now), usegmt=True)
    refused = arguments.truth("fail") and transfer.status >= 400
    if verbose:
        parts += _trying(url, transfer)
        parts += _handshake(run, url, transfer) if url.scheme == "https" else []
        parts += (
            _asking(url, transfer, arguments) if transfer.status or transfer.exit_code in (28, 56) else []
        )
    if transfer.status:
        if verbose:
            parts += head(transfer, date, prefix="< ")
        if (arguments.truth("include") or transfer.method == "HEAD") and not refused:
            parts += head(transfer, date)
        if not refused and transfer.method != "HEAD" and arguments.text("output") != "/dev/null":
            parts.append(transfer.body)
    shown = not arguments.truth("silent") or arguments.truth("show-error")
    if arguments.text("output") == "/dev/null" and not arguments.truth("silent"):
        parts.append(meter(transfer))
    if refused:
        transfer = _failed(transfer)
    if transfer.exit_code and shown:
        parts.append(f"curl: ({transfer.exit_code}) {transfer.error}")
    elif verbose and transfer.status:
        parts.append(f"* Connection #0 to host {url.host} left intact")
    if arguments.given("write-out"):
        parts.append(write_out(arguments.text("write-out"), transfer))
    return "\n".join(parts).rstrip("\n")


def _failed(transfer: Transfer) -> Transfer:
    """What ``-f`` makes of an answer from 400 on."""
    return replace(transfer, exit_code=22, error=f"The requested URL returned error: {transfer.status}")


def _moment(run: Run, at: int) -> datetime:
    return run.cluster.start + timedelta(microseconds=at // MICROSECOND)


def _trying(url: Url, transfer: Transfer) -> list[str]:
    if not transfer.address or transfer.exit_code == 6:
        return [f"* Could not resolve host: {url.host}"] if transfer.exit_code == 6 else []
    lines = [f"*   Trying {transfer.address}:{url.port}..."]
    if transfer.exit_code != 7 and "Failed to connect" not in transfer.error:
        lines.append(f"* Connected to {url.host} ({transfer.address}) port {url.port} (#0)")
    return lines


def _handshake(run: Run, url: Url, transfer: Transfer) -> list[str]:
    if transfer.exit_code in (6, 7, 35) or "Failed to connect" in transfer.error:
        return []
    lines = ["* TLSv1.3 (OUT), TLS handshake, Client hello (1):"]
    certificate = _certificate(run, url)
    if transfer.exit_code == 60:
        return [*lines, "* TLSv1.3 (OUT), TLS alert, certificate expired (557):", "* Closing connection 0"]
    lines.append("* SSL connection using TLSv1.3 / TLS_AES_256_GCM_SHA384")
    if certificate is not None:
        ends = _moment(run, certificate.not_after)
        good = certificate.valid_at(run.now)
        verdict = "ok." if good else "result: certificate has expired (10), continuing anyway."
        lines += [
            "* Server certificate:",
            f"*  subject: CN={certificate.common_name}",
            f"*  expire date: {_date(ends)}",
            f"*  SSL certificate verify {verdict}",
        ]
    return lines


def _certificate(run: Run, url: Url) -> Certificate | None:
    service = run.cluster.services.find(url.host.split(".")[0], run.namespace)
    served = run.production.causes.certificates.served(service) if service is not None else []
    return min(served, key=lambda each: each.not_after) if served else None


def _date(moment: datetime) -> str:
    """As OpenSSL prints it, in English on every machine."""
    months = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
    return f"{months[moment.month - 1]} {moment.day:2d} {moment:%H:%M:%S} {moment.year} GMT"


def _asking(url: Url, transfer: Transfer, arguments: Arguments) -> list[str]:
    host = url.host if url.port in (80, 443) else f"{url.host}:{url.port}"
    lines = [f"{transfer.method} {url.rest} HTTP/1.1", f"Host: {host}"]
    lines += [f"User-Agent: {arguments.text('user-agent') or AGENT}", "Accept: */*"]
    given = [each for each in arguments.text("header").split("\n") if each]
    lines += given
    if arguments.given("data"):
        size = len("&".join(arguments.text("data").split("\n")).encode())
        lines.append(f"Content-Length: {size}")
        if not any(each.lower().startswith("content-type:") for each in given):
            lines.append("Content-Type: application/x-www-form-urlencoded")
    return [*(f"> {line}" for line in lines), ">"]
