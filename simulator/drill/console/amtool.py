"""Alertmanager on the console: ``amtool alert``, ``amtool silence``, ``silence`` and ``alerts`` for short.

A silence has one canonical spelling, however it was typed: ``amtool silence add`` and its matchers without
quotes in order of their labels. So a check that forbids silencing the page finds it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from simulator.drill.console.grammar import Arguments, Flag, RefusedError
from simulator.drill.console.registry import Command, family
from simulator.drill.console.tables import tabulate
from simulator.errors import GamedayError
from simulator.scenario.matchers import Matcher, matcher
from simulator.slo import Alert
from simulator.slo.alerts import AlertStatus
from simulator.slo.silences import Silence, fits
from simulator.units import format_clock, parse_duration

if TYPE_CHECKING:
    from simulator.drill.run import Run

AMTOOL: Final = family("amtool", about="Alertmanager: alerts that fire, silences.")
SILENCE: Final = family("silence", about="Mute alerts for a while; the same as amtool silence add.")
ALERTS: Final = family("alerts", about="Every alert rule and its state.")
_ADD: Final = (
    Flag("duration", "How long it lasts.", short="d", default="1h", also=("for",)),
    Flag("comment", "Why; required.", short="c"),
    Flag("author", "Who; you.", short="a", default="you"),
)
_EXAMPLE: Final = 'amtool silence add alertname=CheckoutAvailabilityBudgetBurn --duration=30m --comment="..."'


# --- matchers ---------------------------------------------------------------------------------------


def _matchers(line: str, words: Sequence[str]) -> list[Matcher]:
    """The matchers typed; a first word that is none names an alert, as amtool has it.

    Raises:
        RefusedError: A word is no matcher.
    """
    found = []
    for place, word in enumerate(words):
        text = word
        if place == 0 and not any(mark in word for mark in "=~"):
            text = f"alertname={word}"
        each = matcher(text)
        if each is None:
            length = re.fullmatch(r"[0-9]+[smhd]", word)
            hint = f"\nIs it how long? Then write --duration={word}." if length else ""
            raise RefusedError(
                f"amtool: error: bad matcher format: {word}{hint}",
                where=line,
                expected='a matcher such as alertname=NAME or severity=~"page|ticket"',
                got=repr(word),
                todo=f'Write --duration={word} --comment="WHY".'
                if length
                else "Operators are =, !=, =~ and !~.",
            )
        found.append(each)
    return found


def _normalised(line: str, arguments: Arguments) -> tuple[str, ...]:
    return tuple(each.bare for each in sorted(_matchers(line, arguments.words)))


def _add_words(line: str, arguments: Arguments) -> tuple[str, ...]:
    """The matchers in their one spelling; refuses what amtool refuses."""
    words = _normalised(line, arguments)
    missing = "no matchers specified" if not words else ""
    missing = missing or ("" if arguments.text("comment").strip() else "comment required by config")
    try:
        parse_duration(arguments.text("duration"), where=line, dialect="prometheus")
    except GamedayError:
        missing = missing or f'not a valid duration string: "{arguments.text("duration")}"'
    if missing:
        raise RefusedError(
            f"amtool: error: {missing}",
            where=line,
            expected="matchers, a comment, and a duration such as 30m",
            got=missing,
            todo=f"For example: {_EXAMPLE}",
        )
    return words


# --- alerts ---------------------------------------------------------------------------------------


@ALERTS.verb("", about="Every alert rule: state, since when, when it fires.", kind="look", cost="status")
def alerts(run: Run, _command: Command) -> str:
    """One row an alert."""
    delivered = {alert.name: run.alertmanager.state(alert, run.now) for alert in run.alertmanager.firing}
    rows: dict[str, list[str]] = {}
    for status in run.alerts.status(run.now):
        if status.alert in rows:
            rows[status.alert][-1] += f", or {_condition(status)}"
            continue
        since = format_clock(status.since) if status.since is not None else "-"
        delivery = delivered.get(status.alert, "-") if status.state == "firing" else "-"
        rows[status.alert] = [
            status.state, status.alert, status.severity or "-", since, delivery, _condition(status)
        ]  # fmt: skip
    if not rows:
        return "No alert rules."
    head = ["STATE", "ALERT", "SEVERITY", "SINCE", "DELIVERY", "FIRES WHEN"]
    return tabulate("\n".join("\t".join(row) for row in (head, *rows.values())))


def _condition(status: AlertStatus) -> str:
    """When it fires; of one that does also what each rule measures now, for one of them suffices."""
    if status.state == "inactive" or not status.long:
        return status.condition
    met = "true" if min(status.long_burn, status.short_burn) > status.factor else "not true"
    return f"{status.condition} ({met}: {status.long_burn:.1f}× and {status.short_burn:.1f}×)"


@AMTOOL.verb(
    "alert",
    usage="[MATCHER...]",
    about="Alerts that fire and are told to somebody.",
    kind="look",
    cost="get",
    flags=(
        Flag("silenced", "Show silenced ones instead.", short="s", takes="bool"),
        Flag("inhibited", "Show inhibited ones instead.", short="i", takes="bool"),
    ),
    normalise=_normalised,
)
@AMTOOL.verb(
    "alert query",
    usage="[MATCHER...]",
    about="Alerts that fire and are told to somebody.",
    kind="look",
    cost="get",
    flags=(
        Flag("silenced", "Show silenced ones instead.", short="s", takes="bool"),
        Flag("inhibited", "Show inhibited ones instead.", short="i", takes="bool"),
    ),
    normalise=_normalised,
)
def amtool_alert(run: Run, command: Command) -> str:
    """What amtool's simple output shows."""
    wanted = _matchers(command.line, command.arguments.words)
    shown = [alert for alert in run.alertmanager.firing if fits(wanted, dict(alert.labels))]
    states = {"active"}
    if command.arguments.truth("silenced") or command.arguments.truth("inhibited"):
        states = {"suppressed"}
    rows = ["Alertname\tStarts At\tSummary\tState\t"]
    for alert in shown:
        state = run.alertmanager.state(alert, run.now).split()[0]
        if state in states:
            rows.append(_alert_row(run, alert, state))
    return tabulate("\n".join(rows))


def _alert_row(run: Run, alert: Alert, state: str) -> str:
    return f"{alert.name}\t{_date(run, alert.fired.at)}\t{alert.fired.summary}\t{state}\t"


# --- silences -------------------------------------------------------------------------------------


def _firing(run: Run, _before: Sequence[str]) -> Sequence[str]:
    return [f"alertname={alert.name}" for alert in run.alertmanager.firing]


@AMTOOL.verb(
    "silence add",
    usage='MATCHER... --duration=30m --comment="WHY"',
    about="Mute alerts for a while.",
    kind="change",
    cost="change",
    flags=_ADD,
    normalise=_add_words,
    candidates=_firing,
)
@SILENCE.verb(
    "",
    usage='MATCHER... --for=30m --comment="WHY"',
    about="Mute alerts for a while.",
    kind="change",
    cost="change",
    flags=_ADD,
    normalise=_add_words,
    candidates=_firing,
    spelled="amtool silence add",
)
def silence_add(run: Run, command: Command) -> str:
    """Add a silence; prints its id, as amtool does."""
    arguments = command.arguments
    made = run.alertmanager.silences.add(
        _matchers(command.line, arguments.words),
        at=run.now,
        duration=parse_duration(arguments.text("duration"), where=command.line, dialect="prometheus"),
        created_by=arguments.text("author"),
        comment=arguments.text("comment"),
    )
    return made.id


@AMTOOL.verb(
    "silence",
    usage="[MATCHER...]",
    about="Silences that last.",
    kind="look",
    cost="get",
    flags=(Flag("expired", "Show expired ones instead.", takes="bool"),),
    normalise=_normalised,
)
@AMTOOL.verb(
    "silence query",
    usage="[MATCHER...]",
    about="Silences that last.",
    kind="look",
    cost="get",
    flags=(Flag("expired", "Show expired ones instead.", takes="bool"),),
    normalise=_normalised,
)
def silence_query(run: Run, command: Command) -> str:
    """What amtool's simple output shows."""
    wanted = set(_matchers(command.line, command.arguments.words))
    expired = command.arguments.truth("expired")
    rows = ["ID\tMatchers\tEnds At\tCreated By\tComment\t"]
    rows += [
        _silence_row(run, each)
        for each in sorted(run.alertmanager.silences.all, key=lambda silence: silence.ends_at)
        if (each.state(run.now) == "expired") == expired and wanted <= set(each.matchers)
    ]
    return tabulate("\n".join(rows))


def _silence_row(run: Run, silence: Silence) -> str:
    matchers = " ".join(map(str, silence.matchers))
    ends = _date(run, silence.ends_at)
    return f"{silence.id}\t{matchers}\t{ends}\t{silence.created_by}\t{silence.comment}\t"


def _lasting(run: Run, _before: Sequence[str]) -> Sequence[str]:
    return [each.id for each in run.alertmanager.silences.all if each.state(run.now) != "expired"]


def _one_id(line: str, arguments: Arguments) -> tuple[str, ...]:
    if arguments.words:
        return arguments.words
    raise RefusedError(
        "amtool: error: no silence IDs specified",
        where=line,
        expected="the id of a silence",
        got="none",
        todo="amtool silence query lists them.",
    )


@AMTOOL.verb(
    "silence expire",
    usage="ID...",
    about="End silences now.",
    kind="change",
    cost="change",
    normalise=_one_id,
    candidates=_lasting,
)
def silence_expire(run: Run, command: Command) -> str:
    """End silences; prints nothing, as amtool does."""
    for name in command.arguments.words:
        run.alertmanager.silences.expire(name, run.now)
    return ""


def _date(run: Run, at: int) -> str:
    """A point of simulated time as amtool prints it."""
    civil = run.scenario.spec.start_time + timedelta(microseconds=at // 1000)
    return f"{civil:%Y-%m-%d %H:%M:%S} {civil.tzname() or 'UTC'}"
