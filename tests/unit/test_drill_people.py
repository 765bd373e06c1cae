"""Colleagues: they ask while they have reason to, wait as long as they were told to, and know what holds."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from simulator.drill.people import People, time_of_day
from simulator.drill.promises import promised
from simulator.errors import ScenarioError
from simulator.scenario import load_bytes
from simulator.scenario.texts import PeopleMessage
from simulator.units import HOUR, MINUTE, SECOND
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
        self.hurt = True
        nine = 9 * HOUR
        self.people = People(messages, cadence, self._hear, hurt=lambda _at: self.hurt, start_of_day=nine)

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


def test_after_a_word_people_wait_as_long_as_the_cadence_allows() -> None:
    """Told at minute 12, somebody with five minutes of patience asks at 22: the header allowed ten."""
    room = Room(NOOR)
    room.people.paged(0)
    room.until(7).people.told(7 * MINUTE, "We are on it.")
    room.until(12).people.told(12 * MINUTE, "Still on it.")
    room.until(40)
    assert [(5, "noor"), (22, "noor-2"), (32, "noor-3")] == room.times
    assert "is 10 minutes old" in room.said[1][2] and "your last word is 20 minutes old" in room.said[2][2]


@pytest.mark.parametrize(
    "promise", ["Next update at 09:25.", "Next update in 22 minutes.", "More by T+25:00."]
)
def test_nobody_asks_before_the_promised_time(promise: str) -> None:
    """A time that was promised is waited for, as a clock, as a stretch or as the drill's own clock."""
    room = Room(NOOR)
    room.people.paged(0)
    room.until(3).people.told(3 * MINUTE, f"Orders have failed since 09:00. {promise}")
    assert [(25, "noor")] == room.until(30).times


def test_a_time_that_is_no_promise_is_none() -> None:
    """When it began, when to try again, what is past or far off: none of them is when more will be said."""
    nine, now = 9 * HOUR, 10 * MINUTE
    for text in (
        "Orders fail since 09:04. We are on it.",
        "Please try again in 10 minutes.",
        "Update: it broke at 09:04.",
        "Next update at 23:30.",
        "Back to 99.95 % now.",
    ):
        assert promised(text, now, nine) is None, text
    assert 20 * MINUTE == promised("Fails since 09:04. Next update at 09:20.", now, nine)
    assert 15 * MINUTE == promised("You hear from us again in five minutes.", now, nine)
    assert 40 * MINUTE == promised("More in half an hour", now, nine)
    assert 9 * HOUR + 30 * MINUTE == time_of_day(datetime(2026, 7, 4, 9, 30, tzinfo=UTC))


@pytest.mark.parametrize("state", ["monitoring", "resolved"])
def test_it_works_again_and_the_status_page_says_so(state: str) -> None:
    """Then nobody asks any more, however long ago the word was."""
    room = Room(NOOR)
    room.people.paged(0)
    room.until(6).hurt = False
    room.people.told(6 * MINUTE, "It works again.", state=state)
    assert [(5, "noor")] == room.until(60).times


def test_who_was_not_told_that_it_works_again_asks_whether_it_is_over_once() -> None:
    """Nobody says that it fails who sees that it works; a word later, the question may come again."""
    room = Room(NOOR)
    room.people.paged(0)
    room.until(6).people.told(6 * MINUTE, "Found it.", state="identified")
    room.hurt = False
    room.until(40)
    assert [(5, "noor"), (16, "noor-2")] == room.times
    assert room.said[-1][2].endswith("Is it over, and may I say so?")
    room.people.told(40 * MINUTE, "We still look.", state="identified")
    assert (50, "noor-3") == room.until(60).times[-1]


def test_it_is_said_to_work_and_does_not() -> None:
    """Users know better than the status page: after the cadence somebody asks whether it still holds."""
    room = Room(NOOR)
    room.people.paged(0)
    room.until(3).people.told(3 * MINUTE, "All is well.", state="resolved")
    assert [(13, "noor")] == room.until(20).times
    assert "Does it still hold" in room.said[0][2]


def test_a_new_page_after_the_end_is_a_new_incident() -> None:
    """Before the first page there is nothing to ask; patience begins with the page, not with the old word."""
    room = Room(NOOR)
    room.until(20).people.paged(20 * MINUTE)
    room.until(23).people.told(23 * MINUTE, "Over.", state="resolved")
    room.hurt = False
    assert [] == room.until(60).times
    room.people.paged(60 * MINUTE)
    room.hurt = True
    assert [(65, "noor")] == room.until(66).times
    assert "What may I say?" == room.said[0][2]


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
    room.people.told(MINUTE, "Yes.")
    room.until(30)
    assert [(1, "m0"), (2, "m1"), (2, "m2")] == room.times


def test_what_no_longer_holds_is_not_said() -> None:
    """Cured and told before their minute: no complaint, no offer, no thanks; news stays."""
    lines = (
        somebody("still", afterPage="10m"),
        somebody("hurts", afterPage="4m", saidWhile="hurt"),
        somebody("news", afterPage="10m", saidWhile="always"),
        somebody("thanks", onceTold="1m"),
    )
    room = Room(*lines)
    room.people.paged(0)
    room.until(3).hurt = False
    room.people.told(3 * MINUTE, "It works again.", state="monitoring")
    assert [(10, "news")] == room.until(30).times


def test_whoever_was_answered_does_not_ask() -> None:
    """A message that names somebody is an answer to what they would ask; what they have to say, they say."""
    asks = somebody("asks", afterPage="4m", saidWhile="hurt").model_copy(update={"author": "Tobias, booking"})
    says = asks.model_copy(update={"id": "says", "text": "I have two machines."})
    room = Room(asks, says)
    room.people.paged(0)
    room.people.told(MINUTE, "Tobias, leave it as it is.")
    assert [(4, "says")] == room.until(20).times


def test_again_needs_patience() -> None:
    """Beside another trigger it would do nothing, so it is refused."""
    texts = _TEXTS.replace("unlessToldFor: 3m,", "at: 3m, again: [Hello?],")
    with pytest.raises(ScenarioError, match="expected unlessToldFor beside again"):
        load_bytes(_SCENARIO.encode(), texts.encode())
    texts = _TEXTS.replace("unlessToldFor: 3m,", "at: 3m, saidWhile: hurt,")
    with pytest.raises(ScenarioError, match="expected afterPage beside saidWhile"):
        load_bytes(_SCENARIO.encode(), texts.encode())


def test_a_run_without_news_hears_them_and_its_digest_does_not() -> None:
    """They are read in the channel; what counts for the digest is the world."""
    run = fresh()
    run.advance(12 * MINUTE)
    asked = [message.id for message in run.channel if message.kind == "people"]
    assert "noor-asks" == asked[0]
