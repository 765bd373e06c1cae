"""A class's report as a notebook: table, picture, beliefs to talk about, the costliest decisions."""

from __future__ import annotations

import base64
from math import isnan
from typing import Any, Final

import pandas as pd
from nbformat import v4 as untyped_v4
from nbformat import writes as untyped_writes

from simulator.coach.classroom import Classroom
from simulator.lab.plots.classroom import class_picture

#: nbformat publishes no types.
v4: Final[Any] = untyped_v4
writes: Final[Any] = untyped_writes

_SHOWN: Final = {
    "run": "run",
    "scenario": "scenario",
    "detected_s": "first look or act (s)",
    "told_s": "first word (s)",
    "mitigated_s": "mitigated (s)",
    "budget_spent_percent": "budget (%)",
    "user_minutes_bad": "bad user-minutes",
    "outcome": "outcome",
    "safety": "safety",
    "process": "process",
    "diagnosis": "diagnosis",
    "independence": "independence",
}
_QUESTIONS: Final = """## Questions for the room

- What did you believe at the minute of the page, and on what evidence?
- Who saw something that the others did not? On which panel?
- Take the belief that most of you shared. What would have had to be on the screen to shake it?
- Which of the costliest decisions would be made again tomorrow? What change to the system would prevent that?
"""


def report(found: Classroom, csv: str) -> str:
    """The notebook as text.

    Args:
        found: The class.
        csv: Name of the table's file beside the notebook.
    """
    drawn = class_picture(found.attempts)
    image = base64.b64encode(drawn._repr_png_()).decode()
    plot = v4.new_code_cell(
        f'import pandas as pd\n\nruns = pd.read_csv("{csv}")\nruns.describe()', id="table-in-pandas"
    )
    cells = [
        v4.new_markdown_cell(
            f"# The class\n\n{drawn.sentence} Times are seconds after the first page.", id="head"
        ),
        v4.new_markdown_cell(_table(found.frame()[list(_SHOWN)].rename(columns=_SHOWN)), id="runs"),
        v4.new_markdown_cell(
            f"## The picture\n\n![{drawn.sentence}](attachment:class.png)",
            attachments={"class.png": {"image/png": image}},
            id="picture",
        ),
        v4.new_markdown_cell(
            "## What was believed\n\n" + _or(found.beliefs(), "No act that the authors call an error."),
            id="beliefs",
        ),
        v4.new_markdown_cell(
            "## What cost most\n\n" + _or(found.regrets(), "No decision cost a hundredth of the budget."),
            id="regrets",
        ),
        v4.new_markdown_cell(_QUESTIONS, id="questions"),
        plot,
    ]
    made = v4.new_notebook(cells=cells)
    made.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3", "language": "python"}
    text: str = writes(made)
    return text


def _or(frame: pd.DataFrame, nothing: str) -> str:
    return _table(frame) if len(frame) else nothing


def _table(frame: pd.DataFrame) -> str:
    """A frame as a Markdown table; what is not known is a dash."""
    rows = [[_cell(value) for value in row] for row in frame.itertuples(index=False)]
    head = [str(name) for name in frame.columns]
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def _cell(value: object) -> str:
    if value is None or (isinstance(value, float) and isnan(value)):
        return "–"
    text = f"{value:g}" if isinstance(value, float) else str(value)
    return text.replace("|", "\\|").replace("\n", " ")
