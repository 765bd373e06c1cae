"""Charts of load and of rollouts: queue with its limit, latency as a heatmap, weights and verdicts."""

from __future__ import annotations

import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.collections import QuadMesh

from simulator.drill import Run, inject
from simulator.errors import GamedayError
from simulator.lab import Plots
from simulator.telemetry import signals
from simulator.units import MINUTE
from tests import rollout_scenario as shop
from tests.drill_stage import fresh


@pytest.fixture(scope="module")
def canary() -> Run:
    """A bad release at one minute: its first step, three measurements, an abort by the analysis."""
    run = Run(shop.canary(bad=True))
    run.advance(6 * MINUTE)
    return run


@pytest.fixture(scope="module")
def site() -> Run:
    """The small site, four minutes of it."""
    run = fresh()
    run.advance(4 * MINUTE)
    return run


def titled(picture: object, title: str) -> Axes:
    """The axes of this title."""
    axes: list[Axes] = getattr(picture, "axes")  # noqa: B009 - a figure's own list
    return next(each for each in axes if title == each.get_title("left"))


def words(axes: Axes) -> str:
    """Everything written on the axes."""
    return " ".join(text.get_text() for text in axes.texts)


def test_a_rollout_shows_measured_share_and_the_weights_that_were_asked_for(canary: Run) -> None:
    """One pod of twelve got its share, which is not the 10 % of the step; the next step is ahead of it."""
    weights = titled(Plots(canary).rollout(), "Traffic to what is new")
    share = np.asarray(weights.lines[0].get_ydata(), dtype=np.float64)
    assert 1 / 12 == pytest.approx(share.max(), abs=0.02)
    assert "step 1: 10 %" in words(weights)
    assert "aborted" in words(weights)
    assert 0 == pytest.approx(share[-1])


def test_an_analysis_is_a_row_of_its_measurements_with_the_verdict(canary: Run) -> None:
    """Failed ones have a form of their own; the sentence says the verdict too."""
    picture = Plots(canary).rollout("checkout")
    verdicts = titled(picture, "Analysis: one mark a measurement")
    assert "success-rate" in verdicts.get_yticklabels()[0].get_text()
    assert "Failed" in words(verdicts)
    legend = verdicts.get_legend()
    assert legend is not None
    assert ["failed"] == [text.get_text() for text in legend.get_texts()]
    assert "Degraded, aborted" in str(picture)
    assert "success-rate failed" in str(picture)


def test_a_system_without_a_rollout_is_told_in_a_sentence(site: Run) -> None:
    """Nothing is raised, whatever name is asked for."""
    said = "This system has no Rollout. Its Deployments replace pods without weights: app, db."
    assert said == str(Plots(site).rollout()) == str(Plots(site).rollout("app"))
    assert Plots(site).rollout()._repr_png_().startswith(b"\x89PNG")


def test_an_unknown_rollout_is_told_with_those_there_are(canary: Run) -> None:
    """In four parts."""
    with pytest.raises(GamedayError, match="expected one of checkout, got 'chekout'"):
        Plots(canary).rollout("chekout")


@pytest.mark.parametrize("kind", ["queue", "latency"])
def test_an_unknown_service_is_told(site: Run, kind: str) -> None:
    """Each chart names itself in its error."""
    with pytest.raises(GamedayError, match=rf"plot\.{kind}: expected one of app, db"):
        getattr(Plots(site), kind)("nowhere")


def test_a_queue_that_is_far_from_full_has_its_limit_in_words(site: Run) -> None:
    """Three pods of 64 each; a line at 192 would flatten a curve near zero."""
    waiting = titled(Plots(site).queue("app"), "Waiting for a worker")
    assert "at least 192 may wait" == waiting.get_title("right")


def test_a_release_with_a_queue_of_its_own_is_not_drawn_under_the_declared_limit() -> None:
    """More wait than the Deployment declares, so its limit is not the one that holds: no line."""
    for release, may in ((False, "192 requests waited of 192 that may"), (True, "requests waited;")):
        run = fresh()
        if release:
            inject(run, f"{_LONGER_LINE}\nmodel: {{queueLimit: 600}}")
        run.advance(1 * MINUTE)
        inject(run, "setTraffic: {source: users, rate: 2000}")
        run.advance(2 * MINUTE)
        picture = Plots(run).queue("app")
        assert may in str(picture)
        assert ("queues full" in words(titled(picture, "Waiting for a worker"))) != release


_LONGER_LINE = 'setImage: {deployment: app, image: "app:v9", cause: longer, author: Ada, commit: 6ab30d9}'


def test_the_heatmap_counts_every_answer_once(site: Run) -> None:
    """Requests a second times seconds, over all cells of a column, are the answers of its scrapes."""
    picture = Plots(site).latency("app")
    mesh = next(each for each in picture.axes[0].collections if isinstance(each, QuadMesh))
    array = mesh.get_array()
    assert array is not None
    rates = np.ma.filled(array, 0.0)
    found = signals(site.telemetry, "app", -2 * MINUTE, site.now)
    assert np.nanmean(found.total) == pytest.approx(rates.sum(axis=0).mean(), rel=0.05)
    assert "log" == picture.axes[0].get_yscale()


def test_before_anything_was_answered_the_pictures_say_so() -> None:
    """At T+00:00 of a world that has just begun nothing divides by nothing."""
    run = Run(shop.blue_green())
    for kind in ("rollout", "queue", "latency"):
        assert getattr(Plots(run), kind)()._repr_png_().startswith(b"\x89PNG")
    assert "nothing new was sent traffic" in str(Plots(run).rollout())
