"""Every error a user can meet, each in four parts: where, what was expected, what came, what to do.

    GamedayError
    ├── FileError          a file that people write; carries all problems of the file at once
    │   ├── ScenarioError  a scenario
    │   ├── PipelineError  a workflow of a delivery pipeline, or the model beside it
    │   └── ReviewError    a file that a review was asked to look at, and can't
    ├── ConsoleError       a line typed on the console
    ├── JournalError       a run file
    ├── QueryError         a PromQL expression that can't be read, or can't be evaluated on these series
    ├── SimulationError    a declared limit was reached, or an invariant of the simulator broke
    └── SetupError         the machine, an optional tool or an environment variable

A front end prints ``str(error)``; a program reads the parts. A notebook prints the sentence alone, since the
learner's line is wrong and not ours; a ``SimulationError`` keeps its stack, since there it is ours.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from traceback import format_exception


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong, in four parts.

    Attributes:
        where: File, line and path; or the console line; or the argument.
        expected: What would have been right, without the word "expected".
        got: What was there instead, without the word "got".
        todo: What the reader can do now: one or two full sentences.
    """

    where: str
    expected: str
    got: str
    todo: str

    def __str__(self) -> str:
        return f"{self.where}: expected {self.expected}, got {self.got}. {self.todo}".rstrip()


class GamedayError(Exception):
    """The root of the tree; raised itself for arguments of public functions."""

    def __init__(self, where: str, *, expected: str, got: str, todo: str) -> None:
        self.problem = Problem(where, expected, got, todo)
        super().__init__(str(self.problem))

    def _render_traceback_(self) -> list[str]:
        """What IPython shows in place of a stack, in a notebook, under nbval and in its own shell."""
        return [f"{type(self).__name__}: {self}"]

    def __reduce__(self) -> tuple[Callable[..., GamedayError], tuple[object, ...]]:
        """Errors travel between processes; the default would call ``__init__`` with the text alone."""
        return _remade, (type(self), self.__dict__)

    @property
    def where(self) -> str:
        return self.problem.where

    @property
    def expected(self) -> str:
        return self.problem.expected

    @property
    def got(self) -> str:
        return self.problem.got

    @property
    def todo(self) -> str:
        return self.problem.todo


def _remade(kind: type[GamedayError], attributes: dict[str, object]) -> GamedayError:
    error = kind.__new__(kind)
    error.__dict__.update(attributes)
    problem = attributes["problem"]
    error.args = (str(problem),)
    return error


class FileError(GamedayError):
    """A file that can't be loaded, with every problem that one pass found."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        if not self.problems:
            raise ValueError(f"a {type(self).__name__} needs at least one problem")
        first = self.problems[0]
        super().__init__(first.where, expected=first.expected, got=first.got, todo=first.todo)

    def __str__(self) -> str:
        return "\n".join(str(problem) for problem in self.problems)


class ScenarioError(FileError):
    """A scenario that can't be loaded."""


class PipelineError(FileError):
    """A workflow that can't be read or run, or a model of a pipeline that can't be meant."""


class ReviewError(FileError):
    """A file that can't be reviewed, or a folder with nothing to review."""


class ConsoleError(GamedayError):
    """A console line that can't be understood or carried out."""


class JournalError(GamedayError):
    """A run file that can't be read, or does not belong to this scenario."""


class QueryError(GamedayError):
    """A PromQL expression that can't be read, is not supported, or has no answer on these series.

    Attributes:
        column: Where in the expression, from 1; 0 where it is the whole.
        message: Prometheus' own words for it, as promtool prints them.
    """

    def __init__(
        self, where: str, *, expected: str, got: str, todo: str, column: int = 0, message: str = ""
    ) -> None:
        super().__init__(where, expected=expected, got=got, todo=todo)
        self.column = column
        self.message = message or f"expected {expected}, got {got}"


class SimulationError(GamedayError):
    """A declared limit was reached, or an invariant of the simulator does not hold."""

    def _render_traceback_(self) -> list[str]:
        """The stack as ever: whoever meets this one reports it."""
        return format_exception(self)


class SetupError(GamedayError):
    """Something this machine lacks."""
