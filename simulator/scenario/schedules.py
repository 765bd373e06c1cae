"""Cron schedules as CronJobs have them: five fields in UTC, with ``*``, lists, ranges and steps."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Annotated, Final

from pydantic import BeforeValidator
from pydantic.json_schema import WithJsonSchema

from simulator.scenario.fields import refused, shown

_FIELDS: Final = (
    ("minute", 0, 59),
    ("hour", 0, 23),
    ("day of the month", 1, 31),
    ("month", 1, 12),
    ("day of the week", 0, 7),
)
_MACROS: Final = {
    "@hourly": "0 * * * *",
    "@daily": "0 0 * * *",
    "@midnight": "0 0 * * *",
    "@weekly": "0 0 * * 0",
    "@monthly": "0 0 1 * *",
}
#: A schedule that has no instant within so many days (30 February) never runs.
_HORIZON_DAYS: Final = 366


def _values(text: str, low: int, high: int) -> frozenset[int] | None:
    """The numbers that a field stands for, or None where it is malformed."""
    found: set[int] = set()
    for part in text.split(","):
        span, slash, step_text = part.partition("/")
        step = int(step_text) if step_text.isdigit() else 0 if slash else 1
        first, dash, last = span.partition("-")
        if span == "*":
            begin, end = low, high
        elif first.isdigit() and (not dash or last.isdigit()):
            begin = int(first)
            end = int(last) if dash else high if slash else begin
        else:
            return None
        if step < 1 or not low <= begin <= end <= high:
            return None
        found.update(range(begin, end + 1, step))
    return frozenset(found)


def _parsed(schedule: str) -> list[frozenset[int]] | None:
    parts = _MACROS.get(schedule, schedule).split()
    if len(parts) != len(_FIELDS):
        return None
    fields = [_values(part, low, high) for part, (_, low, high) in zip(parts, _FIELDS, strict=True)]
    return None if None in fields else [each for each in fields if each is not None]


def well_formed(schedule: str) -> bool:
    """Whether a text is a schedule at all."""
    return _parsed(schedule) is not None


def next_run(schedule: str, after: datetime) -> datetime | None:
    """The first whole minute after ``after`` (aware, UTC) that a schedule names; None if there is none soon.

    As in cron, a day counts when it fits the day of the month or the day of the week if both are restricted.
    """
    fields = _parsed(schedule)
    assert fields is not None, "the scenario's loader checks schedules"
    minutes, hours, days, months, weekdays = fields
    weekdays = frozenset(day % 7 for day in weekdays)
    text = _MACROS.get(schedule, schedule).split()
    either = text[2] != "*" and text[4] != "*"
    moment = after.replace(second=0, microsecond=0) + timedelta(minutes=1)
    for _ in range(_HORIZON_DAYS):
        of_month, of_week = moment.day in days, moment.isoweekday() % 7 in weekdays
        fits = (of_month or of_week) if either else (of_month and of_week)
        if moment.month in months and fits:
            for hour in sorted(each for each in hours if each >= moment.hour):
                begin = moment.minute if hour == moment.hour else 0
                minute = min((each for each in minutes if each >= begin), default=None)
                if minute is not None:
                    return moment.replace(hour=hour, minute=minute)
        moment = moment.replace(hour=0, minute=0) + timedelta(days=1)
    return None


def _schedule(value: object) -> str:
    if isinstance(value, str) and well_formed(value):
        return value
    raise refused(
        expected='a cron schedule of five fields, such as "*/15 * * * *"',
        got=shown(value),
        todo="Minute, hour, day of the month, month, day of the week; numbers, *, lists, ranges and steps.",
    )


#: A cron schedule, UTC.
Schedule = Annotated[str, BeforeValidator(_schedule), WithJsonSchema({"type": "string"})]
