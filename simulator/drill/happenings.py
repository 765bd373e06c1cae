"""Everything that happened, in one order of time: cluster events, alerts, releases, status posts.

A chart has markers for the few things that matter on it; this is the whole record, for whoever looks for
what came before what.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

if TYPE_CHECKING:
    from simulator.drill.run import Run

Origin = Literal["cluster", "alert", "release", "status"]
#: At one instant: what was done comes before what followed from it.
_ORDER: Final = ("release", "cluster", "alert", "status")


@dataclass(frozen=True, slots=True)
class Happening:
    """One thing that happened.

    Attributes:
        at: When, ns; of a repeated event the last time.
        origin: Who recorded it.
        type: ``Normal`` or ``Warning``, as Kubernetes has it.
        reason: One word: an event's reason, an alert's or a status page's state, a release's action.
        object: What it is about, as ``kind/name``.
        count: How often it happened.
        message: One sentence.
    """

    at: int
    origin: Origin
    type: str
    reason: str
    object: str
    count: int
    message: str


def what_happened(run: Run) -> list[Happening]:
    """All of them so far, oldest first; a release from before the run began is among them."""
    found = [*_events(run), *_alerts(run), *_releases(run), *_posts(run)]
    return sorted(found, key=lambda each: (each.at, _ORDER.index(each.origin)))


def _events(run: Run) -> Iterator[Happening]:
    for event in sorted(run.cluster.events, key=lambda each: (each.last_at, each.meta.name)):
        about = f"{event.kind.lower()}/{event.name}"
        yield Happening(event.last_at, "cluster", event.type, event.reason, about, event.count, event.message)


def _alerts(run: Run) -> Iterator[Happening]:
    for change in run.alerts.transitions:
        bad = change.state in ("firing", "pending")
        yield Happening(
            change.at,
            "alert",
            "Warning" if bad else "Normal",
            change.state.capitalize(),
            f"alert/{change.alert}",
            1,
            f"{change.severity}: {change.summary}",
        )


def _releases(run: Run) -> Iterator[Happening]:
    kinds = {workload.name: workload.kind.lower() for workload in run.scenario.spec.workloads}
    for release in run.production.releases:
        if release.at > run.now:
            continue
        who = f"by {release.author}" + (f", commit {release.commit}" if release.commit else "")
        owner = release.deployment
        about = f"{kinds.get(owner, 'deployment')}/{owner}" if owner else f"config/{release.title}"
        yield Happening(
            release.at,
            "release",
            "Normal",
            release.action.capitalize(),
            about,
            1,
            f"{release.subject} ({who})",
        )


def _posts(run: Run) -> Iterator[Happening]:
    for post in run.status_page.posts:
        yield Happening(
            post.at, "status", "Normal", post.state.capitalize(), "statuspage/public", 1, post.text
        )
