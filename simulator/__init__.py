"""Go on call in a simulated production system.

    import simulator as sim

    drill = sim.start("production-is-down", seed=7)
    drill.run("kubectl get pods -n production")

The names below are imported when they are first used, so that ``import simulator`` costs nothing.
"""

from __future__ import annotations

import sys
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from simulator.api import (
        Drill,
        ScenarioError,
        canary_power,
        catalog,
        game_day,
        interview,
        load,
        pipeline,
        quiz,
        replay,
        resume,
        review,
        start,
    )

__all__ = [
    "Drill",
    "ScenarioError",
    "canary_power",
    "catalog",
    "game_day",
    "interview",
    "load",
    "pipeline",
    "quiz",
    "replay",
    "resume",
    "review",
    "start",
]


def __getattr__(name: str) -> Any:
    if name in __all__:
        return getattr(import_module("simulator.api"), name)
    raise AttributeError(f"module 'simulator' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})


class _Door(ModuleType):
    """This package, whose ``pipeline`` and ``review`` are the doors of that name whatever was imported.

    Each is also a room; importing it would set the attribute to the module.
    """

    @property
    def pipeline(self) -> Any:
        return import_module("simulator.api").pipeline

    @pipeline.setter
    def pipeline(self, room: ModuleType) -> None:
        """The import system announces the room here; who imports from the room needs no attribute."""

    @property
    def review(self) -> Any:
        return import_module("simulator.api").review

    @review.setter
    def review(self, room: ModuleType) -> None:
        """As above."""


sys.modules[__name__].__class__ = _Door
