"""Files of the repository of deployments as git prints their changes."""

from __future__ import annotations

import difflib
import hashlib
from collections.abc import Sequence

from simulator.engine import Release
from simulator.engine.delivery.repository import FileChange

_NULL = "/dev/null"
#: Columns of the graph of ``--stat``, at most.
_GRAPH = 40


def diff_of(change: FileChange) -> str:
    """One file as ``git diff`` has it."""
    new, gone = not change.before, not change.after
    head = [f"diff --git a/{change.path} b/{change.path}"]
    head += ["new file mode 100644"] if new else ["deleted file mode 100644"] if gone else []
    head.append(f"index {_blob(change.before)}..{_blob(change.after)}" + ("" if new or gone else " 100644"))
    lines = difflib.unified_diff(
        change.before.splitlines(),
        change.after.splitlines(),
        _NULL if new else f"a/{change.path}",
        _NULL if gone else f"b/{change.path}",
        lineterm="",
    )
    return "\n".join([*head, *lines])


def stat_of(changes: Sequence[FileChange]) -> str:
    """``--stat``: each file with its lines added and taken away, and the sum."""
    if not changes:
        return ""
    counts = [_counts(each) for each in changes]
    width = max(len(each.path) for each in changes)
    digits = max(len(str(sum(pair))) for pair in counts)
    rows = []
    for change, (added, taken) in zip(changes, counts, strict=True):
        graph = "+" * min(added, _GRAPH) + "-" * min(taken, _GRAPH)
        rows.append(f" {change.path.ljust(width)} | {str(added + taken).rjust(digits)} {graph}")
    added, taken = (sum(pair[side] for pair in counts) for side in (0, 1))
    total = f" {len(changes)} file{'s' if len(changes) != 1 else ''} changed"
    total += f", {added} insertion{'s' if added != 1 else ''}(+)" if added else ""
    total += f", {taken} deletion{'s' if taken != 1 else ''}(-)" if taken else ""
    return "\n".join([*rows, total])


def text_at(commits: Sequence[Release], place: int, path: str) -> str:
    """A file as of the commit at ``place``, oldest first."""
    for commit in reversed(commits[: place + 1]):
        for file in commit.files:
            if file.path == path:
                return file.after
    for commit in commits[place + 1 :]:
        for file in commit.files:
            if file.path == path:
                return file.before
    return ""


def _counts(change: FileChange) -> tuple[int, int]:
    lines = list(difflib.ndiff(change.before.splitlines(), change.after.splitlines()))
    return sum(line.startswith("+ ") for line in lines), sum(line.startswith("- ") for line in lines)


def _blob(text: str) -> str:
    """A blob's id, as git makes it."""
    content = text.encode()
    if not content:
        return "0000000"
    return hashlib.sha1(b"blob %d\0" % len(content) + content, usedforsecurity=False).hexdigest()[:7]
