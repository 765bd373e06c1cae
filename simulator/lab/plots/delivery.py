"""Charts of a delivery pipeline: the four keys, gate by gate, one run as a Gantt chart, waits, what-ifs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
from matplotlib.ticker import FuncFormatter, LogLocator, MaxNLocator, NullFormatter

from simulator.errors import GamedayError
from simulator.lab.plots.style import BAD, BLUE, INK, LINE, MUTED, NEW, OK, OLD, Picture, house, picture
from simulator.pipeline.gantt import Gantt, gantt
from simulator.pipeline.replications import NAMES
from simulator.units import DAY, HOUR, MINUTE, format_duration

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from simulator.pipeline import Comparison, Outcome, RunRecord

_LONGEST_LABEL: Final = 38


class DeliveryPlots:
    """The charts of one simulated stretch of a pipeline.

    Args:
        outcome: What came of it.
    """

    def __init__(self, outcome: Outcome) -> None:
        self._outcome = outcome

    def dora(self) -> Picture:
        """The four keys: deployments by day, lead times, failed deployments, times to restore."""
        return dora_picture(self._outcome)

    def gates(self) -> Picture:
        """What each gate caught, what it cost, how often it cried wolf."""
        return gates_picture(self._outcome)

    def gantt(self, run: int | None = None) -> Picture:
        """One run, its critical path marked.

        Args:
            run: Its number; None takes the last one that released.

        Raises:
            GamedayError: There is no such run, or it has not ended.
        """
        return gantt_picture(gantt(_run(self._outcome, run)))

    def queue(self) -> Picture:
        """How long jobs waited for a runner, over the simulated time."""
        return queue_picture(self._outcome)


def _run(outcome: Outcome, number: int | None) -> RunRecord:
    ended = [run for run in outcome.runs if run.finished is not None and run.jobs]
    if number is None:
        released = {each.run.number for each in outcome.deployments}
        found = [run for run in ended if run.number in released] or ended
    else:
        found = [run for run in ended if run.number == number]
    if not found:
        raise GamedayError(
            "gantt(run=…)",
            expected=f"the number of a run that has ended, up to {len(outcome.runs)}",
            got=repr(number),
            todo="The frame run_frame lists them.",
        )
    return found[-1]


def dora_picture(outcome: Outcome) -> Picture:
    """Four panels, one a key."""
    days = max(1, int(np.ceil(outcome.days)))
    with house():
        made = picture(10.0, 5.4)
        (by_day, leads), (failed, restored) = made.subplots(2, 2)
        _by_day(by_day, [each.at for each in outcome.deployments], days)
        by_day.set(title="Deployment frequency", xlabel="day", ylabel="deployments")
        hours = [
            (change.deployed - change.opened) / HOUR
            for change in outcome.changes
            if change.deployed is not None
        ]
        _spread(leads, hours, BLUE)
        leads.set(title="Lead time for changes", xlabel="hours from first commit to production (log)")
        _by_day(failed, [each.at for each in outcome.deployments if each.failed], days, BAD)
        failed.set(title="Failed deployments", xlabel="day", ylabel="deployments")
        ended = [
            (each.restored - each.began) / HOUR for each in outcome.incidents if each.restored is not None
        ]
        _spread(restored, ended, BAD)
        restored.set(title="Time to restore", xlabel="hours from deployment to end (log)")
    made.sentence = outcome.dora.sentence
    return made


def _by_day(axes: Axes, instants: list[int], days: int, colour: str = OK) -> None:
    counts = (
        np.bincount([at // DAY for at in instants], minlength=days)[:days] if instants else np.zeros(days)
    )
    axes.bar(np.arange(days), counts, color=colour, width=0.8)
    axes.set_xlim(-0.6, days - 0.4)
    axes.yaxis.set_major_locator(MaxNLocator(integer=True))


def _spread(axes: Axes, hours: list[float], colour: str) -> None:
    """The share of values below each, on a log axis, with the median marked."""
    axes.set_ylabel("share of them (%)")
    axes.set_ylim(0, 100)
    if not hours:
        axes.text(0.5, 0.5, "none", transform=axes.transAxes, ha="center", color=MUTED)
        return
    ordered = np.sort(hours)
    axes.step(ordered, 100 * np.arange(1, len(ordered) + 1) / len(ordered), where="post", color=colour)
    axes.set_xscale("log")
    axes.xaxis.set_major_locator(LogLocator(subs=(1.0, 2.0, 5.0)))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _position: f"{value:g}"))
    axes.xaxis.set_minor_formatter(NullFormatter())
    axes.axvline(float(np.median(ordered)), color=INK, linestyle=":", linewidth=1.1)


def gates_picture(outcome: Outcome) -> Picture:
    """Bars of what each gate caught, and of the runner minutes that it took."""
    tallies = outcome.gate_tallies
    names = [
        each.gate if len(each.gate) <= _LONGEST_LABEL else each.gate[: _LONGEST_LABEL - 1] + "…"
        for each in tallies
    ]
    rows = np.arange(len(tallies))
    with house():
        made = picture(10.0, 1.6 + 0.34 * max(1, len(tallies)))
        caught, minutes = made.subplots(1, 2, sharey=True)
        left = np.zeros(len(tallies))
        for label, colour, values in (
            ("caught", OK, [each.caught for each in tallies]),
            ("false alarms", BAD, [each.false_alarms for each in tallies]),
            ("flaky", OLD, [each.flaky for each in tallies]),
        ):
            caught.barh(rows, values, left=left, color=colour, label=label, height=0.7)
            left = left + np.array(values)
        caught.set(title="Defects caught, and failures of good changes", xlabel="failures", yticks=rows)
        caught.set_yticklabels(names)
        caught.invert_yaxis()
        caught.legend(loc="lower right")
        minutes.barh(rows, [each.minutes / 60 for each in tallies], color=BLUE, height=0.7)
        minutes.set(title="What it cost", xlabel="runner hours")
    best = max(tallies, key=lambda each: each.caught, default=None)
    made.sentence = (
        "No gate ran."
        if best is None
        else f"{sum(each.caught for each in tallies)} defects were caught, most of them ({best.caught}) by "
        f"{best.gate}; {len(outcome.slipped)} reached production."
    )
    return made


def gantt_picture(chart: Gantt) -> Picture:
    """Bars of one run; what is on the critical path is dark and has its name in bold."""
    with house():
        made = picture(10.0, 1.3 + 0.36 * max(1, len(chart.bars)))
        axes = made.subplots()
        for row, bar in enumerate(chart.bars):
            spans = (
                (bar.ready, bar.queued, "white", "////"),
                (bar.queued, bar.picked, LINE, ""),
                (bar.picked, bar.finished, NEW if bar.critical else OLD, ""),
            )
            for start, end, colour, hatch in spans:
                axes.barh(
                    row,
                    (end - start) / MINUTE,
                    left=start / MINUTE,
                    color=colour,
                    hatch=hatch,
                    edgecolor=MUTED if hatch else colour,
                    linewidth=0.5,
                    height=0.6,
                )
            if bar.conclusion != "success":
                axes.annotate(
                    bar.conclusion,
                    (bar.finished / MINUTE, row),
                    xytext=(4, 0),
                    textcoords="offset points",
                    va="center",
                    fontsize=8,
                    color=BAD,
                )
        axes.set_yticks(range(len(chart.bars)), [bar.job for bar in chart.bars])
        for label, bar in zip(axes.get_yticklabels(), chart.bars, strict=True):
            label.set_fontweight("bold" if bar.critical else "normal")
        axes.invert_yaxis()
        axes.set_xlim(left=0)
        axes.set(
            title=f"Run {chart.run}: critical path in bold, waits for people hatched, for a runner grey",
            xlabel="minutes after the event",
        )
    made.sentence = f"Run {chart.run} took {chart.path.sentence}"
    return made


def queue_picture(outcome: Outcome) -> Picture:
    """Each job's wait for a runner when it began to wait."""
    waits = [
        (job.queued / DAY, (job.picked - job.queued) / MINUTE)
        for run in outcome.runs
        for job in run.jobs
        if job.queued is not None and job.picked is not None and job.pool
    ]
    with house():
        made = picture(10.0, 2.8)
        axes = made.subplots()
        axes.scatter([at for at, _ in waits], [wait for _, wait in waits], s=8, color=BLUE, alpha=0.6)
        axes.set(title="Wait for a runner", xlabel="day", ylabel="minutes")
        axes.set_xlim(0, outcome.days)
        axes.set_ylim(bottom=0)
    longest = max((wait for _, wait in waits), default=0.0)
    waited = sum(wait > 0 for _, wait in waits)
    made.sentence = (
        f"{waited} of {len(waits)} jobs waited for a runner, the longest "
        f"{format_duration(round(longest * 60) * (MINUTE // 60))}."
    )
    return made


def comparison_picture(comparison: Comparison) -> Picture:
    """The paired change of every measure with its 95 % interval, one panel a what-if."""
    names = list(comparison.differences)
    with house():
        made = picture(10.0, 0.8 + 2.6 * max(1, len(names)))
        panels = np.atleast_1d(made.subplots(max(1, len(names)), 1))
        for axes, name in zip(panels, names, strict=False):
            shown = [each for each in comparison.differences[name] if each.before.mean]
            for row, each in enumerate(shown):
                scale = 100 / each.before.mean
                colour = NEW if each.clear else MUTED
                axes.plot([each.change.low * scale, each.change.high * scale], [row, row], color=colour)
                axes.plot([each.change.mean * scale], [row], "o", color=colour, markersize=4)
            axes.axvline(0, color=INK, linewidth=1.1, linestyle=":")
            axes.set_yticks(range(len(shown)), [NAMES[each.measure] for each in shown])
            axes.invert_yaxis()
            axes.set(title=name, xlabel="change (% of what it is), with 95 % interval")
    made.sentence = str(comparison)
    return made
