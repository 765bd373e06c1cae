"""A scenario of two workloads for the engine's tests: all that a timeline can do, in ten minutes."""

from __future__ import annotations

from functools import lru_cache

from simulator.scenario import Scenario, load_bytes

_SCENARIO = """
apiVersion: gameday/v1
kind: Scenario
metadata: {name: engine-stage, title: The engine's stage}
spec:
  seed: 3
  duration: 10m
  warmUp: 2m
  workloads:
    - kind: Deployment
      metadata: {name: web}
      spec:
        replicas: 3
        template:
          metadata: {labels: {app: web}}
          spec:
            containers:
              - name: app
                image: "web:v2"
                ports: [{containerPort: 8080}]
                readinessProbe: {periodSeconds: 2}
                resources: {requests: {cpu: 500m, memory: 256Mi}, limits: {memory: 512Mi}}
      model:
        concurrency: 4
        startTime: 3s
        imagePull: 4s
        routes:
          - name: page
            path: /
            serviceTime: {mean: 10ms, p99: 40ms}
            calls: [{service: store, route: read, timeout: 300ms, retries: {attempts: 2, backoff: 20ms}}]
          - {name: health, path: /health, serviceTime: {distribution: constant, mean: 1ms}}
        history:
          - {image: "web:v1", cause: "web v1", author: Ada, commit: aaaaaaa, age: 240h}
          - {image: "web:v2", cause: "web v2", author: Lin, age: 24h}
    - kind: Deployment
      metadata: {name: store}
      spec:
        replicas: 1
        strategy: {type: Recreate}
        template: {spec: {containers: [{name: store, image: "store:7"}]}}
      model:
        role: database
        concurrency: 16
        balancer: least_request
        routes: [{name: read, method: CALL, serviceTime: {mean: 3ms, p99: 10ms}}]
  services:
    - kind: Service
      metadata: {name: web}
      spec: {selector: {app: web}, type: LoadBalancer, ports: [{port: 80, targetPort: 8080}]}
    - {kind: Service, metadata: {name: store}, spec: {selector: {app: store}}}
  traffic:
    - {name: users, rate: 40, service: web, routes: {page: 3, health: 1}}
  slos:
    - apiVersion: openslo/v1
      kind: SLO
      metadata: {name: web-availability}
      spec:
        service: web
        budgetingMethod: Occurrences
        indicator:
          metadata: {name: web-success}
          spec:
            ratioMetric:
              counter: true
              good:
                metricSource:
                  type: Prometheus
                  spec: {query: 'lb_requests_total{service="web", code!~"5.."}'}
              total:
                metricSource:
                  type: Prometheus
                  spec: {query: 'lb_requests_total{service="web"}'}
        timeWindow: [{duration: 30d, isRolling: true}]
        objectives: [{target: 0.999}]
timeline:
  - at: 1m
    setTraffic: {source: users, stages: [{target: 80, duration: 20s}, {target: 60, duration: 0s}]}
  - at: 2m
    chaos:
      kind: HTTPChaos
      mode: one
      selector: {labelSelectors: {app: web}}
      errorRate: 1.0
      duration: 60s
  - at: 4m
    setImage: {deployment: web, image: "web:v3", cause: "web v3", author: Lin, commit: bbbbbbb}
    model: {startTime: 6s, concurrency: 8, routes: [{name: page, errorRate: 0.25, calls: []}]}
  - at: 8m
    setTraffic: {source: users, rate: 5}
reference: [{at: 5m, run: kubectl rollout undo deployment/web}]
"""
_TEXTS = """
story: A small site.
normal: Forty requests a second.
situation: You are on call.
debrief: {whatHappened: Much., rule: Look., change: Test.}
"""


@lru_cache(maxsize=1)
def scenario() -> Scenario:
    """The scenario, loaded once."""
    return load_bytes(_SCENARIO.encode(), _TEXTS.encode())
