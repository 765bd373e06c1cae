"""Scenarios as the rooms above see them."""

from __future__ import annotations

import pickle
from fractions import Fraction
from pathlib import Path

import pytest

from simulator.errors import GamedayError
from simulator.scenario import Scenario, catalog, find, load, load_bytes
from simulator.scenario.workloads import DeploymentWorkload
from simulator.units import DAY, MILLISECOND, MINUTE, SECOND
from tests.scenario_files import NAMES, files


@pytest.fixture(scope="module")
def shop() -> Scenario:
    """The first incident, variant 0."""
    return load("production-is-down")


@pytest.fixture(scope="module")
def site() -> Scenario:
    """The welcome."""
    return load("welcome")


def test_quantities_are_whole_numbers_of_one_unit(shop: Scenario) -> None:
    """Durations are nanoseconds, CPU millicores, memory bytes; nobody above converts."""
    checkout = shop.spec.workload("checkout")
    assert checkout is not None
    place = checkout.model.route("place")
    assert place is not None
    assert (110 * MILLISECOND, 420 * MILLISECOND) == (place.service_time.law.mean, place.service_time.law.p99)
    requests = checkout.spec.template.spec.containers[0].resources.requests
    assert (1000, 1024**3) == (requests.cpu, requests.memory)
    assert (45 * MINUTE, 10 * MINUTE) == (shop.spec.duration, shop.spec.warm_up)


def test_an_objective_is_exact(shop: Scenario) -> None:
    """99.9 % is 999/1000, not the nearest binary number, and its place is read out of the query."""
    slo = shop.spec.slos[0]
    assert (Fraction(999, 1000), 30 * DAY, Fraction(18, 100)) == (
        slo.objective.share,
        slo.window.rolling,
        slo.budget_spent_at_start,
    )
    assert ("edge", ("checkout",), "checkout") == (slo.service, slo.routes, slo.spec.service)
    assert ("browse", "cart") == shop.spec.slos[1].routes


def test_the_shop_has_nine_parts_and_two_hundred_requests_a_second(shop: Scenario) -> None:
    """The declared load and the parts are those that the texts speak of."""
    assert 9 == len(shop.spec.workloads)
    assert 200 == sum(source.initial_rate for source in shop.spec.traffic)
    orders = sum(
        source.initial_rate * source.routes["checkout"] / sum(source.routes.values())
        for source in shop.spec.traffic
    )
    assert 15 < orders < 20


def test_the_welcome_is_named_as_james_teaches_it(site: Scenario) -> None:
    """Deployment app, pods app=myapp, container app, namespace production."""
    app = site.spec.workload("app")
    assert app is not None
    assert ({"app": "myapp"}, "app") == (app.pod_labels, app.spec.template.spec.containers[0].name)
    assert ("production", "app") == (site.spec.namespace, site.spec.services[1].name)


def test_variants_share_what_the_document_says(shop: Scenario) -> None:
    """Three causes, one title, one system, one set of common checks."""
    kinds = [
        type(variant.timeline[0].action).__name__ for variant in (shop.with_variant(n) for n in range(3))
    ]
    assert ["SetImage", "SetTraffic", "Chaos"] == kinds
    assert 1 == len({variant.metadata.title for variant in shop.variants})
    assert [0, 1, 2] == [variant.variant for variant in shop.variants]
    assert all({"held", "told"} < {check.id for check in variant.checks} for variant in shop.variants)


def test_a_variants_own_acts_come_first(shop: Scenario) -> None:
    """Taking checkout's release back is good in one variant and a reasonable error in another."""
    line = "kubectl rollout undo deployment/checkout*"
    classes = [
        next(act.class_ for act in variant.coach.acts if act.match == line) for variant in shop.variants
    ]
    assert ["good", "reasonable-error", "reasonable-error"] == classes


def test_a_variant_changes_one_workload_by_name(shop: Scenario) -> None:
    """An overlay of checkout's history leaves its routes and the other eight parts as the system has them."""
    first, second = (variant.spec.workload("checkout") for variant in shop.variants[:2])
    assert first is not None
    assert second is not None
    assert first.model.routes == second.model.routes
    assert first.model.history != second.model.history
    assert first.image == second.image == second.model.history[-1].image
    assert shop.spec.workload("web") == shop.with_variant(1).spec.workload("web")


def test_a_variant_that_does_not_exist_is_refused(shop: Scenario) -> None:
    """The message says which there are."""
    with pytest.raises(GamedayError, match=r"expected a number from 0 to 2, got 3"):
        shop.with_variant(3)


def test_each_variant_has_a_debrief_of_its_own(shop: Scenario) -> None:
    """The texts follow the variant; the situation does not, since it would tell."""
    assert 3 == len({variant.texts.debrief.what_happened for variant in shop.variants})
    assert 1 == len({variant.texts.situation for variant in shop.variants})


def test_the_digest_covers_what_can_change_a_run(shop: Scenario) -> None:
    """Another text is the same run; another rate or another variant is not."""
    scenario, texts = files("production-is-down")
    assert shop.digest == load("production-is-down").digest
    assert shop.digest == load_bytes(scenario, texts.replace(b"garden furniture", b"bicycles")).digest
    assert shop.digest != load_bytes(scenario.replace(b"errorRate: 0.29", b"errorRate: 0.28"), texts).digest
    assert 3 == len({variant.digest for variant in shop.variants})


def test_a_scenario_is_frozen_and_can_be_sent_to_another_process(shop: Scenario) -> None:
    """Plays run in parallel on one loaded scenario."""
    with pytest.raises(Exception, match="frozen"):
        shop.spec.seed = 2
    copy = pickle.loads(pickle.dumps(shop.with_variant(2)))
    assert (shop.with_variant(2).digest, 2, 3) == (copy.digest, copy.variant, len(copy.variants))


@pytest.mark.parametrize("name", NAMES)
def test_a_learner_sees_no_cause_before_the_debrief(name: str) -> None:
    """Name, title, labels and the texts that are shown at the start give nothing away."""
    for scenario in load(name).variants:
        texts = scenario.texts
        said = (scenario.name, scenario.metadata.title, texts.story, texts.normal, texts.situation)
        shown = " ".join(said).lower()
        for entry in scenario.timeline:
            if entry.set_image:
                assert entry.set_image.image not in shown
                assert not any(
                    word in entry.set_image.cause.lower() for word in ("bug", "bad", "broken", "error")
                )
        assert not any(word in shown for word in ("rollback", "bad release", "sick", "spike", "campaign"))


@pytest.mark.parametrize("name", NAMES)
def test_each_scenario_is_short_where_it_must_be_read(name: str) -> None:
    """The situation takes some eighty words, and every text is there."""
    for scenario in load(name).variants:
        assert 60 <= len(scenario.texts.situation.split()) <= 110
        assert scenario.texts.people
        assert {"outcome", "safety", "process", "diagnosis"} == {check.family for check in scenario.checks}
        assert scenario.wrong_paths
        assert scenario.reference


@pytest.mark.parametrize("name", NAMES)
def test_a_ladder_answers_every_reasonable_error_that_a_wrong_path_makes(name: str) -> None:
    """Each variant has a ladder for those who are lost, and each wrong path's name has one or shares one."""
    for scenario in load(name).variants:
        assert scenario.coach.ladder
        ids = {act.id for act in scenario.coach.acts}
        first = next(iter(scenario.coach.ladder))
        assert first not in ids, "the first ladder is for those who did nothing yet"
        assert set(scenario.coach.ladder) - {first} <= ids


def test_the_catalogue_lists_what_can_be_played() -> None:
    """By name, with title and labels, in order."""
    entries = {entry.name: entry for entry in catalog()}
    assert set(NAMES) <= set(entries)
    assert list(entries) == sorted(entries)
    assert "45" == entries["production-is-down"].labels["minutes"]


def test_an_instructors_folder_comes_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder on the search path adds scenarios, and may use the kit's systems."""
    folder = tmp_path / "mine"
    folder.mkdir()
    scenario, texts = files("welcome")
    (folder / "scenario.yaml").write_bytes(scenario.replace(b"name: welcome", b"name: mine"))
    (folder / "texts.yaml").write_bytes(texts)
    monkeypatch.setenv("GAMEDAY_SCENARIOS", str(tmp_path))
    assert folder / "scenario.yaml" == find("mine")
    assert "mine" == load("mine").name
    assert {"mine", *NAMES} <= {entry.name for entry in catalog()}


def test_kubernetes_defaults_hold_where_nothing_is_said(shop: Scenario) -> None:
    """An absent field means what Kubernetes says."""
    web = shop.spec.workload("web")
    assert isinstance(web, DeploymentWorkload)
    probe = web.spec.template.spec.containers[0].readiness_probe
    assert probe is not None
    assert (1, 3, 1) == (probe.timeout_seconds, probe.failure_threshold, probe.success_threshold)
    update = web.spec.strategy.rolling_update
    assert ("25%", "25%") == (update.max_surge, update.max_unavailable)
    assert (30, 600, 10) == (
        web.spec.template.spec.termination_grace_period_seconds,
        web.spec.progress_deadline_seconds,
        web.spec.revision_history_limit,
    )
    assert 5 == probe.period_seconds
    assert SECOND == web.model.route("cart").calls[0].timeout  # type: ignore[union-attr]
