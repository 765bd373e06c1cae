"""The people inside the company who write into the channel, as the scenario has them.

They know only what they are told. Whoever the scenario gives patience asks when that much time has passed
since the first page or since the last word after it, and asks again, less patiently, as long as no news
comes: at most once in the scenario's cadence, and no more once the status page says that it is over. Others
speak once: at a time, after the page, or once they were told.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Final

from simulator.scenario.texts import PeopleMessage
from simulator.units import MINUTE


def short_name(author: str) -> str:
    """The word by which ``message`` addresses an author: ``noor`` for ``Noor, customer care``."""
    word = author.split(maxsplit=1)[0].strip(",.:") if author.split() else ""
    return word.lower()


#: What somebody says who asks for the second time, and from the third on, where the scenario has no words.
_AGAIN: Final = (
    "Still nothing since I asked, and it is {minutes} minutes now. I can work with half an answer: what do "
    "you know, and when will you say more?",
    "{minutes} minutes without a word. I can't hold people off any longer with nothing in my hands. Who can "
    "tell me something, anything, in the next minute?",
    "{minutes} minutes. I have stopped asking what is wrong; I only ask who is on it, and until when I "
    "should tell people to wait.",
)


@dataclass(slots=True)
class _Asker:
    """Somebody with patience: how often they have asked, and when last."""

    message: PeopleMessage
    times: int = 0
    last: int = 0


class People:
    """Who will say what, and on which condition.

    Args:
        messages: The scenario's.
        cadence: How often people should hear something, ns; nobody asks more often.
        speak: Puts a message into the channel: (id, author, text).
    """

    def __init__(
        self,
        messages: Iterable[PeopleMessage],
        cadence: int,
        speak: Callable[[str, str, str], object],
    ) -> None:
        listed = list(messages)
        self._waiting = [each for each in listed if each.unless_told_for is None]
        self._askers = [_Asker(each) for each in listed if each.unless_told_for is not None]
        self._cadence = cadence
        self._speak = speak
        self._first_page: int | None = None
        self._first_word: int | None = None
        self._last_word: int | None = None
        self._over = False
        self.names: tuple[str, ...] = tuple(
            dict.fromkeys(short_name(message.author) for message in listed if message.author.strip())
        )

    def paged(self, at: int) -> None:
        """The pager rang; what was over is not any more."""
        self._over = False
        if self._first_page is None:
            self._first_page = at

    def told(self, at: int, *, over: bool | None = None) -> None:
        """A status post or a message went out; what was said before the first page is no news of it.

        Args:
            at: ns.
            over: Whether a status post says that it is over; None for a message, which says nothing of it.
        """
        if self._first_page is None:
            return
        if self._first_word is None:
            self._first_word = at
        self._last_word = at
        self._over = self._over if over is None else over

    def tick(self, at: int) -> None:
        """Let those speak whose moment has come."""
        for message in [message for message in self._waiting if self._due(message, at)]:
            self._waiting.remove(message)
            self._speak(message.id, message.author, message.text)
        for asker in self._askers:
            self._ask(asker, at)

    def _ask(self, asker: _Asker, at: int) -> None:
        """Ask, or ask again, if it is time and nobody has said that it is over."""
        message, patience = asker.message, asker.message.unless_told_for
        if self._first_page is None or patience is None or self._over:
            return
        since = self._first_page if self._last_word is None else self._last_word
        if at - since < patience or (asker.times and at - asker.last < max(patience, self._cadence)):
            return
        asker.times, asker.last = asker.times + 1, at
        texts = (message.text, *(message.again or _AGAIN))
        text = texts[min(asker.times, len(texts)) - 1]
        id_ = message.id if asker.times == 1 else f"{message.id}-{asker.times}"
        self._speak(id_, message.author, text.replace("{minutes}", str((at - since) // MINUTE)))

    def _due(self, message: PeopleMessage, at: int) -> bool:
        if message.at is not None:
            return at >= message.at
        if message.after_page is not None:
            return self._first_page is not None and at - self._first_page >= message.after_page
        if message.once_told is not None:
            return self._first_word is not None and at - self._first_word >= message.once_told
        return False
