"""Beginning, previewing and running a scenario for others, as an author does it in a terminal."""

from __future__ import annotations

from pathlib import Path

import pytest

from simulator.authoring.facilitator import page
from simulator.authoring.scaffold import scaffold
from simulator.authoring.spoilers import spoilers
from simulator.cli import authors
from simulator.coach.sense import problems
from simulator.drill import play
from simulator.errors import GamedayError, ScenarioError
from simulator.scenario import find, load
from simulator.scenario.folders import system_names

SYSTEMS = system_names(None)


@pytest.fixture
def mine(tmp_path: Path) -> Path:
    """A scenario begun from the welcome's system, in a folder of one's own."""
    return scaffold("monday-morning", "welcome", tmp_path)


@pytest.mark.parametrize("system", SYSTEMS)
def test_what_is_begun_loads_plays_and_gives_nothing_away(system: str, tmp_path: Path) -> None:
    """From every system: no lint, a page if nobody acts, and a reference that comes after it and helps."""
    scenario = load(scaffold("monday-morning", system, tmp_path))
    assert () == spoilers(scenario)
    assert [] == problems(scenario)
    nothing, reference = (play(scenario, player=player) for player in ("nothing", "reference"))
    assert nothing.paged_at is not None
    assert scenario.reference[0].at >= nothing.paged_at * 1e9
    assert reference.budget_spent < nothing.budget_spent / 2


def test_what_is_begun_names_a_schema_that_is_there(mine: Path) -> None:
    """An editor completes from the first minute on."""
    for name in ("scenario.yaml", "texts.yaml"):
        first = mine.with_name(name).read_text(encoding="utf-8").splitlines()[0]
        assert (mine.parent / first.split("=", 1)[1]).is_file()


def test_an_author_is_asked_at_every_decision(mine: Path) -> None:
    """The prompts are questions in comments, and no words that a linter would find."""
    text = mine.read_text(encoding="utf-8") + mine.with_name("texts.yaml").read_text(encoding="utf-8")
    questions = [line for line in text.splitlines() if line.strip().startswith("#") and "?" in line]
    assert 8 <= len(questions)


@pytest.mark.parametrize(
    ("name", "system", "said"),
    [
        ("Monday", "shop", "expected a name of small letters, digits and hyphens, got 'Monday'"),
        ("monday", "shoop", "expected the name of a system, got 'shoop'. Did you mean 'shop'?"),
        ("taken", "shop", "expected a folder that is not there yet"),
    ],
)
def test_a_bad_beginning_is_refused(name: str, system: str, said: str, tmp_path: Path) -> None:
    """In four parts, before anything is written."""
    (tmp_path / "taken").mkdir()
    with pytest.raises(GamedayError, match=said.replace("?", r"\?")):
        scaffold(name, system, tmp_path)
    assert ["taken"] == [path.name for path in tmp_path.iterdir()]


def test_a_preview_is_a_picture_and_words(mine: Path, tmp_path: Path) -> None:
    """It says what moves, when the page rings, what the drill costs, and what the debrief will say."""
    out = tmp_path / "seen.png"
    text = authors.preview(str(mine), out, 0)
    assert out.read_bytes().startswith(b"\x89PNG")
    assert "Moving: " in text
    assert "the page rings at T+0" in text
    assert "with the reference" in text
    assert "What happened: A new version of one service" in text


def test_a_preview_that_cant_be_written_says_so(mine: Path, tmp_path: Path) -> None:
    """Four parts."""
    with pytest.raises(GamedayError, match="preview --out: expected a file that can be written"):
        authors.preview(str(mine), tmp_path / "no" / "such.png", 0)


def test_watching_shows_again_when_a_file_is_saved(
    mine: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Once at first, once a save; an error is printed and watching goes on; no traceback, ever."""
    shown: list[str] = []
    good = mine.read_text(encoding="utf-8")
    edits = iter((None, good.replace("errorRate", "erorRate"), good, None))

    def show() -> None:
        shown.append(load(mine).name)
        if len(shown) == 2:
            raise ZeroDivisionError

    def save(_: float) -> None:
        text = next(edits, None)
        if text is not None:
            mine.write_text(text, encoding="utf-8")

    monkeypatch.setattr("simulator.cli.authors.time.sleep", save)
    authors.watch(str(mine), show, looks=5)
    said = capsys.readouterr().err
    assert 2 == len(shown)
    assert "Did you mean 'errorRate'?" in said
    assert "a mistake in gameday itself (ZeroDivisionError" in said
    assert "Traceback" not in said


def test_a_shared_system_is_watched_too() -> None:
    """Whoever changes a system sees what it does to the scenario."""
    names = [Path(name).name for name, _ in authors.stamps("welcome")]
    assert {"scenario.yaml", "texts.yaml", "system.yaml"} <= set(names)
    assert [] == authors.stamps("no-such-thing")


def test_the_facilitators_page_holds_what_whoever_runs_it_needs(mine: Path) -> None:
    """Goal, belief, what happens, plays with their ceilings, injects as they are typed, questions."""
    text = page(load(mine))
    for words in (
        "# Monday morning: for the facilitator",
        "**Goal.** A learner takes a change back",
        "**The belief that it corrects.** A release that rolled out",
        "## A play that succeeds",
        "(`--player restart`): an outcome of 20 at most",
        'type `message Noor "What happened?"`',
        "## To ask afterwards",
    ):
        assert words in text


def test_an_injected_entry_is_printed_as_it_is_written(mine: Path) -> None:
    """What a facilitator adds to what happens stands there as in the file, durations too."""
    path = mine.with_name("texts.yaml")
    entry = "entry: {nodeLoss: {node: node-01, duration: 5m}}"
    changed = path.read_text(encoding="utf-8").replace("line: 'message Noor \"What happened?\"'", entry)
    path.write_text(changed, encoding="utf-8")
    assert 'add `{"nodeLoss": {"node": "node-01", "duration": "5m"}}` to what happens' in page(load(mine))


def test_every_scenario_of_the_kit_has_a_page() -> None:
    """Also those whose authors wrote no notes for it."""
    for name in ("welcome", "production-is-down"):
        for variant in load(name).variants:
            text = page(variant)
            assert f"`gameday preview {name}`" in text
            assert variant.wrong_paths[0].title in text
    assert find("welcome").is_file()


def test_an_error_in_a_scenario_is_no_traceback(mine: Path, tmp_path: Path) -> None:
    """A preview of something broken gives the loader's own words."""
    mine.write_text(mine.read_text(encoding="utf-8").replace("at: 4m", "at: 4 m"), encoding="utf-8")
    with pytest.raises(ScenarioError, match=r"timeline\[0\]\.at: expected a duration"):
        authors.preview(str(mine), tmp_path / "x.png", 0)
