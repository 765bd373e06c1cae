"""Working hours: when somebody works next, when so many hours of work are done, in their own time zone."""

from __future__ import annotations

from bisect import bisect_right
from datetime import UTC, date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from simulator.pipeline.settings import Day, Person
from simulator.units import DAY, SECOND

_NAMES: Final[tuple[Day, ...]] = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_CHUNK: Final = 60


class WorkingHours:
    """The spans in which one person works, from shortly before the simulation on; made as they are asked for.

    Args:
        person: Whose.
        start: The civil time of instant 0.
    """

    def __init__(self, person: Person, start: datetime) -> None:
        self._person = person
        self._start = start.astimezone(UTC)
        self._zone = ZoneInfo(person.time_zone)
        self._day = self._start.astimezone(self._zone).date() - timedelta(days=1)
        self._begins: list[int] = []
        self._ends: list[int] = []
        self._worked: list[int] = []  # work done before each span
        self._grow()

    def add(self, instant: int, work: int) -> int:
        """The instant at which ``work`` ns of work are done that begin at ``instant`` at the earliest."""
        begun = self._before(instant)
        while self._total() <= begun + work:
            self._grow()
        place = bisect_right(self._worked, begun + work) - 1
        if work == 0 and place > 0 and instant < self._begins[place] and instant <= self._ends[place - 1]:
            place -= 1
        return max(instant, self._begins[place] + begun + work - self._worked[place])

    def next(self, instant: int) -> int:
        """The first instant from ``instant`` on at which they work."""
        while self._ends[-1] <= instant:
            self._grow()
        place = bisect_right(self._ends, instant)
        return max(instant, self._begins[place])

    @property
    def a_day(self) -> int:
        """Work in a working day without a change of clocks, ns."""
        return _span(self._person)

    def _before(self, instant: int) -> int:
        """Work done before an instant."""
        while self._ends[-1] <= instant:
            self._grow()
        place = bisect_right(self._begins, instant) - 1
        if place < 0:
            return 0
        return self._worked[place] + min(instant, self._ends[place]) - self._begins[place]

    def _total(self) -> int:
        return self._worked[-1] + self._ends[-1] - self._begins[-1]

    def _grow(self) -> None:
        for _ in range(_CHUNK):
            if _NAMES[self._day.weekday()] in self._person.days:
                begin, end = (
                    self._instant(self._day, text) for text in (self._person.from_, self._person.to)
                )
                if end > begin:
                    self._worked.append(self._total() if self._begins else 0)
                    self._begins.append(begin)
                    self._ends.append(end)
            self._day += timedelta(days=1)

    def _instant(self, day: date, text: str) -> int:
        hours, minutes = (int(part) for part in text.split(":"))
        day += timedelta(days=hours // 24)
        local = datetime.combine(day, time(hours % 24, minutes), self._zone)
        past = local.astimezone(UTC) - self._start
        return past.days * DAY + past.seconds * SECOND + past.microseconds * 1000


def _span(person: Person) -> int:
    hours = [int(text[:2]) * 3600 + int(text[3:]) * 60 for text in (person.from_, person.to)]
    return (hours[1] - hours[0]) * SECOND
