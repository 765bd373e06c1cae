"""The spoiler lint: what a learner reads before the debrief does not name the cause.

Three kinds of words betray one. *Names* that only the timeline gives: the tag of an image, a flag, a
setting, a migration, a machine. *Mechanisms*: words for how systems break, which the debrief uses for this
cause or the timeline's fields mean. *Phrases*: three words with a meaning in a row, out of what happened,
the rule or the change. Which services there are is known to all, so their names betray nothing.

Learners read the title, the name, the labels, the three texts and what colleagues write; and the screen when
they are called, which may hold names and mechanisms (that is evidence) but no words of the simulator's own.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from simulator.scenario import Scenario
from simulator.scenario.timeline import TimelineEntry

#: Words for how systems break; a stem stands for all that begin with it.
MECHANISMS: Final = (
    "backlog", "bad release", "bad version", "broken release", "bug", "cache miss", "cold cache",
    "connection pool", "corrupt", "deadlock", "disk", "dns", "evict", "exhaust", "expire", "feature flag",
    "herd", "leak", "limping", "lock contention", "memory", "metastable", "migrat", "misconfig", "network",
    "outlier", "packet", "partition", "poison", "quota", "race condition", "regress", "replication",
    "retries", "retry", "schema", "settings", "stampede", "starv", "storm", "surge", "throttl", "timeout",
)  # fmt: skip
#: What fields of the timeline mean, where their names do not say it.
_MEANS: Final = {
    "requestsPerLeakedConnection": ("leak",),
    "leak": ("leak", "memory"),
    "memory": ("memory",),
    "configMap": ("settings", "misconfig"),
    "flag": ("feature flag",),
    "migration": ("migrat", "schema"),
    "zoneOutage": ("zone outage", "lost zone"),
    "NetworkChaos": ("network", "packet"),
    "DNSChaos": ("dns",),
    "IOChaos": ("disk",),
    "crowd": ("surge", "herd"),
    "profile": ("surge",),
    "setTopic": ("poison",),
    "replicationLag": ("replication",),
}
#: Fields whose value names something that only the timeline gives.
_NAMES: Final = (
    "image",
    "commit",
    "cause",
    "flag",
    "configMap",
    "secret",
    "node",
    "zone",
    "version",
    "cronJob",
)
#: Words of the simulator that no tool of the trade prints.
_OWN: Final = (
    "chaos", "simulat", "inject", "gameday", "wrong path", "wrongpath", "decoy", "timeline", "errorrate",
)  # fmt: skip
#: Words that carry no meaning of their own in a phrase.
_SMALL_WORDS: Final = """
a about after again all an and any are as at back be been before began begin beside but by can could
did do does down each eight even every few first five for four from had half has have he her his how
hundred if in into is it its last less like more most nine no none not nothing now of off on once
one only or other our out over own said same seven she six sixteen so some such ten than that the
their them then there these they this those thousand three to twelve twenty two under until up us
was we went were what when where which while who whose why will with you your
"""
_SMALL: Final = frozenset(_SMALL_WORDS.split())
_WORD: Final = re.compile(r"[a-z0-9][a-z0-9'./:_-]*[a-z0-9]|[a-z0-9]")
#: A phrase is so many words with a meaning, in so many words at most.
_PHRASE: Final = 3
_LONGEST: Final = 5
_SCREEN: Final = "the screen at the page"


@dataclass(frozen=True, slots=True)
class Hit:
    """A word that betrays the cause.

    Attributes:
        where: Which text, such as ``metadata.title``.
        word: What stands there.
        why: Why it betrays the cause.
    """

    where: str
    word: str
    why: str

    def __str__(self) -> str:
        return f"{self.where} says “{self.word}”: {self.why}"


def spoilers(scenario: Scenario) -> tuple[Hit, ...]:
    """Everything in the texts of a scenario that gives its cause away before the debrief."""
    words, phrases = dict(_secret_words(scenario)), dict(_secret_phrases(scenario))
    return tuple(hit for where, text in _told(scenario) for hit in _hits(where, text, words, phrases))


def spoilers_on_screen(shown: str) -> tuple[Hit, ...]:
    """What a screen gives away: the simulator's own words. Names and mechanisms on it are evidence.

    Args:
        shown: Everything that was printed by the time that the learner is called.
    """
    why = "no tool of the trade prints this; it is the simulator's"
    return tuple(Hit(_SCREEN, word, why) for word in _OWN if word in shown.lower())


# --- what betrays ---------------------------------------------------------------------------------


def _secret_words(scenario: Scenario) -> Iterator[tuple[str, str]]:
    public = _public(scenario)
    for number, entry in enumerate(scenario.timeline):
        if _is_innocent(scenario, entry):
            continue
        given = entry.model_dump(mode="json", by_alias=True, exclude_none=True, exclude_defaults=True)
        for name in _names(given):
            if name.lower() not in public:
                yield name.lower(), f"only timeline[{number}] gives this name"
        for key in _keys(given):
            for mechanism in _MEANS.get(key, ()):
                yield mechanism, f"{key} of timeline[{number}] means it"
    told = scenario.texts.debrief.what_happened.lower()
    for mechanism in MECHANISMS:
        if _found(mechanism, told):
            yield mechanism, "debrief.whatHappened explains the cause with it"


def _is_innocent(scenario: Scenario, entry: TimelineEntry) -> bool:
    """Whether an entry is a suspect and not the cause: a decoy is guilty by the same act, done otherwise."""
    return any(
        entry.action == other.action and entry != other for decoy in scenario.decoys for other in decoy.guilty
    )


def _names(given: object) -> Iterator[str]:
    """Names that stand under one of the fields that give names; of an image its tag."""
    if not isinstance(given, dict):
        return
    for key, value in given.items():
        for item in value if isinstance(value, list) else [value]:
            if isinstance(item, dict):
                yield from _names(item)
                item = item.get("name") if key in _NAMES else None
            if key in _NAMES and isinstance(item, str) and item:
                yield item.rpartition(":")[2] if key == "image" else item


def _keys(given: object) -> Iterator[str]:
    """Fields of an entry, at every depth, and the kind of a fault."""
    if isinstance(given, dict):
        for key, value in given.items():
            yield str(value) if key == "kind" else key
            yield from _keys(value)
    elif isinstance(given, list):
        for item in given:
            yield from _keys(item)


def _public(scenario: Scenario) -> frozenset[str]:
    """Names that everybody knows: parts of the system, its zones and settings are no secret by themselves."""
    spec = scenario.spec
    parts = [*(item.name for item in spec.workloads), *(item.name for item in spec.services)]
    return frozenset([*parts, *(source.name for source in spec.traffic), *(slo.name for slo in spec.slos)])


def _secret_phrases(scenario: Scenario) -> Iterator[tuple[str, str]]:
    debrief = scenario.texts.debrief
    for name, text in (
        ("whatHappened", debrief.what_happened), ("rule", debrief.rule), ("change", debrief.change),
    ):  # fmt: skip
        for phrase in _phrases_of(text):
            yield phrase, f"debrief.{name} has the same words"


def _phrases_of(text: str) -> Iterator[str]:
    """Every stretch of up to five words that begins and ends with one of its three words with a meaning."""
    words = _WORD.findall(text.lower())
    heavy = [word not in _SMALL and not word[0].isdigit() for word in words]
    for start in range(len(words)):
        for end in range(start + _PHRASE, min(start + _LONGEST, len(words)) + 1):
            if heavy[start] and heavy[end - 1] and sum(heavy[start:end]) == _PHRASE:
                yield " ".join(words[start:end])


# --- where ----------------------------------------------------------------------------------------


def _told(scenario: Scenario) -> Iterator[tuple[str, str]]:
    """Every text that a learner may read before the debrief, and what it is called."""
    yield "metadata.name", scenario.metadata.name.replace("-", " ")
    yield "metadata.title", scenario.metadata.title
    for key, value in scenario.metadata.labels.items():
        if key != "skill":  # what is trained comes from a closed list, and is chosen by
            yield f"metadata.labels.{key}", value
    texts = scenario.texts
    yield "texts.story", texts.story
    yield "texts.normal", texts.normal
    yield "texts.situation", texts.situation
    for message in texts.people:
        yield f"texts.people.{message.id}", message.text
    for question in texts.quiz:
        if question.when == "pre":
            yield f"texts.quiz.{question.id}", question.ask


def _hits(where: str, text: str, words: dict[str, str], phrases: dict[str, str]) -> Iterator[Hit]:
    plain = " ".join(text.lower().split())
    for word, why in words.items():
        if _found(word, plain):
            yield Hit(where, word, why)
    for phrase in _phrases_of(text):
        if phrase in phrases:
            yield Hit(where, phrase, phrases[phrase])


def _found(word: str, text: str) -> bool:
    """Whether a text has a word, or one that begins with it."""
    return re.search(rf"(?<![a-z0-9]){re.escape(word)}", text) is not None
