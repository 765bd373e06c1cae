"""Argo Rollouts: the rollout controller, and the analysis controller that judges what it does.

Reading order: ``passes.py`` (one pass over one Rollout), ``canary.py`` and ``bluegreen.py`` (what a pass
does), ``sets.py``, ``traffic.py`` and ``analyses.py`` (its parts), ``conditions.py`` (what it says),
``controller.py``; then ``runs.py`` (AnalysisRuns), ``providers.py`` and ``expressions.py``.
"""

from simulator.engine.rollouts.controller import RolloutController
from simulator.engine.rollouts.runs import AnalysisController
from simulator.engine.rollouts.sets import replica_set_for
from simulator.engine.rollouts.traffic import Router

__all__ = ["AnalysisController", "RolloutController", "Router", "replica_set_for"]
