"""The incident's record: declared, roles, beliefs, cadence, hand-over, and an end that users decide."""

from __future__ import annotations

import pytest

from simulator.drill import Run
from simulator.scenario import load
from simulator.units import MINUTE, SECOND, format_clock
from tests.drill_stage import fresh

DECLARE = "incident declare SEV2 Half of the pages fail, and we can't see why"


def burning() -> Run:
    """Two minutes in: the bad release is out."""
    run = fresh()
    run.advance(2 * MINUTE)
    return run


def phase(run: Run) -> str:
    """Where the record stands now."""
    return run.incident.phase


def bot(run: Run) -> list[str]:
    """What the tracker wrote into the channel."""
    return [message.text for message in run.channel if message.author == "incident"]


def test_a_declaration_names_severity_title_cadence_and_roles() -> None:
    """Who declares commands; what nobody takes, James fills; a SEV2 promises word every 15 minutes."""
    run = burning()
    answer = run.do(DECLARE)
    assert answer.text == (
        "SEV2 declared at T+02:00: Half of the pages fail, and we can't see why\n"
        "An update is due every 15m. Roles: commander: you; operations: James; communications: James."
    )
    assert ("open", 2 * MINUTE) == (phase(run), run.incident.declared_at)
    assert 17 * MINUTE == run.incident.update_due


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("incident declare", "severity is missing"),
        ("incident declare sev2", "title is missing"),
        ("incident declare SEV9 x", '"SEV9" is no severity: SEV1, SEV2, SEV3, SEV4'),
        ("incident role chief you", '"chief" is no role'),
        ("incident role commander", "a name is missing"),
        ("incident hypothesis", "a text is missing"),
        ("incident hypothesis H1", "a verdict is missing"),
        ("incident hypothesis H1 refuted", "none yet"),
        ("incident resolve", "an incident that is open"),
        ("incident resolve --hold=1s", "out of range"),
        ("incident severity SEV1", "an incident that is open"),
        ("incident reopen", "an incident that was resolved"),
        ("statuspage part checkout", "expected PART and one of operational"),
        ("statuspage part nowhere degraded", 'no part "nowhere"; the page lists app, db'),
        ("statuspage bogus", "Its states are investigating, identified, monitoring, resolved."),
        ("message @nobody hello", 'nobody here is called "nobody"'),
        ('message ceo "We are rolling back."', 'nobody here is called "ceo"'),
        ("message ceo we are rolling back", 'is "ceo" somebody? Nobody here is called so'),
        ('incident believe "it is the release"', 'unknown command "believe"\nIts commands are declare, hand'),
        ("incident reslove", "incident resolve"),
        ("incident sev 1", "incident severity"),
        ("incident update", "a text is missing"),
        ("incident severity 5 worse", '"5" is no severity'),
    ],
)
def test_a_wrong_line_says_what_was_meant_and_costs_nothing(line: str, words: str) -> None:
    """Nothing raises, the clock stands still, and the answer names what would have been right."""
    run = burning()
    answer = run.do(line)
    assert not answer.ok and words in answer.text
    assert (0, 2 * MINUTE) == (answer.cost, run.now)


def test_hypotheses_are_judged_by_their_name() -> None:
    """A belief keeps its words; its verdict keeps the evidence and the time."""
    run = burning()
    run.do("incident hypothesis The release of 09:01 fails every second page")
    run.do("incident hypothesis h1 confirmed errors began with v2")
    (only,) = run.incident.hypotheses
    assert ("H1", "confirmed", "errors began with v2") == (only.id, only.verdict, only.why)
    assert only.text == "The release of 09:01 fails every second page"
    assert only.judged_at == 2 * MINUTE


def test_an_incident_is_over_when_users_were_served_and_not_before() -> None:
    """Said too early it stays open, with the reason; after the rollback it holds and is resolved."""
    run = burning()
    run.do(DECLARE)
    run.do("incident resolve --hold=2m")
    run.advance(run.now + 3 * MINUTE)
    assert "open" == phase(run)
    assert "Not resolved: app-availability burned" in bot(run)[-1]
    run.do("kubectl rollout undo deployment/app")
    run.advance(run.now + MINUTE)
    run.do("incident resolve --hold=2m")
    began = run.now
    run.advance(began + MINUTE)
    assert "verifying" == phase(run)
    run.advance(began + 2 * MINUTE + 10 * SECOND)
    assert "resolved" == phase(run)
    assert "Resolved: every objective was met for 2m." == bot(run)[-1]


def test_a_reopened_incident_counts_as_open() -> None:
    """A resolution can be taken back, with its reason in the log."""
    run = burning()
    run.do(DECLARE)
    run.do("incident resolve")
    assert run.do("incident reopen They still fail").text == "Reopened: They still fail"
    assert "open" == phase(run) and run.incident.holds_until is None


def test_silence_past_the_cadence_is_reminded_of_once_until_word_goes_out() -> None:
    """The reminder names who communicates; a status post starts the time anew."""
    run = fresh()
    run.do("incident declare SEV1 Nobody is served")
    run.do("incident role communications noor")
    run.advance(11 * MINUTE)
    reminders = [text for text in bot(run) if "an update is due" in text]
    assert len(reminders) == 1 and reminders[0].startswith("noor, an update is due")
    run.do("statuspage investigating We are on it.")
    assert run.incident.update_due == 21 * MINUTE


def test_a_handover_tells_state_users_words_changes_and_beliefs() -> None:
    """Out of the record alone, so that the next person needs no memory of the last."""
    run = burning()
    run.do(DECLARE)
    run.do("kubectl get pods")
    run.do("note every second page fails")
    run.do("incident hypothesis The new release")
    run.do("kubectl rollout undo deployment/app")
    run.do("statuspage part app partial-outage")
    text = run.do("incident handover noor").text
    for words in (
        "SEV2 Half of the pages fail",
        "commander noor",
        "App availability: burn",
        "Status page: nothing posted.",
        "Parts: app partial-outage.",
        "Changed by hand (1)",
        "kubectl rollout undo deployment/app",
        "H1 open: The new release",
        "every second page fails [act 2]",
    ):
        assert words in text, text


def test_the_record_prints_its_own_log() -> None:
    """``incident`` alone shows where things stand; before a declaration it says how to make one."""
    run = burning()
    assert run.do("incident").text.startswith("No incident is declared. For example: incident declare SEV2")
    run.do(DECLARE)
    shown = run.do("incident").text.splitlines()
    assert shown[0].startswith("SEV2 Half of the pages fail")
    assert shown[-1].startswith(f"{format_clock(2 * MINUTE + 5 * SECOND)}  SEV2 declared")


def test_marking_a_part_shows_on_the_status_page() -> None:
    """Customers see which part is affected until it is operational again."""
    run = burning()
    run.do("statuspage part app partial-outage")
    assert run.do("statuspage").text == "app: partial-outage"
    run.do("statuspage part app operational")
    assert run.do("statuspage").text == "All systems operational. Nothing has been posted."


@pytest.mark.parametrize("spelled", ["SEV1", "sev1", "1", "sev-1"])
def test_a_severity_is_known_by_its_number(spelled: str) -> None:
    """``sev1`` and ``1`` are SEV1, in a declaration and in a change."""
    run = burning()
    assert run.do(f"incident declare {spelled} Nobody can pay").canonical.startswith("incident declare SEV1 ")
    run.do("incident severity 3 Some can")
    assert run.do(f"incident severity {spelled}").ok and "SEV1" == run.incident.severity


def test_words_written_to_the_incident_arrive() -> None:
    """``incident update`` is word to everybody and moves the next one; ``incident note`` pins a note."""
    run = burning()
    run.do(DECLARE)
    run.advance(5 * MINUTE)
    assert "message We are rolling back" == run.do('incident update "We are rolling back"').canonical
    assert 20 * MINUTE == run.incident.update_due
    assert ("you", "We are rolling back") == (run.channel[-1].kind, run.channel[-1].text)
    assert "note began with v2" == run.do('incident note "began with v2"').canonical
    assert ["began with v2"] == [note.text for note in run.notes]


def test_help_names_the_people_who_can_be_written_to() -> None:
    """``message -h`` is help and tells nobody; its names are those of this system, as is the example's."""
    run = Run(load("production-is-down"))
    shown = run.do("message -h")
    assert shown.text == run.do("help message").text and ", ".join(run.people) in shown.text
    assert f'message {run.people[0]} "' in run.do("message").text
    assert not [message for message in run.channel if message.kind == "you"]
    assert run.do(f'message {run.people[0]} "We are on it."').text.startswith(f"Sent to {run.people[0]} at")
