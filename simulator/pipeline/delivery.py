"""The life of a change: opened, checked, mended, reviewed, merged, released; what people do on the way."""

from __future__ import annotations

from collections.abc import Generator

import simpy

from simulator.pipeline.changes import Branch, Change, Commit, Defect, make_change
from simulator.pipeline.clock import Clock
from simulator.pipeline.forge import Forge
from simulator.pipeline.laws import StepLaw
from simulator.pipeline.loading import Source
from simulator.pipeline.luck import Luck
from simulator.pipeline.merging import Merger, Queue
from simulator.pipeline.people import People
from simulator.pipeline.production import Production
from simulator.pipeline.records import RunRecord, StepRecord
from simulator.pipeline.running import Run
from simulator.streams import fold, key

Events = Generator[simpy.Event, None, None]


class Delivery:
    """A team, its forge and its production, on one clock.

    Args:
        source: The workflow and its settings.
        seed: Whose luck.

    Attributes:
        changes: Every change so far, in the order in which they were opened.
        pushes: Every state of the branch after a push.
    """

    def __init__(self, source: Source, seed: int) -> None:
        spec, model = source.settings.spec, source.settings.model
        self.source = source
        self.env = Clock()
        self.luck = Luck(seed)
        self.people = People(source.settings, self.luck)
        self.branch = Branch(spec.branch)
        self.production = Production(self.env, self.branch, model, self.luck, self.mend)
        self.forge = Forge(self.env, source, self.luck, self.people, self.production.holds)
        self.forge.released = self.production.release
        self.merger = Merger(
            self.env, self.forge, self.branch, self.luck, model.skew, self.passed, self._pushed
        )
        self.queue = (
            Queue(self.env, self.forge, self.merger, spec.merge_queue)
            if spec.merge_queue is not None
            else None
        )
        self.changes: list[Change] = []
        self._carried: list[Defect] = []
        self._model = model
        self._required = spec.required_checks
        for person in range(len(self.people.names)):
            self.env.process(self._works(person))

    @property
    def defects(self) -> list[Defect]:
        """Every defect that any change carried, clashes after the others."""
        return [*self._carried, *self.merger.clashes]

    # -- where changes come from ---------------------------------------------------------------------

    def _works(self, person: int) -> Events:
        """One person opens changes while they work; a higher rate brings the same changes sooner."""
        hours = self.people.hours[person]
        each = round(hours.a_day * len(self.people.names) / self.source.settings.spec.changes_per_day)
        law, instant, number = StepLaw("exponential", each), 0, 0
        while True:
            instant = hours.add(instant, self.luck.draw(law, "arrival", person, number))
            yield self.env.timeout(instant - int(self.env.now))
            self._open(person, fold(key("change"), person, number))
            number += 1

    def _open(
        self, author: int, change_key: int, *, mends: Defect | None = None, urgent: bool = False
    ) -> None:
        own = fold(self.luck.seed, change_key)
        change = make_change(
            self.env, self.luck, self._model, number=len(self.changes) + 1, change_key=own, author=author
        )
        change.mends, change.urgent = mends, urgent
        self.changes.append(change)
        self._carried += change.defects
        self.env.process(self._live(change))

    def mend(self, defect: Defect, urgent: bool) -> None:
        """Somebody begins to mend a defect that is on the branch: whoever brought it."""
        author = next(change.author for change in self.changes if change.number == defect.change)
        self.env.process(self._mend(defect, urgent, author))

    def _mend(self, defect: Defect, urgent: bool, author: int) -> Events:
        change_key = fold(defect.key, key("mend"))
        draft = Change(0, change_key, author, int(self.env.now), urgent=urgent)
        yield self._work(draft, self._model.author.rework.law, "rework")
        if defect.open:
            self._open(author, change_key, mends=defect, urgent=urgent)

    def _work(self, change: Change, law: StepLaw, purpose: str) -> simpy.Event:
        """The author does a piece of work."""
        now = int(self.env.now)
        done = self.people.done(change.author, now, law, change, purpose, change.runs)
        return self.env.timeout(done - now)

    # -- from opened to merged -----------------------------------------------------------------------

    def _live(self, change: Change) -> Events:
        change.pushes = 1
        reviewed = self.people.reviewed(change, int(self.env.now))
        yield from self._checked(change)
        if reviewed > int(self.env.now):
            yield self.env.timeout(reviewed - int(self.env.now))
        if self.queue is None:
            self.merger.merge_now(change)
            return
        while True:
            entered = self.queue.add(change)
            yield entered
            if entered.value is None:
                return
            yield from self._answered(change, entered.value, {})
            yield from self._checked(change)

    def _checked(self, change: Change) -> Events:
        """Run the checks of a pull request until they pass."""
        if not self.forge.starts("pull_request"):
            change.base = self.branch.index
            return
        tries: dict[int, int] = {}
        while True:
            change.base = self.branch.index
            run = self.forge.start(self.branch.proposal(change), "pull_request")
            while True:
                yield run.done
                if self.passed(run):
                    return
                again = yield from self._answered(change, run, tries)
                if not again:
                    break
                run = self.forge.start(run.commit, run.record.event, again=run.record)

    def _answered(
        self, change: Change, run: Run, tries: dict[int, int]
    ) -> Generator[simpy.Event, None, bool]:
        """The author looks at a red run and does something about it.

        Returns:
            Whether the failed jobs are to run again as they are; else there is a new push.
        """
        self._found(run.record)
        yield self._work(change, self._model.author.reaction.law, "reaction")
        failures = [step for step in run.record.failures if step.cause]
        flaky = all(_looks_flaky(step) for step in failures)
        count = tries.get(change.pushes, 0)
        if flaky and count < self._model.author.reruns:
            tries[change.pushes] = count + 1
            return True
        alarms = [step for step in failures if step.cause == "false-alarm"]
        if alarms:
            yield self._work(change, self._model.author.dismiss.law, "dismiss")
            change.dismissed += [step.gate for step in alarms]
        found = [defect for step in failures for defect in step.found if defect.open]
        own = [defect for defect in dict.fromkeys(found) if defect in change.defects]
        clashes = [defect for defect in found if defect.skew and defect.change == change.number]
        if own or clashes:
            yield self._work(change, self._model.author.rework.law, "rework")
            change.defects = [defect for defect in change.defects if defect not in own]
            for defect in dict.fromkeys((*own, *clashes)):
                if defect.open:
                    defect.mended.succeed()
        for defect in dict.fromkeys(found):
            if defect.open and defect in self.branch.present:  # somebody else's, on the branch
                self._learn(defect)
                yield defect.mended
        if own or clashes or not alarms:
            change.pushes += 1
        return False

    def passed(self, run: Run) -> bool:
        """Whether the required checks of a run have passed: a skipped one counts as passed, as on GitHub."""
        if run.cancelled:
            return False
        if not self._required:
            return run.record.conclusion in ("success", "skipped")
        jobs = [state for state in run.jobs.values() if {state.job.id, state.job.title} & set(self._required)]
        return all(state.result in ("success", "skipped") for state in jobs)

    # -- on the branch -------------------------------------------------------------------------------

    def _pushed(self, commit: Commit) -> None:
        if self.forge.starts("push"):
            self.env.process(self._on_branch(commit))

    def _on_branch(self, commit: Commit) -> Events:
        """The run of a push: whoever pushed looks after it, and mends the branch when it is red."""
        run = self.forge.start(commit, "push")
        tries = 0
        while True:
            yield run.done
            if run.record.conclusion != "failure":
                return
            self._found(run.record)
            failures = run.record.failures
            yield self._work(commit.head, self._model.author.reaction.law, "reaction")
            found = dict.fromkeys(defect for step in failures for defect in step.found)
            steady = [defect for defect in found if defect.shows >= 1.0 or tries >= self._model.author.reruns]
            if steady:
                for defect in steady:
                    self._learn(defect)
                return
            alarms = [step for step in failures if step.cause == "false-alarm"]
            if alarms:
                yield self._work(commit.head, self._model.author.dismiss.law, "dismiss")
                commit.head.dismissed += [step.gate for step in alarms]
            if not failures or tries > self._model.author.reruns + 1 or commit.index < self.branch.index:
                return  # nobody looks after an old commit once a newer one is on its way
            tries += 1
            run = self.forge.start(commit, "push", again=run.record)

    def _learn(self, defect: Defect) -> None:
        """People learn that the branch carries a defect, and somebody begins to mend it."""
        if defect.known_at is None and defect.open:
            defect.known_at = int(self.env.now)
            self.mend(defect, False)

    def _found(self, record: RunRecord) -> None:
        """Write down which gate found a defect first."""
        failed = [
            (step.finished, step.gate, defect)
            for job in record.jobs
            for step in job.steps
            if step.conclusion == "failure"
            for defect in step.found
        ]
        for at, gate, defect in sorted(failed, key=lambda each: each[0]):
            if not defect.caught_by:
                defect.caught_by, defect.caught_at = gate, at


def _looks_flaky(step: StepRecord) -> bool:
    """Whether a failure looks like bad luck: it is, or a defect that shows now and then."""
    if step.cause == "defect":
        return all(defect.shows < 1.0 for defect in step.found)
    return step.cause in ("flaky", "timeout")
