"""A page of James's as HTML: a fragment for a notebook, or one file that asks nothing of the network.

Headings, lists, tables with scopes and captions, drawings with a sentence and a table twin; light and dark by
the reader's system, or by JupyterLab's theme inside a notebook. No script.
"""

from __future__ import annotations

import re
from dataclasses import replace
from html import escape
from typing import Final

from simulator.coach.blocks import (
    Block,
    Diagram,
    Figure,
    Frame,
    Items,
    Labelled,
    Meter,
    Pageable,
    Quote,
    Scrubber,
    Table,
    Text,
)
from simulator.coach.style import style

#: An address in angle brackets, escaped: Markdown's way to make a link of it.
_ADDRESS: Final = re.compile(r"&lt;(https://[^\s&<>\"']+(?:&amp;[^\s&<>\"']+)*)&gt;")


def page(made: Pageable, *, kind: str = "debrief") -> str:
    """One HTML file; ``kind`` is a word for its title."""
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        f"<title>{escape(made.title)}: {escape(kind)}</title>"
        "<style>html{color-scheme:light dark}body{margin:0;background:#fff}"
        "@media (prefers-color-scheme:dark){body{background:#111}}.gd-debrief{margin:0 auto}</style>"
        f"</head><body><main>{fragment(made)}</main></body></html>"
    )


def fragment(made: Pageable) -> str:
    """The page for a notebook's output: its own style, nothing that leaks out of it."""
    parts = [f"<style>{style()}</style>", '<article class="gd-debrief">']
    parts.append(f'<h1>{escape(made.title)}</h1><p class="sub">{escape(made.subtitle)}</p>')
    for number, section in enumerate(made.sections, start=1):
        parts.append(f'<section><h2><span aria-hidden="true">{number}</span>{escape(section.title)}</h2>')
        parts += [_html(block, section.key == "decision") for block in section.blocks]
        parts.append("</section>")
    return "".join([*parts, "</article>"])


def _html(block: Block, asks: bool) -> str:
    match block:
        case Text(text, True):
            return (
                f'<p class="ask">{_inline(text)}</p>' if asks else f"<p><strong>{_inline(text)}</strong></p>"
            )
        case Text(text):
            return f"<p>{_inline(text)}</p>"
        case Labelled(pairs):
            return "<dl>" + "".join(f"<dt>{escape(k)}</dt><dd>{_inline(v)}</dd>" for k, v in pairs) + "</dl>"
        case Items(items):
            return "<ul>" + "".join(f"<li>{_inline(item)}</li>" for item in items) + "</ul>"
        case Quote(prompt, ""):
            return f'<p class="mut">{_inline(prompt)} <em>Not written yet.</em></p>'
        case Quote(prompt, text):
            return f'<p class="mut">{_inline(prompt)}</p><blockquote>{_inline(text)}</blockquote>'
        case Table():
            return _table(block)
        case Scrubber():
            return _scrubber(block)
        case Figure(svg):
            return svg
        case Meter():
            return _meter(block)
        case Diagram(_, twin):
            return f"<pre>{escape(chr(10).join(twin))}</pre>"


def _table(table: Table) -> str:
    if table.minor:
        major = tuple(row for place, row in enumerate(table.rows) if place not in table.minor)
        caption = f"{table.caption}; without the {len(table.minor)} looks, which the whole table has"
        whole = replace(table, caption=f"{table.caption}, looks too", fold=True, minor=frozenset())
        return _table(replace(table, rows=major, caption=caption, minor=frozenset())) + _table(whole)
    head = "".join(f'<th scope="col">{escape(cell)}</th>' for cell in table.head)
    rows = "".join("<tr>" + "".join(_cell(cell) for cell in row) + "</tr>" for row in table.rows)
    caption = f"<caption>{escape(table.caption)}</caption>" if table.caption and not table.fold else ""
    body = (
        f'<div class="wide"><table>{caption}<thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table></div>'
    )
    return (
        f"<details><summary>Table: {escape(table.caption)}</summary>{body}</details>" if table.fold else body
    )


def _scrubber(block: Scrubber) -> str:
    """Radio buttons that look like a ruler: arrow keys move through time, and no script is needed."""
    shown = [
        f".gd-debrief .scrub input:nth-of-type({place}):checked~.panes>:nth-child({place})"
        for place in range(1, len(block.frames) + 1)
    ]
    ticks = "".join(
        f'<input type="radio" name="minute" aria-label="{escape(frame.label)}" title="{escape(frame.label)}"'
        f"{' checked' if place == block.first else ''}>"
        for place, frame in enumerate(block.frames)
    )
    panes = "".join(_frame(frame) for frame in block.frames)
    return (
        f"<style>{','.join(shown)}{{display:block}}</style>"
        f'<form class="scrub"><fieldset><legend>{escape(block.sentence)}</legend>{ticks}'
        f'<div class="panes">{panes}</div></fieldset></form>'
    )


def _frame(frame: Frame) -> str:
    pairs = "".join(f"<dt>{escape(label)}</dt><dd>{_inline(words)}</dd>" for label, words in frame.pairs)
    return (
        f"<div><strong>{escape(frame.label)}</strong><dl>{pairs}</dl><pre>{escape(frame.screen)}</pre></div>"
    )


def _cell(text: str) -> str:
    """Short cells (times, names, numbers) do not break."""
    tight = ' class="tight"' if len(text) < 32 else ""
    return f"<td{tight}>{_inline(text)}</td>"


def _meter(meter: Meter) -> str:
    width = max(0.0, min(100.0, meter.points))
    reasons = "".join(
        f"<li>{f'<strong>{escape(mark)}</strong>: ' if mark else ''}{_inline(text)}</li>"
        for mark, text in meter.reasons
    )
    return (
        f'<div class="meter"><strong>{escape(meter.title)}</strong>'
        f'<span class="bar" aria-hidden="true"><i style="width:{width:.0f}%"></i></span>'
        f'<span>{meter.points:.1f}</span><span class="mut">counts {meter.weight} %</span></div>'
        f'<ul class="why">{reasons}</ul>'
    )


def _inline(text: str) -> str:
    """Text with ``code`` in backticks, and addresses in angle brackets, as Markdown has them, as links."""
    coded = re.sub(r"`([^`]+)`", r"<code>\1</code>", escape(text))
    return re.sub(
        r"&lt;(https://[^\s&<>\"']+(?:&amp;[^\s&<>\"']+)*)&gt;",
        r'<a href="\1" rel="noreferrer">\1</a>',
        coded,
    )
