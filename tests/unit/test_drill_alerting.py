"""Alerting on the console: alerts, ack, silences as amtool has them, escalation in the channel, slo."""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import Any

import pytest

from simulator.drill import Run
from simulator.scenario import Scenario
from simulator.scenario.alerting import NoisyAlert, Pager
from simulator.units import MINUTE
from tests import drill_stage

BURN = "AppAvailabilityBudgetBurn"


def _bent(noise: list[dict[str, Any]] | None = None, /, **spec: object) -> Scenario:
    """The stage's scenario with other keys in its spec."""
    scenario = drill_stage.scenario()
    return scenario.model_copy(
        update={
            "spec": scenario.spec.model_copy(update=spec),
            "noise": tuple(NoisyAlert.model_validate(each) for each in noise or ()),
        }
    )


@pytest.fixture
def paged() -> Run:
    """A run whose page has just rung."""
    run = drill_stage.fresh()
    run.do("wait 6m")
    assert ["P1"] == [page.id for page in run.pager.pages]
    return run


@pytest.mark.parametrize(
    "line",
    [
        f'silence {BURN} --for 30m --comment "too loud"',
        f'silence alertname={BURN} --for=30m --comment="too loud"',
        f"amtool silence add alertname={BURN} -d 30m -c 'too loud'",
        f"amtool silence add 'alertname=\"{BURN}\"' --duration=30m --comment='too loud'",
    ],
)
def test_a_silence_has_one_canonical_spelling(paged: Run, line: str) -> None:
    """However it is typed, a check that forbids silencing the page finds it."""
    answer = paged.do(line)
    assert answer.ok and "change" == answer.kind
    assert f"amtool silence add alertname={BURN} --comment=too loud --duration=30m" == answer.canonical
    assert fnmatchcase(answer.canonical, f"amtool silence add *alertname={BURN}*")
    (silence,) = paged.alertmanager.silences.all
    assert (answer.text, 30 * MINUTE) == (silence.id, silence.ends_at - silence.starts_at)


def test_a_silence_shows_in_amtool_and_in_alerts_until_it_expires(paged: Run) -> None:
    """Suppressed and not active; after `expire` it is active again."""
    assert BURN in str(paged.do("amtool alert"))
    name = paged.do(f"silence {BURN} --comment x").text
    assert BURN not in str(paged.do("amtool alert query"))
    assert "suppressed" in str(paged.do("amtool alert -s"))
    assert f"suppressed (silence {name[:8]})" in str(paged.do("alerts"))
    assert f'{name}  alertname="{BURN}"' in str(paged.do("amtool silence query"))
    assert paged.do(f"amtool silence expire {name}").ok
    assert name not in str(paged.do("amtool silence"))
    assert name in str(paged.do("amtool silence query --expired"))
    assert BURN in str(paged.do("amtool alert"))


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("silence", "amtool: error: no matchers specified"),
        (f"silence {BURN}", "amtool: error: comment required by config"),
        (f"silence {BURN} --for 5x --comment y", 'not a valid duration string: "5x"'),
        ("silence a=b c --comment y", "amtool: error: bad matcher format: c"),
        ("silence 'a=~\"(\"' --comment y", "amtool: error: bad matcher format"),
        ("silence 'a=~\".*\"' --comment y", "at least one matcher"),
        ("amtool silence expire", "amtool: error: no silence IDs specified"),
        ("amtool silence expire 1234", "the id of one of none"),
        ("ack P9", "one of P1"),
        ("page resolve P9", "one of P1"),
        ("slo nope", '"nope" not found'),
        ("slo a b", "too many arguments"),
    ],
)
def test_a_wrong_line_is_answered_and_changes_nothing(paged: Run, line: str, said: str) -> None:
    """In the tool's own words, without a traceback and without a silence."""
    answer = paged.do(line)
    assert not answer.ok and said in answer.text
    assert () == paged.alertmanager.silences.all
    assert paged.pager.unacknowledged


def test_ack_is_page_ack(paged: Run) -> None:
    """The short line and the long one are one act to a check."""
    answer = paged.do("ack P1")
    assert ("page ack P1", "communicate") == (answer.canonical, answer.kind)
    assert paged.pager.pages[0].acked_at is not None
    assert "a page that waits" in paged.do("ack").text


def test_a_page_that_nobody_takes_is_seen_going_up_in_the_channel() -> None:
    """Five minutes after the page the second on call is paged, five later James."""
    run = drill_stage.fresh(mode="game-day")
    run.finish()
    said = [(each.at, each.text) for each in run.channel if each.author == "pager" and each.kind == "system"]
    page = run.pager.pages[0].since
    assert page + 5 * MINUTE == said[0][0] and "Paging the secondary on call" in said[0][1]
    assert "not acknowledged, the secondary on call paged" in str(_with(pager=Pager()).do("page"))


def _with(**spec: object) -> Run:
    run = Run(_bent(None, **spec), 11)
    run.advance(run.duration - MINUTE)
    return run


def test_an_escalation_policy_is_the_scenarios_own() -> None:
    """One level: nobody else is ever paged."""
    alone = {"escalation_rules": [{"escalation_delay_in_minutes": 1, "targets": ["you"]}]}
    run = _with(pager=Pager.model_validate(alone, strict=False))
    assert run.pager.pages and [0] == [page.level for page in run.pager.pages]


def test_noise_rings_and_is_not_the_first_page() -> None:
    """A page from elsewhere calls the learner away; clocks that count from the first page do not start."""
    declared = {
        "alert": "BatchJobLate",
        "severity": "page",
        "summary": "A job is late.",
        "at": "1m",
        "lasting": "2m",
    }
    run = Run(_bent([declared]), 11)
    assert "the pager rings: P1 BatchJobLate" in run.do("wait 5m").text
    before = run.first_page_at
    run.do("wait 5m")
    assert BURN == run.pager.pages[1].name
    assert (None, run.pager.pages[1].since) == (before, run.first_page_at)
    assert run.pager.first == run.pager.pages[1]


def test_the_slo_table_says_what_is_left_in_three_units(paged: Run) -> None:
    """Per cent, minutes and requests; and the burn rate that pages."""
    head, row = str(paged.do("slo")).splitlines()
    assert ["NAME", "TARGET", "WINDOW", "LEFT", "MINUTES", "REQUESTS"] == head.split()[:6]
    slo = paged.slos["app-availability"]
    left = slo.budget_left(paged.acts[-1].at)
    assert f"{100 * left.share_left:.1f} %" in row
    assert f"{left.minutes_left:.1f}" in row and f"{left.requests_left:,.0f}" in row


def test_one_slo_in_full_names_its_method_and_every_window(paged: Run) -> None:
    """What is promised, what is counted, and the burn over each of the Workbook's windows."""
    shown = str(paged.do("slo app-availability"))
    assert "App availability: 99.9 % over 30d" in shown and "Occurrences" in shown
    burns = [line.split()[0] for line in shown.splitlines()[-7:]]
    assert ["5m", "30m", "1h", "2h", "6h", "1d", "3d"] == burns


def test_completion_knows_pages_alerts_and_silences(paged: Run) -> None:
    """A tab after `ack`, `silence` and `amtool silence expire` offers what there is."""
    assert ["P1"] == paged.complete("ack ")
    assert f"alertname={BURN}" in paged.complete("silence ")
    name = paged.do(f"silence {BURN} --comment x").text
    assert [name] == paged.complete("amtool silence expire ")
    assert ["app-availability"] == paged.complete("slo ")


def test_replaying_a_silence_gives_the_same_run() -> None:
    """Ids and suppression follow from the acts alone."""
    runs = [drill_stage.fresh(), drill_stage.fresh()]
    for run in runs:
        run.do(f"silence {BURN} --for 5m --comment x")
        run.finish()
    assert runs[0].digest == runs[1].digest
    assert runs[0].alertmanager.silences.all == runs[1].alertmanager.silences.all
    assert [page.since for page in runs[0].pager.pages] == [page.since for page in runs[1].pager.pages]
    assert runs[0].pager.pages[0].since > 5 * MINUTE
