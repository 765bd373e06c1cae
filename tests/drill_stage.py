"""A small incident for the drill's tests: two workloads and a bad release at one minute, or one sick pod."""

from __future__ import annotations

from functools import lru_cache

from simulator.drill import Run
from simulator.scenario import Scenario, load_bytes

_SCENARIO = """
apiVersion: gameday/v1
kind: Scenario
metadata: {name: drill-stage, title: A small incident}
spec:
  seed: 11
  duration: 12m
  warmUp: 2m
  startTime: 2026-07-04T09:00:00Z
  workloads:
    - kind: Deployment
      metadata: {name: app}
      spec:
        replicas: 3
        template:
          metadata: {labels: {app: myapp}}
          spec:
            containers: [{name: app, image: "app:v1", resources: {requests: {cpu: 250m, memory: 256Mi}}}]
      model:
        concurrency: 8
        startTime: 3s
        routes:
          - name: page
            path: /
            serviceTime: {mean: 15ms, p99: 60ms}
            calls: [{service: db, route: read, timeout: 500ms, retries: {attempts: 2, backoff: 20ms}}]
        history:
          - {image: "app:v0", cause: "v0: first", author: Ada, commit: 1f0c2d7, age: 216h}
          - {image: "app:v1", cause: "v1: second", author: Ada, commit: 2a1d3e8, age: 48h}
    - kind: Deployment
      metadata: {name: db}
      spec:
        replicas: 1
        template: {spec: {containers: [{name: db, image: "db:15"}]}}
      model:
        role: database
        concurrency: 32
        routes: [{name: read, method: CALL, serviceTime: {mean: 4ms, p99: 15ms}}]
        history: [{image: "db:15", cause: "db: 15", author: Ada, commit: 9c8b7a6, age: 720h}]
  services:
    - kind: Service
      metadata: {name: app}
      spec: {selector: {app: myapp}, ports: [{port: 80, targetPort: 8080}]}
    - {kind: Service, metadata: {name: db}, spec: {selector: {app: db}}}
  traffic:
    - {name: users, rate: 30, service: app, routes: {page: 1}}
  slos:
    - apiVersion: openslo/v1
      kind: SLO
      metadata: {name: app-availability, displayName: App availability}
      spec:
        service: app
        budgetingMethod: Occurrences
        indicator:
          metadata: {name: app-success}
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
      model: {budgetSpentAtStart: 0.2}
timeline:
  - at: 1m
    setImage: {deployment: app, image: "app:v2", cause: "v2: faster", author: Grace, commit: 3b2e4f9}
    model: {routes: [{name: page, errorRate: 0.5}]}
reference:
  - {at: 4m, run: kubectl get pods}
  - {at: 4m5s, run: kubectl rollout history deployment/app}
  - {at: 4m20s, run: kubectl rollout undo deployment/app}
  - {at: 5m, run: statuspage identified "A release broke the site. We took it back."}
wrongPaths:
  - name: more-pods
    title: Scale out
    ceiling: 50
    plays: [{at: 4m20s, run: kubectl scale deployment/app --replicas=6}]
variants:
  - {}
  - timeline:
      - at: 1m
        chaos: {kind: HTTPChaos, selector: {labelSelectors: {app: myapp}}, errorRate: 0.9}
    reference:
      - {at: 4m, run: "kubectl delete pod {worst-pod:app=myapp}"}
"""
_TEXTS = """
story: A small site.
normal: Thirty requests a second, hardly an error.
situation: You are on call.
people:
  - {id: noor-asks, author: "Noor, customer care", unlessToldFor: 3m, text: What do I tell customers?}
debrief:
  whatHappened: The release v2 failed half of its requests.
  rule: What changed last is the first suspect.
  change: A canary.
"""


@lru_cache(maxsize=1)
def scenario() -> Scenario:
    """The scenario, loaded once."""
    return load_bytes(_SCENARIO.encode(), _TEXTS.encode())


def fresh(*, seed: int = 11, variant: int = 0, mode: str = "lesson", compiled: bool = True) -> Run:
    """A run at T+00:00."""
    return Run(
        scenario(),
        seed,
        variant=variant,
        mode="lesson" if mode == "lesson" else "game-day",
        compiled=compiled,
    )
