"""The pages' scripts, put together from plain files in their order, and their style sheets.

There is no build step and no import between the files: they share one scope, and their numbers say the order.
"""

from __future__ import annotations

from functools import lru_cache
from importlib.resources import files

_STATIC = files("simulator.lab") / "static"


@lru_cache(maxsize=1)
def script() -> str:
    """One ECMAScript module with a default export that anywidget understands."""
    parts = sorted((_STATIC / "js").iterdir(), key=lambda part: part.name)
    return "\n".join(part.read_text("utf-8") for part in parts if part.name.endswith(".js"))


@lru_cache(maxsize=1)
def style() -> str:
    """The style sheet; every rule begins at the console's own root, but for one on the boxes that hold it."""
    return (_STATIC / "console.css").read_text("utf-8")


@lru_cache(maxsize=1)
def interview_script() -> str:
    """The interview's module: the helpers of the console, and the form."""
    parts = (_STATIC / "js" / "10-dom.js", _STATIC / "interview" / "form.js")
    return "\n".join(part.read_text("utf-8") for part in parts)


@lru_cache(maxsize=1)
def interview_style() -> str:
    """The interview's style sheet; every rule begins at its own root."""
    return (_STATIC / "interview" / "form.css").read_text("utf-8")
