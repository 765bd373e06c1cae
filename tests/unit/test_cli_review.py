"""``gameday review``: exit codes, JSON, the patch, and a comparison with what it said before."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from simulator.errors import ReviewError
from simulator.review import compare, read_earlier, review_texts
from tests.unit.test_cli_errors import gameday

GOOD = "tests/golden/review/good"


def test_nothing_found_ends_with_zero() -> None:
    """And the JSON alone stands on standard output: files, analysers, points, score."""
    done = gameday("review", GOOD, "--as-of", "2026-03-02", "--json")
    assert (0, "") == (done.returncode, done.stderr)
    data = json.loads(done.stdout)
    assert [] == data["findings"]
    assert {"reached": 36, "of": 36} == data["score"]["checklist"]
    assert ["zizmor", "hadolint", "detect-secrets", "kubernetes-validate"] == [
        each["name"] for each in data["analysers"]
    ]


def test_findings_end_with_one_and_carry_point_place_tool_and_fix(tmp_path: Path) -> None:
    """A later review beside the earlier JSON says what is better."""
    done = gameday("review", "copied", "--json")
    assert 1 == done.returncode
    data = json.loads(done.stdout)
    first = data["findings"][0]
    assert {
        "point",
        "rule",
        "tool",
        "severity",
        "file",
        "line",
        "what",
        "why",
        "subject",
        "link",
        "fix",
    } == set(first)
    assert "scenarios/pipelines/copied/workflow.yaml" == first["file"]
    assert first["fix"]["diff"].startswith("--- a/scenarios/pipelines/copied/workflow.yaml\n+++ b/")
    earlier = tmp_path / "earlier.json"
    earlier.write_text(done.stdout, encoding="utf-8")
    again = gameday("review", "persona", "--since", str(earlier), "--json")
    compared = json.loads(again.stdout)["compared"]
    assert compared["score"]["checklist"]["after"][0] > compared["score"]["checklist"]["before"][0]


def test_the_patch_applies(tmp_path: Path) -> None:
    """``gameday review --diff`` is what ``git apply`` takes."""
    path = tmp_path / "Dockerfile"
    path.write_text("FROM alpine:3.20\nADD shop /shop\nCMD /shop\n", encoding="utf-8")
    done = gameday("review", str(path), "--diff")
    assert 1 == done.returncode
    subprocess.run(
        ["git", "apply", "-p0", "--unsafe-paths"],
        input=_rooted(done.stdout, path),
        text=True,
        check=True,
        cwd=tmp_path,
    )
    assert 'FROM alpine:3.20\nCOPY shop /shop\nUSER 10001:10001\nCMD ["/shop"]\n' == path.read_text("utf-8")


def _rooted(diff: str, path: Path) -> str:
    """The diff with the file's own name instead of its path from the root."""
    name = str(path).lstrip("/")
    return diff.replace(f"a/{name}", path.name).replace(f"b/{name}", path.name)


def test_what_nobody_looked_at_is_no_pass(tmp_path: Path) -> None:
    """Exit code 3: nothing was found, and a file could not be read."""
    (tmp_path / "app.env").write_text("LEVEL=info\n", encoding="utf-8")
    (tmp_path / "logo.png").write_bytes(b"\0\1")
    done = gameday("review", str(tmp_path))
    assert 3 == done.returncode
    assert "not read: " in done.stdout
    assert "was not looked at" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["no-such-file.yaml"], "expected a file or a folder, got nothing there"),
        (["copied", "--since", "no-such.json"], "expected what gameday review --json printed"),
        (["copied", "--since", "pyproject.toml"], "got no JSON"),
        (["copied", "--as-of", "soon"], "expected a day such as 2026-03-02"),
    ],
)
def test_a_mistake_ends_with_two(arguments: list[str], words: str) -> None:
    """Four parts on standard error, nothing on standard output."""
    done = gameday("review", *arguments)
    assert (2, "") == (done.returncode, done.stdout)
    assert words in done.stderr
    assert "Traceback" not in done.stderr


def test_a_comparison_counts_lines_that_stand_twice(tmp_path: Path) -> None:
    """Two alike, one mended: one is gone, none is new; moved lines are no news."""
    before = review_texts({"Dockerfile": "FROM alpine:3.20\nADD a /a\nADD a /a\nUSER 1\n"})
    after = review_texts({"Dockerfile": "# moved\nFROM alpine:3.20\nADD a /a\nUSER 1\n"})
    found = compare(before, after)
    assert ["DL3020"] == [row["rule"] for row in found.gone]
    assert () == found.new
    assert "1 findings gone, 0 new" in str(found)
    wrong = tmp_path / "other.json"
    wrong.write_text("[]", encoding="utf-8")
    with pytest.raises(ReviewError, match="other JSON"):
        read_earlier(wrong)
