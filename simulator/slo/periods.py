"""Calendar-aligned time windows: weeks, months and quarters as a civil calendar in a time zone has them.

OpenSLO's ``calendar`` gives one beginning in local time; every ``count`` units before and after it begins
another period. A month that lacks the day of the beginning begins on its last day. Boundaries are worked out
once, before the run; afterwards a period is two integers.
"""

from __future__ import annotations

from bisect import bisect_right
from calendar import monthrange
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from simulator.errors import GamedayError
from simulator.units import DAY, SECOND

#: OpenSLO's shorthands: days, weeks, months, quarters, years.
CalendarUnit = Literal["d", "w", "M", "Q", "Y"]
_MONTHS: Final = {"M": 1, "Q": 3, "Y": 12}
_DAYS: Final = {"d": 1, "w": 7}
_WORDS: Final = {"d": "day", "w": "week", "M": "month", "Q": "quarter", "Y": "year"}
#: No drill is longer than this beyond T+00:00.
_AHEAD: Final = timedelta(days=40)


@dataclass(frozen=True, slots=True)
class Periods:
    """The periods around a run.

    Attributes:
        boundaries: Beginnings, ns from T+00:00, ascending; the last ends the last period.
        text: As a status line says it: ``calendar month``.
    """

    boundaries: tuple[int, ...]
    text: str

    def containing(self, at: int) -> tuple[int, int]:
        """(beginning, end) of the period that an instant lies in, ns; the end belongs to the next.

        Raises:
            GamedayError: The instant is before the first boundary or after the last.
        """
        after = bisect_right(self.boundaries, at)
        if not 0 < after < len(self.boundaries):
            raise GamedayError(
                f"calendar window ({self.text})",
                expected="an instant within forty days of the drill",
                got=f"{at / DAY:.1f} days from its beginning",
                todo="This is a bug in the calendar of the SLO.",
            )
        return self.boundaries[after - 1], self.boundaries[after]


def periods(
    *, count: int, unit: CalendarUnit, first: datetime, time_zone: str, start_time: datetime
) -> Periods:
    """The periods that a drill can touch: the one that holds T+00:00, the one before, those that follow.

    Args:
        count: Units in a period, at least 1.
        unit: Which.
        first: Beginning of any one period, local time, without a zone.
        time_zone: A name of the IANA database, such as ``Europe/Berlin``.
        start_time: The civil time of T+00:00, with its zone.

    Raises:
        GamedayError: There is no such time zone.
    """
    try:
        zone = ZoneInfo(time_zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise GamedayError(
            "timeWindow.calendar.timeZone",
            expected="a time zone of the IANA database, such as Europe/Berlin or UTC",
            got=repr(time_zone),
            todo="Spell it as region/city.",
        ) from None
    here = start_time.astimezone(zone).replace(tzinfo=None)
    number = _guess(here, first, count, unit)
    while _beginning(number, first, count, unit) > here:
        number -= 1
    while _beginning(number + 1, first, count, unit) <= here:
        number += 1
    boundaries, number = [], number - 1
    while True:
        civil = _beginning(number, first, count, unit)
        boundaries.append(round((civil.replace(tzinfo=zone) - start_time).total_seconds()) * SECOND)
        if civil > here + _AHEAD:
            break
        number += 1
    word = _WORDS[unit]
    return Periods(tuple(boundaries), f"calendar {word}" if count == 1 else f"{count} calendar {word}s")


def _guess(here: datetime, first: datetime, count: int, unit: CalendarUnit) -> int:
    if unit in _DAYS:
        return (here - first).days // (_DAYS[unit] * count)
    months = (here.year - first.year) * 12 + here.month - first.month
    return months // (_MONTHS[unit] * count)


def _beginning(number: int, first: datetime, count: int, unit: CalendarUnit) -> datetime:
    """Local time at which the ``number``-th period after ``first`` begins."""
    if unit in _DAYS:
        return first + timedelta(days=_DAYS[unit] * count * number)
    years, month = divmod(first.month - 1 + _MONTHS[unit] * count * number, 12)
    year = first.year + years
    return first.replace(year=year, month=month + 1, day=min(first.day, monthrange(year, month + 1)[1]))
