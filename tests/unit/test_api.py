"""The public door: a drill is started, played, resumed, replayed and asked, each through one name."""

from __future__ import annotations

from pathlib import Path

import pytest

import simulator as sim
from simulator.errors import GamedayError, JournalError

UNDO = "kubectl rollout undo deployment/checkout"


@pytest.fixture
def journal(tmp_path: Path) -> Path:
    """A run file of a drill in which a release was taken back."""
    path = tmp_path / "run.jsonl"
    drill = sim.start("production-is-down", seed=7, journal=path)
    drill.wait("8m")
    drill.run(UNDO)
    drill.wait("2m")
    return path


def test_an_answer_prints_what_the_terminal_would_print() -> None:
    """``print(drill.run(line))`` is the real tool's output, and a wrong line raises nothing."""
    drill = sim.start("production-is-down", seed=7, journal=False)
    pods = drill.run("kubectl get pods -n production")
    assert str(pods).startswith("NAME")
    wrong = drill.run("kubectl get podz")
    assert not wrong.ok
    assert "podz" in str(wrong)


def test_time_passes_only_through_acts() -> None:
    """Looking through Python is free; a line costs what it costs a person, and a wait what it says."""
    drill = sim.start("production-is-down", seed=7, journal=False)
    assert "T+00:00" == drill.now
    drill.slo(), drill.signals(), drill.metrics(), drill.events, drill.actions
    assert "T+00:00" == drill.now
    drill.wait("2m")
    assert "T+02:00" == drill.now


def test_a_replay_is_the_run(journal: Path) -> None:
    """The same digest, the same clock, the same acts, out of the run file alone."""
    first, second = sim.replay(journal), sim.replay(journal)
    assert first.digest == second.digest
    assert ["wait 8m", UNDO] == list(first.actions["line"][:2])
    assert first.now == second.now


def test_taking_over_behind_the_end_is_refused(journal: Path) -> None:
    """There is nothing to take over there; the error says where the drill ends."""
    with pytest.raises(GamedayError, match=r"a time before T\+45:00"):
        sim.resume(journal, at="2h")


def test_a_resumed_run_goes_on_where_it_stopped(journal: Path) -> None:
    """After a crash the learner stands where the last act ended, and what follows lands in the same file."""
    drill = sim.resume(journal)
    assert sim.replay(journal).digest == drill.digest
    drill.run("page ack")
    assert "page ack" == sim.replay(journal).actions["line"].iloc[-1]


def test_playing_on_from_a_minute_leaves_the_first_file_alone(journal: Path) -> None:
    """``resume(path, at=...)`` takes over in a new file; acts from that minute on are not in it."""
    before = journal.read_bytes()
    drill = sim.resume(journal, at="7m")
    assert "T+07:00" == drill.now
    assert UNDO not in set(drill.actions["line"])
    assert before == journal.read_bytes()


def test_what_if_says_what_a_decision_was_worth(journal: Path) -> None:
    """Without the rollback the same users lose more."""
    drill = sim.replay(journal)
    without = drill.what_if(drop=[2])
    assert without.user_minutes_difference > 0
    assert UNDO in without.sentence
    assert "budget" in str(without.plot())


def test_what_ifs_lie_beside_other_players_on_one_chart(journal: Path) -> None:
    """Named what-ifs are plays like any other; each costs users what it says when it is asked alone."""
    drill = sim.replay(journal)
    beside = drill.compare("nothing", sooner={"move": {2: "5m"}}, without={"drop": [2]})
    assert {"yours", "nothing", "sooner", "without"} == set(beside.frame().index)
    alone = drill.what_if(drop=[2])
    lost = beside.frame()["user_minutes_bad"]
    assert alone.user_minutes_difference == lost["without"] - lost["yours"]
    assert "sooner" in beside.plot().sentence


def test_the_tables_hold_what_was_scraped(journal: Path) -> None:
    """Signals, series, objectives, events and acts come as data frames with units in their names."""
    drill = sim.replay(journal)
    signals = drill.signals("checkout", last="5m")
    assert {"traffic_rps", "error_ratio", "latency_seconds_p99", "saturation"} <= set(signals.columns)
    assert signals.index.is_monotonic_increasing
    series = drill.metrics("http_requests_total", service="checkout")
    assert series.columns.str.contains('service="checkout"').all()
    assert "http_requests_total" in drill.metrics().index
    assert 0 < drill.slo()["budget_left"].min() < 1
    assert "object" in drill.events.columns


def test_a_drill_in_text_says_where_it_stands(journal: Path) -> None:
    """Outside a notebook a drill prints its clock, its budget and its open pages."""
    text = str(sim.replay(journal))
    assert "production-is-down, variant 0, seed 7" in text
    assert "of the error budget left" in text


def test_a_drill_in_a_notebook_is_the_console(journal: Path) -> None:
    """A front end with widgets gets the console; one without gets the same text."""
    drill = sim.replay(journal)
    bundle = drill._repr_mimebundle_()
    assert "application/vnd.jupyter.widget-view+json" in bundle
    assert str(drill) == bundle["text/plain"]


def test_mistakes_are_errors_in_four_parts(journal: Path) -> None:
    """An unknown scenario, variant, mode, service, metric or act, and a run file that exists already."""
    with pytest.raises(sim.ScenarioError, match="Did you mean 'production-is-down'"):
        sim.start("prodction-is-down")
    with pytest.raises(GamedayError, match="expected"):
        sim.start("production-is-down", variant=99, journal=False)
    with pytest.raises(GamedayError, match="expected lesson or game-day"):
        sim.start("production-is-down", mode="exam", journal=False)  # type: ignore[arg-type]
    with pytest.raises(JournalError, match="a run file that exists"):
        sim.start("production-is-down", journal=journal)
    drill = sim.replay(journal)
    for mistake in (
        lambda: drill.signals("checkuot"),
        lambda: drill.metrics("http_request_total"),
        lambda: drill.what_if(drop=[99]),
    ):
        with pytest.raises(GamedayError, match="expected"):
            mistake()


def test_the_catalogue_lists_what_can_be_started() -> None:
    """Every name in it loads."""
    table = sim.catalog()
    assert "production-is-down" in table.index
    assert all(sim.load(str(name)).metadata.title == title for name, title in table["title"].items())


def test_the_debrief_of_a_finished_drill_counts_for_the_skills_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The learner's file gets one entry, whoever asks how often; before the end it gets none."""
    path = tmp_path / "progress.json"
    monkeypatch.setenv("GAMEDAY_PROGRESS", str(path))
    drill = sim.start("welcome", seed=3, journal=False)
    drill.debrief()
    assert not path.exists()
    while drill.run("wait 30m").ok:
        pass
    drill.debrief(rule="Look first.")
    drill.debrief()
    assert 1 == path.read_text(encoding="utf-8").count('"scenario": "welcome"')
