"""What a log leaves out, said in the log itself: once a minute each pod writes how much it did not write.

A pod writes every failure up to a bound, and few of its successes. Whoever counts lines would take an error
ratio of 1 % for one of 60 %; the pod's own summary has the true numbers.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable
from typing import Final

import numpy as np
from numpy.typing import NDArray

from simulator.dataplane import HTTP_CODES, OUTCOMES, CounterFrame, LogRecord
from simulator.telemetry.logs import LogLine
from simulator.units import MINUTE

#: One success in so many leaves a line, and a pod leaves so many lines between two scrapes (the data plane's
#: bounds).
SUCCESSES_IN: Final = 200
LINES_A_SCRAPE: Final = 20
_OK: Final = OUTCOMES.index("ok")
_CODES: Final = tuple(dict.fromkeys(code for code in HTTP_CODES if code != HTTP_CODES[_OK]))


class LogSummary:
    """Compares what pods served with what they wrote."""

    def __init__(self) -> None:
        self._written: Counter[int] = Counter()  # failures with a line, by instance, this minute
        self._served: NDArray[np.int64] = np.zeros((0, len(OUTCOMES)), dtype=np.int64)
        self._starts: NDArray[np.int64] = np.zeros(0, dtype=np.int64)
        self._minute: int | None = None

    def collect(
        self,
        frame: CounterFrame,
        records: Iterable[LogRecord],
        writers: Callable[[], Collection[str]],
    ) -> list[LogLine]:
        """Lines of the minute that ends with this scrape; none inside a minute.

        Args:
            frame: The scrape's counters.
            records: What was written since the last scrape.
            writers: Tells which pods still write; asked at the end of a minute only.
        """
        self._written.update(record.instance for record in records if record.outcome != "ok")
        minute = frame.at // MINUTE
        if minute == self._minute:
            return []
        served = frame.requests.sum(axis=1)
        first, self._minute = self._minute is None, minute
        before, self._served = self._served, served
        # A process that was started anew does not know what the one before it served.
        same = frame.starts == 1
        same[: len(self._starts)] = frame.starts[: len(self._starts)] == self._starts
        self._starts = frame.starts
        written, self._written = self._written, Counter()
        if first:
            return []
        change = served.copy()
        change[: len(before)] -= before
        living = writers()
        return [
            LogLine(
                frame.at,
                "INFO",
                info.service,
                info.pod,
                info.version,
                _said(change[info.id], written[info.id]),
            )
            for info in frame.instances
            if info.pod in living and same[info.id] and change[info.id].any()
        ]


def _said(counts: NDArray[np.int64], written: int) -> str:
    total = int(counts.sum())
    by_code = {code: sum(int(counts[n]) for n, of in enumerate(HTTP_CODES) if of == code) for code in _CODES}
    failed = sum(by_code.values())
    degraded = int(counts[OUTCOMES.index("degraded")])
    parts = [f"{code}: {count}" for code, count in by_code.items() if count]
    if degraded:
        parts.append(f"from the fallback: {degraded}")
    said = f"last minute: {total} requests, {failed} failed"
    said += f" ({', '.join(parts)})" if parts else ""
    others = f"of those that went well one in {SUCCESSES_IN} has a line"
    if failed + degraded:
        return f"{said}; {written} of these {failed + degraded} have a line each, {others}"
    return f"{said}; {others}"
