"""War stories: first person, at most ninety words, his own mistake in each, ending in a rule or a question.

They are invented and claim no company's incident. One is told in a run, at most, and only after the learner
has mitigated. A story is chosen by what happened in the run: what was tried in vain, what cured, and else by
its tags, which are skills of the course and ids of misconceptions. None is told that praises what was the
wrong guess here, or blames what cured.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Final, Literal

Remedy = Literal["rollback", "scale", "restart", "shed", "switch"]

WORDS_AT_MOST: Final = 90


@dataclass(frozen=True, slots=True)
class Story:
    """One story.

    Attributes:
        id: Its name.
        tags: Skills and misconceptions that it speaks to.
        text: The words.
        praises: What helps in it.
        blames: What fails in it.
        after: The cures after which it is worth telling.
    """

    id: str
    tags: tuple[str, ...]
    text: str
    praises: frozenset[Remedy] = frozenset()
    blames: frozenset[Remedy] = frozenset()
    after: frozenset[Remedy] = frozenset()


_ROLLBACK: Final[frozenset[Remedy]] = frozenset({"rollback"})
_SCALE: Final[frozenset[Remedy]] = frozenset({"scale"})
_RESTART: Final[frozenset[Remedy]] = frozenset({"restart"})
_SHED: Final[frozenset[Remedy]] = frozenset({"shed"})
_SWITCH: Final[frozenset[Remedy]] = frozenset({"switch"})

STORIES: Final = (
    Story(
        "the-wrong-suspect",
        ("rollback", "what-changed"),
        "One winter a shop I looked after began to fail at lunch. I had read about slow disks that "
        "morning, so I saw slow disks. I moved a database while the page was ringing; forty minutes. A "
        "colleague typed one line, rolled back a release of twelve minutes earlier, and it was over "
        "before I had the new disk mounted. I had never asked what changed. Since then it is my first "
        "question, even when I am sure I know. Especially then.",
        praises=_ROLLBACK,
        after=_ROLLBACK,
    ),
    Story(
        "ten-more-pods",
        ("scale-out", "dilute"),
        "I once met a rising error rate with ten more servers. The graph dipped for a minute, and I wrote "
        "'fixed' in the channel. Then it climbed past where it had been: every new server ran the same "
        "broken build and opened the same connections to the same database. I had bought more of the "
        "problem. Capacity helps work that is too much. It does nothing for work that is wrong. Which of "
        "the two does your graph show?",
        blames=_SCALE,
    ),
    Story(
        "the-sum-on-a-napkin",
        ("capacity", "overload", "how-many", "scale-web"),
        "One Friday rush I added servers by twos: two, look, two more, look. The queue ate each pair "
        "before the graph had moved. After half an hour a colleague asked how many requests came in and "
        "how long each took, and multiplied on a napkin: we needed nine. I had guessed at a number that I "
        "could have worked out, while people waited. Now I do the sum first, and add one for luck. What "
        "comes in, times how long it takes: what is yours?",
        praises=_SCALE,
        after=_SCALE,
    ),
    Story(
        "the-restart-that-ate-the-evidence",
        ("balancing", "one-or-all", "restart", "delete-a-pod", "replace-all"),
        "For a year I restarted things. It worked so often that nobody asked why. One night it did not "
        "work, and the process that could have told me had been restarted six times: no logs, no heap, no "
        "idea. We lost the night, and the cause stayed for another month. A restart is a fair way to stop "
        "harm to users. Before it, I now take thirty seconds to save what it will wipe out.",
        blames=_RESTART,
    ),
    Story(
        "the-silent-hour",
        ("communication", "command", "late-word"),
        "My quickest recovery was my worst incident. Eleven minutes from page to fix, and I was proud of "
        "it. I had told nobody. Support had sent two hundred customers the wrong explanation, sales had "
        "called off a launch, and someone had started a second rollback beside mine. The outage took "
        "eleven minutes; the confusion took a week. Say what you know and when you will speak next, even "
        "if what you know is 'not much'.",
        after=_ROLLBACK | _RESTART | _SWITCH,
    ),
    Story(
        "resolved-at-lunch",
        ("slo", "alerting", "early-resolved"),
        "I closed an incident because the graph touched the floor, and went to eat. It was the floor "
        "between two waves: clients were waiting to retry. They came back together while I was in the "
        "queue for soup, and the status page said 'resolved' over a burning shop. It took months until "
        "people believed that page again. One good minute is luck. How long must a graph hold before you "
        "would bet the page's word on it?",
        after=_ROLLBACK | _RESTART | _SCALE | _SHED | _SWITCH,
    ),
    Story(
        "the-average-of-two-things",
        ("canary", "dilution", "fleet-average"),
        "We watched the fleet's error rate while a canary had three per cent of the traffic. That version "
        "failed every second request, and our graph rose by one and a half points, as it did at every "
        "lunch. I promoted it myself, in front of a green screen, while its users had been on red for an "
        "hour. An average of two things that differ describes neither. I have compared the new with the "
        "old ever since, side by side and of equal size. What is your canary compared with?",
    ),
    Story(
        "one-unlucky-request",
        ("power", "too-few-samples", "inconclusive"),
        "A canary of mine had forty requests in its hour, and one of them failed. The gate said two and a "
        "half per cent, so I sent the release back, and its team lost a day looking for a bug that was "
        "not there. The third time they asked me to loosen the gate for good, and I did. It let the next "
        "real one through. A verdict from forty requests is a coin with a tie on. How many would you need "
        "to see what you fear?",
        blames=_ROLLBACK,
    ),
    Story(
        "the-leak-that-slept",
        ("bake-time", "slow-poison", "leak"),
        "Our canaries baked for twenty minutes, because that was how long I could sit still. A release "
        "leaked a connection every few thousand requests and passed with honours. It ran out at four in "
        "the morning, everywhere at once, and I restarted processes until breakfast, each time wiping out "
        "what could have told me why. Nothing fails sooner than its own clock runs. How long does the "
        "failure that you fear need, and is your bake longer than that?",
        blames=_RESTART,
    ),
    Story(
        "not-a-deploy",
        ("config-and-flags", "config-is-a-deploy", "roll-back-code"),
        "I rolled back code for half an hour, because the deploy log said that code was what we had "
        "changed. What had changed was a limit in a file that a colleague pushed to every region in one "
        "go, and files were not in that log. I had built the log. The code was innocent, three times "
        "over. Since then everything that can change how production behaves goes through one door, in "
        "rings, and is on one list. What is not on yours?",
        blames=_ROLLBACK,
        after=_SWITCH,
    ),
    Story(
        "no-way-back",
        ("data", "migration", "expand-contract", "undo-the-schema"),
        "I once rolled back by reflex. The new version had dropped a column the old one read, so slow "
        "became broken: every request, at once, in the time it takes to type two words. I had approved "
        "that migration on a Thursday and forgotten it by Monday. Going forward took the night. Now I "
        "read the migration before I trust the arrow that points back, and columns are dropped a release "
        "after nobody reads them. What can your rollback not undo?",
        blames=_ROLLBACK,
    ),
    Story(
        "cold-green",
        ("blue-green", "cold-cache", "warm-up"),
        "I flipped all traffic to a green stack that had passed every test. It had passed them with empty "
        "caches and nobody waiting. A second after the flip its database met ten times what it had ever "
        "seen, and I scaled green out, which gave the database more callers. Blue stood beside it, warm "
        "and idle, the whole time; it did not occur to me to flip back. A preview that carries no load "
        "has shown you nothing. Keep the old one warm until the new one has sweated.",
        praises=_ROLLBACK,
        blames=_SCALE,
    ),
    Story(
        "the-polite-retry",
        ("retries", "retry-storm", "amplification"),
        "I added retries to a client that kept failing, three of them, and was thanked for it. So had the "
        "team above, and the team above them. Some months later a database paused for half a minute, and "
        "when it came back it was asked twenty-seven times for everything. It stayed down for an hour "
        "after it was healthy. Each of us had been polite; together we were a flood. Retry in one place, "
        "with a budget, or you are part of the outage.",
        after=_SHED,
    ),
    Story(
        "waiting-for-the-graph",
        ("overload", "metastable", "stays-down"),
        "We found the cause and removed it within five minutes, and I told everybody to wait for the "
        "graph to fall. It did not. Everything was healthy and nothing got through: queues full of "
        "requests whose users had left long ago, each answered in earnest, late. I waited forty minutes "
        "for a loop to get tired. It ended when somebody turned away two users in three, and the third "
        "was served at once. If the cause is gone and it still burns, what keeps it going?",
        praises=_SHED,
        after=_SHED,
    ),
    Story(
        "flushed-at-noon",
        ("cache", "stampede", "flush"),
        "The prices in a cache were wrong, so I flushed it, at noon, because it is only a cache. It had "
        "been answering nineteen requests in twenty. The database met the other nineteen in the same "
        "second, and then met their retries. I flushed it again, to be sure. A cache that takes that much "
        "of the load is not an optimisation, it is capacity, and I had switched it off twice. Before you "
        "empty something, ask who answers instead.",
    ),
    Story(
        "the-gauge-that-lied",
        ("autoscaling", "wrong-gauge", "cpu"),
        "Our autoscaler watched the processors, since that was the gauge we had. One morning the network "
        "lost packets, everybody waited for answers, and waiting costs no processor at all. The fleet "
        "looked bored, so it was cut in half, while the queue of users grew round the block. I trusted "
        "the gauge and looked for the fault elsewhere, since we were obviously over capacity. Scale on "
        "what users wait for. What does your gauge read when everything stands still?",
    ),
    Story(
        "two-of-three",
        ("zones", "static-stability", "zone-out"),
        "We ran in three zones and I slept well. When one went dark, two had to carry what three had "
        "carried, at sixty-five per cent each. I had done that sum for the servers and not for their "
        "database pools, so the survivors fell over politely, one after the other. Then I failed back at "
        "the first green light, and lost it again. Spare that is bought during the outage is not spare. "
        "What is your busiest part with one zone less?",
        after=_SCALE,
    ),
    Story(
        "nine-o-clock-sharp",
        ("expiry", "certificate", "clock"),
        "It broke at nine, on the minute, and nothing had been deployed. I looked at yesterday's release "
        "for an hour, because I did not believe that nothing had changed. The clock had: a certificate I "
        "had renewed by hand a year earlier, with a note to myself in a calendar of a job I no longer "
        "had. Time is a change that nobody announces. When something fails on the hour, ask what was only "
        "ever valid until then.",
    ),
    Story(
        "the-alarm-that-was-right",
        ("observe", "nothing-is-wrong", "restraint"),
        "All the graphs of one region fell to zero, and I was proud of how quickly I acted: I drained it. "
        "Then it was really empty. Users there had been perfectly well; what had died was the thing that "
        "counted them. I had turned a blind dashboard into an outage, and had to explain both. No data is "
        "not bad data, and it is not good data. Before you act on silence, find one user and ask.",
    ),
)


#: Which remedy a line of the console tries, the first match; a line that is none of them has no story.
_REMEDIES: Final[tuple[tuple[str, Remedy], ...]] = (
    ("kubectl rollout undo *", "rollback"),
    ("kubectl set image *", "rollback"),
    ("kubectl argo rollouts undo *", "rollback"),
    ("kubectl argo rollouts abort *", "rollback"),
    ("git revert*", "rollback"),
    ("kubectl scale *", "scale"),
    ("kubectl rollout restart *", "restart"),
    ("kubectl argo rollouts restart *", "restart"),
    ("kubectl delete pod*", "restart"),
    ("flag set waiting-room *", "shed"),
    ("flag set *", "switch"),
)


def remedy(canonical: str) -> Remedy | None:
    """Which remedy a canonical line tries; None where it is none that a story tells of."""
    return next((name for glob, name in _REMEDIES if fnmatchcase(canonical, glob)), None)


def fitting(
    wrong: Sequence[str],
    cured: Sequence[str],
    *,
    tied: frozenset[str] = frozenset(),
    ids: frozenset[str] = frozenset(),
    manners: frozenset[str] = frozenset(),
    theme: frozenset[str] = frozenset(),
) -> tuple[Story, ...]:
    """The stories to choose from after a run, never empty.

    Args:
        wrong: Canonical lines that were wrong guesses.
        cured: Canonical lines that were right.
        tied: Ids of stories that the author chose.
        ids: The author's ids of the wrong guesses.
        manners: What went wrong in telling people, as tags.
        theme: Skills and misconceptions of the scenario.
    """
    vain, cures = _remedies(wrong), _remedies(cured)
    told = [story for story in STORIES if not (story.praises & vain or story.blames & cures)]
    wishes = (
        [story for story in told if story.id in tied],
        [story for story in told if ids & set(story.tags) or story.blames & vain],
        [story for story in told if manners & set(story.tags)],
        [story for story in told if story.after & cures or theme & set(story.tags)],
    )
    return tuple(next((wish for wish in wishes if wish), told))


def _remedies(lines: Sequence[str]) -> frozenset[Remedy]:
    return frozenset(found for line in lines if (found := remedy(line)) is not None)
