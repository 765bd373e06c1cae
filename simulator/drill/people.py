"""The people inside the company who write into the channel, as the scenario has them.

They know what they were told and what their own callers tell them. Whoever the scenario gives patience asks
when that much time has passed since the page. Once there was a word, they wait as long as the cadence allows
and as long as it promised; then they ask how it stands. When it works again and nobody said so, they ask
that, once; when the status page says so too, they are content. Others speak once: at a time, after the page
while it is still true, or once they were told.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from simulator.drill.promises import promised
from simulator.scenario import Scenario
from simulator.scenario.texts import PeopleMessage
from simulator.slo import Slo
from simulator.units import HOUR, MINUTE, SECOND

#: Users are hurt while this much of the allowance goes over one minute; the coach's recovery is the same.
HURT_BURN: Final = 3.0
HURT_WINDOW: Final = MINUTE
#: What stands on the status page of somebody who believes that it works again.
_SAYS_IT_WORKS: Final = ("monitoring", "resolved")


def short_name(author: str) -> str:
    """The word by which ``message`` addresses an author: ``noor`` for ``Noor, customer care``."""
    word = author.split(maxsplit=1)[0].strip(",.:") if author.split() else ""
    return word.lower()


def users_are_hurt(slos: Mapping[str, Slo], at: int) -> bool:
    """Whether any objective burns now and did a minute ago: one bad moment is no outage, nor one unknown."""
    return all(
        any(not slo.burn_rate(HURT_WINDOW, moment) < HURT_BURN for slo in slos.values())
        for moment in (at, at - HURT_WINDOW)
    )


def time_of_day(start: datetime) -> int:
    """What a clock on the wall shows at T+00:00, ns since midnight."""
    there = start if start.tzinfo is None else start.astimezone(UTC)
    return there.hour * HOUR + there.minute * MINUTE + there.second * SECOND


#: What somebody says who asks for the second time, and from the third on, where the scenario has no words.
_AGAIN: Final = (
    "Still nothing since I asked, and it is {minutes} minutes now. I can work with half an answer: what do "
    "you know, and when will you say more?",
    "{minutes} minutes without a word. I can't hold people off any longer with nothing in my hands. Who can "
    "tell me something, anything, in the next minute?",
    "{minutes} minutes. I have stopped asking what is wrong; I only ask who is on it, and until when I "
    "should tell people to wait.",
)
#: What somebody says who was told, when that is too long ago.
_STALE: Final = (
    "What I tell people is {minutes} minutes old, and they still write. Does it still hold, and what comes "
    "next?",
    "It goes on here, and your last word is {minutes} minutes old. When may I tell people more?",
    "{minutes} minutes since you wrote. Even 'nothing new, more at' and a time would help me.",
)
#: What somebody says to whom nobody has said that it works again.
_RECOVERED: Final = "No new complaints for some minutes. Is it over, and may I say so?"


@dataclass(slots=True)
class _Asker:
    """Somebody with patience: how often they have asked, for which reason, and when last."""

    message: PeopleMessage
    times: int = 0
    untold: int = 0
    stale: int = 0
    last: int | None = None
    asked_whether_over: bool = False


class People:
    """Who will say what, and on which condition.

    Args:
        messages: The scenario's.
        cadence: How often people should hear something, ns; nobody asks more often.
        speak: Puts a message into the channel: (id, author, text).
        hurt: Whether users are hurt at an instant.
        start_of_day: What a clock on the wall shows at T+00:00, ns since midnight.
    """

    def __init__(
        self,
        messages: Iterable[PeopleMessage],
        cadence: int,
        speak: Callable[[str, str, str], object],
        *,
        hurt: Callable[[int], bool],
        start_of_day: int = 0,
    ) -> None:
        listed = list(messages)
        self._waiting = [each for each in listed if each.unless_told_for is None]
        self._askers = [_Asker(each) for each in listed if each.unless_told_for is not None]
        self._cadence = cadence
        self._speak = speak
        self._hurt = hurt
        self._start_of_day = start_of_day
        self._first_page: int | None = None
        self._first_word: int | None = None
        self._patient_since: int | None = None
        self._last_word: int | None = None
        self._promise = 0
        self._state = ""
        self._written_to: set[str] = set()
        self.names: tuple[str, ...] = tuple(
            dict.fromkeys(short_name(message.author) for message in listed if message.author.strip())
        )

    def paged(self, at: int) -> None:
        """The pager rang. If it was over, something new has begun, and nobody has said a word of it."""
        if self._first_page is None:
            self._first_page = at
        if self._patient_since is None or self._state == "resolved":
            self._patient_since, self._last_word, self._promise, self._state = at, None, 0, ""
            for asker in self._askers:
                asker.untold = asker.stale = 0

    def told(self, at: int, text: str, *, to: str = "", state: str = "") -> None:
        """A status post or a message went out; what was said before the first page is no news of it.

        Args:
            at: ns.
            text: What it says; it may promise when more will come.
            to: Short name of whom a message is addressed to; empty for everybody.
            state: A status post's; empty for a message.
        """
        if self._first_page is None:
            return
        if self._first_word is None:
            self._first_word = at
        self._last_word, self._state = at, state or self._state
        self._promise = promised(text, at, self._start_of_day) or 0
        words = set(re.findall(r"\w+", text.lower()))
        self._written_to.update(name for name in self.names if name == to or name in words)
        for asker in self._askers:
            asker.asked_whether_over = False

    def tick(self, at: int) -> None:
        """Let those speak whose moment has come."""
        for message in [message for message in self._waiting if self._due(message, at)]:
            if self._holds(message, at):
                self._waiting.remove(message)
                self._speak(message.id, message.author, message.text)
            elif message.once_told is not None:
                self._waiting.remove(message)  # thanks for a word come at once or not at all
        for asker in self._askers:
            if self._may_ask(asker, at):
                self._ask(asker, at)

    # -- who waits for news ------------------------------------------------------------------------

    def _may_ask(self, asker: _Asker, at: int) -> bool:
        """Whether patience is at an end: their own, what the cadence allows, what was promised."""
        patience = asker.message.unless_told_for
        if self._patient_since is None or patience is None:
            return False
        longer = max(patience, self._cadence)
        if asker.last is not None and at - asker.last < longer:
            return False
        if self._last_word is None:
            return at - self._patient_since >= patience
        return at >= max(self._last_word + longer, self._promise)

    def _ask(self, asker: _Asker, at: int) -> None:
        """Ask what there is reason to ask: for a first word, for a newer one, or whether it is over."""
        message = asker.message
        if not self._hurt(at):
            if self._state in _SAYS_IT_WORKS or asker.asked_whether_over:
                return
            asker.asked_whether_over = True
            text = message.recovered or _RECOVERED
        elif self._last_word is None:
            text = _in_turn((message.text, *(message.again or _AGAIN)), asker.untold)
            asker.untold += 1
        else:
            text = _in_turn(message.stale or _STALE, asker.stale)
            asker.stale += 1
        since = self._patient_since if self._last_word is None else self._last_word
        asker.times, asker.last = asker.times + 1, at
        id_ = message.id if asker.times == 1 else f"{message.id}-{asker.times}"
        minutes = (at - (since or 0)) // MINUTE
        self._speak(id_, message.author, text.replace("{minutes}", str(minutes)))

    # -- who speaks once ---------------------------------------------------------------------------

    def _due(self, message: PeopleMessage, at: int) -> bool:
        if message.at is not None:
            return at >= message.at
        if message.after_page is not None:
            return self._first_page is not None and at - self._first_page >= message.after_page
        if message.once_told is not None:
            return self._first_word is not None and at - self._first_word >= message.once_told
        return False

    def _holds(self, message: PeopleMessage, at: int) -> bool:
        """Whether what somebody would say is still so."""
        if message.said_while == "hurt":
            asks = "?" in message.text
            return self._hurt(at) and not (asks and short_name(message.author) in self._written_to)
        if message.said_while == "always" or message.at is not None:
            return True
        return self._state not in _SAYS_IT_WORKS or self._hurt(at)


def people_of(
    scenario: Scenario, slos: Mapping[str, Slo], speak: Callable[[str, str, str], object]
) -> People:
    """The people of a scenario, who hear of the harm that its objectives measure.

    Args:
        scenario: As loaded.
        slos: Of the run.
        speak: Puts a message into the channel: (id, author, text).
    """
    return People(
        scenario.texts.people,
        scenario.coach.cadence,
        speak,
        hurt=lambda at: users_are_hurt(slos, at),
        start_of_day=time_of_day(scenario.spec.start_time),
    )


def _in_turn(texts: tuple[str, ...], place: int) -> str:
    """The texts in order; the last one from then on."""
    return texts[min(place, len(texts) - 1)]
