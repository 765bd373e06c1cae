"""A page of James's as plain text and as Markdown: the same blocks in the same order."""

from __future__ import annotations

from string import ascii_lowercase
from textwrap import fill, wrap
from typing import Final

from simulator.coach.blocks import (
    Block,
    Diagram,
    Figure,
    Items,
    Labelled,
    Meter,
    Pageable,
    Quote,
    Scrubber,
    Table,
    Text,
)

_WIDTH: Final = 100
_BAR: Final = 20


def plain(made: Pageable) -> str:
    """The page for a terminal."""
    parts = [f"{made.title}\n{made.subtitle}"]
    for letter, section in zip(ascii_lowercase, made.sections, strict=False):
        body = "\n".join(text for block in section.blocks if (text := _plain(block)))
        parts.append(f"{letter}. {section.title}\n{'-' * (len(section.title) + 3)}\n{body}")
    return "\n\n".join(parts)


def _plain(block: Block) -> str:
    match block:
        case Text(text):
            return fill(text, _WIDTH)
        case Labelled(pairs):
            return "\n".join(
                fill(f"{label}: {words}", _WIDTH, subsequent_indent="  ") for label, words in pairs
            )
        case Items(items):
            return "\n".join(
                fill(item, _WIDTH, initial_indent="- ", subsequent_indent="  ") for item in items
            )
        case Quote(prompt, text):
            return fill(f"{prompt}: “{text}”" if text else f"{prompt}: …", _WIDTH, subsequent_indent="  ")
        case Table(fold=True) | Scrubber():
            return ""
        case Table(head, rows):
            return _columns(head, rows)
        case Figure():
            return ""  # its sentence stands beside it as text
        case Diagram(_, twin):
            return "\n".join(twin)
        case Meter(title, points, weight, reasons):
            filled = max(0, min(_BAR, round(points / 100 * _BAR)))
            bar = "█" * filled + "·" * (_BAR - filled)
            lines = [f"{title:<13} {bar} {points:6.1f}   counts {weight} %"]
            lines += [
                fill(
                    f"{mark + ': ' if mark else ''}{text}",
                    _WIDTH,
                    initial_indent="    ",
                    subsequent_indent="    ",
                )
                for mark, text in reasons
            ]
            return "\n".join(lines)


def _columns(head: tuple[str, ...], rows: tuple[tuple[str, ...], ...]) -> str:
    """Columns as wide as their longest word group; the longest column wraps."""
    widths = [max(len(row[i]) for row in (head, *rows)) for i in range(len(head))]
    longest = widths.index(max(widths))
    others = sum(widths) - widths[longest] + 2 * (len(widths) - 1)
    widths[longest] = min(widths[longest], max(30, _WIDTH + 20 - others))
    lines = []
    for row in (head, *rows):
        cells = [wrap(cell, widths[i]) or [""] if i == longest else [cell] for i, cell in enumerate(row)]
        for level in range(len(cells[longest])):
            texts = [
                (cell[level] if level < len(cell) else "").ljust(widths[i]) for i, cell in enumerate(cells)
            ]
            lines.append("  ".join(texts).rstrip())
    return "\n".join(lines)


def markdown(made: Pageable) -> str:
    """The page as Markdown."""
    parts = [f"# {made.title}", f"*{made.subtitle}*"]
    for section in made.sections:
        parts.append(f"## {section.title}")
        parts += [_markdown(block) for block in section.blocks]
    return "\n\n".join(part for part in parts if part) + "\n"


def _markdown(block: Block) -> str:
    match block:
        case Text(text, strong):
            return f"**{text}**" if strong else text
        case Labelled(pairs):
            return "\n".join(f"- **{label}:** {words}" for label, words in pairs)
        case Items(items):
            return "\n".join(f"- {item}" for item in items)
        case Quote(prompt, text):
            return f"{prompt}\n\n> {text or '…'}"
        case Scrubber():
            return _markdown(block.table)
        case Table(head, rows, caption):
            table = [_row(head), _row(("---",) * len(head)), *(_row(row) for row in rows)]
            return (f"*{caption}*\n\n" if caption else "") + "\n".join(table)
        case Figure():
            return ""
        case Diagram(mermaid, twin):
            return f"```mermaid\n{mermaid}\n```\n\n" + "\n".join(f"    {line}" for line in twin)
        case Meter(title, points, weight, reasons):
            lines = [f"- **{title}: {points:.1f}** (counts {weight} %)"]
            return "\n".join(
                [*lines, *(f"  - {mark + ': ' if mark else ''}{text}" for mark, text in reasons)]
            )


def _row(cells: tuple[str, ...]) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|").replace("\n", " ") for cell in cells) + " |"
