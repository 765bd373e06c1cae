"""The golden signals of one service: samples, what they are judged by, and a sentence for each."""

from __future__ import annotations

from math import isnan
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from simulator.lab import view
from simulator.telemetry import Signals, signals
from simulator.units import MINUTE, SECOND, format_duration, seconds

if TYPE_CHECKING:
    from simulator.drill import Run
    from simulator.lab.frames import Scene

Floats = NDArray[np.float64]

SATURATED: Final = 0.9
LATEST: Final = MINUTE
"""The window of the numbers beside the lines: that of the map, so that one quantity has one value."""
_LATEST: Final = 12
"""Samples that tell what is normal, the first that there are."""


def signals_of(scene: Scene, end: int) -> tuple[view.Signals, bytes]:
    """The charts of the selected service up to the scrape at ``end``, and their samples as float32."""
    run, service = scene.run, scene.service
    # A point a scrape where scrapes are five seconds apart or more: no line has a gap between two of them.
    step = max(view.STEP_SECONDS * SECOND, run.telemetry.interval)
    count = view.WINDOW_SECONDS * SECOND // step + 1
    start = end - (count - 1) * step
    found = signals(run.telemetry, service, start, end)
    grid = _on_grid(found, start, step, count, signals(run.telemetry, service, end, end, window=LATEST))
    lines = [
        _traffic(scene, found, grid),
        _errors(scene, found, grid),
        _latency(scene, found, grid),
        _saturation(found, grid),
    ]
    rows = [row for _, chart_rows in lines for row in chart_rows]
    block = np.concatenate(rows).astype("<f4").tobytes() if rows else b""
    made = tuple(chart for chart, _ in lines)
    return view.Signals(
        service=service,
        start=seconds(start),
        step=seconds(step),
        count=count,
        charts=made,
        summary=_sentence(made),
        window=seconds(found.window),
        latest=seconds(LATEST),
    ), block


class _Grid:
    """Places samples on the chart's regular times; what is not there stays NaN.

    Attributes:
        now: The same signals over the window of the map, at the newest scrape.
    """

    def __init__(self, index: NDArray[np.int64], count: int, now: Signals) -> None:
        self._index = index
        self._count = count
        self.now = now

    def __call__(self, values: Floats) -> Floats:
        row = np.full(self._count, np.nan)
        row[self._index] = values
        return row


def _on_grid(found: Signals, start: int, step: int, count: int, now: Signals) -> _Grid:
    return _Grid(np.clip((found.times - start) // step, 0, count - 1).astype(np.int64), count, now)


def _newest(values: Floats | None) -> float | None:
    """The last of some values; None where there are none, or it is not known."""
    return None if values is None or not len(values) else _known(float(values[-1]))


Lines = tuple[view.Chart, list[Floats]]


def _traffic(scene: Scene, found: Signals, grid: _Grid) -> Lines:
    fresh = new_versions(scene.run, scene.workload(found.service))
    rows, lines = [], []
    shown = _shown_versions(found)
    for version in shown:
        row = grid(found.traffic[version])
        rows.append(row)
        label = version if len(shown) > 1 else ""
        tone: view.Tone = "new" if version in fresh else "old"
        latest = _newest(grid.now.traffic.get(version))
        lines.append(view.Line(label, tone, latest, stacked=len(shown) > 1))
    if len(shown) != 1:
        row = grid(found.total)
        rows.append(row)
        lines.append(view.Line("all" if shown else "", "plain", _newest(grid.now.total)))
    parts = [f"{line.label or 'all'} {_rate(line.latest)}" for line in lines]
    before = _rate(_known(_earlier(rows[-1])))
    summary = (
        f"Traffic of {found.service}: {', '.join(parts)} requests a second now, {before} 15 minutes ago."
    )
    return view.Chart("traffic", "Traffic", "/s", tuple(lines), summary=summary), rows


def _shown_versions(found: Signals) -> list[str]:
    """Versions that answered something in the window; at most the last three."""
    return [name for name in found.versions if np.nansum(found.traffic[name]) > 0][-3:]


def _errors(scene: Scene, found: Signals, grid: _Grid) -> Lines:
    row = grid(found.error_ratio)
    slo = scene.promise(found.service)
    allowance = float(slo.objective.allowance) if slo else None
    latest = _newest(grid.now.error_ratio)
    over = allowance is not None and latest is not None and latest > allowance
    line = view.Line("", "bad" if over else "plain", latest, judged=True)
    threshold = view.Threshold(allowance, f"SLO {_percent(allowance)} = burn 1×") if allowance else None
    before = _percent(_known(_earlier(row)))
    summary = f"Errors of {found.service}: {_percent(latest)} of requests fail now, {before} 15 minutes ago"
    summary += f"; the objective allows {_percent(allowance)}." if allowance else "."
    chart = view.Chart(
        "errors", "Errors", "%", (line,), threshold=threshold, allowance=allowance, summary=summary
    )
    return chart, [row]


def _latency(scene: Scene, found: Signals, grid: _Grid) -> Lines:
    rows = [grid(found.p50), grid(found.p95), grid(found.p99)]
    tones: tuple[view.Tone, ...] = ("fast", "mid", "slow")
    lines = tuple(
        view.Line(label, tone, _newest(latest), judged=label != "p50")
        for label, tone, latest in zip(
            ("p50", "p95", "p99"), tones, (grid.now.p50, grid.now.p95, grid.now.p99), strict=True
        )
    )
    now, before = lines[-1].latest, _known(_earlier(rows[-1]))
    summary = (
        f"Latency of {found.service}: p50 {_latency_text(lines[0].latest)}, p99 {_latency_text(now)} now; "
        f"p99 {_latency_text(before)} 15 minutes ago."
    )
    return view.Chart(
        "latency", "Latency", "s", lines, threshold=_patience(scene, found.service), summary=summary
    ), rows


def _patience(scene: Scene, service: str) -> view.Threshold | None:
    """Beyond this nobody waits: users call it slow, or the caller gives up."""
    spec = scene.run.scenario.spec
    objectives = [source.objective for source in spec.traffic if source.service == service]
    if objectives:
        return view.Threshold(seconds(min(objectives)), f"slow for users, {format_duration(min(objectives))}")
    timeouts = [
        call.timeout
        for workload in spec.workloads
        for route in workload.model.routes
        for call in route.calls
        if call.service == service
    ]
    if not timeouts:
        return None
    return view.Threshold(seconds(min(timeouts)), f"callers give up, {format_duration(min(timeouts))}")


def _saturation(found: Signals, grid: _Grid) -> Lines:
    row = grid(found.saturation)
    latest = _newest(grid.now.saturation)
    before = _whole(_known(_earlier(row)))
    summary = (
        f"Saturation of {found.service}: {_whole(latest)} of worker slots busy now, {before} 15 minutes ago."
    )
    chart = view.Chart(
        "saturation",
        "Saturation",
        "%",
        (view.Line("worker slots", "slow", latest, judged=True),),
        threshold=view.Threshold(SATURATED, "90 %"),
        summary=summary,
    )
    return chart, [row]


def _earlier(values: Floats) -> float:
    """Mean of the first minute of the window that is known."""
    first = values[~np.isnan(values)][:_LATEST]
    return float(first.mean()) if len(first) else float("nan")


def _sentence(charts: tuple[view.Chart, ...]) -> str:
    _, errors, latency, _ = charts
    share, p99 = errors.lines[0].latest, latency.lines[-1].latest
    if share is None:
        return "No request was measured in the last minute."
    failing = "No request fails" if share == 0 else f"{_percent(share)} of requests fail"
    words = f"{failing}, p99 {_latency_text(p99)}"
    if errors.allowance is None:
        return words
    return f"{words}; the objective allows {_percent(errors.allowance)}"


def split(scene: Scene, service: str) -> tuple[tuple[str, float], ...]:
    """Share of the last half minute's requests by version, the oldest first; empty with one version only."""
    now = scene.run.now
    found = signals(scene.run.telemetry, service, now - scene.run.telemetry.interval, now)
    shares = [(name, float(found.traffic[name][-1])) for name in found.versions if len(found.times)]
    shares = [(name, rps) for name, rps in shares if not isnan(rps) and rps > 0]
    total = sum(rps for _, rps in shares)
    return tuple((name, rps / total) for name, rps in shares[-2:]) if len(shares) > 1 else ()


def new_versions(run: Run, workload: str) -> frozenset[str]:
    """Versions that came first during the drill (its warm-up included): what is new to production."""
    first: dict[str, int] = {}
    for release in run.production.releases:
        if release.deployment == workload:
            first.setdefault(release.version, release.at)
    return frozenset(name for name, at in first.items() if at >= -run.scenario.spec.warm_up)


def _known(value: float) -> float | None:
    return None if isnan(value) else value


def _rate(value: float | None) -> str:
    return "unknown" if value is None else f"{value:.0f}"


def _percent(value: float | None) -> str:
    if value is None:
        return "an unknown share"
    shown = 100 * value
    return f"{shown:.2f} %" if shown < 0.095 else f"{shown:.1f} %"


def _whole(value: float | None) -> str:
    return "an unknown share" if value is None else f"{100 * value:.0f} %"


def _latency_text(value: float | None) -> str:
    if value is None:
        return "unknown"
    return f"{1000 * value:.0f} ms" if value < 0.9995 else f"{value:.1f} s"
