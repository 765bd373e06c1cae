"""Columns as kubectl lays them out."""

from __future__ import annotations

from simulator.drill.console.tables import table, tabulate


def test_get_puts_three_spaces_between_columns_and_none_at_the_end() -> None:
    """The widest cell decides; the narrowest column is six wide; the last cell is not padded."""
    text = table(("NAME", "READY", "AGE"), (("checkout-1", "1/1", "5m"), ("db", "0/1", "12m")))
    assert text.split("\n") == [
        "NAME         READY   AGE",
        "checkout-1   1/1     5m",
        "db           0/1     12m",
    ]


def test_a_narrow_column_is_six_wide() -> None:
    """Tabwriter's minimum width of kubectl get."""
    assert "A     B" == table(("A", "B"), ()).split("\n")[0]


def test_a_line_without_the_column_ends_its_block() -> None:
    """Elastic tabstops: blocks of lines align by themselves (Go's text/tabwriter)."""
    text = tabulate("Name:\tx\nLabels:\ta=b\nEvents:\n  Type\tReason\n  Normal\tKilling")
    assert text.split("\n") == [
        "Name:    x",
        "Labels:  a=b",
        "Events:",
        "  Type    Reason",
        "  Normal  Killing",
    ]
