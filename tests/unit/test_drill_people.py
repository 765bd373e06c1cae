"""Colleagues with patience: they ask, ask again while no news comes, and stop when it is over."""

from __future__ import annotations

import pytest

from simulator.drill.people import People
from simulator.errors import ScenarioError
from simulator.scenario import load_bytes
from simulator.scenario.texts import PeopleMessage
from simulator.units import MINUTE, SECOND
from tests.drill_stage import _SCENARIO, _TEXTS, fresh


def somebody(id_: str, **trigger: object) -> PeopleMessage:
    """A message as a file has it."""
    return PeopleMessage.model_validate({"id": id_, "author": "Noor", "text": "What may I say?", **trigger})


NOOR = somebody("noor", unlessToldFor="5m")


class Room:
    """What was said, at which minute."""

    def __init__(self, *messages: PeopleMessage, cadence: int = 10 * MINUTE) -> None:
        self.said: list[tuple[float, str, str]] = []
        self.now = 0
        self.people = People(messages, cadence, self._hear)

    def _hear(self, id_: str, _author: str, text: str) -> None:
        self.said.append((self.now / MINUTE, id_, text))

    def until(self, minute: int) -> Room:
        """Let the clock run, scrape by scrape."""
        while self.now < minute * MINUTE:
            self.now += 5 * SECOND
            self.people.tick(self.now)
        return self

    @property
    def times(self) -> list[tuple[float, str]]:
        """When who spoke, by id."""
        return [(minute, id_) for minute, id_, _ in self.said]


def test_who_hears_nothing_asks_again_at_most_once_a_cadence() -> None:
    """First when patience ends, then after each cadence; the words say how long it has been."""
    room = Room(NOOR)
    room.people.paged(0)
    room.until(40)
    assert [(5, "noor"), (15, "noor-2"), (25, "noor-3"), (35, "noor-4")] == room.times
    texts = [text for _, _, text in room.said]
    assert "What may I say?" == texts[0] and 4 == len(set(texts))
    assert "it is 15 minutes now" in texts[1] and texts[2].startswith("25 minutes without a word.")


def test_news_starts_patience_anew() -> None:
    """Told at minute 12, they ask when five minutes have passed, and never twice within a cadence."""
    room = Room(NOOR)
    room.people.paged(0)
    room.until(7).people.told(7 * MINUTE)
    room.until(12).people.told(12 * MINUTE)
    room.until(30)
    assert [(5, "noor"), (17, "noor-2"), (27, "noor-3")] == room.times


def test_nobody_asks_before_a_page_or_after_the_end() -> None:
    """Before the first page there is nothing to ask; resolved ends it, and a new page begins it again."""
    room = Room(NOOR)
    room.until(20)
    room.people.paged(20 * MINUTE)
    room.until(23).people.told(23 * MINUTE, over=True)
    room.until(60)
    assert [] == room.times
    room.people.paged(60 * MINUTE)
    room.until(61)
    assert [(60 + 5 / 60, "noor")] == room.times


def test_a_scenario_s_own_words_come_first_and_the_last_stays() -> None:
    """``again`` in order; its last text from then on, with the minutes in it."""
    again = ("Anything?", "{minutes} minutes, Ada.")
    room = Room(NOOR.model_copy(update={"again": again}), cadence=2 * MINUTE)
    room.people.paged(0)
    room.until(21)
    assert ["What may I say?", "Anything?", "15 minutes, Ada.", "20 minutes, Ada."] == [
        text for _, _, text in room.said
    ]


def test_others_speak_once() -> None:
    """At a time, after the page, once told."""
    room = Room(somebody("m0", at="1m"), somebody("m1", afterPage="2m"), somebody("m2", onceTold="1m"))
    room.people.paged(0)
    room.people.told(MINUTE)
    room.until(30)
    assert [(1, "m0"), (2, "m1"), (2, "m2")] == room.times


def test_again_needs_patience() -> None:
    """Beside another trigger it would do nothing, so it is refused."""
    texts = _TEXTS.replace("unlessToldFor: 3m,", "at: 3m, again: [Hello?],")
    with pytest.raises(ScenarioError, match="expected unlessToldFor beside again"):
        load_bytes(_SCENARIO.encode(), texts.encode())


def test_a_run_without_news_hears_them_and_its_digest_does_not() -> None:
    """They are read in the channel; what counts for the digest is the world."""
    run = fresh()
    run.advance(12 * MINUTE)
    asked = [message.id for message in run.channel if message.kind == "people"]
    assert "noor-asks" == asked[0]
