"""What ``gameday bench`` measured, for people."""

from __future__ import annotations

from collections.abc import Mapping

from rich.console import Console

from simulator.cli.bench.workloads import WORKLOADS
from simulator.cli.screen import plain_table

_ENGINES = (
    ("this engine, compiled", "requests_per_cpu_second", None),
    ("with every feature on", "all_features_requests_per_cpu_second", "ratio_over_all_features"),
    ("C at -O3", "c_requests_per_cpu_second", "ratio_of_c"),
    ("plain SimPy", "simpy_requests_per_cpu_second", "ratio_over_simpy"),
    ("this engine, uncompiled", "uncompiled_requests_per_cpu_second", "ratio_over_uncompiled"),
)
_TANDEM = (
    ("tandem, compiled", "tandem_requests_per_cpu_second", None),
    ("tandem, Ciw", "ciw_requests_per_cpu_second", "ratio_over_ciw"),
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
        for title, rate, ratio in _TANDEM:
            if (measured := rates.get(rate)) is not None:
                times = rates.get(ratio) if ratio else None
                table.add_row(title, f"{measured:,.0f}", f"{times:.2f} times this" if times else "")
        console.print(table, "")
    _show_growth(console, result["growth"])
    _show_rollout(console, _numbers(result["rollout"]))
    _show_metrics(console, _numbers(result["metrics"]))
    drill, start = _numbers(result["drill"]), _numbers(result["start"])
    costs = _numbers(result["rules"])
    console.print(
        f"An hour of {costs['alerts']:.0f} alert rules takes {costs['live_cpu_seconds_per_hour']:.2f} CPU "
        f"seconds as they run in a drill; the {costs['file_rules']:.0f} rules of their file take "
        f"{costs['promql_cpu_seconds_per_hour']:.1f} as PromQL."
    )
    console.print(
        f"A drill of {drill['minutes']:.0f} minutes replays in {drill['replay_cpu_seconds']:.2f} CPU seconds "
        f"({drill['replay_with_coach_cpu_seconds']:.2f} with the coach listening); "
        f"twenty what-ifs of it take {drill['twenty_what_ifs_cpu_seconds']:.1f}.\n"
        f"The engine starts in {start['warm_seconds']:.1f} s; compiled from nothing, in "
        f"{start['cold_seconds']:.1f} s."
    )


def _show_growth(console: Console, growth: object) -> None:
    """CPU time of a simulated second at each size, with the fitted exponent beside that of n log n."""
    assert isinstance(growth, Mapping)
    curves = {f"instances, {name}": row for name, row in growth["instances"].items()}
    curves["services"] = growth["services"]
    columns = ("10", "100", "1000", "grows as", "n log n is")
    table = plain_table("CPU ms of a simulated second, load in proportion", *columns, right=columns)
    for title, row in curves.items():
        sizes = [f"{1000 * row[size]:.2f}" if size in row else "" for size in columns[:3]]
        table.add_row(title, *sizes, f"n^{row['exponent']:.2f}", f"n^{row['n_log_n_exponent']:.2f}")
    console.print(table, "")
    load, memory = growth["load"], growth["memory_mb"]
    console.print(
        f"A user of H costs {load['1000_per_second']:.2f} µs at 1,000 a second, "
        f"{load['10000_per_second']:.2f} µs at 10,000 on ten times the instances.\n"
        f"A process takes {memory['after_1_minute']:.0f} MB after a simulated minute, "
        f"{memory['after_1_hour']:.0f} MB after an hour.\n"
        f"A control step takes {growth['control_step_microseconds']:.1f} µs."
    )


def _show_metrics(console: Console, row: Mapping[str, float | None]) -> None:
    """Bytes and milliseconds of a day of metrics."""
    console.print(
        f"A day of {row['series']:,.0f} series, every 5 s, takes {row['megabytes_a_day']:.0f} MB and "
        f"{row['scrape_microseconds']:.0f} µs a scrape. Over an hour at 15 s, traffic is answered in "
        f"{row['traffic_query_milliseconds']:.0f} ms, error ratios in "
        f"{row['errors_query_milliseconds']:.0f} ms, latency in "
        f"{row['latency_query_milliseconds']:.0f} ms; a rate over the day in "
        f"{row['rate_over_a_day_milliseconds']:.0f} ms."
    )


def _show_rollout(console: Console, row: Mapping[str, float | None]) -> None:
    """The controllers' share beside the requests'."""
    console.print(
        f"A rollout of {row['replicas']:.0f} replicas over {row['nodes']:.0f} nodes takes "
        f"{row['rollout_cpu_seconds']:.2f} CPU seconds; the {row['requests_per_second']:,.0f} requests a "
        f"second that flow meanwhile take {row['requests_cpu_seconds']:.2f}."
    )


def _numbers(part: object) -> dict[str, float | None]:
    return dict(part) if isinstance(part, Mapping) else {}
