"""When the next word was promised: "Next update at 10:20", "in 10 minutes", read out of what was written.

Only a time that stands in a sentence about news counts: "orders fail since 10:04" promises nothing, nor does
"try again in ten minutes". A clock time is the scenario's own, and always the next one: what lies more than
two hours ahead was not meant as a promise.
"""

from __future__ import annotations

import re
from typing import Final

from simulator.units import HOUR, MINUTE, SECOND

#: Farther ahead than this, a time is a slip of the pen.
_FARTHEST: Final = 2 * HOUR
_DAY: Final = 24 * HOUR
_SENTENCE: Final = re.compile(r"[.!?;](?:\s+|$)|\n")
#: Words that make a sentence one about news.
_NEWS: Final = re.compile(
    r"\b(?:next|another|new)\s+(?:update|word|news|post|message|report)\b|\bupdates?\b"
    r"|\b(?:more|news|hear|write|speak|report|back)\b(?=[^.!?;]*\b(?:at|by|in|within)\b)",
    re.IGNORECASE,
)
_DRILL_CLOCK: Final = re.compile(r"\bT\+(?:(\d+):)?(\d{1,3}):(\d{2})\b", re.IGNORECASE)
_CLOCK: Final = re.compile(r"(?<![\d:+.])(\d{1,2})[:.h](\d{2})(?![\d:%]|\.\d)")
_WORDS: Final = {"a": 1, "one": 1, "two": 2, "five": 5, "ten": 10, "fifteen": 15, "twenty": 20, "thirty": 30}
_IN: Final = re.compile(
    rf"\b(?:in|within)\s+(?:about\s+|another\s+)?(\d{{1,3}}|{'|'.join(_WORDS)})\s*(?:m|min|mins|minutes?)\b",
    re.IGNORECASE,
)
_HALF_HOUR: Final = re.compile(r"\b(?:in|within)\s+half\s+an\s+hour\b", re.IGNORECASE)


def promised(text: str, at: int, start_of_day: int) -> int | None:
    """The instant for which a text promises the next word, ns; None where it promises none.

    Args:
        text: A status post or a message.
        at: When it was written, ns.
        start_of_day: What a clock on the wall showed at T+00:00, ns since midnight.
    """
    found = [
        moment
        for sentence in _SENTENCE.split(text)
        if _NEWS.search(sentence)
        for moment in _times(sentence, at, start_of_day)
        if at < moment <= at + _FARTHEST
    ]
    return max(found, default=None)


def _times(sentence: str, at: int, start_of_day: int) -> list[int]:
    """All instants that a sentence names, ns."""
    found = [
        int(hours or 0) * HOUR + int(minutes) * MINUTE + int(seconds) * SECOND
        for hours, minutes, seconds in _DRILL_CLOCK.findall(sentence)
    ]
    for hours, minutes in _CLOCK.findall(sentence):
        if int(hours) < 24 and int(minutes) < 60:
            of_day = int(hours) * HOUR + int(minutes) * MINUTE
            found.append(at + (of_day - start_of_day - at) % _DAY)
    found += [at + (_WORDS.get(word.lower()) or int(word)) * MINUTE for word in _IN.findall(sentence)]
    if _HALF_HOUR.search(sentence):
        found.append(at + 30 * MINUTE)
    return found
