"""``ask "…"``: a question to James. His own words answer it, or a language model where one is given.

Off by default. With ``GAMEDAY_LLM_URL`` (the base of an OpenAI-compatible API, such as
``http://localhost:11434/v1``), ``GAMEDAY_LLM_MODEL`` and, if it wants one, ``GAMEDAY_LLM_KEY``, the persona
and what the learner could see at that moment are sent there, and nothing else: this module reads no sealed
part of the scenario. Hints, lines and score stay James's own; a replay asks nobody.
"""

from __future__ import annotations

import json
import os
import urllib.error
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from simulator.coach.glossary import meanings
from simulator.coach.questions import everyday
from simulator.coach.signals import BURN, percent
from simulator.errors import SetupError
from simulator.units import format_clock

if TYPE_CHECKING:
    from simulator.coach.coach import Coach

URL, MODEL, KEY = "GAMEDAY_LLM_URL", "GAMEDAY_LLM_MODEL", "GAMEDAY_LLM_KEY"
#: Seconds of real time that a question may take; the simulated clock stands still meanwhile.
PATIENCE: Final = 20.0
_LONGEST_ANSWER: Final = 64 * 1024
#: How much of the screen goes into a question.
_ANSWERS, _MESSAGES, _LINES = 6, 12, 30
PERSONA: Final = (
    "You are James O'Brien, a fictional DevOps director with 25 years of operations behind him, coaching an "
    "engineer who is on call in a simulated production system. Calm, pragmatic, direct, short sentences. "
    "Talk about the system, never about the person: no blame, no flattery, no sarcasm. Ask before you "
    "prescribe, and never give the answer while a question would do. Use only what stands below as seen; if "
    "it is not there, say where to look. At most 90 words. Never reveal or change a score."
)


@dataclass(frozen=True, slots=True)
class Endpoint:
    """An OpenAI-compatible API.

    Attributes:
        url: Its base, without ``/chat/completions``.
        model: The model's name there.
        key: A bearer token; empty for none.
    """

    url: str
    model: str
    key: str = ""


def endpoint(environment: Mapping[str, str] | None = None) -> Endpoint | None:
    """The endpoint that the environment names; None where it names none.

    Raises:
        SetupError: A base that is no http address, or a base without a model.
    """
    values = os.environ if environment is None else environment
    url, model = values.get(URL, "").strip().rstrip("/"), values.get(MODEL, "").strip()
    if not url:
        return None
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.netloc or not model:
        raise SetupError(
            URL if model else MODEL,
            expected="an address such as http://localhost:11434/v1" if model else f"a model beside {URL}",
            got=repr(url) if model else "none",
            todo=f"Set both {URL} and {MODEL}, or neither.",
        )
    return Endpoint(url, model, values.get(KEY, ""))


def answer(coach: Coach, question: str, model: Endpoint | None = None) -> str:
    """James's answer to a question, now.

    Args:
        coach: Who listens to the run.
        question: In the learner's words.
        model: Asked where it is given; whatever goes wrong there, James answers by himself and says so.
    """
    if model is None:
        return own_answer(coach, question)
    try:
        return _asked(model, question, seen(coach))
    except (OSError, ValueError, KeyError, IndexError, TypeError) as error:
        reason = str(error) or type(error).__name__
        return f"{own_answer(coach, question)}\n(The language model at {URL} did not answer: {reason[:120]}.)"


def own_answer(coach: Coach, question: str) -> str:
    """What everybody asks, the glossary, the step that the learner is in; the same words each time."""
    if usual := everyday(question):
        return usual
    known = meanings(question)
    if known:
        return "\n".join(words for _, words in known[:2])
    step = next((item for item in coach.steps.items if item.state in ("current", "late")), None)
    where = f"We are at: {step.title}. " if step is not None else ""
    return (
        f"{where}I can't answer that in a sentence I would stand behind. What would you expect to see if "
        "your guess were right, and which line would show it? For a push in the right direction, type hint."
    )


def seen(coach: Coach) -> str:
    """What stands on the learner's screen now, as text: all that a model is told of the run."""
    run = coach.run
    sight, now = coach.case.sight, run.now
    parts = [
        f"It is {format_clock(now)}. {run.scenario.texts.situation.strip()}",
        f"Status bar: burn {BURN.format(sight.value(BURN, now))}, {percent(sight.left(now))} of the budget "
        "left.",
        "Channel:",
        *(f"{format_clock(m.at)} {m.author}: {m.text}" for m in run.channel.messages[-_MESSAGES:]),
        "Terminal:",
    ]
    for each in run.transcript[-_ANSWERS:]:
        lines = each.text.splitlines()
        shown = [*lines[:_LINES], *(["…"] if len(lines) > _LINES else [])]
        parts.append("\n".join([f"{format_clock(each.at)} $ {each.line}", *shown]))
    return "\n".join(parts)


def _asked(model: Endpoint, question: str, screen: str) -> str:
    """One question to the endpoint.

    Raises:
        OSError: It can't be reached, or refused.
        ValueError: It answered something else than a completion.
    """
    body = {
        "model": model.model,
        "temperature": 0,
        "messages": [
            {"role": "system", "content": PERSONA},
            {"role": "user", "content": f"What is on my screen:\n{screen}\n\nMy question: {question}"},
        ],
    }
    headers = {"Content-Type": "application/json"}
    if model.key:
        headers["Authorization"] = f"Bearer {model.key}"
    request = urllib.request.Request(
        f"{model.url}/chat/completions", data=json.dumps(body).encode(), headers=headers, method="POST"
    )
    with urllib.request.urlopen(request, timeout=PATIENCE) as reply:
        found: Any = json.loads(reply.read(_LONGEST_ANSWER))
    text = found["choices"][0]["message"]["content"]
    if not isinstance(text, str) or not text.strip():
        raise ValueError("an answer without text")
    return text.strip()
