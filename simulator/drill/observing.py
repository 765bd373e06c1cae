"""What a play may leave open until its moment: the pod that anybody would pick who looks at the numbers.

A play writes ``kubectl delete pod {worst-pod:app=checkout}``, since a pod's name differs from seed to seed.
The name is filled in from scraped counters alone, never from what the scenario hides; the journal holds the
resolved line.
"""

from __future__ import annotations

import re
from typing import Final

import numpy as np

from simulator.drill.run import Run
from simulator.errors import GamedayError
from simulator.units import MINUTE, format_clock
from simulator.world import PODS, Pod

_PLACEHOLDER: Final = re.compile(r"\{worst-pod:([^{}=\s]+)=([^{}=\s]+)\}")
_LOOK_BACK: Final = 2 * MINUTE


def resolved(run: Run, line: str) -> str:
    """The line of a play with its placeholders filled in, as of now.

    Raises:
        GamedayError: No ready pod has the label.
    """
    return _PLACEHOLDER.sub(lambda match: worst_pod(run, match.group(1), match.group(2)), line)


def worst_pod(run: Run, label: str, value: str) -> str:
    """The ready pod with the largest share of 5xx answers over the last two minutes; ties: first by name.

    Raises:
        GamedayError: No ready pod has the label.
    """
    pods = [
        pod.meta.name
        for pod in run.cluster.select(PODS, None, {label: value})
        if isinstance(pod, Pod) and pod.ready and not pod.terminating
    ]
    if not pods:
        raise GamedayError(
            f"{{worst-pod:{label}={value}}} at {format_clock(run.now)}",
            expected="a ready pod with this label",
            got="none",
            todo="Correct the play, or type it later.",
        )
    failed, answered = dict.fromkeys(pods, 0.0), dict.fromkeys(pods, 0.0)
    samples = run.telemetry.store.range("http_requests_total", run.now - _LOOK_BACK, run.now, pod=pods)
    for labels, values in zip(samples.labels, samples.values, strict=True):
        known = values[~np.isnan(values)]
        grown = float(np.maximum(np.diff(known), 0).sum())  # a restart sets a counter back to zero
        answered[labels["pod"]] += grown
        if labels["code"].startswith("5"):
            failed[labels["pod"]] += grown
    return max(sorted(pods), key=lambda pod: failed[pod] / answered[pod] if answered[pod] else 0.0)
