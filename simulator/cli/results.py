"""Runs measured: what ``run`` and ``replay`` give to machines and show to people."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from pathlib import Path

from rich.console import Console
from rich.text import Text

from simulator.cli.doctor import Finding
from simulator.cli.screen import plain_table
from simulator.coach import Coach
from simulator.drill import Run, play_acts, play_run, result_of, what_ifs
from simulator.drill import replay as replay_run
from simulator.scenario import load
from simulator.units import SECOND, format_duration

Row = dict[str, object]
_VERDICTS = {"ok": "green", "warn": "yellow", "fail": "red"}


def played(name: str, *, player: str, seed: int | None, variant: int) -> Row:
    """Let a player play a scenario to its end; the object that DESIGN calls ``run NAME --json``.

    Raises:
        GamedayError: No such scenario, variant or player.
    """
    scenario = load(name)
    return _measured(
        lambda attach: play_run(scenario, seed, variant=variant, player=player, attach=attach), player
    )


def replayed(journal: Path, *, warn: Callable[[str], None] | None = None) -> Row:
    """Play a run file to the end of its drill; the same object.

    Args:
        journal: The run file.
        warn: Called with what the file has to say about itself: another version of the kit wrote it, or its
            last line was torn.

    Raises:
        JournalError: The file is damaged, or belongs to another scenario.
    """

    def play(attach: Callable[[Run], object]) -> Run:
        def heard(fresh: Run) -> None:
            if warn is not None:
                for sentence in fresh.warnings:
                    warn(sentence)
            attach(fresh)

        return replay_run(journal, attach=heard, to_end=True)

    return _measured(play, "you")


def _measured(play: Callable[[Callable[[Run], object]], Run], player: str) -> Row:
    coaches: list[Coach] = []
    begun = time.perf_counter()
    run = play(lambda fresh: coaches.append(Coach(fresh)))
    wall_seconds = round(time.perf_counter() - begun, 3)
    score = coaches[0].score().to_json()
    return result_of(run, player).to_json(wall_seconds=wall_seconds, score=score)


def replay_cost(name: str) -> dict[str, float]:
    """CPU seconds of a drill, the engine warm: the reference play again, and twenty what-ifs of it.

    Returns:
        ``replay_cpu_seconds`` and ``replay_with_coach_cpu_seconds``, with all that can be looked at kept;
        ``twenty_what_ifs_cpu_seconds``, one after the other, its first change at another second each; and
        the drill's ``minutes``.
    """
    scenario = load(name)
    played = play_run(scenario)
    acts = played.acts
    costs = {}
    for label, coached in (("replay_cpu_seconds", False), ("replay_with_coach_cpu_seconds", True)):
        begun = time.process_time()
        run = Run(scenario, mode="game-day")
        if coached:
            Coach(run)
        play_acts(run, acts).finish()
        costs[label] = round(time.process_time() - begun, 3)
    changed = next(number for number, each in enumerate(played.transcript, 1) if each.kind == "change")
    later = [{"move": {changed: format_duration(acts[changed - 1].at + each * SECOND)}} for each in range(20)]
    begun = time.process_time()
    what_ifs(played, later, workers=1)
    costs["twenty_what_ifs_cpu_seconds"] = round(time.process_time() - begun, 3)
    costs["minutes"] = scenario.spec.duration / 60e9
    return costs


def show_result(console: Console, row: Row) -> None:
    """One measured run, for people."""
    table = plain_table("", "", right=())
    table.show_header = False
    table.add_row("scenario", f"{row['scenario']}, variant {row['variant']}, seed {row['seed']}")
    table.add_row("player", str(row["player"]))
    table.add_row("budget spent", f"{100 * _number(row['budget_spent']):.1f} % of the window's error budget")
    table.add_row("bad user-minutes", f"{_number(row['user_minutes_bad']):,.0f}")
    table.add_row("paged at", _clock(row["paged_at"]))
    table.add_row("mitigated at", _clock(row["mitigated_at"]))
    score = row["score"]
    if isinstance(score, Mapping):
        parts = (f"{name} {_number(value):.0f}" for name, value in score.items())
        table.add_row("score", str(score.get("reason") or ", ".join(parts)))
    requests, wall = _number(row["requests"]), _number(row["wall_seconds"])
    table.add_row("simulated", f"{requests:,.0f} requests in {wall:.2f} s")
    table.add_row("digest", str(row["digest"]))
    console.print(table)


def show_findings(console: Console, findings: list[Finding]) -> None:
    """The doctor's examination as a table, fixes under their lines."""
    table = plain_table("", "", "")
    table.show_header = False
    for one in findings:
        table.add_row(Text(one.verdict, style=_VERDICTS[one.verdict]), one.name, one.found)
        if one.fix:
            table.add_row("", "", Text(one.fix, style="italic"))
    console.print(table)
    worst = [one.name for one in findings if one.verdict == "fail"]
    console.print(f"\nNot fit yet: {', '.join(worst)}." if worst else "\nFit for a workshop.")


def _number(value: object) -> float:
    return float(value) if isinstance(value, int | float) else float("nan")


def _clock(value: object) -> str:
    if value is None:
        return "never"
    minutes, rest = divmod(int(_number(value)), 60)
    return f"T+{minutes:02d}:{rest:02d}"
