"""``openssl`` and ``cmctl``: when certificates end, and how they are renewed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from simulator.drill.console.grammar import Arguments, RefusedError
from simulator.drill.console.registry import Command, family
from simulator.units import MICROSECOND
from simulator.world import Certificate, Secret

if TYPE_CHECKING:
    from simulator.drill.run import Run

OPENSSL: Final = family("openssl", about="Read a certificate: when it begins and ends.")
CMCTL: Final = family("cmctl", about="cert-manager: renew a certificate.")


def _asked(line: str, words: Sequence[str], option: str, example: str) -> str:
    """The value behind one of openssl's long options with a single dash."""
    place = list(words).index(option) + 1 if option in words else 0
    if not place or place >= len(words):
        raise RefusedError(
            f"openssl: option {option} is required",
            where=line,
            expected=f"{option} and a value",
            got="none",
            todo=f"For example {example}.",
        )
    return words[place]


def _x509_words(line: str, arguments: Arguments) -> tuple[str, ...]:
    _asked(line, arguments.words, "-in", "openssl x509 -in secret/NAME -noout -dates")
    return arguments.words


def _tls(run: Run) -> list[str]:
    return [item.meta.name for item in run.cluster.table(Secret) if item.certificate is not None]


def _date(run: Run, at: int) -> str:
    moment = run.cluster.start + timedelta(microseconds=at // MICROSECOND)
    months = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
    return f"{months[moment.month - 1]} {moment.day:2d} {moment:%H:%M:%S} {moment.year} GMT"


@OPENSSL.verb(
    "x509",
    usage="-in secret/NAME -noout [-subject] [-dates] [-enddate]",
    about="The certificate in a Secret (there are no files here, so -in names the Secret).",
    kind="look",
    cost="get",
    prose=True,
    normalise=_x509_words,
    candidates=lambda run, _before: [f"secret/{name}" for name in _tls(run)],
)
def x509(run: Run, command: Command) -> str:
    """Subject and dates, those that are asked for."""
    words = command.targets
    name = _asked(command.line, words, "-in", "openssl x509 -in secret/NAME -noout -dates")
    secret = run.cluster.table(Secret).find(name.removeprefix("secret/"), run.namespace)
    if secret is None or secret.certificate is None:
        raise RefusedError(
            f"Could not open file or uri for loading certificate from {name}: No such file or directory",
            where=command.line,
            expected=f"one of {', '.join(f'secret/{each}' for each in _tls(run)) or '(there are none)'}",
            got=repr(name),
            todo="kubectl get secrets lists them; TYPE is kubernetes.io/tls.",
        )
    lines = _fields(run, secret.certificate, words)
    return "\n".join(lines) if lines else secret.certificate.pem.rstrip("\n")


def _fields(run: Run, certificate: Certificate, words: Sequence[str]) -> list[str]:
    lines = []
    if "-subject" in words:
        lines.append(f"subject=CN = {certificate.common_name}")
    if "-dates" in words or "-startdate" in words:
        lines.append(f"notBefore={_date(run, certificate.not_before)}")
    if "-dates" in words or "-enddate" in words:
        lines.append(f"notAfter={_date(run, certificate.not_after)}")
    return lines


def _connect_words(line: str, arguments: Arguments) -> tuple[str, ...]:
    _asked(line, arguments.words, "-connect", "openssl s_client -connect payments:443")
    return arguments.words


@OPENSSL.verb(
    "s_client",
    usage="-connect SERVICE:PORT",
    about="What a Service's pods serve now, and whether it can be trusted.",
    kind="look",
    cost="get",
    prose=True,
    normalise=_connect_words,
    candidates=lambda run, _before: [f"{item.meta.name}:443" for item in run.cluster.services],
)
def s_client(run: Run, command: Command) -> str:
    """The certificate of the first ready pod, with the verdict of a client whose clock is right."""
    place = _asked(command.line, command.targets, "-connect", "openssl s_client -connect payments:443")
    service = run.cluster.services.find(place.partition(":")[0].split(".")[0], run.namespace)
    if service is None:
        raise RefusedError(
            f"BIO_lookup_ex: {place}: Name or service not known\nconnect:errno=2",
            where=command.line,
            expected="a Service and a port",
            got=repr(place),
            todo="kubectl get services lists them.",
        )
    served = run.production.causes.certificates.served(service)
    if not served:
        return f"CONNECTED(00000003)\nno peer certificate available\n---\n{place} speaks plain text"
    worst = min(served, key=lambda each: each.not_after)
    good = worst.valid_at(run.now)
    verdict = "0 (ok)" if good else "10 (certificate has expired)"
    lines = [
        "CONNECTED(00000003)",
        f"depth=0 CN = {worst.common_name}",
        *([] if good else ["verify error:num=10:certificate has expired"]),
        f"notAfter={_date(run, worst.not_after)}",
        "---",
        f"subject=CN = {worst.common_name}",
        f"Verify return code: {verdict}",
    ]
    old = sum(not each.valid_at(run.now) for each in served)
    if 0 < old < len(served):
        lines.append(f"{old} of {len(served)} pods still serve the old certificate")
    return "\n".join(lines)


def _one_certificate(line: str, arguments: Arguments) -> tuple[str, ...]:
    if len(arguments.words) != 1:
        raise RefusedError(
            "Error: please supply one or more Certificate resource names",
            where=line,
            expected="one name",
            got=str(len(arguments.words)),
            todo="kubectl get secrets lists them; TYPE is kubernetes.io/tls.",
        )
    return arguments.words


@CMCTL.verb(
    "renew",
    usage="NAME",
    about="Issue a new certificate into its Secret; pods that mount it serve it within a minute or so.",
    kind="change",
    cost="change",
    normalise=_one_certificate,
    candidates=lambda run, _before: _tls(run),
)
def renew(run: Run, command: Command) -> str:
    """cert-manager's manual renewal."""
    run.production.causes.certificates.renew(command.targets[0])
    return f"Manually triggered issuance of Certificate {run.namespace}/{command.targets[0]}"
