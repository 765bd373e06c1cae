"""The alert lab: design an alert, and see what it would have done on incidents and on quiet weeks.

    from simulator.lab import alert_lab

    mine = alert_lab.burn_rate(14.4, long="1h", short="5m")
    found = alert_lab.run([mine, alert_lab.threshold(0.01, window="5m", hold="10m"), alert_lab.workbook()])
    found.frame            # one row a rule and recording: detection, reset, false alerts, budget spent
    found.summary          # one row a rule
    found.plot()

Everything is simulated on demand and the same for the same seed. Shares are written as shares (0.01 is one
per cent), times as Prometheus writes them (``5m``, ``1h``, ``3d``).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from math import nan

import numpy as np
import pandas as pd

from simulator.drill import play_run
from simulator.errors import GamedayError
from simulator.lab.plots.style import Picture
from simulator.scenario import load
from simulator.slo import formulas
from simulator.slo.backtest import WORTH, Trial, backtest
from simulator.slo.objective import Objective, exact
from simulator.slo.recordings import STEP, Recording
from simulator.slo.recordings import library as _library
from simulator.slo.rules import Condition, Rule, Severity, ThresholdRule, threshold_rules, workbook_rules
from simulator.slo.sli import Slo
from simulator.units import DAY, MINUTE, parse_duration

__all__ = [
    "Findings",
    "burn_rate",
    "expected",
    "library",
    "objective",
    "played",
    "run",
    "series",
    "threshold",
    "workbook",
]


def objective(target: float = 0.999, window: str = "30d") -> Objective:
    """The promise whose budget is counted.

    Args:
        target: Share of good requests, such as 0.999.
        window: Rolling, such as ``30d``.

    Raises:
        GamedayError: The target is no share, or the window no duration from 1d on.
    """
    if not 0 < target < 1:
        raise GamedayError(
            "objective(target=…)",
            expected="a share between 0 and 1, such as 0.999",
            got=repr(target),
            todo="Write 99.9 % as 0.999.",
        )
    length = _duration("objective(window=…)", window)
    if length < DAY:
        raise GamedayError(
            "objective(window=…)", expected="1d or more", got=repr(window), todo="30d is common."
        )
    return Objective("api", "api", (), exact(target), length)


# --- rules ----------------------------------------------------------------------------------------


def workbook(severity: Severity = "page", *, goal: Objective | None = None) -> Rule:
    """The Site Reliability Workbook's multiwindow, multi-burn-rate alert of one severity.

    Raises:
        GamedayError: The objective has no such alert: its window is too short, or its target too low.
    """
    promised = goal or objective()
    for rule in workbook_rules(promised):
        if rule.severity == severity and not rule.silence:
            return replace(rule, name=f"workbook {severity}")
    raise GamedayError(
        f"workbook({severity!r})",
        expected="an objective that has such an alert",
        got=f"{promised.target_text} over {promised.window_text}",
        todo="Over short windows the slow rows make no sense; use a window of 30d.",
    )


def burn_rate(
    factor: float, long: str = "1h", short: str = "", *, hold: str = "0s", keep: str = "0s",
    goal: Objective | None = None, name: str = "",
) -> Rule:  # fmt: skip
    """An alert on one burn rate.

    Args:
        factor: The burn rate that must be exceeded, such as 14.4.
        long: Over this window.
        short: And over this one too, which makes it reset soon; empty for one window alone.
        hold: ``for``: how long it must hold before it fires.
        keep: ``keep_firing_for``.
        goal: The promise; 99.9 % over 30 days by default.
        name: In tables; made from the rest where none is given.

    Raises:
        GamedayError: A window is no duration.
    """
    promised = goal or objective()
    windows = [_duration("burn_rate(…)", text) for text in (long, short or long)]
    limit = exact(factor) * promised.allowance
    part = Condition(windows[0], windows[1], exact(factor), limit)
    words = f"{factor:g}x {long}" + (f"/{short}" if short else "") + _waits(hold, keep)
    return Rule(name or words, "page", promised.name, (part,), hold=_wait(hold), keep=_wait(keep))


def threshold(
    ratio: float, window: str = "5m", *, hold: str = "0s", keep: str = "0s", name: str = ""
) -> Rule:
    """A classic alert: the error ratio of one window above a limit.

    Args:
        ratio: The limit, such as 0.01.
        window: Over which.
        hold: ``for``.
        keep: ``keep_firing_for``.
        name: In tables; made from the rest where none is given.

    Raises:
        GamedayError: The window is no duration.
    """
    classic = ThresholdRule(exact(ratio), _duration("threshold(window=…)", window), _wait(hold), _wait(keep))
    words = f"{100 * ratio:g} % over {window}{_waits(hold, keep)}"
    return replace(threshold_rules(objective(), classic)[0], name=name or words)


def expected(
    factor: float, long: str, error_ratio: float, *, short: str = "", goal: Objective | None = None
) -> pd.Series:
    """Detection and reset in closed form, for a steady error ratio after a clean history.

    Returns:
        ``detection_minutes``, ``reset_minutes`` (after the fault's end) and ``budget_spent_at_detection``;
        NaN where the alert never fires.
    """
    promised = goal or objective()
    target, window = float(promised.target), _duration("expected(long=…)", long)
    found = formulas.detection_time(error_ratio, target, window, factor)
    reset = formulas.reset_time(error_ratio, target, _duration("expected(short=…)", short or long), factor)
    return pd.Series(
        {
            "detection_minutes": nan if found is None else found / MINUTE,
            "reset_minutes": nan if reset is None else reset / MINUTE,
            "budget_spent_at_detection": nan
            if found is None
            else formulas.budget_spent_at_detection(factor, window, promised.window),
        }
    )


# --- recordings -----------------------------------------------------------------------------------


def library(*, goal: Objective | None = None, seed: int = 7, rps: float = 100.0) -> tuple[Recording, ...]:
    """Incidents of every kind (outage, slow burn, flapping, …) and two quiet weeks.

    Args:
        goal: The promise: faults are sized by it.
        seed: Of the noise.
        rps: Requests a second.
    """
    return _library((goal or objective()).allowance, seed=seed, rps=rps)


def played(scenario: str, *, player: str = "nothing", seed: int | None = None, slo: str = "") -> Recording:
    """The SLI of a real drill, played by an automatic learner.

    Args:
        scenario: Name or path.
        player: ``nothing`` lets it burn; ``reference`` mends it.
        seed: None takes the scenario's own.
        slo: Which of its SLOs; the one that spent most where none is named.

    Raises:
        GamedayError: No such scenario, player or SLO.
    """
    run = play_run(load(scenario), seed, player=player)
    names = ", ".join(run.slos)
    chosen = slo or max(run.slos, key=lambda name: run.slos[name].spent_in_drill(run.now))
    if chosen not in run.slos:
        raise GamedayError(
            "played(slo=…)", expected=f"one of {names}", got=repr(slo), todo="Name one of them."
        )
    return _of_slo(run.slos[chosen], run.now, f"{scenario}, {player}")


def series(
    name: str, bad: Sequence[int], total: Sequence[int], *, begins: int = 0, ends: int | None
) -> Recording:
    """A recording of one's own: bad and all requests of each step of 15 s.

    Args:
        name: In tables.
        bad: Bad requests of each step.
        total: Requests of each step; as many steps.
        begins: Number of the step at which the fault begins.
        ends: Number of the step at which it is over; None where nothing is wrong.

    Raises:
        GamedayError: The lengths differ, or a step has more bad requests than requests.
    """
    one, all_ = np.array(bad, dtype=np.int64), np.array(total, dtype=np.int64)
    if one.shape != all_.shape or not len(all_) or (one < 0).any() or (one > all_).any():
        raise GamedayError(
            f"series({name!r})",
            expected="as many steps of bad as of total, and no step with more bad than total",
            got=f"{len(one)} and {len(all_)} steps",
            todo="Count bad requests among all requests of the same 15 s.",
        )
    over = None if ends is None else (ends - begins) * STEP
    return Recording(name, "A recording of one's own.", -begins * STEP, one, all_, over)


def _of_slo(slo: Slo, now: int, name: str) -> Recording:
    """An SLO's events from three days before T+00:00 on, at 15 s; the history's minutes are spread evenly."""
    times, bad, total = slo.events.arrays()
    edges = np.arange(-3 * DAY, now + 1, STEP, dtype=np.int64)
    cumulative = [np.floor(np.interp(edges, times, each)).astype(np.int64) for each in (bad, total)]
    failed, asked = (np.diff(each) for each in cumulative)
    failed = np.minimum(failed, asked)
    first = 3 * DAY // STEP
    hot = np.flatnonzero(failed[first:] > 10 * float(slo.objective.allowance) * np.maximum(asked[first:], 1))
    if not len(hot):
        return Recording(name, "A drill in which nothing burned.", -3 * DAY, failed, asked, None)
    begins = int(hot[0]) * STEP
    return Recording(
        name, "The SLI of a drill.", -3 * DAY - begins, failed, asked, (int(hot[-1]) + 1) * STEP - begins
    )


# --- runs -----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, repr=False)
class Findings:
    """What rules did on recordings.

    Attributes:
        trials: One for each rule and recording, in order.
        rules: Names, in order.
        recordings: In order.
        goal: The promise.
    """

    trials: tuple[Trial, ...]
    rules: tuple[str, ...]
    recordings: tuple[Recording, ...]
    goal: Objective

    @property
    def frame(self) -> pd.DataFrame:
        """One row a rule and recording.

        ``detection_minutes`` counts from the fault's beginning, ``reset_minutes`` from its end; NaN where the
        rule did not fire. ``spent_at_detection`` and ``spent`` are shares of the window's budget.
        """
        rows = [
            {
                "rule": each.rule,
                "recording": each.recording,
                "detection_minutes": _minutes(each.detected_after),
                "reset_minutes": _minutes(each.reset_after),
                "alerts": len(each.firing),
                "false_alerts": each.false_alerts,
                "missed": each.missed,
                "spent_at_detection": nan if each.spent_at_detection is None else each.spent_at_detection,
                "spent": each.spent,
            }
            for each in self.trials
        ]
        return pd.DataFrame(rows).set_index(["rule", "recording"])

    @property
    def summary(self) -> pd.DataFrame:
        """One row a rule: faults that were worth an alert, how many it saw, how soon, and what was false."""
        rows = []
        for name in self.rules:
            own = [each for each in self.trials if each.rule == name]
            seen = [each for each in own if each.detected_after is not None]
            rows.append(
                {
                    "rule": name,
                    "faults": len(seen) + sum(each.missed for each in own),
                    "seen": len(seen),
                    "missed": sum(each.missed for each in own),
                    "false_alerts": sum(each.false_alerts for each in own),
                    "detection_minutes_median": _median(_minutes(each.detected_after) for each in seen),
                    "reset_minutes_median": _median(_minutes(each.reset_after) for each in seen),
                    "spent_at_detection_worst": max(
                        (each.spent_at_detection or 0.0 for each in seen), default=nan
                    ),
                }
            )
        return pd.DataFrame(rows).set_index("rule")

    def plot(self) -> Picture:
        """When each rule saw each fault, and what rang for nothing."""
        from simulator.lab.plots.alerts import alerts_picture

        return alerts_picture(self)

    def __repr__(self) -> str:
        return self.summary.to_string()


def run(
    rules: Rule | Iterable[Rule],
    recordings: Iterable[Recording] | None = None,
    *,
    goal: Objective | None = None,
    worth: float = float(WORTH),
) -> Findings:
    """Run rules over recordings.

    Args:
        rules: One or more, made with the functions here.
        recordings: The library by default.
        goal: The promise; 99.9 % over 30 days by default.
        worth: Share of the budget from which on a fault deserves an alert; less, and an alert is a false one.

    Raises:
        GamedayError: There is no rule, two share a name, or a window is no multiple of 15 s.
    """
    promised = goal or objective()
    chosen = (rules,) if isinstance(rules, Rule) else tuple(rules)
    names = tuple(rule.name for rule in chosen)
    if not names or len(set(names)) != len(names):
        raise GamedayError(
            "run(rules)",
            expected="at least one rule, each with a name of its own",
            got=", ".join(names) or "none",
            todo='Give one of them another name: threshold(0.01, name="mine").',
        )
    tapes = library(goal=promised) if recordings is None else tuple(recordings)
    trials = tuple(backtest(rule, tape, promised, worth=exact(worth)) for rule in chosen for tape in tapes)
    return Findings(trials, names, tapes, promised)


def _minutes(ns: int | None) -> float:
    return nan if ns is None else ns / MINUTE


def _median(values: Iterable[float]) -> float:
    found = list(values)
    return float(np.median(found)) if found else nan


def _duration(where: str, text: str) -> int:
    return parse_duration(text, where=where, dialect="prometheus")


def _wait(text: str) -> int:
    return _duration("hold and keep", text)


def _waits(hold: str, keep: str) -> str:
    """What stands behind a rule's name about its waiting."""
    return (f" for {hold}" if _wait(hold) else "") + (f" keep {keep}" if _wait(keep) else "")
