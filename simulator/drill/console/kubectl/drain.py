"""``kubectl cordon``, ``uncordon`` and ``drain``: emptying a node through the eviction API.

Source: kubectl pkg/drain/drain.go and cordon.go. A drain works in the foreground: a page ends it as Ctrl-C
would, and what it has cordoned and evicted stays so.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Final

from simulator.drill.console.grammar import Arguments, Flag, RefusedError
from simulator.drill.console.kubectl.family import KUBECTL, SELECTOR, names, selector
from simulator.drill.console.registry import Command
from simulator.engine.nodes.cordon import set_unschedulable
from simulator.engine.workloads.disruption import EvictionRefusedError, evict
from simulator.units import MINUTE, SECOND, format_clock, format_duration
from simulator.world import NODES, KubernetesError, Node, Pod

if TYPE_CHECKING:
    from simulator.drill.run import Run

#: From a refused eviction to the next try.
_RETRY: Final = 5 * SECOND
#: The longest that a drain without ``--timeout`` looks here; the real one waits for ever.
_PATIENCE: Final = 15 * MINUTE


def _node_words(line: str, arguments: Arguments) -> tuple[str, ...]:
    words = tuple(word.removeprefix("nodes/").removeprefix("node/") for word in arguments.words)
    chosen = "selector" in arguments.flags and arguments.given("selector")
    if bool(words) == chosen:
        verb = line.split()[1] if len(line.split()) > 1 else "drain"
        said = (
            "error: cannot specify both a node name and a --selector option"
            if words
            else f"error: USAGE: {verb} NODE [flags]"
        )
        raise RefusedError(
            said,
            where=line,
            expected="the name of a node",
            got="both" if words else "none",
            todo="kubectl get nodes lists them.",
        )
    if chosen:
        selector(arguments.text("selector"), line)
    return words


def _nodes(run: Run, command: Command) -> list[Node]:
    """The nodes of the line, by name.

    Raises:
        KubernetesError: There is none of a name.
    """
    found = [run.cluster.get(NODES, name) for name in command.targets]
    if not command.targets:
        matches = selector(command.arguments.text("selector"), command.line)
        found = [item for item in run.cluster.select(NODES) if matches(item.meta.labels)]
    return [item for item in found if isinstance(item, Node)]


def _drain_danger(_arguments: Arguments) -> str:
    return "This evicts every pod of the node, and nothing new is started there until kubectl uncordon."


def _node_names(run: Run, _before: Sequence[str]) -> list[str]:
    return names(run, NODES)


def _cordoned(run: Run, node: Node, *, on: bool) -> str:
    word = "cordoned" if on else "uncordoned"
    changed = set_unschedulable(run.cluster, run.now, node, on)
    return f"node/{node.meta.name} {word}" if changed else f"node/{node.meta.name} already {word}"


@KUBECTL.verb(
    "cordon",
    usage="NODE … | -l SELECTOR",
    about="Let no new pods onto a node.",
    kind="change",
    cost="change",
    flags=(SELECTOR,),
    normalise=_node_words,
    candidates=_node_names,
)
def cordon(run: Run, command: Command) -> str:
    """Mark each node unschedulable."""
    return "\n".join(_cordoned(run, node, on=True) for node in _nodes(run, command))


@KUBECTL.verb(
    "uncordon",
    usage="NODE … | -l SELECTOR",
    about="Let pods onto a node again.",
    kind="change",
    cost="change",
    flags=(SELECTOR,),
    normalise=_node_words,
    candidates=_node_names,
)
def uncordon(run: Run, command: Command) -> str:
    """Mark each node schedulable."""
    return "\n".join(_cordoned(run, node, on=False) for node in _nodes(run, command))


_DRAIN_FLAGS: Final = (
    SELECTOR,
    Flag("ignore-daemonsets", "Leave pods of DaemonSets where they are.", takes="bool"),
    Flag("delete-emptydir-data", "Go on though pods lose local data.", takes="bool"),
    Flag("force", "Go on though a pod has no controller to replace it.", takes="bool"),
    Flag("grace-period", "Seconds that a pod has to finish; -1 is its own.", takes="int", default="-1"),
    Flag("timeout", "Give up after this; 0s never.", takes="duration", default="0s"),
)


@KUBECTL.verb(
    "drain",
    usage="NODE … [--ignore-daemonsets] [--delete-emptydir-data] [--force] [--timeout=300s]",
    about="Cordon a node and evict its pods, as far as their budgets allow; ends early at a page.",
    kind="change",
    cost="",
    flags=_DRAIN_FLAGS,
    normalise=_node_words,
    danger=_drain_danger,
    candidates=_node_names,
)
def drain(run: Run, command: Command) -> str:
    """Cordon the nodes, then evict node by node until they are empty, time is up or somebody calls."""
    nodes = _nodes(run, command)
    printed = [_cordoned(run, node, on=True) for node in nodes]
    timeout = command.arguments.duration("timeout")
    ends = run.now + (timeout or _PATIENCE)
    failures: list[str] = []
    pending: list[str] = []
    for node in nodes:
        if pending and run.now >= ends:
            pending.append(node.meta.name)
            continue
        work = _Drain(run, node, command.arguments, printed.append)
        if work.unmanaged and not command.arguments.truth("force"):
            error = "cannot delete cannot delete Pods that declare no controller (use --force to override): "
            failures.append(error + ", ".join(work.unmanaged))
        elif not work.step():
            end = run.block(ends, work.step)
            if end.reason:
                printed.append(f"^C  ({end.reason} It is {format_clock(run.now)}.)")
                return "\n".join(printed)
            if not end.done:
                failures += work.timed_out(timeout)
        failures += work.failed
        if not work.left and not work.failed:
            printed.append(f"node/{node.meta.name} drained")
            continue
        if not failures:
            printed.append(f"^C  (It is {format_clock(run.now)}.)")
            return "\n".join(printed)
        unable = f'error: unable to drain node "{node.meta.name}" due to error: {failures[-1]}'
        printed.append(f"{unable}, continuing command...")
        pending.append(node.meta.name)
    if not pending:
        return "\n".join(printed)
    said = [*printed, "There are pending nodes to be drained:", *(f" {name}" for name in pending)]
    raise RefusedError(
        "\n".join([*said, *dict.fromkeys(failures)]),
        where=command.line,
        expected="nodes that can be emptied",
        got=f"{len(pending)} that could not",
        todo="kubectl get pdb shows which budget allows nothing.",
    )


class _Drain:
    """One node being emptied.

    Args:
        run: Where.
        node: Which.
        arguments: Flags of the line.
        say: Prints a line.
    """

    def __init__(self, run: Run, node: Node, arguments: Arguments, say: Callable[[str], None]) -> None:
        self._run = run
        self._say = say
        self._grace = arguments.number("grace-period")
        pods = [pod for pod in run.cluster.pods if pod.node_name == node.meta.name]
        pods.sort(key=lambda pod: (pod.meta.namespace, pod.meta.name))
        self.unmanaged = [f"{pod.meta.namespace}/{pod.meta.name}" for pod in pods if pod.meta.owner is None]
        #: Pods that are still there, and when each is tried next; None once its end was granted.
        self.left: dict[str, tuple[Pod, int | None]] = {pod.meta.uid: (pod, run.now) for pod in pods}
        #: What can't be evicted at all, in kubectl's words.
        self.failed: list[str] = []

    def step(self) -> bool:
        """Evict whose turn it is and note who has gone; whether nobody is left to wait for."""
        now = self._run.now
        for uid, (pod, due) in list(self.left.items()):
            if self._run.cluster.pods.find(pod.meta.name, pod.meta.namespace) is not pod:
                del self.left[uid]
                if due is None:
                    self._say(f"pod/{pod.meta.name} evicted")
            elif due is not None and due <= now:
                self._try(pod, now)
        return not self.left

    def _try(self, pod: Pod, now: int) -> None:
        """Ask for one eviction; where a budget refuses it, again in five seconds."""
        name, namespace = pod.meta.name, pod.meta.namespace
        failed = f'error when evicting pods/"{name}" -n "{namespace}"'
        self._say(f"evicting pod {namespace}/{name}")
        try:
            evict(self._run.cluster, now, pod, grace_seconds=self._grace if self._grace >= 0 else None)
        except EvictionRefusedError as error:
            self._say(f"{failed} (will retry after 5s): {error.message}")
            self.left[pod.meta.uid] = (pod, now + _RETRY)
        except KubernetesError as error:
            self.failed.append(f"{failed}: {error.message}")
            del self.left[pod.meta.uid]
        else:
            self.left[pod.meta.uid] = (pod, None)

    def timed_out(self, timeout: int) -> list[str]:
        """What kubectl says of the pods that are left when its time is up."""
        if not timeout or self._run.ended:
            return []
        waited = format_duration(timeout)
        return [
            f'error when evicting pods/"{pod.meta.name}" -n "{pod.meta.namespace}": '
            f"global timeout reached: {waited}"
            for pod, due in self.left.values()
            if due is not None
        ] or [
            f'error when waiting for pod "{pod.meta.name}" in namespace "{pod.meta.namespace}" to terminate: '
            f"global timeout reached: {waited}"
            for pod, _ in self.left.values()
        ]
