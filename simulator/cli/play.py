"""``gameday play``: the console alone in a browser, served by Voilà from this machine and from nowhere else.

A notebook of one cell is written into a scratch folder: it starts the drill, or goes on with its run file if
the page was loaded before, so that a page that is loaded anew loses no act.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Sequence
from pathlib import Path

import nbformat

from simulator import drill as runs
from simulator import scenario as files
from simulator.drill import Mode

#: Where our page for Voilà is, among Jupyter's data.
SHARE = Path(__file__).with_name("jupyter") / "share"

_CELL = """\
import os
from pathlib import Path

import simulator as sim

os.chdir({folder!r})
run_file = Path({run_file!r})
if run_file.exists():
    drill = sim.resume(run_file)
else:
    drill = sim.start({scenario!r}, seed={seed!r}, variant={variant!r}, mode={mode!r}, journal=run_file)
drill
"""


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
        folder=str(folder), run_file=str(run_file), scenario=scenario, seed=seed, variant=variant, mode=mode
    )
    made = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source)])  # type: ignore[no-untyped-call]
    made.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3", "language": "python"}
    made.metadata["title"] = chosen.metadata.title
    text: str = nbformat.writes(made)  # type: ignore[no-untyped-call]
    return text


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
