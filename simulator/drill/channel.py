"""The incident channel: everything that was said, in order, and the status page."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from simulator.drill.acts import Message, MessageKind, StatusPost

#: Whose words a learner has not written themselves.
OTHERS: Final[tuple[MessageKind, ...]] = ("page", "coach", "people", "system")
#: The states of a public status page, in the order of an incident's life.
STATES: Final = ("investigating", "identified", "monitoring", "resolved")
#: The states of a part of the system on it, as status pages call them.
PART_STATES: Final = ("operational", "degraded", "partial-outage", "major-outage")


class Channel:
    """What pages, people, the coach and the learner said. Grows only; a page may be acknowledged."""

    def __init__(self) -> None:
        self._messages: list[Message] = []
        self._read: set[str] = set()

    def __iter__(self) -> Iterator[Message]:
        return iter(self._messages)

    def __len__(self) -> int:
        return len(self._messages)

    def __getitem__(self, index: int) -> Message:
        return self._messages[index]

    @property
    def messages(self) -> tuple[Message, ...]:
        """All messages, oldest first."""
        return tuple(self._messages)

    def post(
        self,
        at: int,
        kind: MessageKind,
        author: str,
        text: str,
        *,
        id: str = "",  # noqa: A002 - what it is called everywhere
        evidence: tuple[str, ...] = (),
    ) -> Message:
        """Add a message; without an id it gets ``<kind>-<count>``."""
        message = Message(id or f"{kind}-{len(self._messages) + 1}", at, kind, author, text, evidence)
        self._messages.append(message)
        return message

    def was_read(self, message: Message) -> bool:
        """Whether an answer of the console has printed this message."""
        return message.id in self._read

    def read(self, since: int = 0, *, pages: bool = False) -> list[Message]:
        """What others said from T+00:00 on and no answer has printed yet, oldest first; now it is read.

        Args:
            since: Place in the channel from which on words are taken; a page is taken wherever it stands.
            pages: Take pages alone.
        """
        taken = [
            message
            for place, message in enumerate(self._messages)
            if message.kind in OTHERS
            and message.at >= 0
            and not self.was_read(message)
            and (message.kind == "page" or (place >= since and not pages))
        ]
        self._read.update(message.id for message in taken)
        return taken

    def read_all(self) -> list[Message]:
        """Everything that was ever said, the learner's own words too, oldest first; now it is read."""
        self._read.update(message.id for message in self._messages)
        return list(self._messages)

    def acknowledge(self, name: str, at: int) -> None:
        """Mark the page of this id as seen at ``at``; a page stays acknowledged from the first time on."""
        for index, message in enumerate(self._messages):
            if message.id == name and message.acked_at is None:
                self._messages[index] = replace(message, acked_at=at)


class StatusPage:
    """What the public reads.

    Attributes:
        posts: Updates, oldest first.
        parts: The state of each part that was ever marked, by name.
    """

    def __init__(self) -> None:
        self.posts: list[StatusPost] = []
        self.parts: dict[str, str] = {}

    @property
    def current(self) -> StatusPost | None:
        """The newest post, or None while the page says nothing."""
        return self.posts[-1] if self.posts else None

    def post(self, at: int, state: str, text: str) -> StatusPost:
        """Publish an update; ``state`` is one of ``STATES``."""
        post = StatusPost(at, state, text)
        self.posts.append(post)
        return post
