"""What a URL means in this cluster: which Service, which port, which of its routes.

Names are those of the cluster's DNS (``checkout``, ``checkout.production.svc.cluster.local``), or the cluster
and external addresses that ``kubectl get services`` prints. The texts are those of curl 7.88 (Debian 12).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from simulator.drill.console.grammar import RefusedError
from simulator.scenario.workloads import Route
from simulator.world import Service

if TYPE_CHECKING:
    from simulator.drill.run import Run

_URL: Final = re.compile(
    r"(?:(?P<scheme>[A-Za-z][A-Za-z0-9+.-]*)://)?(?P<host>[^/?#:\s]+)(?::(?P<port>\d{1,5}))?(?P<rest>[/?#]\S*)?"
)
_PORTS: Final = {"http": 80, "https": 443}
#: Ports on which TLS is spoken by custom, where a Service serves no certificate that is modelled.
_TLS_PORTS: Final = (443, 8443)
_LOCAL: Final = ("localhost", "127.0.0.1", "[::1]", "0.0.0.0")
TRY: Final = "curl: try 'curl --help' for more information"


@dataclass(frozen=True, slots=True)
class Url:
    """A URL in its parts; ``path`` is without query and fragment, ``rest`` with them."""

    scheme: str
    host: str
    port: int
    path: str
    rest: str

    @property
    def text(self) -> str:
        """As curl prints it, with the port where that is not the scheme's own."""
        port = "" if self.port == _PORTS[self.scheme] else f":{self.port}"
        return f"{self.scheme}://{self.host}{port}{self.rest}"


class CurlError(Exception):
    """What ends a transfer before or without an answer: curl's exit code and its words.

    Attributes:
        code: For example 7.
        said: Without ``curl: (7) ``.
    """

    def __init__(self, code: int, said: str) -> None:
        super().__init__(code, said)
        self.code = code
        self.said = said


def parse_url(text: str, line: str) -> Url:
    """Read a URL as curl does; http where no scheme is given.

    Raises:
        RefusedError: It is none, or another protocol.
    """
    found = _URL.fullmatch(text)
    port = int(found["port"]) if found and found["port"] else 0
    if found is None or port > 65535:
        raise RefusedError(
            "curl: (3) URL using bad/illegal format or missing URL",
            where=line,
            expected="a URL such as http://checkout/v1/orders",
            got=repr(text[:80]),
            todo="Type help curl: it lists what there is.",
        )
    scheme = (found["scheme"] or "http").lower()
    if scheme not in _PORTS:
        raise RefusedError(
            f'curl: (1) Protocol "{scheme}" not supported or disabled in libcurl',
            where=line,
            expected="http:// or https://",
            got=repr(scheme),
            todo="Ask a Service over HTTP.",
        )
    rest = found["rest"] or "/"
    path = re.split(r"[?#]", rest, maxsplit=1)[0] or "/"
    return Url(
        scheme, found["host"].lower(), port or _PORTS[scheme], path, rest if rest[0] == "/" else f"/{rest}"
    )


def service_at(run: Run, url: Url) -> Service:
    """The Service that a URL's host and port belong to.

    Raises:
        CurlError: There is none, or it does not listen there.
    """
    refused = f"Failed to connect to {url.host} port {url.port} after 0 ms: Couldn't connect to server"
    if url.host in _LOCAL:
        raise CurlError(7, refused)
    service = _named(run, url.host)
    if service is None:
        if re.fullmatch(r"[0-9.]+", url.host):
            raise CurlError(7, refused.replace("Couldn't connect to server", "No route to host"))
        raise CurlError(6, f"Could not resolve host: {url.host}")
    ports = {each.port for each in service.spec.ports}
    if has_certificate(run, service):
        ports.add(443)
    if url.port not in ports:
        raise CurlError(7, refused)
    if url.scheme == "https" and not speaks_tls(run, service, url.port):
        raise CurlError(35, "error:0A00010B:SSL routines::wrong version number")
    return service


def _named(run: Run, host: str) -> Service | None:
    space = run.namespace
    name = re.sub(rf"\.{re.escape(space)}(\.svc(\.cluster\.local)?)?$", "", host)
    found = run.cluster.services.find(name, space)
    if found is not None:
        return found
    return next(
        (
            each
            for each in run.cluster.services
            if host in (each.spec.cluster_ip, each.spec.external_ip) and host != "None"
        ),
        None,
    )


def has_certificate(run: Run, service: Service) -> bool:
    """Whether the Service's pods are declared to serve a certificate."""
    declared = (secret.model.certificate for secret in run.scenario.spec.secrets)
    return any(each is not None and each.service == service.meta.name for each in declared)


def speaks_tls(run: Run, service: Service, port: int) -> bool:
    """Whether a port speaks TLS: where the pods serve a certificate, and on ports made for it."""
    return port in _TLS_PORTS or has_certificate(run, service)


def routes_of(run: Run, service: Service) -> tuple[Route, ...]:
    """What a Service's pods answer over HTTP; empty for databases and caches.

    Raises:
        RefusedError: The Service has no requests of its own here.
    """
    name = service.meta.name
    workload = run.scenario.spec.backend(name)
    if workload is None or name not in {front.name for front in run.scenario.spec.fronts}:
        said = f"curl: {name} has no requests of its own in this simulation; ask the Service before its pods"
        raise RefusedError(
            said,
            where=name,
            expected="a Service that users or callers ask",
            got=repr(name),
            todo="Type help curl: it lists what answers.",
        )
    return tuple(route for route in workload.model.routes if route.method != "CALL")


def probe_paths(run: Run, name: str) -> frozenset[str]:
    """Paths that the kubelet alone asks for here."""
    workload = run.scenario.spec.backend(name)
    if workload is None:
        return frozenset()
    probes = [
        probe
        for container in workload.spec.template.spec.containers
        for probe in (container.readiness_probe, container.liveness_probe, container.startup_probe)
        if probe is not None
    ]
    return frozenset(probe.http_get.path for probe in probes)


def route_for(routes: tuple[Route, ...], path: str, method: str) -> Route | int:
    """The route of a path, or the status of a server that has none: 404, or 405 for another method.

    Args:
        routes: The Service's.
        path: As asked.
        method: Empty takes the route's own, whatever it is.
    """
    plain = path.rstrip("/") or "/"
    found = [route for route in routes if (route.path.rstrip("/") or "/") == plain]
    if not found:
        return 404
    fitting = [route for route in found if method in ("", "HEAD", route.method)]
    return fitting[0] if fitting else 405


def known_urls(run: Run) -> list[str]:
    """A URL for each route that can be asked for, for help and completion."""
    found = []
    for service in run.cluster.services:
        try:
            routes = routes_of(run, service)
        except RefusedError:
            continue
        port = service.spec.ports[0].port
        scheme = "https" if speaks_tls(run, service, port) else "http"
        shown = "" if port in (80, 443) else f":{port}"
        found += [f"{scheme}://{service.meta.name}{shown}{route.path}" for route in routes]
    return sorted(dict.fromkeys(found))
