"""How console lines are read, without a world behind them."""

from __future__ import annotations

import pytest

from simulator.drill import COSTS, Command, RefusedError
from simulator.drill.console import FAMILIES, parse
from simulator.errors import GamedayError
from simulator.units import SECOND


def understood(line: str) -> Command:
    """The command that a line means in the namespace ``production``."""
    return parse(line, costs=COSTS, namespace="production")


def refused(line: str) -> RefusedError:
    """Why a line is none."""
    with pytest.raises(RefusedError) as caught:
        understood(line)
    return caught.value


@pytest.mark.parametrize(
    ("line", "canonical"),
    [
        ("kubectl get pods -n production", "kubectl get pods"),
        ("kubectl  get   po", "kubectl get pods"),
        ("kubectl get pods --namespace=staging", "kubectl get pods --namespace=staging"),
        ("kubectl get deploy,svc,events", "kubectl get deployments,services,events"),
        ("kubectl get all", "kubectl get all"),
        ("kubectl get pod web-1 web-2", "kubectl get pod/web-1 pod/web-2"),
        ("kubectl get -o wide pods", "kubectl get pods --output=wide"),
        ("kubectl get pods -owide -l app=x", "kubectl get pods --output=wide --selector=app=x"),
        ("kubectl get pods -wA", "kubectl get pods --all-namespaces --watch"),
        ("kubectl rollout history deployment/app", "kubectl rollout history deployment/app"),
        ("kubectl rollout undo deploy checkout", "kubectl rollout undo deployment/checkout"),
        (
            "kubectl rollout undo deployments.apps/checkout --to-revision 3",
            "kubectl rollout undo deployment/checkout --to-revision=3",
        ),
        (
            "kubectl scale --replicas=10 deployment app -n production",
            "kubectl scale deployment/app --replicas=10",
        ),
        ("kubectl logs -l app=myapp --tail=100", "kubectl logs --selector=app=myapp --tail=100"),
        ("kubectl logs web-1", "kubectl logs pod/web-1"),
        ("kubectl delete pod NAME", "kubectl delete pod/NAME"),
        (
            "kubectl set image deployment/app app=IMAGE@DIGEST",
            "kubectl set image deployment/app app=IMAGE@DIGEST",
        ),
        (
            "kubectl rollout status deployment/app --timeout=300s",
            "kubectl rollout status deployment/app --timeout=300s",
        ),
        ('statuspage investigating "We are on it"', "statuspage investigating We are on it"),
        ("tell noor we're rolling back; more soon", "message noor we're rolling back; more soon"),
        ("sleep 90", "wait 90"),
        ("k get po", "kubectl get pods"),
        ("kubectl -n production get pods", "kubectl get pods"),
        (
            "kubectl --namespace=staging rollout -nstaging undo deploy/x",
            "kubectl rollout undo deployment/x --namespace=staging",
        ),
    ],
)
def test_every_spelling_of_a_line_has_one_canonical_form(line: str, canonical: str) -> None:
    """Scenarios and checks match one spelling, however the learner typed."""
    assert canonical == understood(line).canonical


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("kubctl get pods", "bash: kubctl: command not found\n\nDid you mean this?\n\tkubectl"),
        (
            "kubectl rolout undo deployment/app",
            'error: unknown command "rolout" for "kubectl"\n\nDid you mean this?\n\trollout',
        ),
        ("kubectl get foo", 'error: the server doesn\'t have a resource type "foo"'),
        (
            "kubectl get pods --selctor=a=b",
            "error: unknown flag: --selctor\nSee 'kubectl get --help' for usage.",
        ),
        (
            "kubectl get pods -x",
            "error: unknown shorthand flag: 'x' in -x\nSee 'kubectl get --help' for usage.",
        ),
        (
            "kubectl get pods -l",
            "error: flag needs an argument: 'l' in -l\nSee 'kubectl get --help' for usage.",
        ),
        ("kubectl scale deployment/app", 'error: required flag(s) "replicas" not set'),
        (
            "kubectl scale deployment/app --replicas=ten",
            'error: invalid argument "ten" for "--replicas" flag: strconv.ParseInt: parsing "ten": '
            "invalid syntax\nSee 'kubectl scale --help' for usage.",
        ),
        (
            "kubectl scale deployment --replicas=3",
            "error: resource(s) were provided, but no name was specified",
        ),
        ("kubectl rollout undo", "error: required resource not specified"),
        ("kubectl rollout undo pod/x", 'error: no rollbacker has been implemented for "Pod"'),
        ("kubectl get pods -l a=b=c", 'error: unable to parse requirement: "a=b=c"'),
        (
            "kubectl get pods || kubectl get nodes",
            "||: this console runs one command a line, without redirections or lists\n"
            "A look may be filtered: kubectl get pods | grep checkout | head -3",
        ),
        (
            "git log > x",
            ">: this console runs one command a line, without redirections or lists\n"
            "A look may be filtered: kubectl get pods | grep checkout | head -3",
        ),
        ('kubectl get "pods', "bash: unexpected EOF while looking for matching `\"'"),
        ("wait forever", "wait: invalid time interval 'forever'"),
        ("wait 5 minutes", "wait: invalid time interval '5 minutes'\nWrite for example: wait 5m"),
        ("sleep 10 Sec", "sleep: invalid time interval '10 Sec'\nWrite for example: sleep 10s"),
        ("wait", "wait: for how long?\nWrite for example: wait 2m"),
        (
            "flag",
            "flag: a command is missing\n\nIt takes one of these:\n\tflag get\n\tflag list\n\tflag set",
        ),
        ("flag set x 25", "flag set: '25' is no value of a flag; did you mean 25%?"),
        ("flag set x maybe", "flag set: 'maybe' is no value of a flag; write on, off or 25%"),
        (
            "traces checkout",
            'traces: unexpected "checkout"\n\nDid you mean this?\n\ttraces --service=checkout',
        ),
        ("traces 7ba3d2", 'traces: unexpected "7ba3d2"\n\nDid you mean this?\n\ttrace 7ba3d2'),
        (
            "silence CheckoutBurn 10m",
            "amtool: error: bad matcher format: 10m\nIs it how long? Then write --duration=10m.",
        ),
        (
            "logs checkout",
            "logs, character 1: expected count_over_time or rate, bare or in sum by (…), got 'checkout'\n"
            'Write logs {service="checkout"} for the lines of a service, or kubectl logs for a pod.',
        ),
        (
            "kubectl edit deploy checkout",
            "error: no editor opens in this console; give the change as the last word, for example\n"
            "\tkubectl edit deploy checkout 'spec: {replicas: 6}'",
        ),
    ],
)
def test_a_wrong_line_is_refused_in_the_tool_s_own_words(line: str, said: str) -> None:
    """What the terminal prints is what the real tool prints; the four parts say what to do."""
    with pytest.raises(GamedayError) as caught:
        understood(line)
    error = caught.value
    assert said == (error.said if isinstance(error, RefusedError) else getattr(error, "message", ""))
    assert error.where and error.expected and error.got and error.todo


def test_a_real_verb_that_is_not_simulated_is_not_called_unknown() -> None:
    """``kubectl exec`` exists in life; the console says that it does not have it."""
    assert (
        'error: "kubectl exec" is not part of this simulated cluster'
        == refused("kubectl exec -it x -- sh").said
    )


def test_looking_costs_and_helping_does_not() -> None:
    """Costs come from the one table."""
    assert 5 * SECOND == understood("kubectl get pods").cost
    assert 10 * SECOND == understood("kubectl describe pod x").cost
    assert 15 * SECOND == understood("kubectl logs x").cost
    assert 10 * SECOND == understood("kubectl rollout undo deployment/x").cost
    assert 30 * SECOND == understood("statuspage identified Found it.").cost
    assert 0 == understood("help").cost


def test_what_cannot_be_taken_back_says_so() -> None:
    """Scaling to zero and deleting a Deployment are dangerous; a bad pod and a rollback are not."""
    assert understood("kubectl scale deployment/x --replicas=0").danger
    assert understood("kubectl delete deployment x").danger
    assert understood("kubectl delete pods --all").danger
    assert not understood("kubectl delete pod x").danger
    assert not understood("kubectl rollout undo deployment/x").danger


def test_help_is_a_flag_of_every_verb() -> None:
    """``kubectl get --help`` is ``help kubectl get``."""
    assert "help kubectl get" == understood("kubectl get --help").canonical


@pytest.mark.parametrize(
    ("line", "topic"),
    [
        ("kubectl --help", "kubectl"),
        ("kubectl -n production --help", "kubectl"),
        ("k -h", "kubectl"),
        ("kubectl help", "kubectl"),
        ("kubectl help rollout undo", "kubectl rollout undo"),
        ("kubectl rollout --help", "kubectl rollout"),
        ("kubectl argo rollouts --help", "kubectl argo rollouts"),
        ("logs --help", "logs"),
        ("promql --help", "promql"),
        ("flag --help", "flag"),
        ("flag help set", "flag set"),
    ],
)
def test_help_is_a_flag_and_a_word_of_every_program(line: str, topic: str) -> None:
    """Whether the program has verbs of its own or takes prose, and wherever the namespace stands."""
    assert f"help {topic}" == understood(line).canonical


def test_every_verb_is_documented() -> None:
    """Help has a sentence for each family, verb and flag, and each cost row exists."""
    for family in FAMILIES.values():
        assert family.about.endswith(".")
        for verb in family.verbs.values():
            assert verb.about.endswith("."), f"{family.name} {verb.name}"
            assert not verb.cost or verb.cost in COSTS
            assert all(flag.about.endswith(".") for flag in verb.flags)
