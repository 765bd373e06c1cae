"""``kubectl set env``: the environment of a Deployment's containers; every change rolls its pods."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from simulator.drill.console.grammar import Arguments, Flag, RefusedError
from simulator.drill.console.kubectl.family import (
    KUBECTL,
    NAMESPACE,
    deployments_after,
    deployments_only,
    name_of,
    namespace_of,
)
from simulator.drill.console.registry import Command
from simulator.world import (
    CONFIG_MAPS,
    SECRETS,
    ConfigMap,
    Container,
    Deployment,
    KeyRef,
    Secret,
    Source,
    edits,
    kind_named,
)

if TYPE_CHECKING:
    from simulator.drill.run import Run

_NAME: Final = re.compile(r"[-._a-zA-Z][-._a-zA-Z0-9]*")


def _is_change(word: str) -> bool:
    return "=" in word or word.endswith("-")


def _words(line: str, arguments: Arguments) -> tuple[str, ...]:
    changes = [word for word in arguments.words if _is_change(word)]
    objects = tuple(word for word in arguments.words if not _is_change(word))
    if not changes and not arguments.truth("list") and not arguments.text("from"):
        raise RefusedError(
            "error: at least one environment variable must be provided",
            where=line,
            expected="KEY=VALUE, KEY-, --from or --list",
            got="none",
            todo="Write kubectl set env deployment/NAME KEY=VALUE.",
        )
    for change in changes:
        name = change.partition("=")[0] if "=" in change else change[:-1]
        if not _NAME.fullmatch(name):
            raise RefusedError(
                f'error: "{name}" is not a valid key name: a valid environment variable name must consist of '
                "alphabetic characters, digits, '_', '-', or '.', and must not start with a digit",
                where=line,
                expected="a name such as LOG_LEVEL",
                got=repr(name),
                todo="Rename it.",
            )
    source = arguments.text("from")
    if source and kind_named(source.partition("/")[0]) not in (CONFIG_MAPS, SECRETS):
        raise RefusedError(
            "error: only configmaps and secrets can be used for --from",
            where=line,
            expected="--from=configmap/NAME or --from=secret/NAME",
            got=repr(source),
            todo="Name a ConfigMap or a Secret.",
        )
    return (*deployments_only("environment setter")(line, Arguments(objects)), *changes)


@KUBECTL.verb(
    "set env",
    usage="deployment/NAME KEY=VALUE … KEY- [--from=configmap/NAME] [-c CONTAINER] [--list]",
    about="Change the environment of a Deployment's containers, which rolls its pods.",
    kind="change",
    cost="change",
    flags=(
        NAMESPACE,
        Flag("containers", "Only this container.", short="c", default="*"),
        Flag("from", "Every key of a ConfigMap or Secret."),
        Flag("list", "Print the environment; nothing is changed.", takes="bool"),
    ),
    normalise=_words,
    candidates=deployments_after,
)
def set_env(run: Run, command: Command) -> str:
    """Change the environment of each Deployment of the line, or print it."""
    arguments = command.arguments
    changes = [word for word in command.targets if _is_change(word)]
    lines = []
    for target in (word for word in command.targets if not _is_change(word)):
        deployment = run.cluster.deployment(name_of(target), namespace_of(run, arguments))
        if arguments.truth("list"):
            lines += _listed(deployment)
            continue
        added = _from(run, arguments.text("from"), deployment.meta.namespace)
        template = deployment.spec.template
        containers = tuple(
            _changed(each, changes, added) if arguments.text("containers") in ("*", each.name) else each
            for each in template.containers
        )
        spec = replace(template.spec, containers=containers)
        if edits.patch_template(run.cluster, deployment, replace(template, spec=spec)):
            lines.append(f"deployment.apps/{deployment.meta.name} env updated")
    return "\n".join(lines)


def _from(run: Run, source: str, namespace: str) -> dict[str, str | KeyRef]:
    if not source:
        return {}
    kind, _, name = source.partition("/")
    item = run.cluster.get(kind_named(kind), name, namespace)
    assert isinstance(item, (ConfigMap, Secret))
    place = Source("ConfigMap" if isinstance(item, ConfigMap) else "Secret", name)
    return {re.sub(r"[^A-Z0-9_]", "_", key.upper()): KeyRef(place, key) for key in sorted(item.data)}


def _changed(container: Container, changes: list[str], added: dict[str, str | KeyRef]) -> Container:
    values: dict[str, str | KeyRef] = {**dict(container.env), **added}
    for change in changes:
        name, equals, value = change.partition("=")
        if equals:
            values[name] = value
        else:
            values.pop(change[:-1], None)
    return replace(container, env=tuple(values.items()))


def _listed(deployment: Deployment) -> list[str]:
    lines = []
    for container in deployment.spec.template.containers:
        lines.append(f"# deployments/{deployment.meta.name}, container {container.name}")
        for name, value in container.env:
            if isinstance(value, KeyRef):
                where = "configmap" if value.source.kind == "ConfigMap" else "secret"
                lines.append(f"# {name} from {where} {value.source.name}, key {value.key}")
            else:
                lines.append(f"{name}={value}")
        lines += [f"# all of {each.kind.lower()} {each.name}" for each in container.env_from]
    return lines
