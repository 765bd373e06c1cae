"""Our PromQL and rules against promtool: recorded answers always, the real thing where it can be had.

Debian's promtool is of the 2.x line, so both sides are compared with ranges closed on the left. What differs
in Prometheus 3 is listed in ``differs_in_3.txt``; ``test_prometheus_3.py`` holds it to promtool's answers.
"""

from __future__ import annotations

import math
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from simulator.telemetry.rules import check_file
from tests.golden.promtool_recording import FOLDER, asked

FILES = sorted(FOLDER.glob("*.yml"))
RECORDED = [path for path in FILES if not path.with_suffix(".txt").exists()]
_BOTH = re.compile(r"\n {8}exp: (.*)\n {8}got: (.*)")
_VALUE = re.compile(r"(?<=\} )[-+.0-9A-Za-z]+(?=, |$)")
_CLASH = re.compile(r"\[(\{[^}]*\}), (\{[^}]*\})\]")
_PLACE = re.compile(r"err: (\d+:\d+): parse error: (.*)")


def _same(one: str, other: str) -> bool:
    """Whether two lists of samples agree: the same labels, and values alike up to their last bits."""
    if _VALUE.sub("#", one) != _VALUE.sub("#", other):
        return False
    pairs = zip(_VALUE.findall(one), _VALUE.findall(other), strict=True)
    return all(a == b or math.isclose(float(a), float(b), rel_tol=1e-12) for a, b in pairs)


def _unordered(output: str) -> str:
    """With the two series of a clash in one order; promtool takes them in any."""
    return _CLASH.sub(lambda match: f"[{', '.join(sorted(match.groups()))}]", output)


def _real(difference: str) -> bool:
    """Whether a reported difference is one: promtool's NaN equals nothing, and sums differ in last bits."""
    match = _BOTH.search(difference)
    return match is None or not _same(match[1], match[2])


@pytest.mark.parametrize("path", RECORDED, ids=lambda path: path.stem)
def test_every_expression_gives_what_promtool_gave(path: Path) -> None:
    """Some five hundred expressions over all functions answer as promtool 2.42 did on the same series."""
    report = check_file(path, version=2)
    assert [one for one in report.differences if _real(one)] == []


def test_alerts_and_their_texts_are_promtools_byte_for_byte() -> None:
    """Pending, firing, kept firing, resolved, templates, series of rules: the output is promtool's own."""
    path = FOLDER / "alerts.yml"
    ours = str(check_file(path, version=2)).replace(str(path), path.name)
    assert path.with_suffix(".txt").read_text() == ours + "\n"


def test_what_promtool_refuses_is_refused_in_its_words() -> None:
    """The same expressions are refused; those that fail on the series with the very message."""
    path = FOLDER / "refused.yml"
    theirs = _unordered(path.with_suffix(".txt").read_text()).strip().split("\n\n")
    said = str(check_file(path, version=2)).replace(str(path), path.name)
    ours = _unordered(said).strip().split("\n\n")
    assert len(theirs) == len(ours)
    for wanted, got in zip(theirs, ours, strict=True):
        parse = _PLACE.search(wanted)
        if parse is None:
            assert wanted == got
        else:
            assert wanted[: parse.start()] == got[: parse.start()]
            assert _PLACE.search(got), got
            if parse[2].startswith("unexpected") and "end of input inside" not in parse[2]:
                assert parse[1] in got, f"{wanted}\n{got}"


def test_what_differs_in_prometheus_3_is_known() -> None:
    """Left-open ranges and the few other changes of 3.x: the list of answers that differ is committed."""
    found = []
    for path in RECORDED:
        differences = check_file(path, version=3).differences
        found += [f"{path.stem}: {one.strip()}\n" for one in differences if _real(one)]
    assert (FOLDER / "differs_in_3.txt").read_text() == "\n".join(found)


@pytest.fixture(scope="module")
def promtool(tmp_path_factory: pytest.TempPathFactory) -> str | None:
    """A promtool of the 2.x line: installed, or unpacked from Debian's package without installing it."""
    found = shutil.which("promtool")
    if found is None and shutil.which("apt-get") and shutil.which("dpkg-deb"):
        folder = tmp_path_factory.mktemp("prometheus")
        fetched = subprocess.run(
            ["apt-get", "download", "prometheus"], cwd=folder, capture_output=True, check=False, timeout=60
        )
        if fetched.returncode == 0:
            package = next(folder.glob("prometheus_*.deb"))
            subprocess.run(["dpkg-deb", "-x", package.name, "unpacked"], cwd=folder, check=True)
            found = str(folder / "unpacked/usr/bin/promtool")
    if found is None:
        return None
    version = subprocess.run([found, "--version"], capture_output=True, text=True, check=True)
    return found if "version 2." in version.stdout + version.stderr else None


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_the_real_promtool_says_what_was_recorded(path: Path, promtool: str | None) -> None:
    """The recorded answers are those of the promtool that can be had; where there is none, they are ours."""
    said = asked(path, promtool) if promtool else f"{check_file(path, version=2)}\n"
    recorded = path.with_suffix(".txt")
    if not recorded.exists():
        assert [one for one in said.split("\n\n") if "exp:" in one and _real(one)] == []
    elif promtool:
        assert _unordered(recorded.read_text()) == _unordered(said)
    else:
        assert len(recorded.read_text().split("\n\n")) == len(said.split("\n\n"))
