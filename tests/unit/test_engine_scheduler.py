"""The scheduler: what it refuses and in which words, what it prefers, and what it never does."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.engine.nodes.scheduler import Scheduler
from simulator.world import (
    Cluster,
    Container,
    Node,
    NodeSpec,
    ObjectMeta,
    OwnerReference,
    Pod,
    PodSpec,
)
from simulator.world.placement import (
    HOSTNAME_LABEL,
    ZONE_LABEL,
    AntiAffinity,
    Placement,
    Taint,
    Toleration,
    TopologySpread,
)

GIBIBYTE = 1 << 30
APP = {"app": "web"}
BY_ZONE = TopologySpread(1, ZONE_LABEL, "DoNotSchedule", APP)


class Yard:
    """A cluster of nodes, and a scheduler that places pods at once.

    Args:
        nodes: (name, zone) of each, of four cores and 16 GiB.
    """

    def __init__(self, nodes: Sequence[tuple[str, str]]) -> None:
        self.cluster = Cluster()
        self.scheduler = Scheduler(self.cluster)
        for name, zone in nodes:
            labels = {HOSTNAME_LABEL: name, ZONE_LABEL: zone}
            self.cluster.add(Node(ObjectMeta(name, labels=labels), NodeSpec(4000, 16 * GIBIBYTE, pods=20)))
        self.made = 0

    def node(self, name: str) -> Node:
        found = self.cluster.nodes.find(name)
        assert found is not None
        return found

    def pod(
        self,
        *,
        cpu: int = 500,
        memory: int = GIBIBYTE,
        placement: Placement | None = None,
        owner: str = "web",
        labels: dict[str, str] | None = None,
    ) -> Pod:
        """A pod of a ReplicaSet, not yet placed."""
        self.made += 1
        spec = PodSpec(
            (Container("app", "web:v1", cpu_request_millicores=cpu, memory_request_bytes=memory),),
            placement=placement or Placement(),
        )
        meta = ObjectMeta(
            f"{owner}-{self.made}",
            "production",
            labels=labels or {"app": owner},
            uid=f"{owner}-{self.made}",
            owner=OwnerReference("ReplicaSet", owner, f"rs-{owner}"),
        )
        return Pod(meta, spec)

    def place(self, pod: Pod) -> str:
        """The node that a pod was bound to; empty where there is none."""
        node = self.scheduler.choose(pod)
        if node is None:
            return ""
        self.scheduler.bind(pod, node)
        self.cluster.add(pod)
        return node.meta.name

    def fill(self, count: int, *, cpu: int = 500, memory: int = GIBIBYTE) -> list[str]:
        return [self.place(self.pod(cpu=cpu, memory=memory)) for _ in range(count)]


SIX = [(f"node-{n}", f"zone-{'abc'[n % 3]}") for n in range(6)]


def test_pods_of_one_owner_lie_over_zones_and_nodes() -> None:
    """Without a word of theirs: the system's default constraints."""
    yard = Yard(SIX)
    assert sorted(yard.fill(6)) == [name for name, _ in SIX]
    zones = Counter(yard.node(name).zone for name in yard.fill(9))
    assert set(zones.values()) == {3}


def test_the_emptier_node_is_preferred() -> None:
    """Least allocated: another owner's pods count by what they ask for."""
    yard = Yard([("node-0", "zone-a"), ("node-1", "zone-a")])
    big = yard.pod(cpu=3000, memory=8 * GIBIBYTE, owner="big")
    assert yard.place(big) == "node-0"
    assert yard.place(yard.pod(owner="small")) == "node-1"


def test_the_words_for_a_pod_that_fits_nowhere() -> None:
    """Counted by reason, in the order of their text; what preemption could do is added."""
    yard = Yard(SIX)
    yard.fill(6, cpu=3800)
    node = yard.node("node-5")
    node.spec = NodeSpec(4000, 16 * GIBIBYTE, unschedulable=True)
    yard.cluster.changed(node)
    assert yard.scheduler.why_not(yard.pod()) == (
        "0/6 nodes are available: 1 node(s) were unschedulable, 5 Insufficient cpu. "
        "preemption: 0/6 nodes are available: 1 Preemption is not helpful for scheduling, "
        "5 No preemption victims found for incoming pod."
    )
    whale = yard.pod(cpu=64_000, memory=64 * GIBIBYTE, owner="whale")
    assert yard.scheduler.why_not(whale) == (
        "0/6 nodes are available: 1 node(s) were unschedulable, 5 Insufficient cpu, 5 Insufficient memory. "
        "preemption: 0/6 nodes are available: 6 Preemption is not helpful for scheduling."
    )


def test_too_many_pods() -> None:
    """A node takes so many pods and no more, however small they are."""
    yard = Yard([("node-0", "zone-a")])
    yard.fill(20, cpu=0, memory=0)
    assert yard.scheduler.why_not(yard.pod(cpu=0, memory=0)).startswith(
        "0/1 nodes are available: 1 Too many pods."
    )


def test_a_taint_keeps_away_who_does_not_tolerate_it() -> None:
    """With its key and value in the message; a toleration opens the node, PreferNoSchedule only repels."""
    yard = Yard([("node-0", "zone-a"), ("node-1", "zone-a")])
    for name, effect in (("node-0", "NoSchedule"), ("node-1", "PreferNoSchedule")):
        node = yard.node(name)
        taint = Taint("dedicated", "gpu", "NoSchedule" if effect == "NoSchedule" else "PreferNoSchedule")
        node.spec = NodeSpec(4000, 16 * GIBIBYTE, taints=(taint,))
        yard.cluster.changed(node)
    assert yard.fill(4) == ["node-1"] * 4
    assert "1 node(s) had untolerated taint {dedicated: gpu}" in yard.scheduler.why_not(
        yard.pod(cpu=3000, owner="other")
    )
    welcome = Placement(tolerations=(Toleration("dedicated", "Exists"),))
    assert yard.place(yard.pod(placement=welcome, owner="gpu")) == "node-0"
    other = Placement(tolerations=(Toleration("dedicated", "Equal", "cpu"),))
    assert yard.place(yard.pod(placement=other, owner="third")) == "node-1"


def test_a_node_selector_names_where() -> None:
    """Labels must all fit; if none does, the pod waits."""
    yard = Yard(SIX)
    here = Placement(node_selector={ZONE_LABEL: "zone-b"})
    assert {yard.place(yard.pod(placement=here)) for _ in range(4)} == {"node-1", "node-4"}
    nowhere = yard.pod(placement=Placement(node_selector={"disk": "ssd"}), owner="other")
    assert yard.scheduler.why_not(nowhere) == (
        "0/6 nodes are available: 6 node(s) didn't match Pod's node affinity/selector. preemption: 0/6 nodes "
        "are available: 6 Preemption is not helpful for scheduling."
    )


def test_a_hard_spread_waits_rather_than_crowd_a_zone() -> None:
    """Zone c is full: with maxSkew 1 the pod waits, with ScheduleAnyway it goes elsewhere."""
    yard = Yard([("node-0", "zone-a"), ("node-1", "zone-b"), ("node-2", "zone-c")])
    yard.place(yard.pod(cpu=3900, owner="big", placement=Placement(node_selector={ZONE_LABEL: "zone-c"})))
    hard = Placement(spread=(BY_ZONE,))
    placed = [yard.place(yard.pod(placement=hard)) for _ in range(3)]
    assert sorted(placed) == ["", "node-0", "node-1"]
    assert yard.scheduler.why_not(yard.pod(placement=hard)).startswith(
        "0/3 nodes are available: 1 Insufficient cpu, 2 node(s) didn't match pod topology spread constraints."
    )
    soft = Placement(spread=(TopologySpread(1, ZONE_LABEL, "ScheduleAnyway", APP),))
    assert yard.place(yard.pod(placement=soft, owner="web2", labels=APP)) != ""


def test_a_node_without_the_label_is_no_domain() -> None:
    """It is said so, and nothing is placed there."""
    yard = Yard([("node-0", "zone-a")])
    del yard.node("node-0").meta.labels[ZONE_LABEL]
    assert "1 node(s) didn't match pod topology spread constraints (missing required label)" in (
        yard.scheduler.why_not(yard.pod(placement=Placement(spread=(BY_ZONE,))))
    )


def test_anti_affinity_holds_both_ways() -> None:
    """Who keeps away is kept away from, too: the third finds no node of its own."""
    yard = Yard([("node-0", "zone-a"), ("node-1", "zone-b")])
    alone = Placement(anti_affinity=(AntiAffinity(HOSTNAME_LABEL, APP),))
    assert sorted(yard.place(yard.pod(placement=alone)) for _ in range(2)) == ["node-0", "node-1"]
    assert yard.scheduler.why_not(yard.pod(placement=alone)).startswith(
        "0/2 nodes are available: 2 node(s) didn't match pod anti-affinity rules."
    )
    plain = yard.pod(owner="plain", labels=APP)
    assert yard.scheduler.why_not(plain).startswith(
        "0/2 nodes are available: 2 node(s) didn't satisfy existing pods anti-affinity rules."
    )
    assert yard.place(yard.pod(owner="stranger")) != ""


def test_a_preferred_anti_affinity_gives_way() -> None:
    """As long as there is an empty node it is taken; afterwards any."""
    yard = Yard([("node-0", "zone-a"), ("node-1", "zone-a"), ("node-2", "zone-a")])
    shy = Placement(anti_affinity=(AntiAffinity(HOSTNAME_LABEL, APP, weight=100),))
    placed = [yard.place(yard.pod(placement=shy)) for _ in range(4)]
    assert sorted(placed[:3]) == ["node-0", "node-1", "node-2"]
    assert placed[3] != ""


def test_a_pod_that_ends_keeps_its_room_but_not_its_place_among_its_like() -> None:
    """The zone counts one less at once; the cores are free when it has gone."""
    yard = Yard([("node-0", "zone-a"), ("node-1", "zone-b")])
    hard = Placement(spread=(BY_ZONE,))
    first = yard.pod(cpu=3900, placement=hard)
    assert yard.place(first) == "node-0"
    second = yard.pod(cpu=500, placement=hard)
    assert yard.place(second) == "node-1"
    first.meta.deleted_at = 0
    yard.cluster.changed(first)
    assert yard.place(yard.pod(cpu=500, placement=hard)) == ""
    yard.scheduler.release(first)
    assert yard.place(yard.pod(cpu=500, placement=hard)) == "node-0"


PLACEMENTS = st.sampled_from(
    [
        Placement(),
        Placement(spread=(BY_ZONE,)),
        Placement(spread=(TopologySpread(2, HOSTNAME_LABEL, "DoNotSchedule", APP),)),
        Placement(anti_affinity=(AntiAffinity(HOSTNAME_LABEL, {"app": "db"}),)),
        Placement(node_selector={ZONE_LABEL: "zone-a"}),
    ]
)
WISHES = st.tuples(
    st.sampled_from(["web", "db"]),
    st.integers(0, 2500),
    st.integers(0, 6 * GIBIBYTE),
    PLACEMENTS,
    st.booleans(),
)


@settings(max_examples=60, deadline=None)
@given(st.lists(WISHES, max_size=40))
def test_whatever_comes_and_goes_no_node_is_promised_more_than_it_has(
    wishes: list[tuple[str, int, int, Placement, bool]],
) -> None:
    """Sums of what was placed, and every hard spread at the moment of placing, counted anew from the pods."""
    yard = Yard(SIX)
    standing: list[Pod] = []
    for owner, cpu, memory, placement, one_goes in wishes:
        pod = yard.pod(cpu=cpu, memory=memory, placement=placement, owner=owner)
        if yard.place(pod):
            standing.append(pod)
            for spread in placement.spread:
                counts = Counter[str](
                    {node.meta.labels[spread.topology_key]: 0 for node in yard.cluster.nodes}
                )
                for other in standing:
                    counts[yard.node(other.node_name).meta.labels[spread.topology_key]] += (
                        other.meta.labels["app"] == "web"
                    )
                own = yard.node(pod.node_name).meta.labels[spread.topology_key]
                added = owner == "web"
                assert (
                    counts[own] - min(count - (added and domain == own) for domain, count in counts.items())
                    <= spread.max_skew
                )
        if one_goes and standing:
            gone = standing.pop(0)
            gone.meta.deleted_at = 0
            yard.cluster.changed(gone)
            yard.scheduler.release(gone)
        for node in yard.cluster.nodes:
            here = [each for each in standing if each.node_name == node.meta.name]
            assert sum(each.spec.cpu_request_millicores for each in here) <= node.spec.cpu_millicores
            assert sum(each.spec.memory_request_bytes for each in here) <= node.spec.memory_bytes
            assert len(here) <= node.spec.pods
