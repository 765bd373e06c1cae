"""Run files of other days: an older kit's opens and says so, a changed one is refused at its line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from simulator.cli.results import replayed
from simulator.drill import Header, Journal, Run, read, replay, resume
from simulator.drill.acts import Act
from simulator.errors import JournalError
from simulator.scenario import load
from tests.drill_stage import scenario


def written(path: Path, *, kit: str = "0.0.1", digest: str = "") -> Path:
    """A run file of two acts, by some version of the kit."""
    run = Run(scenario(), 11)
    header = run.header
    journal = Journal.create(
        path,
        Header(
            kit, header.scenario, digest or header.scenario_digest, header.seed, header.variant, header.mode
        ),
    )
    for place, line in enumerate(("kubectl get pods", "wait 1m", "kubectl get events")):
        journal.append(Act(place * 90 * 10**9, line))
    return path


def test_a_run_file_of_an_older_kit_opens_and_says_so(tmp_path: Path) -> None:
    """The scenario is as it was, so the run is; the channel and the caller hear who wrote it."""
    path = written(tmp_path / "old.jsonl")
    run = replay(path, scenario=scenario())
    (warning,) = run.warnings
    assert "was written by gameday 0.0.1" in warning
    assert any(message.text == warning for message in run.channel)
    assert 3 == len(run.acts)
    assert 1 == len(resume(path, scenario=scenario()).warnings)


def test_a_run_file_of_a_scenario_that_changed_says_why_it_does_not_open(tmp_path: Path) -> None:
    """Both digests and the version to take."""
    path = written(tmp_path / "old.jsonl", digest="another")
    with pytest.raises(JournalError, match=r"take the version of the kit that wrote it \(0\.0\.1\)"):
        replay(path, scenario=scenario())


def test_a_later_form_of_run_files_is_refused_with_what_to_do(tmp_path: Path) -> None:
    """A version that this kit does not know is not guessed at."""
    path = written(tmp_path / "new.jsonl")
    first, *rest = path.read_text(encoding="utf-8").splitlines(keepends=True)
    later = json.dumps({**json.loads(first), "version": 2}) + "\n"
    path.write_text(later + "".join(rest), encoding="utf-8")
    with pytest.raises(JournalError, match="expected run file version 1, got version 2"):
        read(path)


def test_a_broken_chain_is_reported_with_its_line_and_an_old_kit_with_its_version(tmp_path: Path) -> None:
    """What ``gameday replay`` does: an edited act is refused at its line; who wrote the file is said."""
    path = tmp_path / "run.jsonl"
    run = Run(load("welcome"), 3, journal=path)
    for line in ("kubectl get pods", "wait 2m", "page ack", "kubectl get events"):
        run.do(line)
    heard: list[str] = []
    assert "welcome" == replayed(path, warn=heard.append)["scenario"] and not heard
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    path.write_text(
        "".join([*lines[:2], lines[2].replace("wait 2m", "wait 3m"), *lines[3:]]), encoding="utf-8"
    )
    with pytest.raises(JournalError, match=r"run\.jsonl:3: expected an act whose digest follows"):
        replayed(path)
    path.write_text("".join(lines) + '{"n": 5, "at"', encoding="utf-8")
    replayed(path, warn=heard.append)
    assert "the last line was damaged" in heard[0]
