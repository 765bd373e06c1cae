"""``gameday rules``: what promtool does for rule files, without a Prometheus."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from simulator.errors import GamedayError

rules = typer.Typer(
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


@rules.callback()
def family() -> None:
    """Prometheus rule files: their unit tests, as promtool runs them."""


@rules.command("test")
def run_tests(
    files: Annotated[
        list[Path], typer.Argument(metavar="FILE...", help="Rule unit-test files, in promtool's format.")
    ],
    promql: Annotated[
        int, typer.Option(min=2, max=3, help="Whose semantics; 2 closes ranges on the left, as promtool 2.x.")
    ] = 3,
) -> None:
    """Run promtool's rule unit tests: exit code 0, or 1 and the differences as promtool prints them."""
    from simulator.telemetry.rules import check_file

    failed = False
    for path in files:
        try:
            report = check_file(path, version=2 if promql == 2 else 3)
        except GamedayError as error:
            print(f"Unit Testing:  {path}\n  FAILED:\n{error}\n")
            failed = True
            continue
        print(report)
        failed = failed or not report.passed
    if failed:
        raise typer.Exit(1)
