"""Static charts: labelled, with a unit on every axis, shown once, and nothing left behind in matplotlib."""

from __future__ import annotations

import subprocess
import sys
from itertools import combinations

import matplotlib as mpl
import numpy as np
import pytest
from matplotlib.axes import Axes

from simulator.drill import Run, what_if
from simulator.errors import GamedayError
from simulator.lab import Plots
from simulator.telemetry import signals
from simulator.units import MINUTE, SECOND
from tests.drill_stage import fresh


@pytest.fixture(scope="module")
def played() -> Run:
    """The small incident, mitigated by an undo."""
    run = fresh()
    run.advance(4 * MINUTE)
    run.do("kubectl rollout history deployment/app")
    run.do("kubectl rollout undo deployment/app")
    run.advance(8 * MINUTE)
    return run


@pytest.mark.parametrize("kind", ["signals", "budget", "timeline", "queue", "latency"])
def test_every_axis_has_a_label_with_its_unit(played: Run, kind: str) -> None:
    """Readable when printed and cut out: title, label, unit."""
    picture = getattr(Plots(played), kind)()
    drawn: list[Axes] = [axes for axes in picture.axes if axes.axison]
    assert drawn
    for axes in drawn:
        if axes.get_yticklabels()[0].get_text() == "you":
            continue
        assert any(sign in axes.get_ylabel() for sign in ("%", "×", "per second", "ms", "requests")), (
            axes.get_ylabel()
        )
    assert "simulated time (min:s)" in [axes.get_xlabel() for axes in drawn]


def test_the_error_chart_shows_what_happened(played: Run) -> None:
    """About half of the requests failed after the release, none at the end; the axis is a log axis."""
    errors = Plots(played).signals("app").axes[1]
    values = np.asarray(errors.lines[0].get_ydata(), dtype=np.float64)
    assert "log" == errors.get_yscale()
    assert 0.4 < np.nanmax(values) < 0.7
    assert values[-1] < 0.01


def test_a_picture_shows_itself_and_says_in_words_what_it_shows(played: Run) -> None:
    """A notebook takes the PNG; a terminal and a screen reader take the sentence."""
    picture = Plots(played).budget()
    assert picture._repr_png_().startswith(b"\x89PNG")
    assert "App availability" in str(picture)


def test_the_comparison_shows_both_plays(played: Run) -> None:
    """Yours solid, the other dashed, each named at its end."""
    axes = Plots(played).comparison(what_if(played, drop=[2])).axes[0]
    dashes = {line.get_linestyle() for line in axes.lines[:2]}
    words = " ".join(text.get_text() for text in axes.texts)
    assert {"-", "--"} == dashes
    assert "yours" in words and "the other play" in words


def test_an_unknown_service_is_told_with_the_names_there_are(played: Run) -> None:
    """In four parts."""
    with pytest.raises(GamedayError, match="expected one of app, db, got 'chekout'"):
        Plots(played).signals("chekout")


def test_expressions_share_one_axis(played: Run) -> None:
    """What was asked and what was answered, at every scrape, under the unit that the caller names."""
    rate = 'sum(rate(lb_requests_total{service="app"%s}[1m]))'
    lines = {"asked": rate % "", "answered": rate % ',code="200"'}
    picture = Plots(played).promql(lines, unit="per second", last="8m")
    axes = picture.axes[0]
    asked, answered = (np.asarray(line.get_ydata(), dtype=np.float64) for line in axes.lines[:2])
    assert "per second" == axes.get_ylabel()
    assert ["asked", "answered"] == [str(line.get_label()) for line in axes.lines[:2]]
    assert answered.min() < 0.7 * asked.min()
    assert f"asked {asked[-1]:.4g} (between" in str(picture)


def test_an_expression_without_a_value_draws_nothing_and_says_so(played: Run) -> None:
    """No data is no zero."""
    picture = Plots(played).promql({"ghosts": "sum(ghosts_total)"}, unit="per second")
    assert np.isnan(np.asarray(picture.axes[0].lines[0].get_ydata(), dtype=np.float64)).all()
    assert "ghosts without a value" in str(picture)


@pytest.mark.parametrize(
    ("queries", "message"),
    [
        ({}, "from one to 4 expressions by name"),
        ("up", "got 'up'"),
        ({str(number): "vector(1)" for number in range(5)}, "got 5 of them"),
        ({"pods": "kube_pod_status_ready"}, "pods: expected one series"),
    ],
)
def test_what_does_not_fit_on_one_chart_is_refused(played: Run, queries: object, message: str) -> None:
    """In four parts: none, no names, too many lines, several series in one."""
    with pytest.raises(GamedayError, match=message):
        Plots(played).promql(queries, unit="pods")  # type: ignore[arg-type]


def test_the_reader_s_own_matplotlib_settings_stay(played: Run) -> None:
    """The house style holds for our pictures only."""
    with mpl.rc_context():
        before = dict(mpl.rcParams)
        Plots(played).timeline()._repr_png_()
        assert before == dict(mpl.rcParams)


def test_the_rollback_s_mark_has_its_label_and_no_mark_s_word_meets_another(played: Run) -> None:
    """As in the console; and no level's name lies outside its axes."""
    picture = Plots(played).signals("app")
    picture.canvas.draw()
    deploys = [mark for mark in played.markers if mark.kind == "deploy"]
    for axes in picture.axes[:2]:
        marks = [text for text in axes.texts if not text.get_text().startswith("objective")]
        assert len(deploys) + len(played.pager.pages) == len(marks)
        boxes = [text.get_window_extent() for text in marks]
        assert not any(here.overlaps(there) for here, there in combinations(boxes, 2))
    level = next(text for text in picture.axes[1].texts if text.get_text().startswith("objective"))
    box, frame = level.get_window_extent(), picture.axes[1].get_window_extent()
    assert frame.x0 <= box.x0 and box.x1 <= frame.x1 and frame.y0 <= box.y0 and box.y1 <= frame.y1
    legend = picture.axes[2].get_legend()
    assert legend is not None
    assert legend.get_window_extent().y0 >= picture.axes[2].get_window_extent().y1 - 4, "above the lines"


def test_no_share_over_less_than_its_window_is_drawn(played: Run) -> None:
    """The first points after the first scrape would turn one failure into a burst."""
    found = signals(played.telemetry, "app", -10 * MINUTE, played.now)
    first = int(played.telemetry.store.times[0])
    drawn = np.asarray(Plots(played).signals("app").axes[1].lines[0].get_ydata(), dtype=np.float64)
    early = found.times < first + found.window
    assert early.any()
    assert np.isnan(drawn[early]).all()
    assert not np.isnan(drawn[~early]).any()


def test_the_burn_rate_is_drawn_from_where_its_window_is_whole(played: Run) -> None:
    """Before, it would be another number than the status bar's."""
    burn = Plots(played).budget().axes[1].lines[0]
    times, rates = (np.asarray(each, dtype=np.float64) for each in (burn.get_xdata(), burn.get_ydata()))
    whole = 5 * 60 - played.scenario.spec.warm_up / SECOND
    assert np.isnan(rates[times < whole]).all()
    assert np.isfinite(rates[times >= whole]).all()
    slo = next(iter(played.slos.values()))
    assert slo.burn_rate(5 * MINUTE, played.now) == pytest.approx(rates[-1], rel=0.1)


def test_pyplot_is_never_imported() -> None:
    """Its global state belongs to the learner's notebook; and without plots matplotlib is not even loaded."""
    code = (
        "import sys; from simulator.lab import Plots; assert 'matplotlib' not in sys.modules;"
        "import simulator.lab.plots.golden, simulator.lab.plots.whatif, simulator.lab.plots.timeline;"
        "assert 'matplotlib.pyplot' not in sys.modules"
    )
    assert 0 == subprocess.run([sys.executable, "-c", code], check=False).returncode
