"""The form of a lesson, as rules: each is a function from a notebook to what it finds wrong in it.

A reader who knows one lesson knows them all: where the prediction is, where the exercises, where the drill.
The rules keep that, and keep cells short, prose within an evening and the stored file free of outputs.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from statistics import median

import nbformat

from tests.notebooks.course import Cell, cells

CELLS = range(35, 61)
WORDS = range(900, 1801)
MEDIAN_LINES = (2, 4)
LONGEST_CODE = 12
READINGS_AT_MOST = 2
KERNEL = {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}
LANGUAGE = {"name": "python"}
_TAGS = re.compile(r"predict|hide-input|golden|exercise:(pre|post|predict|drill|e\d)|check:e\d")
_HEADER = re.compile(r"^Level (\d) · (\d+)(–\d+)? minutes · ", re.MULTILINE)
_STAR = re.compile(r"^\s*from\s+\S+\s+import\s+\*", re.MULTILINE)
_INSTALL = re.compile(r"^\s*[%!]|\b(pip|conda|apt-get) install\b", re.MULTILINE)
_PLOTTING = re.compile(r"\b(matplotlib|pyplot|plt|seaborn|plotly|bokeh|altair)\b")
_START = re.compile(r"sim\.start\(\"[a-z0-9-]+\", .*\bseed=\d+")
_CLICHES = re.compile(
    r"\b(let's|dive|delve|simply|just|easy|easily|obviously|of course|amazing|awesome|great job|well done|"
    r"journey|master(y|ing)?|unlock|seamless\w*|robust|leverage)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is not as it should be; ``cell`` is 0 where the whole notebook is meant."""

    cell: int
    message: str

    def __str__(self) -> str:
        return f"cell {self.cell}: {self.message}" if self.cell else self.message


Rule = Callable[[nbformat.NotebookNode], Iterator[Finding]]


def findings(
    notebook: nbformat.NotebookNode, *, welcome: bool = False, authoring: bool = False
) -> list[Finding]:
    """Everything that is wrong with a lesson.

    Args:
        notebook: As it lies on disk.
        welcome: The welcome has no drill of its own and one exercise; it teaches the room first.
        authoring: The guide for authors goes through twelve steps, and begins with none of the kit's runs.
    """
    rules = (*COMMON, *(AUTHORING if authoring else WELCOME if welcome else LESSON))
    return [finding for rule in rules for finding in rule(notebook)]


# --- the file


def valid_file(notebook: nbformat.NotebookNode) -> Iterator[Finding]:
    """The format's own schema, ids that stay, and the kernel that every set-up has."""
    try:
        nbformat.validate(notebook)
    except nbformat.ValidationError as error:
        yield Finding(0, f"not a valid notebook: {error}")
    if (notebook.nbformat, notebook.nbformat_minor) != (4, 5):
        yield Finding(0, "the format is 4.5, the first one with ids of cells")
    if notebook.metadata != {"kernelspec": KERNEL, "language_info": LANGUAGE}:
        yield Finding(0, "metadata names the kernel python3 and its language, and nothing of one machine")


def stripped(notebook: nbformat.NotebookNode) -> Iterator[Finding]:
    """Outputs are the reader's own: none is stored, and no count of an execution."""
    for number, cell in enumerate(notebook.cells, 1):
        if cell.cell_type == "code" and (cell.outputs or cell.execution_count is not None):
            yield Finding(number, "strip its outputs and its execution count")
        if extra := set(cell.metadata) - {"tags", "jupyter"}:
            yield Finding(number, f"metadata {', '.join(sorted(extra))} belongs to one machine")


# --- size


def sizes(notebook: nbformat.NotebookNode) -> Iterator[Finding]:
    """35 to 60 cells, 900 to 1,800 words, code cells of two to four lines, none over twelve unless folded."""
    all_cells = cells(notebook)
    if len(all_cells) not in CELLS:
        yield Finding(0, f"{len(all_cells)} cells, not {CELLS.start} to {CELLS.stop - 1}")
    words = sum(cell.words for cell in all_cells)
    if words not in WORDS:
        yield Finding(0, f"{words} words, not {WORDS.start} to {WORDS.stop - 1}")
    code = [cell for cell in all_cells if cell.kind == "code" and not cell.hidden]
    middle = median(cell.lines for cell in code) if code else 0
    if not MEDIAN_LINES[0] <= middle <= MEDIAN_LINES[1]:
        yield Finding(0, f"half of the code cells have {middle} lines or fewer, not 2 to 4")
    for cell in code:
        if cell.lines > LONGEST_CODE:
            yield Finding(cell.number, f"{cell.lines} lines of code, over {LONGEST_CODE}")
        if not cell.lines:
            yield Finding(cell.number, "an empty code cell")


# --- what stands in code


def code_is_plain(notebook: nbformat.NotebookNode) -> Iterator[Finding]:
    """No star import, no installation, no shell, no plotting: the kit brings what a lesson needs."""
    for cell in cells(notebook):
        if cell.kind != "code":
            continue
        if _STAR.search(cell.source):
            yield Finding(cell.number, "a star import hides where a name comes from")
        if _INSTALL.search(cell.source):
            yield Finding(cell.number, "installing is the set-up's work, and a lesson has no magics")
        if _PLOTTING.search(cell.source):
            yield Finding(cell.number, "plotting code: drill.plot has the charts of the house")
        if "assert" in cell.source or "raise " in cell.source:
            yield Finding(cell.number, "a lesson coaches and never raises")


def first_code_names_the_run(notebook: nbformat.NotebookNode) -> Iterator[Finding]:
    """Whoever reads the first code cell can play the same run again."""
    first = next((cell for cell in cells(notebook) if cell.kind == "code"), None)
    if first is None or "import simulator as sim" not in first.source or not _START.search(first.source):
        yield Finding(
            first.number if first else 0, "the first code cell imports the kit and names scenario and seed"
        )


# --- what stands in prose


def title_is_a_claim(notebook: nbformat.NotebookNode) -> Iterator[Finding]:
    """A sentence that could be wrong, not a topic: no question, no label, no gerund."""
    first = cells(notebook)[0]
    title = first.source.splitlines()[0] if first.source else ""
    words = title.removeprefix("# ").split()
    topic = (
        not words or words[0].lower() in ("introduction", "how", "part", "lesson") or words[0].endswith("ing")
    )
    if (
        first.kind != "markdown"
        or not title.startswith("# ")
        or topic
        or not 5 <= len(words) <= 14
        or title[-1] in ".?!:"
    ):
        yield Finding(1, "the title is a claim: '# ' and a sentence of 5 to 14 words without a full stop")
    if not _HEADER.search(first.source):
        yield Finding(1, "under the title: 'Level N · A–B minutes · what to know first'")
    later = [
        cell.number
        for cell in cells(notebook)[1:]
        if re.search(r"^# ", cell.source, re.MULTILINE) and cell.kind == "markdown"
    ]
    for number in later:
        yield Finding(number, "one title a notebook; sections begin with '## '")


def three_verbs(notebook: nbformat.NotebookNode) -> Iterator[Finding]:
    """What a reader can do at the end, as three verbs in bold."""
    second = cells(notebook)[1]
    verbs = re.findall(r"^- \*\*[a-z]+\*\*", second.source, re.MULTILINE)
    if "By the end you can" not in second.source or len(verbs) != 3:
        yield Finding(2, "'By the end you can' and three points, each beginning with its verb in bold")


def calm_prose(notebook: nbformat.NotebookNode) -> Iterator[Finding]:
    """James does not shout, sell or flatter."""
    for cell in cells(notebook):
        if cell.kind != "markdown":
            continue
        prose = re.sub(r"`[^`]*`|!\[", "", cell.source)
        if "!" in prose:
            yield Finding(cell.number, "an exclamation mark: calm under pressure")
        if found := _CLICHES.search(prose):
            yield Finding(cell.number, f"{found[0]!r} says nothing: leave it out")


# --- tags and their order


def known_tags(notebook: nbformat.NotebookNode) -> Iterator[Finding]:
    """A tag with a typing error would be passed over in silence; each names one cell."""
    seen: dict[str, int] = {}
    for cell in cells(notebook):
        for tag in cell.tags:
            if not _TAGS.fullmatch(tag):
                yield Finding(cell.number, f"unknown tag {tag!r}")
            if tag in seen and tag != "hide-input":
                yield Finding(cell.number, f"tag {tag!r} stands at cell {seen[tag]} already")
            seen[tag] = cell.number


def checks_follow_exercises(notebook: nbformat.NotebookNode) -> Iterator[Finding]:
    """Each exercise e1, e2 … is the reader's own cell, the next one checks it in one call; a quiz is one."""
    all_cells = cells(notebook)
    for cell, following in zip(all_cells, [*all_cells[1:], None], strict=True):
        name = cell.named("exercise")
        if name and cell.kind != "code":
            yield Finding(cell.number, "an exercise is a code cell")
        if name in ("pre", "post") and not re.fullmatch(
            rf'sim\.quiz\("[\w-]+", "{name}", ""\)', cell.source.splitlines()[-1]
        ):
            yield Finding(cell.number, f'a quiz is one call: sim.quiz("…", "{name}", "")')
        if name in (None, "pre", "post", "predict", "drill"):
            continue
        if following is None or following.named("check") != name:
            yield Finding(cell.number, f"after exercise:{name} comes check:{name}")
        elif not re.fullmatch(rf'\w+\.check\("{name}"\)', following.source.strip()):
            yield Finding(following.number, f'a check is one call: drill.check("{name}")')


def _required(notebook: nbformat.NotebookNode, wanted: tuple[str, ...]) -> Iterator[Finding]:
    tags = [tag for cell in cells(notebook) for tag in cell.tags]
    places = [tags.index(tag) for tag in wanted if tag in tags]
    for tag in wanted:
        if tag not in tags:
            yield Finding(0, f"no cell is tagged {tag}")
    if places != sorted(places):
        yield Finding(0, f"the order is {', '.join(wanted)}")


def welcome_parts(notebook: nbformat.NotebookNode) -> Iterator[Finding]:
    """The welcome: one prediction, one exercise, the debrief, and where to go on."""
    yield from _required(notebook, ("exercise:predict", "exercise:e1", "check:e1"))
    yield from _debrief(cells(notebook))
    if "01-production-is-down.ipynb" not in cells(notebook)[-1].source:
        yield Finding(len(notebook.cells), "the last cell leads to lesson 01")


def twelve_steps(notebook: nbformat.NotebookNode) -> Iterator[Finding]:
    """The guide for authors: sections 1 to 12 in their order, a cell that breaks the file, and the proof."""
    prose = "\n".join(cell.source for cell in cells(notebook) if cell.kind == "markdown")
    steps = re.findall(r"^## (\d+)\. ", prose, re.MULTILINE)
    if steps != [str(number) for number in range(1, 13)]:
        yield Finding(0, f"the steps are 1 to 12 in order, not {', '.join(steps)}")
    if not any("golden" in cell.tags for cell in cells(notebook)):
        yield Finding(0, "no cell is tagged golden")
    if not any(cell.kind == "code" and ".prove(" in cell.source for cell in cells(notebook)):
        yield Finding(0, "what was built is proved")


def lesson_parts(notebook: nbformat.NotebookNode) -> Iterator[Finding]:
    """A lesson: quiz, predict, surprise, the name, e1 to e3, drill, debrief, reflection, quiz, next."""
    exercises = [f"{what}:e{number}" for number in (1, 2, 3) for what in ("exercise", "check")]
    around = ("exercise:pre", "predict", "exercise:predict", *exercises, "exercise:drill", "exercise:post")
    yield from _required(notebook, around)
    all_cells = cells(notebook)
    yield from _debrief(all_cells)
    prose = "\n".join(cell.source for cell in all_cells if cell.kind == "markdown")
    for heading in (
        "**Surprise.**",
        "## The name for it",
        "## Drill",
        "## Reflect",
        "## On a real cluster",
        "## Next",
    ):
        if heading not in prose:
            yield Finding(0, f"no {heading!r}")
    reflect = next((cell for cell in all_cells if "## Reflect" in cell.source), None)
    if reflect is not None and not re.search(
        r"1\. What did you believe at minute \d+, and on what evidence\?", reflect.source
    ):
        yield Finding(
            reflect.number, "the first question: what did you believe at minute N, and on what evidence?"
        )
    if reflect is not None and len(re.findall(r"^\d\. ", reflect.source, re.MULTILINE)) != 3:
        yield Finding(reflect.number, "three questions")
    last = all_cells[-1]
    if not 1 <= len(re.findall(r"\]\(https?://", last.source)) <= READINGS_AT_MOST:
        yield Finding(last.number, "the last cell: the next lesson and one or two readings")


def drill_starts_elsewhere(notebook: nbformat.NotebookNode) -> Iterator[Finding]:
    """The drill is another run than the worked one: another scenario or another variant."""
    starts = re.findall(
        r"sim\.start\((.*?)\)", "\n".join(c.source for c in cells(notebook) if c.kind == "code")
    )
    runs = [(re.search(r'"([a-z0-9-]+)"', start), re.search(r"variant=(\d+)", start)) for start in starts]
    keys = [(name[1] if name else "", variant[1] if variant else "0") for name, variant in runs]
    if len(keys) < 2 or keys[-1] == keys[0]:
        yield Finding(0, "the drill is started from another scenario or variant than the worked example")


def _debrief(all_cells: list[Cell]) -> Iterator[Finding]:
    if not any(cell.kind == "code" and ".debrief(" in cell.source for cell in all_cells):
        yield Finding(0, "every incident ends with drill.debrief()")


COMMON: tuple[Rule, ...] = (
    valid_file, stripped, sizes, code_is_plain, title_is_a_claim, three_verbs, calm_prose, known_tags,
    checks_follow_exercises,
)  # fmt: skip
WELCOME: tuple[Rule, ...] = (first_code_names_the_run, welcome_parts)
LESSON: tuple[Rule, ...] = (first_code_names_the_run, lesson_parts, drill_starts_elsewhere)
AUTHORING: tuple[Rule, ...] = (twelve_steps,)
