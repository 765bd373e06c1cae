"""Certificates by the clock: whoever serves an expired one is refused by all who check it.

A process serves the certificate that it has read. Renewing the Secret changes the files of its pods within a
kubelet's sync; a server that has its certificate from the environment serves the old one until it restarts.
A Service counts as refused while any of its ready pods serves a certificate that has ended.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Protocol

from simulator.engine.configuration.objects import Configuration
from simulator.engine.environment import Environment
from simulator.errors import GamedayError
from simulator.scenario.configuration import Certificate as Declared
from simulator.scenario.document import Scenario
from simulator.units import MICROSECOND
from simulator.world import Certificate, Change, Cluster, Pod, Secret, Service, Source


class Checking(Protocol):
    """What is needed of a data plane."""

    def set_certificate(self, service: str, expires: int | None) -> None:
        """Say when a service's certificate ends."""


class Certificates:
    """All Secrets of type ``kubernetes.io/tls``, and what their certificates do.

    Args:
        env: The clock.
        cluster: Where Secrets and pods are.
        scenario: Whose certificates they are.
        configuration: Knows what each pod has read.
        dataplane: Where connections are made, and certificates checked.
    """

    def __init__(
        self,
        env: Environment,
        cluster: Cluster,
        scenario: Scenario,
        configuration: Configuration,
        dataplane: Checking,
    ) -> None:
        self._env = env
        self._cluster = cluster
        self._configuration = configuration
        self._dataplane = dataplane
        self._ends: dict[str, int | None] = {}
        self._declared: dict[str, Declared] = {
            item.name: item.model.certificate
            for item in scenario.spec.secrets
            if item.model.certificate is not None
        }
        self._issued: dict[str, Certificate] = {}
        self._clocks: dict[str, int] = {}
        self._namespace = scenario.spec.namespace
        cluster.subscribe(self._on_change, Pod)

    def first(self, name: str) -> Certificate:
        """The certificate that a Secret holds at the beginning."""
        declared = self._declared[name]
        ends = (declared.not_after - self._cluster.start) // timedelta(microseconds=1) * MICROSECOND
        return self._issue(name, ends - declared.validity, ends, 1)

    def renew(self, name: str) -> Certificate:
        """Issue a new certificate into the Secret, valid from now on.

        Raises:
            GamedayError: No Secret of that name holds a certificate.
        """
        secret = self._cluster.table(Secret).find(name, self._namespace)
        if name not in self._declared or secret is None:
            raise GamedayError(
                f"secret {name}",
                expected=f"one of the certificates {', '.join(self._declared) or '(there are none)'}",
                got=repr(name),
                todo="kubectl get secrets lists them; TYPE is kubernetes.io/tls.",
            )
        now, before = self._env.now, secret.certificate
        serial = before.serial + 1 if before is not None else 1
        secret.hold(self._issue(name, now, now + self._declared[name].validity, serial))
        self._cluster.changed(secret)
        return self._issued[secret.data["tls.crt"]]

    def shift_clock(self, workload: str, offset: int) -> None:
        """Let a workload's pods believe another time, off by so much (ns); 0 ends it."""
        self._clocks[workload] = offset
        self.look()

    def served(self, service: Service) -> list[Certificate]:
        """What the ready pods of a Service serve, in order of the pods; of those that serve none, nothing."""
        name = next((each for each, item in self._declared.items() if item.service == service.meta.name), "")
        found = []
        for pod in self._cluster.endpoints(service) if name else ():
            seen = self._configuration.seen(pod, Source("Secret", name)).get("tls.crt", "")
            if seen in self._issued:
                found.append(self._issued[seen])
        return found

    def look(self) -> None:
        """Tell the data plane when each Service's certificate ends, as its pods serve it and tell the time.

        The soonest end counts: a Service is refused while any of its ready pods serves what has ended.
        """
        for declared in self._declared.values():
            service = self._cluster.services.find(declared.service, self._namespace)
            if service is None:
                continue
            pods = self._cluster.endpoints(service)
            offset = max((self._clocks.get(pod.deployment, 0) for pod in pods), key=abs, default=0)
            end = min((each.not_after - offset for each in self.served(service)), default=None)
            if end != self._ends.get(declared.service):
                self._ends[declared.service] = end
                self._dataplane.set_certificate(declared.service, end)

    def _issue(self, name: str, begins: int, ends: int, serial: int) -> Certificate:
        service = self._declared[name].service
        certificate = Certificate(f"{service}.{self._namespace}.svc", begins, ends, serial)
        self._issued[certificate.pem] = certificate
        return certificate

    def _on_change(self, change: Change) -> None:
        if isinstance(change.object, Pod) and self._declared:
            self.look()
