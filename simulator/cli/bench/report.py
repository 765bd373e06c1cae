"""What ``gameday bench`` measured, for people."""

from __future__ import annotations

from collections.abc import Mapping

from rich.console import Console

from simulator.cli.bench.workloads import WORKLOADS
from simulator.cli.screen import plain_table

_ENGINES = (
    ("this engine, compiled", "requests_per_cpu_second", None),
    ("C at -O3", "c_requests_per_cpu_second", "ratio_of_c"),
    ("plain SimPy", "simpy_requests_per_cpu_second", "ratio_over_simpy"),
    ("this engine, uncompiled", "uncompiled_requests_per_cpu_second", "ratio_over_uncompiled"),
)


def show_bench(console: Console, result: Mapping[str, object]) -> None:
    """A table a workload, then the drill and the starts."""
    for work in WORKLOADS:
        rates = _numbers(result[work.name])
        columns = ("requests per CPU second", "the compiled engine is")
        table = plain_table(f"workload {work.name}", *columns, right=columns)
        for title, rate, ratio in _ENGINES:
            if (measured := rates.get(rate)) is None:
                table.add_row(title, "no compiler here", "")
                continue
            times = rates.get(ratio) if ratio else None
            table.add_row(title, f"{measured:,.0f}", f"{times:.2f} times this" if times else "")
        console.print(table, "")
    drill, start = _numbers(result["drill"]), _numbers(result["start"])
    console.print(
        f"A drill of {drill['minutes']:.0f} minutes replays in {drill['replay_cpu_seconds']:.2f} CPU seconds "
        f"({drill['replay_with_coach_cpu_seconds']:.2f} with the coach listening).\n"
        f"The engine starts in {start['warm_seconds']:.1f} s; compiled from nothing, in "
        f"{start['cold_seconds']:.1f} s."
    )


def _numbers(part: object) -> dict[str, float | None]:
    return dict(part) if isinstance(part, Mapping) else {}
