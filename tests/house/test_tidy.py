"""Nothing unfinished and nothing of one machine is in the repository."""

from __future__ import annotations

import pytest

from tests.house import tidy
from tests.house.lockstep import ROOT
from tests.house.source import report, tracked, tracked_text

LARGEST_BYTES = 1 << 20


def test_every_tracked_file_is_tidy() -> None:
    """No unfinished mark, no test switched off, no registry, no machine's path, no unknown host."""
    found = [finding for path, text in tracked_text() for finding in tidy.breaches(path, text)]
    assert not found, report(found)


def test_no_tracked_file_is_over_one_mebibyte() -> None:
    """A repository that a class clones at the same minute stays small."""
    assert [] == [str(path.relative_to(ROOT)) for path in tracked() if path.stat().st_size > LARGEST_BYTES]


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("# TO" + "DO: later", "finish it now"),
        ("raise NotImplemented" + "Error", "finish it now"),
        ("@pytest.mark.ski" + "p", "finish it now"),
        ("--index-" + "url x", "package registry"),
        ("see https:" + "//py" + "pi.or" + "g/simple", "package registry"),
        ("open('/ho" + "me/ann/run.jsonl')", "path of one machine"),
        (f"cd {tidy.machine_paths()[0]}x", "this machine"),
        ("[x](https:" + "//example.net/page)", "HOSTS"),
    ],
)
def test_an_untidy_line_is_found(line: str, message: str) -> None:
    """Each pattern is able to fail."""
    found = list(tidy.breaches("README.md", f"first line\n{line}\n"))
    assert found
    assert {2} == {finding.line for finding in found}
    assert message in report(found) or "path of one machine" in report(found)


def test_a_url_in_the_lock_is_found_whatever_its_host() -> None:
    """The lock and the environment hold names, versions and hashes alone."""
    assert list(tidy.breaches("requirements.lock", "numpy @ https://github.com/numpy/numpy"))


def test_an_echo_may_cite_whoever_had_the_incident() -> None:
    """In the texts of a scenario, on the line of the address alone."""
    line = 'echo: {title: X, url: "https:' + '//status.example.net/1", says: y}'
    assert not list(tidy.breaches("scenarios/any/texts.yaml", line))
    assert list(tidy.breaches("scenarios/any/scenario.yaml", line))
    assert list(tidy.breaches("scenarios/any/texts.yaml", line.replace("url", "says")))


def test_tidy_lines_pass() -> None:
    """Cited sources, loopback and the Makefile's own options are allowed."""
    text = (
        "https://sre.google/workbook/\nhttp://127.0.0.1:8888\nuv pip compile --no-emit-index-url\n/rooted/x"
    )
    assert not list(tidy.breaches("README.md", text))
