"""What James's pages are made of: a few kinds of block, so that all formats say the same."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Text:
    """A paragraph; ``strong`` for the one sentence that matters."""

    text: str
    strong: bool = False


@dataclass(frozen=True, slots=True)
class Labelled:
    """Pairs of a label and its words, such as observation, concern, question."""

    pairs: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Items:
    """A list."""

    items: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Quote:
    """The learner's own words, or an empty line to write them on."""

    prompt: str
    text: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    """Rows under a head; ``fold`` hides it behind a click where that is possible.

    ``minor`` are the places of rows that a page with folds shows only in the whole table, behind a click.
    """

    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    caption: str = ""
    fold: bool = False
    minor: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Figure:
    """A drawing as SVG, with one sentence that says what it shows."""

    svg: str
    sentence: str


@dataclass(frozen=True, slots=True)
class Meter:
    """A line of the score: points on a scale, and the reasons."""

    title: str
    points: float
    weight: int
    reasons: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Diagram:
    """A drawing as Mermaid source, which JupyterLab renders by itself, and its twin in words."""

    mermaid: str
    twin: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Frame:
    """The console at one instant.

    Attributes:
        label: The instant, such as ``T+07:00``.
        pairs: What stood there, by the part of the console; the same parts in every frame.
        screen: The end of the terminal.
    """

    label: str
    pairs: tuple[tuple[str, str], ...]
    screen: str


@dataclass(frozen=True, slots=True)
class Scrubber:
    """Frames of which one is shown: by a slider where a page can have one, else as a table.

    Attributes:
        sentence: What it is, in one sentence.
        frames: In order of time; at least one.
        first: Which is shown first, from 0.
    """

    sentence: str
    frames: tuple[Frame, ...]
    first: int = 0

    @property
    def table(self) -> Table:
        """The twin: a row a frame."""
        head = ("Time", *(label for label, _ in self.frames[0].pairs), "Terminal")
        rows = tuple(
            (frame.label, *(words for _, words in frame.pairs), frame.screen.splitlines()[0])
            for frame in self.frames
        )
        return Table(head, rows, self.sentence, fold=True)


Block = Scrubber | Text | Labelled | Items | Quote | Table | Figure | Meter | Diagram


@dataclass(frozen=True, slots=True)
class Section:
    """One part of a page.

    Attributes:
        key: Its name for programs; a debrief's are ``account``, ``timeline``, ``decision``, ``what-if``,
            ``went-right``, ``rule``, ``next`` and ``score``.
        title: For people.
        blocks: What it says.
    """

    key: str
    title: str
    blocks: tuple[Block, ...]


class Pageable(Protocol):
    """What the renderers need of a debrief, a design, a runbook, a postmortem."""

    @property
    def title(self) -> str: ...
    @property
    def subtitle(self) -> str: ...
    @property
    def sections(self) -> tuple[Section, ...]: ...
