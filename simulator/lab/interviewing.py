"""The interview as a form: four questions, and beneath them what follows from the answers.

Whatever is chosen here can be written as ``answer(stack="python")``, and the other way round.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import asdict
from typing import Any, Final

import anywidget
import traitlets

from simulator.errors import GamedayError
from simulator.lab import assets
from simulator.pipeline.interview import QUESTIONS, Answers, propose

#: The questions as the page gets them.
_SHEET: Final[list[dict[str, Any]]] = [
    {
        "asks": question.asks,
        "why": question.why,
        "fields": [
            {
                "name": field.name,
                "label": field.label,
                "choices": [{"value": each.value, "title": each.title} for each in field.choices],
            }
            for field in question.fields
        ],
    }
    for question in QUESTIONS
]


class InterviewForm(anywidget.AnyWidget):
    """The form.

    Args:
        answers: What it shows at first.
        chosen: Told each time somebody has chosen.
    """

    _esm = traitlets.Unicode(assets.interview_script()).tag(sync=True)
    _css = traitlets.Unicode(assets.interview_style()).tag(sync=True)
    sheet: traitlets.List[Any] = traitlets.List().tag(sync=True)
    answers = traitlets.Dict().tag(sync=True)
    said = traitlets.Unicode("").tag(sync=True)
    workflow = traitlets.Unicode("").tag(sync=True)
    setup: traitlets.List[Any] = traitlets.List().tag(sync=True)
    tick = traitlets.Int(0).tag(sync=True)

    def __init__(self, answers: Answers, chosen: Callable[[Answers], None]) -> None:
        self._chosen = chosen
        self._answers = answers
        self._loop = _running_loop()
        super().__init__(sheet=_SHEET)
        self.on_msg(self._receive)
        self.show(answers)

    def show(self, answers: Answers) -> None:
        """Show these answers, and what follows from them."""
        self._answers = answers
        self._say("")

    def _say(self, trouble: str) -> None:
        answers = self._answers
        made = None if answers.open or answers.gaps else propose(answers)
        with self.hold_sync():
            self.answers = asdict(answers)
            self.said = trouble or _sentence(answers)
            self.workflow = "" if made is None else made.workflow
            self.setup = [] if made is None else list(made.setup)
            self.tick += 1

    def _receive(self, _widget: object, content: dict[str, Any], _buffers: object) -> None:
        """A message of the page, on whatever thread the kernel delivers it."""
        if self._loop is None or _running_loop() is self._loop:
            self._obey(content)
        else:
            self._loop.call_soon_threadsafe(self._obey, content)

    def _obey(self, content: dict[str, Any]) -> None:
        """Take an answer; one that can't be is told under the form, and the old one stays."""
        try:
            self._answers = self._answers.with_(**{str(content.get("name")): str(content.get("value"))})
        except GamedayError as error:
            self._say(str(error))
            return
        self._chosen(self._answers)
        self._say("")


def _sentence(answers: Answers) -> str:
    """Where the interview stands."""
    if answers.gaps:
        return f"Not covered, so no file is written. {' '.join(answers.gaps)}"
    if answers.open:
        left = len(answers.open)
        return f"{left} {'answer is' if left == 1 else 'answers are'} open: {', '.join(answers.open)}."
    return "All answered. The workflow below is pinned, least-privileged and runs in sim.pipeline."


def _running_loop() -> asyncio.AbstractEventLoop | None:
    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        return None
