"""Schema migrations as they run: one after another, each for its time, and what of them a version notices.

A migration holds for every version at once, the old ones too: that is why one expands before the release that
needs it and contracts long after. What a contraction drops is gone; there is no way back but forward.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from simpy.events import ProcessGenerator

from simulator.engine.environment import Environment
from simulator.engine.images import version_of
from simulator.errors import GamedayError
from simulator.scenario.configuration import Migration as Declared
from simulator.scenario.configuration import Schema as DeclaredSchema
from simulator.scenario.document import Scenario
from simulator.scenario.sealed import VersionModel
from simulator.world import Migration, Pod, Schema


class Migrations:
    """The schemas of a scenario and their migrations.

    Args:
        env: The clock.
        scenario: Which there are, and what they do.
        refit: Told the names of workloads that may behave otherwise now.

    Attributes:
        schemas: By name.
    """

    def __init__(self, env: Environment, scenario: Scenario, refit: Callable[[frozenset[str]], None]) -> None:
        self._env = env
        self._refit = refit
        self._declared = {item.name: item for item in scenario.spec.schemas}
        self.schemas = {item.name: _schema(item) for item in scenario.spec.schemas}

    def get(self, name: str) -> Schema:
        """The schema of that name.

        Raises:
            GamedayError: There is none.
        """
        if name in self.schemas:
            return self.schemas[name]
        raise GamedayError(
            f"schema {name}",
            expected=f"one of the schemas {', '.join(self.schemas) or '(there are none)'}",
            got=repr(name),
            todo="flyway info lists them.",
        )

    def migrate(self, name: str, target: str = "", *, by: str) -> list[Migration]:
        """Begin to apply what is pending, up to ``target`` or all of it.

        Returns:
            The migrations that will run, oldest first; empty where the schema is there already.

        Raises:
            GamedayError: No such schema or version, or a migration is under way.
        """
        schema = self.get(name)
        if schema.running is not None:
            raise GamedayError(
                f"schema {name}",
                expected="no migration under way",
                got=f"version {schema.running.version}, which runs",
                todo="Wait until it is done; Flyway holds a lock on its history table.",
            )
        pending = schema.pending(target)
        if pending:
            pending[0].state = "Running"
            self._env.process(self._run(schema, pending, by))
        return pending

    def models(self, pod: Pod) -> Iterator[VersionModel]:
        """What the schemas do to a pod now, and what of them runs."""
        version = version_of(pod.spec.containers[0].image)
        for declared in self._declared.values():
            schema = self.schemas[declared.name]
            columns = schema.columns
            for effect in declared.model.effects:
                wanted = effect.when.operator == "Exists"
                if _touches(effect.workload, effect.versions, pod, version) and wanted == (
                    effect.when.column in columns
                ):
                    yield effect.model
            running = schema.running
            if running is None:
                continue
            for under_way in self._declaration(declared, running).model.effects:
                if _touches(under_way.workload, under_way.versions, pod, version):
                    yield under_way.model

    def _run(self, schema: Schema, pending: list[Migration], by: str) -> ProcessGenerator:
        declared = self._declared[schema.name]
        touched = frozenset(
            effect.workload
            for effects in (declared.model.effects, *(each.model.effects for each in declared.migrations))
            for effect in effects
        )
        for migration in pending:
            migration.state = "Running"
            self._refit(touched)
            yield self._env.timeout(self._declaration(declared, migration).duration)
            migration.state, migration.installed_at = "Success", self._env.now
            migration.installed_by = by
        self._refit(touched)

    @staticmethod
    def _declaration(declared: DeclaredSchema, migration: Migration) -> Declared:
        found = declared.migration(migration.version)
        assert found is not None, "migrations are made from their declarations"
        return found


def _touches(workload: str, versions: tuple[str, ...], pod: Pod, version: str) -> bool:
    return workload == pod.deployment and (not versions or version in versions)


def _schema(declared: DeclaredSchema) -> Schema:
    return Schema(
        declared.name,
        frozenset(declared.columns),
        [
            Migration(
                each.version,
                each.description,
                each.adds,
                each.drops,
                "Pending" if each.installed is None else "Success",
                None if each.installed is None else -each.installed,
                "" if each.installed is None else "pipeline",
            )
            for each in declared.migrations
        ],
    )
