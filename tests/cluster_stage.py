"""A shop whose cluster is the subject: an autoscaled front under a budget in three zones, under a ramp."""

from __future__ import annotations

from functools import lru_cache

from simulator.drill import Run
from simulator.scenario import Scenario, load_bytes

SCENARIO = """
apiVersion: gameday/v1
kind: Scenario
metadata: {name: cluster-stage, title: The cluster's stage}
spec:
  seed: 21
  duration: 40m
  warmUp: 2m
  startTime: 2026-07-04T09:00:00Z
  workloads:
    - kind: Deployment
      metadata: {name: web}
      spec:
        replicas: 3
        template:
          spec:
            topologySpreadConstraints:
              - maxSkew: 1
                topologyKey: topology.kubernetes.io/zone
                whenUnsatisfiable: ScheduleAnyway
                labelSelector: {matchLabels: {app: web}}
            containers:
              - name: app
                image: "web:v1"
                readinessProbe: {periodSeconds: 2}
                resources: {requests: {cpu: 250m, memory: 128Mi}}
      model:
        concurrency: 8
        startTime: 5s
        imagePull: 4s
        memory: {base: 96Mi}
        routes: [{name: page, serviceTime: {mean: 15ms, p99: 60ms}}]
        history: [{image: "web:v1", cause: "v1", author: Ada, commit: 2a1d3e8, age: 48h}]
  services:
    - {kind: Service, metadata: {name: web}, spec: {selector: {app: web}}}
  traffic:
    - {name: users, rate: 25, service: web, routes: {page: 1}}
  autoscalers:
    - kind: HorizontalPodAutoscaler
      metadata: {name: web}
      spec:
        scaleTargetRef: {kind: Deployment, name: web}
        minReplicas: 3
        maxReplicas: 12
        metrics:
          - {type: Resource, resource: {name: cpu, target: {type: Utilization, averageUtilization: 60}}}
  podDisruptionBudgets:
    - kind: PodDisruptionBudget
      metadata: {name: web}
      spec: {selector: {matchLabels: {app: web}}, maxUnavailable: 1}
  nodes:
    pools:
      - {name: general, count: 6, cpu: "4", memory: 16Gi}
      - name: batch
        count: 2
        cpu: "8"
        memory: 32Gi
        labels: {workload: batch}
        taints: [{key: dedicated, value: batch}]
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
  - at: 1m
    setTraffic: {source: users, stages: [{target: 120, duration: 2m}]}
  - at: 8m
    setTraffic: {source: users, rate: 25}
reference: [{at: 2m, run: kubectl get hpa}]
"""
TEXTS = """
story: A small site.
normal: Twenty-five requests a second.
situation: You are on call.
debrief: {whatHappened: Many came., rule: Look., change: Test.}
"""


def bent(*edits: tuple[str, str]) -> Scenario:
    """The scenario with each text of ``edits`` replaced, where it first stands."""
    text = SCENARIO
    for old, new in edits:
        assert old in text, f"{old!r} is not in the scenario any more"
        text = text.replace(old, new, 1)
    return load_bytes(text.encode(), TEXTS.encode())


@lru_cache(maxsize=1)
def scenario() -> Scenario:
    """The scenario as it stands, loaded once."""
    return bent()


def fresh(*edits: tuple[str, str]) -> Run:
    """A run at T+00:00."""
    return Run(bent(*edits) if edits else scenario())
