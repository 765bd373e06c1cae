"""In whose name a team types: acts are stamped with a role, and the run file keeps the stamp."""

from __future__ import annotations

from pathlib import Path

import pytest

from simulator.drill import Run, read, replay, resume, what_if
from simulator.units import MINUTE
from tests.drill_stage import fresh, scenario


def roles(run: Run) -> list[str]:
    """The stamp of each act, in order."""
    return [act.role for act in run.acts]


def shared(journal: Path | None = None) -> Run:
    """Three roles take turns, then nobody in particular."""
    run = Run(scenario(), 11, journal=journal)
    for line in (
        "kubectl get pods",
        "role operations",
        "kubectl rollout history deployment/app",
        "role Communications",
        'statuspage investigating "Some pages fail."',
        "role none",
        "kubectl get events",
    ):
        run.do(line)
    return run


STAMPS = ["", "", "operations", "operations", "communications", "communications", ""]


def test_a_line_is_stamped_with_the_role_that_types() -> None:
    """From the line ``role NAME`` on, until another; it takes no time and is no act on the incident."""
    run = shared()
    assert STAMPS == roles(run)
    assert ("none", 0) == (run.transcript[1].kind, run.transcript[1].cost)
    assert "Lines are typed for operations now." == run.transcript[1].text


def test_the_run_file_keeps_the_stamp_and_a_resumed_run_goes_on_with_it(tmp_path: Path) -> None:
    """A replay has the same stamps and the same digest, and the role that typed last types on."""
    path = tmp_path / "team.jsonl"
    run = shared(path)
    run.do("role scribe")
    assert [*STAMPS, ""] == [act.role for act in read(path).acts]
    again = replay(path, scenario=run.scenario)
    assert (roles(run), run.digest) == (roles(again), again.digest)
    later = resume(path, scenario=run.scenario)
    later.do("note the release is the suspect")
    assert "scribe" == read(path).acts[-1].role


def test_a_run_without_roles_is_written_as_ever(tmp_path: Path) -> None:
    """An empty stamp is not spelled out: older run files and those of today have one form."""
    path = tmp_path / "alone.jsonl"
    Run(scenario(), 11, journal=path).do("kubectl get pods")
    assert b"role" not in path.read_bytes()


def test_a_what_if_leaves_the_stamps_where_they_were() -> None:
    """A line that is moved or dropped takes its own stamp with it and no other's."""
    run = shared()
    run.advance(2 * MINUTE)
    other = what_if(run, drop=[2]).other_run
    assert [*STAMPS[:1], *STAMPS[2:]] == roles(other)


def test_only_who_plays_is_stamped() -> None:
    """James and the automatic players type in their own name."""
    run = fresh()
    run.do("role commander")
    run.do("kubectl get pods", actor="james")
    assert ["", ""] == roles(run)


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("role", "Lines are typed for no role."),
        ("role operation", 'role: "operation" is none: commander, operations, communications, scribe, none'),
        ("role operations Ana", 'role: "operations ana" is none'),
    ],
)
def test_a_role_that_there_is_not_is_refused_with_those_there_are(line: str, words: str) -> None:
    """And nothing is stamped."""
    run = fresh()
    assert words in run.do(line).text
    assert "" == run.incident.typing


def test_the_line_completes() -> None:
    """Every role, and the way out."""
    assert ["commander", "communications", "none", "operations", "scribe"] == sorted(
        fresh().complete("role ")
    )
