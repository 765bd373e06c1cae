"""What may not stand in any tracked file: unfinished work, and traces of one machine.

The patterns are written so that this file does not match itself.
"""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterator
from pathlib import Path

from tests.house.lockstep import ROOT
from tests.house.source import Finding

_UNFINISHED = re.compile(
    r"\b(TO[D]O|FIX[M]E|X[X]X|NotImplemented[E]rror|pytest\.ski[p]|mark\.ski[p]|xfai[l])"
)
_INDEX = re.compile(r"(?<!no-emit-)\b(extra-)?index-ur[l]\b|\"resolved\": *\"htt[p]")
_REGISTRY = re.compile(r"\b(pypi|pythonhosted|npmjs|conda\.anaconda|deb\.debian)\.(?:or[g]|co[m]|i[o])\b")
_HOME = re.compile(r"(?<![\w.$}/-])/(home|Users|root|work|workspace)/[\w.-]+")
_URL = re.compile(r"\b(?:https?|wss?)://([\w.-]+)")
#: The incident that a scenario echoes is cited where its company tells it: any host may stand there.
_ECHO = re.compile(r"scenarios/[^/]+/texts\.yaml"), re.compile(r"\burl:")
_MADE_HERE = ("requirements.lock", "environment.yml")

# Every host that the repository may name: standards, primary sources for a reader, and this machine itself.
HOSTS = frozenset(
    {
        "127.0.0.1", "localhost",
        "www.apache.org", "keepachangelog.com", "semver.org", "www.w3.org", "json-schema.org",
        "sre.google", "kubernetes.io", "argoproj.github.io", "argo-rollouts.readthedocs.io",
        "prometheus.io", "openslo.com", "github.com", "k6.io", "grafana.com", "chaos-mesh.org",
        "curl.se", "example.org", "aws.amazon.com", "martinfowler.com", "www.envoyproxy.io",
        "sigops.org",
        "docs.github.com", "docs.docker.com", "docs.sigstore.dev",
    }
)  # fmt: skip


def machine_paths() -> tuple[str, ...]:
    """Folders of this very machine whose names would betray it: the checkout's parent and the home folder.

    A checkout may lie in the folder for temporary files, which every machine has by the same name.
    """
    shared = (Path("/"), Path(tempfile.gettempdir()))
    return tuple(sorted({f"{each}/" for each in (ROOT.parent, Path.home()) if each not in shared}))


def breaches(path: str, text: str) -> Iterator[Finding]:
    """What in one tracked file is unfinished or belongs to a machine rather than to the project."""
    if path == "LICENSE":
        return
    for number, line in enumerate(text.splitlines(), 1):
        for message in _judge(path, line):
            yield Finding(path, number, message)


def _judge(path: str, line: str) -> Iterator[str]:
    if found := _UNFINISHED.search(line):
        yield f"{found[0]}: finish it now, or file it where work is tracked"
    if _INDEX.search(line) or _REGISTRY.search(line):
        yield "names a package registry: every client knows its own"
    if found := _HOME.search(line):
        yield f"{found[0]} is a path of one machine: derive it, or take it as an argument"
    elif any(folder in line for folder in machine_paths()):
        yield "names a folder of this machine: derive it, or take it as an argument"
    if _ECHO[0].fullmatch(path) and _ECHO[1].search(line):
        return
    for found in _URL.finditer(line):
        in_cluster = "." not in found[1]  # the name of a Service: no host of this world
        if path in _MADE_HERE or not (in_cluster or found[1] in HOSTS):
            yield f"{found[1]} is not in HOSTS of tests/house/tidy.py: cite a primary source or add it"
