"""Every verb of the console has its method: the registry is the one table, and nothing is written twice."""

from __future__ import annotations

import inspect
from typing import Any

import pytest

import simulator as sim
from simulator.api import typed, verbs
from simulator.drill import COSTS, Answer
from simulator.drill.console import FAMILIES, Family, Verb, parse
from simulator.drill.costs import table_of_costs
from simulator.errors import GamedayError
from simulator.units import SECOND, format_duration
from tests.drill_stage import fresh
from tests.house.stubs import PATH, stub_text

VERBS = [(owner, verb) for owner in FAMILIES.values() for verb in owner.verbs.values()]
_VALUES = {"text": "x", "duration": "5m", "int": 3, "bool": True}


def typed_line(program: str, method: str, *words: object, **flags: object) -> str:
    """The line that a call types."""
    lines: list[str] = []

    def keep(line: str) -> Answer:
        lines.append(line)
        return Answer(line, "", True, 0)

    made: Any = typed.program_class(FAMILIES[program])(keep)
    getattr(made, method)(*words, **flags)
    return lines[0]


@pytest.mark.parametrize(("owner", "verb"), VERBS, ids=[f"{owner.name} {verb.name}" for owner, verb in VERBS])
def test_each_verb_has_its_method(owner: Family, verb: Verb) -> None:
    """With a sentence, a signature of its flags, and a line that begins as the verb does."""
    name = typed.method_name(verb)
    method = getattr(typed.program_class(owner), name)
    assert verb.about in method.__doc__
    flags = list(inspect.signature(method).parameters)[2:]
    assert [typed.identifier(flag.name) for flag in verb.flags] == flags
    values = {typed.identifier(flag.name): _VALUES[flag.takes] for flag in verb.flags}
    line = typed_line(owner.name, name, "word", **values)
    assert line.startswith(f"{owner.name} {verb.name}".strip() + " word")
    try:
        understood = parse(line, costs=COSTS, namespace="production")
    except GamedayError:  # its words are others, or these flags do not go together
        return
    if understood.family != "help":
        assert (owner.name, verb.name) == (understood.family, understood.verb)


def test_each_verb_has_a_row_of_the_costs_and_a_class() -> None:
    """One table that a scenario may change; help shows cost and class; completion knows the verb."""
    run = fresh()
    for owner, verb in VERBS:
        assert verb.cost in {"", *COSTS}
        shown = run.do(f"help {owner.name} {verb.name}").text
        takes = format_duration(COSTS[verb.cost]) if verb.cost else "as long as it takes"
        if verb.words or len(owner.verbs) == 1:
            assert f"Takes: {takes}" in shown and shown.split("Takes: ")[1].split(". ")[1][0] in "ACT"
        if verb.words:
            before = " ".join([owner.name, *verb.words[:-1], ""])
            assert verb.words[-1] in run.complete(before)
    assert table_of_costs({"curl": 10 * SECOND})["curl"] == 10 * SECOND


def test_a_drill_has_every_program() -> None:
    """By its name; the five that were a drill's own before are its own methods."""
    assert set(FAMILIES) == {*verbs.NAMES, *verbs.OWN}
    for name in verbs.NAMES:
        shown = inspect.getattr_static(sim.Drill, name)
        assert isinstance(shown, property) and FAMILIES[name].about == shown.__doc__
    assert all(callable(getattr(sim.Drill, name)) for name in verbs.OWN)


def test_the_stub_is_in_step() -> None:
    """Editors and type checkers see what runs; python -m tests.house.stubs writes it anew."""
    assert PATH.read_text(encoding="utf-8") == stub_text()


@pytest.mark.parametrize(
    ("call", "line"),
    [
        (("kubectl", "get", ["pods"], {"namespace": "production", "output": "wide"}),
         "kubectl get pods --namespace=production --output=wide"),
        (("kubectl", "rollout_undo", ["deployment/checkout"], {"to_revision": 3}),
         "kubectl rollout undo deployment/checkout --to-revision=3"),
        (("kubectl", "wait", ["pod/a"], {"for_": "delete"}), "kubectl wait pod/a --for=delete"),
        (("kubectl", "get", ["pods"], {"watch": True, "show_labels": False}),
         "kubectl get pods --watch --show-labels=false"),
        (("statuspage", "investigating", ["Some orders fail; it's us"], {}),
         """statuspage investigating 'Some orders fail; it'"'"'s us'"""),
        (("page", "ack", [], {}), "page ack"),
        (("page", "__call__", [], {}), "page"),
        (("logs", "__call__", ['{service="checkout"} |= "5xx"'], {}), 'logs {service="checkout"} |= "5xx"'),
        (("curl", "__call__", ["https://edge/"], {"header": ["a: 1", "b: 2"], "write_out": "%{exitcode}\\n"}),
         "curl https://edge/ --header='a: 1' --header='b: 2' --write-out='%{exitcode}\\n'"),
    ],
)  # fmt: skip
def test_the_line_that_a_call_stands_for(
    call: tuple[str, str, list[object], dict[str, object]], line: str
) -> None:
    """Words are quoted where a shell would split them; what is no language of a shell stands as it is."""
    program, method, words, flags = call
    assert line == typed_line(program, method, *words, **flags)


@pytest.mark.parametrize(
    ("words", "flags", "said"),
    [
        ([3], {}, "expected a text"),
        (["pods"], {"namespce": "x"}, "Did you mean 'namespace'?"),
        (["pods"], {"namespace": 3}, "expected str"),
        (["pods"], {"watch": "yes"}, "expected bool"),
        (["pods"], {"output": ["a", "b"]}, "expected str"),
    ],
)
def test_a_wrong_argument_is_an_error_in_four_parts(
    words: list[object], flags: dict[str, object], said: str
) -> None:
    """Nothing is typed."""
    with pytest.raises(GamedayError, match=said):
        typed_line("kubectl", "get", *words, **flags)


def test_a_call_is_the_line_and_nothing_else(tmp_path: Any) -> None:
    """It is journalled as the line, costs what the line costs, and gives its answer."""
    drill = sim.start("welcome", journal=tmp_path / "run.jsonl")
    answer = drill.kubectl.get("pods", namespace="production")
    assert ("kubectl get pods --namespace=production", "kubectl get pods") == (answer.line, answer.canonical)
    assert "READY" in str(answer) and "T+00:05" == drill.now
    drill.statuspage.investigating("We are looking at it.")
    drill.message("Nothing yet.")
    assert drill.page().text and drill.ack().line == "ack"
    assert ["kubectl get pods --namespace=production", "statuspage investigating 'We are looking at it.'",
            "message 'Nothing yet.'", "page", "ack"] == list(drill.actions["line"])  # fmt: skip
