"""Asking a program of this environment: found, run with a time limit and without secrets, its answer kept."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Final, Literal

from simulator.review.findings import Said

#: Seconds after which an analyser is given up.
TIME_LIMIT: Final = 60.0
#: Variables that would let an analyser fetch something, or change what it says.
_WITHHELD: Final = ("GH_", "GITHUB_", "ZIZMOR_", "HADOLINT_")

State = Literal["ran", "nothing to look at", "missing", "failed"]


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of asking one analyser.

    Attributes:
        name: The analyser's.
        state: ``ran`` if it looked at every file of its kinds.
        files: How many it was given.
        note: Why it did not look, or what it left out.
        said: Its findings.
    """

    name: str
    state: State
    version: str = ""
    files: int = 0
    note: str = ""
    said: tuple[Said, ...] = ()

    def to_json(self) -> dict[str, object]:
        """As ``gameday review --json`` prints it."""
        return {
            "name": self.name,
            "version": self.version or None,
            "state": self.state,
            "files": self.files,
            "said": len(self.said),
            "note": self.note or None,
        }


class NoAnswerError(Exception):
    """An analyser that is not there, gave up, or said what nobody can read; the text says which."""

    def __init__(self, state: State, note: str) -> None:
        self.state: State = state
        super().__init__(note)


def version_of(distribution: str) -> str:
    """The installed version; empty where it is not installed."""
    try:
        return metadata.version(distribution)
    except metadata.PackageNotFoundError:
        return ""


def program(name: str, distribution: str) -> Path:
    """The executable of a distribution in this environment.

    Raises:
        NoAnswerError: It is not installed.
    """
    suffix = ".exe" if os.name == "nt" else ""
    beside = Path(sys.executable).with_name(name + suffix)
    if beside.is_file():
        return beside
    try:
        listed = metadata.files(distribution) or []
    except metadata.PackageNotFoundError:
        listed = []
    for each in listed:
        if each.name == name + suffix and (path := Path(str(each.locate()))).is_file():
            return path.resolve()
    raise NoAnswerError("missing", f"{name} is not installed; pip install 'gameday[review]' brings it")


def ask(command: list[str], folder: Path, *, good: tuple[int, ...]) -> str:
    """Run a program on files of a folder and return what it printed.

    Args:
        command: The program and its arguments.
        folder: Where it runs; nothing outside is shown to it.
        good: Exit codes that mean that it looked.

    Raises:
        NoAnswerError: It could not be run, took too long, or failed.
    """
    name = Path(command[0]).name
    kept = {key: value for key, value in os.environ.items() if not key.startswith(_WITHHELD)}
    kept |= {"NO_COLOR": "1", "RUST_BACKTRACE": "0"}
    try:
        done = subprocess.run(
            command,
            cwd=folder,
            env=kept,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=TIME_LIMIT,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise NoAnswerError("failed", f"{name} had not answered after {TIME_LIMIT:g} s") from None
    except OSError as error:
        reason = (error.strerror or type(error).__name__).lower()
        raise NoAnswerError("failed", f"{name} could not be run: {reason}") from None
    if done.returncode not in good:
        complaint = _last_words(done.stderr)
        raise NoAnswerError("failed", f"{name} ended with exit code {done.returncode}: {complaint}")
    return done.stdout.decode("utf-8", "replace")


def _last_words(stderr: bytes) -> str:
    """The line of a program's complaint that says most: the first that speaks of an error, else the last."""
    lines = [line.strip() for line in stderr.decode("utf-8", "replace").splitlines() if line.strip()]
    told = next((line for line in lines if line.startswith(("error", "fatal", "Error"))), "")
    return (told or (lines[-1] if lines else "it said nothing"))[:200]
