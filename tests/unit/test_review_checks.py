"""Checks of the review's own: what each finds, what it leaves alone, and when it says that it can't see."""

from __future__ import annotations

from datetime import date
from html import escape
from pathlib import Path

import pytest

import simulator as sim
from simulator.pipeline.interview.answers import every_covered
from simulator.pipeline.interview.proposal import propose
from simulator.review import Review, review_paths, review_texts
from simulator.review.analysers import panel

ROOT = Path(__file__).resolve().parents[2]
GOOD = ROOT / "tests" / "golden" / "review" / "good"
WORKFLOW = (GOOD / ".github/workflows/delivery.yaml").read_text(encoding="utf-8")
SETTINGS = (GOOD / ".github/settings.yml").read_text(encoding="utf-8")
MANIFEST = (GOOD / "deploy/shop.yaml").read_text(encoding="utf-8")
DOCKERFILE = (GOOD / "Dockerfile").read_text(encoding="utf-8")

VERIFY = """\
      - name: Verify the rollout
        run: kubectl --namespace staging rollout status deployment/shop --timeout=300s
"""


@pytest.fixture(autouse=True)
def _without_analysers(monkeypatch: pytest.MonkeyPatch) -> None:
    """Only this room's checks run here; the analysers have tests of their own."""
    monkeypatch.setattr(panel, "ANALYSERS", ())


def rules(review: Review) -> list[str]:
    """The rules that found something, each once, in order."""
    return list(dict.fromkeys(each.rule for each in review.findings))


def changed(text: str, *pairs: tuple[str, str]) -> str:
    """A text with parts replaced; each part must be there."""
    for old, new in pairs:
        assert old in text, old
        text = text.replace(old, new)
    return text


def workflow(*pairs: tuple[str, str]) -> Review:
    """The good workflow, changed."""
    return review_texts({".github/workflows/delivery.yaml": changed(WORKFLOW, *pairs)})


@pytest.mark.parametrize(
    ("found", "pairs"),
    [
        (
            ["no-tests-before"],
            [("npm test", "true"), ("  test:", "  other:"), ("lint, test,", "lint, other,")],
        ),
        (
            ["no-scan-before"],
            [("needs: [lint, test, security]", "needs: [lint, test]"), ("Scan the image", "Look")],
        ),
        (
            ["gate-cannot-fail"],
            [("      - run: npm test", "      - run: npm test\n        continue-on-error: true")],
        ),
        (
            ["no-environment"],
            [('    environment: {name: production, url: "${{ vars.PRODUCTION_URL }}"}\n', "")],
        ),
        (["rollout-not-verified"], [(VERIFY, "")]),
        (
            ["no-smoke-tests"],
            [("      - name: Smoke tests\n", "      - name: Look\n"), ("npm run smoke", "npm run look")],
        ),
        (["no-way-back"], [("Take it back", "Look"), ("rollout undo", "get")]),
        (["no-time-limit"], [("    timeout-minutes: 15\n", "")]),
        (["nobody-hears"], [("Notify the channel", "Look"), ("curl ", "true ")]),
        (["not-cached"], [("          cache-from: type=gha\n", "")]),
        (["pin-without-tag"], [("e159 # v3.9.2", "e159")]),
        (["scan-cannot-fail"], [('          exit-code: "1"\n', "")]),
        (["image-not-signed"], [("cosign sign", "echo")]),
        (
            ["deployed-by-tag"],
            [
                (
                    'production set image deployment/shop "app=$IMAGE@$DIGEST"',
                    "production set image deployment/shop app=ghcr.io/example/shop:v7",
                )
            ],
        ),
        (
            ["stored-cloud-key"],
            [("WEBHOOK: ${{ secrets.CHAT_WEBHOOK }}", "WEBHOOK: ${{ secrets.KUBE_CONFIG }}")],
        ),
        (["self-hosted"], [("  lint:\n    runs-on: ubuntu-latest", "  lint:\n    runs-on: [self-hosted]")]),
    ],
)
def test_one_thing_taken_from_a_good_workflow_is_one_finding(
    found: list[str], pairs: list[tuple[str, str]]
) -> None:
    """Each check sees its own, and no other check does."""
    if found == ["no-scan-before"]:
        pairs = [*pairs, ("uses: aquasecurity/trivy-action", "uses: example/other")]
        found = ["image-not-scanned", "no-scan-before"]
    assert found == rules(workflow(*pairs))


def test_a_good_workflow_alone_is_not_enough() -> None:
    """Whether somebody approves, whether commits are signed and how old a secret is can't be seen in it."""
    review = workflow()
    assert [] == rules(review)
    blind = {each.point.id: each.reasons for each in review.verdicts if each.state == "not looked at"}
    assert {"secrets.rotated", "pipeline.signed", "delivery.environment"} <= set(blind)
    assert "settings" in blind["delivery.environment"][0]


def test_an_environment_without_reviewers_is_nobodys_approval() -> None:
    """The settings must know the environment and name somebody."""
    texts = {"delivery.yaml": WORKFLOW, ".github/settings.yml": SETTINGS}
    assert [] == rules(review_texts(texts))
    for pair in (
        ("    reviewers:\n      - {type: Team, id: 1001}\n", ""),
        ("name: production", "name: other"),
    ):
        texts[".github/settings.yml"] = changed(SETTINGS, pair)
        assert ["nobody-approves"] == rules(review_texts(texts))


def test_signatures_may_be_demanded_by_a_ruleset_or_by_a_branch() -> None:
    """An active ruleset of branches, or the older protection; an evaluated ruleset demands nothing."""
    branch = "branches:\n  - name: main\n    protection: {required_signatures: true}\n"
    assert [] == rules(review_texts({".github/settings.yml": branch}))
    evaluated = changed(SETTINGS, ("enforcement: active", "enforcement: evaluate"))
    assert ["unsigned-commits"] == rules(review_texts({".github/settings.yml": evaluated}))


def test_the_age_of_a_secret_counts_from_the_day_that_is_named() -> None:
    """Ninety days are allowed, one more is not; without a day nobody judges, a missing name is said."""
    listed = '[{"name": "CHAT_WEBHOOK", "updatedAt": "2026-01-01T00:00:00Z"}]'
    texts = {"delivery.yaml": WORKFLOW, "secrets.json": listed}
    assert [] == rules(review_texts(texts, as_of=date(2026, 4, 1)))
    assert ["stale-secret"] == rules(review_texts(texts, as_of=date(2026, 4, 2)))
    for other in (texts, {**texts, "secrets.json": listed.replace("CHAT_WEBHOOK", "OTHER")}):
        day = None if other is texts else date(2026, 4, 1)
        review = review_texts(other, as_of=day)
        verdict = next(each for each in review.verdicts if each.point.id == "secrets.rotated")
        assert "not looked at" == verdict.state


def test_private_repositories_may_have_their_own_runners() -> None:
    """Only where strangers can start a job is its machine a finding; unknown counts as public."""
    own = changed(WORKFLOW, ("  lint:\n    runs-on: ubuntu-latest", "  lint:\n    runs-on: self-hosted"))
    private = changed(SETTINGS, ("visibility: public", "visibility: private"))
    for settings, found in ((SETTINGS, ["self-hosted"]), (private, [])):
        assert found == rules(review_texts({"delivery.yaml": own, ".github/settings.yml": settings}))


@pytest.mark.parametrize(
    ("found", "pairs"),
    [
        (["pod-may-run-as-root"], [("runAsNonRoot: true", "fsGroup: 10")]),
        (["may-escalate"], [("            allowPrivilegeEscalation: false\n", "")]),
        (["privileged"], [("allowPrivilegeEscalation: false", "privileged: true")]),
        (["no-requests"], [("requests: {cpu: 250m, memory: 256Mi}", "requests: {cpu: 250m}")]),
        (["no-memory-limit"], [("limits: {memory: 512Mi}", "limits: {cpu: 1}")]),
        (["no-readiness"], [("readinessProbe", "startupProbe")]),
        (["single-replica"], [("replicas: 3", "replicas: 1")]),
        (["deployed-by-tag"], [("shop@sha256:" + "3" * 64, "shop:v7")]),
    ],
)
def test_one_thing_taken_from_a_good_manifest_is_one_finding(
    found: list[str], pairs: list[tuple[str, str]]
) -> None:
    """Each check sees its own; a Rollout is judged like a Deployment."""
    text = changed(MANIFEST, *pairs)
    assert found == rules(review_texts({"shop.yaml": text}))
    rollout = changed(text, ("apps/v1", "argoproj.io/v1alpha1"), ("kind: Deployment", "kind: Rollout"))
    assert found == rules(review_texts({"shop.yaml": rollout}))


def test_a_user_of_the_pod_counts_for_its_containers() -> None:
    """A numeric user above 0 is not root; 0 is, whatever else stands there."""
    for line, found in (("runAsUser: 10001", []), ("runAsUser: 0", ["pod-may-run-as-root"])):
        assert found == rules(review_texts({"shop.yaml": changed(MANIFEST, ("runAsNonRoot: true", line))}))


@pytest.mark.parametrize(
    ("found", "pairs"),
    [
        (["image-runs-as-root"], [("USER 65532:65532\n", ""), (":nonroot@", ":latest@")]),
        (["base-by-tag"], [("@sha256:" + "1" * 64, "")]),
        (["heavy-base"], [("gcr.io/distroless/nodejs22-debian12:nonroot", "node:22")]),
    ],
)
def test_one_thing_taken_from_a_good_dockerfile_is_one_finding(
    found: list[str], pairs: list[tuple[str, str]]
) -> None:
    """Whom it runs as, what it is built on, and by which name."""
    assert found == rules(review_texts({"Dockerfile": changed(DOCKERFILE, *pairs)}))


def test_the_kits_pipelines_are_reviewed_by_name() -> None:
    """The copied one fails most; James's own lacks what his lesson adds: an image scanned and signed."""
    assert ["image-not-scanned", "image-not-signed", "nobody-hears"] == rules(sim.review("persona"))
    assert len(rules(sim.review("copied"))) > 12


def test_james_first_draft_delivers_well_and_gives_much_away() -> None:
    """Nearly all of the standard holds, and pins and permissions score nothing."""
    draft = sim.review("draft")
    assert ["image-not-scanned", "image-not-signed", "nobody-hears"] == rules(draft)
    assert (23, 24) == draft.score("delivery")


def test_a_review_in_tables_has_a_row_a_point_and_a_row_a_finding() -> None:
    """Points by id, findings by place; a point that nobody looked at has no score."""
    review = sim.review("persona")
    assert list(review.points.index) == [each.point.id for each in review.verdicts]
    assert review.points.score.isna()["pipeline.signed"]
    assert 3 == review.points.score["delivery.gates"]
    assert [each.where for each in review.findings] == list(review.frame.index)
    assert review.frame["diff"].all()


def test_a_review_shows_itself_in_a_notebook() -> None:
    """HTML for people, without a script and with nothing loaded; the text twin says the same."""
    review = sim.review({"Dockerfile": "FROM node:22 AS <b>\nCOPY --from=<b> a /a\n"})
    shown = review._repr_mimebundle_()
    assert {"text/html", "text/plain"} == set(shown)
    assert "<script" not in shown["text/html"] and "&lt;" not in review.text("Dockerfile")
    for finding in review.findings:
        assert escape(finding.what) in shown["text/html"] and finding.what in shown["text/plain"]


def test_what_the_interview_proposes_holds() -> None:
    """James reviews his own proposals: nothing is found, except that nobody hears where no chat was named."""
    for answers in every_covered()[::11]:  # every choice, since 11 divides no step of the table
        found = rules(review_texts(propose(answers).files))
        assert (["nobody-hears"] if answers.chat == "none" else []) == found


def test_findings_keep_their_lines_when_a_file_has_several_documents() -> None:
    """The second document's lines count from the file's beginning."""
    text = f"# first\n---\n{MANIFEST}---\n{changed(MANIFEST, ('replicas: 3', 'replicas: 1'))}"
    found = review_texts({"two.yaml": text}).findings
    line = 1 + text.splitlines().index("  replicas: 1")
    assert [("single-replica", line)] == [(each.rule, each.line) for each in found]


def test_folders_and_names_are_one_review() -> None:
    """A file that is named beside its folder is looked at once."""
    both = review_paths([GOOD, GOOD / "Dockerfile"])
    assert 5 == len(both.gathered.files)
