"""The people inside the company who write into the channel, as the scenario has them.

They know only what they are told. Whoever the scenario gives patience asks once, when that much time has
passed since the first page or since the last word after it; others speak at a time, after the page, or once
they were told.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from simulator.scenario.texts import PeopleMessage


def short_name(author: str) -> str:
    """The word by which ``message`` addresses an author: ``noor`` for ``Noor, customer care``."""
    word = author.split(maxsplit=1)[0].strip(",.:") if author.split() else ""
    return word.lower()


class People:
    """Who will say what, and on which condition.

    Args:
        messages: The scenario's.
        speak: Puts a message into the channel: (id, author, text).
    """

    def __init__(self, messages: Iterable[PeopleMessage], speak: Callable[[str, str, str], object]) -> None:
        self._waiting = list(messages)
        self._speak = speak
        self._first_page: int | None = None
        self._first_word: int | None = None
        self._last_word: int | None = None
        self.names: tuple[str, ...] = tuple(
            dict.fromkeys(short_name(message.author) for message in self._waiting if message.author.strip())
        )

    def paged(self, at: int) -> None:
        """The pager rang."""
        if self._first_page is None:
            self._first_page = at

    def told(self, at: int) -> None:
        """A status post or a message went out; what was said before the first page is no news of it."""
        if self._first_page is None:
            return
        if self._first_word is None:
            self._first_word = at
        self._last_word = at

    def tick(self, at: int) -> None:
        """Let those speak whose moment has come; each speaks once."""
        due = [message for message in self._waiting if self._due(message, at)]
        for message in due:
            self._waiting.remove(message)
            self._speak(message.id, message.author, message.text)

    def _due(self, message: PeopleMessage, at: int) -> bool:
        if message.at is not None:
            return at >= message.at
        if message.after_page is not None:
            return self._first_page is not None and at - self._first_page >= message.after_page
        if message.once_told is not None:
            return self._first_word is not None and at - self._first_word >= message.once_told
        if message.unless_told_for is not None and self._first_page is not None:
            since = self._first_page if self._last_word is None else self._last_word
            return at - since >= message.unless_told_for
        return False
