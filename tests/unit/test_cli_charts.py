"""Text charts show what the numbers say."""

from __future__ import annotations

from math import isnan, nan

from simulator.cli.chart import bar, columns, fitted


def test_a_column_is_as_high_as_its_value() -> None:
    """The top value fills a column, half of it fills half, more is cut off, a gap stays empty."""
    assert ["  ██", " ███"] == columns([0.0, 0.5, 1.0, 7.0], rows=2, top=1.0)
    assert [" ", " "] == columns([nan], rows=2, top=1.0)


def test_anything_above_zero_shows() -> None:
    """One error in a million is a mark, none is none."""
    assert ["▁ "] == columns([1e-6, 0.0], rows=1, top=1.0)


def test_a_bar_is_filled_by_its_share() -> None:
    """Overspent is empty, not negative."""
    assert "██░░" == bar(0.5, width=4)
    assert "░░░░" == bar(-0.3, width=4)
    assert "████" == bar(1.7, width=4)


def test_a_short_curve_keeps_its_place_and_a_long_one_its_peaks() -> None:
    """Few values leave the right empty; many are folded so that no peak is lost."""
    short = fitted([1.0, 2.0], 4)
    assert [1.0, 2.0] == short[:2]
    assert all(isnan(value) for value in short[2:])
    assert [9.0, 2.0] == fitted([1.0, 9.0, nan, 2.0], 2)
