"""ConfigMaps and Secrets: what pods read, at their start or while they run; and certificates that end."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from simulator.streams import key
from simulator.world.meta import ObjectMeta

TLS: Final = "kubernetes.io/tls"
CERTIFICATE, PRIVATE_KEY = "tls.crt", "tls.key"
_LINE: Final = 64


@dataclass(slots=True)
class ConfigMap:
    """Settings by key.

    Attributes:
        immutable: The API server refuses every later change of its data.
    """

    meta: ObjectMeta
    data: dict[str, str] = field(default_factory=dict)
    immutable: bool = False


@dataclass(frozen=True, slots=True)
class Certificate:
    """An X.509 certificate, as far as it matters here.

    Attributes:
        common_name: Of its subject, such as ``payments.production.svc``.
        not_before: ns.
        not_after: ns; from then on whoever checks it refuses the connection.
        serial: Tells it from the one that came before.
    """

    common_name: str
    not_before: int
    not_after: int
    serial: int = 1

    def valid_at(self, now: int) -> bool:
        """Whether it is neither too young nor too old at ``now`` (ns)."""
        return self.not_before <= now < self.not_after

    @property
    def pem(self) -> str:
        """What stands in ``tls.crt``: shaped like PEM, and made from the certificate's fields alone."""
        return _block(
            "CERTIFICATE", f"{self.common_name}/{self.not_before}/{self.not_after}/{self.serial}", 9
        )

    @property
    def key_pem(self) -> str:
        """What stands in ``tls.key``."""
        return _block("PRIVATE KEY", f"key/{self.common_name}/{self.serial}", 5)


def _block(title: str, seed: str, lines: int) -> str:
    body = b"".join(key(f"{seed}/{number}").to_bytes(8, "big") for number in range(lines * 6))
    text = base64.b64encode(body).decode("ascii")
    cut = [text[place : place + _LINE] for place in range(0, len(text), _LINE)]
    return "\n".join([f"-----BEGIN {title}-----", *cut, f"-----END {title}-----", ""])


@dataclass(slots=True)
class Secret:
    """What pods must know and people should not read.

    Attributes:
        data: Decoded; manifests show it in base64.
        certificate: Of a Secret of type ``kubernetes.io/tls``, whose data is made from it.
    """

    meta: ObjectMeta
    type: str = "Opaque"
    data: dict[str, str] = field(default_factory=dict)
    certificate: Certificate | None = None

    def hold(self, certificate: Certificate) -> None:
        """Put a certificate and its key into the data."""
        self.certificate = certificate
        self.data = {CERTIFICATE: certificate.pem, PRIVATE_KEY: certificate.key_pem}


def encoded(data: Mapping[str, str]) -> dict[str, str]:
    """A Secret's data as manifests carry it."""
    return {name: base64.b64encode(text.encode()).decode("ascii") for name, text in data.items()}
