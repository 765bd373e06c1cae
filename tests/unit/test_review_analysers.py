"""The analysers as they behave when something is wrong with them: said, and never a point that passes."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from simulator.review import Review, as_text, review_texts
from simulator.review.analysers import asking, hadolint, kubernetes, panel, secrets, zizmor
from simulator.review.analysers.asking import NoAnswerError
from simulator.review.rules import rule_of

WORKFLOW = "on: push\npermissions: {}\njobs:\n  a:\n    runs-on: ubuntu-latest\n    steps: [{run: make}]\n"
FILES = {
    "ci.yaml": WORKFLOW,
    "Dockerfile": 'FROM scratch\nCOPY shop /shop\nUSER 10001\nCMD ["/shop"]\n',
    "shop.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: shop}\n",
}
MODULES = {"zizmor": zizmor, "hadolint": hadolint, "detect-secrets": secrets}


def states(review: Review) -> dict[str, str]:
    """What each analyser did."""
    return {each.name: each.state for each in review.answers}


def verdict(review: Review, point: str) -> str:
    """The state of one point."""
    return next(each.state for each in review.verdicts if each.point.id == point)


def test_all_four_look_at_clean_files() -> None:
    """Each is asked about its kinds, with its version."""
    review = review_texts(FILES)
    assert set(states(review).values()) == {"ran"}
    assert all(each.version for each in review.answers)
    assert review.complete


@pytest.mark.parametrize(
    ("name", "points"),
    [
        ("zizmor", ["pipeline.pinned", "pipeline.permissions", "secrets.audited", "secrets.none"]),
        ("hadolint", ["containers.minimal", "containers.nonroot", "secrets.none"]),
        ("detect-secrets", ["secrets.none"]),
    ],
)
def test_a_missing_analyser_leaves_its_points_unseen(
    monkeypatch: pytest.MonkeyPatch, name: str, points: list[str]
) -> None:
    """Said in the result with how to get it, and no point of its passes."""

    def gone(_name: str, _distribution: str) -> Path:
        raise NoAnswerError("missing", f"{name} is not installed")

    monkeypatch.setattr(MODULES[name], "program", gone)
    review = review_texts(FILES)
    assert "missing" == states(review)[name]
    assert not review.complete
    assert ["not looked at"] * len(points) == [verdict(review, point) for point in points]
    assert (
        f"{name} {next(each.version for each in review.answers if each.name == name)} DID NOT LOOK"
        in as_text(review)
    )


def test_a_missing_library_is_said_too(monkeypatch: pytest.MonkeyPatch) -> None:
    """kubernetes-validate is a library, not a program."""
    monkeypatch.setitem(sys.modules, "kubernetes_validate", None)
    assert "missing" == states(review_texts(FILES))["kubernetes-validate"]


@pytest.mark.parametrize("name", sorted(MODULES))
@pytest.mark.parametrize("prints", ["not JSON", "[{}]", '{"results": {"a": [{}]}}', "7"])
def test_an_answer_that_cannot_be_read_is_a_failure(
    monkeypatch: pytest.MonkeyPatch, name: str, prints: str
) -> None:
    """Other output or another form: failed, with the reason, and nothing of it is believed."""
    monkeypatch.setattr(MODULES[name], "ask", lambda *_, **__: prints)
    answer = next(each for each in review_texts(FILES).answers if each.name == name)
    assert "failed" == answer.state
    assert () == answer.said
    assert any(words in answer.note for words in ("can't be read", "another form", "nobody gave it"))


@pytest.mark.parametrize(
    ("code", "note"),
    [
        (
            "import sys; print('error: no such rule', file=sys.stderr); sys.exit(77)",
            "exit code 77: error: no such",
        ),
        ("import time; time.sleep(60)", "had not answered after 0.5 s"),
    ],
)
def test_a_program_that_fails_or_hangs_is_given_up(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, code: str, note: str
) -> None:
    """An exit code that means trouble, or no end within the limit: failed, with what it said last."""
    monkeypatch.setattr(asking, "TIME_LIMIT", 0.5 if "sleep" in code else 60.0)
    with pytest.raises(NoAnswerError, match=note) as given_up:
        asking.ask([sys.executable, "-c", code], tmp_path, good=(0,))
    assert "failed" == given_up.value.state


def test_a_workflow_that_zizmor_refuses_does_not_hide_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    """Said with the file's name, and the others are looked at all the same."""

    def ask(command: list[str], folder: Path, *, good: tuple[int, ...]) -> str:
        if command[-1].endswith("b.yaml"):
            raise NoAnswerError("failed", "zizmor ended with exit code 3: fatal")
        return asking.ask(command, folder, good=good)

    monkeypatch.setattr(zizmor, "ask", ask)
    loose = WORKFLOW.replace("{run: make}", "{uses: actions/checkout@v4}")
    review = review_texts({"a.yaml": loose, "b.yaml": WORKFLOW})
    assert "failed" == states(review)["zizmor"]
    assert "b.yaml" in next(each.note for each in review.answers if each.name == "zizmor")
    assert {"unpinned-uses", "artipacked"} == {each.rule for each in review.findings if each.tool == "zizmor"}


def test_a_program_is_looked_for_in_this_environment_alone() -> None:
    """Beside the interpreter or where its distribution says, never on the path."""
    assert asking.program("zizmor", "zizmor").is_file()
    with pytest.raises(NoAnswerError, match="sh is not installed"):
        asking.program("sh", "no-such-distribution")


def test_an_analyser_gets_no_tokens(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """What would let it go online, or another configuration in, is withheld."""
    monkeypatch.setenv("GH_TOKEN", "example")
    monkeypatch.setenv("ZIZMOR_CONFIG", "example")
    told = asking.ask([sys.executable, "-c", "import os; print(sorted(os.environ))"], tmp_path, good=(0,))
    assert "GH_TOKEN" not in told
    assert "ZIZMOR_CONFIG" not in told


def test_an_unknown_rule_is_kept_under_the_last_point(monkeypatch: pytest.MonkeyPatch) -> None:
    """A rule that a newer analyser brings is shown with its own words."""
    entry = {
        "file": "0000/Dockerfile",
        "line": 1,
        "column": 1,
        "code": "DL9999",
        "level": "error",
        "message": "New.",
    }
    monkeypatch.setattr(hadolint, "ask", lambda *_, **__: json.dumps([entry]))
    review = review_texts({"Dockerfile": FILES["Dockerfile"]})
    assert [("rest", "DL9999", "New.")] == [(each.point, each.rule, each.what) for each in review.findings]
    assert "rest" == rule_of("zizmor", "no-such-rule").point


def test_a_comment_that_silences_an_analyser_is_shown() -> None:
    """It is honoured, and nobody can overlook it."""
    text = WORKFLOW.replace(
        "[{run: make}]", "[{uses: actions/checkout@v4}] # zizmor: ignore[unpinned-uses,artipacked]"
    )
    review = review_texts({"ci.yaml": text})
    assert [] == [each.rule for each in review.findings if each.tool == "zizmor"]
    assert [("ci.yaml", 6, "zizmor: ignore[unpinned-uses,artipacked]")] == list(review.exceptions)
    assert "silenced by a comment: ci.yaml:6" in as_text(review)


def test_a_secret_is_named_by_its_kind_and_never_repeated() -> None:
    """The finding says where, not what; the example is the one of the cloud's own documentation."""
    review = review_texts({"app.env": "AWS_ACCESS_KEY_ID=AKIAIOSFODNN7EXAMPLE\n"})
    assert [("secrets.none", 1)] == [(each.point, each.line) for each in review.findings]
    assert "this looks like: AWS Access Key" == review.findings[0].what
    assert "high" == review.findings[0].severity


def test_what_is_random_and_nothing_else_is_a_low_finding() -> None:
    """A digest looks like a key: a person has to look, and the point does not fall to nought for it."""
    review = review_texts({"pins.json": '{"digest": "c7268ec4b75a"}\n'})
    assert [("Hex High Entropy String", "low")] == [(each.rule, each.severity) for each in review.findings]


def test_kinds_without_a_schema_are_not_judged() -> None:
    """A Rollout is Argo's; Kubernetes' schemas don't have it, and inside a List each object is judged."""
    rollout = "apiVersion: argoproj.io/v1alpha1\nkind: Rollout\nmetadata: {name: a}\n"
    listed = "apiVersion: v1\nkind: List\nitems:\n  - {apiVersion: v1, kind: Pod, spec: {containers: 7}}\n"
    assert [] == [each.what for each in review_texts({"a.yaml": rollout}).findings]
    assert ["schema"] == [each.rule for each in review_texts({"b.yaml": listed}).findings]
    assert "kubernetes-validate" in [each.name for each in panel.ANALYSERS]
    assert [] == list(kubernetes.objects([]))
