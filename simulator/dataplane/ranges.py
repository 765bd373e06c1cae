"""A value's range, and the refusal of one outside it."""

from __future__ import annotations

from simulator.errors import GamedayError

#: One hour, ns.
HOUR = 3600 * 10**9


def within(name: str, value: float, low: float, high: float) -> None:
    """Refuse a value outside its range, with an error that names it."""
    if not low <= value <= high:
        raise GamedayError(
            name, expected=f"a value from {low} to {high}", got=repr(value), todo="Choose one in this range."
        )
