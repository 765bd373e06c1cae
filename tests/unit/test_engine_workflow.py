"""The pipeline as a scenario declares it: times, attempts, skipped steps, actions whose tags move."""

from __future__ import annotations

import pytest

from simulator.drill import Run
from simulator.engine import Production
from simulator.errors import ScenarioError
from simulator.scenario import Scenario, load_bytes
from simulator.units import MINUTE, SECOND
from tests.causes_scenario import SOURCE, TEXTS, failing

PINNED = "acme/build@1111111111111111111111111111111111111111 # v2"
PIPELINE = """
  pipeline:
    images: built
    jobs:
      - {name: test, steps: [{name: Unit tests, time: 60s}]}
      - {name: scan, steps: [{name: Scan image, time: 30s}]}
      - {name: build, needs: [test, scan], steps: [{name: Build image, time: 50s, uses: "acme/build@v2"}]}
      - {name: deploy, needs: [build], approval: 3m, steps: [{name: Apply, time: 20s}]}
    history:
      - {step: Build image, uses: "PINNED", cause: "ci: follow v2", author: Lin, commit: c1c1c1c, age: 30h}
"""
MOVED = """
  - at: 1m
    moveTag:
      uses: "acme/build@v2"
      commit: "2222222222222222222222222222222222222222"
      effects: [{workload: web, model: {routes: [{name: page, errorRate: 0.6}]}}]
"""
RELEASED = """
  - at: 6m
    release:
      deployment: web
      image: "web:v3"
      cause: "web v3"
      author: Mara
      commit: d00d1e5
      run:
        attempts: [{step: Unit tests, log: ["FAIL cart_test"]}, {step: Scan image, log: ["a finding"]}]
        skipped: [Scan image]
        log: {Unit tests: ["ok 212"]}
"""


def stage(timeline: str = "", pipeline: str = PIPELINE) -> Scenario:
    """The stage of causes with a pipeline of its own."""
    text = SOURCE.replace("  traffic:\n", pipeline.replace("PINNED", PINNED).lstrip("\n") + "  traffic:\n", 1)
    text = text.replace("10:10:00Z", "10:29:00Z")  # no certificate ends while it lasts
    text = text + timeline if timeline else text.removesuffix("timeline:\n")
    return load_bytes(text.encode(), TEXTS.encode())


def run(timeline: str = "", *, until: int = 0, pipeline: str = PIPELINE) -> Run:
    """A drill on it."""
    made = Run(stage(timeline, pipeline), 3)
    made.advance(until)
    return made


def image(made: Run) -> str:
    """What web runs."""
    return made.cluster.deployment("web").spec.template.containers[0].image


def test_a_fix_is_in_production_when_the_declared_pipeline_is_through() -> None:
    """Six seconds around each job; 66 + 56 + 180 + 26 s here, in place of four minutes."""
    made = run(RELEASED, until=8 * MINUTE)
    answer = made.do("git revert d00d1e5")
    assert "web:v3" == image(made)
    takes = (66 + 56 + 180 + 26) * SECOND
    made.advance(answer.at + takes - SECOND)
    assert "web:v3" == image(made)
    made.advance(answer.at + takes + SECOND)
    assert image(made).startswith("web:v2")
    assert "  5m28s    about 5 minutes ago" in made.do("gh run list -L 1").text


def test_a_build_takes_what_the_tag_names_that_day() -> None:
    """Images from before the move stay well; each that is built after it fails, whatever its source."""
    made = Production(stage(MOVED + RELEASED), 3)
    made.advance(5 * MINUTE)
    assert 0.0 == failing(made, 30)
    made.advance(7 * MINUTE)
    assert 0.6 == pytest.approx(failing(made, 30), abs=0.05)
    made.delivery.revert("d00d1e5")
    made.advance(14 * MINUTE)
    assert "web:v2-6" == made.cluster.deployment("web").spec.template.containers[0].image
    assert 0.6 == pytest.approx(failing(made, 30), abs=0.05)


def test_an_image_from_before_is_unharmed() -> None:
    """A rollback on the cluster builds nothing."""
    made = run(MOVED + RELEASED, until=7 * MINUTE)
    made.do("kubectl rollout undo deployment/web")
    made.advance(9 * MINUTE)
    assert 0.0 == failing(made.production, 30)


def test_a_pinned_step_never_notices() -> None:
    """The commit that followed the tag is taken back, and what is built from then on is well."""
    made = run(MOVED + RELEASED, until=7 * MINUTE)
    made.do("git revert c1c1c1c")
    assert f"        uses: {PINNED}" in made.do("gh workflow view deploy.yml --yaml").text
    made.do("git revert d00d1e5")
    made.advance(14 * MINUTE)
    assert "web:v2-7" == image(made)
    assert 0.0 == failing(made.production, 30)


def test_a_run_under_way_goes_on_as_it_began() -> None:
    """The run of the release at six minutes began before the pin and before the workflow was disabled."""
    made = run(MOVED.replace("1m", "10s") + RELEASED, until=4 * MINUTE)
    made.do("git revert c1c1c1c")
    made.do("gh workflow disable deploy.yml")
    made.advance(7 * MINUTE)
    assert "web:v3" == image(made)
    assert 0.6 == pytest.approx(failing(made.production, 30), abs=0.05)


def test_a_colleagues_run_is_seen_while_it_goes() -> None:
    """It begins as long before its release as the pipeline takes; git has its commit at the end."""
    made = run(RELEASED)
    assert "web v3" not in made.do("gh run list").text
    made.advance(1 * MINUTE)
    assert "*       web v3" in made.do("gh run list -s in_progress").text
    assert "web v3" not in made.do("git log --oneline").text
    made.advance(5 * MINUTE)
    assert "Waiting for review" in made.do("gh run view").text
    assert made.do("gh run watch").text.endswith("completed with 'success'")
    assert 1 == made.do("gh run list").text.count("web v3")


def test_a_colleague_may_pin() -> None:
    """A commit of the workflow's file is a release like any other; the next run builds with it."""
    pinned = f"""
  - at: 2m
    release:
      {{workflow: {{step: Build image, uses: "{PINNED}"}}, cause: "ci: pin", author: Lin, commit: e4e4e4e}}
"""
    made = run(MOVED + pinned + RELEASED.replace("at: 6m", "at: 9m"), until=10 * MINUTE)
    assert "+        uses: " + PINNED in made.do("git show e4e4e4e").text
    assert ("web:v3", 0.0) == (image(made), failing(made.production, 30))


def test_a_pinned_pipeline_releases_unharmed() -> None:
    """The same move of the same tag, and a colleague's release after it."""
    made = run(MOVED + RELEASED, until=7 * MINUTE, pipeline=PIPELINE.replace("acme/build@v2", "PINNED"))
    assert ("web:v3", 0.0) == (image(made), failing(made.production, 30))


def test_the_log_says_which_commit_a_run_got() -> None:
    """Setting up a job downloads each action and writes its commit, run by run."""
    made = run(MOVED + RELEASED, until=8 * MINUTE)
    old = made.do("gh run list").text.split("\n")[-1]
    old_id = next(cell for cell in old.split("  ") if cell.strip().isdigit()).strip()
    found = [
        next(line for line in made.do(f"gh run view {which} --log").text.split("\n") if "Download" in line)
        for which in ("", old_id)
    ]
    assert "Download action repository 'acme/build@v2' (SHA:" + "2" * 40 + ")" in found[0]
    assert "SHA:" + "1" * 40 in found[1]


def test_a_disabled_workflow_starts_nothing() -> None:
    """A push stays in git, a dispatch is refused, a colleague's release does not come."""
    made = run(RELEASED)
    assert "✓ Disabled deploy" == made.do("gh workflow disable deploy.yml").text
    assert "no workflows found" == made.do("gh workflow list").text
    assert "disabled_manually" in made.do("gh workflow list --all").text
    assert "no pipeline started: deploy.yml is disabled" in made.do("git revert c1c1c1c").text
    refused = made.do("gh workflow run deploy.yml -f workload=web")
    assert not refused.ok and "on a disabled workflow" in refused.text
    made.advance(8 * MINUTE)
    assert "web:v2" == image(made)
    assert "web v3" in made.do("git log --oneline").text
    assert "✓ Enabled deploy" == made.do("gh workflow enable deploy.yml").text
    made.do("gh workflow run deploy.yml -f workload=web")
    made.advance(15 * MINUTE)
    assert image(made).startswith("web:v3-")


def test_attempts_before_stay_to_be_looked_at() -> None:
    """The last one is what the run came to; those before show what failed and what it wrote."""
    made = run(RELEASED, until=7 * MINUTE)
    last = made.do("gh run view -v").text
    assert "✓ main deploy" in last and "(Attempt #3)" in last and "  - Scan image" in last
    first = made.do("gh run view --attempt 1").text
    assert "X main deploy" in first and "  X Unit tests" in first
    assert "- build in 0s" in first and "- deploy in 0s" in first and "✓ scan" in first
    second = made.do("gh run view --attempt 2 --log-failed").text
    assert "scan\tScan image\t" in second and "a finding" in second
    log = made.do("gh run view --attempt 1 --log-failed").text
    assert "test\tUnit tests\t" in log and "FAIL cart_test" in log and "##[error]" in log
    assert "no log found" in made.do("gh run view --log-failed").text
    assert "ok 212" in made.do("gh run view --log").text
    refused = made.do("gh run view --attempt 4")
    assert not refused.ok and "HTTP 404" in refused.text


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("needs: [test, scan]", "needs: [test, lint]", "needs of build among test, scan, got 'lint'"),
        ("needs: [test, scan]", "needs: [test]", "a last job, deploy, that waits for all others, got scan"),
        ('acme/build@v2"}]}', 'acme/build"}]}', "such as docker/build-push-action@v6, got 'acme/build'"),
        (
            "history:\n      - {step: Build image",
            "history:\n      - {step: Apply",
            "a step that uses an action: Build image",
        ),
        ("{name: scan,", "{name: test,", "jobs with names of their own, got test twice"),
    ],
)
def test_a_pipeline_that_can_t_be_is_refused(old: str, new: str, said: str) -> None:
    """Each with its place, what was expected, and what came."""
    assert old in PIPELINE
    with pytest.raises(ScenarioError) as caught:
        stage(pipeline=PIPELINE.replace(old, new))
    assert "spec.pipeline" in str(caught.value) and said in str(caught.value)


@pytest.mark.parametrize(
    ("timeline", "said"),
    [
        (RELEASED.replace("skipped: [Scan image]", "skipped: [Scan]"), "release.run.skipped[0]"),
        (RELEASED.replace("{step: Scan image,", "{step: Tests,"), "release.run.attempts[1].step"),
        (RELEASED.replace("log: {Unit tests: [", "log: {Unit test: ["), "release.run.log"),
        (MOVED.replace("acme/build@v2", "acme/built@v2"), "moveTag.uses"),
        (MOVED.replace("acme/build@v2", PINNED), "an action and its tag"),
        (MOVED.replace("workload: web", "workload: wep"), "moveTag.effects[0].workload"),
    ],
)
def test_what_names_no_step_and_no_action_is_refused(timeline: str, said: str) -> None:
    """A record that nobody can see, or a move that hits nothing, would silently do nothing."""
    with pytest.raises(ScenarioError, match=r"timeline\[0\]") as caught:
        stage(timeline)
    assert said in str(caught.value)


def test_a_tag_moves_in_vain_where_nothing_is_built() -> None:
    """An image that is there already can't change."""
    with pytest.raises(ScenarioError, match="a pipeline that builds"):
        stage(MOVED, PIPELINE.replace("images: built", "images: reused"))
