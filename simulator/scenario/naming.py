"""How a check says that a name is unknown, and the check of calls, which several parts of the file make."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from simulator.scenario.agreement import Dangling
from simulator.scenario.document import Spec
from simulator.scenario.problems import Location, nearest
from simulator.scenario.resilience import Call
from simulator.scenario.sealed import VersionModel
from simulator.scenario.workloads import Workload


def unknown(location: Location, what: str, name: str, known: Iterable[str]) -> Dangling:
    """Something that is named at ``location`` and does not exist, with the nearest that does."""
    names = list(known)
    near = nearest(name, names)
    return Dangling(
        location,
        f"the name of {'an' if what[0] in 'AEIOUaeiou' else 'a'} {what}",
        repr(name),
        f"Did you mean {near!r}?" if near else f"There are {', '.join(names) or 'none'}.",
    )


def called(spec: Spec, routes: Iterable[tuple[Location, int, str, Sequence[Call]]]) -> Iterator[Dangling]:
    """Calls that reach nobody: (place of the model, number of the route, its name, its calls), each."""
    names = [item.name for item in spec.fronts]
    for base, route_index, _, calls in routes:
        for index, call in enumerate(calls):
            location: Location = (*base, "routes", route_index, "calls", index)
            target = spec.backend(call.service)
            if call.service not in names:
                yield unknown((*location, "service"), "service", call.service, names)
            elif target is not None and target.model.route(call.route) is None:
                known = [route.name for route in target.model.routes]
                yield unknown((*location, "route"), f"route of {call.service}", call.route, known)
            if call.cache is not None and call.cache.service not in (None, *names):
                yield unknown((*location, "cache", "service"), "service", call.cache.service or "", names)
            if call.timeout == 0:
                yield Dangling((*location, "timeout"), "more than 0s", "0s", "Nobody waits for ever.")


def overridden(spec: Spec, workload: Workload, model: VersionModel, base: Location) -> Iterator[Dangling]:
    """Routes and calls that a version, or another cause, changes and that don't exist."""
    known = [route.name for route in workload.model.routes]
    for index, override in enumerate(model.routes):
        if override.name not in known:
            yield unknown((*base, "routes", index, "name"), f"route of {workload.name}", override.name, known)
    yield from called(
        spec,
        ((base, index, override.name, override.calls or ()) for index, override in enumerate(model.routes)),
    )
