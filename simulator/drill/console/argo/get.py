"""``kubectl argo rollouts get``, ``list`` and ``status``: what looks, and what waits."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from simulator.drill.console.argo.family import (
    behind,
    one_name,
    rollout_of,
    rollouts_after,
    typed_after,
    typed_names,
)
from simulator.drill.console.argo.tree import picture, status_of, step_of
from simulator.drill.console.grammar import Flag, RefusedError
from simulator.drill.console.kubectl.family import ALL_NAMESPACES, KUBECTL, NAMESPACE, namespace_of
from simulator.drill.console.registry import Command
from simulator.drill.console.tables import tabulate
from simulator.units import MINUTE, SECOND, format_clock
from simulator.world.kinds import ROLLOUTS
from simulator.world.rollouts import Rollout

if TYPE_CHECKING:
    from simulator.drill.run import Run

#: How long ``-w`` looks when nothing calls the learner away.
_WATCH: Final = 30 * SECOND
#: The longest that ``status`` looks where no ``--timeout`` is given; the real one waits for ever.
_PATIENCE: Final = 15 * MINUTE
#: The age of an object of the tree.
_AGE: Final = re.compile(r"\b(\d+[dhms]){1,2}\b")
_NO_COLOR: Final = Flag("no-color", "Leave out colours; there are none here.", takes="bool")


@KUBECTL.verb(
    "argo rollouts get",
    usage="rollout NAME [-w]",
    about="A Rollout, its step and weight, and the tree of what it owns.",
    kind="look",
    cost="get",
    flags=(
        NAMESPACE,
        _NO_COLOR,
        Flag("watch", "Go on looking; ends at a page or after 30 s.", short="w", takes="bool"),
        Flag("timeout-seconds", "With -w: look for so long.", takes="int", default="0"),
    ),
    normalise=typed_names("get rollout ROLLOUT_NAME", most=1),
    candidates=typed_after,
)
def get(run: Run, command: Command) -> str:
    """The picture; in a watch one for each change, as the real one draws it anew."""
    name = command.targets[1]
    shown = [picture(rollout_of(run, command, name), run.cluster, run.now)]
    if not command.arguments.truth("watch"):
        return shown[0]
    state = [_state(shown[0])]

    def changed() -> bool:
        now = picture(rollout_of(run, command, name), run.cluster, run.now)
        if _state(now) != state[-1]:
            state.append(_state(now))
            shown.append(now)
        return False

    seconds = command.arguments.number("timeout-seconds")
    end = run.block(run.now + (seconds * SECOND if seconds > 0 else _WATCH), changed)
    reason = f"^C  ({end.reason} It is {format_clock(run.now)}.)" if end.reason else ""
    return "\n".join(shown) + reason


def _state(text: str) -> str:
    """A picture without ages, which change by themselves and move the columns."""
    return " ".join(_AGE.sub("", text).split())


@KUBECTL.verb(
    "argo rollouts list",
    usage="rollouts",
    about="Every Rollout with its step, weight and pods.",
    kind="look",
    cost="get",
    flags=(NAMESPACE, ALL_NAMESPACES),
    normalise=typed_names("list rollouts", most=0, least=0),
    candidates=lambda _run, before: [] if behind(before) else ["rollouts"],
)
def list_(run: Run, command: Command) -> str:
    """One line each."""
    namespace = namespace_of(run, command.arguments)
    found = [item for item in run.cluster.select(ROLLOUTS, namespace) if isinstance(item, Rollout)]
    if not found:
        return "No resources found."
    head = (
        f"{'NAME':<10}\t{'STRATEGY':<9}\t{'STATUS':<12}\t{'STEP':<4}\t{'SET-WEIGHT':<10}\t{'READY':<5}\t"
        f"{'DESIRED':<7}\t{'UP-TO-DATE':<10}\t{'AVAILABLE':<9}"
    )
    spaced = namespace == "*"
    rows = [f"{'NAMESPACE':<9}\t{head}" if spaced else head]
    rows += [f"{each.meta.namespace:<9}\t{_row(each)}" if spaced else _row(each) for each in found]
    return tabulate("\n".join(rows)) + "\n"


def _row(rollout: Rollout) -> str:
    phase, _ = status_of(rollout)
    status, canary = rollout.status, rollout.canary is not None
    weight = str(rollout.set_weight) if canary else "-"
    ready = f"{status.ready_replicas}/{rollout.spec.replicas}"
    return (
        f"{rollout.meta.name:<10}\t{'Canary' if canary else 'BlueGreen':<9}\t{phase:<12}\t"
        f"{step_of(rollout) or '-':<4}\t{weight:<10}\t{ready:<5}\t{rollout.spec.replicas:<7d}\t"
        f"{status.updated_replicas:<10d}\t{status.available_replicas:<9d}"
    )


@KUBECTL.verb(
    "argo rollouts status",
    usage="NAME [--timeout=300s] [--watch=false]",
    about="Wait until a rollout is healthy or degraded; ends early at a page.",
    kind="wait",
    cost="",
    flags=(
        NAMESPACE,
        Flag("watch", "Wait until it is done.", short="w", takes="bool", default="true"),
        Flag("timeout", "Give up after this; 0s never.", short="t", takes="duration", default="0s"),
    ),
    normalise=one_name("status ROLLOUT_NAME"),
    candidates=rollouts_after,
)
def status(run: Run, command: Command) -> str:
    """Print each change of the phase, until it is one that lasts."""
    name, arguments = command.targets[0], command.arguments
    rollout_of(run, command, name)
    timeout = arguments.duration("timeout")
    printed: list[str] = []

    def done() -> bool:
        phase, message = status_of(rollout_of(run, command, name))
        text = f"{phase} - {message}" if message else phase
        if not printed or printed[-1] != text:
            printed.append(text)
        return phase in ("Healthy", "Degraded")

    if not done() and arguments.truth("watch"):
        end = run.block(run.now + (timeout or _PATIENCE), done)
        if end.reason or (not end.done and (not timeout or run.ended)):
            about = f"{end.reason} It is" if end.reason else "It is"
            return "\n".join([*printed, f"^C  ({about} {format_clock(run.now)}.)"])
        if not end.done:
            raise RefusedError(
                "\n".join([*printed, "Error: Rollout status watch exceeded timeout"]),
                where=command.line,
                expected=f"a rollout that is done within --timeout={arguments.text('timeout')}",
                got=printed[-1],
                todo=f"Look closer: kubectl argo rollouts get rollout {name}.",
            )
    phase, message = status_of(rollout_of(run, command, name))
    if phase != "Degraded":
        return "\n".join(printed)
    raise RefusedError(
        "\n".join([*printed, f"Error: The rollout is in a degraded state with message: {message}"]),
        where=command.line,
        expected="a rollout that becomes healthy",
        got=printed[-1],
        todo=f"Look closer: kubectl argo rollouts get rollout {name}.",
    )
