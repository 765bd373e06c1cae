"""What no image carries: settings, flags, schemas, secrets, certificates, jobs; and what takes back which."""

from __future__ import annotations

from dataclasses import replace

import pytest

from simulator.engine import Production
from simulator.errors import GamedayError, ScenarioError
from simulator.scenario import load_bytes
from simulator.units import MINUTE, SECOND
from simulator.world import ConfigMap, CronJob, FlagState, Job, Secret, edits
from tests.causes_scenario import SOURCE, TEXTS, failing, production

V3 = '  - {at: 1m, setImage: {deployment: web, image: "web:v3", cause: "web v3", commit: ccccccc}}\n'


def _set(made: Production, type_: type[ConfigMap | Secret], name: str, **data: str) -> None:
    """What a patch of an object's data does."""
    item = made.cluster.table(type_).find(name, "production")
    assert item is not None
    item.data = {**item.data, **data}
    made.cluster.changed(item)


def test_the_system_is_well_as_declared() -> None:
    """Nothing holds that would change a version: no cause shows."""
    assert failing(production(), 30) < 0.005


def test_an_environment_is_read_when_a_process_starts_and_not_again() -> None:
    """A bad value in an envFrom ConfigMap hurts nobody until pods restart; then a rollback cures nothing."""
    made = production()
    _set(made, ConfigMap, "web-env", POOL_SIZE="2")
    assert failing(made, 180) < 0.005
    edits.rollout_restart(made.cluster, made.now, "web")
    made.advance(made.now + 60 * SECOND)
    assert failing(made, 30) == pytest.approx(0.5, abs=0.06)
    edits.rollout_undo(made.cluster, made.now, "web")  # the new pods read the same ConfigMap
    made.advance(made.now + 60 * SECOND)
    assert failing(made, 30) == pytest.approx(0.5, abs=0.06)
    _set(made, ConfigMap, "web-env", POOL_SIZE="20")
    edits.rollout_restart(made.cluster, made.now, "web")
    made.advance(made.now + 60 * SECOND)
    assert failing(made, 30) < 0.005


def test_a_mounted_file_follows_within_a_kubelets_sync_without_a_restart() -> None:
    """For a minute nothing, by 90 s every pod; and the same way back. No pod is replaced."""
    made = production()
    pods = [pod.meta.name for pod in made.cluster.pods]
    _set(made, ConfigMap, "web-files", upstream="slow")
    assert failing(made, 60) < 0.005
    made.advance(made.now + 31 * SECOND)
    assert failing(made, 30) == pytest.approx(0.4, abs=0.06)
    _set(made, ConfigMap, "web-files", upstream="fast")
    made.advance(made.now + 91 * SECOND)
    assert failing(made, 30) < 0.005
    assert pods == [pod.meta.name for pod in made.cluster.pods]


def test_a_rotated_secret_leaves_those_with_the_old_one_out_until_they_restart() -> None:
    """The credential in the environment is the old one until pods are new."""
    made = production()
    _set(made, Secret, "store-credentials", password="second")
    assert failing(made, 30) == pytest.approx(0.9, abs=0.05)
    edits.rollout_restart(made.cluster, made.now, "web")
    made.advance(made.now + 60 * SECOND)
    assert failing(made, 30) < 0.005


def test_a_flag_is_on_for_its_share_within_seconds_and_a_kill_switch_ends_it() -> None:
    """A quarter of the users, three seconds after; off again as fast; the trail says who and when."""
    made = production()
    flags = made.causes.flags
    assert flags.set("new-page", FlagState(25.0), author="on-call", cause="try it")
    made.advance(made.now + 4 * SECOND)
    assert failing(made, 60) == pytest.approx(0.25, abs=0.04)
    assert flags.set("new-page", FlagState(), author="on-call")
    made.advance(made.now + 4 * SECOND)
    assert failing(made, 30) < 0.005
    assert not flags.set("new-page", FlagState(), author="on-call")
    trail = flags.flags.get("new-page").trail
    assert [(0, "off", "25%", "try it"), (64 * SECOND, "25%", "off", "")] == [
        (each.at, str(each.before), str(each.after), each.cause) for each in trail
    ]


def test_a_flag_for_a_cohort_is_on_for_that_cohort_beside_its_percentage() -> None:
    """Beta users are a tenth; with 20 % of all beside them, 28 % have it."""
    made = production()
    made.causes.flags.set("new-page", FlagState(0.0, ("beta",)), author="on-call")
    made.advance(made.now + 4 * SECOND)
    assert failing(made, 60) == pytest.approx(0.10, abs=0.03)
    made.causes.flags.set("new-page", FlagState(20.0, ("beta",)), author="on-call")
    made.advance(made.now + 4 * SECOND)
    assert failing(made, 60) == pytest.approx(0.28, abs=0.04)


def test_new_pods_know_the_flags_from_their_first_request() -> None:
    """A restart does not take a flag back."""
    made = production()
    made.causes.flags.set("new-page", FlagState(100.0), author="on-call")
    edits.rollout_restart(made.cluster, made.now, "web")
    made.advance(made.now + 60 * SECOND)
    assert failing(made, 20) == 1.0


@pytest.mark.parametrize(
    ("name", "state", "said"),
    [
        ("new-pag", FlagState(1.0), "Did you mean new-page"),
        ("new-page", FlagState(101.0), "a percentage from 0 to 100"),
        ("new-page", FlagState(0.0, ("gamma",)), "one of the cohorts beta"),
    ],
)
def test_a_flag_refuses_what_it_can_not_be(name: str, state: FlagState, said: str) -> None:
    """Unknown flag, impossible share, unknown cohort: in four parts, and nothing is changed."""
    made = production()
    with pytest.raises(GamedayError, match=said):
        made.causes.flags.set(name, state, author="on-call")


def test_a_contracted_column_makes_the_old_version_fail_and_undo_fatal() -> None:
    """v3 does not read the column; once it is dropped, v2 can't live, and no undo brings it back."""
    made = production(V3, until=2 * MINUTE)
    assert failing(made, 20) < 0.005
    made.causes.migrations.migrate("orders", by="on-call")
    made.advance(made.now + 21 * SECOND)
    assert failing(made, 20) < 0.005
    assert "orders.address" not in made.causes.migrations.get("orders").columns
    edits.rollout_undo(made.cluster, made.now, "web")
    made.advance(made.now + 60 * SECOND)
    assert failing(made, 30) == pytest.approx(0.7, abs=0.06)
    edits.rollout_undo(made.cluster, made.now, "web")  # forward again
    made.advance(made.now + 60 * SECOND)
    assert failing(made, 30) < 0.005


def test_a_migration_locks_what_it_says_while_it_runs() -> None:
    """The store is slow for its twenty seconds; one at a time runs."""
    made = production()
    before = _mean_latency(made, 15)
    made.causes.migrations.migrate("orders", "2", by="on-call")
    assert _mean_latency(made, 15) > 10 * before
    with pytest.raises(GamedayError, match="no migration under way"):
        made.causes.migrations.migrate("orders", by="on-call")
    made.advance(made.now + 10 * SECOND)
    assert _mean_latency(made, 15) < 2 * before
    done = made.causes.migrations.get("orders").migrations[1]
    assert ("Success", 35 * SECOND, "on-call") == (done.state, done.installed_at, done.installed_by)
    assert [] == made.causes.migrations.migrate("orders", by="on-call")


def test_a_certificate_ends_at_its_minute_and_a_renewal_heals_within_a_sync() -> None:
    """At 10:10 every new connection to the store fails; the renewed file is there 60 to 90 s later."""
    made = production(until=9 * MINUTE + 30 * SECOND)
    assert failing(made, 29) < 0.005
    made.advance(10 * MINUTE + SECOND)
    assert failing(made, 30) > 0.99
    renewed = made.causes.certificates.renew("store-tls")
    assert renewed.not_after > made.now and renewed.serial == 2
    assert failing(made, 59) > 0.9
    made.advance(made.now + 35 * SECOND)
    assert failing(made, 30) < 0.005


def test_a_cron_job_loads_what_it_says_while_it_runs() -> None:
    """At a quarter past, for a minute, the store is slow; the Job and the CronJob say so."""
    made = production(until=10 * MINUTE)
    made.causes.certificates.renew("store-tls")
    made.advance(14 * MINUTE)
    before = _mean_latency(made, 30)
    made.advance(15 * MINUTE + 2 * SECOND)
    assert _mean_latency(made, 30) > 10 * before
    cron = made.cluster.table(CronJob).find("report", "production")
    assert cron is not None and [15 * MINUTE, 1] == [cron.last_schedule_at, len(cron.active)]
    made.advance(16 * MINUTE + 5 * SECOND)
    assert _mean_latency(made, 30) < 2 * before
    at_ten, at_a_quarter_past = made.cluster.table(Job)
    assert (1, 1, []) == (at_ten.succeeded, at_a_quarter_past.succeeded, cron.active)
    assert ["report-29542200", "report-29542215"] == [at_ten.meta.name, at_a_quarter_past.meta.name]
    assert ["SuccessfulCreate", "Completed"] * 2 == [each.reason for each in made.cluster.events]


def test_a_suspended_cron_job_makes_no_job() -> None:
    """``spec.suspend`` is read when the time comes."""
    made = production(until=2 * MINUTE)
    cron = made.cluster.table(CronJob).find("report", "production")
    assert cron is not None
    cron.spec = replace(cron.spec, suspend=True)
    made.advance(16 * MINUTE)
    assert 1 == len(made.cluster.table(Job))  # the one of ten o'clock


def test_a_schedule_before_the_world_began_is_remembered() -> None:
    """Every quarter of an hour, so a quarter to ten; the world begins at 09:59."""
    cron = production().cluster.table(CronJob).find("report", "production")
    assert cron is not None and -15 * MINUTE == cron.last_schedule_at


def _mean_latency(made: Production, seconds: int) -> float:
    """Of the store's answers over the next so many seconds, ns."""
    before = made.dataplane.counters()
    made.advance(made.now + seconds * SECOND)
    after = made.dataplane.counters()
    rows = [each.id for each in after.instances if each.service == "store"]
    kept = [each for each in rows if each < len(before.latency_ns)]
    spent = after.latency_ns[rows].sum() - before.latency_ns[kept].sum()
    served = after.requests[rows].sum() - before.requests[kept].sum()
    return float(spent / served)


def test_a_setting_that_a_process_needs_ends_it_at_its_next_start() -> None:
    """Without THEME running pods go on; new ones crash, the rollout stands still, users notice nothing."""
    made = production()
    item = made.cluster.table(ConfigMap).find("web-env", "production")
    assert item is not None
    del item.data["THEME"]
    made.cluster.changed(item)
    assert failing(made, 30) < 0.005
    edits.rollout_restart(made.cluster, made.now, "web")
    assert failing(made, 120) < 0.02
    texts = [pod.status_text for pod in made.cluster.pods]
    assert "CrashLoopBackOff" in texts and texts.count("Running") >= 2
    _set(made, ConfigMap, "web-env", THEME="plain")  # crashed containers read it when they are started again
    made.advance(made.now + 3 * MINUTE)
    assert made.cluster.deployment("web").complete


def test_a_missing_object_keeps_a_container_from_being_created() -> None:
    """The pod waits with CreateContainerConfigError, says what is missing, and goes on once it is there."""
    made = production()
    item = made.cluster.table(ConfigMap).find("web-env", "production")
    assert item is not None
    made.cluster.remove(item)
    edits.rollout_restart(made.cluster, made.now, "web")
    made.advance(made.now + 30 * SECOND)
    assert "CreateContainerConfigError" in [pod.status_text for pod in made.cluster.pods]
    assert 'Error: configmap "web-env" not found' in [event.message for event in made.cluster.events]
    item.meta.uid = ""
    made.cluster.add(item)
    made.advance(made.now + 2 * MINUTE)
    assert made.cluster.deployment("web").complete


def test_an_effect_may_not_add_a_connection_pool_to_a_running_process() -> None:
    """It is refused when the scenario is read, with its place, not in the middle of a run."""
    text = SOURCE.replace(
        "model: {routes: [{name: page, errorRate: 0.4}]}",
        "model: {routes: [{name: page, calls: [{service: store, route: read, connectionPool: "
        "{maximumPoolSize: 5}}]}]}",
    )
    assert text != SOURCE
    with pytest.raises(ScenarioError, match="expected 0 connection pools, as web has, got 1") as refused:
        load_bytes(text.removesuffix("timeline:\n").encode(), TEXTS.encode())
    assert "spec.configMaps[1].model.effects[0].model.routes" in str(refused.value)
