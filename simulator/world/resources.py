"""Which class holds the objects of which kind: the one list that a new kind joins, beside ``kinds``."""

from __future__ import annotations

from typing import Final, Protocol

from simulator.world.analysis import AnalysisRun, AnalysisTemplate, ClusterAnalysisTemplate
from simulator.world.autoscaling import HorizontalPodAutoscaler
from simulator.world.configuration import ConfigMap, Secret
from simulator.world.disruption import DisruptionBudget
from simulator.world.jobs import CronJob, Job
from simulator.world.kinds import (
    ANALYSIS_RUNS,
    ANALYSIS_TEMPLATES,
    AUTOSCALERS,
    CLUSTER_ANALYSIS_TEMPLATES,
    CONFIG_MAPS,
    CRON_JOBS,
    DEPLOYMENTS,
    DISRUPTION_BUDGETS,
    EVENTS,
    JOBS,
    KINDS,
    NODES,
    PODS,
    REPLICA_SETS,
    ROLLOUTS,
    SECRETS,
    SERVICES,
    Kind,
)
from simulator.world.meta import ObjectMeta
from simulator.world.nodes import Event, Node, Service
from simulator.world.pods import Pod
from simulator.world.rollouts import Rollout
from simulator.world.workloads import Deployment, ReplicaSet


class AnyObject(Protocol):
    """What every Kubernetes object has."""

    meta: ObjectMeta


RESOURCES: Final[dict[type[AnyObject], Kind]] = {
    Deployment: DEPLOYMENTS,
    ReplicaSet: REPLICA_SETS,
    Pod: PODS,
    Service: SERVICES,
    Node: NODES,
    Event: EVENTS,
    Rollout: ROLLOUTS,
    AnalysisRun: ANALYSIS_RUNS,
    AnalysisTemplate: ANALYSIS_TEMPLATES,
    ClusterAnalysisTemplate: CLUSTER_ANALYSIS_TEMPLATES,
    HorizontalPodAutoscaler: AUTOSCALERS,
    ConfigMap: CONFIG_MAPS,
    Secret: SECRETS,
    CronJob: CRON_JOBS,
    Job: JOBS,
    DisruptionBudget: DISRUPTION_BUDGETS,
}
assert set(RESOURCES.values()) == set(KINDS)


def kind_of(item: AnyObject) -> Kind:
    """The kind of an object."""
    return RESOURCES[type(item)]
