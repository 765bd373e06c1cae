"""From a run file back to a run: replay it, or go on with it, from its end or from any minute."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from itertools import zip_longest
from pathlib import Path

from simulator.drill.acts import Act
from simulator.drill.journal import Journal, Recording, default_path, kit_version, read
from simulator.drill.run import Run
from simulator.errors import GamedayError, JournalError
from simulator.scenario import Scenario, load
from simulator.units import format_clock

#: Called with the fresh run before its first act: where a coach attaches itself.
Attach = Callable[[Run], object]


def play_acts(run: Run, acts: Iterable[Act]) -> Run:
    """Apply recorded acts: each takes effect at its own instant, and ends where the next begins.

    Returns:
        The same run, after the last act and its cost.
    """
    listed = list(acts)
    for act, later in zip_longest(listed, listed[1:]):
        run.apply(act, ends_by=later.at if later is not None else None)
    return run


def replay(
    path: Path,
    *,
    scenario: Scenario | None = None,
    attach: Attach | None = None,
    to_end: bool = False,
    compiled: bool = True,
) -> Run:
    """Play a run file again; the file is only read.

    Args:
        path: The run file.
        scenario: None loads it by the name in the file.
        attach: Called with the run before its first act.
        to_end: Also let the rest of the drill's time pass.
        compiled: As for ``Run``.

    Returns:
        The run; ``run.warnings`` says what the file had to say about itself.

    Raises:
        JournalError: The file is damaged, or belongs to another scenario.
        ScenarioError: The scenario can't be loaded.
    """
    recording = read(path)
    run = _fresh(path, recording, scenario, attach, compiled)
    play_acts(run, recording.acts)
    if to_end:
        run.finish()
    return run


def resume(
    path: Path,
    *,
    at: int | None = None,
    scenario: Scenario | None = None,
    attach: Attach | None = None,
    compiled: bool = True,
) -> Run:
    """Go on with a run file.

    Args:
        path: The run file.
        at: None goes on after the last act, in the same file. An instant takes over there: the acts
            before it are kept, and the run goes on in a new file beside the old one.
        scenario: As for ``replay``.
        attach: As for ``replay``.
        compiled: As for ``Run``.

    Raises:
        JournalError: The file is damaged, or belongs to another scenario.
        ScenarioError: The scenario can't be loaded.
        GamedayError: ``at`` lies at the drill's end or behind it.
    """
    recording = read(path)
    run = _fresh(path, recording, scenario, attach, compiled)
    if at is not None and at >= run.duration:
        raise GamedayError(
            "resume(at=…)",
            expected=f"a time before {format_clock(run.duration)}, where the drill ends",
            got=format_clock(at),
            todo="Take over sooner, or replay the run to look at its end.",
        )
    if at is None:
        play_acts(run, recording.acts)
        run.record_to(Journal.open(path, recording))
        return run
    kept = [act for act in recording.acts if act.at < at]
    play_acts(run, [*kept, Act(at, "")])
    fork = default_path(run.header.scenario, run.variant, run.seed, path.parent)
    journal = Journal.create(fork, run.header)
    for act in kept:
        journal.append(act)
    run.record_to(journal)
    return run


def _fresh(
    path: Path, recording: Recording, scenario: Scenario | None, attach: Attach | None, compiled: bool
) -> Run:
    header = recording.header
    found = scenario if scenario is not None else load(header.scenario)
    run = Run(
        found,
        header.seed,
        variant=header.variant,
        mode=header.mode,
        guidance=header.guidance,
        compiled=compiled,
    )
    if run.scenario.digest != header.scenario_digest:
        raise JournalError(
            f"{path}:1: scenario_digest",
            expected=f"{run.scenario.digest}, which {header.scenario} has now",
            got=header.scenario_digest,
            todo="The scenario has changed since this run; take the version of the kit that wrote it "
            f"({header.kit}).",
        )
    if header.kit != kit_version():
        run.warnings.append(f"{path} was written by gameday {header.kit}; this is {kit_version()}.")
    if recording.damage:
        run.warnings.append(recording.damage)
    for warning in run.warnings:
        run.say("system", "gameday", warning)
    if attach is not None:
        attach(run)
    return run
