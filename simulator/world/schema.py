"""Database schemas: their columns, and the migrations that were applied. State only; ``engine`` runs them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from simulator.errors import GamedayError

MigrationState = Literal["Pending", "Running", "Success"]


@dataclass(slots=True)
class Migration:
    """One migration.

    Attributes:
        version: Such as ``42``.
        description: One line.
        adds: Columns (``table.column``) that it adds: expand.
        drops: Columns that it drops: contract. What they held is gone.
        state: Where it is.
        installed_at: When it was done, ns; None before.
        installed_by: Who.
    """

    version: str
    description: str
    adds: tuple[str, ...] = ()
    drops: tuple[str, ...] = ()
    state: MigrationState = "Pending"
    installed_at: int | None = None
    installed_by: str = ""

    @property
    def contracts(self) -> bool:
        """It takes something away, so nothing brings it back."""
        return bool(self.drops)

    @property
    def statements(self) -> tuple[str, ...]:
        """Its SQL."""
        columns = [*(("ADD", each) for each in self.adds), *(("DROP", each) for each in self.drops)]
        return tuple(
            f"ALTER TABLE {each.partition('.')[0]} {verb} COLUMN {each.partition('.')[2]}"
            + (" text;" if verb == "ADD" else ";")
            for verb, each in columns
        )

    @property
    def script(self) -> str:
        """The name of its file, as Flyway wants it."""
        return f"V{self.version}__{'_'.join(self.description.lower().split())}.sql"


@dataclass(slots=True)
class Schema:
    """One schema.

    Attributes:
        name: Unique.
        base: Columns before the first migration.
        migrations: Oldest first; they are applied in this order.
    """

    name: str
    base: frozenset[str] = frozenset()
    migrations: list[Migration] = field(default_factory=list)

    @property
    def columns(self) -> frozenset[str]:
        """What is there now."""
        columns = set(self.base)
        for migration in self.migrations:
            if migration.state == "Success":
                columns |= set(migration.adds)
                columns -= set(migration.drops)
        return frozenset(columns)

    @property
    def version(self) -> str:
        """Of the last migration that was applied; empty before the first."""
        done = [each.version for each in self.migrations if each.state == "Success"]
        return done[-1] if done else ""

    @property
    def running(self) -> Migration | None:
        """The migration that is under way."""
        return next((each for each in self.migrations if each.state == "Running"), None)

    def pending(self, target: str = "") -> list[Migration]:
        """What is to be applied to reach ``target``, or with an empty target the newest.

        Raises:
            GamedayError: There is no migration of that version.
        """
        if target and target not in (each.version for each in self.migrations):
            raise GamedayError(
                f"schema {self.name}",
                expected="one of the versions " + ", ".join(each.version for each in self.migrations),
                got=repr(target),
                todo="flyway info lists them.",
            )
        found = []
        for migration in self.migrations:
            if migration.state == "Pending":
                found.append(migration)
            if migration.version == target:
                break
        return found
