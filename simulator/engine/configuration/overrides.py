"""What causes other than the image change of a version, laid over it in order."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from simulator.dataplane import Behaviour
from simulator.scenario.sealed import RouteOverride, VersionModel


@dataclass(frozen=True, slots=True)
class Overrides:
    """What holds for one pod beside its image.

    Attributes:
        models: Later ones win.
        delay: ns that every request takes more.
    """

    models: tuple[VersionModel, ...] = ()
    delay: int = 0

    def with_models(self, more: Iterable[VersionModel]) -> Overrides:
        """The same with further models on top."""
        return replace(self, models=(*self.models, *more))


def merged(version: VersionModel, models: Iterable[VersionModel]) -> VersionModel:
    """A version with other causes' differences over its own: each field, and each of a route, by itself."""
    for model in models:
        own = {route.name: route for route in version.routes}
        for route in model.routes:
            own[route.name] = _over(own[route.name], route) if route.name in own else route
        given = _given(model)
        version = version.model_copy(update={**given, "routes": tuple(own.values())})
    return version


def delayed(behaviour: Behaviour, delay: int) -> Behaviour:
    """A behaviour whose every request computes longer by ``delay`` (ns): a slow disk below it, say."""
    if not delay:
        return behaviour
    routes = tuple(replace(route, service_time=route.service_time.later(delay)) for route in behaviour.routes)
    return replace(behaviour, routes=routes)


def _given(model: VersionModel | RouteOverride) -> dict[str, object]:
    """The fields that a model sets; its routes and names are another matter."""
    names = [name for name in type(model).model_fields if name not in ("routes", "name")]
    values = {name: getattr(model, name) for name in names}
    return {name: value for name, value in values.items() if value is not None}


def _over(below: RouteOverride, above: RouteOverride) -> RouteOverride:
    return below.model_copy(update=_given(above))
