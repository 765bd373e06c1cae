"""``view TAB SERVICE``: what the console writes down when a tab is opened there, so that it counts as a look.

It prints nothing, since the tab shows it, and costs nothing, since the tab is always at hand. Checks and the
coach see the line that a person would have typed for the same sight: ``view logs checkout`` is to them
``kubectl logs -l app=checkout``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Final

from simulator.drill.console.grammar import Arguments, RefusedError, nearest
from simulator.drill.console.registry import Command, family
from simulator.scenario import graph
from simulator.world.rollouts import Rollout

if TYPE_CHECKING:
    from simulator.drill.run import Run

VIEW: Final = family("view", about="Written down when a tab of the console is opened: a look like any other.")


def _logs(run: Run, service: str) -> str:
    workload = run.cluster.workload(_workloads(run)[service])
    label = workload.spec.selector.get("app", service) if workload is not None else service
    return f"kubectl logs -l app={label}"


def _rollout(run: Run, service: str) -> str:
    name = _workloads(run)[service]
    if isinstance(run.cluster.workload(name), Rollout):
        return f"kubectl argo rollouts get rollout {name}"
    return f"kubectl rollout history deployment/{name}"


#: By tab, the line that shows the same in the terminal.
_TYPED: Final[Mapping[str, Callable[[Run, str], str]]] = {
    "logs": _logs,
    "events": lambda _run, _service: "kubectl get events",
    "rollout": _rollout,
    "alerts": lambda _run, _service: "alerts",
    "traces": lambda _run, service: f"traces --service={service}",
    "pods": lambda _run, _service: "kubectl get pods",
}


def _workloads(run: Run) -> dict[str, str]:
    """The workload behind each service that the map shows and that has one."""
    parts = graph(run.scenario).parts.values()
    return {part.name: part.workload for part in parts if part.workload}


def _one_service(line: str, arguments: Arguments) -> tuple[str, ...]:
    if len(arguments.words) != 1:
        raise RefusedError(
            "view: which service?",
            where=line,
            expected="a tab and one service, such as view logs checkout",
            got=" ".join(arguments.words) or "no service",
            todo="Open the tab, or type help for the lines that print.",
        )
    return arguments.words


def _services(run: Run, before: Sequence[str]) -> Sequence[str]:
    return list(_workloads(run)) if len(before) == 2 else ()


def _typed(run: Run, command: Command) -> str:
    """The line that shows the same in the terminal.

    Raises:
        RefusedError: No such service here.
    """
    (service,), known = command.targets, _workloads(run)
    if service not in known:
        close = nearest(service, known)
        raise RefusedError(
            f'view: no service "{service}"' + (f"\n\nDid you mean this?\n\t{close}" if close else ""),
            where=command.line,
            expected=f"one of {', '.join(known)}",
            got=repr(service),
            todo=f"Name {close}." if close else "The map shows the services.",
        )
    return _TYPED[command.verb](run, service)


def _nothing(_run: Run, _command: Command) -> str:
    return ""


for _tab in _TYPED:
    VIEW.verb(
        _tab,
        usage="SERVICE",
        about=f"The {_tab} tab was opened; the terminal prints nothing.",
        kind="look",
        cost="help",
        normalise=_one_service,
        candidates=_services,
        stands_for=_typed,
    )(_nothing)
