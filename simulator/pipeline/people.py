"""The people of a team: when they look, how long they take to answer, who approves."""

from __future__ import annotations

from simulator.pipeline.calendars import WorkingHours
from simulator.pipeline.changes import Change
from simulator.pipeline.laws import StepLaw
from simulator.pipeline.luck import Luck
from simulator.pipeline.settings import Environment, Settings


class People:
    """Everybody of the team.

    Args:
        settings: Who they are and how they work.
        luck: Theirs.
    """

    def __init__(self, settings: Settings, luck: Luck) -> None:
        spec = settings.spec
        self.names = [person.name for person in spec.people]
        self.hours = [WorkingHours(person, spec.start_time) for person in spec.people]
        self._model = settings.model
        self._approvals = spec.approvals
        self._luck = luck

    def done(
        self, person: int, now: int, law: StepLaw, change: Change, purpose: str, *parts: int | str
    ) -> int:
        """When somebody has done a piece of work; in their hours unless users are hurt meanwhile."""
        work = self._luck.draw(law, purpose, change.key, *parts)
        return now + work if change.urgent else self.hours[person].add(now, work)

    def reviewed(self, change: Change, now: int) -> int:
        """When a change has the reviews that it needs: of those colleagues who answer first."""
        if not self._approvals:
            return now
        law = self._model.people.urgent.law if change.urgent else self._model.people.review.law
        others = [person for person in range(len(self.names)) if person != change.author] or [change.author]
        # Two are asked for each review that is needed, by whose turn it is.
        turn, asked = self._luck.bits("reviewers", change.key), 2 * self._approvals
        answers = sorted(
            self.done(person, now, law, change, "review", self.names[person])
            for person in (others[(turn + step) % len(others)] for step in range(min(len(others), asked)))
        )
        return answers[min(len(answers), self._approvals) - 1]

    def approved(self, environment: Environment, change: Change, now: int) -> tuple[int, str]:
        """When a deployment is approved and by whom; at once where nobody has to."""
        reviewers = [
            person
            for person, name in enumerate(self.names)
            if name in environment.reviewers
            and not (environment.prevent_self_review and person == change.author)
        ]
        if not environment.reviewers:
            return now, ""
        law = self._model.people.urgent.law if change.urgent else self._model.people.approval.law
        answers = [
            (self.done(person, now, law, change, "approval", environment.name, self.names[person]), person)
            for person in reviewers
        ]
        if not answers:
            return -1, ""
        at, person = min(answers)
        return at, self.names[person]
