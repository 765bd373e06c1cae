"""The incident's record: who does what, what is believed, when word is due, whether it is over.

It knows nothing of pods: it is the record that an incident commander keeps. Roles are those of Google's
incident management (SRE book, chapter 14); severities are counted from SEV1, the worst, as most trackers do.
"Resolved" is never taken on somebody's word: the objectives must be met for a while first.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Final, Literal

from simulator.errors import ConsoleError
from simulator.slo import Slo
from simulator.units import MINUTE, format_clock, format_duration

Severity = Literal["SEV1", "SEV2", "SEV3", "SEV4"]
Role = Literal["commander", "operations", "communications"]
Phase = Literal["quiet", "open", "verifying", "resolved"]
Verdict = Literal["open", "confirmed", "refuted"]

ROLES: Final[tuple[Role, ...]] = ("commander", "operations", "communications")
#: In whose name a line may be typed on a shared screen: the roles', and of whoever writes things down.
TYPISTS: Final[tuple[str, ...]] = (*ROLES, "scribe")
VERDICTS: Final[tuple[Verdict, ...]] = ("open", "confirmed", "refuted")
#: How often those who wait want to hear something, by severity, ns.
CADENCE: Final[Mapping[Severity, int]] = {
    "SEV1": 10 * MINUTE,
    "SEV2": 15 * MINUTE,
    "SEV3": 30 * MINUTE,
    "SEV4": 60 * MINUTE,
}
SEVERITIES: Final[tuple[Severity, ...]] = tuple(CADENCE)
#: Who fills a role that the learner has not given away: in solo play James does.
STAND_IN: Final = "James"
#: How long every objective must be met before an incident counts as over, ns.
HOLD: Final = 5 * MINUTE
SHORTEST_HOLD, LONGEST_HOLD = MINUTE, 60 * MINUTE
#: Over one minute, so much of the allowance is an outage again, whatever the hold says: a page's burn rate.
_RELAPSE_BURN: Final = 14.4
_RELAPSE_WINDOW: Final = MINUTE


@dataclass(frozen=True, slots=True)
class Hypothesis:
    """Something that may be the cause, written down before it is tested.

    Attributes:
        id: ``H1``, ``H2``, … in order.
        at: When it was written, ns.
        text: In the learner's words.
        verdict: What became of it.
        why: The evidence, in the learner's words.
        judged_at: When it was confirmed or refuted, ns; None while it is open.
    """

    id: str
    at: int
    text: str
    verdict: Verdict = "open"
    why: str = ""
    judged_at: int | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the incident's own log."""

    at: int
    text: str


@dataclass(slots=True)
class Incident:
    """The record of one incident; a run has one, quiet until somebody declares it.

    Attributes:
        slos: What must hold before it is over.
        announce: Puts a line of the tracker into the channel.
        phase: ``quiet``, ``open``, ``verifying`` (resolved on somebody's word, not yet held) or ``resolved``.
        severity: None until it is declared.
        title: What it is called.
        declared_at: ns, or None.
        resolved_at: When it had held, ns, or None.
        roles: Who has which; a role that is missing is the stand-in's.
        typing: In whose name lines are typed now, one of ``TYPISTS``; empty where nobody said.
        hypotheses: In order.
        log: What the tracker noted, in order.
    """

    slos: Mapping[str, Slo]
    announce: Callable[[str], object]
    phase: Phase = "quiet"
    severity: Severity | None = None
    title: str = ""
    declared_at: int | None = None
    resolved_at: int | None = None
    roles: dict[Role, str] = field(default_factory=dict)
    typing: str = ""
    hypotheses: list[Hypothesis] = field(default_factory=list)
    log: list[Entry] = field(default_factory=list)
    _verifying_since: int = 0
    _hold: int = HOLD
    _last_word: int = 0
    _reminded: bool = False

    # -- what people do ----------------------------------------------------------------------------

    def declare(self, now: int, severity: Severity, title: str, commander: str) -> None:
        """Make it official; whoever declares it commands until somebody else does.

        Raises:
            ConsoleError: It is declared already.
        """
        if self.phase in ("open", "verifying"):
            raise ConsoleError(
                "incident declare",
                expected="no incident that is open",
                got=f"{self.severity} since {format_clock(self.declared_at or 0)}: {self.title}",
                todo=f"Change it: incident severity {severity} WHY.",
            )
        self.phase, self.severity, self.title, self.declared_at = "open", severity, title, now
        self.resolved_at = None
        self.roles.setdefault("commander", commander)
        self.told(now)
        self._note(now, f"{severity} declared: {title}. Commander: {self.who('commander')}.")

    def change_severity(self, now: int, severity: Severity, why: str) -> None:
        """Raise or lower it.

        Raises:
            ConsoleError: Nothing is declared, or it is that already.
        """
        self._must_be_open("incident severity")
        if severity == self.severity:
            raise ConsoleError(
                "incident severity", expected=f"another severity than {severity}", got=severity, todo="It is."
            )
        before, self.severity = self.severity, severity
        self._note(now, f"Severity {before} → {severity}{': ' + why if why else '.'}")

    def assign(self, now: int, role: Role, name: str) -> None:
        """Give a role to somebody; before a declaration too, since teams agree on roles first."""
        self.roles[role] = name
        self._note(now, f"{role.capitalize()}: {name}.")

    def suppose(self, now: int, text: str) -> Hypothesis:
        """Write a hypothesis down."""
        made = Hypothesis(f"H{len(self.hypotheses) + 1}", now, text)
        self.hypotheses.append(made)
        self._note(now, f"{made.id}: {text}")
        return made

    def judge(self, now: int, id_: str, verdict: Verdict, why: str) -> Hypothesis:
        """Confirm or refute a hypothesis, or open it again.

        Raises:
            ConsoleError: There is none of this name.
        """
        for place, known in enumerate(self.hypotheses):
            if known.id == id_.upper():
                judged = None if verdict == "open" else now
                self.hypotheses[place] = replace(known, verdict=verdict, why=why, judged_at=judged)
                self._note(now, f"{known.id} {verdict}{': ' + why if why else '.'}")
                return self.hypotheses[place]
        known_ids = ", ".join(each.id for each in self.hypotheses) or "none yet"
        raise ConsoleError(
            "incident hypothesis",
            expected=f"one of your hypotheses ({known_ids})",
            got=repr(id_),
            todo='Write one down first: incident hypothesis "TEXT".',
        )

    def resolve(self, now: int, hold: int = HOLD) -> None:
        """Say that it is over; it is, once every objective has been met for ``hold`` ns from now.

        Raises:
            ConsoleError: Nothing is open, or it is being verified already.
        """
        self._must_be_open("incident resolve")
        if self.phase == "verifying":
            raise ConsoleError(
                "incident resolve",
                expected="an incident that is not being verified yet",
                got=f"one under verification since {format_clock(self._verifying_since)}",
                todo=f"Wait until {format_clock(self._verifying_since + self._hold)}.",
            )
        self.phase, self._verifying_since, self._hold = "verifying", now, hold
        self._note(now, f"Verifying: over when every objective has been met for {format_duration(hold)}.")

    def reopen(self, now: int, why: str) -> None:
        """Take a resolution back.

        Raises:
            ConsoleError: It was not resolved.
        """
        if self.phase not in ("verifying", "resolved"):
            raise ConsoleError(
                "incident reopen",
                expected="an incident that was resolved",
                got="none" if self.phase == "quiet" else "one that is open",
                todo="Declare one: incident declare SEV2 TITLE.",
            )
        self.phase, self.resolved_at = "open", None
        self.told(now)
        self._note(now, f"Reopened{': ' + why if why else '.'}")

    # -- what the clock does -----------------------------------------------------------------------

    def told(self, now: int) -> None:
        """Word went out: a status post or a message."""
        self._last_word, self._reminded = now, False

    def tick(self, now: int) -> None:
        """Look at what is due: word for those who wait, the end of a verification."""
        if self.phase == "verifying":
            self._verify(now)
        if self.phase not in ("open", "verifying") or self.severity is None or self._reminded:
            return
        if now - self._last_word >= CADENCE[self.severity]:
            self._reminded = True
            self.announce(
                f"{self.who('communications')}, an update is due: the last word went out at "
                f"{format_clock(self._last_word)}, and a {self.severity} promises one every "
                f"{format_duration(CADENCE[self.severity])}. No news is news too."
            )

    def _verify(self, now: int) -> None:
        held = now - self._verifying_since
        for slo in self.slos.values():
            if slo.burn_rate(_RELAPSE_WINDOW, now) >= _RELAPSE_BURN and held >= _RELAPSE_WINDOW:
                self._fail(
                    now,
                    f"{slo.objective.name} burned "
                    f"{slo.burn_rate(_RELAPSE_WINDOW, now):.0f}x over the last minute",
                )
                return
        if held < self._hold:
            return
        for slo in self.slos.values():
            burn = slo.burn_rate(self._hold, now)
            if not burn <= 1:  # an unknown burn rate is NaN, and no proof of anything
                said = f"burned {burn:.1f}x" if burn > 1 else "had no requests to judge by"
                self._fail(now, f"{slo.objective.name} {said} over the last {format_duration(self._hold)}")
                return
        self.phase, self.resolved_at = "resolved", now
        self._note(now, f"Resolved: every objective was met for {format_duration(self._hold)}.")

    def _fail(self, now: int, why: str) -> None:
        self.phase = "open"
        self._note(now, f"Not resolved: {why}. The incident stays open.")

    # -- what can be asked -------------------------------------------------------------------------

    def stamp(self, actor: str) -> str:
        """The role that an act is stamped with; James and automatic players type in their own name."""
        return self.typing if actor == "you" else ""

    def who(self, role: Role) -> str:
        """Who has a role."""
        return self.roles.get(role, STAND_IN)

    @property
    def update_due(self) -> int | None:
        """When the next word is due, ns; None while nothing is open."""
        if self.phase not in ("open", "verifying") or self.severity is None:
            return None
        return self._last_word + CADENCE[self.severity]

    @property
    def holds_until(self) -> int | None:
        """When a verification ends, ns; None while there is none."""
        return self._verifying_since + self._hold if self.phase == "verifying" else None

    def _must_be_open(self, where: str) -> None:
        if self.phase not in ("open", "verifying"):
            raise ConsoleError(
                where,
                expected="an incident that is open",
                got="none" if self.phase == "quiet" else "a resolved one",
                todo="Declare one: incident declare SEV2 TITLE.",
            )

    def _note(self, now: int, text: str) -> None:
        self.log.append(Entry(now, text))
        self.announce(text)
