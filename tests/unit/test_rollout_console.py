"""``kubectl argo rollouts`` and what kubectl itself says of Rollouts: a canary of twelve with a bad v43."""

from __future__ import annotations

import pytest

from simulator.coach.design import design
from simulator.coach.runbook import runbook
from simulator.drill import Run
from simulator.drill.acts import Answer
from simulator.drill.console import complete
from simulator.drill.players import play_run
from simulator.units import MINUTE, SECOND
from tests import rollout_scenario as shop


def played(at: int = 0, **settings: bool) -> Run:
    """The bad canary at an instant."""
    run = Run(shop.canary(bad=settings.get("bad", True)))
    run.advance(at)
    return run


@pytest.fixture(scope="module")
def paused() -> Run:
    """At the pause of the first step."""
    return played(85 * SECOND)


def row(answer: Answer, start: str) -> list[str]:
    """The words of the first line that begins so."""
    return next(line for line in answer.text.splitlines() if line.lstrip("│├└─ ").startswith(start)).split()


def test_get_rollout_prints_figures_and_the_tree(paused: Run) -> None:
    """As the plugin prints them: step, weights by pods, images with their tags, revisions from the newest."""
    text = paused.do("kubectl argo rollouts get rollout checkout").text
    head, tree = text.split("\n\n", 1)
    assert [
        "Name:            checkout",
        "Namespace:       production",
        "Status:          ॥ Paused",
        "Message:         CanaryPauseStep",
        "Strategy:        Canary",
        "  Step:          1/5",
        "  SetWeight:     10",
        "  ActualWeight:  8",
        "Images:          checkout:v42 (stable)",
        "                 checkout:v43 (canary)",
        "Replicas:",
        "  Desired:       12",
        "  Current:       12",
        "  Updated:       1",
        "  Ready:         12",
        "  Available:     12",
    ] == head.splitlines()
    lines = tree.splitlines()
    assert ["NAME", "KIND", "STATUS", "AGE", "INFO"] == lines[0].split()
    assert lines[1].startswith("⟳ checkout ")
    assert ["├──# revision:3", "├──# revision:2", "└──# revision:1"] == [
        line for line in lines if "# revision" in line
    ]
    canary = lines[3]
    assert canary.startswith("│  └──⧉ checkout-")
    assert canary.endswith("canary")
    assert lines[4].startswith("│     └──□ checkout-")
    assert lines[4].endswith("ready:1/1")
    assert 12 == sum("□" in line for line in lines)
    assert "• ScaledDown" in lines[-1]


def test_the_line_has_one_spelling(paused: Run) -> None:
    """Types, flags and the namespace may be written in any way that the plugin takes."""
    spellings = (
        "kubectl argo rollouts get ro checkout",
        "k argo rollouts get rollouts checkout -n production",
        "kubectl -n production argo rollouts get rollout checkout",
    )
    assert {"kubectl argo rollouts get rollout checkout"} == {paused.do(line).canonical for line in spellings}


def test_list_and_kubectl_s_own_columns(paused: Run) -> None:
    """``list rollouts`` has the step and weight; ``kubectl get`` the columns of the CRD."""
    assert ["checkout", "Canary", "Paused", "1/5", "10", "12/12", "12", "1", "12"] == row(
        paused.do("kubectl argo rollouts list rollouts"), "checkout"
    )
    assert ["checkout", "12", "12", "1", "12", "9d"] == row(paused.do("kubectl get rollouts"), "checkout")
    assert "kubectl get rollouts" == paused.do("kubectl get ro").canonical


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (
            "kubectl rollout undo rollout/checkout",
            'error: no rollbacker has been implemented for "Rollout.argoproj.io"',
        ),
        (
            "kubectl rollout restart rollout/checkout",
            'error: rollouts.argoproj.io "checkout" restarting is not supported',
        ),
        (
            "kubectl rollout pause rollout/checkout",
            'error: rollouts.argoproj.io "checkout" pausing is not supported',
        ),
        (
            "kubectl logs rollout/checkout",
            "error: cannot get the logs from *unstructured.Unstructured: selector for "
            "*unstructured.Unstructured not implemented",
        ),
        ("kubectl argo rollouts abort nobody", 'Error: rollouts.argoproj.io "nobody" not found'),
        (
            "kubectl argo rollouts promot checkout",
            'Error: unknown command "promot" for "kubectl-argo-rollouts"\n\n'
            "Did you mean this?\n\tpromote\nRun 'kubectl-argo-rollouts --help' for usage.",
        ),
        ("kubectl argo rollouts promote", "Usage:\n  kubectl argo rollouts promote ROLLOUT_NAME [flags]"),
        (
            "kubectl argo rollouts undo checkout --to-revision=9",
            "Error: unable to find specified revision 9 in history",
        ),
        (
            "kubectl argo rollouts set image checkout web=checkout:v44",
            'Error: unable to find container named "web"',
        ),
    ],
)
def test_a_line_that_can_t_be_done_is_refused_in_the_tool_s_words(paused: Run, line: str, said: str) -> None:
    """And nothing changes."""
    answer = paused.do(line)
    assert (False, said) == (answer.ok, answer.text)


def test_status_waits_and_ends_as_the_plugin_does() -> None:
    """A pause goes on; a timeout and a degraded rollout are errors, with the phases that came before."""
    run = played(85 * SECOND)
    looked = run.do("kubectl argo rollouts status checkout --timeout=20s")
    assert "Paused - CanaryPauseStep\nError: Rollout status watch exceeded timeout" == looked.text
    assert 20 * SECOND == looked.cost
    run.do("kubectl argo rollouts abort checkout")
    ended = run.do("kubectl argo rollouts status checkout")
    assert not ended.ok
    assert ended.text.splitlines()[-1] == (
        "Error: The rollout is in a degraded state with message: "
        "RolloutAborted: Rollout aborted update to revision 3"
    )


def test_an_abort_sends_users_back_and_an_undo_makes_it_healthy() -> None:
    """The way out of a bad canary, by the console alone; git has no part in it."""
    run = played(85 * SECOND)
    assert "rollout 'checkout' aborted" == run.do("kubectl argo rollouts abort checkout").text
    assert "rollout 'checkout' undo" == run.do("kubectl argo rollouts undo checkout").text
    run.advance(run.now + 30 * SECOND)
    shown = run.do("kubectl argo rollouts get rollout checkout")
    assert ["Status:", "✔", "Healthy"] == row(shown, "Status:")
    assert ["Images:", "checkout:v42", "(stable)"] == row(shown, "Images:")
    assert "undo" == run.production.releases[-1].action


def test_a_full_promotion_is_asked_about_in_a_lesson() -> None:
    """Nobody has proven the canary; ``yes`` does it all the same."""
    run = played(85 * SECOND)
    asked = run.do("kubectl argo rollouts promote checkout --full")
    assert "proven or not" in asked.text
    assert not run.cluster.rollout("checkout").status.promote_full
    assert "rollout 'checkout' fully promoted" == run.do("yes").text
    run.advance(run.now + 2 * MINUTE)
    assert 12 == run.cluster.rollout("checkout").status.updated_replicas


def test_scale_and_delete_take_rollouts() -> None:
    """In kubectl's words; a deleted Rollout takes its pods with it, after a yes."""
    run = played(0, bad=False)
    assert "rollout.argoproj.io/checkout scaled" == run.do("kubectl scale rollout/checkout --replicas=8").text
    run.do("kubectl delete rollout checkout")
    assert 'rollout.argoproj.io "checkout" deleted' == run.do("yes").text
    run.advance(run.now + MINUTE)
    assert not [pod for pod in run.cluster.pods if pod.meta.labels["app"] == "checkout"]


def test_completion_knows_the_plugin(paused: Run) -> None:
    """Verbs, the type where one is wanted, and live names."""
    assert "checkout" in complete(paused, "kubectl argo rollouts promote ")
    assert "rollout" in complete(paused, "kubectl argo rollouts get ")
    assert ["checkout"] == list(complete(paused, "kubectl argo rollouts get rollout che"))
    assert "rollout/checkout" in complete(paused, "kubectl scale ")


def test_coach_and_players_know_rollouts() -> None:
    """The documents name the plugin's lines, and the panicking player types them."""
    run = played(85 * SECOND)
    assert "canary of 5 steps" in str(design(run))
    assert "kubectl argo rollouts get rollout checkout" in str(runbook(run))
    assert "Errors began with a step of a Rollout" in str(runbook(run))
    panicked = play_run(shop.canary(bad=True), player="panic")
    typed = [act.line for act in panicked.acts]
    assert "kubectl scale rollout/checkout --replicas=36" in typed
    assert "kubectl argo rollouts restart checkout" in typed
    assert not [answer.text for answer in panicked.transcript if not answer.ok]


def test_a_watched_rollout_is_drawn_anew_for_each_change() -> None:
    """A picture a change, the last one as it stands when the watch ends; a Rollout at rest has one."""
    run = played(60 * SECOND)
    text = run.do("kubectl argo rollouts get rollout checkout -w --timeout-seconds=40").text
    pictures = text.split("Name:            checkout")[1:]
    assert 3 <= len(pictures) == len(set(pictures))
    assert (
        run.do("kubectl argo rollouts get rollout checkout")
        .text.split("\n\n")[0]
        .endswith(pictures[-1].split("\n\n")[0])
    )
    quiet = played(80 * SECOND)
    assert 1 == quiet.do("kubectl argo rollouts get rollout checkout -w --timeout-seconds=3").text.count(
        "Name: "
    )
