"""The record of everything that happened, in one order of time."""

from __future__ import annotations

import pytest

from simulator.drill import Run, what_happened
from simulator.units import MINUTE, SECOND
from tests.drill_stage import fresh


@pytest.fixture(scope="module")
def run() -> Run:
    """The bad release, taken back, told to the public."""
    made = fresh()
    made.advance(6 * MINUTE)
    made.do("kubectl rollout undo deployment/app")
    made.do('statuspage identified "A release broke the site."')
    made.advance(11 * MINUTE)
    return made


def test_a_release_comes_before_its_events_and_they_before_the_page(run: Run) -> None:
    """Release, scaling, alert, undo, status post: by time, each with who recorded it."""
    found = what_happened(run)
    assert [each.at for each in found] == sorted(each.at for each in found)
    assert {"cluster", "alert", "release", "status"} == {each.origin for each in found}
    (release,) = (each for each in found if each.origin == "release" and each.at == MINUTE)
    assert ("Release", "deployment/app", "v2: faster (by Grace, commit 3b2e4f9)") == (
        release.reason, release.object, release.message,
    )  # fmt: skip
    place = found.index(release)
    assert "ScalingReplicaSet" == next(each.reason for each in found[place:] if each.origin == "cluster")
    page = next(each for each in found if each.origin == "alert" and each.reason == "Firing")
    assert release.at < page.at
    assert ("Warning", True) == (page.type, page.message.startswith("page: "))


def test_what_people_did_is_told_as_theirs(run: Run) -> None:
    """The undo has the on-call as its author and no commit; the post has its words."""
    undo = next(each for each in what_happened(run) if each.reason == "Undo")
    assert (6 * MINUTE, "deployment/app") == (undo.at, undo.object)
    assert undo.message.endswith("(by on-call)")
    (post,) = (each for each in what_happened(run) if each.origin == "status")
    assert ("Identified", "A release broke the site.") == (post.reason, post.message)
    assert 6 * MINUTE < post.at <= 6 * MINUTE + 60 * SECOND


def test_the_past_is_part_of_it(run: Run) -> None:
    """Releases of days ago stand first."""
    first = what_happened(run)[0]
    assert ("release", True) == (first.origin, first.at < 0)
