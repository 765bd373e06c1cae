"""``gameday lab``: JupyterLab on the welcome notebook, with the settings that a workshop needs."""

from __future__ import annotations

import os
import shutil
from collections.abc import Sequence
from pathlib import Path

import simulator
from simulator.errors import SetupError

_PACKAGE = Path(simulator.__file__).parent
_SETTINGS = Path(__file__).with_name("jupyter")
_WELCOME = "learn/00-welcome.ipynb"
_COPY = Path("gameday-notebooks")


def shipped_notebooks() -> Path:
    """The folder of notebooks that came with the kit: the checkout's own, or the one inside an installed kit.

    Raises:
        SetupError: The kit was installed without its notebooks.
    """
    for folder in (_PACKAGE.parent / "notebooks", _PACKAGE / "_notebooks"):
        if (folder / _WELCOME).is_file():
            return folder
    raise SetupError(
        "gameday lab",
        expected=f"the notebook {_WELCOME} beside the kit",
        got="none",
        todo="Install the kit again from a complete checkout or wheel.",
    )


def played_in() -> Path:
    """The folder of notebooks that ``gameday lab`` opens, whether or not it is there yet."""
    shipped = shipped_notebooks()
    return _COPY.resolve() if _PACKAGE in shipped.parents else shipped


def notebooks_folder() -> Path:
    """The folder of notebooks to work in: the checkout's own, or a copy of those in an installed kit.

    What a learner has written into a copy stays. A checkout's own are opened where they lie, since a copy
    would miss whatever ``git pull`` brings.
    """
    shipped = shipped_notebooks()
    if _PACKAGE not in shipped.parents:
        return shipped
    for notebook in sorted(shipped.rglob("*.ipynb")):
        mine = _COPY / notebook.relative_to(shipped)
        if not mine.exists():
            mine.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(notebook, mine)
    return _COPY.resolve()


def arguments(flags: Sequence[str], *, folder: Path, root: bool) -> list[str]:
    """JupyterLab's command line: ours first, so that a flag of the user's wins.

    The welcome is the default address and no file to open, so that the address that is printed for whoever
    has no browser here leads to it as well.

    Args:
        flags: What the user gave after ``gameday lab``.
        folder: The folder of notebooks.
        root: Whether this is the superuser, whom Jupyter refuses unless told otherwise.
    """
    ours = [
        f"--ServerApp.root_dir={folder}",
        f"--LabApp.default_url=/lab/tree/{_WELCOME}",
        "--LabApp.news_url=None",
        "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
        *(["--allow-root"] if root else []),
    ]
    return [*ours, *flags]


def open_lab(flags: Sequence[str]) -> None:
    """Run JupyterLab in this process until the user stops it."""
    before = os.environ.get("JUPYTER_CONFIG_PATH")
    os.environ["JUPYTER_CONFIG_PATH"] = os.pathsep.join(filter(None, [str(_SETTINGS), before]))
    from jupyterlab.labapp import LabApp

    superuser = hasattr(os, "geteuid") and os.geteuid() == 0
    LabApp.launch_instance(arguments(flags, folder=notebooks_folder(), root=superuser))
