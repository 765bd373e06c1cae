"""A run file survives ``kill -9`` at any moment, and the run that goes on from it ends as an unbroken one."""

from __future__ import annotations

import multiprocessing
import os
import signal
import time
from multiprocessing.connection import Connection
from pathlib import Path

from simulator.drill import resume
from simulator.drill.journal import read
from simulator.drill.run import Run
from simulator.streams import Stream
from tests.drill_stage import fresh, scenario

KILLS = 50
LINES = (
    "kubectl get pods",
    "wait 2m",
    "kubectl rollout history deployment/app",
    "note errors since 09:01, ½ of them",
    "kubectl rollout undo deployment/app",
    "statuspage identified A release broke it; it is taken back.",
    "wait 90s",
    "incident declare SEV3 Over soon",
    "kubectl scale deployment/app --replicas=0",
    "no",
    "wait 1m",
)
_PATIENCE = 60.0


def play(path: str, to: Connection) -> None:
    """Play all lines; say the number of each act that was answered."""
    run = Run(scenario(), 11, journal=Path(path))
    to.send(0)
    for line in LINES:
        to.send(run.do(line).number)


def killed_run(path: Path, after: int, pause: float) -> int:
    """Start a play in a process of its own, kill it ``pause`` seconds after act ``after`` was answered.

    Returns:
        The number of the last act that the play is known to have answered.
    """
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tests.warmed", "tests.property.test_journal_kill"])
    here, there = context.Pipe(duplex=False)
    process = context.Process(target=play, args=(str(path), there))
    process.start()
    there.close()
    answered = -1
    while answered < after and here.poll(_PATIENCE):
        answered = here.recv()
    time.sleep(pause)
    assert process.pid is not None
    os.kill(process.pid, signal.SIGKILL)
    process.join(_PATIENCE)
    try:
        while here.poll():
            answered = here.recv()
    except EOFError:
        pass
    here.close()
    return answered


def test_a_kill_at_any_moment_loses_at_most_the_act_not_yet_answered(tmp_path: Path) -> None:
    """Fifty plays, each killed somewhere: every answered act is in the file, whole; the rest is played on."""
    unbroken = fresh()
    for line in LINES:
        unbroken.do(line)
    luck = Stream(7, "kills")
    for number in range(KILLS):
        path = tmp_path / f"run-{number}.jsonl"
        after = luck.integer(len(LINES), number, 0)
        answered = killed_run(path, after, luck.uniform(number, 1) * 0.004)
        assert answered >= after
        kept = len(read(path).acts)
        assert answered <= kept <= answered + 1, f"kill {number}: {answered} answered, {kept} kept"
        run = resume(path, scenario=scenario())
        for line in LINES[kept:]:
            run.do(line)
        assert unbroken.digest == run.digest, f"kill {number} after {kept} acts"
        assert read(path).acts == tuple(run.acts)
