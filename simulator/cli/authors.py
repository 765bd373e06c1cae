"""What ``new``, ``preview``, ``facilitate`` and ``export`` do for those who write scenarios."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from textwrap import fill
from typing import Final

from simulator.authoring.export import Export, exported
from simulator.authoring.facilitator import page
from simulator.authoring.scaffold import default_folder, scaffold
from simulator.cli import screen
from simulator.coach import Coach
from simulator.drill import Run, play_run
from simulator.errors import GamedayError
from simulator.lab.plots.preview import preview_picture
from simulator.scenario import Scenario, find, load
from simulator.scenario.folders import find_system

#: How often a watched folder is looked at, seconds.
_LOOK: Final = 0.4
_WIDTH: Final = 100


def new(name: str, system: str, folder: Path | None) -> Path:
    """Write a scenario's folder; see ``authoring.scaffold``."""
    return scaffold(name, system, folder if folder is not None else default_folder())


def facilitators_page(name: str, variant: int) -> str:
    """The facilitator's page of a scenario, as Markdown."""
    return page(load(name).with_variant(variant))


def export(name: str, folder: Path, variant: int) -> Export:
    """Write what real tools read of a scenario's system, as it stands at T+00:00.

    Raises:
        GamedayError: The scenario is wrong, or the folder can't be written.
    """
    made = exported(Run(load(name).with_variant(variant)))
    made.save(folder)
    return made


def preview(name: str, out: Path, variant: int) -> str:
    """Draw one picture of a scenario into a file, and say in words what is on it and what the debrief says.

    Raises:
        GamedayError: The scenario is wrong, or the picture can't be written.
    """
    scenario = load(name).with_variant(variant)
    runs = [play_run(scenario, player=player, attach=Coach) for player in ("nothing", "reference")]
    made = preview_picture(*runs)
    try:
        out.write_bytes(made._repr_png_())
    except OSError as error:
        raise GamedayError(
            "preview --out",
            expected="a file that can be written",
            got=f"{out}: {error.strerror or error}",
            todo="Name another.",
        ) from None
    return "\n".join([fill(made.sentence, _WIDTH), f"Picture: {out}", "", *_debrief(scenario)])


def _debrief(scenario: Scenario) -> Iterator[str]:
    """What a learner reads when it is over, once they have said what they think."""
    texts, echo = scenario.texts.debrief, scenario.texts.echo
    said = [("What happened", texts.what_happened), ("A rule", texts.rule), ("A change", texts.change)]
    if echo is not None:
        said.append(("A public incident that is alike", f"{echo.title}. {echo.says} {echo.url}"))
    for title, text in said:
        yield fill(f"{title}: {' '.join(text.split())}", _WIDTH, subsequent_indent="  ")


def watch(name: str, show: Callable[[], None], *, looks: int | None = None) -> None:
    """Call ``show`` now and whenever one of the scenario's files has been saved, until the user interrupts.

    Args:
        name: Of the scenario, or its path.
        show: Draws it; what it raises is printed and watching goes on.
        looks: How often to look at the files; None is for ever.
    """
    seen: list[tuple[str, int]] | None = None
    count = 0
    try:
        while looks is None or count < looks:
            count += 1
            now = stamps(name)
            if now != seen:
                seen = now
                _shown(show)
            time.sleep(_LOOK)
    except KeyboardInterrupt:
        screen.say("gameday: no longer watching.")


def _shown(show: Callable[[], None]) -> None:
    try:
        show()
    except GamedayError as error:
        screen.say(str(error), style="red")
    except Exception as error:  # noqa: BLE001 - an author's editor must not lose its preview to our slip
        screen.say(f"preview: a mistake in gameday itself ({type(error).__name__}: {error}).", style="red")


def stamps(name: str) -> list[tuple[str, int]]:
    """The files of a scenario with the time at which each was saved; its system's too."""
    try:
        path = find(name)
    except GamedayError:
        return []
    files = sorted(path.parent.glob("*.yaml"))
    try:
        system = load(path).spec.system
    except GamedayError:
        system = None
    shared = find_system(system, path.resolve().parent.parent) if system else None
    found = [*files, shared] if shared is not None else files
    return [(str(file), file.stat().st_mtime_ns) for file in found if file.is_file()]
