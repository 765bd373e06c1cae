"""``queue``: what waits, and what becomes of dead letters."""

from __future__ import annotations

import pytest

from simulator.drill import Run
from simulator.units import MINUTE
from tests.drill_stage import fresh
from tests.small_system import loaded
from tests.unit.test_engine_messaging import SHIPPED, topic


@pytest.fixture
def run() -> Run:
    """Two minutes in, with a third of the messages poisoned: after three tries they are dead letters."""
    run = Run(loaded(*SHIPPED, topic({"attempts": 3})), mode="game-day")
    run.production.dataplane.set_poison("orders", 0.3)
    run.advance(2 * MINUTE)
    return run


def dead(run: Run) -> int:
    """Dead letters as the list shows them."""
    header, row = run.do("queue list").text.split("\n")
    return int(row.split()[header.split().index("DEAD")])


def test_the_list_shows_what_waits_and_what_is_dead(run: Run) -> None:
    """One row a queue, as the frame has it; a look."""
    answer = run.do("queue list")
    assert ["NAME", "READY", "UNACKED", "DELAYED", "DEAD", "OLDEST", "CONSUMERS"] == answer.text.split("\n")[
        0
    ].split()
    assert ("look", "queue list") == (answer.kind, answer.canonical)
    assert dead(run) > 100


def test_dead_letters_are_put_back_or_thrown_away(run: Run) -> None:
    """Redrive empties the dead letters into the queue, where the poisoned die again; purge ends them."""
    before = dead(run)
    answer = run.do("queue redrive orders")
    assert answer.text.startswith("queue/orders: ") and answer.text.endswith(" dead letters put back")
    assert int(answer.text.split()[1]) >= before and "change" == answer.kind
    run.production.dataplane.check_conservation()
    run.advance(run.now + MINUTE)
    assert run.do("queue purge orders --dead-letters").text.endswith(" dead letters thrown away")
    assert 0 == run.production.dataplane.counters().topics.dead[0] or dead(run) < before
    assert "thrown away" in run.do("queue purge orders").text
    run.production.dataplane.check_conservation()


def test_a_purge_asks_in_a_lesson() -> None:
    """What is thrown away is gone."""
    run = Run(loaded(*SHIPPED))
    asked = run.do("queue purge orders")
    assert run.pending is not None and "nobody gets them back" in asked.text
    assert "thrown away" in run.do("yes").text


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("queue", "queue: a command is missing"),
        ("queue redrive", "queue: which one?"),
        ("queue redrive order", 'queue: "order" does not exist\n\nDid you mean this?\n\torders'),
        ("queue list orders", 'queue list: unexpected "orders"'),
    ],
)
def test_wrong_lines_say_what_to_do(run: Run, line: str, said: str) -> None:
    """With the nearest name."""
    answer = run.do(line)
    assert not answer.ok and answer.text.startswith(said)


def test_a_system_without_queues_says_so() -> None:
    """An empty list is no error."""
    assert "No queues." == fresh().do("queue list").text
