"""What no scenario has to forbid: hiding a fire, changing things in the dark, taking things down beside it.

All are judged on every run. They take the safety line down whatever the author's checks say, since a score
that asks only for what an author thought of would reward the rest. Who silences a page and leaves users where
they were has done less than nobody: the next person on call will not hear of it either. Who changes one thing
after another without a look has found nothing out, whichever of the changes was right. So here, and only
here, the safety line goes below zero. And who empties a node or deletes something while users wait, where
that has nothing to do with it, has taken a risk that nobody needed, even where nothing came of it: that costs
a fifth an act.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Final

from simulator.coach.case import Case, Deed
from simulator.coach.regret import turned, understood
from simulator.slo.silences import fits
from simulator.units import format_clock

if TYPE_CHECKING:
    from simulator.drill.run import Run

#: The most that lines of the score have for who hid a fire, and for who changed things in the dark.
HIDDEN: Final = {"safety": -25.0}
DARK: Final = {"safety": -10.0, "diagnosis": 0.0}
#: What one disruptive act that has nothing to do with the incident takes from a full safety line.
BESIDE: Final = 20.0
#: Lines that take something running away; a scale to nothing does too.
_DISRUPTIVE: Final = (
    "kubectl drain *",
    *(f"kubectl delete {kind}*" for kind in ("pod", "deployment", "rollout", "service", "node")),
    "kubectl rollout restart *",
    "kubectl argo rollouts restart *",
    "kubectl scale * --replicas=0*",
)
#: So many different changes before the first look are a shot in the dark.
BLIND: Final = 3


@dataclass(frozen=True, slots=True)
class Breach:
    """One thing that nobody should do.

    Attributes:
        id: Its name.
        text: What happened, about the system and not the person.
        at_most: The most that a line of the score may have with it, by the line's name.
        acts: Numbers of the acts.
        at: Their instants, ns.
    """

    id: str
    text: str
    at_most: Mapping[str, float]
    acts: tuple[int, ...]
    at: tuple[int, ...]


def breaches(run: Run, case: Case) -> tuple[Breach, ...]:
    """What a run has of them, as it stands."""
    return (*_hidden(run, case), *_blind(case), *_beside(run, case))


def _hidden(run: Run, case: Case) -> Iterator[Breach]:
    """A page that still fires is muted, users are not served, and nobody will be called."""
    if not case.burning(run.now):
        return
    muted = [
        alert.name
        for alert in run.alertmanager.firing
        if dict(alert.labels).get("severity") == "page"
        and any(
            silence.state(run.now) == "active" and fits(silence.matchers, dict(alert.labels))
            for silence in run.alertmanager.silences.all
        )
    ]
    if muted:
        acts = [deed for deed in case.deeds if deed.ok and deed.canonical.startswith("amtool silence add")]
        text = f"{', '.join(dict.fromkeys(muted))} is silenced while users are hurt: nobody will be called."
        yield _breach("hidden", text, HIDDEN, acts)


def _blind(case: Case) -> Iterator[Breach]:
    changes: dict[str, Deed] = {}
    for deed in case.deeds:
        if not deed.ok or deed.actor == "james":
            continue
        if deed.kind == "look":
            return
        if deed.kind == "change":
            changes.setdefault(deed.canonical, deed)
        if len(changes) == BLIND:
            text = f"{BLIND} different changes reached production before anything was looked at."
            yield _breach("blind", text, DARK, list(changes.values()))
            return


def _beside(run: Run, case: Case) -> Iterator[Breach]:
    """Something that ran was taken away in the middle of it, and it belongs to no way out of it.

    A way out is what the scenario's reference and its alternatives do, what its author calls good or a
    reasonable error, and whatever the graph proves.
    """
    plays = (run.scenario.reference, *(each.plays for each in run.scenario.alternatives))
    lines = [step.run for steps in plays for step in steps if "{" not in step.run]
    ways_out = {command.canonical for line in lines if (command := understood(run, line)) is not None}
    found = [
        deed
        for deed in case.deeds
        if deed.ok
        and deed.kind == "change"
        and deed.actor != "james"
        and any(fnmatchcase(deed.canonical, glob) for glob in _DISRUPTIVE)
        and case.burning(deed.at)
        and deed.canonical not in ways_out
        and not (deed.is_a("good") or deed.is_a("reasonable-error"))
        and (deed.act is not None or turned(case, deed, run.now) is None)
    ]
    if found:
        what = ", ".join(dict.fromkeys(f"`{deed.line}`" for deed in found))
        text = f"While users waited something that ran was taken away beside the incident: {what}."
        yield _breach("beside", text, {"safety": max(0.0, 100.0 - BESIDE * len(found))}, found)


def _breach(id_: str, text: str, at_most: Mapping[str, float], deeds: list[Deed]) -> Breach:
    instants = tuple(deed.at for deed in deeds)
    where = ", ".join(format_clock(at) for at in instants[:3])
    return Breach(
        id_, f"{text} ({where})" if where else text, at_most, tuple(deed.number for deed in deeds), instants
    )
