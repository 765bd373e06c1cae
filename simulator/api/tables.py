"""A run's records as data frames, for people who explore: times are clocks or seconds, never nanoseconds."""

from __future__ import annotations

from collections.abc import Mapping
from math import isnan, nan
from typing import Final

import pandas as pd

from simulator.api.readable import Form, Readable, readable
from simulator.drill import Run, what_happened
from simulator.slo import Slo
from simulator.telemetry import Samples, Signals
from simulator.telemetry.promql import Instant, Matrix, metric_text
from simulator.units import HOUR, MINUTE, SECOND, format_clock, format_moment


def actions(run: Run) -> Readable:
    """Lines typed and waits so far; the index is the number that ``what_if`` takes.

    A notebook shows them from the left, whole; ``ok`` is in words there.
    """
    rows = [
        {"number": number, "at": format_clock(act.at), "line": act.line, "ok": answer.ok, "actor": act.actor}
        for number, (act, answer) in enumerate(zip(run.acts, run.transcript, strict=True), 1)
    ]
    made = pd.DataFrame(rows, columns=["number", "at", "line", "ok", "actor"]).set_index("number")
    return readable(made, {"ok": lambda value: "yes" if value else "refused"})


def events(run: Run) -> pd.DataFrame:
    """What happened, oldest first: cluster events, alerts, releases, status posts (``source`` says which)."""
    rows = [
        {
            "last": format_moment(each.at),
            "source": each.origin,
            "type": each.type,
            "reason": each.reason,
            "object": each.object,
            "count": each.count,
            "message": each.message,
        }
        for each in what_happened(run)
    ]
    return pd.DataFrame(rows, columns=["last", "source", "type", "reason", "object", "count", "message"])


def slos(run: Run) -> Readable:
    """Every objective now: target, budget left (share, minutes, requests) and spent, burn rates.

    ``exhausted_minutes`` is how long the budget lasts at the pace of the last five minutes; NaN while nothing
    burns. A notebook shows all of it rounded, with units, what matters first.
    """
    rows = [_slo_row(slo, run.now) for slo in run.slos.values()]
    return readable(pd.DataFrame(rows).set_index("slo"), _SLO_FORMS)


def _slo_row(slo: Slo, now: int) -> dict[str, object]:
    goal, left, lasting = slo.objective, slo.budget_left(now), slo.time_to_exhaustion(now)
    return {
        "slo": goal.name,
        "budget_left": left.share_left,
        "burn_rate_5m": slo.burn_rate(5 * MINUTE, now),
        "burn_rate_1h": slo.burn_rate(HOUR, now),
        "spent_in_drill": slo.spent_in_drill(now),
        "exhausted_minutes": nan if lasting is None else lasting / MINUTE,
        "budget_left_minutes": left.minutes_left,
        "budget_left_requests": left.requests_left,
        "target": goal.target_text,
        "window": goal.window_text,
        "budgeting_method": goal.method,
    }


def _share(value: float) -> str:
    return "no data" if isnan(value) else f"{100 * value:.1f} %"


def _times(value: float) -> str:
    return "no data" if isnan(value) else f"{value:.1f}×"


def _lasting(minutes: float) -> str:
    """How long a budget lasts; days once minutes say nothing any more."""
    if isnan(minutes):
        return "nothing burns"
    return f"{minutes:.0f} min" if minutes < 48 * 60 else f"{minutes / (24 * 60):.0f} d"


_SLO_FORMS: Final[dict[str, Form]] = {
    "budget_left": _share,
    "burn_rate_5m": _times,
    "burn_rate_1h": _times,
    "spent_in_drill": _share,
    "exhausted_minutes": _lasting,
    "budget_left_minutes": lambda value: f"{value:,.0f} min",
    "budget_left_requests": lambda value: f"{value:,.0f}",
}


def signals(found: Signals) -> pd.DataFrame:
    """Golden signals: the index is seconds since T+00:00; NaN where nothing was measured."""
    columns = {
        "traffic_rps": found.total,
        "error_ratio": found.error_ratio,
        "latency_seconds_p50": found.p50,
        "latency_seconds_p95": found.p95,
        "latency_seconds_p99": found.p99,
        "saturation": found.saturation,
        "queue": found.queue,
    }
    return pd.DataFrame(columns, index=pd.Index(found.times / SECOND, name="seconds"))


def samples(found: Samples) -> pd.DataFrame:
    """One column a series, named by its labels as Prometheus prints them; the index is in seconds."""
    names = [_prometheus(labels) for labels in found.labels]
    frame = pd.DataFrame(found.values.T, index=pd.Index(found.times / SECOND, name="seconds"), columns=names)
    frame.columns.name = found.metric.name
    return frame


def elements(found: Instant) -> pd.DataFrame:
    """An instant result, one row an element; of a range such as ``x[5m]``, one row a sample."""
    if found.kind == "matrix":
        rows = [
            {**dict(labels), "time": pd.Timestamp(at, unit="ns", tz="UTC"), "value": value}
            for labels, times, values in found.series
            for at, value in zip(times.tolist(), values.tolist(), strict=True)
        ]
    elif found.kind == "string":
        rows = [{"value": found.text}]
    else:
        rows = [{**dict(one.labels), "value": one.value} for one in found.elements]
    frame = pd.DataFrame(rows)
    names = sorted(name for name in frame.columns if name not in ("time", "value"))
    frame[names] = frame[names].fillna("")
    return frame.reindex(columns=[*names, *(["time"] if "time" in frame else []), "value"])


def matrix(found: Matrix, epoch: int) -> pd.DataFrame:
    """A range result: one column a series, the index in seconds from T+00:00."""
    index = pd.Index((found.times - epoch) / SECOND, name="seconds")
    return pd.DataFrame(found.values.T, index=index, columns=[metric_text(one) for one in found.labels])


def _prometheus(labels: Mapping[str, str]) -> str:
    return "{" + ", ".join(f'{key}="{value}"' for key, value in labels.items()) + "}"
