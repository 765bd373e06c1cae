"""``drill.judge(...)``: what the statistical judge says of a canary now, in sentences, on this run's samples.

An analysis with the plugin ``gameday/mann-whitney`` asks the same judge; here a learner asks it by hand, of
any release, and sees what so many samples could and could not have shown.
"""

from __future__ import annotations

from dataclasses import dataclass

from simulator.api import arguments
from simulator.drill import Run
from simulator.drill.measuring import Measuring
from simulator.slo.judge import explain


@dataclass(frozen=True, slots=True, repr=False)
class Opinion:
    """A verdict and its reasons.

    Attributes:
        phase: In Argo's words: Successful, Failed or Inconclusive.
        sentences: The verdict first, then what it rests on and what could hide.
    """

    phase: str
    sentences: tuple[str, ...]

    def __str__(self) -> str:
        return "\n".join((f"{self.phase}.", *self.sentences))

    def __repr__(self) -> str:
        return str(self)

    def _repr_markdown_(self) -> str:
        return "\n\n".join((f"**{self.phase}.**", *self.sentences))


def judged(run: Run, settings: dict[str, str]) -> Opinion:
    """The judge's opinion at the run's present.

    Args:
        run: Played so far.
        settings: As the plugin takes them; see ``slo.judge.plugin``.

    Raises:
        GamedayError: A setting can't be meant, or a query can't be evaluated.
    """
    texts = {name: arguments.text(f"judge({name}=…)", value, _LIKE[name]) for name, value in settings.items()}
    verdict = Measuring(run.telemetry).verdict({"name": "canary beside baseline", **texts}, run.now)
    return Opinion(verdict.phase, explain(verdict))


_LIKE = {
    "canary": 'sum(rate(http_requests_total{version="v2",code=~"5.."}[30s])) / sum(rate(…))',
    "baseline": 'sum(rate(http_requests_total{version="v1",code=~"5.."}[30s])) / sum(rate(…))',
    "window": "5m",
    "interval": "30s",
    "direction": "increase",
    "unit": "ratio",
}
