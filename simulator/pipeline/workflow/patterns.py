"""GitHub's filter patterns for branches, tags and paths: ``release/**``, ``v[12].*``, ``!main``.

Source: the filter pattern cheat sheet of GitHub's "Workflow syntax".
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache


def accepts(patterns: Sequence[str], name: str) -> bool:
    """Whether a list of patterns lets a name through: the last one that matches decides."""
    verdict = False
    for pattern in patterns:
        negative = pattern.startswith("!")
        if matcher(pattern.removeprefix("!") if negative else pattern).fullmatch(name):
            verdict = not negative
    return verdict


@lru_cache(maxsize=512)
def matcher(pattern: str) -> re.Pattern[str]:
    """A pattern as a regular expression; one that makes none matches itself alone."""
    parts, position = [], 0
    while position < len(pattern):
        sign = pattern[position]
        if pattern.startswith("**", position):
            parts.append(".*")
            position += 2
            continue
        end = pattern.find("]", position) if sign == "[" else -1
        if end > position + 1:
            parts.append("[" + re.escape(pattern[position + 1 : end]).replace(r"\-", "-") + "]")
            position = end + 1
            continue
        if sign in "?+" and parts:
            parts.append(sign)
        else:
            parts.append("[^/]*" if sign == "*" else re.escape(sign))
        position += 1
    try:
        return re.compile("".join(parts), re.DOTALL)
    except re.error:
        return re.compile(re.escape(pattern))
