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
    """Rows under a head; ``fold`` hides it behind a click where that is possible."""

    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    caption: str = ""
    fold: bool = False


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


Block = Text | Labelled | Items | Quote | Table | Figure | Meter | Diagram


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
