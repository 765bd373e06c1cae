"""The words of the field in James's: what each means, and what it is good for, in two or three sentences."""

from __future__ import annotations

import re
from typing import Final

#: Term (with the spellings that mean it) to James's words.
GLOSSARY: Final[dict[tuple[str, ...], str]] = {
    ("sli", "service level indicator", "indicator"): (
        "An SLI is a measurement of what users get: good requests out of all, usually. If users can be "
        "unhappy while it looks fine, it is the wrong one."
    ),
    ("slo", "service level objective", "objective", "target"): (
        "An SLO is how good the indicator has to be, and over how long: 99.9 % of orders in 30 days. It is "
        "set where users begin to mind, not where the engineers would be proud."
    ),
    ("error budget", "budget"): (
        "The error budget is what the objective leaves: at 99.9 %, one request in a thousand. It is there "
        "to be spent, on releases and on bad luck. Empty means that reliability comes before anything new."
    ),
    ("burn rate", "burn"): (
        "The burn rate is how fast the budget goes: 1 empties it exactly at the end of the window, 14.4 in "
        "two days of thirty. It turns 'how bad is it' into 'how long have we got'."
    ),
    ("multiwindow", "burn-rate alert", "burn rate alert"): (
        "A burn-rate alert asks two windows: the long one says that it matters, the short one that it is "
        "still going on. One alone either rings late or does not stop."
    ),
    ("canary",): (
        "A canary gives the new version a small share of the traffic and compares it with the old one of "
        "equal size. Compare the two, never the fleet: an average hides a bad three per cent."
    ),
    ("blue-green", "blue green", "bluegreen"): (
        "Blue-green keeps two whole stacks and flips between them. The flip is quick both ways, as long as "
        "the old one stays warm and the data fits both."
    ),
    ("rollback", "roll back", "undo"): (
        "A rollback takes the last change back: `kubectl rollout undo deployment/NAME`. It takes back the "
        "image and nothing else: no config, no flag, no schema. Know which of them changed before you trust "
        "it."
    ),
    ("rolling update", "rollout"): (
        "A rolling update replaces pods a few at a time and asks each whether it is ready. It never asks "
        "whether its answers are right, so a bad version goes to the end politely."
    ),
    ("readiness", "readiness probe"): (
        "The readiness probe decides whether a pod gets requests. A pod that answers its probe and fails "
        "its users stays in."
    ),
    ("liveness", "liveness probe"): (
        "The liveness probe restarts a container that does not answer. On a saturated pod it makes things "
        "worse: the restart takes away capacity just when it is short."
    ),
    ("retry", "retries", "retry storm"): (
        "A retry asks again. Three layers that try three times ask twenty-seven times for one request, at "
        "the worst moment. Retry in one layer, with backoff, jitter and a budget."
    ),
    ("backoff", "jitter"): (
        "Backoff waits longer after each failure, jitter makes the waits differ. Without jitter everybody "
        "comes back in the same second."
    ),
    ("circuit breaker", "breaker"): (
        "A circuit breaker stops asking a dependency that keeps failing, and lets a few requests try again "
        "later. It frees the workers that would only have waited."
    ),
    ("load shedding", "shedding", "shed"): (
        "Shedding turns some requests away at once so that the rest are served in time. Serving everybody "
        "late serves nobody."
    ),
    ("saturation", "utilisation", "utilization"): (
        "Saturation is how much of the scarce thing is taken: workers, connections, cores. Waiting grows "
        "slowly up to some 80 % and then all at once."
    ),
    ("little's law", "littles law"): (
        "What is inside equals what comes in times how long it stays: 20 requests a second that take 0.4 s "
        "keep 8 workers busy. It needs no assumptions, so do it on a napkin."
    ),
    ("queue", "queueing"): (
        "A queue hides overload from the server and shows it to the user. Bound it: a request that has "
        "waited longer than its user is work for nobody."
    ),
    ("p99", "percentile", "tail latency", "tail"): (
        "p99 is the time that one request in a hundred exceeds. Whoever needs ten answers meets that one in "
        "ten times. The average tells you what nobody saw."
    ),
    ("metastable", "metastable failure"): (
        "A metastable failure goes on when its trigger is gone, because something keeps it going: retries, "
        "cold caches, work that nobody waits for. Drop load until it lets go, then come back slowly."
    ),
    ("cache stampede", "stampede", "thundering herd"): (
        "When a cache is emptied, everybody asks the store at once. A cache that takes most of the load is "
        "capacity: treat losing it as losing servers."
    ),
    ("autoscaler", "hpa", "autoscaling"): (
        "An autoscaler adds pods when a gauge rises. It is as good as that gauge: waiting costs no CPU. "
        "Scale on what users wait for."
    ),
    ("connection pool", "pool"): (
        "A pool bounds how many may ask a store at once. Pods times pool size is what the store meets: more "
        "pods can be what breaks it."
    ),
    ("feature flag", "flag"): (
        "A flag changes behaviour without a release. It has its own history, and a rollback of the image "
        "does not touch it."
    ),
    ("migration", "expand and contract", "expand-contract"): (
        "Expand, then move, then contract: add the new column, let both versions live, drop the old one a "
        "release after nobody reads it. Only then can you roll back at every step."
    ),
    ("postmortem", "blameless"): (
        "A postmortem asks what made each act look right at that moment, and ends in changes to the system "
        "with an owner and a date. Who did it is the least interesting question."
    ),
    ("incident commander", "commander", "ic"): (
        "The commander decides and delegates and touches no keyboard. Somebody has to hold the whole "
        "picture, and whoever types does not."
    ),
    ("mttr", "time to restore", "time to mitigate"): (
        "The time from harm to users served again. You shorten it with practice, small releases and a "
        "rollback that works; rarely with cleverness."
    ),
    ("toil",): (
        "Toil is work by hand that grows with the service and teaches nothing. The second time by hand is "
        "the last."
    ),
    ("severity", "sev"): (
        "Severity says how many users are hurt and how badly, so that people know how fast to come. Set it "
        "early and change it when you know more."
    ),
}


def meanings(text: str) -> list[tuple[str, str]]:
    """(term, words) of the terms that stand in a text, the longest spelling first, each entry once."""
    lower = text.lower().replace("’", "'")
    spelled = sorted(
        ((spelling, names) for names in GLOSSARY for spelling in names), key=lambda each: -len(each[0])
    )
    found: dict[tuple[str, ...], str] = {}
    for spelling, names in spelled:
        pattern = rf"(?<![\w-]){re.escape(spelling)}s?(?![\w-])"
        if names not in found and re.search(pattern, lower):
            found[names] = spelling
            lower = re.sub(pattern, " ", lower)  # a part of a longer term is not a term of its own
    return [(names[0], GLOSSARY[names]) for names in found]
