"""Several plays of the same users side by side: table, curves with decisions, one plain sentence."""

from __future__ import annotations

import numpy as np
import pytest

from simulator.drill import SideBySide, compare, play_run
from simulator.errors import GamedayError
from simulator.lab import Plots
from tests.drill_stage import fresh, scenario


@pytest.fixture(scope="module")
def compared() -> SideBySide:
    """Three plays."""
    names = ("nothing", "reference", "more-pods")
    return compare({name: play_run(scenario(), 11, player=name) for name in names})


def test_the_least_costly_play_stands_first_and_the_sentence_says_why(compared: SideBySide) -> None:
    """A row a play; the first changes are named with their instants."""
    table = compared.frame()
    assert "reference" == table.index[0] and sorted(table["budget_spent_percent"]) == list(
        table["budget_spent_percent"]
    )
    assert ("T+04:20", 1) == (table.loc["reference", "first_change"], table.loc["reference", "changes"])
    assert "never" == table.loc["nothing", "first_change"]
    assert compared.sentence.startswith("Of 3 plays reference spent least of the error budget, ")
    assert "at T+04:20 in reference" in compared.sentence and compared.sentence in str(compared)


def test_all_curves_are_on_one_chart_with_a_dot_for_each_decision(compared: SideBySide) -> None:
    """A curve a play, named with what it spent; the picture says the sentence."""
    picture = Plots(fresh()).side_by_side(compared)
    (axes,) = picture.axes
    named = [line.get_label() for line in axes.lines if not str(line.get_label()).startswith("_")]
    assert [each.name for each in compared.played] == [str(label).split(":")[0] for label in named]
    dots = [np.size(line.get_xdata()) for line in axes.lines if line.get_linestyle() == "None"]
    assert [len(each.decisions) for each in compared.played] == dots[: len(compared.played)]
    assert compared.sentence == picture.sentence


def test_only_plays_of_the_same_users_can_be_compared() -> None:
    """One run alone, or another seed, is refused in four parts."""
    with pytest.raises(GamedayError, match="two or more plays"):
        compare({"one": fresh()})
    with pytest.raises(GamedayError, match="two or more plays"):
        compare({"one": fresh(), "two": fresh(seed=12)})
