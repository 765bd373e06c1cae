"""The run file: what is written, what is read back, what damage says."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from simulator.drill import Act, Header, Journal, default_path, read
from simulator.errors import JournalError

HEADER = Header("0.1.0", "production-is-down", "ab" * 32, 7, 0, "lesson")
ACTS = (
    Act(0, "kubectl get pods"),
    Act(5_000_000_000, 'note "naïve ☃ \udcff"'),
    Act(5_000_000_000, "wait 2m", "reference"),
)


def written(path: Path) -> list[bytes]:
    """A file with a header and three acts; its lines."""
    journal = Journal.create(path, HEADER)
    for act in ACTS:
        journal.append(act)
    return path.read_bytes().splitlines(keepends=True)


def test_what_is_written_is_read_back(tmp_path: Path) -> None:
    """Header and acts survive, whatever characters a line has."""
    lines = written(tmp_path / "run.jsonl")
    recording = read(tmp_path / "run.jsonl")
    assert (HEADER, ACTS, "") == (recording.header, recording.acts, recording.damage)
    assert {"n", "at", "line", "actor", "chain"} == set(json.loads(lines[1]))


def test_an_act_is_on_disk_before_append_returns(tmp_path: Path) -> None:
    """Another reader sees the line."""
    journal = Journal.create(tmp_path / "run.jsonl", HEADER)
    journal.append(ACTS[0])
    assert (ACTS[0],) == read(tmp_path / "run.jsonl").acts


def test_any_truncation_loses_at_most_the_last_act(tmp_path: Path) -> None:
    """Cut at every byte behind the header: whole acts are kept, and the torn one is reported."""
    path = tmp_path / "run.jsonl"
    lines = written(path)
    data, ends = b"".join(lines), [len(lines[0])]
    for line in lines[1:]:
        ends.append(ends[-1] + len(line))
    for length in range(ends[0], len(data) + 1):
        path.write_bytes(data[:length])
        recording = read(path)
        # An act is whole without its newline: its digest proves it.
        whole = sum(length >= end - 1 for end in ends[1:])
        assert ACTS[:whole] == recording.acts
        assert (length not in ends and length + 1 not in ends[1:]) == bool(recording.damage)


def test_going_on_after_a_torn_line_writes_over_it(tmp_path: Path) -> None:
    """The torn tail is cut off and the chain goes on from the last whole act."""
    path = tmp_path / "run.jsonl"
    lines = written(path)
    path.write_bytes(b"".join(lines)[:-9])
    journal = Journal.open(path, read(path))
    journal.append(ACTS[2])
    assert b"".join(lines) == path.read_bytes()


def test_going_on_after_a_lost_newline_mends_it(tmp_path: Path) -> None:
    """The last act is whole though its newline is missing."""
    path = tmp_path / "run.jsonl"
    lines = written(path)
    path.write_bytes(b"".join(lines)[:-1])
    Journal.open(path, read(path))
    assert b"".join(lines) == path.read_bytes()


@pytest.mark.parametrize("number", [2, 3])
def test_damage_in_the_middle_is_refused_with_its_line(tmp_path: Path, number: int) -> None:
    """A changed act breaks the chain at its own line."""
    path = tmp_path / "run.jsonl"
    lines = written(path)
    lines[number - 1] = lines[number - 1].replace(b'"you"', b'"him"')
    path.write_bytes(b"".join(lines))
    with pytest.raises(JournalError) as caught:
        read(path)
    assert caught.value.where == f"{path}:{number}"
    assert caught.value.expected and caught.value.got and caught.value.todo


def test_a_line_taken_out_is_noticed(tmp_path: Path) -> None:
    """The line after the gap no longer follows."""
    path = tmp_path / "run.jsonl"
    lines = written(path)
    path.write_bytes(b"".join([lines[0], lines[2], lines[3]]))
    with pytest.raises(JournalError, match=r"run\.jsonl:2"):
        read(path)


@pytest.mark.parametrize(
    "data", [b"", b"\n", b"{}\n", b"[1]\n", b'{"kind": "gameday-run"', b"\xff\xfe\n", b"[" * 9999]
)
def test_what_is_no_run_file_says_so(tmp_path: Path, data: bytes) -> None:
    """The header is needed whole."""
    path = tmp_path / "run.jsonl"
    path.write_bytes(data)
    with pytest.raises(JournalError, match=r"run\.jsonl:1"):
        read(path)


def test_a_run_file_is_never_overwritten(tmp_path: Path) -> None:
    """Creating where a file is refuses; the default path takes the next free number."""
    path = default_path("x", 0, 7, tmp_path)
    assert path == tmp_path / "x-v0-s7.jsonl"
    Journal.create(path, HEADER)
    with pytest.raises(JournalError, match="exists"):
        Journal.create(path, HEADER)
    assert default_path("x", 0, 7, tmp_path) == tmp_path / "x-v0-s7-2.jsonl"


def test_a_run_file_that_is_gone_is_not_begun_anew(tmp_path: Path) -> None:
    """An act that can't be written is an error before it is applied."""
    path = tmp_path / "run.jsonl"
    journal = Journal.create(path, HEADER)
    path.unlink()
    with pytest.raises(JournalError, match="a place to write"):
        journal.append(ACTS[0])
    assert not path.exists()
