"""A scenario that grows in memory, part by part: what the authoring notebook holds in its hand.

A part is the YAML below one key of the file, such as ``timeline``. ``str(draft)`` is the file as it stands;
``draft.errors()`` says what is wrong with it, in the loader's own words, and never raises.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from textwrap import dedent, indent

from simulator.authoring.plays.calibration import Clock
from simulator.authoring.plays.keeping import Kept
from simulator.authoring.proof import Proof, prove
from simulator.authoring.spoilers import spoilers
from simulator.coach import Coach
from simulator.coach.sense import problems
from simulator.drill import Run, play_run
from simulator.drill.acts import Printer
from simulator.errors import ScenarioError
from simulator.scenario import Scenario, load_bytes
from simulator.scenario.folders import FILE, TEXTS

#: Parts that are prose, written as it is spoken: no YAML in it.
_PROSE = ("belief", "story", "normal", "situation")
#: What a scenario says until its author says something better.
_TEXTS = {
    "story": '"You are on call."',
    "normal": '"Nearly every request is answered."',
    "situation": '"You have the pager."',
    "debrief": "{whatHappened: Something., rule: Look first., change: One.}",
}


class Draft:
    """A scenario in the making.

    Args:
        name: Of the scenario; it gives nothing away.
        system: The shared system that it includes.
        title: For people; the name's words where none is given.

    Attributes:
        parts: The keys of scenario.yaml with the YAML below each.
        texts: Likewise of texts.yaml.
    """

    def __init__(self, name: str, system: str, title: str = "") -> None:
        self.name = name
        self.parts = {
            "metadata": f"{{name: {name}, title: {title or name.replace('-', ' ').capitalize()}}}",
            "spec": f"{{system: {system}, duration: 30m}}",
        }
        self.texts = dict(_TEXTS)

    def __setitem__(self, key: str, yaml: str) -> None:
        """Write a part of the scenario, or of its texts; an earlier one under that key is replaced.

        The belief, the story, what is normal and the situation are prose; all else is YAML.
        """
        target = self.texts if key in (*_TEXTS, "people", "echo", "quiz", "facilitator") else self.parts
        prose = json.dumps(" ".join(yaml.split()), ensure_ascii=False)
        target[key] = prose if key in _PROSE else dedent(yaml).strip()

    def __getitem__(self, key: str) -> str:
        return {**self.texts, **self.parts}[key]

    def __str__(self) -> str:
        return f"apiVersion: gameday/v1\nkind: Scenario\n{_document(self.parts)}"

    def _repr_pretty_(self, printer: Printer, cycle: bool) -> None:  # noqa: ARG002 - IPython's protocol
        """What a notebook shows: the file as it stands."""
        printer.text(str(self))

    @property
    def scenario(self) -> Scenario:
        """The scenario as it stands.

        Raises:
            ScenarioError: It is none yet; all problems at once.
        """
        loaded = load_bytes(str(self).encode(), _document(self.texts).encode())
        if wrong := problems(loaded):
            raise ScenarioError(wrong)
        return loaded

    def errors(self) -> str:
        """Everything that is wrong, one line each; or that nothing is. The spoiler lint's findings too."""
        try:
            hits = spoilers(self.scenario)
        except ScenarioError as error:
            return str(error)
        return "\n".join(map(str, hits)) or "Nothing is wrong."

    def play(self, player: str = "nothing", *, seed: int = 1) -> Run:
        """Let a player play it to its end."""
        return play_run(self.scenario, seed, player=player, attach=Coach)

    def prove(self, clock: Clock, seeds: Sequence[int] = (1,)) -> Proof:
        """``gameday check`` on it, as a function.

        Args:
            clock: Tells the CPU seconds of this process, as ``time.process_time`` does.
            seeds: On which it is played.
        """
        with TemporaryDirectory(prefix="gameday-") as folder:
            kept = Kept(Path(folder))
            return prove([self.scenario], tuple(seeds), kept=kept, clock=clock)[0]

    def save(self, folder: str | Path) -> Path:
        """Write it as a scenario's folder, and return that."""
        target = Path(folder) / self.name
        target.mkdir(parents=True, exist_ok=True)
        (target / FILE).write_text(str(self), encoding="utf-8")
        (target / TEXTS).write_text(_document(self.texts), encoding="utf-8")
        return target


def _document(parts: dict[str, str]) -> str:
    """Keys with the YAML below them; one line stands behind its key."""
    written = []
    for key, text in parts.items():
        alone = "\n" not in text and not text.startswith("- ")
        written.append(f"{key}: {text}\n" if alone else f"{key}:\n{indent(text, '  ')}\n")
    return "".join(written)
