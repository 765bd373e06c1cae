"""``Drill``: what a learner holds in the hand. It joins a run, its coach, its plots and its console.

Thin on purpose: each method is one call to the room that knows.
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd

from simulator import drill as runs
from simulator.api import arguments, replays, tables
from simulator.api.judging import Opinion, judged
from simulator.api.replays import Compared, WhatIf
from simulator.api.verbs import Verbs
from simulator.authoring.export import Export, exported
from simulator.coach import (
    Coach,
    Debrief,
    Document,
    Hint,
    Postmortem,
    Progress,
    Regrets,
    Score,
    design,
    endpoint,
    postmortem,
    regret,
    runbook,
)
from simulator.coach.progress import MEANINGS
from simulator.drill import Answer, Comparison, Run
from simulator.drill.acts import Unread
from simulator.drill.channel import OTHERS
from simulator.drill.journal import DEFAULT_GUIDANCE
from simulator.errors import SetupError
from simulator.lab import Console, Exercises, Feedback, Plots
from simulator.lab.results import Results, results
from simulator.slo import worst
from simulator.telemetry import signals
from simulator.telemetry.promql import query, query_range
from simulator.units import MINUTE, format_clock, format_duration


@arguments.checked_methods
class Drill(Verbs):
    """One learner on call.

    In a notebook it shows itself as the console, in a terminal as a few lines. ``sim.start`` makes one.
    """

    def __init__(self, run: Run, coach: Coach, lesson: str | None = None) -> None:
        self._run = run
        self._coach = coach
        self._comparisons: list[Comparison] = []
        self._exercises = Exercises(run, coach, self._comparisons, lesson=lesson)
        self._console: Console | None = None
        self._unread = Unread()
        coach.model = endpoint()

    # -- acting ------------------------------------------------------------------------------------

    def run(self, line: str) -> Answer:
        """Type a line into the console; ``print`` the answer to see what the terminal would show.

        A wrong line is answered as the real tool would answer it; nothing is raised for any text.
        """
        before = len(self._run.channel)
        answer = self._run.do(arguments.text("run(line)", line, "kubectl get pods"))
        done = self._coach.follow_up()
        if done is not None:
            answer = replace(answer, text=f"{answer.text}\n\njames$ {done.line}\n{done.text}".strip())
        channel = self._run.channel
        said = [each for each in channel.messages[before:] if each.kind in OTHERS]
        self._unread.messages = [
            each for each in (*self._unread.messages, *said) if not channel.was_read(each)
        ]
        return replace(answer, unread=self._unread)

    def wait(self, duration: str) -> Answer:
        """Let simulated time pass, for example ``"2m"``; a page ends it early."""
        return self.run(f"wait {duration}")

    def hint(self) -> Hint:
        """Ask James for a hint: ten seconds of the clock."""
        return self._coach.hint()

    def predict(
        self, expectation: str = "", *, signal: str = "", value: float | None = None, within: str = "5m"
    ) -> Feedback:
        """Say what you expect; without words, read it beside what came, as in the debrief. Nobody judges it.

        Args:
            expectation: In your own words.
            signal: Optionally the signal meant, such as ``errors:checkout``.
            value: The value expected of it, in base units (0.01 is one per cent).
            within: When to compare, from now.
        """
        return self._exercises.predict(expectation, signal=signal, value=value, within=within)

    def check(self, exercise: str) -> Feedback:
        """Look at an exercise of the lesson: what was seen, what was hoped for, one hint."""
        return self._exercises.check(arguments.text("check(exercise)", exercise, "e1"))

    def answer(self, exercise: str, value: object = None, **values: object) -> Feedback:
        """Give an answer that a check looks at: a number, a word, a row of a table, or several by name.

        The last one counts. It costs no time, and it is not in the journal.
        """
        return self._exercises.answer(arguments.text("answer(exercise, …)", exercise, "e1"), value, **values)

    def inject(self, what: str | int | Mapping[str, object]) -> str:
        """For instructors: let something happen now, in the words of a scenario's timeline.

        The learner hears of it only by what it does. It is in the run file, so a replay meets it too, and the
        debrief shows it as yours; it is nobody's decision, and the plays that the score compares with meet it
        as well.

        Args:
            what: A mapping or YAML of one entry without ``at``, such as ``{"nodeLoss": {"node": "node-2"}}``
                or ``"chaos: {kind: PodChaos, …}"``. With it or alone a word into the channel,
                ``{"message": {"author": "Henrik, sales", "text": "…"}}``, or ``{"line": "kubectl …"}``, typed
                for the learner. A number is that inject of the facilitator's page, from 1.

        Returns:
            What was done, for you alone.

        Raises:
            ScenarioError: Something in it is wrong; nothing has happened then.
            GamedayError: It can't be done now.
        """
        answer = runs.inject(self._run, dict(what) if isinstance(what, Mapping) else what)
        if answer.error is not None:
            raise answer.error
        return str(answer)

    # -- looking -----------------------------------------------------------------------------------

    @property
    def now(self) -> str:
        """Simulated time, as ``T+12:35``."""
        return format_clock(self._run.now)

    @property
    def actions(self) -> pd.DataFrame:
        """Lines typed and waits so far, by their numbers."""
        return tables.actions(self._run)

    @property
    def events(self) -> pd.DataFrame:
        """What happened so far: cluster events, alerts, releases and status posts, oldest first."""
        return tables.events(self._run)

    @property
    def digest(self) -> str:
        """The fingerprint of everything so far: acts, events, alerts, counters."""
        return self._run.digest

    def slo(self) -> pd.DataFrame:
        """Every objective now: target, budget left, burn rates."""
        return tables.slos(self._run)

    def signals(self, service: str | None = None, *, last: str = "15m") -> pd.DataFrame:
        """The golden signals of a service, one row a scrape.

        Args:
            service: None takes the one whose SLO has spent most.
            last: How far back.

        Raises:
            GamedayError: No such service, or no such duration.
        """
        named = "" if service is None else arguments.text("signals(service)", service, "checkout")
        chosen = named or worst(self._run.slos, self._run.now).objective.service
        start = self._run.now - arguments.duration("signals(last=…)", last, "15m")
        return tables.signals(signals(self._run.telemetry, chosen, start, self._run.now))

    def metrics(self, name: str | None = None, **labels: str) -> pd.DataFrame:
        """Scraped series: without a name, the names that there are; with one, its samples, a column a series.

        Raises:
            GamedayError: No such metric or label.
        """
        store = self._run.telemetry.store
        if name is None:
            known = [store.family(each).metric for each in store.names()]
            rows = [{"name": each.name, "type": each.exposed_type, "help": each.help} for each in known]
            return pd.DataFrame(rows).set_index("name")
        return tables.samples(store.series(arguments.text("metrics(name)", name, "up"), **labels))

    def promql(
        self,
        expr: str,
        *,
        at: str = "",
        range: str = "",  # noqa: A002 - the field's own word
        step: str = "",
    ) -> pd.DataFrame:
        """Evaluate PromQL on what has been scraped; it costs no simulated time.

        Args:
            expr: Such as ``sum by (service) (rate(http_requests_total[5m]))``.
            at: The moment, from T+00:00, such as ``"12m"``; now by default.
            range: How far back from it to evaluate, such as ``"1h"``; without it, at the moment alone.
            step: Distance of the points of a range; a minute by default.

        Returns:
            Without ``range`` a row an element, a column a label, and ``value``. With it a row a step, the
            index in seconds from T+00:00, a column a series; NaN where a series has no value.

        Raises:
            QueryError: The expression can't be read or evaluated; the message names the column.
            GamedayError: No such moment or duration.
        """
        text = arguments.text("promql(expr)", expr, "up")
        moment = arguments.duration("promql(at=…)", at, "12m") if at else self._run.now
        source, metrics = self._run.telemetry.source, self._run.telemetry.metrics
        if not range:
            return tables.elements(query(metrics, text, source.epoch + min(moment, self._run.now)))
        span = arguments.duration("promql(range=…)", range, "1h")
        pace = arguments.duration("promql(step=…)", step, "1m") if step else MINUTE
        end = source.epoch + min(moment, self._run.now)
        return tables.matrix(query_range(metrics, text, end - span, end, pace), source.epoch)

    def judge(
        self,
        *,
        canary: str,
        baseline: str,
        window: str = "5m",
        interval: str = "30s",
        direction: str = "increase",
        unit: str = "ratio",
    ) -> Opinion:
        """What a statistical judge says of a canary now, and on what: samples, effect, what could hide.

        Args:
            canary: PromQL for what the new version does, one number an interval.
            baseline: The same of the old version.
            window: How far back samples go, from now.
            interval: Between samples; at least the longest range in the queries.
            direction: Which change is bad: ``increase``, ``decrease`` or ``either``.
            unit: Of the numbers, for the sentences: ``ratio``, ``seconds`` or nothing.

        Raises:
            GamedayError: An argument can't be meant, or a query can't be evaluated.
        """
        asked = {"canary": canary, "baseline": baseline, "window": window, "interval": interval}
        return judged(self._run, {**asked, "direction": direction, "unit": unit})

    # -- looking back ------------------------------------------------------------------------------

    def score(self) -> Score:
        """The score in its five lines, each with what made it."""
        return self._coach.score()

    def what_if(
        self,
        *,
        move: Mapping[int, str] | None = None,
        drop: Sequence[int] = (),
        insert: Sequence[tuple[str, str]] = (),
        replace: Mapping[int, str] | None = None,
    ) -> WhatIf:
        """Play it again with the same users and the same luck, and other decisions.

        Args:
            move: Act number to its new time, for example ``{3: "7m"}``; ``drill.actions`` has the numbers.
            drop: Act numbers to leave out.
            insert: (time, line) pairs, for example ``[("6m", "kubectl rollout undo deployment/checkout")]``.
            replace: Act number to the line in its place, for example ``{4: "kubectl top pods"}``.

        Raises:
            GamedayError: No such act, or no such time.
        """
        comparison = replays.what_if(self._run, move=move, drop=drop, insert=insert, replace=replace)
        self._comparisons.append(comparison)
        return comparison

    def compare(self, *others: str | Path, **what_ifs: Mapping[str, Any]) -> Compared:
        """Lay your run beside others of the same users: a table, all curves on one chart, one sentence.

        Args:
            others: A player such as ``"reference"`` or ``"nothing"``, or a colleague's run file.
            what_ifs: Your run with other decisions, each under the name that it shall have, as the arguments
                of ``what_if``: ``drill.compare(sooner={"move": {3: "7m"}}, without={"drop": [2]})``.

        Raises:
            GamedayError: None, a run of other users, or a decision that cannot be changed so.
        """
        return replays.compared(self._run, others, what_ifs)

    def regret(self) -> Regrets:
        """Every decision tried otherwise: sooner, not at all, as the reference has it; costliest first."""
        with replays.progress("playing it again") as done:
            return regret(self._run, self._coach, done=done)

    def debrief(
        self, account: Sequence[str] = (), *, rule: str = "", change: str = "", answer: str = ""
    ) -> Debrief:
        """Look back with James; the score comes last. After the end it counts for your skills, once.

        Args:
            account: Your own account, up to three lines, before any score.
            rule: The rule that you take away.
            change: The change to the system that you would make, with owner and date.
            answer: Your answer to his question about the decision.
        """
        words = {"rule": rule, "change": change, "answer": answer}
        said = {name: arguments.text(f"debrief({name}=…)", value, "…") for name, value in words.items()}
        made = self._coach.debrief(arguments.texts("debrief(account)", account), **said)
        try:
            Progress().record(self._run, self._coach, made.score)
        except SetupError as error:
            warnings.warn(str(error), stacklevel=2)
        return made

    def results(self, account: Sequence[str] = (), *, rule: str = "", change: str = "") -> Results:
        """The last page of a game day: what came of it, by role where a team took turns, what to hand in.

        The arguments are those of ``debrief``, which the page is made from; while nothing was typed there is
        none, and nothing is replayed.
        """
        return results(self._run, self._coach, lambda: self.debrief(account, rule=rule, change=change))

    def postmortem(self) -> Postmortem:
        """A postmortem's draft from the log; ``check`` reads what you made of it, ``save`` writes it out."""
        return postmortem(self._run, self._coach)

    def design(self) -> Document:
        """The system's design in James's five parts, made from what runs now."""
        return design(self._run)

    def runbook(self) -> Document:
        """The runbook that James would have wanted; after the end it holds what this incident taught."""
        return runbook(self._run)

    def export(self, folder: str | Path | None = None) -> Export:
        """The same objects for a real cluster: manifests as they are now, OpenSLO, Prometheus rules.

        Args:
            folder: Where the files are written; None writes none, and ``export()[path]`` shows one.

        Raises:
            GamedayError: The folder can't be written.
        """
        made = exported(self._run)
        if folder is not None:
            made.save(arguments.path("export(folder)", folder))
        return made

    @property
    def plot(self) -> Plots:
        """Static charts: ``signals``, ``latency``, ``queue``, ``rollout``, ``budget``, ``timeline``."""
        return Plots(self._run)

    @property
    def console(self) -> Console:
        """The console that a notebook shows: its buttons, as methods."""
        if self._console is None:
            self._console = Console(self._run, self._coach)
        return self._console

    # -- showing itself ----------------------------------------------------------------------------

    def __str__(self) -> str:
        run = self._run
        name, slo = run.scenario.metadata, worst(run.slos, run.now)
        hidden = run.mode == "game-day" and not run.ended
        named = f"{name.title} ({name.name}, variant {run.variant}, seed {run.seed})"
        left = slo.budget_left(run.now).share_left
        pages = [f"{page.id} {page.name}" for page in run.pager.pages if page.open]
        usual = run.guidance == DEFAULT_GUIDANCE
        guided = "" if usual else f", guidance {run.guidance}: {MEANINGS[run.guidance]}"
        return (
            f"{'Game day; the debrief says of what' if hidden else named}\n"
            f"{self.now} of {format_duration(run.duration)}, {run.mode}{guided}\n"
            f"{slo.objective.title}: {100 * left:.1f} % of the error budget left\n"
            f"pages: {', '.join(pages) or 'none open'}"
        )

    def __repr__(self) -> str:
        return str(self)

    def _repr_mimebundle_(self, **wanted: Any) -> dict[str, Any]:
        """The console for a front end with widgets; text for every other."""
        shown = self.console._repr_mimebundle_(**wanted)
        data = shown[0] if isinstance(shown, tuple) else shown
        return {**(data or {}), "text/plain": str(self)}
