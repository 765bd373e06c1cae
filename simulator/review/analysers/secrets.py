"""detect-secrets, for every file; nothing is verified over a network, and no secret is repeated."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from simulator.review.analysers.asking import NoAnswerError, ask, program
from simulator.review.analysers.copies import Copy, name_of, read_json
from simulator.review.findings import Said, Severity

#: A line of GitHub's syntax that its keyword detector takes for a secret.
_NO_SECRET: Final = r"^\s*secrets:\s*[\"']?inherit[\"']?\s*$"

#: Kinds that are known by their randomness alone, as digests are too.
_BY_CHANCE: Final = "High Entropy String"


def look(copies: Sequence[Copy], folder: Path) -> tuple[list[Said], list[str]]:
    """Ask it about all files at once.

    Raises:
        NoAnswerError: It is not there, or its answer can't be read.
    """
    path = str(program("detect-secrets", "detect-secrets"))
    options = ["--no-verify", "--all-files", "--exclude-lines", _NO_SECRET]
    command = [path, "scan", *options, *(copy.path for copy in copies)]
    answer = read_json(ask(command, folder, good=(0,)), "detect-secrets")
    said: list[Said] = []
    try:
        for name, entries in answer["results"].items():
            file = name_of(copies, name)
            for entry in entries:
                kind, line = str(entry["type"]), int(entry["line_number"])
                severity: Severity = "low" if kind.endswith(_BY_CHANCE) else "high"
                said.append(Said("detect-secrets", kind, file, line, f"this looks like: {kind}", severity))
    except (KeyError, TypeError, AttributeError, ValueError):
        raise NoAnswerError("failed", "detect-secrets' answer has another form than version 1.5's") from None
    return said, []
