"""What a review takes, what it refuses with four parts, and what it says it has not read."""

from __future__ import annotations

from pathlib import Path

import pytest

import simulator as sim
from simulator.errors import GamedayError, ReviewError
from simulator.review import review_paths, review_texts
from simulator.review.analysers import panel
from simulator.review.files import MAX_BYTES, gather

WORKFLOW = "on: push\njobs:\n  a:\n    runs-on: ubuntu-latest\n    steps:\n      - run: make\n"


@pytest.fixture(autouse=True)
def _without_analysers(monkeypatch: pytest.MonkeyPatch) -> None:
    """What files are is this room's own affair."""
    monkeypatch.setattr(panel, "ANALYSERS", ())


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("workflow.yaml", b"on: [\n", ("expected YAML", "Check indentation")),
        (
            "workflow.yaml",
            b"on: push\njobs: {a: {runs-on: x, step: []}}\n",
            ("'step'", "Did you mean 'steps'?"),
        ),
        (
            "workflow.yaml",
            b"on: push\njobs: {a: {needs: b, runs-on: x, steps: [{run: x}]}}\n",
            ("id of a job",),
        ),
        ("shop.yaml", b"apiVersion: v1\nkind: Pod\nkind: Pod\n", ("each key once", "shop.yaml:3")),
        ("Dockerfile", b"FRM node\n", ("Dockerfile:1", "Did you mean FROM?")),
        ("Dockerfile", b"RUN make\n", ("expected FROM first", "got RUN")),
        ("Dockerfile", b"# nothing\n", ("an instruction FROM", "none")),
        ("picture.png", b"\x89PNG\r\n\x1a\n\0\0", ("expected text", "a binary file")),
        ("latin.env", "Schl\u00fcssel".encode("latin-1"), ("expected text", "a binary file")),
        ("empty.yaml", b"  \n", ("something to review", "an empty file")),
        ("giant.env", b"A=1\n" * (MAX_BYTES // 4 + 1), ("at most 1024 KiB", "got more")),
        ("giant.yaml", b"on: push\n" + b"# x\n" * 40_000, ("at most 128 KiB", "Split the file")),
    ],
)
def test_a_named_file_that_cannot_be_reviewed_is_refused(
    tmp_path: Path, name: str, content: bytes, words: tuple[str, ...]
) -> None:
    """Where, what was expected, what came, what to do."""
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(ReviewError) as refused:
        review_paths([path])
    for word in (name, *words):
        assert word in str(refused.value)


def test_a_path_that_leads_nowhere_is_refused(tmp_path: Path) -> None:
    """A missing file, a misspelt pipeline, an empty folder, a folder of nothing but a broken file."""
    for path, word in (
        (tmp_path / "none.yaml", "nothing there"),
        ("copyed", "Did you mean"),
        (tmp_path, "empty"),
    ):
        with pytest.raises(ReviewError, match=word):
            review_paths([path])
    (tmp_path / "picture.png").write_bytes(b"\0\1")
    with pytest.raises(ReviewError, match=r"picture\.png"):
        review_paths([tmp_path])
    with pytest.raises(ReviewError, match="at least one path"):
        review_paths([])


def test_what_a_folder_brings_along_is_read_or_said(tmp_path: Path) -> None:
    """Templates and binary files are unread, other people's code is passed over, the rest is looked at."""
    for name, content in (
        (".github/workflows/ci.yml", WORKFLOW),
        ("node_modules/left/Dockerfile", "FRM node\n"),
        ("chart/templates/pod.yaml", "{{- if .Values.on }}\nkind: Pod\n{{ end }}\n"),
        ("cloud.yaml", "Role: !Ref Other\n"),
        ("logo.png", "\0\0"),
        ("empty.txt", ""),
    ):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content, encoding="utf-8")
    found = gather([tmp_path])
    assert ["workflow"] == [file.kind for file in found.files if file.name.endswith("ci.yml")]
    reasons = {Path(each.file).name: each.reason for each in found.unread}
    assert {"pod.yaml", "cloud.yaml", "logo.png"} == set(reasons)
    assert "a template" == reasons["pod.yaml"]
    assert ["node_modules"] == [Path(name).name for name in found.passed_over]
    review = review_paths([tmp_path])
    assert not review.complete
    assert "not read" in str(sim.review(tmp_path))


def test_a_broken_workflow_in_a_folder_is_refused(tmp_path: Path) -> None:
    """What GitHub itself would refuse does not hide among the unread."""
    path = tmp_path / ".github/workflows/ci.yml"
    path.parent.mkdir(parents=True)
    path.write_text("on: [\n", encoding="utf-8")
    with pytest.raises(ReviewError, match=r"ci\.yml"):
        review_paths([tmp_path])


@pytest.mark.parametrize(
    ("name", "text", "kind"),
    [
        ("ci.yaml", WORKFLOW, "workflow"),
        ("Dockerfile.dev", "FROM scratch\n", "dockerfile"),
        ("Containerfile", "FROM scratch\n", "dockerfile"),
        ("pod.json", '{"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "a"}}', "manifest"),
        ("settings.yaml", "branches: [{name: main}]\n", "settings"),
        ("list.json", '[{"name": "A", "updatedAt": "2026-01-01"}]', "secret-list"),
        ("package.json", '{"name": "shop", "version": "1.0.0"}', "other"),
        ("app.env", "LEVEL=info\n", "other"),
    ],
)
def test_a_file_is_known_by_its_name_and_its_keys(name: str, text: str, kind: str) -> None:
    """What it is called where tools go by names, what it says elsewhere."""
    assert [kind] == [file.kind for file in review_texts({name: text}).gathered.files]


def test_the_door_refuses_what_is_no_path() -> None:
    """Arguments of another kind are said in four parts; a workflow's text is a review of it."""
    for wrong in (7, None, b"a"):
        with pytest.raises(GamedayError, match="expected the path"):
            sim.review(wrong)  # type: ignore[arg-type]
    for arguments, word in ((({},), "at least"), ((["a"],), "path"), (({"a": 1},), "by file name")):
        with pytest.raises(GamedayError, match=word):
            sim.review(*arguments)
    with pytest.raises(GamedayError, match="a day such as"):
        sim.review("copied", as_of="yesterday")
    assert ["workflow"] == [file.kind for file in sim.review(WORKFLOW).gathered.files]
