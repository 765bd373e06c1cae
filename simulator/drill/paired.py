"""Acts that belong together: what one line sets, and a later one takes back.

A flag that is switched on and off again, a node that is cordoned and uncordoned, pods that are scaled and
scaled back, a Deployment that is paused and resumed. Such a stretch is one decision with two ends: who asks
for an earlier start does not mean a longer stretch, and who leaves the start out has nothing to take back.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from simulator.drill.acts import Answer
    from simulator.drill.run import Run

#: Settings with a value: on what, and which.
_VALUES: Final = (
    re.compile(r"(?P<place>flag set \S+) (?P<value>on|off|[0-9.]+%)"),
    re.compile(r"kubectl (?P<place>scale \S+) --replicas=(?P<value>\d+)"),
)
#: Verbs that set something, and those that take it back.
_VERBS: Final = {
    "kubectl cordon": ("cordon", "set"),
    "kubectl drain": ("cordon", "set"),
    "kubectl uncordon": ("cordon", ""),
    "kubectl rollout pause": ("pause", "set"),
    "kubectl rollout resume": ("pause", ""),
}


def stretch(run: Run, number: int) -> tuple[int, ...]:
    """The later acts that belong to an act: up to the one that takes back what it set; none if nothing does.

    Args:
        run: Played so far.
        number: The act's.
    """
    found = _read(run.transcript[number - 1])
    if found is None:
        return ()
    place, value = found
    was = _before(run, number, place)
    if value == was:
        return ()
    between: list[int] = []
    for later in run.transcript[number:]:
        other = _read(later)
        if other is not None and other[0] == place:
            between.append(later.number)
            if other[1] == was:
                return tuple(between)
    return ()


def _read(answer: Answer) -> tuple[str, str] | None:
    """(what a line sets, to which value); None where it sets nothing of the kind."""
    if not answer.ok or answer.kind != "change":
        return None
    for pattern in _VALUES:
        match = pattern.match(answer.canonical)
        if match is not None:
            value = match["value"]
            return match["place"], {"100%": "on", "0%": "off"}.get(value, value)
    for start, (place, value) in _VERBS.items():
        if answer.canonical.startswith(f"{start} "):
            return f"{place} {answer.canonical.removeprefix(start).split()[0]}", value
    return None


def _before(run: Run, number: int, place: str) -> str:
    """What stood there before an act: the last line that set it, else what the scenario began with."""
    for each in reversed(run.transcript[: number - 1]):
        found = _read(each)
        if found is not None and found[0] == place:
            return found[1]
    verb, _, name = place.rpartition(" ")
    if verb == "scale":
        kind, _, own = name.partition("/")
        sizes = {(each.kind.lower(), each.name): each.spec.replicas for each in run.scenario.spec.workloads}
        return str(sizes.get((kind, own), ""))
    if verb == "flag set":
        shares = {each.name: each.percentage for each in run.scenario.spec.flags}
        return {0.0: "off", 100.0: "on"}.get(shares.get(name, 0.0), f"{shares.get(name, 0.0):g}%")
    return ""
