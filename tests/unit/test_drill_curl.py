"""``curl``: what it prints, what it asks, what it costs, and whom it leaves alone."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

import pytest

from simulator.drill import Run, replay, resume, what_if
from simulator.drill.console.curl.output import Transfer, write_out
from simulator.scenario import Scenario, load_bytes
from simulator.units import MINUTE, SECOND
from tests.drill_stage import fresh

_SOURCE = """
apiVersion: gameday/v1
kind: Scenario
metadata: {name: curl-stage, title: A page behind a door}
spec:
  seed: 3
  duration: 20m
  warmUp: 1m
  startTime: 2026-07-04T09:00:00Z
  workloads:
    - kind: Deployment
      metadata: {name: door}
      spec:
        replicas: 1
        template: {metadata: {labels: {app: door}}, spec: {containers: [{name: proxy, image: "door:1"}]}}
      model:
        role: load-balancer
        held: false
        concurrency: 8
        routes:
          - name: page
            path: /
            serviceTime: {distribution: constant, mean: 5ms}
            calls: [{service: app, route: page, timeout: 2s}]
        history: [{image: "door:1", cause: "door 1", author: Ada, commit: 11d3e81, age: 90h}]
    - kind: Deployment
      metadata: {name: app}
      spec:
        replicas: 1
        template:
          metadata: {labels: {app: app}}
          spec: {containers: [{name: app, image: "app:v1", readinessProbe: {}}]}
      model:
        concurrency: 4
        routes:
          - {name: page, path: /, serviceTime: {distribution: constant, mean: 40ms}}
          - {name: order, method: POST, path: /orders, serviceTime: {distribution: constant, mean: 40ms}}
        history: [{image: "app:v1", cause: "v1", author: Ada, commit: 2a1d3e8, age: 48h}]
    - kind: Deployment
      metadata: {name: vault}
      spec:
        replicas: 1
        template:
          metadata: {labels: {app: vault}}
          spec:
            containers: [{name: vault, image: "vault:1", volumeMounts: [{name: tls, mountPath: /tls}]}]
            volumes: [{name: tls, secret: {secretName: vault-tls}}]
      model:
        routes: [{name: read, path: /keys, serviceTime: {distribution: constant, mean: 10ms}}]
        history: [{image: "vault:1", cause: "vault 1", author: Ada, commit: 31d3e81, age: 90h}]
  services:
    - {metadata: {name: door}, spec: {type: LoadBalancer, selector: {app: door}, ports: [{port: 443}]}}
    - {metadata: {name: app}, spec: {selector: {app: app}, ports: [{port: 80}]}}
    - {metadata: {name: vault}, spec: {selector: {app: vault}, ports: [{port: 8200}]}}
  secrets:
    - metadata: {name: vault-tls}
      type: kubernetes.io/tls
      model: {certificate: {service: vault, notAfter: 2026-07-04T09:10:00Z}}
  traffic: [{name: users, rate: 1, service: door, routes: {page: 1}}]
  slos:
    - apiVersion: openslo/v1
      kind: SLO
      metadata: {name: page}
      spec:
        service: app
        budgetingMethod: Occurrences
        indicator:
          metadata: {name: page-success}
          spec:
            ratioMetric:
              counter: true
              good:
                metricSource:
                  type: Prometheus
                  spec: {query: 'lb_requests_total{service="door", code!~"5.."}'}
              total:
                metricSource:
                  type: Prometheus
                  spec: {query: 'lb_requests_total{service="door"}'}
        timeWindow: [{duration: 30d, isRolling: true}]
        objectives: [{target: 0.999}]
timeline: TIMELINE
reference: [{at: 5m, run: page ack}]
wrongPaths: [{name: none, title: Nothing, ceiling: 50, plays: [{at: 5m, run: kubectl get pods}]}]
"""
_TEXTS = """
story: A page.
normal: One reader a second.
situation: You are on call.
debrief: {whatHappened: Something., rule: Ask., change: One.}
"""


@lru_cache(maxsize=8)
def stage(timeline: str = "[]") -> Scenario:
    """The page, with what happens to it."""
    return load_bytes(_SOURCE.replace("TIMELINE", timeline).encode(), _TEXTS.encode())


def at(minute: int, timeline: str = "[]") -> Run:
    """The page at a minute of its story."""
    run = Run(stage(timeline))
    run.advance(minute * MINUTE)
    return run


CODE = "-s -o /dev/null -w '%{http_code} %{time_total}'"


def test_the_answer_takes_what_the_data_plane_takes() -> None:
    """A pod that needs 40 ms answers after 40 ms, and behind a door of 5 ms after 45; to the microsecond."""
    run = at(1)
    assert "200 0.040000" == run.do(f"curl {CODE} http://app/").text
    assert "200 0.045000" == run.do(f"curl {CODE} https://door").text
    assert '{"status":"ok"}' == run.do("curl app").text


@pytest.mark.parametrize(
    "host", ["app", "app.production", "app.production.svc", "app.production.svc.cluster.local:80"]
)
def test_the_names_of_the_cluster_s_dns_are_one_service(host: str) -> None:
    """Each asks the same pods."""
    assert "200 0.040000" == at(1).do(f"curl {CODE} http://{host}/").text


def test_a_line_costs_its_row_or_what_the_answer_takes() -> None:
    """Five seconds, also for an answer of 40 ms; it is a look, with one spelling."""
    answer = at(1).do("curl -s -i http://app/")
    assert (5 * SECOND, "look", True) == (answer.cost, answer.kind, answer.ok)
    assert "curl http://app/ --include --silent" == answer.canonical


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("curl http://nobody/", "curl: (6) Could not resolve host: nobody"),
        (
            "curl http://app:81/",
            "curl: (7) Failed to connect to app port 81 after 0 ms: Couldn't connect to server",
        ),
        (
            "curl localhost",
            "curl: (7) Failed to connect to localhost port 80 after 0 ms: Couldn't connect to server",
        ),
        ("curl https://app:80/", "curl: (35) error:0A00010B:SSL routines::wrong version number"),
        ("curl http://door:443/", "Client sent an HTTP request to an HTTPS server."),
        ("curl http://app/nothing", "404 page not found"),
        ("curl -X GET http://app/orders", "Method Not Allowed"),
        (
            "curl -m 0.02 http://app/",
            "curl: (28) Operation timed out after 20 milliseconds with 0 bytes received",
        ),
        ("curl -s -m 0.02 http://app/", ""),
        (
            "curl -sS -m 0.02 http://app/",
            "curl: (28) Operation timed out after 20 milliseconds with 0 bytes received",
        ),
        ("curl -f http://app/nothing", "curl: (22) The requested URL returned error: 404"),
        ("curl -fsw '%{exitcode}' http://app/nothing", "22"),
    ],
)
def test_curl_s_own_words_where_no_route_answers(line: str, said: str) -> None:
    """Exit codes and texts are the real curl's; each is an answer, not a refusal."""
    answer = at(1).do(line)
    assert (said, True, "look") == (answer.text, answer.ok, answer.kind)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("curl", "curl: (2) no URL specified"),
        ("curl --nope http://app", "curl: option --nope: is unknown"),
        ("curl -m", "curl: option -m: requires parameter"),
        ("curl -m soon http://app", "curl: option --max-time: expected a proper numerical parameter"),
        ("curl gopher://app", 'curl: (1) Protocol "gopher" not supported or disabled in libcurl'),
        (
            "curl -o page.html http://app",
            "curl: (23) Failed to open the file page.html: Read-only file system",
        ),
        ("curl http://app http://door", "curl: one URL a line here, got 2"),
        ("curl http://app/healthz", "curl: /healthz is the kubelet's alone here"),
    ],
)
def test_a_malformed_line_costs_nothing(line: str, said: str) -> None:
    """It is refused in curl's words before anything is asked."""
    answer = at(1).do(line)
    assert answer.text.startswith(said)
    assert (False, 0) == (answer.ok, answer.cost)


def test_an_expired_certificate_is_60_and_k_goes_on() -> None:
    """Before its end the certificate will do; after it only -k gets an answer, from the same pods."""
    run = at(9)
    url = "https://vault:8200/keys"
    assert "200 0.010000" == run.do(f"curl {CODE} {url}").text
    run.advance(11 * MINUTE)
    assert run.do(f"curl {url}").text.startswith(
        "curl: (60) SSL certificate problem: certificate has expired\n"
    )
    assert "200 0.010000" == run.do(f"curl -k {CODE} {url}").text
    shown = run.do(f"curl -kv {url}").text
    assert "*  expire date: Jul  4 09:10:00 2026 GMT" in shown
    assert "certificate has expired (10), continuing anyway." in shown


LOST_NAME = (
    "[{at: 2m, chaos: {kind: DNSChaos, selector: {labelSelectors: {app: app}}, mode: all, action: error}}]"
)
CUT = """[{at: 2m, chaos: {kind: NetworkChaos, action: partition, mode: all,
           selector: {labelSelectors: {app: app}}}}]"""


def test_a_lost_name_is_6() -> None:
    """What callers' resolvers say is what curl says."""
    assert "curl: (6) Could not resolve host: app" == at(3, LOST_NAME).do("curl http://app/").text


def test_without_ready_pods_the_balancer_answers_503() -> None:
    """Nobody is behind it."""
    run = at(1)
    run.do("kubectl scale deployment/app --replicas=0")
    run.do("yes")
    run.advance(3 * MINUTE)
    assert "HTTP/1.1 503 Service Unavailable" == run.do("curl -i http://app/").text.split("\n")[0]


def test_nobody_answers_across_a_partition() -> None:
    """The connection is given up after --connect-timeout, or after -m; the clock goes on meanwhile."""
    run = at(3, CUT)
    answer = run.do("curl --connect-timeout 7 http://app/")
    assert "curl: (28) Failed to connect to app port 80 after 7000 ms: Timeout was reached" == answer.text
    assert 7 * SECOND <= answer.cost <= 9 * SECOND
    assert "000" == run.do("curl -s -o /dev/null -m 3 -w '%{http_code}' http://app/").text


def test_curl_is_nobody_s_user() -> None:
    """No browser reports it, and the same users come with the same luck; servers and balancers count it."""
    plain, asked = at(1), at(1)
    for _ in range(20):
        asked.do("curl http://app/")
    for run in (plain, asked):
        run.advance(5 * MINUTE)
    frames = [run.production.dataplane.counters() for run in (plain, asked)]
    users = [frame.arrived[0].tolist() for frame in frames]
    assert users[0] == users[1]
    assert 20 == frames[1].requests.sum() - frames[0].requests.sum()
    reports = asked.telemetry.store.series("user_requests_total")
    assert {"users"} == {dict(labels)["source"] for labels in reports.labels}
    asked.production.dataplane.check_conservation()


def test_curl_s_luck_is_a_stream_of_its_own() -> None:
    """How often it was asked before decides its own luck; whom else was asked does not."""
    line = f"curl {CODE} http://app/"
    one, other = fresh(), fresh()
    for run in (one, other):
        run.advance(MINUTE)
    other.do("curl http://app/")
    first = [one.do(line).text for _ in range(3)]
    assert 3 == len(set(first))
    third = fresh()
    third.advance(MINUTE)
    assert first == [third.do(line).text for _ in range(3)]


def test_a_run_with_curl_replays_resumes_and_can_be_asked_what_if(tmp_path: Path) -> None:
    """The journal gives the same bytes again; without the line the other run has no such source."""
    path = tmp_path / "run.jsonl"
    run = Run(stage(CUT), journal=path)
    run.advance(MINUTE)
    for line in ("curl http://app/", "curl -v https://door", "wait 2m", "curl -m 4 http://app/", "wait 30s"):
        assert run.do(line).ok
    again = replay(path, scenario=stage(CUT))
    assert (run.digest, run.now) == (again.digest, again.now)
    assert [each.text for each in run.transcript] == [each.text for each in again.transcript]
    forked = resume(path, at=2 * MINUTE, scenario=stage(CUT))
    assert 3 == len(forked.acts)
    comparison = what_if(run, drop=[1, 2, 4])
    assert 1 == len(comparison.other_run.production.dataplane.counters().sources)


def test_the_pager_ends_a_curl_that_hangs() -> None:
    """A look that blocks ends early when somebody calls, and says what they said."""
    run = at(2, CUT)
    answer = run.do("curl http://app/")
    assert answer.text.startswith("^C") and run.stopped


def test_write_out_knows_percent_and_unknown_names() -> None:
    """As curl: a percent sign is doubled, escapes are known, and an unknown variable is named."""
    transfer = Transfer("http://app/", "GET", 1_500_000, status=200, body="x")
    assert "200% 0.001500\n" == write_out("%{http_code}%% %{time_total}\\n", transfer)
    assert "curl: unknown --write-out variable: 'nope'\n" == write_out("%{nope}", transfer)


def test_completion_knows_what_answers() -> None:
    """The URLs of every route that can be asked for."""
    found = at(1).complete("curl -s http")
    assert {"http://app/", "http://app/orders", "https://door/", "https://vault:8200/keys"} == set(found)
