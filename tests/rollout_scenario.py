"""A shop whose checkout is a Rollout: what DESIGN's example of a scenario becomes when it is whole."""

from __future__ import annotations

from functools import lru_cache

from simulator.scenario import Scenario, load_bytes

_CANARY = """
          canary:
            steps:
              - {setWeight: 10}
              - {pause: {duration: 2m}}
              - {analysis: {templates: [{templateName: success-rate}]}}
              - {setWeight: 50}
              - {pause: {}}"""

_SCENARIO = """
apiVersion: gameday/v1
kind: Scenario
metadata: {name: rollout-stage, title: A release by steps}
spec:
  seed: 7
  duration: 40m
  warmUp: 2m
  startTime: 2026-07-04T09:00:00Z
  workloads:
    - kind: Rollout
      metadata: {name: checkout, labels: {app: checkout, region: eu}}
      spec:
        replicas: 12
        template:
          spec:
            containers:
              - name: app
                image: "checkout:v42"
                resources: {requests: {cpu: 500m}}
                readinessProbe: {periodSeconds: 2}
        strategy: STRATEGY
      model:
        concurrency: 16
        startTime: 3s
        serviceTime: {distribution: lognormal, mean: 42ms, p99: 180ms}
        calls: [{service: payments, timeout: 800ms, retries: {attempts: 2, perTryTimeout: 250ms}}]
        history:
          - {image: "checkout:v41", cause: "v41: invoices", author: Ada, commit: 1f0c2d7, age: 216h}
          - {image: "checkout:v42", cause: "v42: coupons", author: Lin, commit: 2a1d3e8, age: 48h}
    - kind: Deployment
      metadata: {name: payments}
      spec:
        replicas: 3
        template: {spec: {containers: [{name: app, image: "payments:v7"}]}}
      model: {concurrency: 32, serviceTime: {mean: 20ms, p99: 60ms}}
  services:
    - {kind: Service, metadata: {name: checkout}, spec: {selector: {app: checkout}}}
    - {kind: Service, metadata: {name: payments}, spec: {selector: {app: payments}}}
SERVICES
  analysisTemplates:
    - metadata: {name: success-rate}
      spec:
        args: [{name: window, value: 1m}]
        metrics:
          - name: success-rate
            interval: 20s
            count: 3
            failureLimit: 1
            successCondition: "result[0] >= 0.95"
            provider:
              prometheus:
                query: |
                  sum(rate(http_requests_total{service="checkout",version="v43",code!~"5.."}[{{args.window}}]))
                  / sum(rate(http_requests_total{service="checkout",version="v43"}[{{args.window}}]))
  traffic:
    - {name: users, rate: 60, service: checkout, routes: {default: 1}}
  slos:
    - apiVersion: openslo/v1
      kind: SLO
      metadata: {name: checkout-availability, displayName: Checkout availability}
      spec:
        service: checkout
        budgetingMethod: Occurrences
        indicator:
          metadata: {name: checkout-success}
          spec:
            ratioMetric:
              counter: true
              good:
                metricSource:
                  type: Prometheus
                  spec: {query: 'lb_requests_total{service="checkout", code!~"5.."}'}
              total:
                metricSource:
                  type: Prometheus
                  spec: {query: 'lb_requests_total{service="checkout"}'}
        timeWindow: [{duration: 30d, isRolling: true}]
        objectives: [{target: 0.999}]
timeline:
  - at: 1m
    setImage: {rollout: checkout, image: "checkout:v43", cause: "v43: new cart", author: Lin, commit: 3b2e4f9}
    model: MODEL
"""

_TEXTS = b"""
story: A release by steps.
normal: Sixty requests a second, hardly an error.
situation: You are on call.
debrief: {whatHappened: The release v43 failed half of its requests., rule: Look first., change: An analysis.}
"""

#: Behind a mesh: weights split the traffic, and the Services of both sides are the strategy's.
ROUTED = """
          canary:
            stableService: checkout-stable
            canaryService: checkout-canary
            trafficRouting: {istio: {virtualService: {name: checkout}}}
            steps:
              - {setCanaryScale: {replicas: 3}}
              - {setWeight: 10}
              - {pause: {duration: 2m}}
              - {setWeight: 50}
              - {pause: {}}"""
BLUE_GREEN = """
          blueGreen:
            activeService: checkout
            previewService: checkout-preview
            autoPromotionEnabled: false"""
#: Every second request of the new version fails.
BAD = "{routes: [{name: default, errorRate: 0.5}]}"


def text(strategy: str = _CANARY, *, model: str = "{}", services: tuple[str, ...] = ()) -> str:
    """The file.

    Args:
        strategy: Of the Rollout, in YAML.
        model: What ``checkout:v43`` does differently.
        services: More Services before the Rollout's pods.
    """
    more = "\n".join(
        f"    - {{kind: Service, metadata: {{name: {name}}}, spec: {{selector: {{app: checkout}}}}}}"
        for name in services
    )
    filled = _SCENARIO.replace("STRATEGY", strategy).replace("MODEL", model)
    return filled.replace("SERVICES\n", f"{more}\n" if more else "")


def read(content: str) -> Scenario:
    """A scenario of this text."""
    return load_bytes(content.encode(), _TEXTS)


@lru_cache
def canary(*, bad: bool = False) -> Scenario:
    """Twelve pods by replica ratio; with ``bad``, half of what the new version answers is an error."""
    return read(text(model=BAD if bad else "{}"))


@lru_cache
def routed(*, bad: bool = False) -> Scenario:
    """The same behind Istio, by weights."""
    services = ("checkout-stable", "checkout-canary")
    return read(text(ROUTED, model=BAD if bad else "{}", services=services))


@lru_cache
def blue_green() -> Scenario:
    """The same, all at once: a preview that waits to be promoted."""
    return read(text(BLUE_GREEN, services=("checkout-preview",)))
