"""A shop of two services in which everything can change that no image carries, one thing at a time.

``web`` reads ``web-env`` by its environment and ``web-files`` as files, ``store`` is asked by it with a
credential and serves a certificate. A test takes the parts of the timeline that it needs.
"""

from __future__ import annotations

from functools import lru_cache

from simulator.engine import Production
from simulator.scenario import Scenario, load_bytes

SOURCE = """
apiVersion: gameday/v1
kind: Scenario
metadata: {name: causes-stage, title: The stage of causes}
spec:
  seed: 3
  duration: 30m
  warmUp: 1m
  startTime: 2026-03-03T10:00:00Z
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
                envFrom: [{configMapRef: {name: web-env}}]
                env:
                  - {name: LOG_LEVEL, value: info}
                  - name: STORE_PASSWORD
                    valueFrom: {secretKeyRef: {name: store-credentials, key: password}}
                volumeMounts: [{name: settings, mountPath: /etc/web}]
            volumes: [{name: settings, configMap: {name: web-files}}]
      model:
        concurrency: 8
        startTime: 2s
        imagePull: 2s
        memory: {base: 100Mi, perRequest: 1Mi}
        routes:
          - name: page
            serviceTime: {mean: 10ms, p99: 40ms}
            calls: [{service: store, route: read, timeout: 300ms}]
          - {name: health, path: /health, serviceTime: {distribution: constant, mean: 1ms}}
        history:
          - {image: "web:v1", cause: "web v1", author: Ada, commit: aaaaaaa, age: 240h}
          - {image: "web:v2", cause: "web v2", author: Lin, commit: bbbbbbb, age: 24h}
    - kind: Deployment
      metadata: {name: store}
      spec:
        replicas: 2
        template:
          spec:
            containers:
              - {name: store, image: "store:7", volumeMounts: [{name: tls, mountPath: /tls}]}
            volumes: [{name: tls, secret: {secretName: store-tls}}]
      model:
        role: database
        concurrency: 16
        routes: [{name: read, method: CALL, serviceTime: {mean: 3ms, p99: 10ms}}]
  services:
    - kind: Service
      metadata: {name: web}
      spec: {selector: {app: web}, ports: [{port: 80, targetPort: 8080}]}
    - {kind: Service, metadata: {name: store}, spec: {selector: {app: store}}}
  configMaps:
    - metadata: {name: web-env}
      data: {POOL_SIZE: "20", THEME: plain}
      model:
        effects:
          - workload: web
            when: {key: POOL_SIZE, operator: Lt, values: ["5"]}
            model: {routes: [{name: page, errorRate: 0.5}]}
          - workload: web
            when: {key: THEME, operator: DoesNotExist}
            model: {crash: {after: 1s, log: "panic: THEME is not set"}}
    - metadata: {name: web-files}
      data: {upstream: fast}
      model:
        effects:
          - workload: web
            when: {key: upstream, operator: NotIn, values: [fast]}
            model: {routes: [{name: page, errorRate: 0.4}]}
  secrets:
    - metadata: {name: store-credentials}
      stringData: {password: first}
      model:
        effects:
          - workload: web
            when: {key: password, operator: Stale}
            model: {routes: [{name: page, errorRate: 0.9}]}
    - metadata: {name: store-tls}
      type: kubernetes.io/tls
      model: {certificate: {service: store, notAfter: 2026-03-03T10:10:00Z}}
  cohorts: [{name: beta, share: 0.1}]
  flags:
    - name: new-page
      description: The new page
      owner: Lin
      model: {effects: [{workload: web, model: {routes: [{name: page, errorRate: 1.0}]}}]}
    - {name: dark-mode, percentage: 100}
  schemas:
    - name: orders
      columns: [orders.id, orders.address]
      migrations:
        - {version: "1", description: add address id, adds: [orders.address_id], installed: 48h}
        - version: "2"
          description: drop address
          drops: [orders.address]
          duration: 20s
          model:
            effects:
              - workload: store
                model: {concurrency: 1, routes: [{name: read, serviceTime: {mean: 60ms, p99: 90ms}}]}
      model:
        effects:
          - workload: web
            versions: [v1, v2]
            when: {column: orders.address}
            model: {routes: [{name: page, errorRate: 0.7}]}
  cronJobs:
    - metadata: {name: report}
      spec:
        schedule: "*/15 * * * *"
        concurrencyPolicy: Forbid
        jobTemplate: {spec: {template: {spec: {containers: [{name: report, image: "report:v3"}]}}}}
      model:
        duration: 60s
        effects: [{workload: store, model: {routes: [{name: read, serviceTime: {mean: 60ms, p99: 90ms}}]}}]
  traffic:
    - {name: users, rate: 60, service: web, routes: {page: 3, health: 1}}
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
                  spec: {query: 'http_requests_total{service="web", code!~"5.."}'}
              total:
                metricSource:
                  type: Prometheus
                  spec: {query: 'http_requests_total{service="web"}'}
        timeWindow: [{duration: 30d, isRolling: true}]
        objectives: [{target: 0.999}]
timeline:
"""
TEXTS = """
story: A small shop.
normal: Sixty requests a second.
situation: You are on call.
debrief: {whatHappened: Much., rule: Look., change: Test.}
"""


@lru_cache(maxsize=16)
def scenario(timeline: str = "") -> Scenario:
    """The scenario with these entries of a timeline, each on lines of its own with a dash."""
    text = SOURCE + timeline if timeline else SOURCE.removesuffix("timeline:\n")
    return load_bytes(text.encode(), TEXTS.encode())


def production(timeline: str = "", *, until: int = 0, seed: int = 3) -> Production:
    """The system at ``until``."""
    made = Production(scenario(timeline), seed)
    made.advance(until)
    return made


def failing(made: Production, seconds: int, *, service: str = "web") -> float:
    """The share of page requests that fail over the next so many seconds, by any outcome."""
    before = _counted(made, service)
    made.advance(made.now + seconds * 10**9)
    after = _counted(made, service)
    bad, all_ = after[0] - before[0], after[1] - before[1]
    return bad / all_


def _counted(made: Production, service: str) -> tuple[int, int]:
    frame = made.dataplane.counters()
    rows = [each.id for each in frame.instances if each.service == service]
    outcomes = frame.requests[rows, 0].sum(axis=0)
    return int(outcomes.sum() - outcomes[0]), int(outcomes.sum())
