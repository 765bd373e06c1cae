"""A class's run files, read together: who saw it when, who mitigated when, what it cost, what to talk about.

Each file is played again, never trusted. What comes out is about decisions and beliefs; a run is named by its
file, so whoever collects the files decides what names stand on the list.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pandas as pd

from simulator.coach.case import Deed
from simulator.coach.coach import Coach
from simulator.coach.debrief import Debrief
from simulator.coach.regret import WORTH_ASKING
from simulator.drill import Run, replay
from simulator.drill.players import result_of
from simulator.units import format_clock, seconds

#: The classes of acts that stand for a belief worth talking about.
_BELIEFS: Final = ("reasonable-error", "harmful")
#: What counts as having noticed: to wait is not to do anything.
_DOING: Final = ("look", "change", "communicate", "hint")
#: And what acts on a page: to look at it does not.
_ACTING: Final = ("change", "communicate")


@dataclass(frozen=True, slots=True)
class Belief:
    """An act that the scenario's author calls a reasonable error or harmful, as somebody did it.

    Attributes:
        scenario: Where.
        id: The author's name for it.
        why: The author's sentence on it.
        at: When, ns.
        line: As typed.
    """

    scenario: str
    id: str
    why: str
    at: int
    line: str


@dataclass(frozen=True, slots=True)
class Attempt:
    """One run file, measured.

    Attributes:
        name: The file's name without its ending.
        scenario, variant, seed, mode: What was played.
        paged_s: First page, seconds after T+00:00; None where nobody was paged.
        detected_s: From the first page to the first thing that the learner did, if only a look, seconds; None
            likewise.
        acted_s: From the first page to the first act on it, be it an ack, a word or a change; None without.
        acted: That act as typed; empty without one.
        mitigated_s: From the first page until users were served for good, seconds; None where they were not.
        told_s: From the first page to the first word to the outside, seconds; None without one.
        budget_spent: Share of the window's budget that the drill spent.
        user_minutes_bad: Users with a bad minute, summed over the minutes.
        score: Points by line, and the total; None where there is nothing to score by.
        hints: How often the learner asked James.
        regret: The decision that cost most, in words; empty where none cost a hundredth of the budget.
        regret_saved: Share of the budget that the other play would have spared.
        beliefs: What was believed on the way, in order.
    """

    name: str
    scenario: str
    variant: int
    seed: int
    mode: str
    paged_s: float | None
    detected_s: float | None
    acted_s: float | None
    acted: str
    mitigated_s: float | None
    told_s: float | None
    budget_spent: float
    user_minutes_bad: int
    score: dict[str, float | None]
    hints: int
    regret: str
    regret_saved: float
    beliefs: tuple[Belief, ...]


@dataclass(frozen=True, slots=True)
class Classroom:
    """All attempts of a class, in the order of the files."""

    attempts: tuple[Attempt, ...]

    def frame(self) -> pd.DataFrame:
        """One row a run: times in seconds after the first page, budget in per cent, the score's lines."""
        rows = [
            {
                "run": each.name,
                "scenario": each.scenario,
                "variant": each.variant,
                "seed": each.seed,
                "mode": each.mode,
                "paged_s": each.paged_s,
                "detected_s": each.detected_s,
                "acted_s": each.acted_s,
                "mitigated_s": each.mitigated_s,
                "told_s": each.told_s,
                "budget_spent_percent": round(100 * each.budget_spent, 2),
                "user_minutes_bad": each.user_minutes_bad,
                **each.score,
                "hints": each.hints,
                "most_regretted": each.regret,
                "regret_percent": round(100 * each.regret_saved, 2),
                "beliefs": ", ".join(dict.fromkeys(belief.id for belief in each.beliefs)),
            }
            for each in self.attempts
        ]
        return pd.DataFrame(rows)

    def beliefs(self) -> pd.DataFrame:
        """The map of misconceptions: what was believed, by how many who could, and why it goes wrong."""
        holders: Counter[tuple[str, str]] = Counter()
        why: dict[tuple[str, str], str] = {}
        for each in self.attempts:
            for belief in each.beliefs:
                why.setdefault((belief.scenario, belief.id), belief.why)
            holders.update({(belief.scenario, belief.id) for belief in each.beliefs})
        played = Counter(each.scenario for each in self.attempts)
        rows = [
            {"scenario": key[0], "belief": key[1], "runs": count, "of": played[key[0]], "why": why[key]}
            for key, count in sorted(holders.items(), key=lambda item: (-item[1], item[0]))
        ]
        return pd.DataFrame(rows, columns=["scenario", "belief", "runs", "of", "why"])

    def regrets(self) -> pd.DataFrame:
        """The decisions that cost most, the costliest first."""
        rows = [
            {"run": each.name, "decision": each.regret, "saved_percent": round(100 * each.regret_saved, 2)}
            for each in sorted(self.attempts, key=lambda each: -each.regret_saved)
            if each.regret
        ]
        return pd.DataFrame(rows, columns=["run", "decision", "saved_percent"])


def classroom(paths: Iterable[Path], *, done: Callable[[str], None] | None = None) -> Classroom:
    """Play a class's run files again.

    Args:
        paths: Run files.
        done: Called with the name of each file that is finished, for a progress bar.

    Raises:
        JournalError: A file is damaged, or belongs to another scenario; the text names it.
    """
    found: list[Attempt] = []
    for path in paths:
        found.append(attempt(path))
        if done is not None:
            done(path.name)
    return Classroom(tuple(found))


def attempt(path: Path) -> Attempt:
    """Play one run file again, to the end of its drill, and measure it.

    Raises:
        JournalError: It is damaged, or belongs to another scenario.
    """
    coaches: list[Coach] = []
    run = replay(path, attach=lambda fresh: coaches.append(Coach(fresh)), to_end=True)
    return measured(run, coaches[0], coaches[0].debrief(), path.stem)


def measured(run: Run, coach: Coach, made: Debrief, name: str) -> Attempt:
    """What came of a run, in the figures that a class is compared by.

    Args:
        run: Played, to its end or so far.
        coach: Of the same run.
        made: Its debrief.
        name: What the run is called.
    """
    case, result, score = coach.case, result_of(run), made.score
    best = made.counterfactual if made.counterfactual and made.counterfactual.saved >= WORTH_ASKING else None
    page = case.paged_at
    mine = [deed for deed in case.deeds if deed.actor == "you" and deed.ok]
    acting = (deed for deed in mine if deed.kind in _ACTING and page is not None and deed.at >= page)
    acted = next(acting, None)
    return Attempt(
        name=name,
        scenario=run.scenario.name,
        variant=run.variant,
        seed=run.seed,
        mode=run.mode,
        paged_s=result.paged_at,
        detected_s=_after(page, (deed.at for deed in mine if deed.kind in _DOING)),
        acted_s=None if acted is None else _after(page, (acted.at,)),
        acted="" if acted is None else acted.line,
        mitigated_s=None
        if result.mitigated_at is None or result.paged_at is None
        else result.mitigated_at - result.paged_at,
        told_s=_after(page, (post.at for post in run.status_page.posts)),
        budget_spent=result.budget_spent,
        user_minutes_bad=result.user_minutes_bad,
        score={**{line.name: line.points for line in score.lines}, "total": score.total},
        hints=len(coach.hints),
        regret="" if best is None else _regret(best.deed, best.label),
        regret_saved=0.0 if best is None else best.saved,
        beliefs=_beliefs(run, mine),
    )


def _after(page: int | None, instants: Iterable[int]) -> float | None:
    """Seconds from the page to the first instant at or behind it."""
    later = (at for at in instants if page is not None and at >= page)
    first = next(later, None)
    return None if first is None or page is None else seconds(first - page)


def _regret(deed: Deed | None, label: str) -> str:
    return label if deed is None else f"act {deed.number} at {format_clock(deed.at)}, {deed.line}: {label}"


def _beliefs(run: Run, deeds: Sequence[Deed]) -> tuple[Belief, ...]:
    return tuple(
        Belief(run.scenario.name, deed.act.id, deed.act.why, deed.at, deed.line)
        for deed in deeds
        if deed.act is not None and deed.act.kind in _BELIEFS
    )
