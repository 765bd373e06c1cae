"""How hard a scenario is, measured on its plays and never typed: six numbers, no single one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from statistics import median
from typing import Final

from simulator.authoring.plays.all import Played
from simulator.authoring.plays.panels import golden_panels
from simulator.authoring.plays.record import SPENT_EVERY
from simulator.authoring.points.evidence import seen
from simulator.authoring.points.grading import outcome_of
from simulator.scenario import Scenario, graph
from simulator.scenario.measured import in_words
from simulator.scenario.timeline import TimelineEntry

#: What the reference play comes to.
_REFERENCE: Final = 100.0
#: A budget is half gone at this share.
_HALF: Final = 0.5


@dataclass(frozen=True, slots=True)
class Difficulty:
    """What makes a scenario hard; medians over the seeds.

    Attributes:
        hops: Calls between the service whose objective pages and the part where the cause lies; None where
            the cause lies in no part (a lost machine) or nothing pages.
        decoys: Innocent suspects.
        steps: Lines of the reference play.
        minutes_to_half: From the cause until half of the window's budget is gone if nobody does anything;
            None where it lasts longer than the drill.
        wrong_path_distance: How far the best wrong path stays behind the reference, in points of outcome;
            None without such a path.
        panels_share: Share of the golden signals that show the cause by the time that one has looked around.
    """

    hops: int | None
    decoys: int
    steps: int
    minutes_to_half: float | None
    wrong_path_distance: float | None
    panels_share: float | None

    def to_json(self) -> dict[str, float | int | None]:
        """The six numbers by name."""
        return asdict(self)

    @property
    def words(self) -> str:
        """The six numbers in a line."""
        return in_words(self.to_json())


def measure(played: Played) -> Difficulty:
    """Measure the difficulty of one variant from its plays."""
    cause = cause_of(played)
    return Difficulty(
        hops=_hops(played, cause),
        decoys=len(played.scenario.decoys),
        steps=len(played.scenario.reference),
        minutes_to_half=_minutes_to_half(played, cause),
        wrong_path_distance=_distance(played),
        panels_share=_panels_share(played, cause),
    )


def cause_of(played: Played) -> int | None:
    """The number of the entry without which doing nothing costs least; None where nothing happens.

    Runs that lack an entry may have been left early, so each is compared with doing nothing by its own end.
    """
    saved: list[tuple[float, int]] = []
    for index in range(len(played.scenario.timeline)):
        shares = []
        for seed, lacking in played.each("without", str(index)).items():
            whole = played.each("nothing")[seed].budget_at(lacking.until)
            shares.append(1 - lacking.budget / whole if whole > 0 else 0.0)
        saved.append((median(shares), -index))
    return -max(saved)[1] if saved else None


def _hops(played: Played, cause: int | None) -> int | None:
    """The shortest way along the calls, in either direction, from what pages to where the cause lies."""
    spec = played.scenario.spec
    records = list(played.each("nothing").values())
    worst = max(records[0].objectives, key=lambda each: each.spent).name
    paged = next((each.paged_slo for each in records if each.paged_slo), worst)
    slo = next((item for item in spec.slos if item.name == paged), None)
    if cause is None or slo is None:
        return None
    ends = set(_parts_of(played.scenario, played.scenario.timeline[cause]))
    calls = graph(played.scenario).calls
    reached, hops = {slo.spec.service}, 0
    while ends and not reached & ends:
        wider = reached | {b for a, b in calls if a in reached} | {a for a, b in calls if b in reached}
        if wider == reached:
            return None
        reached, hops = wider, hops + 1
    return hops if ends else None


def _parts_of(scenario: Scenario, entry: TimelineEntry) -> Iterator[str]:
    """The services on which an entry of the timeline acts."""
    spec = scenario.spec
    behind = {item.name: backend for item in spec.fronts if (backend := spec.backend(item.name)) is not None}
    plan = entry.set_image or entry.release
    touched: set[str] = set()
    if plan is not None and plan.workload:
        touched.add(plan.workload)
    if entry.release is not None:
        changed = [entry.release.config_map, entry.release.secret, entry.release.flag]
        names = {item.name for item in changed if item is not None}
        maps = [item.model.effects for item in spec.config_maps if item.name in names]
        secrets = [item.model.effects for item in spec.secrets if item.name in names]
        flags = [item.model.effects for item in spec.flags if item.name in names]
        touched.update(effect.workload for effects in (*maps, *secrets, *flags) for effect in effects)
    if entry.chaos is not None:
        wanted = entry.chaos.selector.label_selectors.items()
        touched.update(item.name for item in spec.workloads if wanted <= item.pod_labels.items())
    yield from (service for service, backend in behind.items() if backend.name in touched)
    if entry.set_traffic is not None:
        yield from (item.service for item in spec.traffic if item.name == entry.set_traffic.source)
    if entry.set_store is not None:
        yield entry.set_store.service
    if entry.set_routing is not None:
        yield entry.set_routing.service


def _minutes_to_half(played: Played, cause: int | None) -> float | None:
    since = 0.0 if cause is None else played.scenario.timeline[cause].at / 60e9
    found = []
    for record in played.each("nothing").values():
        gone = next((number for number, share in enumerate(record.spent) if share >= _HALF), None)
        found.append(None if gone is None else min(gone * SPENT_EVERY, record.until) / 60 - since)
    known = [each for each in found if each is not None]
    return round(median(known), 1) if len(known) * 2 > len(found) else None


def _distance(played: Played) -> float | None:
    """100 less the outcome of the best wrong path, each by the instant at which it was left.

    A path whose ceiling lies at the reference is wrong for another reason than its outcome; it is left out.
    """
    paths = [path.name for path in played.scenario.wrong_paths if path.ceiling < _REFERENCE]
    if not paths or not played.scenario.reference:
        return None
    best = [
        max(outcome_of(played, seed, played.each("wrong", name)[seed]) for name in paths)
        for seed in played.seeds
    ]
    return round(_REFERENCE - median(best), 1)


def _panels_share(played: Played, cause: int | None) -> float | None:
    if cause is None:
        return None
    shares = []
    for seed in played.seeds:
        known = golden_panels(played.each("nothing")[seed].panels)
        shown = {each.name for each in seen(played, seed, cause) if each.golden}
        shares.append(len(shown & known) / len(known))
    return round(median(shares), 3)
