"""The smallest scenario that passes the proof, and how tests break it: one text replaced by another."""

from __future__ import annotations

import time
from collections.abc import Sequence

from simulator.authoring.plays.keeping import Kept
from simulator.authoring.proof import Proof, prove
from simulator.scenario import Scenario, load_bytes

SCENARIO = """
apiVersion: gameday/v1
kind: Scenario
metadata: {name: reading-room, title: An afternoon in the reading room}
belief: What was released last is what is broken.
spec:
  seed: 11
  duration: 14m
  warmUp: 2m
  startTime: 2026-07-04T09:00:00Z
  workloads:
    - kind: Deployment
      metadata: {name: app}
      spec:
        replicas: 4
        template: {metadata: {labels: {app: app}}, spec: {containers: [{name: app, image: "app:v1"}]}}
      model:
        concurrency: 2
        startTime: 3s
        routes:
          - name: page
            path: /
            serviceTime: {mean: 60ms, p99: 200ms}
            calls: [{service: db, route: read, timeout: 500ms}]
        history:
          - {image: "app:v0", cause: "v0: first", author: Ada, commit: 1f0c2d7, age: 216h}
          - {image: "app:v1", cause: "v1: second", author: Ada, commit: 2a1d3e8, age: 48h}
    - kind: Deployment
      metadata: {name: db}
      spec:
        replicas: 1
        template: {metadata: {labels: {app: db}}, spec: {containers: [{name: db, image: "db:15"}]}}
      model:
        role: database
        concurrency: 32
        routes: [{name: read, method: CALL, serviceTime: {mean: 4ms, p99: 15ms}}]
        history: [{image: "db:15", cause: "db: 15", author: Ada, commit: 9c8b7a6, age: 720h}]
  services:
    - {kind: Service, metadata: {name: app}, spec: {selector: {app: app}}}
    - {kind: Service, metadata: {name: db}, spec: {selector: {app: db}}}
  traffic:
    - {name: readers, rate: 40, service: app, routes: {page: 1}}
  slos:
    - apiVersion: openslo/v1
      kind: SLO
      metadata: {name: pages}
      spec:
        service: app
        budgetingMethod: Occurrences
        indicator:
          metadata: {name: answered}
          spec:
            ratioMetric:
              counter: true
              good:
                metricSource:
                  type: Prometheus
                  spec: {query: 'lb_requests_total{service="app", code!~"5.."}'}
              total:
                metricSource:
                  type: Prometheus
                  spec: {query: 'lb_requests_total{service="app"}'}
        timeWindow: [{duration: 30d, isRolling: true}]
        objectives: [{target: 0.999}]
timeline:
  - at: 90s
    setImage: {deployment: app, image: "app:v2", cause: "v2: larger type", author: Grace, commit: 3b2e4f9}
    model: {routes: [{name: page, errorRate: 0.4, serviceTime: {mean: 110ms, p99: 300ms}}]}
reference:
  - {at: 4m20s, run: page ack}
  - {at: 4m25s, run: kubectl rollout history deployment/app}
  - {at: 4m30s, run: kubectl rollout undo deployment/app}
  - {at: 4m45s, run: statuspage identified "Some pages fail. We are on it."}
alternatives:
  - name: older-image
    title: Name the version of before
    plays: [{at: 4m30s, run: "kubectl set image deployment/app app=app:v1"}]
wrongPaths:
  - name: more-pods
    title: Scale out
    ceiling: 20
    looksRight: {signal: "saturation:app"}
    plays: [{at: 4m20s, run: kubectl scale deployment/app --replicas=8}]
decoys:
  - name: the-database
    title: The database under all of it
    guilty: [{at: 90s, chaos: {kind: HTTPChaos, selector: {labelSelectors: {app: db}}, errorRate: 0.4}}]
    tell: {at: 4m30s, promql: 'sum by (code) (rate(http_requests_total{service="db"}[1m]))'}
checks:
  - {id: held, family: outcome, skill: observe, gate: true, heldFor: 3m,
     explainPass: Held., explainFail: Not held.}
  - {id: nothing-destroyed, family: safety, skill: command, gate: true,
     never: ["kubectl delete *", "kubectl scale * --replicas=0*"],
     explainPass: Nothing was taken away., explainFail: Something was taken away.}
  - {id: told, family: process, skill: communication, toldWithin: 5m,
     explainPass: Told., explainFail: Not told.}
"""
TEXTS = """
story: A library that lends books on screens.
normal: Forty readers a second, hardly an error.
situation: You are on call this afternoon.
people:
  - {id: noor-asks, author: "Noor, customer care", unlessToldFor: 4m, text: What do I tell readers?}
debrief:
  whatHappened: >
    The code lost the page marker in version v2, on two pages in five, whatever the database answered.
  rule: Ask where errors are made before you name a good suspect.
  change: Release to one pod first.
"""


def scenario(*edits: tuple[str, str]) -> Scenario:
    """The scenario with each text of ``edits`` replaced, in whichever of its two files it stands."""
    files = [SCENARIO, TEXTS]
    for old, new in edits:
        assert any(old in file for file in files), f"{old!r} is not in the files any more"
        files = [file.replace(old, new, 1) for file in files]
    return load_bytes(files[0].encode(), files[1].encode())


def proof(*edits: tuple[str, str], seeds: Sequence[int] = (1,)) -> Proof:
    """The proof of the scenario so edited; nothing is kept."""
    return prove([scenario(*edits)], seeds, kept=Kept(None), clock=time.process_time)[0]


def failed(found: Proof) -> dict[int, str]:
    """The points that do not hold, with their evidence."""
    return {point.number: point.evidence for point in found.points if not point.passed}
