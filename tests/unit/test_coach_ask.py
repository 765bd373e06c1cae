"""``ask``: James's own words by default; a model only where one is given, told only what could be seen."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest

from simulator.coach import Coach
from simulator.coach.ask import KEY, MODEL, URL, Endpoint, endpoint
from simulator.coach.glossary import GLOSSARY, meanings
from simulator.drill import Run
from simulator.errors import SetupError
from simulator.units import MINUTE, SECOND
from tests.drill_stage import fresh


class Stub:
    """A model's server on this machine: keeps what it was sent, answers with ``reply``."""

    def __init__(self, status: int, reply: bytes) -> None:
        self.seen: list[tuple[str, dict[str, str], dict[str, Any]]] = []
        stub = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                length = int(self.headers["Content-Length"])
                body = json.loads(self.rfile.read(length))
                stub.seen.append((self.path, dict(self.headers), body))
                self.send_response(status)
                self.send_header("Content-Length", str(len(reply)))
                self.end_headers()
                self.wfile.write(reply)

            def log_message(self, *_arguments: Any) -> None:
                """Say nothing."""

        self.server = HTTPServer(("127.0.0.1", 0), Handler)

    @property
    def endpoint(self) -> Endpoint:
        return Endpoint(f"http://127.0.0.1:{self.server.server_port}/v1", "tiny", "secret")


@contextmanager
def served(
    status: int = 200, reply: bytes = b'{"choices": [{"message": {"content": "Look first."}}]}'
) -> Iterator[Stub]:
    """The stub, for as long as it is needed."""
    stub = Stub(status, reply)
    thread = threading.Thread(target=stub.server.serve_forever)
    thread.start()
    try:
        yield stub
    finally:
        stub.server.shutdown()
        thread.join()
        stub.server.server_close()


def on_call() -> tuple[Run, Coach]:
    """Three minutes into the small incident, with one look taken."""
    run = fresh()
    coach = Coach(run)
    run.advance(3 * MINUTE)
    run.do("kubectl get pods")
    return run, coach


def test_without_a_model_the_glossary_answers() -> None:
    """A term in the question brings its words; the longest term wins; it costs what a hint costs."""
    run, _ = on_call()
    before = run.now
    answer = run.do("ask what is a burn-rate alert good for?")
    assert answer.ok and answer.text.startswith("A burn-rate alert asks two windows")
    assert 10 * SECOND == run.now - before


def test_a_question_without_a_known_word_is_answered_with_the_step_and_a_question() -> None:
    """James does not invent an answer."""
    run, _ = on_call()
    text = run.do("ask is it the moon?").text
    assert "What would you expect to see if your guess were right" in text and "type hint" in text


def test_an_empty_question_and_a_run_without_a_coach_say_what_is_missing() -> None:
    """Neither raises."""
    run, _ = on_call()
    assert "a question is missing" in run.do("ask").text
    assert "no coach is here" in fresh().do("ask anything").text


def test_every_entry_of_the_glossary_is_found_by_each_of_its_spellings() -> None:
    """Also in the plural, and not as a part of another word."""
    for names, words in GLOSSARY.items():
        for spelling in names:
            assert (names[0], words) in meanings(f"What is {spelling}, James?")
        assert len(words.split()) <= 60
    assert [] == meanings("sliced canaryish")
    assert ["retry"] == [term for term, _ in meanings("Why are retries bad?")]


def test_a_model_gets_the_persona_and_the_screen_and_its_answer_is_shown() -> None:
    """The question, the persona, what stood in terminal and channel; the key as a bearer token."""
    run, coach = on_call()
    with served() as stub:
        coach.model = stub.endpoint
        assert "Look first." == run.do("ask what now?").text
    path, headers, body = stub.seen[0]
    assert ("/v1/chat/completions", "Bearer secret", "tiny") == (
        path,
        headers["Authorization"],
        body["model"],
    )
    system, user = (message["content"] for message in body["messages"])
    assert "James O'Brien" in system
    assert "kubectl get pods" in user and "My question: what now?" in user


def test_a_model_is_told_nothing_that_is_sealed() -> None:
    """No timeline, no reference, no check, no debrief text of the scenario."""
    run, coach = on_call()
    with served() as stub:
        coach.model = stub.endpoint
        run.do("ask what now?")
    sent = json.dumps(stub.seen[0][2])
    for secret in ("The release v2 failed half", "rollout undo", "A canary.", "Scale out", "errorRate"):
        assert secret not in sent


@pytest.mark.parametrize(
    ("status", "reply"),
    [
        (500, b"{}"),
        (200, b"no json"),
        (200, b"{}"),
        (200, b'{"choices": []}'),
        (200, b'{"choices": [{"message": {"content": ""}}]}'),
    ],
)
def test_whatever_goes_wrong_james_answers_by_himself_and_says_so(status: int, reply: bytes) -> None:
    """No traceback reaches the learner."""
    run, coach = on_call()
    with served(status, reply) as stub:
        coach.model = stub.endpoint
        answer = run.do("ask what is a canary?")
    assert answer.ok and answer.text.startswith("A canary gives the new version a small share")
    assert f"The language model at {URL} did not answer" in answer.text


def test_a_server_that_is_not_there_is_said_too() -> None:
    """The port of a server that has gone."""
    run, coach = on_call()
    with served() as stub:
        coach.model = stub.endpoint
    assert "did not answer" in run.do("ask what is a canary?").text


def test_the_digest_does_not_depend_on_the_model() -> None:
    """A replay asks nobody and gives the same bytes."""
    run, coach = on_call()
    with served() as stub:
        coach.model = stub.endpoint
        run.do("ask what now?")
    other, _ = on_call()
    other.do("ask what now?")
    assert run.digest == other.digest


def test_the_endpoint_comes_from_the_environment_or_is_none() -> None:
    """Both variables or neither; an address that is none is refused with an example."""
    assert endpoint({}) is None
    assert Endpoint("http://localhost:1/v1", "m", "k") == endpoint(
        {URL: "http://localhost:1/v1/", MODEL: "m", KEY: "k"}
    )
    for values in ({URL: "file:///etc/passwd", MODEL: "m"}, {URL: "http://localhost:1"}):
        with pytest.raises(SetupError, match="or neither"):
            endpoint(values)
