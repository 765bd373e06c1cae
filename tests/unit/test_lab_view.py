"""What travels between the kernel and the page: frames of a real run, made by reading alone."""

from __future__ import annotations

import json
from dataclasses import dataclass

import numpy as np
import pytest

from simulator.coach import Coach
from simulator.drill import Run
from simulator.lab import evidence, panes, view
from simulator.lab.debriefing import debrief_view
from simulator.lab.frames import Scene
from simulator.lab.topology import topology
from simulator.scenario import load, load_bytes
from simulator.units import MINUTE
from tests import drill_stage
from tests.drill_stage import fresh


def scene_at(minutes: float) -> tuple[Run, Coach, Scene]:
    """The small incident, so many minutes in; its release is at one minute."""
    run = fresh()
    coach = Coach(run)
    run.advance(round(minutes * MINUTE))
    return run, coach, Scene(run, coach)


def samples(frame: view.Frame, block: bytes) -> dict[str, list[np.ndarray]]:
    """The rows of the block by chart, as the page takes them apart."""
    count = frame.signals.count
    rows = iter(np.frombuffer(block, "<f4").reshape(-1, count))
    return {chart.key: [next(rows) for _ in chart.lines] for chart in frame.signals.charts}


def test_a_frame_reads_and_changes_nothing() -> None:
    """Two runs, one of them watched at every half minute, have the same digest."""
    watched, _, scene = scene_at(0)
    for step in range(10):
        watched.advance(step * MINUTE // 2)
        scene.frame()
        for tab in panes.TABS:
            panes.pane(scene, tab)
    alone = fresh()
    Coach(alone)
    alone.advance(9 * MINUTE // 2)
    watched.advance(9 * MINUTE // 2)
    assert alone.digest == watched.digest


def test_the_samples_say_what_the_wire_says_they_are() -> None:
    """Four charts, one row a line, 181 samples of five seconds; before the run there is nothing, not zero."""
    _, _, scene = scene_at(3)
    frame, block = scene.frame()
    rows = samples(frame, block)
    assert 181 == frame.signals.count
    assert ["traffic", "errors", "latency", "saturation"] == list(rows)
    assert np.isnan(rows["errors"][0][0]), "fifteen minutes ago the world did not exist yet"
    assert 0.4 < rows["errors"][0][-1] < 0.6, "half of the requests fail with v2"
    assert ["v1", "v2", "all"] == [line.label for line in frame.signals.charts[0].lines]
    assert ["old", "new", "plain"] == [line.tone for line in frame.signals.charts[0].lines]


def test_every_chart_has_a_sentence_with_now_and_before() -> None:
    """A screen reader gets the value, the value fifteen minutes ago, and what the objective allows."""
    _, _, scene = scene_at(3)
    frame, _ = scene.frame()
    for chart in frame.signals.charts:
        assert "now" in chart.summary and "15 minutes ago" in chart.summary, chart.summary
    assert "0.1 %" in frame.signals.charts[1].summary


def test_the_map_turns_where_users_are_hurt_and_nowhere_else() -> None:
    """Before the release everything is healthy; after it the failing service is, its database is not."""
    _, _, calm = scene_at(0.9)
    _, _, hurt = scene_at(4)
    health = [{node.name: node.health for node in scene.frame()[0].nodes} for scene in (calm, hurt)]
    assert {"users": "ok", "app": "ok", "db": "ok"} == health[0]
    assert {"users": "ok", "app": "bad", "db": "ok"} == health[1]


def test_a_handful_of_failures_is_noise() -> None:
    """One failed request a minute is far over 0.1 % of few requests, and no reason to turn red."""
    _, _, scene = scene_at(0.5)
    assert ("ok", "") == scene._judge("app", errors=1 / 30, rps=0.5)
    assert "bad" == scene._judge("app", errors=1 / 30, rps=30.0)[0]


def test_arrows_add_up_all_traffic_sources() -> None:
    """Two sources into one service are one arrow from the users, with both rates in it."""
    run = Run(load("production-is-down"), 1)
    frame, _ = Scene(run).frame()
    planned = sum(source.initial_rate for source in run.scenario.spec.traffic)
    users = [edge for edge in frame.edges if edge.source == "users"]
    assert 1 == len(users)
    assert users[0].rate == pytest.approx(planned, rel=0.2)


def test_columns_follow_the_calls_and_no_place_is_taken_twice() -> None:
    """A caller stands left of what it calls; two nodes never share a place."""
    made = topology(load("production-is-down"))
    column = {place.name: place.column for place in made.places}
    assert all(column[caller] < column[callee] for caller, callee in made.calls)
    assert 0 == column["users"]
    spots = [(place.column, place.row) for place in made.places]
    assert len(spots) == len(set(spots))


def test_budget_burn_and_page_are_the_slo_s_own_numbers() -> None:
    """The status bar shows what drill.slo() shows, not something computed beside it."""
    run, _, scene = scene_at(4)
    frame, _ = scene.frame()
    slo = run.slos["app-availability"]
    budget = frame.budgets[0]
    assert budget.left == slo.budget_left(run.now).share_left
    assert budget.burn == slo.burn_rate(5 * MINUTE, run.now)
    assert 14.4 == budget.page_burn
    assert [page.name for page in run.pager.pages] == [page.alert for page in frame.pages]


def test_one_step_is_current_and_communication_runs_beside_it() -> None:
    """James's clock never says that the learner is in two steps at once."""
    _, _, scene = scene_at(4)
    states = [step.state for step in scene.frame()[0].steps]
    assert 1 == states.count("current")
    assert "beside" == states[2]


def test_the_handover_opens_the_channel_in_whole_sentences() -> None:
    """What the shift before says stands first, without the line breaks of the file."""
    _, _, scene = scene_at(0)
    first = scene.channel()[0]
    assert "handover" == first.id
    assert "You are on call." in first.text


@pytest.mark.parametrize("tab", ["logs", "events", "rollout", "alerts"])
def test_every_tab_has_something_true_to_show(tab: str) -> None:
    """In the middle of the incident each tab has rows or lines, and a tone for each."""
    _, _, scene = scene_at(4)
    table = panes.pane(scene, tab)
    assert isinstance(table, evidence.Table)
    assert table.rows or table.lines
    assert len(table.tones) == len(table.rows or table.lines)
    assert all(len(row) == len(table.columns) for row in table.rows)


def test_a_failed_visit_is_drawn_span_by_span() -> None:
    """Remarkable visits stand first; the chosen one begins with its user and ends inside the time axis."""
    _, _, scene = scene_at(4)
    pane = panes.pane(scene, "traces")
    assert isinstance(pane, evidence.Waterfall)
    assert "bad" == pane.traces[0].tone
    assert pane.chosen == pane.traces[0].id
    assert ("user", 0) == (pane.spans[0].kind, pane.spans[0].depth)
    assert all(0 <= bar.start and bar.start + bar.width <= 1 for bar in pane.spans)
    assert any(bar.bad and bar.kind == "server" for bar in pane.spans)
    other = pane.traces[-1].id
    drawn = panes.pane(scene, "traces", other)
    assert isinstance(drawn, evidence.Waterfall)
    assert (other, pane.traces) == (drawn.chosen, drawn.traces)


def test_the_score_is_not_sent_before_the_rule_is_written() -> None:
    """What the page does not have can't be peeked at: account first, then the rule, then score and lesson."""
    run, coach, _ = scene_at(6)
    nothing = debrief_view(run, coach.debrief())
    told = debrief_view(run, coach.debrief(("I saw errors.",)))
    ruled = debrief_view(run, coach.debrief(("I saw errors.",), rule="What changed last goes back first."))
    assert ((), "", None) == (nothing.score, nothing.happened, nothing.total)
    assert ((), "", None) == (told.score, told.rule_shown, told.total)
    assert told.happened
    assert ["Outcome", "Safety", "Process", "Diagnosis", "Independence"] == [
        line.name for line in ruled.score
    ]
    assert ruled.rule_shown


def test_the_wire_knows_no_nan_and_refuses_what_it_can_not_carry() -> None:
    """JSON has no NaN; an object that nobody declared is an error here and not a puzzle in the page."""

    @dataclass(frozen=True)
    class Sample:
        value: float
        words: tuple[str, ...]

    assert {"value": None, "words": ["a"]} == view.wire(Sample(float("nan"), ("a",)))
    with pytest.raises(TypeError, match="object"):
        view.wire(object())


def test_a_whole_frame_is_valid_json_of_a_size_that_can_travel_twice_a_second() -> None:
    """Ten services in under 20 kB, the samples in under 8 kB."""
    run = Run(load("production-is-down"), 1)
    Coach(run)
    run.advance(2 * MINUTE)
    frame, block = Scene(run).frame()
    text = json.dumps(view.wire(frame), allow_nan=False)
    assert len(text) < 20_000
    assert 4_000 < len(block) < 8_000


@pytest.mark.parametrize("interval", ["1s", "7s", "10s", "15s", "1m"])
def test_a_chart_has_no_gap_between_two_scrapes(interval: str) -> None:
    """However far apart they are: a line of points that nothing joins would not be seen."""
    head = "  warmUp: 2m\n"
    text = drill_stage._SCENARIO.replace(head, f"{head}  scrapeInterval: {interval}\n")
    run = Run(load_bytes(text.encode(), drill_stage._TEXTS.encode()))
    run.advance(8 * MINUTE)
    frame, block = Scene(run).frame()
    total = samples(frame, block)["traffic"][-1]
    known = np.flatnonzero(np.isfinite(total))
    assert len(known) > 5
    assert list(range(known[0], len(total))) == known.tolist(), "from the first scrape to now"
    assert max(5.0, run.telemetry.interval / 10**9) == frame.signals.step


def test_a_row_of_a_firing_alert_says_whether_its_own_rule_is_true() -> None:
    """Of one alert's rules the fast one fires first; the slow one says that another does."""
    run = Run(load("production-is-down"), 7)
    coach = Coach(run)
    run.do("wait 20m")
    table = panes.pane(Scene(run, coach), "alerts")
    assert isinstance(table, evidence.Table)
    states = [row[0] for row in table.rows if row[1] == "CheckoutAvailabilityBudgetBurn"]
    assert ["firing", "firing by another rule"] == states
