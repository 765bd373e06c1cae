"""The same seed and decisions give the same bytes, however they are played."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from simulator.drill import Act, Run, play_acts, play_run, read, replay, resume, what_if
from simulator.errors import JournalError
from simulator.units import MINUTE, SECOND
from tests.drill_stage import fresh, scenario

LINES = (
    "kubectl get pods",
    "wait 10m",
    "page ack",
    "kubectl rollout history deployment/app",
    "kubectl logs -l app=myapp --tail=20",
    "kubectl scale deployment/app --replicas=0",
    "yes",
    "kubectl rollout undo deployment/app",
    "kubectl scale deployment/app --replicas=3",
    "kubectl rollout status deployment/app --timeout=300s",
    'statuspage monitoring "Back to the old release."',
    "nonsense",
)


def played(path: Path | None = None, *, lines: tuple[str, ...] = LINES) -> Run:
    """A learner's run, journalled, up to where these lines lead."""
    run = Run(scenario(), 11, journal=path)
    for line in lines:
        run.do(line)
    return run


def test_the_same_play_twice_in_one_process() -> None:
    """Ten digests of one play are one digest; another seed has another."""
    digests = {play_run(scenario(), 11).digest for _ in range(3)}
    assert 1 == len(digests)
    assert play_run(scenario(), 12).digest not in digests


def test_the_same_play_in_another_process() -> None:
    """No hash seed, import order or address gets into the digest."""
    program = (
        "from tests.drill_stage import scenario\nfrom simulator.drill import play\n"
        "print(play(scenario(), 11).digest)"
    )
    outputs = {
        subprocess.run(  # the interpreter and the program are our own
            [sys.executable, "-c", program],
            env={"PYTHONHASHSEED": hash_seed, "PYTHONPATH": str(Path.cwd())},
            capture_output=True,
            text=True,
            check=True,
        ).stdout.strip()
        for hash_seed in ("1", "2")
    }
    assert {play_run(scenario(), 11).digest} == outputs


def test_compiled_equals_uncompiled() -> None:
    """The twin of the kernel gives the same bytes."""
    compiled, plain = (Run(scenario(), 11, compiled=flag) for flag in (True, False))
    for run in (compiled, plain):
        run.apply(Act(70 * SECOND, "kubectl rollout undo deployment/app"))
        run.advance(2 * MINUTE)
    assert compiled.digest == plain.digest


def test_how_the_clock_is_advanced_does_not_matter() -> None:
    """One long advance equals many short ones, ends on scrapes and probes among them."""
    long, short = fresh(), fresh()
    long.advance(3 * MINUTE)
    for at in range(0, 180 * 10, 7):
        short.advance(at * SECOND // 10)
    for at in range(170, 181):
        short.advance(at * SECOND)
    assert long.digest == short.digest


def test_replay_equals_the_run(tmp_path: Path) -> None:
    """The journal is the run: acts, answers, clock and digest come again."""
    run = played(tmp_path / "run.jsonl")
    again = replay(tmp_path / "run.jsonl", scenario=scenario())
    assert run.acts == again.acts
    assert run.transcript == again.transcript or _same_answers(run, again)
    assert (run.digest, run.now) == (again.digest, again.now)


def _same_answers(one: Run, two: Run) -> bool:
    """Errors compare by identity; everything else by value."""
    return [(a.text, a.ok, a.at, a.cost, a.kind, a.canonical) for a in one.transcript] == [
        (a.text, a.ok, a.at, a.cost, a.kind, a.canonical) for a in two.transcript
    ]


def test_resume_goes_on_to_the_same_end(tmp_path: Path) -> None:
    """Broken off after any act and resumed, the run ends in the same bytes as the unbroken one."""
    whole = played()
    whole.finish()
    for cut in (0, 2, 6, 9):
        path = tmp_path / f"{cut}.jsonl"
        played(path, lines=LINES[:cut])
        run = resume(path, scenario=scenario())
        for line in LINES[cut:]:
            run.do(line)
        run.finish()
        assert whole.digest == run.digest
        assert whole.acts == list(read(path).acts)


def test_killed_at_any_byte_a_run_can_be_resumed(tmp_path: Path) -> None:
    """Truncated all over the file: at most the last act is lost, and the rest replays to the same state."""
    path = tmp_path / "run.jsonl"
    run = played(path)
    data = path.read_bytes()
    header = data.index(b"\n") + 1
    for length in range(header, len(data), 293):
        path.write_bytes(data[:length])
        again = resume(path, scenario=scenario())
        count = len(again.acts)
        assert run.acts[:count] == again.acts
        assert data[:length].count(b"\n") - 1 <= count
        assert [answer.text for answer in run.transcript[:count]][:-1] == [
            answer.text for answer in again.transcript
        ][:-1]
        assert path.read_bytes() == b"".join(data.splitlines(keepends=True)[: count + 1])


def test_taking_over_at_a_minute_leaves_the_old_file_alone(tmp_path: Path) -> None:
    """Play on: the acts before are kept, the run goes on in a new file."""
    path = tmp_path / "run.jsonl"
    played(path)
    data = path.read_bytes()
    early = resume(path, at=MINUTE, scenario=scenario())
    assert (MINUTE, 2) == (early.now, len(early.acts))
    early.do("kubectl get pods")
    assert data == path.read_bytes()
    files = sorted(tmp_path.glob("*.jsonl"))
    assert 2 == len(files)
    fork = next(file for file in files if file != path)
    assert early.acts == list(read(fork).acts)


def test_a_run_of_another_scenario_is_refused(tmp_path: Path) -> None:
    """Both digests are named."""
    path = tmp_path / "run.jsonl"
    played(path, lines=LINES[:1])
    other = scenario().model_copy(update={"timeline": ()})
    with pytest.raises(JournalError) as caught:
        replay(path, scenario=other)
    assert scenario().digest in str(caught.value) and other.digest in str(caught.value)


def test_acts_on_the_instants_of_scrapes_and_pages_replay(tmp_path: Path) -> None:
    """Acts at exact multiples of five and fifteen seconds, two in one instant."""
    path = tmp_path / "run.jsonl"
    run = Run(scenario(), 11, journal=path)
    for at, line in ((15, "note a"), (15, "note b"), (60, "note c"), (75, "kubectl get pods"), (240, "page")):
        run.apply(Act(at * SECOND, line))
    run.finish()
    again = replay(path, scenario=scenario(), to_end=True)
    assert run.digest == again.digest


def test_what_if_nothing_changes_nothing() -> None:
    """Without a change the other run is the same run, blocking looks and confirmed lines included."""
    run = played()
    comparison = what_if(run)
    other = comparison.other_run
    assert [(each.last_at, each.message) for each in run.cluster.events] == [
        (each.last_at, each.message) for each in other.cluster.events
    ]
    assert run.alerts.transitions == other.alerts.transitions
    assert [each.at for each in run.transcript] == [each.at for each in other.transcript]
    assert comparison.yours.budget_spent.tolist() == comparison.other.budget_spent.tolist()
    assert (0.0, 0, ()) == (
        comparison.budget_difference,
        comparison.user_minutes_difference,
        comparison.not_applicable,
    )


def test_recorded_acts_give_the_same_run_through_every_door(tmp_path: Path) -> None:
    """Play, replay and a plain list of acts are one function."""
    run = played(tmp_path / "run.jsonl")
    assert run.digest == play_acts(fresh(), run.acts).digest
