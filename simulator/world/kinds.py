"""The resource names that the API server knows, with the short and singular forms that kubectl accepts."""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from typing import Final

from simulator.world.errors import KubernetesError


@dataclass(frozen=True, slots=True)
class Kind:
    """One resource type.

    Attributes:
        plural: The registered name, for example ``deployments``.
        singular: For example ``deployment``.
        kind: As in a manifest, for example ``Deployment``.
        short: Short names, for example ``deploy``.
        group: API group; empty for the core group.
        version: API version within the group.
        namespaced: Whether its objects live in a namespace.
    """

    plural: str
    singular: str
    kind: str
    short: tuple[str, ...] = ()
    group: str = ""
    version: str = "v1"
    namespaced: bool = True

    @property
    def qualified(self) -> str:
        """The plural with its group, as in error messages: ``deployments.apps``, ``pods``."""
        return f"{self.plural}.{self.group}" if self.group else self.plural

    @property
    def qualified_singular(self) -> str:
        """The singular with its group, as in success messages: ``deployment.apps``, ``pod``."""
        return f"{self.singular}.{self.group}" if self.group else self.singular

    @property
    def api_version(self) -> str:
        """As in a manifest: ``apps/v1``, ``v1``."""
        return f"{self.group}/{self.version}" if self.group else self.version

    @property
    def names(self) -> tuple[str, ...]:
        """Every name by which a person may call it."""
        qualified = (self.qualified, self.qualified_singular) if self.group else ()
        return (self.plural, self.singular, *self.short, *qualified)


PODS: Final = Kind("pods", "pod", "Pod", ("po",))
DEPLOYMENTS: Final = Kind("deployments", "deployment", "Deployment", ("deploy",), group="apps")
REPLICA_SETS: Final = Kind("replicasets", "replicaset", "ReplicaSet", ("rs",), group="apps")
SERVICES: Final = Kind("services", "service", "Service", ("svc",))
NODES: Final = Kind("nodes", "node", "Node", ("no",), namespaced=False)
EVENTS: Final = Kind("events", "event", "Event", ("ev",))
ROLLOUTS: Final = Kind("rollouts", "rollout", "Rollout", ("ro",), group="argoproj.io", version="v1alpha1")
ANALYSIS_RUNS: Final = Kind(
    "analysisruns", "analysisrun", "AnalysisRun", ("ar",), group="argoproj.io", version="v1alpha1"
)
ANALYSIS_TEMPLATES: Final = Kind(
    "analysistemplates", "analysistemplate", "AnalysisTemplate", ("at",), group="argoproj.io",
    version="v1alpha1",
)  # fmt: skip
CLUSTER_ANALYSIS_TEMPLATES: Final = Kind(
    "clusteranalysistemplates", "clusteranalysistemplate", "ClusterAnalysisTemplate", ("cat",),
    group="argoproj.io", version="v1alpha1", namespaced=False,
)  # fmt: skip
DISRUPTION_BUDGETS: Final = Kind(
    "poddisruptionbudgets", "poddisruptionbudget", "PodDisruptionBudget", ("pdb",), group="policy"
)
AUTOSCALERS: Final = Kind(
    "horizontalpodautoscalers",
    "horizontalpodautoscaler",
    "HorizontalPodAutoscaler",
    ("hpa",),
    group="autoscaling",
    version="v2",
)
CONFIG_MAPS: Final = Kind("configmaps", "configmap", "ConfigMap", ("cm",))
SECRETS: Final = Kind("secrets", "secret", "Secret")
CRON_JOBS: Final = Kind("cronjobs", "cronjob", "CronJob", ("cj",), group="batch")
JOBS: Final = Kind("jobs", "job", "Job", group="batch")
KINDS: Final = (
    PODS,
    DEPLOYMENTS,
    REPLICA_SETS,
    SERVICES,
    NODES,
    EVENTS,
    ROLLOUTS,
    ANALYSIS_RUNS,
    ANALYSIS_TEMPLATES,
    CLUSTER_ANALYSIS_TEMPLATES,
    AUTOSCALERS,
    CONFIG_MAPS,
    SECRETS,
    CRON_JOBS,
    JOBS,
    DISRUPTION_BUDGETS,
)

_BY_NAME: Final = {name: kind for kind in KINDS for name in kind.names}


def kind_named(name: str) -> Kind:
    """The resource type that a person means by ``name``: plural, singular, short or with its group.

    Raises:
        KubernetesError: The server has no such type; the message is kubectl's.
    """
    kind = _BY_NAME.get(name.lower())
    if kind is not None:
        return kind
    nearest = difflib.get_close_matches(name.lower(), list(_BY_NAME), n=1)
    raise KubernetesError(
        f'error: the server doesn\'t have a resource type "{name}"',
        where=name,
        expected="a resource type such as " + ", ".join(each.plural for each in KINDS),
        got=repr(name),
        todo=f"Did you mean {nearest[0]}?" if nearest else "Choose one of these.",
    )
