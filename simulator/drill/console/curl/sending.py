"""One request: through the data plane where a route answers it, else as far as it gets."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from simulator.dataplane import HTTP_CODES, OUTCOMES, Reply
from simulator.drill.console.curl.output import Transfer, answer_of, unreachable
from simulator.drill.console.curl.targets import (
    CurlError,
    Url,
    probe_paths,
    route_for,
    routes_of,
    service_at,
    speaks_tls,
)
from simulator.drill.console.grammar import RefusedError
from simulator.units import MILLISECOND
from simulator.world import Service

if TYPE_CHECKING:
    from simulator.drill.run import Run


@dataclass(frozen=True, slots=True)
class Options:
    """How to ask.

    Attributes:
        method: Empty takes the route's own.
        insecure: Whether an expired certificate will do.
        patience: ns for all of it.
        connect_timeout: ns until a connection that nobody answers is given up.
    """

    method: str
    insecure: bool
    patience: int
    connect_timeout: int


def send(run: Run, url: Url, options: Options) -> Transfer | None:
    """Ask once; simulated time passes until the answer is there.

    Returns:
        The transfer, or None where somebody called before it ended.
    """
    blank = Transfer(url.text, options.method or "GET", 0)
    try:
        service = service_at(run, url)
        blank = replace(blank, address=_address(service))
        return _sent(run, url, options, service, blank)
    except CurlError as error:
        return replace(blank, exit_code=error.code, error=error.said)


def _address(service: Service) -> str:
    return service.spec.external_ip or service.spec.cluster_ip


def _sent(run: Run, url: Url, options: Options, service: Service, blank: Transfer) -> Transfer | None:
    routes = routes_of(run, service)
    name = service.meta.name
    if not routes:
        raise CurlError(52, "Empty reply from server")
    route = route_for(routes, url.path, options.method)
    if url.scheme == "http" and speaks_tls(run, service, url.port):
        route = 400
    if isinstance(route, int):
        return _unrouted(run, url, options, name, blank, route)
    method = options.method or route.method
    request = run.production.dataplane.ask(
        name, route.name, patience=options.patience, insecure=options.insecure
    )
    began = run.now
    plane = run.production.dataplane

    def over() -> bool:
        unanswered = run.now - began >= options.connect_timeout and plane.is_lost(request)
        return plane.reply(request) is not None or unanswered

    run.block(began + options.patience + MILLISECOND, over)
    reply, waited = plane.reply(request), run.now - began
    if reply is not None:
        return _answered(url, service, replace(blank, method=method, took=reply.took), reply, options)
    if plane.is_lost(request) and waited >= options.connect_timeout:
        return _gave_up(url, replace(blank, method=method, took=options.connect_timeout))
    return None


def _gave_up(url: Url, transfer: Transfer) -> Transfer:
    """Nobody answered the connection."""
    after = f"after {transfer.took // MILLISECOND} ms"
    said = f"Failed to connect to {url.host} port {url.port} {after}: Timeout was reached"
    return replace(transfer, exit_code=28, error=said)


def _answered(url: Url, service: Service, transfer: Transfer, reply: Reply, options: Options) -> Transfer:
    """What curl makes of the data plane's reply."""
    if reply.outcome == "timeout" and reply.took >= options.patience:
        said = f"Operation timed out after {reply.took // MILLISECOND} milliseconds with 0 bytes received"
        return replace(transfer, exit_code=28, error=said)
    if reply.outcome == "unreachable":
        code, said = unreachable(reply.reason, url.host, url.port, reply.took)
        return replace(transfer, exit_code=code, error=said)
    if reply.outcome == "reset" and service.spec.type != "LoadBalancer":
        return replace(transfer, exit_code=56, error="Recv failure: Connection reset by peer")
    content_type, body = answer_of(reply.outcome, 0)
    status = HTTP_CODES[OUTCOMES.index(reply.outcome)]
    return replace(transfer, status=status, content_type=content_type, body=body)


def _unrouted(run: Run, url: Url, options: Options, name: str, blank: Transfer, status: int) -> Transfer:
    """What a server says without a route of its own, where a connection comes about at all."""
    if status == 404 and url.path in probe_paths(run, name):
        raise RefusedError(
            f"curl: {url.path} is the kubelet's alone here; kubectl describe pod shows what came of it",
            where=url.text,
            expected="a path that users or callers ask for",
            got=repr(url.path),
            todo="Type help curl: it lists what answers.",
        )
    reason = run.production.dataplane.hindrance(name, insecure=options.insecure or url.scheme == "http")
    if reason == "unavailable":
        content_type, body = answer_of(reason, 0)
        return replace(blank, status=503, content_type=content_type, body=body)
    if reason:
        code, said = unreachable(reason, url.host, url.port, 0)
        raise CurlError(code, said)
    content_type, body = answer_of("", status)
    return replace(blank, status=status, content_type=content_type, body=body)
