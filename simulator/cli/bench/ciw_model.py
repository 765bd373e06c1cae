"""The tandem as one would write it in Ciw, when that is installed: two tiers of nodes, nobody held.

Ciw has no request that holds its server over a call, so it runs the *tandem variant*: a customer is served by
the front, leaves it, and is served by the back. The compiled engine runs the same variant beside it.
"""

from __future__ import annotations

import importlib
import importlib.util
from typing import Any

from simulator.cli.bench.workloads import Workload
from simulator.units import SECOND


def installed() -> bool:
    """Whether Ciw can be imported here."""
    return importlib.util.find_spec("ciw") is not None


class CiwModel:
    """One workload's tandem variant: each instance is a node, customers are routed to one at random.

    Args:
        work: Rates, instances, workers and mean times; its timeouts and retries have no place in Ciw.
        seed: Ciw seeds the whole process.
    """

    def __init__(self, work: Workload, seed: int) -> None:
        self._ciw: Any = importlib.import_module("ciw")
        self._ciw.seed(seed)
        law = self._ciw.dists.Exponential
        fronts, backs = work.front.instances, work.back.instances
        to_back = [0.0] * fronts + [1 / backs] * backs
        out = [0.0] * (fronts + backs)
        self._network = self._ciw.create_network(
            arrival_distributions=[law(work.rate / fronts)] * fronts + [None] * backs,
            service_distributions=[law(SECOND / work.front.mean)] * fronts
            + [law(SECOND / work.back.mean)] * backs,
            number_of_servers=[work.front.workers] * fronts + [work.back.workers] * backs,
            routing=[to_back] * fronts + [out] * backs,
        )

    def run(self, seconds: float) -> int:
        """Simulate so many seconds; returns the customers that came."""
        simulation = self._ciw.Simulation(self._network)
        simulation.simulate_until_max_time(seconds)
        # The arrival node counts the customers that it has announced; one for each front is still to come.
        return int(simulation.nodes[0].number_of_individuals)
