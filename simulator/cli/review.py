"""``gameday review``: James's twelve points against files, for people and for a pipeline's gate."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from simulator.cli import screen
from simulator.review import as_text, compare, day_of, read_earlier, review_paths

#: Exit codes. 2 is a user's mistake, as everywhere.
NOTHING, FINDINGS, BLIND = 0, 1, 3
_WORDS: Final = "some of it was not looked at; nothing was found in the rest"


def reviewed(paths: list[Path], *, as_of: str | None, since: Path | None, diff: bool, json: bool) -> int:
    """Review, print, and say with which exit code it ends.

    Raises:
        GamedayError: A path, a file or the earlier review is wrong.
    """
    day = day_of(as_of)
    earlier = read_earlier(since) if since is not None else None
    with screen.steps(1, "reviewing"):
        found = review_paths(list(paths), as_of=day)
    comparison = compare(earlier, found) if earlier is not None else None
    if json:
        data = found.to_json()
        screen.machine(data if comparison is None else {**data, "compared": comparison.to_json()})
    elif diff:
        screen.text(found.patch())
    else:
        screen.text(as_text(found))
        if comparison is not None:
            screen.text(f"\nBefore and now\n{comparison}\n")
    if found.findings:
        return FINDINGS
    if not found.complete:
        screen.say(f"gameday: {_WORDS}")
        return BLIND
    return NOTHING
