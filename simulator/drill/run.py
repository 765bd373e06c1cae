"""One run: where production, telemetry, SLOs and people are joined, and by which function acts happen.

Play, replay, resume and what-if all go through ``Run.apply``. An act takes effect at its instant; then its
cost passes. Listeners (the coach, a console) watch; they never change the world.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from simulator.drill import console, injecting
from simulator.drill.acts import (
    INSTRUCTOR,
    MODES,
    Act,
    Answer,
    Listener,
    Marker,
    Message,
    MessageKind,
    Mode,
    Note,
)
from simulator.drill.analysing import Analysing
from simulator.drill.channel import Channel, StatusPage
from simulator.drill.costs import table_of_costs
from simulator.drill.digest import RunDigest
from simulator.drill.hooks import Hooks
from simulator.drill.incident import Incident
from simulator.drill.injecting import Inject
from simulator.drill.journal import DEFAULT_GUIDANCE, GUIDANCE, Header, Journal, kit_version
from simulator.drill.people import People, people_of
from simulator.drill.ringing import Ringing
from simulator.drill.terminal import Pending, Terminal
from simulator.engine import Production
from simulator.errors import GamedayError, SimulationError
from simulator.scenario import Scenario
from simulator.slo import Alertmanager, AlertRules, Page, Pager, Slo, Transition, monitor
from simulator.telemetry import Telemetry, observe
from simulator.units import SECOND, format_clock
from simulator.world import EVENTS, Change, Cluster, Event

#: How long after a page a person looks up from what they wait for.
REACTION: Final = SECOND


@dataclass(frozen=True, slots=True)
class BlockEnd:
    """How a blocking look ended: what it looked for came, or somebody called (``reason``), or neither."""

    done: bool
    reason: str = ""


class Run:
    """A scenario being played, from T+00:00 to its end.

    Args:
        scenario: As loaded.
        seed: None takes the scenario's own.
        variant: None takes the scenario's as given.
        mode: In ``lesson`` dangerous lines ask for a yes.
        guidance: How much the coach does himself, 0 to 4; the world takes no notice of it.
        compiled: Whether the data plane runs compiled; the same bytes either way.
        journal: A new run file; None keeps none.
        looked_at: False for a run that is played for its outcome alone: users, budgets, alerts and pages are
            as ever, but nothing is kept to look at (logs, traces, graphs), and there is no digest.

    Attributes:
        history: Every act, injects among them, in order: what the run file holds.
        acts: What was typed, in order; an act's number is its place from 1.
        injects: What an instructor added.
        transcript: The answers, in the same order.
        channel: What was said.
        notes: What the learner pinned.
        incident: The record of the incident: severity, roles, hypotheses, whether it is over.
        hooks: What only a coach can answer.
        first_page_at: When the pager first rang for this system; None so far.
        stopped: Why somebody ended the blocking look of the last act early; empty where nobody did.
        warnings: What the opener of a run file had to say.
        journal: The run file that acts are written to; None keeps none.
    """

    def __init__(
        self,
        scenario: Scenario,
        seed: int | None = None,
        *,
        variant: int | None = None,
        mode: Mode = "lesson",
        guidance: int = DEFAULT_GUIDANCE,
        compiled: bool = True,
        journal: Path | None = None,
        looked_at: bool = True,
    ) -> None:
        if mode not in MODES:
            raise GamedayError(
                "mode", expected=" or ".join(MODES), got=repr(mode), todo="Choose one of them."
            )
        if guidance not in GUIDANCE:
            raise GamedayError(
                "guidance", expected="0 to 4", got=repr(guidance), todo="0 shows every step, 3 none."
            )
        self.scenario = scenario if variant in (None, scenario.variant) else scenario.with_variant(variant)
        self.seed = self.scenario.spec.seed if seed is None else seed
        self.variant = self.scenario.variant
        self.mode: Mode = mode
        self.guidance = guidance
        self.compiled = compiled
        self.looked_at = looked_at
        self.costs: Mapping[str, int] = table_of_costs(self.scenario.spec.costs)
        self.duration = self.scenario.spec.duration
        self.history: list[Act] = []
        self.acts: list[Act] = []
        self.injects: list[Inject] = []
        self.transcript: list[Answer] = []
        self.channel = Channel()
        self.status_page = StatusPage()
        self.notes: list[Note] = []
        self.hooks = Hooks()
        self.first_page_at: int | None = None
        self.warnings: list[str] = []
        self._terminal = Terminal(self)
        self._listeners: list[Listener] = []
        self._called_away = self.stopped = ""
        self._ends_by = self.duration
        self._digest = RunDigest()
        self._build()
        self.journal = Journal.create(journal, self.header) if journal is not None else None

    def _build(self) -> None:
        """Join the parts and let the world run up to T+00:00."""
        self.production = Production(self.scenario, self.seed, compiled=self.compiled)
        self.cluster: Cluster = self.production.cluster
        self.cluster.subscribe(self._hear_change, Event)
        self.telemetry: Telemetry = observe(
            self.scenario,
            self.production.env,
            self.production.dataplane,
            self.cluster,
            looked_at=self.looked_at,
        )
        measuring = Analysing(self.telemetry)
        self.production.metrics.connect(measuring)
        self.production.analyses.provider = measuring
        watch = monitor(self.scenario, self.seed, self.telemetry)
        self.slos: dict[str, Slo] = watch.slos
        self.alerts: AlertRules = watch.alerts
        self.alertmanager: Alertmanager = watch.alertmanager
        self.pager: Pager = watch.pager
        self.alerts.on_transition.append(self._digest.transition)
        self._ringing = Ringing(self)
        self._people: People = people_of(self.scenario, self.slos, self._speak)
        self.incident = Incident(self.slos, lambda text: self.say("system", "incident", text))
        self.telemetry.on_scrape(self._after_scrape)
        self.telemetry.start()
        self.production.advance(0)

    # -- what can be asked -------------------------------------------------------------------------

    @property
    def now(self) -> int:
        """Simulated time, ns."""
        return int(self.production.env.now)

    @property
    def ended(self) -> bool:
        """The drill's time is over."""
        return self.now >= self.duration

    @property
    def pending(self) -> Pending | None:
        """A dangerous line that waits for a yes."""
        return self._terminal.pending

    @property
    def ends_by(self) -> int:
        """Where the act that is under way must end at the latest, ns."""
        return self._ends_by

    @property
    def listeners(self) -> tuple[Listener, ...]:
        """Who watches."""
        return tuple(self._listeners)

    @property
    def digest(self) -> str:
        """``v1:`` and the hash of everything so far; see ``drill.digest``.

        Raises:
            SimulationError: Nobody looks at this run, so not everything was kept.
        """
        if not self.looked_at:
            raise SimulationError(
                "digest",
                expected="a run that is looked at",
                got="one that was played for its outcome alone",
                todo="Play it with looked_at=True.",
            )
        return str(self._digest)

    @property
    def namespace(self) -> str:
        """The context's default namespace."""
        return self.cluster.namespace

    @property
    def people(self) -> tuple[str, ...]:
        """Who can be written to, as ``message`` takes them."""
        return self._people.names

    @property
    def header(self) -> Header:
        """What a run file of this run begins with."""
        return Header(
            kit_version(),
            self.scenario.metadata.name,
            self.scenario.digest,
            self.seed,
            self.variant,
            self.mode,
            self.guidance,
        )

    @property
    def markers(self) -> list[Marker]:
        """What belongs on every chart: deploys, pages, changes and status posts, in order of time."""
        deploys = [
            Marker(release.at, "deploy", release.title)
            for release in self.production.releases
            if -self.scenario.spec.warm_up <= release.at <= self.now
        ]
        changes = [
            Marker(answer.at, "act", answer.canonical, answer.number)
            for answer in self.transcript
            if answer.kind == "change" and answer.ok
        ]
        posts = [Marker(post.at, "status", post.state) for post in self.status_page.posts]
        return sorted([*deploys, *self._ringing.markers, *changes, *posts], key=lambda marker: marker.at)

    def complete(self, text: str) -> list[str]:
        """What the last word of a line may become; see ``console.complete``."""
        return console.complete(self, text)

    # -- time --------------------------------------------------------------------------------------

    def advance(self, until: int) -> None:
        """Let the clock run to ``until``, at most to the end; what lies at ``until`` is still to come."""
        self.production.advance(max(self.now, min(until, self.duration)))

    def finish(self) -> None:
        """Let the clock run to the end."""
        self.advance(self.duration)

    def block(self, until: int, done: Callable[[], bool] | None = None) -> BlockEnd:
        """A look that takes as long as it takes: until ``done``, or somebody calls, or ``until``.

        Args:
            until: ns.
            done: Asked once a second of simulated time.
        """
        stop = min(until, self.duration, self._ends_by)
        period = SECOND if done is not None else self.telemetry.interval
        self._called_away = ""
        while self.now < stop:
            # One reaction time after the next instant at which anything can call.
            self.advance(min(stop, (self.now - REACTION) // period * period + period + REACTION))
            if done is not None and done():
                return BlockEnd(True)
            if self._called_away:
                self.stopped = self._called_away
                return BlockEnd(False, self._called_away)
        return BlockEnd(False)

    def interrupt(self, reason: str = "The coach has something to say.") -> None:
        """End the blocking look that is under way; nothing happens when there is none."""
        self._called_away = self._called_away or reason

    # -- acts --------------------------------------------------------------------------------------

    def do(self, line: str, *, actor: str = "you") -> Answer:
        """Type a line now, in the name of the role that types."""
        return self.apply(Act(self.now, line, actor, self.incident.stamp(actor)))

    def apply(self, act: Act, *, ends_by: int | None = None) -> Answer:
        """The one function by which an act happens.

        Args:
            act: At ``now`` or later; the clock runs up to it first.
            ends_by: The instant of the next act where that is known (replay, what-if): the act's cost and
                a blocking look end there at the latest.

        Returns:
            The answer; whatever the line says, nothing is raised for it.

        Raises:
            SimulationError: The act lies in the past, or an invariant broke.
        """
        if act.at < self.now:
            raise SimulationError(
                f"act {act.line!r} at {format_clock(act.at)}",
                expected=f"an instant from {format_clock(self.now)} on",
                got=format_clock(act.at),
                todo="Acts happen in order of time.",
            )
        self.advance(act.at)
        line = act.line.strip()
        if not line or line.startswith("#"):
            return Answer(act.line, "", True, self.now)
        if self.ended:
            return self._terminal.afterwards(act, line)
        if self.journal is not None:
            self.journal.append(act)
        self.history.append(act)
        self._digest.act(act)
        if act.actor == INSTRUCTOR:
            return injecting.carry_out(self, act)
        self.acts.append(act)
        self._ends_by = self.duration if ends_by is None else max(ends_by, act.at)
        self.stopped = ""
        answer = self._terminal.answer(act, line)
        self.transcript.append(answer)
        for listener in self._listeners:
            listener.after_act(self, act, answer)
        self._ends_by = self.duration
        return answer

    # -- what is said ------------------------------------------------------------------------------

    def say(
        self,
        kind: MessageKind,
        author: str,
        text: str,
        *,
        id: str = "",  # noqa: A002 - what it is called everywhere
        evidence: tuple[str, ...] = (),
    ) -> Message:
        """Put a message into the channel, now."""
        return self.channel.post(self.now, kind, author, text, id=id, evidence=evidence)

    def publish(self, state: str, text: str) -> None:
        """Post to the status page; everybody reads it."""
        self.status_page.post(self.now, state, text)
        self.say("status", "status page", f"{state.capitalize()} - {text}")
        self._told(text, state=state)

    def tell(self, name: str, text: str) -> None:
        """Write to one person by name, or with an empty name to all."""
        self.say("you", "you", f"@{name} {text}" if name else text)
        self._told(text, to=name)

    def _told(self, text: str, *, to: str = "", state: str = "") -> None:
        self._people.told(self.now, text, to=to, state=state)
        self.incident.told(self.now)

    def pin(self, text: str) -> None:
        """Pin a note, with the look that it followed: the evidence."""
        looks = [answer.number for answer in self.transcript if answer.kind == "look" and answer.ok]
        self.notes.append(Note(self.now, text, looks[-1] if looks else 0))

    def _speak(self, id_: str, author: str, text: str) -> None:
        self.say("people", author, text, id=id_)

    # -- listening ---------------------------------------------------------------------------------

    def add_listener(self, listener: Listener) -> None:
        """Let somebody watch from now on."""
        self._listeners.append(listener)

    def _hear_change(self, change: Change) -> None:
        if change.kind is EVENTS and isinstance(change.object, Event) and change.type != "DELETED":
            self._digest.event(change.object)

    def paged(self, page: Page, transition: Transition) -> None:
        """The pager rings; the page is in the channel already."""
        if not page.noise:
            self.first_page_at = page.since if self.first_page_at is None else self.first_page_at
            self._people.paged(page.since)
        self._called_away = f"the pager rings: {page.id} {page.name}."
        for listener in self._listeners if not page.noise else ():
            listener.on_page(self, transition)

    def _after_scrape(self, at: int) -> None:
        if self.looked_at:
            self._digest.scrape(at, self.telemetry.store.counters())
        if at >= 0:
            self._people.tick(at)
            self.incident.tick(at)
        for listener in self._listeners:
            listener.after_scrape(self, at)

    # -- the run file ------------------------------------------------------------------------------

    def record_to(self, journal: Journal | None) -> None:
        """Go on writing to this run file, or with None to none; what has happened is expected to be in it."""
        self.journal = journal
