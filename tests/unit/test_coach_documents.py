"""Design, runbook and postmortem: made from the live system and the log, shown, checked and saved."""

from __future__ import annotations

import json
from functools import lru_cache
from pathlib import Path

import pytest

from simulator.coach import Coach, Postmortem, blameless, design, postmortem, runbook
from simulator.coach.blocks import Table
from simulator.drill import Run
from simulator.errors import GamedayError
from simulator.scenario import graph, load
from simulator.units import MINUTE
from tests.drill_stage import fresh


@lru_cache(maxsize=1)
def shop() -> Run:
    """The shop, five minutes in."""
    run = Run(load("production-is-down"), 7)
    run.advance(5 * MINUTE)
    return run


@lru_cache(maxsize=1)
def played() -> tuple[Run, Coach]:
    """The small incident, taken back, at its end."""
    run = fresh()
    coach = Coach(run)
    run.advance(4 * MINUTE)
    run.do("page ack")
    run.do("kubectl scale deployment/app --replicas=5")
    run.do("incident declare SEV2 Half of the pages fail")
    run.do("kubectl rollout undo deployment/app")
    run.finish()
    return run, coach


def draft() -> Postmortem:
    """Its postmortem as the log writes it."""
    return postmortem(*played())


def test_a_promise_hangs_on_what_its_own_routes_call() -> None:
    """Orders need payments and not the catalogue; browsing the other way round."""
    system = graph(load("production-is-down"))
    assert system.behind("edge", ("checkout",)) == (
        "edge",
        "web",
        "checkout",
        "cart",
        "payments",
        "orders-db",
    )
    assert "payments" not in system.behind("edge", ("browse", "cart"))
    assert system.callers("orders-db") == ("cart", "checkout")


def test_a_design_has_the_five_parts_in_their_order() -> None:
    """Architecture, components, deployment strategy, monitoring, runbook."""
    made = design(shop())
    assert ["architecture", "components", "deployment", "monitoring", "runbook"] == [
        section.key for section in made.sections
    ]


def test_a_design_draws_every_part_and_every_call_and_says_the_same_in_words() -> None:
    """Mermaid for the eye, its twin for everybody else."""
    text = design(shop()).markdown()
    system = graph(shop().scenario)
    assert "```mermaid\nflowchart LR" in text
    assert len(system.calls) == text.count(" --> ")
    assert "checkout (service, 6 pods) → cart, payments, orders-db" in text
    assert 'n_orders_db[("orders-db<br/>database ×1")]' in text


@lru_cache(maxsize=1)
def office() -> Run:
    """The ticket office at its start: a queue, and partners behind bridges of ours."""
    return Run(load("tuesday-morning"), 7)


def components() -> dict[str, tuple[str, ...]]:
    """The office's parts, as the design's table has them, by name."""
    table = design(office())["components"].blocks[0]
    assert isinstance(table, Table)
    return {row[0]: row for row in table.rows}


def test_a_design_counts_what_is_behind_the_door_and_not_the_door() -> None:
    """Ten services of which one is the gateway; 26 pods of which two are its own."""
    said = str(design(office())["architecture"])
    assert "Users come in at gateway. Behind it: 9 parts, 24 pods." in " ".join(said.split())


def test_a_design_names_everybody_who_calls_or_feeds_a_part() -> None:
    """By the queue too, in the table, in the drawing and in its words."""
    made, rows = design(office()), components()
    assert "booking by the queue confirmations" == rows["notifier"][3]
    assert "users" == rows["gateway"][3]
    assert "search, booking" == rows["inventory-db"][3]
    assert rows["notifier"][2].startswith("Handles send; needs sms")
    text = made.markdown()
    assert "n_booking -. confirmations .-> n_notifier" in text
    assert (
        "booking (service, 4 pods) → inventory-db, payments; feeds notifier by the queue confirmations"
        in text
    )


def test_a_partners_part_with_pods_of_ours_is_our_bridge_to_him() -> None:
    """Somebody else's is what answers behind it: the pods have an image, a size and a strategy."""
    rows = components()
    bridges = {name for name, row in rows.items() if "Our bridge to a partner" in row[2]}
    assert {"payments", "sms"} == bridges
    assert not any(row[2].startswith("Somebody else's") for row in rows.values())


def test_a_design_follows_the_live_system() -> None:
    """After a scale-out by hand the drawing, the table and the strategy have the new size."""
    run = fresh()
    before = design(run).markdown()
    run.do("kubectl scale deployment/app --replicas=5")
    after = design(run).markdown()
    assert "app (service, 3 pods)" in before and "starts with 33 % of requests" in before
    assert "app (service, 5 pods)" in after and "starts with 20 % of requests" in after


def test_a_design_asks_about_what_runs_once_and_about_retries_that_multiply() -> None:
    """Web asks twice, checkout asks twice: the orders' database is asked four times for one order."""
    text = str(design(shop())).replace("\n  ", " ")
    assert "orders-db runs once, and cart, checkout can't do without it." in text
    assert "up to 4 times" in text


def test_a_designs_thresholds_are_those_of_the_rules_at_work() -> None:
    """The table lists each condition of each alert, as the alert manager has it."""
    run = shop()
    rows = design(run)["monitoring"].blocks[0]
    for status in run.alerts.status(run.now):
        assert f"{status.severity}: {status.alert}" in str(rows)


def test_a_runbook_looks_first_where_the_promise_was_made() -> None:
    """Checkout's page leads to checkout, then along the path of an order."""
    text = runbook(shop()).markdown()
    assert "`kubectl rollout history deployment/checkout`, then the rest of its path: edge, web, cart" in text


def test_a_runbook_learns_from_an_incident_when_it_is_over_and_not_before() -> None:
    """What helped and what only looked like help is sealed while the drill goes on."""
    run = Run(load("production-is-down"), 7)
    assert "learned" not in [section.key for section in runbook(run).sections]
    run.finish()
    taught = runbook(run)["learned"]
    assert "Helps" in str(taught) and "Looks like help" in str(taught)


def test_a_postmortem_tells_impact_times_and_timeline_out_of_the_log() -> None:
    """Users in numbers, the four times, and what the cluster asks for."""
    text = draft().markdown()
    for words in (
        "# Postmortem: Half of the pages fail",
        "user-minutes in which requests of users failed",
        "| Time to detect | from the first harm to the first page |",
        "kubectl rollout undo deployment/app",
        "app v2 went out at T+01:00",
        "2 changes were made under pressure",
        "deployment/app runs 5 replicas by hand; git says 3.",
    ):
        assert words in text, text


def test_a_draft_is_blameless_and_lacks_what_only_people_know() -> None:
    """The checklist asks for two factors, owners and dates, and finds no blame in our own words."""
    found = [str(each) for each in draft().check().findings]
    assert not [each for each in found if each.startswith("line ")]
    assert any("Contributing factors are 0" in each for each in found)
    assert any("has no owner" in each for each in found)


def test_a_finished_postmortem_passes() -> None:
    """Two factors, what went well, an action with owner and date."""
    text = draft().markdown()
    head, _, rest = text.partition("## Contributing factors")
    _, _, rest = rest.partition("## What went well")
    well, _, _ = rest.partition("## Where we got lucky")
    whole = (
        f"{head}## Contributing factors\n\n- The rollout asks pods, never users.\n- The page needs four "
        "minutes.\n\n"
        f"## What went well{well}## Actions\n\n- [ ] A canary for app — owner: Ada by: 2026-12-01\n"
    )
    assert draft().check(whole), str(draft().check(whole))


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("- Bob should have looked at the graph.", "hindsight"),
        ("- It was human error.", "names a person"),
        ("- The root cause was the release.", "one cause"),
        ("- Ann forgot to warn us.", "omission"),
        ("- It was the pipeline's fault.", "guilt"),
    ],
)
def test_words_of_blame_are_found_at_their_line(line: str, why: str) -> None:
    """Each finding says what to write instead."""
    found = blameless.check(f"# Postmortem\n\n## Contributing factors\n\n{line}\n").findings
    assert any(each.line == 5 and why in each.why and each.instead for each in found)


def test_pages_are_saved_as_markdown_html_and_notebook(tmp_path: Path) -> None:
    """Three endings, each readable by its own tool; a fourth is refused with the ones that are."""
    made = draft()
    assert made.save(tmp_path / "p.md").read_text(encoding="utf-8") == made.markdown()
    assert made.save(tmp_path / "p.html").read_text(encoding="utf-8").startswith("<!doctype html>")
    cells = json.loads(made.save(tmp_path / "p.ipynb").read_text(encoding="utf-8"))["cells"]
    assert len(cells) == 1 + len(made.sections)
    assert made.check(tmp_path / "p.md").findings == made.check().findings
    with pytest.raises(GamedayError, match=r"ends in \.md or \.html"):
        made.save(tmp_path / "p.doc")
    with pytest.raises(GamedayError, match="a place to write"):
        made.save(tmp_path / "none" / "p.md")
    with pytest.raises(GamedayError, match="the path of such a file"):
        made.check(tmp_path / "none.md")


def test_the_same_run_gives_the_same_pages() -> None:
    """No clock and no luck of its own: byte for byte."""
    assert draft().markdown() == postmortem(*played()).markdown()
    assert json.dumps(draft().notebook()) == json.dumps(draft().notebook())
