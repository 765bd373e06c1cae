"""A postmortem's draft out of the journal: what the log knows is filled in, what only people know is asked.

It never names a cause: contributing factors are questions, each with what the log has to say about it. What
was written is checked by ``blameless``, and never graded.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from simulator.coach import blameless
from simulator.coach.blocks import Items, Quote, Section, Table, Text
from simulator.coach.chronicle import Timeline, chronicle
from simulator.coach.documents import Document
from simulator.coach.drift import drift
from simulator.coach.findings import went_right
from simulator.errors import GamedayError
from simulator.slo import user_minutes_bad
from simulator.units import MINUTE, format_clock, format_duration

if TYPE_CHECKING:
    from simulator.coach.coach import Coach
    from simulator.drill.run import Run

#: A release this long before the first harm is worth a question.
_SUSPECT_BEFORE: Final = 15 * MINUTE


@dataclass(frozen=True, slots=True)
class Postmortem(Document):
    """A draft; ``check`` reads what became of it."""

    def check(self, text: str | Path = "") -> blameless.Checklist:
        """Blameless words and completeness.

        Args:
            text: The finished postmortem as Markdown, or the path of such a file; empty checks the draft
                itself, which lacks all that only people know.

        Raises:
            GamedayError: The file can't be read.
        """
        if not isinstance(text, Path) and ("\n" in text or not text):
            return blameless.check(text or self.markdown())
        try:
            return blameless.check(Path(text).read_text(encoding="utf-8"))
        except (OSError, UnicodeDecodeError) as error:
            raise GamedayError(
                f"check({str(text)!r})",
                expected="a Markdown text, or the path of such a file",
                got=str(error),
                todo="Save the draft first: drill.postmortem().save('postmortem.md').",
            ) from None

    def notebook(self) -> dict[str, Any]:
        """The draft as a notebook, a cell a part: for those who go on with charts of their own."""
        v4 = _nbformat()
        head, *parts = self.markdown().split("\n\n## ")
        texts = [head, *(f"## {part.strip()}" for part in parts)]
        # Without an id of ours nbformat would draw one at random.
        cells = [v4.new_markdown_cell(text, id=f"part-{number}") for number, text in enumerate(texts)]
        made: dict[str, Any] = v4.new_notebook(cells=cells)
        return made

    def save(self, path: str | Path) -> Path:
        """Write it to a file: ``.md``, ``.html``, or ``.ipynb`` as a notebook; an existing file is replaced.

        Raises:
            GamedayError: Another ending, or a place that can't be written.
        """
        target = Path(path)
        if target.suffix != ".ipynb":
            return Document.save(self, target)
        return self.write(target, _nbformat().writes(self.notebook()))


def _nbformat() -> Any:
    """Version 4 of nbformat, untyped; loading it takes seconds, since it builds a grammar of addresses."""
    from nbformat import v4

    return v4


def postmortem(run: Run, coach: Coach) -> Postmortem:
    """The draft for a run as it stands."""
    told = chronicle(run, coach)
    title = run.incident.title or run.scenario.metadata.title
    severity = f"{run.incident.severity}, " if run.incident.severity else ""
    return Postmortem(
        kind="postmortem",
        title=f"Postmortem: {title}",
        subtitle=f"{severity}draft from the log of {run.scenario.metadata.name}, seed {run.seed}, until "
        f"{format_clock(run.now)}. Blameless: it asks what, never who.",
        sections=(
            Section("impact", "Impact", (Items(tuple(_impact(run, told))),)),
            Section("detection", "Detection and response", (_times(run, coach, told),)),
            _timeline(told),
            Section("factors", "Contributing factors", tuple(_factors(run, coach, told))),
            _well(run, coach),
            Section(
                "luck",
                "Where we got lucky",
                (Quote("What was only luck this time, and what would it look like without?"), Items(("…",))),
            ),
            _actions(run),
        ),
    )


# --- parts ----------------------------------------------------------------------------------------


def _impact(run: Run, told: Timeline) -> Iterator[str]:
    users = user_minutes_bad(run.telemetry, run.now)
    yield f"{users:,} user-minutes in which requests of users failed or were slower than promised."
    for slo in run.slos.values():
        spent = 100 * slo.spent_in_drill(run.now)
        yield (
            f"{slo.objective.title or slo.objective.name}: {spent:.1f} % of the {slo.objective.window_text} "
            "error "
            f"budget; {100 * slo.budget_left(run.now).share_left:.1f} % is left."
        )
    for start, end in told.burning:
        yield (
            f"Users were not served as promised from {format_clock(start)} to {format_clock(end)} "
            f"({format_duration(end - start)})."
        )


def _times(run: Run, coach: Coach, told: Timeline) -> Table:
    case = coach.case
    began = told.burning[0][0] if told.burning else None
    page = case.paged_at
    acked = run.pager.pages[0].acked_at if run.pager.pages else None
    change = next((deed.at for deed in case.deeds if deed.ok and deed.kind == "change"), None)
    eased = case.calms[-1].start if case.calms and case.calms[-1].end is None else None
    word = next((post.at for post in run.status_page.posts), None)
    rows = (
        ("Time to detect", "from the first harm to the first page", _span(began, page)),
        ("Time to acknowledge", "from the page to somebody who has it", _span(page, acked)),
        ("Time to the first word", "from the page to the status page", _span(page, word)),
        ("Time to the first change", "from the page to the first change", _span(page, change)),
        ("Time to mitigate", "from the first harm to users served again", _span(began, eased)),
    )
    return Table(("Measure", "What it counts", "Here"), rows)


def _span(start: int | None, end: int | None) -> str:
    if start is None or end is None:
        return "not in this run"
    return format_duration(end - start) if end >= start else f"{format_duration(start - end)} before"


def _timeline(told: Timeline) -> Section:
    rows = tuple(
        (format_clock(row.at), row.lane, row.text, row.visible) for row in told.rows if row.lane != "James"
    )
    return Section(
        "timeline",
        "Timeline",
        (Text(told.sentence), Table(("Time", "Where", "What", "On the screen"), rows)),
    )


def _factors(run: Run, coach: Coach, told: Timeline) -> Iterator[Quote | Items | Text]:
    """Questions, never answers: no incident has one cause, and the log knows none of them."""
    yield Text("At least two. Each ends in something that could be changed.")
    case = coach.case
    began = told.burning[0][0] if told.burning else None
    page = case.paged_at
    if began is not None:
        for marker in run.markers:
            if marker.kind == "deploy" and began - _SUSPECT_BEFORE <= marker.at <= began:
                yield Quote(
                    f"{marker.text} went out at {format_clock(marker.at)}, "
                    f"{format_duration(began - marker.at)} before the first harm. If it has to do with it: "
                    "what let it reach everybody? If not: what made it look so?"
                )
    if began is not None and page is not None and page > began:
        yield Quote(
            f"{format_duration(page - began)} passed from the first harm to the first page. Which signal "
            "showed it sooner, and who would have had to look?"
        )
    tried = [deed for deed in case.deeds if deed.ok and deed.kind == "change" and deed.actor != "james"]
    if len(tried) > 1:
        yield Quote(
            f"{len(tried)} changes were made under pressure. What would have told after the first whether "
            "it works?"
        )
    for hypothesis in run.incident.hypotheses:
        if hypothesis.verdict == "refuted":
            yield Quote(
                f"{hypothesis.id} ({hypothesis.text}) was refuted. What made it plausible for so long?"
            )
    yield Items(("…", "…"))


def _well(run: Run, coach: Coach) -> Section:
    found = went_right(coach.case, run.now)
    return Section("well", "What went well", (Items((f"{found.text} {found.signal}", "…")),))


def _actions(run: Run) -> Section:
    """What the cluster itself asks for, and room for what people want."""
    live = tuple(f"[ ] {each.text} — owner: … by: …" for each in drift(run))
    rule = Text("An action changes the system and has one owner and a date. “Be more careful” is none.")
    return Section("actions", "Actions", (rule, Items((*live, "[ ] … — owner: … by: …"))))
