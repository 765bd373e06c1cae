"""Console lines for settings, flags, releases, schemas and certificates, as the real tools print them."""

from __future__ import annotations

import pytest

from simulator.drill import Run
from simulator.units import MINUTE, SECOND
from simulator.world import ConfigMap, CronJob, Job, Secret
from tests.causes_scenario import scenario

CONFIG = """
  - at: 1m
    release:
      configMap: {name: web-files, data: {upstream: slow}}
      cause: "upstream: the slow one"
      author: Mara
      commit: d00d1e5
"""


def run(timeline: str = "", *, at: int = 2 * MINUTE, mode: str = "game-day") -> Run:
    """A run of the stage at ``at``."""
    made = Run(scenario(timeline), mode=mode)  # type: ignore[arg-type]
    made.advance(at)
    return made


def said(made: Run, line: str) -> str:
    """What the terminal prints for a line that is understood."""
    answer = made.do(line)
    assert answer.ok, answer.text
    return answer.text


def refused(made: Run, line: str) -> str:
    """What it prints for one that is not carried out."""
    answer = made.do(line)
    assert not answer.ok, answer.text
    return answer.text


def test_settings_are_listed_as_kubectl_lists_them() -> None:
    """Names with their kinds, keys counted, ages."""
    text = said(run(), "kubectl get cm,secrets,cronjobs")
    rows = [line.split() for line in text.splitlines() if line]
    assert ["configmap/web-env", "2", "60d"] in rows
    assert ["secret/store-tls", "kubernetes.io/tls", "2", "89d"] in rows
    assert ["NAME", "SCHEDULE", "TIMEZONE", "SUSPEND", "ACTIVE", "LAST", "SCHEDULE", "AGE"] in rows


@pytest.mark.parametrize(
    ("line", "answer"),
    [
        ("""kubectl patch cm web-files -p '{"data": {"upstream": "slow"}}'""", "configmap/web-files patched"),
        (
            """kubectl patch cm web-files -p '{"data": {"upstream": "fast"}}'""",
            "configmap/web-files patched (no change)",
        ),
        ("kubectl edit cm/web-files 'data: {upstream: slow}'", "configmap/web-files edited"),
        ("kubectl edit cm/web-files 'data: {upstream: fast}'", "Edit cancelled, no changes made."),
        (
            """kubectl patch cm web-files --type=merge -p '{"data": {"upstream": null}}'""",
            "configmap/web-files patched",
        ),
        (
            """kubectl patch cm web-files --type=json -p '[{"op":"add","path":"/data/b","value":"1"}]'""",
            "configmap/web-files patched",
        ),
        ("kubectl annotate cm web-env owner=lin", "configmap/web-env annotated"),
        ("kubectl label deployment web tier=front", "deployment.apps/web labeled"),
        ("kubectl label deployment web none-", 'label "none" not found.\ndeployment.apps/web not labeled'),
        ("kubectl set env deployment/web LOG_LEVEL=warn", "deployment.apps/web env updated"),
        ("kubectl set env deployment/web LOG_LEVEL=info", ""),
        ("kubectl create job by-hand --from=cronjob/report", "job.batch/by-hand created"),
        ("kubectl create cm extra --from-literal=a=b", None),
        ("kubectl create configmap extra --from-literal=a=b", "configmap/extra created"),
        ("flag set new-page 25%", "new-page: off -> 25%"),
        ("flag set new-page --cohort beta", "new-page: off -> cohort beta"),
        ("flag set new-page off", "new-page is off already."),
        ("kubectl delete cm web-env", 'configmap "web-env" deleted'),
    ],
)
def test_a_line_says_what_the_real_tool_says(line: str, answer: str | None) -> None:
    """Success, no change, and the odd one out: ``create cm`` is no verb of kubectl."""
    made = run()
    if answer is None:
        assert "unknown command" in refused(made, line)
    else:
        assert answer == said(made, line)


@pytest.mark.parametrize(
    ("line", "part"),
    [
        ("""kubectl patch deploy web -p '{"spec": {"replica": 4}}'""", 'unknown field "spec.replica"'),
        ("""kubectl patch deploy web -p '{"spec": {"replicas": "4"}}'""", "cannot unmarshal string"),
        ("""kubectl patch deploy web -p '{"spec": {"replicas": -1}}'""", "greater than or equal to 0"),
        (
            """kubectl patch deploy web -p '{"spec":{"selector":{"matchLabels":{"a":"b"}}}}'""",
            "immutable",
        ),
        (
            """kubectl patch deploy web -p '{"spec":{"template":{"spec":{"containers":[{"a":1}]}}}}'""",
            "does not contain declared merge key: name",
        ),
        (
            """kubectl patch deploy web --type=json -p '[{"op":"remove","path":"/spec/x"}]'""",
            "missing path",
        ),
        (
            """kubectl patch deploy web --type=xml -p '{}'""",
            "--type must be one of",
        ),
        ("kubectl patch deploy web -p '{a: b: c}'", "unable to parse"),
        ("kubectl patch deploy web", "must specify --patch"),
        ("""kubectl patch svc web -p '{"spec": {"type": "NodePort"}}'""", "its type and its ports are fixed"),
        ("""kubectl patch rs web-x -p '{"spec": {"replicas": 1}}'""", 'replicasets.apps "web-x" not found'),
        ("""kubectl patch secret store-tls -p '{"stringData": {"tls.crt": "x"}}'""", "cmctl renew"),
        (
            """kubectl patch cronjob report -p '{"spec": {"schedule": "often"}}'""",
            "exactly 5 fields",
        ),
        ("kubectl edit cm/web-env", "no editor opens in this console"),
        ("kubectl annotate deployment web kubernetes.io/change-cause", "at least one update is required"),
        (
            "kubectl label deployment web app=other",
            "'app' already has a value (web), and",
        ),
        ("kubectl apply -f web.yaml", 'the path "web.yaml" does not exist'),
        ("kubectl apply -f - 'kind: ConfigMap'", "metadata.name not set"),
        (
            "kubectl apply -f - '{kind: Service, metadata: {name: new}}'",
            "creating services from a manifest is not part",
        ),
        ("kubectl create job x --from=deployment/web", "from must be an existing cronjob"),
        ("kubectl create configmap web-env", 'configmaps "web-env" already exists'),
        ("kubectl set env deployment/web", "at least one environment variable must be provided"),
        ("kubectl set env deployment/web 1A=2", "is not a valid key name"),
        ("kubectl get pods -o jsonpath='{.items[*'", "unclosed action"),
        ("kubectl get pods -o custom-columns=NAME", "unexpected custom-columns spec"),
        ("flag set new-page 120%", "is no value of a flag"),
        ("flag set new-pag on", "Did you mean new-page"),
        ("flag get", "which flag?"),
        ("git show zzzz", "unknown revision or path"),
        ("git revert", "usage: git revert"),
        ("git log -- nowhere", "unknown revision or path"),
        ("flyway undo", "undo is not supported by Flyway Community Edition"),
        ("flyway info --schemas=other", "one of the schemas orders"),
        ("openssl x509 -noout", "option -in is required"),
        ("openssl x509 -in secret/store-credentials -noout", "Could not open file"),
        ("openssl s_client -connect nowhere:443", "Name or service not known"),
        ("cmctl renew", "please supply one or more"),
        ("kubectl events extra", "unexpected arguments"),
    ],
)
def test_a_line_is_refused_as_the_real_tool_refuses_it(line: str, part: str) -> None:
    """Nothing changes, nothing is raised."""
    made = run()
    before = {item.meta.name: dict(item.data) for item in made.cluster.table(ConfigMap)}
    assert part in refused(made, line)
    assert before == {item.meta.name: dict(item.data) for item in made.cluster.table(ConfigMap)}


def test_a_patched_template_rolls_the_pods_and_a_list_merges_by_name() -> None:
    """One variable of one container, the rest of it as it was."""
    made = run()
    patch = '{"spec":{"template":{"spec":{"containers":[{"name":"app","env":[{"name":"A","value":"1"}]}]}}}}'
    said(made, f"kubectl patch deploy web -p '{patch}'")
    container = made.cluster.deployment("web").spec.template.containers[0]
    assert ["LOG_LEVEL", "STORE_PASSWORD", "A"] == [name for name, _ in container.env]
    assert ("web:v2", (8080,)) == (container.image, container.ports)
    made.advance(made.now + MINUTE)
    assert 3 == made.cluster.deployment("web").revision and made.cluster.deployment("web").complete


def test_a_manifest_read_back_changes_nothing() -> None:
    """What ``-o yaml`` prints, ``apply`` takes: unchanged, for every kind that can be written."""
    made = run()
    for name in ("deployment/web", "configmap/web-env", "secret/store-credentials", "cronjob/report"):
        text = said(made, f"kubectl get {name} -o json")
        assert said(made, f"kubectl apply -f - '{text}'").endswith(" unchanged")
        assert "" == said(made, f"kubectl diff -f - '{text}'")


def test_scaling_to_zero_by_a_patch_asks_for_a_yes() -> None:
    """As ``kubectl scale`` does, in a lesson."""
    made = run(mode="lesson")
    assert "Type yes" in said(made, """kubectl patch deploy web -p '{"spec": {"replicas": 0}}'""")
    assert made.pending is not None and 3 == made.cluster.deployment("web").spec.replicas


def test_a_config_push_breaks_all_and_undo_changes_nothing() -> None:
    """The whole story on the console: git says what changed, undo does not help, the patch does."""
    made = run(CONFIG, at=4 * MINUTE)
    assert "d00d1e5" in said(made, "git log --oneline -n 1")
    assert '-upstream: "fast"\n+upstream: "slow"' in said(made, "git show d00d1e5")
    said(made, "kubectl rollout undo deployment/web")
    made.advance(6 * MINUTE)
    assert _bad(made) > 0.3
    said(made, """kubectl patch cm web-files -p '{"data": {"upstream": "fast"}}'""")
    made.advance(made.now + 100 * SECOND)
    assert _bad(made) < 0.01


def _bad(made: Run) -> float:
    before = made.production.dataplane.counters().requests
    made.advance(made.now + 30 * SECOND)
    after = made.production.dataplane.counters()
    rows = [each.id for each in after.instances if each.service == "web" and each.id < len(before)]
    outcomes = (after.requests[rows] - before[rows])[:, 0].sum(axis=0)
    return 1 - float(outcomes[0] / outcomes.sum())


def test_a_revert_is_pushed_and_comes_with_the_pipeline() -> None:
    """What the terminal says, and what git says afterwards."""
    made = run(CONFIG, at=3 * MINUTE)
    text = said(made, "git revert d00d1e5")
    assert 'Revert "upstream: the slow one"' in text and "the release is due at T+07:00" in text
    made.advance(7 * MINUTE + SECOND)
    assert "This reverts commit d00d1e5." in said(made, "git show HEAD")
    assert "nothing" not in said(made, "git diff d00d1e5..HEAD")


def test_templates_pick_fields_as_kubectl_does() -> None:
    """Paths, ranges, filters and columns."""
    made = run()
    assert "Zmlyc3Q=" == said(made, "kubectl get secret store-credentials -o jsonpath={.data.password}")
    assert "True" == said(
        made, """kubectl get deploy web -o jsonpath='{.status.conditions[?(@.type=="Available")].status}'"""
    )
    listed = said(
        made,
        """kubectl get deploy -o jsonpath='{range .items[*]}{.metadata.name} {.spec.replicas}{"\\n"}{end}'""",
    )
    assert "store 2\nweb 3\n" == listed
    columns = said(made, "kubectl get deploy -o custom-columns=NAME:.metadata.name,GONE:.spec.nothing")
    assert ["NAME    GONE", "store   <none>", "web     <none>"] == columns.splitlines()


def test_a_job_by_hand_runs_and_can_be_deleted() -> None:
    """It loads what the CronJob's job loads; deleting it ends that."""
    made = run()
    said(made, "kubectl create job by-hand --from=cronjob/report")
    made.advance(made.now + 5 * SECOND)
    cron = made.cluster.table(CronJob).find("report", "production")
    assert cron is not None and ["by-hand"] == cron.active
    assert 'job.batch "by-hand" deleted' in said(made, "kubectl delete job by-hand")
    assert [] == cron.active
    assert ["report-29542200"] == [job.meta.name for job in made.cluster.table(Job)]


def test_certificates_are_read_and_renewed() -> None:
    """Openssl says until when; after the end it says so; cmctl issues another."""
    made = run(at=9 * MINUTE)
    assert "notAfter=Mar  3 10:10:00 2026 GMT" in said(
        made, "openssl x509 -in secret/store-tls -noout -enddate"
    )
    assert "Verify return code: 0 (ok)" in said(made, "openssl s_client -connect store:443")
    made.advance(11 * MINUTE)
    assert "certificate has expired" in said(made, "openssl s_client -connect store:443")
    assert "Manually triggered issuance" in said(made, "cmctl renew store-tls")
    secret = made.cluster.table(Secret).find("store-tls", "production")
    assert secret is not None and secret.certificate is not None and 2 == secret.certificate.serial
    made.advance(made.now + 95 * SECOND)
    assert "Verify return code: 0 (ok)" in said(made, "openssl s_client -connect store:443")


def test_migrations_are_listed_and_waited_for() -> None:
    """The table of flyway; migrate takes its time and says how long."""
    made = run()
    assert "| Versioned | 2       | drop address   | SQL  |" in said(made, "flyway info")
    began = made.now
    text = said(made, "flyway migrate")
    assert 'Successfully applied 1 migration to schema "orders", now at version v2' in text
    assert made.now - began >= 20 * SECOND
    assert "up to date" in said(made, "flyway migrate")


def test_events_of_one_object_are_told_apart() -> None:
    """``kubectl events --for``, with types."""
    made = run()
    text = said(made, "kubectl events --for=cronjob/report")
    assert "SuccessfulCreate" in text and "Completed" not in text
    assert "No events found" in said(made, "kubectl events --for=cronjob/report --types=Warning")


def test_completion_knows_the_names() -> None:
    """Flags, commits, certificates, CronJobs."""
    made = run()
    assert "new-page" in made.complete("flag set n")
    assert "bbbbbbb" in made.complete("git show b")
    assert "store-tls" in made.complete("cmctl renew ")
    assert "--from=cronjob/report" in made.complete("kubectl create job x ")
