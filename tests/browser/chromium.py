"""Where the Chromium of the browser tests is, and how it comes there on Debian.

In this order: the environment variable ``CHROMIUM``; the usual names on the PATH; Debian's own package,
installed when this is root on a machine with apt-get (a container, a build machine). Else an error that says
what to install.
"""

from __future__ import annotations

import os
import shutil
import subprocess

from simulator.errors import SetupError

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
_DEBIAN = ("chromium", "fonts-dejavu-core")


def find_chromium() -> str | None:
    """The browser's path, or None.

    Raises:
        SetupError: ``CHROMIUM`` names a file that can't be run.
    """
    if named := os.environ.get("CHROMIUM"):
        if found := shutil.which(named):
            return found
        raise SetupError(
            "environment variable CHROMIUM",
            expected="the path of a Chromium or Chrome that can be run",
            got=repr(named),
            todo="Correct it, or unset it to search the PATH.",
        )
    return next((found for name in NAMES if (found := shutil.which(name))), None)


def ensure_chromium() -> str:
    """The browser's path, installing Debian's package where that is possible without asking anybody.

    Raises:
        SetupError: There is none, and none can be installed here.
    """
    if found := find_chromium():
        return found
    if shutil.which("apt-get") and os.geteuid() == 0:
        print(f"gate: no Chromium here; installing Debian's {' and '.join(_DEBIAN)} (once)", flush=True)
        environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        for command in (["update", "-qq"], ["install", "-qq", "-y", "--no-install-recommends", *_DEBIAN]):
            subprocess.run(["apt-get", *command], check=True, env=environment, stdout=subprocess.DEVNULL)
        if found := find_chromium():
            return found
    raise SetupError(
        "browser tests",
        expected=f"a Chromium on the PATH ({', '.join(NAMES)})",
        got="none",
        todo="Install Chromium or Google Chrome, or set CHROMIUM to its path.",
    )
