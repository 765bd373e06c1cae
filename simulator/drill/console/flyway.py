"""``flyway``: the migrations of the databases' schemas."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from simulator.drill.console.grammar import Arguments, Flag, RefusedError
from simulator.drill.console.registry import Command, family
from simulator.engine import OPERATOR
from simulator.units import MICROSECOND, MINUTE, format_duration
from simulator.world import Schema

if TYPE_CHECKING:
    from simulator.drill.run import Run

FLYWAY: Final = family("flyway", about="Schema migrations: what is applied, what is pending.")

_SCHEMA: Final = Flag("schemas", "Which schema; all, or the only one, by default.")
#: How long ``migrate`` is waited for.
_PATIENCE: Final = 30 * MINUTE


def _no_words(line: str, arguments: Arguments) -> tuple[str, ...]:
    if arguments.words:
        raise RefusedError(
            f"ERROR: Invalid argument: {arguments.words[0]}",
            where=line,
            expected="no word",
            got=repr(arguments.words[0]),
            todo="Name a schema by --schemas=NAME.",
        )
    return ()


def _flags(run: Run, _before: Sequence[str]) -> list[str]:
    return [f"--schemas={name}" for name in run.production.causes.migrations.schemas]


@FLYWAY.verb(
    "info",
    usage="[--schemas=NAME]",
    about="Each migration and its state.",
    kind="look",
    cost="get",
    flags=(_SCHEMA,),
    normalise=_no_words,
    candidates=_flags,
)
def info(run: Run, command: Command) -> str:
    """Flyway's table, a schema at a time."""
    migrations = run.production.causes.migrations
    name = command.arguments.text("schemas")
    schemas = [migrations.get(name)] if name else list(migrations.schemas.values())
    if not schemas:
        return "No schemas."
    return "\n\n".join(_info(run, schema) for schema in schemas)


def _info(run: Run, schema: Schema) -> str:
    header = ("Category", "Version", "Description", "Type", "Installed On", "State", "Undoable")
    rows = []
    for each in schema.migrations:
        when = ""
        if each.installed_at is not None:
            moment = run.cluster.start + timedelta(microseconds=each.installed_at // MICROSECOND)
            when = f"{moment:%Y-%m-%d %H:%M:%S}"
        state = {"Running": "Pending"}.get(each.state, each.state)
        rows.append(("Versioned", each.version, each.description, "SQL", when, state, "No" if when else ""))
    widths = [max(len(row[place]) for row in (header, *rows)) for place in range(len(header))]
    rule = "+" + "+".join("-" * (width + 2) for width in widths) + "+"
    lines = [
        "| " + " | ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) + " |"
        for row in (header, *rows)
    ]
    version = schema.version or "<< Empty Schema >>"
    body = [rule, lines[0], rule, *lines[1:], rule]
    running = [f"A migration to version {schema.running.version} is under way."] if schema.running else []
    return "\n".join([f"Database: {schema.name}", f"Schema version: {version}", "", *body, *running])


def _migrate_danger(_arguments: Arguments) -> str:
    return "A migration holds for every version at once, and what it drops does not come back."


@FLYWAY.verb(
    "migrate",
    usage="[--schemas=NAME] [--target=VERSION]",
    about="Apply what is pending; waits until it is done.",
    kind="change",
    cost="change",
    flags=(_SCHEMA, Flag("target", "Up to this version; the newest by default.")),
    normalise=_no_words,
    danger=_migrate_danger,
    candidates=_flags,
)
def migrate(run: Run, command: Command) -> str:
    """Run the pending migrations of one schema."""
    migrations = run.production.causes.migrations
    name = command.arguments.text("schemas") or next(iter(migrations.schemas), "")
    schema = migrations.get(name)
    began, before = run.now, schema.version or "<< Empty Schema >>"
    pending = migrations.migrate(name, command.arguments.text("target"), by=OPERATOR)
    lines = [f"Database: {name}", f'Current version of schema "{name}": {before}']
    if not pending:
        return "\n".join([*lines, f'Schema "{name}" is up to date. No migration necessary.'])
    lines += [
        f'Migrating schema "{name}" to version "{each.version} - {each.description}"' for each in pending
    ]
    run.block(run.now + _PATIENCE, lambda: schema.running is None)
    if schema.running is not None:
        return "\n".join([*lines, f"still running after {format_duration(run.now - began)}"])
    count = len(pending)
    return "\n".join(
        [
            *lines,
            f'Successfully applied {count} migration{"s" if count != 1 else ""} to schema "{name}", now at '
            f"version v{schema.version} (execution time {format_duration(run.now - began)})",
        ]
    )


@FLYWAY.verb(
    "undo",
    usage="",
    about="Not in this edition: a migration is mended by another migration.",
    kind="look",
    cost="get",
    normalise=_no_words,
)
def undo(_run: Run, command: Command) -> str:
    """Flyway's own refusal."""
    raise RefusedError(
        "ERROR: Flyway Teams Edition or Flyway Enterprise Edition required: undo is not supported by Flyway "
        "Community Edition",
        where=command.line,
        expected="a migration forward",
        got="undo",
        todo="What was dropped is gone; roll the code forward, or restore from a backup.",
    )
