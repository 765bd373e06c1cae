"""Feature flags: for whom each is on, and who changed that when; a service of its own, no Kubernetes kind."""

from __future__ import annotations

import difflib
from dataclasses import dataclass, field, replace

from simulator.errors import GamedayError


@dataclass(frozen=True, slots=True)
class FlagState:
    """For whom a flag is on.

    Attributes:
        percentage: Of all users, 0 to 100; a larger share contains every smaller one.
        cohorts: Names of groups for whom it is on beside them.
    """

    percentage: float = 0.0
    cohorts: tuple[str, ...] = ()

    @property
    def off(self) -> bool:
        """It is on for nobody."""
        return self.percentage == 0 and not self.cohorts

    def __str__(self) -> str:
        share = "off" if not self.percentage else "on" if self.percentage == 100 else f"{self.percentage:g}%"
        names = " + ".join(f"cohort {name}" for name in self.cohorts)
        return names if names and not self.percentage else f"{share} + {names}" if names else share


@dataclass(frozen=True, slots=True)
class FlagChange:
    """One line of a flag's audit trail.

    Attributes:
        at: ns.
        author: Who.
        before: As it was.
        after: As it is since.
        cause: Why; empty where nothing was said.
    """

    at: int
    author: str
    before: FlagState
    after: FlagState
    cause: str = ""


@dataclass(slots=True)
class Flag:
    """One flag.

    Attributes:
        name: Unique.
        state: For whom it is on.
        description: One line for people.
        owner: Whom to ask.
        trail: Every change, oldest first.
    """

    name: str
    state: FlagState
    description: str = ""
    owner: str = ""
    trail: list[FlagChange] = field(default_factory=list)


class Flags:
    """All flags, by name, and the share of the users that each cohort has.

    Args:
        cohorts: Share by name.
    """

    def __init__(self, cohorts: dict[str, float] | None = None) -> None:
        self.cohorts = dict(cohorts or {})
        self._flags: dict[str, Flag] = {}

    @property
    def names(self) -> tuple[str, ...]:
        """In order of declaration."""
        return tuple(self._flags)

    def add(self, flag: Flag) -> None:
        """Declare one; its name is new."""
        assert flag.name not in self._flags, "the loader refuses a name twice"
        self._flags[flag.name] = flag

    def get(self, name: str) -> Flag:
        """The flag of that name.

        Raises:
            GamedayError: There is none.
        """
        flag = self._flags.get(name)
        if flag is None:
            near = difflib.get_close_matches(name, list(self._flags), n=1)
            raise GamedayError(
                f"flag {name}",
                expected=f"one of the flags {', '.join(self._flags) or '(there are none)'}",
                got=repr(name),
                todo=f"Did you mean {near[0]}?" if near else "flag list shows them.",
            )
        return flag

    def set(self, name: str, state: FlagState, *, now: int, author: str, cause: str = "") -> bool:
        """Change a flag; the trail keeps it.

        Returns:
            Whether it was another state before.

        Raises:
            GamedayError: No such flag or cohort, or a percentage outside 0 to 100.
        """
        flag = self.get(name)
        if not 0 <= state.percentage <= 100:
            raise GamedayError(
                f"flag {name}",
                expected="a percentage from 0 to 100",
                got=f"{state.percentage:g}",
                todo="Choose one.",
            )
        for cohort in state.cohorts:
            if cohort not in self.cohorts:
                raise GamedayError(
                    f"flag {name}",
                    expected=f"one of the cohorts {', '.join(self.cohorts) or '(there are none)'}",
                    got=repr(cohort),
                    todo="Name one of these.",
                )
        state = replace(state, cohorts=tuple(sorted(set(state.cohorts))))
        if state == flag.state:
            return False
        flag.trail.append(FlagChange(now, author, flag.state, state, cause))
        flag.state = state
        return True
