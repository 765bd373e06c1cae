"""What rings and whom it reaches: alerting rules, Alertmanager's configuration, the pager's escalation.

Fields that a tool owns are spelled as that tool spells them: ``group_by`` and ``inhibit_rules`` are
Alertmanager's, ``page_alert`` is Sloth's, ``absent`` Pyrra's, ``escalation_rules`` PagerDuty's.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Final, Literal, Self

from pydantic import ConfigDict, Field, PlainValidator, model_validator
from pydantic.json_schema import WithJsonSchema

from simulator.scenario.fields import Duration, Labels, Line, Model, Name, Window, refused, shown
from simulator.scenario.matchers import matcher
from simulator.units import DAY, MINUTE

Severity = Literal["page", "ticket"]


class SnakeModel(Model):
    """Base of what tools spell with underscores; ``for_`` is the file's ``for``."""

    model_config = ConfigDict(alias_generator=lambda name: name.rstrip("_"))


def _matcher(value: object) -> str:
    if isinstance(value, str) and matcher(value) is not None:
        return value
    raise refused(
        expected='a matcher such as severity="page" or alertname=~"Checkout.*"',
        got=shown(value),
        todo="Operators are =, !=, =~ and !~.",
    )


#: One of Alertmanager's matchers, kept as written.
LabelMatcher = Annotated[
    str, PlainValidator(_matcher), WithJsonSchema({"type": "string", "examples": ['severity="page"']})
]


# --- rules


class Switch(SnakeModel):
    """Sloth's switch of one generated alert."""

    disable: bool = False


class ThresholdAlert(SnakeModel):
    """A classic alert, for contrast: the error ratio of one window above a limit."""

    ratio: Annotated[float, Field(gt=0.0, lt=1.0)] = 0.01
    window: Window = 5 * MINUTE
    for_: Window = 5 * MINUTE
    keep_firing_for: Window = 0
    severity: Severity = "page"

    @model_validator(mode="after")
    def _in_bounds(self) -> Self:
        if not MINUTE <= self.window <= 3 * DAY or max(self.for_, self.keep_firing_for) > DAY:
            raise refused(
                expected="a window from 1m to 3d, and a for and a keep_firing_for up to 1d",
                got="one outside",
                todo="5m is common.",
            )
        return self


class PrometheusRule(SnakeModel):
    """One rule of a Prometheus rule file, as it stands there."""

    alert: Annotated[str, Field(pattern=r"^[a-zA-Z_][a-zA-Z0-9_]{0,99}$")] | None = None
    record: Annotated[str, Field(pattern=r"^[a-zA-Z_:][a-zA-Z0-9_:]{0,99}$")] | None = None
    expr: Annotated[str, Field(min_length=1, max_length=4000)]
    for_: Window = 0
    keep_firing_for: Window = 0
    labels: Labels = Field(default_factory=dict)
    annotations: Labels = Field(default_factory=dict)

    @model_validator(mode="after")
    def _one_kind(self) -> Self:
        if (self.alert is None) == (self.record is None):
            raise refused(
                expected="alert or record",
                got="neither" if self.alert is None else "both",
                todo="A rule raises an alert or records a series.",
            )
        if self.record is not None and (self.for_ or self.keep_firing_for or self.annotations):
            raise refused(
                expected="for, keep_firing_for and annotations beside alert alone",
                got="one of them beside record",
                todo="Remove it.",
            )
        return self


class PrometheusGroup(SnakeModel):
    """A group of a Prometheus rule file."""

    name: Line
    rules: Annotated[tuple[PrometheusRule, ...], Field(min_length=1, max_length=100)]


class Alerts(SnakeModel):
    """Which alerting rules run.

    ``workbook`` generates the Site Reliability Workbook's from each SLO, ``threshold`` a classic alert from
    each, ``none`` nothing. What is switched off here is an alert that a real team forgot.
    """

    generate: Literal["workbook", "threshold", "none"] = "workbook"
    slos: tuple[Name, ...] = ()
    """The SLOs that get alerts; all where none is named."""
    page_alert: Switch = Switch()
    ticket_alert: Switch = Switch()
    absent: bool = True
    """Whether an alert fires when an SLO has no data."""
    threshold: ThresholdAlert = ThresholdAlert()
    groups: tuple[PrometheusGroup, ...] = ()
    """Rules of the scenario's own, verbatim from a Prometheus rule file."""


# --- Alertmanager


class Route(SnakeModel):
    """A node of Alertmanager's routing tree; what is not given comes from the parent."""

    receiver: Line | None = None
    group_by: tuple[Line, ...] | None = None
    matchers: tuple[LabelMatcher, ...] = ()
    continue_: bool = False
    group_wait: Window | None = None
    group_interval: Window | None = None
    repeat_interval: Window | None = None
    routes: tuple[Route, ...] = ()

    def walk(self) -> Iterator[Route]:
        """This route and all below it."""
        yield self
        for child in self.routes:
            yield from child.walk()


class PagerdutyConfig(SnakeModel):
    """A receiver that rings the pager."""

    send_resolved: bool = True


class SlackConfig(SnakeModel):
    """A receiver that writes into the incident channel."""

    channel: Line = "#alerts"
    send_resolved: bool = False


class Receiver(SnakeModel):
    """Whom a route reaches; one without any config is a black hole, as in Alertmanager."""

    name: Line
    pagerduty_configs: tuple[PagerdutyConfig, ...] = ()
    slack_configs: tuple[SlackConfig, ...] = ()


class InhibitRule(SnakeModel):
    """While a source alert fires, target alerts with equal labels are muted."""

    source_matchers: Annotated[tuple[LabelMatcher, ...], Field(min_length=1)]
    target_matchers: Annotated[tuple[LabelMatcher, ...], Field(min_length=1)]
    equal: tuple[Line, ...] = ()


_PAGES: Final = 'severity="page"'
_TICKETS: Final = 'severity="ticket"'


class Alertmanager(SnakeModel):
    """Alertmanager's configuration. By default pages ring at once, and a page mutes its SLO's ticket."""

    route: Route = Route(
        receiver="tickets",
        group_by=("alertname",),
        routes=(Route(receiver="on-call", matchers=(_PAGES,), group_wait=0),),
    )
    receivers: Annotated[tuple[Receiver, ...], Field(min_length=1)] = (
        Receiver(name="on-call", pagerduty_configs=(PagerdutyConfig(),)),
        Receiver(name="tickets", slack_configs=(SlackConfig(channel="#tickets"),)),
    )
    inhibit_rules: tuple[InhibitRule, ...] = (
        InhibitRule(source_matchers=(_PAGES,), target_matchers=(_TICKETS,), equal=("sloth_id",)),
    )

    @model_validator(mode="after")
    def _routes_lead_somewhere(self) -> Self:
        names = [receiver.name for receiver in self.receivers]
        if self.route.receiver is None or self.route.matchers:
            raise refused(
                expected="a receiver, and no matchers, in the topmost route",
                got="no receiver" if self.route.receiver is None else "matchers",
                todo="The topmost route takes every alert that no other one takes.",
            )
        for route in self.route.walk():
            if route.receiver is not None and route.receiver not in names:
                raise refused(
                    expected="the name of a receiver: " + ", ".join(names),
                    got=repr(route.receiver),
                    todo="Add it to receivers, or correct the route.",
                )
        return self


# --- the pager


class EscalationRule(SnakeModel):
    """One level of PagerDuty's escalation policy."""

    escalation_delay_in_minutes: Annotated[int, Field(ge=1, le=600)]
    """How long this level may leave a page without an acknowledgement."""
    targets: Annotated[tuple[Line, ...], Field(min_length=1)]
    """Who is paged; of the first level that is the learner."""


class Pager(SnakeModel):
    """PagerDuty's escalation policy: whoever does not acknowledge in time is not the last to be asked."""

    escalation_rules: Annotated[tuple[EscalationRule, ...], Field(min_length=1, max_length=10)] = (
        EscalationRule(escalation_delay_in_minutes=5, targets=("you",)),
        EscalationRule(escalation_delay_in_minutes=5, targets=("the secondary on call",)),
        EscalationRule(escalation_delay_in_minutes=10, targets=("James O'Brien",)),
        EscalationRule(escalation_delay_in_minutes=30, targets=("the engineering manager",)),
    )


# --- noise


class NoisyAlert(Model):
    """An alert from a part of the estate that is not simulated: it fires whatever the learner does."""

    alert: Annotated[str, Field(pattern=r"^[a-zA-Z_][a-zA-Z0-9_]{0,99}$")]
    severity: Severity = "ticket"
    summary: Line
    labels: Labels = Field(default_factory=dict)
    at: Duration
    lasting: Duration
    every: Duration | None = None
    """It comes back so often, as a flapping alert does; once where nothing is said."""

    @model_validator(mode="after")
    def _comes_and_goes(self) -> Self:
        if self.lasting < MINUTE or (self.every is not None and self.every <= self.lasting):
            raise refused(
                expected="a lasting of 1m or more, and an every longer than that",
                got="another",
                todo="An alert is evaluated every 15 s, and has to end before it can come back.",
            )
        return self
