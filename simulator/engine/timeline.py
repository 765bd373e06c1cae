"""What happens whatever the learner does: releases, changes of traffic, and faults."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from simulator.dataplane import DataPlane
from simulator.engine.delivery.delivery import Delivery
from simulator.engine.delivery.runs import WorkflowRun
from simulator.engine.environment import Environment
from simulator.engine.faults import Injector
from simulator.engine.nodes.affinity import Affinity
from simulator.engine.nodes.machines import Machines
from simulator.engine.traffic import Traffic
from simulator.scenario.faults import Chaos
from simulator.scenario.nodes import NodeLoss, ZoneOutage
from simulator.scenario.releases import ReleasePlan
from simulator.scenario.timeline import (
    SetImage,
    SetRouting,
    SetStore,
    SetTopic,
    SetTraffic,
    TimelineEntry,
)
from simulator.scenario.workflow import MoveTag
from simulator.world import Cluster


class Timeline:
    """Schedules the entries of a scenario's timeline and carries them out.

    Args:
        env: The clock.
        cluster: Where the workloads are.
        delivery: Releases.
        traffic: The sources.
        injector: Faults.
        affinity: How callers choose.
        machines: Losses of nodes and zones.
        dataplane: Topics and stores.
    """

    def __init__(
        self,
        env: Environment,
        cluster: Cluster,
        delivery: Delivery,
        traffic: Traffic,
        injector: Injector,
        affinity: Affinity,
        machines: Machines,
        dataplane: DataPlane,
    ) -> None:
        self._env = env
        self._cluster = cluster
        self._delivery = delivery
        self._traffic = traffic
        self._injector = injector
        self._affinity = affinity
        self._machines = machines
        self._dataplane = dataplane

    def schedule(self, entries: tuple[TimelineEntry, ...]) -> None:
        """Have every entry happen at its time, as a control event."""
        for number, entry in enumerate(entries):
            self._env.at(entry.at, self._action(number, entry))

    def carry_out(self, entry: TimelineEntry) -> None:
        """Let an entry happen now, whatever its time says."""
        self._action(None, entry)()

    def _action(self, number: int | None, entry: TimelineEntry) -> Callable[[], None]:
        match entry.action:
            case SetImage() as image:
                return self._released(number, entry.at, plan_of(image))
            case ReleasePlan() as plan:
                return self._released(number, entry.at, plan)
            case SetTraffic() as change:
                return partial(self._set_traffic, change)
            case SetRouting() as routing:
                return partial(self._affinity.carry_out, routing)
            case Chaos() as chaos:
                return partial(self._inject, number, chaos)
            case (NodeLoss() | ZoneOutage()) as loss:
                return partial(self._machines.carry_out, loss)
            case SetTopic() as topic:
                return partial(self._dataplane.set_poison, topic.topic, topic.poison)
            case MoveTag() as move:
                return partial(self._delivery.move_tag, move)
            case SetStore() as store:
                return partial(self._dataplane.set_replication_lag, store.service, store.replication_lag)

    def _released(self, number: int | None, at: int, plan: ReleasePlan) -> Callable[[], None]:
        """A release; one that is foreseen has a run, which begins before."""
        run = self._delivery.expect(plan, at) if number is not None else None
        return partial(self._release, plan, run)

    def _release(self, plan: ReleasePlan, run: WorkflowRun | None) -> None:
        """What the pipeline does; it fails without effect where the workload has been deleted."""
        table = self._cluster.rollouts if plan.rollout is not None else self._cluster.deployments
        if plan.workload is None or table.find(plan.workload, self._cluster.namespace) is not None:
            self._delivery.release(plan, run)
        elif run is not None:
            run.failed = True

    def _set_traffic(self, change: SetTraffic) -> None:
        if change.profile is not None:
            self._traffic.set_profile(change.source, change.profile)
        elif change.crowd is not None:
            self._traffic.bring_crowd(change.source, change.crowd)
        elif (level := change.rate if change.rate is not None else change.vus) is not None:
            self._traffic.set_rate(change.source, level)
        else:
            self._traffic.set_stages(change.source, change.stages)

    def _inject(self, number: int | None, chaos: Chaos) -> None:
        self._injector.inject(chaos, number=number)


def plan_of(image: SetImage) -> ReleasePlan:
    """``setImage`` is a release that changes an image and nothing else."""
    return ReleasePlan.model_construct(
        deployment=image.deployment,
        rollout=image.rollout,
        image=image.image,
        container=image.container,
        cause=image.cause,
        author=image.author,
        commit=image.commit,
        run=image.run,
    )
