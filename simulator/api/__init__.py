"""The public door: what ``import simulator as sim`` offers, and ``Drill``, the front of a run."""

from simulator.api.delivery import pipeline
from simulator.api.doors import catalog, load, quiz, replay, resume, start
from simulator.api.drill import Drill
from simulator.api.interviewing import interview
from simulator.api.planning import canary_power
from simulator.api.reviewing import review
from simulator.api.tickets import game_day
from simulator.errors import ScenarioError

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
