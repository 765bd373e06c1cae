"""The gate counts what pytest counted, and fails when a part fails."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from tests import gate


def test_outcomes_are_read_from_the_closing_line() -> None:
    """Passed, failed and errors are counted from the last line that pytest prints, whatever stands above."""
    text = "3 passed in the text\n==== short summary\n1 failed, 12 passed, 2 errors in 3.21s\n"
    assert Counter(failed=1, passed=12, error=2) == gate.count_outcomes(text)
    assert Counter() == gate.count_outcomes("All checks passed!\n")


def test_a_failed_part_makes_the_gate_fail_and_is_named() -> None:
    """The table names the part that is not green, and the closing line counts over all parts."""
    good = gate.Result("unit", counts=Counter(passed=12), wall_seconds=1.5)
    bad = gate.Result("house", ok=False, counts=Counter(passed=3, failed=2), wall_seconds=0.5)
    text = gate.table([good, bad], 1.6)
    assert "not green: house" in text
    assert "gate: 15 passed, 2 failed" == text.splitlines()[-1]
    assert "not green" not in gate.table([good], 1.5)


def test_a_part_runs_its_commands_and_keeps_the_worst() -> None:
    """One command that fails fails the part, also when a later one succeeds."""
    part = gate.Part("try", (("-c", "raise SystemExit(3)"), ("-c", "print('4 passed in 0.1s')")))
    result = gate.run(part, print)
    assert not result.ok
    assert 4 == result.counts["passed"]


def test_a_part_whose_needs_are_missing_fails_by_name(capsys: pytest.CaptureFixture[str]) -> None:
    """A machine without a browser fails the browser part with the words of the error."""

    def missing() -> dict[str, str]:
        raise RuntimeError("no browser here")

    assert not gate.run(gate.Part("browser", (("-c", "pass"),), needs=missing), print).ok
    assert "no browser here" in capsys.readouterr().out


_MEET = """
import pathlib, time
pathlib.Path({0!r}).touch()
while not pathlib.Path({1!r}).exists():
    time.sleep(0.01)
print({2!r})
"""


def test_parts_run_side_by_side_and_are_told_in_one_piece_each(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Each waits for the other's file, so alone neither would end; who wants to be alone comes last."""
    one, two = str(tmp_path / "one"), str(tmp_path / "two")
    parts = [
        gate.Part("alone", (("-c", "print('3 passed in 0.1s')"),), alone=True),
        gate.Part("one", (("-c", _MEET.format(one, two, "1 passed in 0.1s")),)),
        gate.Part("two", (("-c", _MEET.format(two, one, "2 passed in 0.1s")),)),
    ]
    results = gate.run_all(parts, lanes=2)
    assert [("alone", 3), ("one", 1), ("two", 2)] == [(each.name, each.counts["passed"]) for each in results]
    said = capsys.readouterr().out
    assert said.index("== one ") < said.index("1 passed") < said.index("== two ") < said.index("== alone ")


def test_an_unknown_part_is_refused() -> None:
    """A typing error does not run an empty gate."""
    with pytest.raises(SystemExit, match="got huose"):
        gate.chosen(["huose"])


def test_long_runs_are_only_done_when_they_are_asked_for() -> None:
    """The whole gate leaves out the six hours and the uncompiled suite; named, they run."""
    assert not {"endurance", "twin"} & {part.name for part in gate.chosen([])}
    assert ["endurance", "twin"] == [part.name for part in gate.chosen(["twin", "endurance"])]
