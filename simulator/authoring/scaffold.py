"""``gameday new``: a folder that loads, plays and gives nothing away, with a question for every decision.

The scenario that it writes is the plainest there is: a release of the service whose objective comes first
fails one request in four, and taking it back cures it. When the page rings is measured, so that the
reference comes after it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from simulator.drill import play
from simulator.errors import GamedayError
from simulator.scenario import Scenario, load, search_path
from simulator.scenario.folders import FILE, TEXTS, find_system, system_names
from simulator.scenario.problems import nearest
from simulator.scenario.schema import schema_text
from simulator.scenario.workloads import Workload
from simulator.units import MINUTE, SECOND, format_clock, format_duration, from_seconds

_NAME: Final = re.compile(r"[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?")
_TAG: Final = re.compile(r"(.*:v)([0-9]+)")
_TRIGGER: Final = 4 * MINUTE
#: Where the first page is not known yet.
_UNPAGED: Final = 8 * MINUTE


@dataclass(frozen=True, slots=True)
class _Target:
    """What the release changes."""

    kind: str
    name: str
    image: str
    route: str
    tool: str


def scaffold(name: str, system: str, folder: Path) -> Path:
    """Write a scenario's folder, and the schemas beside it where an editor would look for them.

    Args:
        name: Of the scenario, and of its folder.
        system: Of the shared system that it includes.
        folder: In which the scenario's folder is made.

    Returns:
        The scenario's file.

    Raises:
        GamedayError: The name is none, is taken, or there is no such system.
    """
    if not _NAME.fullmatch(name):
        raise GamedayError(
            "new", expected="a name of small letters, digits and hyphens", got=repr(name),
            todo="Choose one that gives nothing away, such as monday-morning.",
        )  # fmt: skip
    if find_system(system, folder) is None:
        known = system_names(folder)
        close = nearest(system, known)
        todo = f"Did you mean {close!r}?" if close else f"There are {', '.join(known)}."
        raise GamedayError("new --from", expected="the name of a system", got=repr(system), todo=todo)
    target = folder / name
    if target.exists():
        raise GamedayError(
            f"new {name}",
            expected="a folder that is not there yet",
            got=str(target),
            todo="Choose another name.",
        )
    target.mkdir(parents=True)
    for kind in ("scenario", "texts"):
        schema = folder / f"{kind}.schema.json"
        if not schema.exists():
            schema.write_text(schema_text(kind), encoding="utf-8")
    path, title = target / FILE, name.replace("-", " ").capitalize()
    (target / TEXTS).write_text(_TEXTS, encoding="utf-8")
    path.write_text(_HEAD.format(name=name, title=title, system=system), encoding="utf-8")
    released = _released(load(target))
    page = _UNPAGED
    path.write_text(_whole(name, title, system, released, page), encoding="utf-8")
    rang = play(load(target), player="nothing").paged_at
    if rang is not None:
        page = (from_seconds(rang) // (15 * SECOND) + 1) * 15 * SECOND
        path.write_text(_whole(name, title, system, released, page), encoding="utf-8")
    load(target)
    return path


def default_folder() -> Path:
    """Where a new scenario is put unless somebody says otherwise: the first folder that is searched."""
    return search_path()[0]


def _released(scenario: Scenario) -> _Target:
    """The workload behind the service of the first objective, with the route that it is about."""
    spec = scenario.spec
    slo = spec.slos[0]
    workload = spec.backend(slo.spec.service) or spec.workloads[0]
    called = {route.name for route in workload.model.routes}
    route = next((name for name in slo.routes if name in called), workload.model.routes[0].name)
    kind = workload.kind.lower()
    tool = "kubectl argo rollouts" if kind == "rollout" else "kubectl rollout"
    return _Target(kind, workload.name, _next_image(workload), route, tool)


def _next_image(workload: Workload) -> str:
    found = _TAG.fullmatch(workload.image)
    return f"{found[1]}{int(found[2]) + 1}" if found else f"{workload.image.partition(':')[0]}:next"


def _whole(name: str, title: str, system: str, target: _Target, page: int) -> str:
    def at(after: int) -> str:
        return format_duration(page + after)

    own = f"deployment/{target.name}" if target.kind == "deployment" else target.name
    undo = f"{target.tool} undo {own}"
    look = f"{target.tool} {'history' if target.kind == 'deployment' else 'get rollout'} {own}"
    clock = format_clock(page).removeprefix("T+")
    return _HEAD.format(name=name, title=title, system=system) + _SEALED.format(
        trigger=format_duration(_TRIGGER), kind=target.kind, workload=target.name, image=target.image,
        route=target.route, undo=undo, look=look, clock=clock, ack=at(0), pods=at(5 * SECOND),
        asked=at(10 * SECOND), undone=at(20 * SECOND), told=at(40 * SECOND), closed=at(12 * MINUTE),
    )  # fmt: skip


_HEAD: Final = """\
# yaml-language-server: $schema=../scenario.schema.json
# scenarios/README.md has every field. Run `gameday preview {name} --watch` beside your editor.
apiVersion: gameday/v1
kind: Scenario
metadata:
  name: {name}                # the folder's name; does it give nothing away?
  title: {title}
  labels: {{skill: rollback, level: "1", minutes: "30"}}
spec:
  system: {system}            # what is declared there can be laid over here
  seed: 1
  duration: 30m
"""

_SEALED: Final = """
# Everything below is sealed from the learner.

# Which one wrong belief does this correct? Write it as a learner would say it.
belief: A release that rolled out without a complaint is fine.

# What happens, whatever anybody does? A version's fault hangs on its image: a rollback takes back just that.
timeline:
  - at: {trigger}
    setImage: {{{kind}: {workload}, image: "{image}", cause: "{workload}: weekly release", author: Ines Brandt, commit: "3c5f0a1"}}
    model: {{routes: [{{name: {route}, errorRate: 0.25}}]}}

# Which lines end it? The page rings at {clock} for who does nothing; nobody acts on what they can't have seen.
reference:
  - {{at: {ack}, run: page ack}}
  - {{at: {pods}, run: kubectl get pods}}
  - {{at: {asked}, run: {look}}}
  - {{at: {undone}, run: {undo}}}
  - {{at: {told}, run: 'statuspage identified "Some requests fail. We are taking a change back."'}}
  - {{at: {closed}, run: 'statuspage resolved "All is well again."'}}

# What does a good engineer try first, and why does it fail? One such path at least, better two.
wrongPaths:
  - name: restart
    title: Restart the service that fails
    ceiling: 20
    plays: [{{at: {ack}, run: page ack}}, {{at: {undone}, run: kubectl delete pod -l app={workload}}}]

# What does James say of an act? The first entry that fits the line decides.
coach:
  acts:
    - {{match: "{undo}*", class: good, id: take-it-back, signal: "errors:{workload}",
       why: "A release minutes before the page is the cheapest thing to take back."}}
    - {{match: "kubectl delete *", class: reasonable-error, id: restart, signal: "errors:{workload}",
       why: "Its replacement runs the same image."}}
  ladder:                     # four rungs for who is lost, and four for each misconception
    what-changed:
      orient: "Which service makes the errors, and since which minute?"
      principle: "What worked ten minutes ago and does not now was most often changed by somebody."
      narrow: "What changed in that minute, and stands where the errors are?"
      worked: {{say: "I ask the service for its releases.", run: {look}}}
    restart:
      orient: "Pods went and others came. Did the share of errors change?"
      principle: "A restart cures state that went bad. It can't cure code."
      narrow: "Which image do the new pods run?"
      worked: {{say: "The same image. I ask when it came.", run: {look}}}

# What is success, what must never happen, what is good craft? Each check says its words.
checks:
  - {{id: held, family: outcome, weight: 2, skill: observe, gate: true, heldFor: 5m,
     explainPass: "Users were served again, and it lasted.", explainFail: "At the end users had not been served for five quiet minutes."}}
  - {{id: nothing-destroyed, family: safety, weight: 1, skill: command, gate: true,
     never: ["kubectl delete deployment*", "kubectl delete service*", "kubectl scale * --replicas=0*"],
     explainPass: "Nothing was taken away that users need.", explainFail: "Something was taken away that users need."}}
  - {{id: acked, family: process, weight: 1, skill: alerting, ackedWithin: 3m,
     explainPass: "The page was taken within three minutes.", explainFail: "The page was not taken within three minutes."}}
  - {{id: told, family: process, weight: 1, skill: communication, toldWithin: 10m,
     explainPass: "Users read that you knew.", explainFail: "Ten minutes after the page nobody had been told."}}
  - {{id: asked-what-changed, family: diagnosis, weight: 1, skill: rollback, looked: ["{look}*"], before: 10m,
     explainPass: "You asked what had changed.", explainFail: "What had changed was never asked of the service that failed."}}
"""  # noqa: E501

_TEXTS: Final = """\
# yaml-language-server: $schema=../texts.schema.json

# Who is the learner, and what does the company do?
story: >
  You are on call this week. A team of ten keeps the services; each team releases when it likes.
# Which numbers does a good operator know by heart? Read them off a quiet run: `gameday preview` shows one.
normal: >
  Nearly every request is answered, and fast enough that nobody thinks about it.
# The situation in some eighty words: the day, what was promised to users, what is left of it. Where James is, the kit says.
situation: >
  It is mid-morning. You took over the pager at nine; the night was quiet, and nobody left you a note. Users were promised that their
  requests are answered, and when that promise burns fast enough to matter you are paged. You have kubectl on the production cluster, the
  graphs, the status page and a channel where colleagues read along. What you do not know yet is what today
  will be about.
people:
  - {id: care-asks, author: "Noor, customer care", unlessToldFor: 5m, text: "Customers ask me, and I have had no word for five minutes. What may I tell them?"}
# Shown when it is over: what happened, a rule to take away, a change to the system.
debrief:
  whatHappened: A new version of one service answered one request in four with an error, on every pod.
  rule: When errors begin within minutes of a change to the part that fails, take the change back first and read it afterwards.
  change: Let a few pods take a new version first, and let their own errors decide whether the rest follows.
# Two questions of one shape, before and after.
quiz:
  - id: before
    when: pre
    ask: "Search fails for one user in five since 14:20. Which is the first suspect?"
    options:
      - {text: "A release of search at 14:18", correct: true, why: "It stands where the trouble is, and is as old."}
      - {text: "A release of billing at 14:19", why: "The minute fits; the place does not."}
  - id: after
    when: post
    ask: "Login fails for one user in ten since 08:02. Which is the first suspect?"
    options:
      - {text: "Yesterday's release of login", why: "It ran all night without an error."}
      - {text: "A release of login at 08:00", correct: true, why: "Place and minute both fit."}
# For whoever runs this for others: `gameday facilitate` prints it as a page.
facilitator:
  goal: A learner takes a change back before reading it, and can say on what evidence.
  timing:
    - {at: "0", what: Read the situation aloud. Let them look around.}
    - {at: the page, what: Say nothing for two minutes.}
  injects:
    - {when: it is over early, line: 'message Noor "What happened?"', why: They tell it in a sentence.}
  questions: ["What did you believe when the page rang, and on what evidence?"]
"""  # noqa: E501
