"""``gameday play``: the console alone in a browser, served by Voilà from this machine and from nowhere else.

A notebook of one cell is written into a scratch folder: it starts the drill, or goes on with its run file if
the page was loaded before, so that a page that is loaded anew loses no act. The address may name another run
file of the same scenario; that is how a page plays again.
"""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Final
from urllib.parse import parse_qs, urlencode

import nbformat

from simulator import api
from simulator import drill as runs
from simulator import scenario as files
from simulator.drill import Mode
from simulator.lab.view import Again

#: Where our page for Voilà is, among Jupyter's data.
SHARE = Path(__file__).with_name("jupyter") / "share"

_CELL = """\
import os

from simulator.cli.play import served

os.chdir({folder!r})
query = os.environ.get("QUERY_STRING", "")
drill = served({scenario!r}, {run_file!r}, seed={seed!r}, variant={variant!r}, mode={mode!r}, query=query)
drill
"""
#: The part of a page's address that names the run file to play, without its ending.
_RUN: Final = "run"


def notebook(scenario: str, *, seed: int | None, variant: int, mode: Mode, folder: Path) -> str:
    """The text of the notebook that plays a scenario.

    Args:
        scenario: A name, or a path.
        seed: None takes the scenario's own.
        variant: From 0.
        mode: ``lesson`` or ``game-day``.
        folder: Where the learner stands: the run file goes into ``runs/`` in it.

    Raises:
        ScenarioError: There is no such scenario, or its file has mistakes.
        GamedayError: No such variant.
    """
    chosen = files.load(scenario).with_variant(variant)
    taken = chosen.spec.seed if seed is None else seed
    run_file = runs.default_path(chosen.name, variant, taken, folder / "runs")
    source = _CELL.format(
        folder=str(folder), run_file=str(run_file), scenario=scenario, seed=taken, variant=variant, mode=mode
    )
    made = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source)])  # type: ignore[no-untyped-call]
    made.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3", "language": "python"}
    # the browser's tab must not tell what the console keeps for the debrief
    made.metadata["title"] = "Game day" if mode == "game-day" else chosen.metadata.title
    text: str = nbformat.writes(made)  # type: ignore[no-untyped-call]
    return text


def served(
    scenario: str, run_file: str, *, seed: int, variant: int, mode: Mode, query: str = ""
) -> api.Drill:
    """The drill of a page that Voilà shows: a new one, or what its run file holds so far.

    Args:
        scenario: A name, or a path.
        run_file: Of the page whose address names none.
        seed: Of that page.
        variant: From 0.
        mode: ``lesson`` or ``game-day``.
        query: The query of the page's address. A run file of this scenario and variant that it names is taken
            instead, with the seed in its name; anything else in it is left alone.
    """
    path, name = Path(run_file), files.load(scenario).name
    asked = parse_qs(query).get(_RUN, [""])[0]
    found = re.fullmatch(rf"{re.escape(name)}-v{variant}-s([0-9]{{1,18}})(-[0-9]+)?", asked)
    if found is not None:
        path, seed = path.with_name(f"{asked}.jsonl"), int(found[1])
    drill = (
        api.resume(path)
        if path.exists()
        else api.start(scenario, seed=seed, variant=variant, mode=mode, journal=path)
    )

    def again() -> tuple[Again, ...]:
        ways = (("the same again", seed), ("with the next seed", seed + 1))
        free = ((words, runs.default_path(name, variant, other, path.parent)) for words, other in ways)
        return tuple(Again(words, urlencode({_RUN: file.stem})) for words, file in free)

    drill.console.again = again
    return drill


def arguments(path: Path, flags: Sequence[str], *, dark: bool) -> list[str]:
    """Voilà's command line: ours first, so that a flag of the user's wins."""
    ours = [
        "--template=gameday",
        f"--theme={'dark' if dark else 'light'}",
        "--Voila.ip=127.0.0.1",
        "--strip_sources=True",
    ]
    return [str(path), *ours, *flags]


def open_console(
    scenario: str, flags: Sequence[str], *, seed: int | None, variant: int, mode: Mode, dark: bool
) -> None:
    """Serve the console of a scenario until the user stops it.

    Raises:
        GamedayError: As for ``notebook``.
    """
    text = notebook(scenario, seed=seed, variant=variant, mode=mode, folder=Path.cwd())
    before = os.environ.get("JUPYTER_PATH")
    os.environ["JUPYTER_PATH"] = os.pathsep.join(filter(None, [str(SHARE), before]))
    from voila.app import Voila

    with tempfile.TemporaryDirectory(prefix="gameday-") as scratch:
        path = Path(scratch) / "console.ipynb"
        path.write_text(text, encoding="utf-8")
        Voila.launch_instance(arguments(path, flags, dark=dark))
