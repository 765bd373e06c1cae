"""War stories: first person, at most ninety words, his own mistake in each, ending in a rule or a question.

They are invented and claim no company's incident. One is told in a run, at most, and only after the learner
has mitigated. A story is chosen by its tags, which are skills of the course and ids of misconceptions.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

WORDS_AT_MOST: Final = 90


@dataclass(frozen=True, slots=True)
class Story:
    """One story.

    Attributes:
        id: Its name.
        tags: Skills and misconceptions that it speaks to.
        text: The words.
    """

    id: str
    tags: tuple[str, ...]
    text: str


STORIES: Final = (
    Story(
        "the-wrong-suspect",
        ("rollback", "what-changed", "undo", "undo-the-other"),
        "One winter a shop I looked after began to fail at lunch. I had read about slow disks that morning, "
        "so I saw slow "
        "disks. I moved a database while the page was ringing; forty minutes. A colleague typed one line, "
        "rolled back a "
        "release of twelve minutes earlier, and it was over before I had the new disk mounted. I had never "
        "asked what "
        "changed. Since then it is my first question, even when I am sure I know. Especially then.",
    ),
    Story(
        "ten-more-pods",
        ("scale-out", "dilute"),
        "I once met a rising error rate with ten more servers. The graph dipped for a minute, and I wrote "
        "'fixed' in the "
        "channel. Then it climbed past where it had been: every new server ran the same broken build and "
        "opened the same "
        "connections to the same database. I had bought more of the problem. Capacity helps work that is "
        "too much. It does "
        "nothing for work that is wrong. Which of the two does your graph show?",
    ),
    Story(
        "the-sum-on-a-napkin",
        ("capacity", "overload", "how-many", "scale-web"),
        "One Friday rush I added servers by twos: two, look, two more, look. The queue ate each pair before "
        "the graph had moved. After half an hour a colleague asked how many requests came in and how long "
        "each took, and multiplied on a napkin: we needed nine. I had guessed at a number that I could have "
        "worked out, while people waited. Now I do the sum first, and add one for luck. What comes in, times "
        "how long it takes: what is yours?",
    ),
    Story(
        "the-restart-that-ate-the-evidence",
        ("balancing", "one-or-all", "restart", "delete-a-pod", "replace-all"),
        "For a year I restarted things. It worked so often that nobody asked why. One night it did not "
        "work, and the process "
        "that could have told me had been restarted six times: no logs, no heap, no idea. We lost the "
        "night, and the cause "
        "stayed for another month. A restart is a fair way to stop harm to users. Before it, I now take "
        "thirty seconds to "
        "save what it will wipe out.",
    ),
    Story(
        "the-silent-hour",
        ("communication", "command", "late-word"),
        "My quickest recovery was my worst incident. Eleven minutes from page to fix, and I was proud of "
        "it. I had told "
        "nobody. Support had sent two hundred customers the wrong explanation, sales had called off a "
        "launch, and someone had "
        "started a second rollback beside mine. The outage took eleven minutes; the confusion took a week. "
        "Say what you know "
        "and when you will speak next, even if what you know is 'not much'.",
    ),
    Story(
        "resolved-at-lunch",
        ("slo", "alerting", "early-resolved"),
        "I closed an incident because the graph touched the floor, and went to eat. It was the floor "
        "between two waves: "
        "clients were waiting to retry. They came back together while I was in the queue for soup, and the "
        "status page said "
        "'resolved' over a burning shop. It took months until people believed that page again. One good "
        "minute is luck. How "
        "long must a graph hold before you would bet the page's word on it?",
    ),
)


def fitting(*wishes: frozenset[str]) -> tuple[Story, ...]:
    """Stories that share a tag with the first wish that any story fits; all of them if none does."""
    for tags in wishes:
        shared = tuple(story for story in STORIES if tags & set(story.tags))
        if shared:
            return shared
    return STORIES
