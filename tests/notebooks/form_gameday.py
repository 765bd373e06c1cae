"""The form of game days and of the guide for facilitators: less than a lesson's, and a rule of their own.

A game day gives nothing away: it names no incident, asks for no check and no hint, and ends with a page and a
file. The guide has its sections in order and injects something.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

import nbformat

from simulator.scenario import catalog
from tests.notebooks.course import Cell, cells
from tests.notebooks.form import (
    LONGEST_CODE,
    Finding,
    Rule,
    calm_prose,
    code_is_plain,
    stripped,
    three_verbs,
    title_is_a_claim,
    valid_file,
)

WORDS = range(500, 1801)
#: Tags of a game day in the order in which they stand.
TAGS = ("exercise:ticket", "exercise:drill", "exercise:account")
SECTIONS = 10


def findings(notebook: nbformat.NotebookNode, *, guide: bool = False) -> list[Finding]:
    """Everything that is wrong with a game day, or with the guide for facilitators."""
    return [finding for rule in (*COMMON, *(GUIDE if guide else GAMEDAY)) for finding in rule(notebook)]


def sizes(notebook: nbformat.NotebookNode) -> Iterator[Finding]:
    """500 to 1,800 words, no empty cell, none of code over twelve lines."""
    all_cells = cells(notebook)
    words = sum(cell.words for cell in all_cells)
    if words not in WORDS:
        yield Finding(0, f"{words} words, not {WORDS.start} to {WORDS.stop - 1}")
    for cell in all_cells:
        if not cell.lines:
            yield Finding(cell.number, "an empty cell")
        if cell.kind == "code" and cell.lines > LONGEST_CODE:
            yield Finding(cell.number, f"{cell.lines} lines of code, over {LONGEST_CODE}")


def gives_nothing_away(notebook: nbformat.NotebookNode) -> Iterator[Finding]:
    """No incident's name or title, no hint and no check: the number alone says what is played."""
    for cell in cells(notebook):
        for words in _names():
            if words in cell.source:
                yield Finding(cell.number, f"{words!r} names an incident")
        if cell.kind == "code" and re.search(r"\.(hint|check|start)\(", cell.source):
            yield Finding(cell.number, "a game day has no hint, no check, and starts by its number alone")


@lru_cache
def _names() -> tuple[str, ...]:
    """What would give an incident away; the lessons that a reader knows already are none."""
    entries = [each for each in catalog() if each.labels["level"] not in ("0", "1")]
    return tuple(word for each in entries for word in (each.name, each.title))


def game_day_parts(notebook: nbformat.NotebookNode) -> Iterator[Finding]:
    """The number, the play, the account, then the results page, saved; questions, and where to go on."""
    all_cells = cells(notebook)
    tags = [tag for cell in all_cells for tag in cell.tags]
    if tags != list(TAGS):
        yield Finding(0, f"the tags are {', '.join(TAGS)}, in this order; found {', '.join(tags) or 'none'}")
    code = [cell for cell in all_cells if cell.kind == "code"]
    order = ("sim.game_day(", "account = (", "page = drill.results(", "page.save(")
    places = [_first(code, words) for words in order]
    for words, place in zip(order, places, strict=True):
        if not place:
            yield Finding(0, f"no cell of code has {words!r}")
    if places != sorted(places):
        yield Finding(0, f"the order is {', '.join(order)}")
    prose = "\n".join(cell.source for cell in all_cells if cell.kind == "markdown")
    if not re.search(r"1\. What did (you|each of you) believe at minute \d+, and on what evidence\?", prose):
        yield Finding(0, "the first question: what did you believe at minute N, and on what evidence?")
    if "certif" not in prose:
        yield Finding(0, "it says that its page is no certificate")
    if not all_cells[-1].source.startswith("## Next"):
        yield Finding(len(all_cells), "the last cell says where to go on")


def _first(code: list[Cell], words: str) -> int:
    return next((cell.number for cell in code if words in cell.source), 0)


def guide_parts(notebook: nbformat.NotebookNode) -> Iterator[Finding]:
    """Sections 1 to 10, both agendas, an inject of each kind, and the report of a class."""
    prose = "\n".join(cell.source for cell in cells(notebook) if cell.kind == "markdown")
    steps = re.findall(r"^## (\d+)\. ", prose, re.MULTILINE)
    if steps != [str(number) for number in range(1, SECTIONS + 1)]:
        yield Finding(0, f"the sections are 1 to {SECTIONS} in order, not {', '.join(steps)}")
    for words in ("**Half a day", "**A whole day", "gameday report ", "gameday facilitate", "projector"):
        if words not in prose:
            yield Finding(0, f"no {words!r}")
    code = "\n".join(cell.source for cell in cells(notebook) if cell.kind == "code")
    for kind in ("message", "chaos", "line"):
        if not re.search(rf'\.inject\(\{{"{kind}"', code):
            yield Finding(0, f"no inject of kind {kind}")


COMMON: tuple[Rule, ...] = (
    valid_file, stripped, sizes, code_is_plain, title_is_a_claim, three_verbs, calm_prose,
)  # fmt: skip
GAMEDAY: tuple[Rule, ...] = (gives_nothing_away, game_day_parts)
GUIDE: tuple[Rule, ...] = (guide_parts,)
