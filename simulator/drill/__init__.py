"""One drill: the run, its console, its journal, automatic players, what-if and the outcome."""

from simulator.drill.acts import (
    Act,
    Answer,
    Listener,
    ListenerBase,
    Marker,
    Message,
    Mode,
    Note,
    StatusPost,
)
from simulator.drill.channel import Channel, StatusPage
from simulator.drill.codes import RunCode
from simulator.drill.comparing import SideBySide, compare
from simulator.drill.console import Command, RefusedError
from simulator.drill.costs import COSTS
from simulator.drill.degenerate import DEGENERATE
from simulator.drill.ghosts import ghost
from simulator.drill.happenings import Happening, what_happened
from simulator.drill.injecting import Inject, inject
from simulator.drill.journal import Header, Journal, Recording, default_path, read
from simulator.drill.outcome import benchmark_plays, outcome, outcome_between
from simulator.drill.players import PLAYERS, Result, play, play_run, players, result_of
from simulator.drill.replaying import play_acts, replay, resume
from simulator.drill.run import Run
from simulator.drill.whatif import BudgetCurve, Comparison, NotApplicable, what_if, what_ifs

__all__ = [
    "COSTS",
    "DEGENERATE",
    "PLAYERS",
    "Act",
    "Answer",
    "BudgetCurve",
    "Channel",
    "Command",
    "Comparison",
    "Happening",
    "Header",
    "Inject",
    "Journal",
    "Listener",
    "ListenerBase",
    "Marker",
    "Message",
    "Mode",
    "NotApplicable",
    "Note",
    "Recording",
    "RefusedError",
    "Result",
    "Run",
    "RunCode",
    "SideBySide",
    "StatusPage",
    "StatusPost",
    "benchmark_plays",
    "compare",
    "default_path",
    "ghost",
    "inject",
    "outcome",
    "outcome_between",
    "play",
    "play_acts",
    "play_run",
    "players",
    "read",
    "replay",
    "result_of",
    "resume",
    "what_happened",
    "what_if",
    "what_ifs",
]
