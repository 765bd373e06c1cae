"""The public surface: what others may rely on is on this list, and nothing else looks public."""

from __future__ import annotations

import simulator as sim
from simulator.api.verbs import NAMES
from simulator.cli.app import app

SIMULATOR = [
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
DRILL = [
    *(
        "actions",
        "answer",
        "check",
        "debrief",
        "design",
        "digest",
        "events",
        "export",
        "hint",
        "inject",
        "judge",
        "metrics",
        "now",
        "plot",
        "postmortem",
        "predict",
        "promql",
        "regret",
        "results",
        "run",
    ),
    *("compare", "console", "runbook", "score", "signals", "slo", "wait", "what_if"),
]
GROUPS = {"pipeline": ["draw", "run", "new"], "rules": ["test"]}
COMMANDS = [
    *("bench", "check", "demo", "doctor", "export", "facilitate", "lab", "list"),
    *("new", "play", "preview", "progress", "replay", "report", "review", "run", "schema"),
]


def test_the_package_exports_exactly_these_names() -> None:
    """``import simulator as sim`` offers this list, each name importable."""
    assert sorted(sim.__all__) == SIMULATOR
    assert all(hasattr(sim, name) for name in SIMULATOR)


def test_a_drill_offers_exactly_these_names() -> None:
    """Every public attribute of a drill is on the list or a program of the console, and documented."""
    public = sorted(name for name in dir(sim.Drill) if not name.startswith("_"))
    assert public == sorted([*DRILL, *NAMES])
    assert [name for name in public if not getattr(sim.Drill, name).__doc__] == []


def test_the_command_line_offers_exactly_these_commands() -> None:
    """``gameday --help`` lists what works, each with a sentence and in a panel of its own kind."""
    shown = [each for each in app.registered_commands if not each.hidden]
    names = {str(each.name or getattr(each.callback, "__name__", "")): each.callback for each in shown}
    assert sorted(names) == COMMANDS
    assert [name for name, callback in names.items() if not (callback and callback.__doc__)] == []
    assert [each.name for each in shown if not isinstance(each.rich_help_panel, str)] == []
    groups = {str(each.name): each.typer_instance for each in app.registered_groups}
    found = {name: [each.name for each in one.registered_commands] for name, one in groups.items() if one}
    assert found == GROUPS


def test_an_unknown_name_is_an_ordinary_attribute_error() -> None:
    """The lazy door does not invent names."""
    assert not hasattr(sim, "begin")
    assert "start" in dir(sim)
