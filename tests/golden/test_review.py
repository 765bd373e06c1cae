"""The review on a deliberately bad repository and on a good one: exactly these findings, and none.

The files are examples: every secret in them says that it is none, every digest is made up.
``GAMEDAY_WRITE_GOLDEN=1`` in the environment writes ``review/findings.txt`` anew; read what changed.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections import Counter
from datetime import date
from pathlib import Path

import pytest

from simulator.review import Finding, Review, analysers, mended, review_paths, reviewing
from simulator.review.analysers import panel
from simulator.review.points import CHECKLIST, STANDARD
from simulator.review.rules import OWN

FOLDER = Path(__file__).parent / "review"
BAD, GOOD, FINDINGS = FOLDER / "bad", FOLDER / "good", FOLDER / "findings.txt"
DAY = date(2026, 3, 2)


@pytest.fixture(scope="module")
def bad() -> Review:
    """The review of the bad repository."""
    return review_paths([BAD], as_of=DAY)


def shown(finding: Finding) -> str:
    """A finding as one line of the golden file."""
    place = f"{finding.file.partition('review/bad/')[2]}:{finding.line}"
    fix = "diff" if finding.diff else "words"
    said = f"{finding.point} | {finding.severity} | {finding.tool}: {finding.rule}"
    return f"{said} | {place} | {fix} | {finding.what}"


def test_the_bad_repository_has_exactly_these_findings(bad: Review) -> None:
    """Point, gravity, who said it, where, whether a diff mends it, and what: line by line."""
    found = [shown(each) for each in bad.findings]
    if os.environ.get("GAMEDAY_WRITE_GOLDEN"):
        FINDINGS.write_text("\n".join(found) + "\n", encoding="utf-8")
    assert FINDINGS.read_text(encoding="utf-8").splitlines() == found


def test_the_bad_repository_fails_every_point(bad: Review) -> None:
    """Each of the twelve and of the standard has a finding there, so that no check is dead."""
    assert [] == [each.point.id for each in bad.verdicts if each.state != "open"]
    assert bad.complete


def test_every_other_rule_of_ours_has_a_unit_test(bad: Review) -> None:
    """What the bad repository does not show is this list, and tests/unit/test_review_checks.py shows it."""
    elsewhere = {"base-by-tag", "no-scan-before", "no-tests-before", "nobody-approves", "scan-cannot-fail"}
    assert elsewhere == set(OWN) - {each.rule for each in bad.findings if each.tool == "gameday"}


def test_the_good_repository_holds_every_point() -> None:
    """No finding, every point looked at, full score, every analyser asked."""
    good = review_paths([GOOD], as_of=DAY)
    assert () == good.findings
    assert [] == [each.point.id for each in good.verdicts if each.state != "holds"]
    assert (3 * len(CHECKLIST), 3 * len(CHECKLIST)) == good.score()
    assert (3 * len(STANDARD), 3 * len(STANDARD)) == good.score("delivery")
    assert ["ran"] * 4 == [each.state for each in good.answers]


def applied(finding: Finding, folder: Path) -> None:
    """Apply a finding's diff to a copy of the bad repository, as a reader would."""
    above = finding.file.partition("review/bad/")[0].count("/") + 1
    done = subprocess.run(
        ["git", "apply", f"-p{above + 2}"],
        input=finding.diff,
        capture_output=True,
        text=True,
        check=False,
        cwd=folder,
    )
    assert 0 == done.returncode, f"{finding.where} {finding.rule}: {done.stderr}"


def key(finding: Finding) -> tuple[str, str, str, str]:
    """By which a finding is known in a copy of the repository."""
    return (finding.tool, finding.rule, finding.file.rpartition("bad/")[2], finding.subject)


def test_every_diff_applies_and_its_finding_is_gone(
    bad: Review, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each alone on a fresh copy: `git apply` takes it, and the finding is not found again."""
    before = Counter(key(each) for each in bad.findings)
    monkeypatch.setattr(reviewing, "_with_fix", lambda finding, _file, _edits: finding)
    everybody, left = panel.ANALYSERS, []
    for number, finding in enumerate(each for each in bad.findings if each.diff):
        monkeypatch.setattr(
            panel, "ANALYSERS", tuple(each for each in everybody if each.name == finding.tool)
        )
        folder = tmp_path / str(number) / "bad"
        shutil.copytree(BAD, folder)
        applied(finding, folder)
        after = Counter(key(each) for each in review_paths([folder], as_of=DAY).findings)
        if after[key(finding)] >= before[key(finding)]:
            left.append(f"{finding.where} {finding.rule}: {finding.subject}")
    assert [] == left


def test_all_fixes_together_leave_what_no_machine_can_know(bad: Review) -> None:
    """The fixes fit beside one another, the files stay readable, and what is left waits for a person."""
    better = mended(mended(bad))
    assert len(better.findings) < len(bad.findings) / 2
    assert better.score() > bad.score()
    assert [] == [each.where for each in better.findings if each.diff]


def test_analysers_are_what_the_panel_lists() -> None:
    """Four, each with a kind of file; the package shows the same."""
    names = ["zizmor", "hadolint", "detect-secrets", "kubernetes-validate"]
    assert names == [each.name for each in analysers.ANALYSERS]
    assert reviewing.OWN not in names
