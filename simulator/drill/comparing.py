"""Several plays of the same users side by side: a table, a curve with decisions each, one sentence."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from simulator.drill.acts import Printer
from simulator.drill.codes import RunCode
from simulator.drill.players import mitigated_at
from simulator.drill.run import Run
from simulator.drill.whatif import BudgetCurve
from simulator.errors import GamedayError
from simulator.slo import user_minutes_bad, worst
from simulator.units import SECOND, format_clock, from_seconds, seconds


@dataclass(frozen=True, slots=True)
class Played:
    """One of the plays.

    Attributes:
        name: Whose.
        curve: Budget that the drill spent, over time.
        decisions: (seconds, line) of the changes that were carried out.
        spent: Share of the budget that the whole play spent.
        user_minutes: Bad user-minutes.
        mitigated_at: Seconds from which it no longer burnt, or None.
    """

    name: str
    curve: BudgetCurve
    decisions: tuple[tuple[float, str], ...]
    spent: float
    user_minutes: int
    mitigated_at: float | None


@dataclass(frozen=True, slots=True)
class SideBySide:
    """Two or more plays, the one that cost users least first.

    Attributes:
        slo: Name of the SLO that the curves show: the one that was spent most in any of them.
        played: The plays.
    """

    slo: str
    played: tuple[Played, ...]

    @property
    def sentence(self) -> str:
        """What the table comes to."""
        best, last = self.played[0], self.played[-1]
        first = f"{_decided(best)} in {best.name}, {_decided(last)} in {last.name}"
        return (
            f"Of {len(self.played)} plays {best.name} spent least of the error budget, "
            f"{100 * best.spent:.1f} %, and {last.name} most, {100 * last.spent:.1f} %; "
            f"the first change came {first}."
        )

    def frame(self) -> pd.DataFrame:
        """One row a play, the least costly first."""
        rows = [
            {
                "play": each.name,
                "budget_spent_percent": round(100 * each.spent, 2),
                "user_minutes_bad": each.user_minutes,
                "changes": len(each.decisions),
                "first_change": _clock(each.decisions[0][0] if each.decisions else None),
                "mitigated": _clock(each.mitigated_at),
            }
            for each in self.played
        ]
        return pd.DataFrame(rows).set_index("play")

    def __str__(self) -> str:
        return f"{self.sentence}\n\n{self.frame().to_string()}"

    def _repr_pretty_(self, printer: Printer, cycle: bool) -> None:  # noqa: ARG002 - IPython's protocol
        """What a notebook shows."""
        printer.text(str(self))


def compare(runs: Mapping[str, Run]) -> SideBySide:
    """Lay plays of the same users side by side.

    Args:
        runs: By the name that each shall have; at least two.

    Raises:
        GamedayError: Fewer than two, or of different scenarios, variants or seeds.
    """
    codes = {str(RunCode.of(run)) for run in runs.values()}
    if len(runs) < 2 or len(codes) != 1:
        raise GamedayError(
            "compare",
            expected="two or more plays of one scenario, variant and seed",
            got=", ".join(sorted(codes)) if len(codes) > 1 else f"{len(runs)} of them",
            todo='For example drill.compare("reference", "nothing").',
        )
    found = [(worst(run.slos, run.now), run.now) for run in runs.values()]
    name = max(found, key=lambda each: each[0].spent_in_drill(each[1]))[0].objective.name
    played = [_played(label, run, name) for label, run in runs.items()]
    return SideBySide(name, tuple(sorted(played, key=lambda each: (each.spent, each.name))))


def _played(label: str, run: Run, name: str) -> Played:
    curve, calm = run.slos[name].curve(0, run.now), mitigated_at(run, worst(run.slos, run.now))
    decisions = [
        (seconds(answer.at), answer.line)
        for answer in run.transcript
        if answer.kind == "change" and answer.ok
    ]
    return Played(
        label,
        BudgetCurve(curve.times / SECOND, curve.spent_in_drill),
        tuple(decisions),
        run.slos[name].spent_in_drill(run.now),
        user_minutes_bad(run.telemetry, run.now),
        None if calm is None else seconds(calm),
    )


def _decided(each: Played) -> str:
    return f"at {_clock(each.decisions[0][0])}" if each.decisions else "never"


def _clock(at: float | None) -> str:
    return "never" if at is None else format_clock(from_seconds(at))
