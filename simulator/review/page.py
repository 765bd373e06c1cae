"""A review as HTML for a notebook: the score, the points, and each finding to be opened."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape
from typing import Final

from simulator.review.findings import Finding
from simulator.review.model import Review
from simulator.review.verdicts import Verdict
from simulator.review.writing import TITLES, mark, summary

_STYLE: Final = (
    "<style>"
    ".gd-review{line-height:1.45;max-width:60em}"
    ".gd-review table{border-collapse:collapse;margin:.4em 0 1em}"
    ".gd-review td{text-align:left;padding:.15em .8em .15em 0;vertical-align:top}"
    ".gd-review td.s{font-variant-numeric:tabular-nums;white-space:nowrap}"
    ".gd-review .why{opacity:.8}"
    ".gd-review details{margin:.15em 0 .15em 1em}"
    ".gd-review summary{cursor:pointer}"
    ".gd-review pre{overflow-x:auto;padding:.5em;border:1px solid;border-radius:4px;margin:.3em 0}"
    "</style>"
)


def as_html(review: Review) -> str:
    """The review for a notebook. It needs no script and loads nothing; the text twin says the same."""
    parts = [_STYLE, '<div class="gd-review">', f"<p><strong>{escape(summary(review))}</strong></p>"]
    parts += _table(review)
    for verdict in review.verdicts:
        if verdict.findings:
            parts.append(f"<p><strong>{escape(_capital(verdict.point.asks))}</strong></p>")
            parts += [_finding(each) for each in verdict.findings]
    parts.append(f"<p>{'<br>'.join(escape(line) for line in _looked(review))}</p></div>")
    return "".join(parts)


def _table(review: Review) -> Iterator[str]:
    yield "<table><tbody>"
    group = ""
    for verdict in review.verdicts:
        if verdict.point.group == "rest" and not verdict.findings:
            continue
        if verdict.point.group != group:
            group = verdict.point.group
            yield f'<tr><td colspan="3"><strong>{escape(TITLES[verdict.point.group])}</strong></td></tr>'
        yield (
            f'<tr><td class="s">{escape(mark(verdict).strip())}</td><td>{escape(verdict.point.asks)}</td>'
            f'<td class="why">{escape(_state(verdict))}</td></tr>'
        )
    yield "</tbody></table>"


def _state(verdict: Verdict) -> str:
    """What the table says behind a point."""
    count = len(verdict.findings)
    words = f"{count} finding{'s' if count != 1 else ''}" if count else ""
    if verdict.state == "not looked at":
        words = "not looked at"
    return ": ".join(filter(None, (words, "; ".join(verdict.reasons))))


def _finding(finding: Finding) -> str:
    link = finding.link
    name = escape(f"{finding.tool}: {finding.rule}")
    said = f'<a href="{escape(link)}">{name}</a>' if link.startswith("https://") else name
    diff = f"<pre>{escape(finding.diff)}</pre>" if finding.diff else ""
    return (
        f"<details><summary><code>{escape(finding.where)}</code> [{finding.severity}] {escape(finding.what)}"
        f"</summary><p>{escape(finding.why)}</p><p>{escape(finding.todo)}</p>{diff}<p>Said by {said}</p>"
        "</details>"
    )


def _looked(review: Review) -> Iterator[str]:
    for answer in review.answers:
        if answer.state in ("missing", "failed"):
            yield f"{answer.name} did not look: {answer.note}"
    for each in review.unread:
        yield f"Not read: {each.file}: {each.reason}"
    for file, line, text in review.exceptions:
        yield f"Silenced by a comment: {file}:{line} {text}"


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
