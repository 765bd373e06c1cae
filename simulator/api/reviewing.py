"""``sim.review``: James's twelve points against files, in a notebook."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from simulator.api import arguments
from simulator.errors import GamedayError
from simulator.review import Comparison, as_text, compare, day_of, mended, review_paths, review_texts
from simulator.review import Review as Found
from simulator.review.page import as_html


class Review(Found):
    """What a review found; in a notebook it shows itself.

    ``of(point)`` gives the findings of a point, ``score()`` what was reached and what could be, ``patch()``
    the fixes as one diff, ``mended()`` a review with the fixes made, ``compare(earlier)`` the two
    side by side.
    """

    def mended(self, *names: str) -> Review:
        """A review of the same files with the fixes made, in memory; your files stay as they are.

        Args:
            names: Rules or points whose fixes are made, such as ``"unpinned-uses"``; none means every fix
                that fits beside the others.

        Raises:
            GamedayError: No finding has that rule or point.
        """
        self._known(names)
        return _shown(mended(self, *names))

    def patch(self, *names: str) -> str:
        """The fixes that can be made together, as one unified diff for ``git apply``.

        Args:
            names: Rules or points, as in :meth:`mended`.

        Raises:
            GamedayError: No finding has that rule or point.
        """
        self._known(names)
        return super().patch(*names)

    def compare(self, earlier: Found) -> Comparison:
        """This review beside an earlier one: what each point scored, what is gone, what is new."""
        if not isinstance(earlier, Found):
            raise GamedayError(
                "compare(earlier)",
                expected="a review",
                got=repr(earlier)[:60],
                todo="Hand it what sim.review gave.",
            )
        return compare(earlier, self)

    @property
    def points(self) -> pd.DataFrame:
        """One row a point, by its id; the score is empty where nobody looked."""
        rows = [
            {
                "point": each.point.id,
                "asks": each.point.asks,
                "state": each.state,
                "score": each.score,
                "findings": len(each.findings),
            }
            for each in self.verdicts
        ]
        columns = ["point", "asks", "state", "score", "findings"]
        return pd.DataFrame(rows, columns=columns).set_index("point").astype({"score": "Int64"})

    @property
    def frame(self) -> pd.DataFrame:
        """One row a finding, by its place; ``diff`` says whether a diff mends it."""
        rows = [
            {
                "where": each.where,
                "point": each.point,
                "severity": each.severity,
                "rule": each.rule,
                "tool": each.tool,
                "what": each.what,
                "diff": bool(each.diff),
            }
            for each in self.findings
        ]
        columns = ["where", "point", "severity", "rule", "tool", "what", "diff"]
        return pd.DataFrame(rows, columns=columns).set_index("where")

    def text(self, name: str | None = None) -> str:
        """The text of a file under review, by name; of the only workflow without one.

        Raises:
            GamedayError: There is no such file, or none can be meant.
        """
        files = {file.name: file for file in self.gathered.files}
        if name is None:
            workflows = [each for each, file in files.items() if file.kind == "workflow"]
            name = workflows[0] if len(workflows) == 1 else ""
        if name not in files:
            todo = f"There are {', '.join(files)}."
            raise GamedayError("text(name)", expected="a file under review", got=repr(name), todo=todo)
        return files[name].text

    def _known(self, names: tuple[str, ...]) -> None:
        known = {each.rule for each in self.findings} | {each.point for each in self.findings}
        for name in names:
            if name not in known:
                todo = f"There are {', '.join(sorted(known)) or 'none: nothing was found'}."
                raise GamedayError(
                    "rule or point", expected="one that this review found", got=repr(name), todo=todo
                )

    def __str__(self) -> str:
        return as_text(self)

    def __repr__(self) -> str:
        return as_text(self, diffs=False)

    def _repr_mimebundle_(self, **_: object) -> dict[str, str]:
        """What a notebook shows."""
        return {"text/plain": repr(self), "text/html": as_html(self)}


def _shown(found: Found) -> Review:
    return Review(found.gathered, found.answers, found.findings, found.unseen, found.as_of)


@arguments.checked
def review(*paths: str | Path | Mapping[str, str], as_of: str | None = None) -> Review:
    """Review a workflow, a Dockerfile, Kubernetes manifests and repository settings by James's twelve points.

    Args:
        paths: Files and folders; the name of one of the kit's pipelines, such as ``"copied"``; a workflow's
            text, of more than one line; or texts by the names that their files would have.
        as_of: The day from which the age of stored secrets counts, such as ``"2026-03-02"``. Without it their
            age is not judged.

    Raises:
        ReviewError: A path leads nowhere, or a file can't be reviewed.
        GamedayError: An argument is none of these.
    """
    day = day_of(as_of)
    if len(paths) == 1 and isinstance(paths[0], Mapping):
        return _shown(review_texts(_texts(paths[0]), as_of=day))
    if len(paths) == 1 and isinstance(paths[0], str) and "\n" in paths[0]:
        return _shown(review_texts({"workflow.yaml": paths[0]}, as_of=day))
    wanted: list[str | Path] = []
    for path in paths:
        if isinstance(path, Mapping) or "\n" in str(path):
            raise GamedayError(
                "review(*paths)",
                expected="paths, or one text, or one mapping of texts",
                got=repr(path)[:60],
                todo='As in sim.review("copied") or sim.review({"Dockerfile": text}).',
            )
        wanted.append(arguments.path("review(*paths)", path))
    return _shown(review_paths(wanted, as_of=day))


def _texts(value: Mapping[Any, Any]) -> dict[str, str]:
    for name, text in value.items():
        if not isinstance(name, str) or not isinstance(text, str) or not name:
            raise GamedayError(
                "review(texts)",
                expected="texts by file name",
                got=f"{name!r}: {type(text).__name__}",
                todo='As in {"Dockerfile": "FROM …"}.',
            )
    if not value:
        raise GamedayError("review(texts)", expected="at least one text", got="none", todo="Hand it a file.")
    return dict(value)
