"""The actions that the interview may write: a committed table of pins, and nothing beside it.

A tag can be moved to other code, a commit can't. Nobody knows a commit by heart, and one that was made up
looks like any other; so an action that is not in ``actions.json`` is refused.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import Final

from simulator.errors import GamedayError

_USES: Final = re.compile(r"(?P<key>\buses: )(?P<action>[\w.-]+/[\w./-]+)$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Pin:
    """One action at one commit.

    Attributes:
        action: Owner and repository.
        tag: What its makers call the commit; it stands in the comment.
        sha: The full commit.
        date: The day on which the pin was last confirmed.
        source: How it was confirmed.
    """

    action: str
    tag: str
    sha: str
    date: str
    source: str

    def __str__(self) -> str:
        return f"{self.action}@{self.sha} # {self.tag}"


@lru_cache(maxsize=1)
def pins() -> dict[str, Pin]:
    """The table, by action."""
    text = (files("simulator.pipeline.interview") / "actions.json").read_text("utf-8")
    return {row["action"]: Pin(**row) for row in json.loads(text)["actions"]}


def pinned(text: str) -> str:
    """The same text, in which every ``uses: owner/repository`` has its commit, with the tag in a comment.

    Raises:
        GamedayError: An action is not in the table.
    """
    return _USES.sub(lambda found: found["key"] + str(_pin(found["action"])), text)


def _pin(action: str) -> Pin:
    found = pins().get(action)
    if found is None:
        raise GamedayError(
            "the table of actions",
            expected=f"one of {', '.join(pins())}",
            got=repr(action),
            todo="Look its commit up in its own repository and add it to the table; never make one up.",
        )
    return found
