"""The words of a drill: what a person did, what came back, what was said, and who listens."""

from __future__ import annotations

from dataclasses import dataclass, field
from textwrap import fill
from typing import TYPE_CHECKING, Final, Literal, Protocol

from simulator.errors import GamedayError
from simulator.units import format_clock

if TYPE_CHECKING:
    from simulator.drill.console.registry import Command
    from simulator.drill.run import Run
    from simulator.slo import Transition

#: What an act is to the incident. ``none``: it was not understood, or it touches nothing (help).
Kind = Literal["look", "change", "communicate", "wait", "none"]
#: What a timeline numbers: a thing changed, or somebody told. Lines of some programs tell but oneself.
DECISIONS: Final[tuple[Kind, ...]] = ("change", "communicate")
PRIVATE: Final[tuple[str, ...]] = ("hint", "note", "next")
#: Who adds to a drill from outside; an act of this actor is nobody's decision and no part of ``Run.acts``.
INSTRUCTOR: Final = "instructor"
#: ``lesson``: dangerous lines ask for a yes. ``game-day``: they land.
Mode = Literal["lesson", "game-day"]
MODES: Final[tuple[Mode, ...]] = ("lesson", "game-day")
#: Where a live clock that runs may be stopped. In a game day it runs to the end once it is started, for all
#: who play it alike; who thinks at leisure plays in turns.
PAUSABLE: Final[frozenset[Mode]] = frozenset({"lesson"})
MessageKind = Literal["page", "coach", "people", "status", "you", "system"]
#: How wide a notebook shows what somebody said: no half-screen breaks a word.
_COLUMNS: Final = 96
MarkerKind = Literal["deploy", "page", "resolved", "act", "status"]


@dataclass(frozen=True, slots=True)
class Act:
    """One line typed at one instant; a list of acts, a scenario, a variant and a seed are a whole run.

    Attributes:
        at: Nanoseconds since T+00:00. What lies strictly before it has happened, its own instant has not.
        line: As typed.
        actor: ``you``, the name of the player who typed it, or ``INSTRUCTOR``, whose line is JSON.
        role: In whose name it was typed where a team shares a screen (see ``Incident.typing``); mostly empty.
    """

    at: int
    line: str
    actor: str = "you"
    role: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """What the terminal printed for an act; ``str(answer)`` is exactly that: the text, and pages that rang.

    Attributes:
        line: As typed.
        text: The tool's output or its error, without a final newline.
        ok: Whether the line was understood and carried out.
        at: The instant at which it took effect.
        cost: Nanoseconds of simulated time that it took.
        kind: What it is to the incident.
        error: The same error in four parts, where there was one.
        canonical: The line in one spelling (see ``console.grammar``); empty where it was not understood.
        number: The act's number, from 1; 0 for what is no act: a blank line, a comment, a line after the end.
        rang: Pages that rang while the line's cost passed, as the terminal prints them below; mostly empty.
        unread: What others said in the channel; a notebook shows it under the answer, once.
    """

    line: str
    text: str
    ok: bool
    at: int
    cost: int = 0
    kind: Kind = "none"
    error: GamedayError | None = None
    canonical: str = ""
    number: int = 0
    rang: str = ""
    unread: Unread | None = field(default=None, compare=False, repr=False)

    @property
    def program(self) -> str:
        """The first word of the canonical line."""
        return self.canonical.partition(" ")[0]

    @property
    def decides(self) -> bool:
        """Whether it changed something or told somebody."""
        return self.ok and self.kind in DECISIONS and self.program not in PRIVATE

    @property
    def counts(self) -> bool:
        """Whether it was carried out and is no plain wait: what a timeline shows."""
        return self.ok and self.kind != "none" and self.program not in ("", "wait")

    def __str__(self) -> str:
        return "\n".join(filter(None, [self.text, self.rang])) if self.rang else self.text

    def _repr_pretty_(self, printer: Printer, cycle: bool) -> None:  # noqa: ARG002 - IPython's protocol
        """What a notebook shows: the terminal's text, and below it what was said and not yet shown."""
        said = self.unread.take() if self.unread is not None else []
        printer.text("\n\n".join(filter(None, [str(self), *map(spoken, said)])))


def spoken(message: Message) -> str:
    """A message as text: when, who, what, and a page's id for ``ack``; long words go on under the author."""
    clock = f"{format_clock(message.at)}  "
    page = f"{message.id} " if message.kind == "page" else ""
    return fill(
        f"{clock}{message.author}: {page}{message.text}", _COLUMNS, subsequent_indent=" " * len(clock)
    )


@dataclass(slots=True)
class Unread:
    """What was said in the channel and not yet shown to who plays in a notebook's cells.

    It is kept until an answer is displayed, so that nothing is lost where an answer is only printed.
    """

    messages: list[Message] = field(default_factory=list)

    def take(self) -> list[Message]:
        """All of it, oldest first; from now on it has been shown."""
        taken, self.messages = self.messages, []
        return taken


class Printer(Protocol):
    """The part of IPython's pretty printer that things use which show themselves as text."""

    def text(self, obj: str) -> None: ...


@dataclass(frozen=True, slots=True)
class Message:
    """One entry of the incident channel.

    Attributes:
        id: Unique within the run; coach's lines carry their rule's id.
        at: Nanoseconds.
        kind: Who speaks, as a class.
        author: Who speaks, by name.
        text: What they say.
        evidence: What it rests on: metric and time, or act numbers.
        acked_at: For a page: when it was acknowledged.
    """

    id: str
    at: int
    kind: MessageKind
    author: str
    text: str
    evidence: tuple[str, ...] = ()
    acked_at: int | None = None


@dataclass(frozen=True, slots=True)
class Marker:
    """A point in time worth a line on every chart; ``number`` is the act's where it is one."""

    at: int
    kind: MarkerKind
    text: str
    number: int = 0


@dataclass(frozen=True, slots=True)
class StatusPost:
    """One update of the public status page; ``state`` is one of ``channel.STATES``."""

    at: int
    state: str
    text: str


@dataclass(frozen=True, slots=True)
class Note:
    """Something the learner pinned for the debrief; ``act`` is the look that it followed, 0 for none."""

    at: int
    text: str
    act: int = 0


class Listener(Protocol):
    """Who watches a run. Listeners observe and ``say``; a replay without them gives the same bytes.

    ``on_page`` and ``after_scrape`` run inside the clock: ``say`` and ``interrupt`` are fine there, an act is
    not.
    """

    def before_act(self, run: Run, act: Act, command: Command | None) -> None:
        """An act is about to take effect; ``command`` is None where the line was not understood."""

    def after_act(self, run: Run, act: Act, answer: Answer) -> None:
        """The act took effect and its cost has passed."""

    def on_page(self, run: Run, transition: Transition) -> None:
        """An alert began to fire; the page is already in the channel."""

    def after_scrape(self, run: Run, at: int) -> None:
        """Fresh samples are in the store."""


class ListenerBase:
    """A listener that hears everything and does nothing: override what you need."""

    def before_act(self, run: Run, act: Act, command: Command | None) -> None:
        """See ``Listener``."""

    def after_act(self, run: Run, act: Act, answer: Answer) -> None:
        """See ``Listener``."""

    def on_page(self, run: Run, transition: Transition) -> None:
        """See ``Listener``."""

    def after_scrape(self, run: Run, at: int) -> None:
        """See ``Listener``."""
