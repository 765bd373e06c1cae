"""The image registry: which images exist, and what a service does when it runs one of them."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from typing import Final

#: distribution/reference: an optional registry, lowercase path components, an optional tag and digest.
_REFERENCE: Final = re.compile(
    r"(?P<name>(?:[A-Za-z0-9.-]+(?::[0-9]+)?/)?[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*"
    r"(?:/[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*)*)"
    r"(?::(?P<tag>[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}))?"
    r"(?:@(?P<digest>sha256:[0-9a-f]{64}))?"
)


def digest_of(image: str) -> str:
    """The content digest of an image, ``sha256:…``: made from its name and tag, so every run agrees."""
    return "sha256:" + hashlib.sha256(image.encode()).hexdigest()


def version_of(image: str) -> str:
    """The short name of a version: the tag, or ``latest`` where the image carries none."""
    match = _REFERENCE.fullmatch(image)
    return (match and match["tag"]) or "latest"


@dataclass(frozen=True, slots=True)
class Crash:
    """How a process ends by itself after each start.

    Attributes:
        after: ns from its start.
        exit_code: Of the process.
        log: Its last line; empty when it says nothing.
    """

    after: int
    exit_code: int = 1
    log: str = ""


@dataclass(frozen=True, slots=True)
class Image:
    """An image that exists.

    Attributes:
        reference: Name and tag.
        service: Whose software it is.
        program: The data plane's number for what it does.
        start_time: Mean time from its container's start until it listens, ns.
        pull_time: Mean time of its first pull on a node, ns.
        weight: Of each of its pods, where callers weigh them.
        crash: How its process ends by itself after each start, or None.
        exits_on_sigterm: Asked to stop, it ends at once in place of finishing what it has.
        routes: (path, route) of its service, for probes that ask one of them.
    """

    reference: str
    service: str
    program: int
    start_time: int = 0
    pull_time: int = 0
    weight: int = 1
    crash: Crash | None = None
    exits_on_sigterm: bool = False
    routes: tuple[tuple[str, str], ...] = ()

    @property
    def name(self) -> str:
        """Without tag and digest."""
        match = _REFERENCE.fullmatch(self.reference)
        return match["name"] if match else self.reference

    @property
    def version(self) -> str:
        """The tag."""
        return version_of(self.reference)

    @property
    def digest(self) -> str:
        """By which it may also be named: ``name@sha256:…``."""
        return digest_of(self.reference)


class Registry:
    """All images that can be pulled."""

    def __init__(self) -> None:
        self._images: dict[tuple[str, str], Image] = {}

    def push(self, image: Image) -> None:
        """Make an image available under its tag and its digest; the same tag again replaces it."""
        for name in (image.reference, f"{image.name}@{image.digest}", f"{image.reference}@{image.digest}"):
            self._images[image.service, name] = image

    def find(self, image: str, service: str) -> Image | None:
        """The image of this tag or digest if it is ``service``'s software, else None."""
        return self._images.get((service, image)) or self._images.get((service, f"{image}:latest"))

    @staticmethod
    def well_formed(image: str) -> bool:
        """Whether the text is an image reference at all; ``IMAGE@DIGEST`` is not (names are lowercase)."""
        return _REFERENCE.fullmatch(image) is not None
