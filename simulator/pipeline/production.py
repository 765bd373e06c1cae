"""Production: what a release brings, whom it hurts, when that is noticed and how it is ended."""

from __future__ import annotations

from collections.abc import Callable, Generator

import simpy

from simulator.pipeline.changes import HARM, NOT_ROLLED_BACK, Branch, Commit, Defect
from simulator.pipeline.laws import StepLaw
from simulator.pipeline.luck import Luck
from simulator.pipeline.physics import Physics
from simulator.pipeline.records import Deployment, Incident, RunRecord
from simulator.pipeline.running import Run
from simulator.units import MINUTE


class Production:
    """What runs, and what it does to users.

    Args:
        env: The clock.
        branch: What is released from.
        model: Physics.
        luck: Whose.
        mend: Called with a defect to mend and whether users are hurt until it is.

    Attributes:
        deployments: Every release so far.
        incidents: Everything that hurt users.
    """

    def __init__(
        self,
        env: simpy.Environment,
        branch: Branch,
        model: Physics,
        luck: Luck,
        mend: Callable[[Defect, bool], None],
    ) -> None:
        self._env, self._branch, self._model, self._luck, self._mend = env, branch, model, luck, mend
        self._noticing = {
            each.kind: (each.harm, each.noticed.law if each.noticed is not None else None)
            for each in model.defects
        }
        self._live_index = 0
        self._highest = 0
        self._live: list[Defect] = []
        self._gone: dict[Defect, simpy.Event] = {}
        self.deployments: list[Deployment] = []
        self.incidents: list[Incident] = []

    def holds(self, commit: Commit) -> bool:
        """Whether people know of a defect in it; then nobody approves it."""
        return any(defect.known_at is not None and defect.open for defect in commit.defects)

    def release(self, run: Run) -> None:
        """Take a commit into production now; one that is older than what runs changes nothing."""
        commit = run.commit
        if commit.ref == self._branch.ref and commit.index > self._live_index:
            self.deploy(commit, run.record)

    def deploy(self, commit: Commit, record: RunRecord) -> Deployment:
        """Serve a commit from now on."""
        now = int(self._env.now)
        fresh = tuple(self._branch.merged[self._highest : commit.index])
        slipped = tuple(defect for defect in commit.defects if defect not in self._live)
        deployment = Deployment(now, commit.index, record, fresh, slipped)
        self.deployments.append(deployment)
        for change in fresh:
            change.deployed = now
        before = self._live_index
        self._live_index, self._highest = commit.index, max(self._highest, commit.index)
        self._live = list(commit.defects)
        for defect, gone in list(self._gone.items()):
            if defect not in self._live:
                gone.succeed()
                del self._gone[defect]
        for defect in slipped:
            defect.live_at = now if defect.live_at is None else defect.live_at
            harm = self._noticing.get(defect.kind, (None, None))[0]
            if self._luck.uniform("harm", defect.key) < (HARM[defect.kind][0] if harm is None else harm):
                incident = Incident(defect, now)
                deployment.incidents.append(incident)
                self.incidents.append(incident)
                self._env.process(self._incident(incident, before))
        return deployment

    def _incident(self, incident: Incident, before: int) -> Generator[simpy.Event, None, None]:
        defect, production = incident.defect, self._model.production
        law = self._noticing.get(defect.kind, (None, None))[1] or _noticed(defect)
        gone = self._gone.setdefault(defect, self._env.event())
        yield self._env.timeout(self._luck.draw(law, "noticed", defect.key)) | gone
        if gone.triggered:
            incident.restored, incident.how = int(self._env.now), "roll-forward"
            return
        incident.noticed = int(self._env.now)
        known = defect.known_at is not None
        defect.known_at = incident.noticed if defect.known_at is None else defect.known_at
        if production.recovery == "roll-back" and defect.kind not in NOT_ROLLED_BACK:
            if not known:
                self._mend(defect, False)
            yield self._env.timeout(
                self._luck.draw(production.rollback.law, "rollback", defect.key, len(self.deployments))
            )
            if not gone.triggered:
                self._live_index = min(before, self._live_index)
                self._live = [each for each in self._live if each is not defect]
                self._gone.pop(defect, None)
            incident.restored, incident.how = int(self._env.now), "roll-back"
            return
        if not known:
            self._mend(defect, True)
        yield gone
        incident.restored, incident.how = int(self._env.now), "roll-forward"


def _noticed(defect: Defect) -> StepLaw:
    _, mean, p99 = HARM[defect.kind]
    return StepLaw("lognormal", round(mean * MINUTE), round(p99 * MINUTE))
