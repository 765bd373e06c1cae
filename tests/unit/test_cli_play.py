"""``gameday play``: which run a page's address means, and how a learner without Python plays again."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import nbformat
import pytest

from simulator.cli.play import notebook, served
from simulator.drill import Mode

PLAY: dict[str, Any] = {"seed": 7, "variant": 0, "mode": "lesson"}


def ways(drill: Any) -> list[tuple[str, str]]:
    """What the console offers, (words, query)."""
    return [(way["label"], way["query"]) for way in drill.console.frame["again"]]


def test_after_the_end_the_page_offers_the_same_again_and_the_next_seed(tmp_path: Path) -> None:
    """Each is an address with a run file of its own, so that loading it anew goes on there."""
    file = tmp_path / "welcome-v0-s7.jsonl"
    drill = served("welcome", str(file), **PLAY)
    assert [] == ways(drill)
    drill._run.finish()
    drill.console.refresh()
    offered = ways(drill)
    assert [
        ("the same again", "run=welcome-v0-s7-2"),
        ("with the next seed", "run=welcome-v0-s8"),
    ] == offered
    again, other = (served("welcome", str(file), **PLAY, query=query) for _, query in offered)
    assert (7, 8) == (again._run.seed, other._run.seed)
    assert {"welcome-v0-s7", "welcome-v0-s7-2", "welcome-v0-s8"} == {path.stem for path in tmp_path.iterdir()}
    again.run("kubectl get pods")
    loaded = served("welcome", str(file), **PLAY, query=offered[0][1])
    assert ["kubectl get pods"] == [act.line for act in loaded._run.acts]


@pytest.mark.parametrize(
    "query",
    [
        "run=../../etc/passwd",
        "run=payday-v0-s7",
        "run=welcome-v1-s7",
        "run=welcome-v0-s",
        "run=",
        "seed=9",
        "%%%",
    ],
)
def test_an_address_names_no_file_but_a_run_of_this_scenario(query: str, tmp_path: Path) -> None:
    """Whatever stands in the address, the page plays what was asked for on the command line."""
    drill = served("welcome", str(tmp_path / "welcome-v0-s7.jsonl"), **PLAY, query=query)
    assert 7 == drill._run.seed
    assert ["welcome-v0-s7.jsonl"] == [path.name for path in tmp_path.iterdir()]


@pytest.mark.parametrize(
    ("mode", "title"), [("lesson", "Four minutes to the first page"), ("game-day", "Game day")]
)
def test_the_browser_s_tab_keeps_a_game_day_s_secret(mode: Mode, title: str, tmp_path: Path) -> None:
    """The title says what goes wrong; in a game day it waits for the end, in the tab too."""
    made = nbformat.reads(  # type: ignore[no-untyped-call]
        notebook("welcome", seed=None, variant=0, mode=mode, folder=tmp_path), as_version=4
    )
    assert title == made.metadata["title"]
