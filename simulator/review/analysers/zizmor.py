"""zizmor, for workflows: offline, at its default persona, without anybody's configuration."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from simulator.review.analysers.asking import NoAnswerError, ask, program
from simulator.review.analysers.copies import Copy, read_json
from simulator.review.findings import Said, Severity

#: 0 without findings, 11 to 14 by the gravest; see docs.zizmor.sh/usage/#exit-codes.
_LOOKED: Final = (0, 10, 11, 12, 13, 14)
_REFUSED: Final = (1, 3)
_SEVERITIES: Final[dict[str, Severity]] = {"High": "high", "Medium": "medium"}


def look(copies: Sequence[Copy], folder: Path) -> tuple[list[Said], list[str]]:
    """Ask it about each workflow by itself, so that one that it refuses does not hide the others.

    Raises:
        NoAnswerError: It is not there, or none of its answers can be read.
    """
    path = str(program("zizmor", "zizmor"))
    said: list[Said] = []
    unread: list[str] = []
    for copy in copies:
        command = [path, "--offline", "--no-config", "--strict-collection", "--format", "json", copy.path]
        try:
            answer = read_json(ask(command, folder, good=_LOOKED), "zizmor")
        except NoAnswerError as error:
            if not any(f"exit code {code}:" in str(error) for code in _REFUSED):
                raise
            unread.append(f"{copy.file.name} ({error})")
            continue
        try:
            said += [_said(entry, copy.file.name) for entry in answer]
        except (KeyError, TypeError, StopIteration, AttributeError):
            raise NoAnswerError("failed", "zizmor's answer has another form than version 1.32's") from None
    return said, unread


def _said(entry: dict[str, Any], file: str) -> Said:
    place = next(each for each in entry["locations"] if each["symbolic"]["kind"] == "Primary")
    start = place["concrete"]["location"]["start_point"]
    words = f"{entry['desc']}: {place['symbolic']['annotation']}"
    severity = _SEVERITIES.get(entry["determinations"]["severity"], "low")
    return Said(
        "zizmor",
        str(entry["ident"]),
        file,
        int(start["row"]) + 1,
        words,
        severity,
        str(entry["url"]),
        int(start["column"]) + 1,
    )
