"""Tables that a notebook shows: rounded, with units, from the left, what matters first; values stay exact."""

from __future__ import annotations

import re

import pandas as pd
import pytest

from simulator.api import tables
from simulator.drill import Run
from simulator.units import MINUTE
from tests.drill_stage import fresh


@pytest.fixture(scope="module")
def run() -> Run:
    """The small incident, quiet yet, with a line that was refused."""
    made = fresh()
    made.do("kubectl get pods")
    made.do("kubectl get <nothing>")
    return made


def test_the_budget_comes_first_and_every_number_has_its_unit(run: Run) -> None:
    """79.9 % and 0.3×, not 0.799011; and a word where nothing burns, not NaN."""
    frame = tables.slos(run)
    assert ["budget_left", "burn_rate_5m", "burn_rate_1h"] == list(frame.columns[:3])
    assert isinstance(frame["budget_left"].iloc[0], float)
    shown = frame._repr_html_()
    first = re.findall(r"<td[^>]*>([^<]*)</td>", shown)
    assert re.fullmatch(r"\d+\.\d %", first[0])
    assert re.fullmatch(r"\d+\.\d×", first[1])
    assert "NaN" not in shown and "nan" not in shown
    assert shown.count("text-align:left") == 2 * (len(frame.columns) + 1)


def test_where_nothing_burns_a_word_says_so() -> None:
    """Just started, without an error in five minutes."""
    frame = tables.slos(fresh())
    frame.loc[:, "exhausted_minutes"] = float("nan")
    assert "nothing burns" in frame._repr_html_()


def test_lines_are_shown_whole_and_refused_ones_in_words(run: Run) -> None:
    """Nothing that was typed becomes markup."""
    frame = tables.actions(run)
    assert ["at", "line", "ok", "actor"] == list(frame.columns)
    shown = frame._repr_html_()
    assert "kubectl get &lt;nothing&gt;" in shown
    assert "refused" in shown and "yes" in shown
    assert [True, False] == list(frame["ok"])


def test_what_is_computed_from_such_a_table_is_a_plain_frame(run: Run) -> None:
    """Its form would not fit any more."""
    run.advance(MINUTE)
    part = tables.slos(run)[["budget_left"]] * 2
    assert type(part) is pd.DataFrame
    assert "budget_left" in part.to_html()
