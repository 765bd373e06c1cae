"""A release joins image, config, flag, migration and strategy in one commit; a revert is another commit."""

from __future__ import annotations

import pytest

from simulator.engine import Production
from simulator.errors import GamedayError
from simulator.units import MINUTE, SECOND
from simulator.world import ConfigMap, RollingUpdate, edits
from tests.causes_scenario import failing, production

WHOLE = """
  - at: 1m
    release:
      deployment: web
      image: "web:v3"
      strategy: {rollingUpdate: {maxSurge: 1, maxUnavailable: 0}}
      configMap: {name: web-env, data: {THEME: dark}}
      secret: {name: store-credentials, data: {password: second}}
      flag: {name: new-page, percentage: 25, cohorts: [beta]}
      migration: {schema: orders, version: "2"}
      cause: "web v3: dark theme"
      author: Lin
      commit: 5c1be90
    model: {routes: [{name: page, serviceTime: {mean: 12ms, p99: 40ms}}]}
"""
CONFIG = """
  - at: 1m
    release:
      configMap: {name: web-files, data: {upstream: slow}}
      cause: "upstream: the slow one"
      author: Mara
      commit: d00d1e5
"""


def _files(made: Production, commit: str) -> list[str]:
    release = made.delivery.find(commit)
    assert release is not None
    return [each.path for each in release.files]


def test_one_record_has_everything_that_the_commit_changed() -> None:
    """Six files, one author, one cause, and the image's row in the rollout history."""
    made = production(WHOLE, until=3 * MINUTE)
    release = made.delivery.find("5c1be90")
    assert release is not None
    assert ("web v3", "Lin", "web v3: dark theme") == (release.title, release.author, release.subject)
    assert [
        "migrations/orders/V2__drop_address.sql",
        "config/web-env.yaml",
        "secrets/store-credentials.yaml",
        "flags/new-page.yaml",
        "deploy/web.yaml",
    ] == [each.path for each in release.files]
    deploy, config = release.files[-1], release.files[1]
    assert ("image: web:v2", "image: web:v3") == (deploy.before.split("\n")[0], deploy.after.split("\n")[0])
    assert "strategy: RollingUpdate 1/0" in deploy.after
    assert 'THEME: "dark"' in config.after and "POOL_SIZE" in config.after
    assert "second" not in release.files[2].after
    web = made.cluster.deployment("web")
    assert RollingUpdate(1, 0) == web.spec.strategy
    assert "web v3: dark theme" == web.meta.annotations["kubernetes.io/change-cause"]


def test_pods_come_after_the_migration() -> None:
    """Twenty seconds of schema first; the template changes when it is through."""
    made = production(WHOLE, until=MINUTE + 15 * SECOND)
    assert "web:v2" == made.cluster.deployment("web").spec.template.containers[0].image
    made.advance(MINUTE + 22 * SECOND)
    assert "web:v3" == made.cluster.deployment("web").spec.template.containers[0].image


def test_a_config_push_is_a_release_without_a_rollout() -> None:
    """It has a commit and a marker, no revision; undo finds nothing that would cure it."""
    made = production(CONFIG, until=3 * MINUTE)
    assert failing(made, 30) == pytest.approx(0.4, abs=0.06)
    release = made.releases[-1]
    assert ("", "web-files", "d00d1e5") == (release.deployment, release.title, release.commit)
    revision = made.cluster.deployment("web").revision
    edits.rollout_undo(made.cluster, made.now, "web")
    made.advance(made.now + MINUTE)
    assert failing(made, 30) == pytest.approx(0.4, abs=0.06)
    assert revision == 2


def test_a_revert_comes_once_the_pipeline_is_through() -> None:
    """Four minutes after the push the files are as before; the record says what it took back."""
    made = production(CONFIG, until=3 * MINUTE)
    found, at = made.delivery.revert("d00d1e5")
    assert ("d00d1e5", 7 * MINUTE) == (found.commit, at)
    made.advance(7 * MINUTE + 91 * SECOND)
    assert failing(made, 30) < 0.005
    item = made.cluster.table(ConfigMap).find("web-files", "production")
    assert item is not None and {"upstream": "fast"} == item.data
    release = made.releases[-1]
    assert ('Revert "upstream: the slow one"', "on-call", "d00d1e5") == (
        release.cause,
        release.author,
        release.reverts,
    )
    assert (release.files[0].after, release.files[0].before) == (found.files[0].before, found.files[0].after)


def test_a_revert_of_a_release_gives_back_all_but_its_migration() -> None:
    """Image, config, secret and flag as before; the dropped column stays dropped, so the old version dies."""
    made = production(WHOLE, until=3 * MINUTE)
    made.delivery.revert("5c1be90")
    made.advance(8 * MINUTE + 30 * SECOND)
    assert "web:v2" == made.cluster.deployment("web").spec.template.containers[0].image
    assert "off" == str(made.causes.flags.flags.get("new-page").state)
    assert "orders.address" not in made.causes.migrations.get("orders").columns
    assert failing(made, 30) == pytest.approx(0.7, abs=0.06)


def test_what_came_before_the_world_has_commits_too() -> None:
    """The last release of the past can be reverted; once its file is another, that conflicts."""
    made = production()
    assert ["deploy/web.yaml"] == _files(made, "bbbbbbb")
    made.delivery.revert("bbbbbbb")
    made.advance(5 * MINUTE)
    assert "web:v1" == made.cluster.deployment("web").spec.template.containers[0].image
    with pytest.raises(GamedayError, match=r"deploy/web\.yaml, which has changed"):
        made.delivery.revert("bbbbbbb")


@pytest.mark.parametrize("commit", ["abc", "ffffffff", ""])
def test_a_commit_that_is_none_is_refused(commit: str) -> None:
    """Too short or unknown."""
    with pytest.raises(GamedayError, match="a commit that git log shows"):
        production().delivery.revert(commit)


def test_a_first_release_has_nothing_to_go_back_to() -> None:
    """The store's only release is older than this world."""
    made = production()
    first = next(each for each in made.releases if each.deployment == "store")
    with pytest.raises(GamedayError, match="something to take back"):
        made.delivery.revert(first.commit)
