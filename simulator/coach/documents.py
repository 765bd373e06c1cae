"""A page that James writes beside the debrief (design, runbook, postmortem): shown, printed, saved."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from simulator.coach.blocks import Section
from simulator.coach.page import page
from simulator.coach.render import markdown, plain
from simulator.drill.acts import Printer
from simulator.errors import GamedayError


@dataclass(frozen=True, slots=True)
class Document:
    """One page.

    Attributes:
        kind: A word for what it is, such as ``runbook``.
        title: Its headline.
        subtitle: Of what, and as of when.
        sections: Its parts, in order.
    """

    kind: str
    title: str
    subtitle: str
    sections: tuple[Section, ...]

    def __str__(self) -> str:
        return plain(self)

    def __getitem__(self, key: str) -> Section:
        return next(section for section in self.sections if section.key == key)

    def markdown(self) -> str:
        """As Markdown; drawings are Mermaid with their twin in words below."""
        return markdown(self)

    def html(self) -> str:
        """As one self-contained page."""
        return page(self, kind=self.kind)

    def save(self, path: str | Path) -> Path:
        """Write it to a file: ``.md`` as Markdown, ``.html`` as a page; an existing file is replaced.

        Raises:
            GamedayError: Another ending, or a place that can't be written.
        """
        target = Path(path)
        writers = {".md": self.markdown, ".html": self.html}
        if target.suffix not in writers:
            raise GamedayError(
                f"save({str(path)!r})",
                expected="a path that ends in .md or .html",
                got=repr(target.suffix),
                todo=f"For example save('{self.kind}.md').",
            )
        return self.write(target, writers[target.suffix]())

    @staticmethod
    def write(target: Path, text: str) -> Path:
        """Put a text into a file.

        Raises:
            GamedayError: It can't be written.
        """
        try:
            target.write_text(text, encoding="utf-8")
        except OSError as error:
            raise GamedayError(
                f"save({str(target)!r})",
                expected="a place to write",
                got=error.strerror or str(error),
                todo="Give another path.",
            ) from None
        return target

    def _repr_markdown_(self) -> str:
        return self.markdown()

    def _repr_pretty_(self, printer: Printer, cycle: bool) -> None:  # noqa: ARG002 - IPython's protocol
        """The plain twin of what a notebook shows."""
        printer.text(str(self))
