"""A statistical judge for canaries that explains its verdict, and the planning of what a canary can see."""

from simulator.slo.judge.explain import explain, explain_metric
from simulator.slo.judge.metrics import EffectSize, MetricResult, MetricSpec, judge_metric, smallest_shift
from simulator.slo.judge.power import CanaryPower, Errors, Latency, canary_power
from simulator.slo.judge.ranks import RankTest, mann_whitney
from simulator.slo.judge.scoring import GroupScore, JudgeConfig, Verdict, judge

__all__ = [
    "CanaryPower",
    "EffectSize",
    "Errors",
    "GroupScore",
    "JudgeConfig",
    "Latency",
    "MetricResult",
    "MetricSpec",
    "RankTest",
    "Verdict",
    "canary_power",
    "explain",
    "explain_metric",
    "judge",
    "judge_metric",
    "mann_whitney",
    "smallest_shift",
]
