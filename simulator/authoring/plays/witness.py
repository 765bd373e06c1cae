"""Who judges a run while it goes: when the learner is called, and when users are served for a minute."""

from __future__ import annotations

from simulator.authoring.plays.record import Judged
from simulator.coach import Coach
from simulator.coach.authored import checks
from simulator.coach.checks import BudgetBelow, judge
from simulator.drill import ListenerBase, Run
from simulator.units import MINUTE


def judged(run: Run, coach: Coach) -> tuple[Judged, ...]:
    """Every check, as if the drill were over now."""
    page = run.pager.first
    found = []
    for check in checks(run.scenario):
        verdict = judge(check, coach.case, page.acked_at if page else None, run.now)
        restraint = verdict.by_absence or isinstance(check.condition, BudgetBelow)
        found.append(Judged(check.id, verdict.passed, restraint))
    return tuple(found)


class Witness(ListenerBase):
    """Judges the checks at two instants of a run. Attach it after the coach.

    The learner is called by the first page; where none comes, once the timeline's last entry has happened.

    Attributes:
        at_call: The checks when the learner is called.
        when_lucky: The checks when users have been served again for as long as lets one speak of it.
    """

    def __init__(self, run: Run, coach: Coach) -> None:
        self._coach = coach
        happened = max((entry.at for entry in run.scenario.timeline), default=0)
        self._last_call = min(happened + MINUTE, run.duration)
        self.at_call: tuple[Judged, ...] = ()
        self.when_lucky: tuple[Judged, ...] = ()
        run.add_listener(self)

    def after_scrape(self, run: Run, at: int) -> None:
        """See ``Listener``."""
        if not self.at_call and (run.first_page_at is not None or at >= self._last_call):
            self.at_call = judged(run, self._coach)
        if not self.when_lucky and self._coach.case.calms:
            self.when_lucky = judged(run, self._coach)
