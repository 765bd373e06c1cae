"""A front and a back with constant times, as a scenario file that a test patches before it is loaded."""

from __future__ import annotations

import copy
import json
from typing import Any

from simulator.dataplane import OUTCOMES, CounterFrame
from simulator.engine import Production
from simulator.scenario import Scenario, load_bytes
from simulator.units import SECOND

#: A part of a file. Under a number stands an item of a list that is there already.
Tree = dict[Any, Any]

TEXTS = b"""
story: Two parts.
normal: Twenty requests a second.
situation: You are on call.
debrief: {whatHappened: Much., rule: Look., change: Test.}
"""


def deployment(name: str, replicas: int, model: Tree, **spec: Any) -> Tree:
    """A workload of one container, ``NAME:v1``."""
    container: Tree = {"name": name, "image": f"{name}:v1"}
    container |= spec.pop("container", {})
    pod: Tree = {"containers": [container], **spec.pop("pod", {})}
    return {
        "kind": "Deployment",
        "metadata": {"name": name},
        "spec": {"replicas": replicas, "template": {"spec": pod}, **spec},
        "model": model,
    }


def constant(milliseconds: float) -> Tree:
    """A time that is always the same."""
    return {"distribution": "constant", "mean": f"{milliseconds}ms"}


def system() -> Tree:
    """Users (20 a second) ask front (2 pods, 10 ms), which asks back (2 pods, 5 ms)."""
    call = {"service": "back", "route": "read", "timeout": "300ms"}
    page = {"name": "page", "serviceTime": constant(10), "calls": [call]}
    read = {"name": "read", "method": "CALL", "serviceTime": constant(5)}
    total = 'lb_requests_total{service="front"}'
    good = 'lb_requests_total{service="front",code!~"5.."}'
    source = {
        name: {"metricSource": {"spec": {"query": text}}} for name, text in (("good", good), ("total", total))
    }
    return {
        "apiVersion": "gameday/v1",
        "kind": "Scenario",
        "metadata": {"name": "small", "title": "A small system"},
        "spec": {
            "seed": 3,
            "duration": "60m",
            "warmUp": "10s",
            "workloads": [
                deployment("front", 2, {"concurrency": 8, "routes": [page]}),
                deployment("back", 2, {"concurrency": 8, "routes": [read]}),
            ],
            "services": [
                {"kind": "Service", "metadata": {"name": name}, "spec": {"selector": {"app": name}}}
                for name in ("front", "back")
            ],
            "traffic": [{"name": "users", "rate": 20, "service": "front", "routes": {"page": 1}}],
            "slos": [
                {
                    "apiVersion": "openslo/v1",
                    "kind": "SLO",
                    "metadata": {"name": "front"},
                    "spec": {
                        "service": "front",
                        "budgetingMethod": "Occurrences",
                        "indicator": {
                            "metadata": {"name": "good"},
                            "spec": {"ratioMetric": {"counter": True, **source}},
                        },
                        "timeWindow": [{"duration": "30d", "isRolling": True}],
                        "objectives": [{"target": 0.999}],
                    },
                }
            ],
        },
    }


def patched(base: Tree, patch: Tree) -> Tree:
    """A copy of ``base``; mappings merge, and so do list items that stand under a number."""
    made = copy.deepcopy(base)
    _lay(made, patch)
    return made


def _lay(base: Any, patch: Tree) -> None:
    for key, value in patch.items():
        here = base.get(key) if isinstance(base, dict) else base[key]
        if isinstance(value, dict) and isinstance(here, (dict, list)):
            _lay(here, value)
        else:
            base[key] = copy.deepcopy(value)


def loaded(*patches: Tree) -> Scenario:
    """The system with patches laid over it, through the loader."""
    tree = system()
    for patch in patches:
        tree = patched(tree, patch)
    return load_bytes(json.dumps(tree, indent=1).encode(), TEXTS)


def front(model: Tree) -> Tree:
    """A patch of the front's model."""
    return {"spec": {"workloads": {0: {"model": model}}}}


def back(model: Tree) -> Tree:
    """A patch of the back's model."""
    return {"spec": {"workloads": {1: {"model": model}}}}


def page(route: Tree) -> Tree:
    """A patch of the front's route."""
    return front({"routes": {0: route}})


def call(fields: Tree) -> Tree:
    """A patch of the front's call to the back."""
    return page({"calls": {0: fields}})


def traffic(fields: Tree) -> Tree:
    """A patch of the users."""
    return {"spec": {"traffic": {0: fields}}}


def played(*patches: Tree, seconds: int = 30, compiled: bool = True) -> Production:
    """The patched system, some seconds after T+00:00."""
    made = Production(loaded(*patches), 3, compiled=compiled)
    made.advance(seconds * SECOND)
    made.dataplane.check_conservation()
    return made


class Seen:
    """What the counters say of a run, in plain numbers since the warm-up's begin."""

    def __init__(self, made: Production) -> None:
        self.frame: CounterFrame = made.dataplane.counters()

    def rows(self, service: str) -> list[int]:
        """Rows of a service's pods."""
        return [each.id for each in self.frame.instances if each.service == service]

    def answers(self, service: str, outcome: str = "") -> int:
        """Answers of a service, of one outcome or of all."""
        of_service = self.frame.requests[self.rows(service)]
        return int(of_service[:, :, OUTCOMES.index(outcome)].sum() if outcome else of_service.sum())

    def latency(self, service: str) -> float:
        """Mean time of an answer, milliseconds."""
        return float(self.frame.latency_ns[self.rows(service)].sum()) / 1e6 / self.answers(service)

    def users(self, outcome: str = "") -> int:
        """Users' answers of one outcome, or of all."""
        of_users = self.frame.answered
        return int(of_users[:, :, OUTCOMES.index(outcome)].sum() if outcome else of_users.sum())

    def per_pod(self, service: str) -> list[int]:
        """Answers of each pod of a service."""
        return [int(self.frame.requests[row].sum()) for row in self.rows(service)]

    def count(self, counter: str) -> int:
        """A counter of the edges, all together, such as ``retries``."""
        return int(getattr(self.frame, counter).sum())
