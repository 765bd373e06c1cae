"""A rollout in pictures: the traffic to what is new, what each analysis measured, how it ended."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from simulator.errors import GamedayError
from simulator.lab.charts import new_versions
from simulator.lab.frames import Scene
from simulator.lab.plots.style import (
    BAD,
    INK,
    LINE,
    MUTED,
    NEW,
    OK,
    Picture,
    house,
    percent_axis,
    picture,
    time_axis,
)
from simulator.lab.plots.subject import beginning
from simulator.telemetry import signals
from simulator.units import SECOND, format_clock, seconds
from simulator.world.analysis import AnalysisRun
from simulator.world.rollouts import Rollout

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from simulator.drill import Run
    from simulator.lab.charts import Floats

#: Form and colour of a measurement, and of a verdict's word, by phase: each reads without its colour.
_FORMS: Final = {
    "Successful": ("o", OK),
    "Failed": ("X", BAD),
    "Error": ("s", BAD),
    "Inconclusive": ("D", NEW),
}
_LINES: Final = ("-", (0, (5, 2)), (0, (1, 1.5)), "-.")
#: Events of the controller that are marked, and their words.
_MARKED: Final = {
    "RolloutUpdated": "update",
    "RolloutPaused": "paused",
    "RolloutResumed": "resumed",
    "RolloutAborted": "aborted",
    "RolloutCompleted": "completed",
}
#: Of a width, so much lies between two words above the axes.
_APART: Final = 0.07


@dataclass(frozen=True, slots=True)
class _Row:
    """One metric of one AnalysisRun as a row of the chart."""

    name: str
    start: float
    end: float
    verdict: str
    measured: tuple[tuple[float, str], ...]


def rollout_picture(run: Run, name: str | None) -> Picture:
    """Share of the traffic by new version, with the weights that the steps ask for; below it the analyses.

    Where the system has no Rollout, the picture says so in a sentence.

    Raises:
        GamedayError: There are Rollouts, and none of this name.
    """
    known = {each.meta.name: each for each in run.cluster.rollouts}
    if name is not None and known and name not in known:
        raise GamedayError(
            "plot.rollout",
            expected=f"one of {', '.join(sorted(known))}",
            got=repr(name),
            todo="Name a Rollout, or none for the one that moved last.",
        )
    if not known:
        return _none(run)
    rollout = known[name] if name is not None else _busiest(run, list(known.values()))
    return _drawn(run, rollout)


def _none(run: Run) -> Picture:
    """A system of Deployments alone."""
    names = ", ".join(sorted(each.meta.name for each in run.cluster.deployments)) or "none"
    sentence = f"This system has no Rollout. Its Deployments replace pods without weights: {names}."
    with house():
        made = picture(9.0, 0.9)
        made.text(0.01, 0.95, f"{sentence}\nplot.signals() shows traffic by version.", va="top", wrap=True)
    made.sentence = sentence
    return made


def _busiest(run: Run, rollouts: list[Rollout]) -> Rollout:
    """The Rollout that was updated last, else the first by name."""
    at = {release.deployment: release.at for release in run.production.releases if release.at <= run.now}
    return max(rollouts, key=lambda each: (at.get(each.meta.name, -(1 << 62)), each.meta.name))


def _drawn(run: Run, rollout: Rollout) -> Picture:
    begin, name = beginning(run), rollout.meta.name
    scene = Scene(run)
    service = next((place.name for place in scene.topology.places if place.workload == name), scene.service)
    found = signals(run.telemetry, service, begin, run.now)
    shares = _shares(found.traffic, new_versions(run, name))
    rows = list(_rows(run, rollout))
    with house():
        made = picture(9.0, 3.9 + (0.6 + 0.3 * len(rows) if rows else 0.5))
        weights, verdicts = made.subplots(2, 1, sharex=True, height_ratios=(3.0, 0.35 + 0.3 * len(rows)))
        for (version, share), dash in zip(shares.items(), _LINES, strict=False):
            weights.fill_between(found.times / SECOND, 0, share, color=NEW, alpha=0.14, linewidth=0)
            weights.plot(found.times / SECOND, share, color=NEW, linestyle=dash, label=f"{version}, measured")
        weights.set(title="Traffic to what is new", ylabel="share of requests (%)")
        percent_axis(weights)
        _asked(weights, rollout, max((float(share.max()) for share in shares.values()), default=1.0))
        if shares:
            weights.legend(loc="upper left", ncols=3, frameon=True, framealpha=0.85, edgecolor="none")
        else:
            weights.text(
                0.5,
                0.5,
                "nothing new was sent traffic",
                transform=weights.transAxes,
                ha="center",
                color=MUTED,
            )
        time_axis(weights, seconds(begin), seconds(run.now), label=False)
        _events(weights, run, name)
        _verdicts(verdicts, rows)
        time_axis(verdicts, seconds(begin), seconds(run.now))
        made.suptitle(f"rollout/{name}, {format_clock(run.now)}", x=0.01, ha="left", fontsize=11)
    made.sentence = _sentence(run, rollout, shares, rows)
    return made


def _shares(traffic: dict[str, Floats], fresh: frozenset[str]) -> dict[str, Floats]:
    """Share of the requests that each new version got, in order of appearance."""
    every = np.sum([np.nan_to_num(rate) for rate in traffic.values()], axis=0) if traffic else np.zeros(0)
    return {
        version: np.divide(np.nan_to_num(rate), every, out=np.zeros_like(every), where=every > 0)
        for version, rate in traffic.items()
        if version in fresh and np.nansum(rate) > 0
    }


def _asked(axes: Axes, rollout: Rollout, reached: float) -> None:
    """The weights that a canary's steps ask for, up to the next one above what was reached."""
    ahead = [step.set_weight / 100 for step in rollout.steps if step.set_weight is not None]
    top = min((weight for weight in ahead if weight > reached), default=1.0)
    axes.set_ylim(0, 1.12 * top)
    for number, step in enumerate(rollout.steps, 1):
        if step.set_weight is None or step.set_weight / 100 > top:
            continue
        axes.axhline(step.set_weight / 100, color=INK, linewidth=0.9, linestyle=":")
        axes.annotate(
            f"step {number}: {step.set_weight} %",
            (0.995, step.set_weight / 100),
            xycoords=("axes fraction", "data"),
            xytext=(0, 2),
            textcoords="offset points",
            ha="right",
            fontsize=8,
            color=MUTED,
        )


def _events(axes: Axes, run: Run, name: str) -> None:
    """What the controller did, as lines that are named above the axes; an abort is heavy."""
    found = sorted(
        (at, event.reason)
        for event in run.cluster.events
        if event.kind == "Rollout" and event.name == name and event.reason in _MARKED
        for at in {event.first_at, event.last_at}
    )
    left, right = axes.get_xlim()
    free = float("-inf")
    for instant, reason in found:
        at, abort = seconds(instant), reason == "RolloutAborted"
        if not left <= at <= right:
            continue
        colour = BAD if abort else MUTED
        axes.axvline(at, color=colour, linewidth=1.6 if abort else 0.8, linestyle="-" if abort else ":")
        if not abort and (at - free) / (right - left) < _APART:
            continue
        free = at
        axes.annotate(
            _MARKED[reason],
            (at, 1.0),
            xycoords=("data", "axes fraction"),
            xytext=(0, 2),
            textcoords="offset points",
            ha="center",
            fontsize=8,
            fontweight="bold" if abort else "normal",
            color=colour,
            annotation_clip=False,
        )


def _rows(run: Run, rollout: Rollout) -> Iterator[_Row]:
    """The metrics of the Rollout's AnalysisRuns, the oldest first."""
    runs = [
        each
        for each in run.cluster.table(AnalysisRun)
        if each.meta.owner is not None and each.meta.owner.uid == rollout.meta.uid
    ]
    for each in sorted(runs, key=lambda one: (one.meta.created_at, one.meta.name)):
        for result in each.status.metric_results:
            start = each.status.started_at if each.status.started_at is not None else each.meta.created_at
            end = each.status.completed_at if each.status.completed_at is not None else run.now
            measured = tuple((seconds(one.started_at), one.phase) for one in result.measurements)
            yield _Row(
                f"{each.meta.name.removeprefix(rollout.meta.name + '-')}\n{result.name}",
                seconds(start),
                seconds(end),
                result.phase,
                measured,
            )


def _verdicts(axes: Axes, rows: list[_Row]) -> None:
    """A row a metric: how long it was measured, each measurement in its form, the verdict at the end."""
    axes.set(title="Analysis: one mark a measurement", ylabel="metric (verdict)" if rows else "")
    axes.set_ylim(len(rows) - 0.4 if rows else 1, -0.6)
    axes.set_yticks(range(len(rows)), [row.name for row in rows], fontsize=7.5)
    axes.grid(visible=False, axis="y")
    if not rows:
        axes.text(0.5, 0.5, "no analysis has run", transform=axes.transAxes, ha="center", color=MUTED)
    seen: set[str] = set()
    for place, row in enumerate(rows):
        axes.hlines(place, row.start, row.end, color=LINE, linewidth=5)
        for at, phase in row.measured:
            form, colour = _FORMS.get(phase, ("|", MUTED))
            label = phase.lower() if phase not in seen else None
            seen.add(phase)
            axes.scatter([at], [place], marker=form, s=26, color=colour, zorder=3, label=label)
        axes.annotate(
            row.verdict,
            (row.end, place),
            xytext=(7, 0),
            textcoords="offset points",
            va="center",
            fontsize=8,
            fontweight="bold",
            color=_FORMS.get(row.verdict, ("", MUTED))[1],
        )
    if seen:
        axes.legend(loc="upper right", ncols=len(seen), fontsize=7.5, handletextpad=0.2)


def _sentence(run: Run, rollout: Rollout, shares: dict[str, Floats], rows: list[_Row]) -> str:
    head = f"Rollout {rollout.meta.name} at {format_clock(run.now)}: {rollout.status.phase or 'not seen yet'}"
    if rollout.status.abort:
        head += ", aborted"
    got = [
        f"{version} got at most {100 * share.max():.0f} % of the requests, now {100 * share[-1]:.0f} %"
        for version, share in shares.items()
    ]
    verdicts = [f"{row.name.replace(chr(10), ' ')} {row.verdict.lower()}" for row in rows]
    said = "; ".join(got or ["nothing new was sent traffic"])
    return f"{head}; {said}; {'; '.join(verdicts) if verdicts else 'no analysis has run'}."
