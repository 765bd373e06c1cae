"""Whether a signal looks better for a while after a wrong move, as the learner's own charts show it."""

from __future__ import annotations

from math import isnan, nan
from statistics import fmean
from typing import Final

from simulator.coach.sight import RunSight
from simulator.coach.signals import Signal
from simulator.drill import Run
from simulator.units import MINUTE, SECOND, format_clock, seconds

#: It is watched for so long after the first change; what it was is its mean over the minutes before.
WATCHED: Final = 15 * MINUTE
BEFORE: Final = 2 * MINUTE
#: It must look better for so long at a stretch, and by this share of what it was.
LASTING: Final = MINUTE
SHARE: Final = 0.15


class Improvement:
    """Watches one signal of one run from the first change on.

    Args:
        run: With all lines of the play typed.
        signal: Its name, such as ``errors:checkout``.
    """

    def __init__(self, run: Run, signal: str) -> None:
        self._run = run
        self._signal = Signal.parse(signal)
        self._sight = RunSight(run)
        self._seen: dict[int, float] = {}
        changes = [answer.at for answer in run.transcript if answer.kind == "change" and answer.ok]
        self._since = changes[0] if changes else run.now
        before = [self._value(at) for at in range(max(self._since - BEFORE, 0), self._since, 15 * SECOND)]
        known = [value for value in before if not isnan(value)]
        self._before = fmean(known) if known else nan

    @property
    def decided(self) -> bool:
        """Whether it has looked better for long enough, or will not be watched any longer."""
        return self.best_seconds >= seconds(LASTING) or self._run.now >= self._since + WATCHED

    @property
    def best_seconds(self) -> float:
        """The longest stretch in which it looked better."""
        return seconds(self._best()[0])

    @property
    def words(self) -> str:
        """What it was and what it became, for a table."""
        _, at, value = self._best()
        shown = self._signal.format
        if value is None:
            return f"{self._signal.words} stayed at {shown(self._before)}"
        return f"{self._signal.words} from {shown(self._before)} to {shown(value)} at {format_clock(at)}"

    def _best(self) -> tuple[int, int, float | None]:
        """(length, instant and value in the middle) of the longest stretch, ns."""
        step = self._run.telemetry.interval
        first = -(-self._since // step) * step
        best: tuple[int, int, float | None] = (0, self._since, None)
        begun: int | None = None
        end = min(self._run.now, self._since + WATCHED)
        for at in range(first, end + 1, step):
            if not self._signal.improved(self._before, self._value(at), SHARE):
                begun = None
                continue
            begun = at if begun is None else begun
            if at - begun > best[0]:
                best = (at - begun, at, self._value(at))
        return best

    def _value(self, at: int) -> float:
        if at not in self._seen:
            self._seen[at] = self._sight.value(self._signal, at)
        return self._seen[at]
