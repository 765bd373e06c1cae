"""``kubectl apply``, ``diff`` and ``create``: manifests given in line, since this console has no files."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING, Any, Final

from simulator.drill.console.grammar import Arguments, Flag, RefusedError
from simulator.drill.console.kubectl.family import KUBECTL, NAMESPACE, names, namespace_of
from simulator.drill.console.kubectl.patch import patch_danger
from simulator.drill.console.objects.manifests import as_yaml, manifest
from simulator.drill.console.objects.patches import PatchError, strategic
from simulator.drill.console.objects.resources import Target
from simulator.drill.console.objects.writing import SERVERS, parsed, tree_of, write
from simulator.drill.console.registry import Command
from simulator.engine import new_job
from simulator.world import (
    CONFIG_MAPS,
    CRON_JOBS,
    JOBS,
    SECRETS,
    AnyObject,
    ConfigMap,
    CronJob,
    KubernetesError,
    ObjectMeta,
    Secret,
    kind_named,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from simulator.drill.run import Run

_FILE: Final = Flag("filename", "Only - here: the manifest is the last word.", short="f")
_CLIENT: Final = Flag("dry-run", "client: only print.", default="none", choices=("none", "client"))
_OUTPUT: Final = Flag("output", "yaml.", short="o", choices=("yaml",))


def _manifest_words(line: str, arguments: Arguments) -> tuple[str, ...]:
    if arguments.text("filename") != "-" or len(arguments.words) != 1:
        got = arguments.text("filename")
        raise RefusedError(
            f'error: the path "{got}" does not exist'
            if got not in ("", "-")
            else "error: must specify one of -f and -k",
            where=line,
            expected="-f - and the manifest as one word between single quotes",
            got=repr(got) if got else "none",
            todo=f"Files such as {got} are git's: git show and git log -p print them. Here write "
            "kubectl apply -f - 'apiVersion: v1 …'."
            if got.endswith((".yaml", ".yml"))
            else "There are no files here; write kubectl apply -f - 'apiVersion: v1 …'.",
        )
    return tuple(str(target) for target, _ in _objects(arguments.words[0], line))


def _objects(text: str, line: str) -> list[tuple[Target, dict[str, Any]]]:
    found = []
    for document in parsed(text, line, "a manifest"):
        meta = document.get("metadata") if isinstance(document, dict) else None
        name = meta.get("name") if isinstance(meta, dict) else None
        kind = document.get("kind") if isinstance(document, dict) else None
        if not isinstance(kind, str) or not isinstance(name, str):
            missing = "metadata.name" if isinstance(kind, str) else "kind"
            raise RefusedError(
                f"error: error validating data: {missing} not set",
                where=line[:200],
                expected="apiVersion, kind and metadata.name",
                got=f"no {missing}",
                todo="kubectl get TYPE NAME -o yaml shows the shape.",
            )
        found.append((Target(kind_named(kind), name), document))
    return found


@KUBECTL.verb(
    "apply",
    usage="-f - 'MANIFEST'",
    about="Make objects as a manifest says; it is given in line, and what it leaves out stays as it is.",
    kind="change",
    cost="change",
    flags=(NAMESPACE, _FILE),
    normalise=_manifest_words,
    danger=lambda arguments: patch_danger(arguments.words[0] if arguments.words else ""),
)
def apply(run: Run, command: Command) -> str:
    """Configure what is there, create what is not."""
    lines = []
    for target, document in _objects(command.arguments.words[0], command.line):
        shown = f"{target.kind.qualified_singular}/{target.name}"
        item = _found(run, command, target)
        if item is None:
            _create(run, command, target, document)
            lines.append(f"{shown} created")
        else:
            changed = write(run, item, _laid_over(run, item, document, command.line), command.line)
            lines.append(f"{shown} {'configured' if changed else 'unchanged'}")
    return "\n".join(lines)


@KUBECTL.verb(
    "diff",
    usage="-f - 'MANIFEST'",
    about="What apply would change.",
    kind="look",
    cost="get",
    flags=(NAMESPACE, _FILE),
    normalise=_manifest_words,
)
def diff(run: Run, command: Command) -> str:
    """A unified diff for each object; nothing where nothing would change."""
    texts = []
    for target, document in _objects(command.arguments.words[0], command.line):
        item = _found(run, command, target)
        before = tree_of(run, item) if item is not None else {}
        after = _laid_over(run, item, document, command.line) if item is not None else document
        name = f"{target.kind.api_version.replace('/', '.')}.{target.kind.kind}.{run.namespace}.{target.name}"
        old, new = (as_yaml([tree], alone=True).splitlines() if tree else [] for tree in (before, after))
        lines = difflib.unified_diff(old, new, f"/tmp/LIVE/{name}", f"/tmp/MERGED/{name}", lineterm="")
        text = "\n".join(lines)
        texts += [f"diff -u -N /tmp/LIVE/{name} /tmp/MERGED/{name}\n{text}"] if text else []
    return "\n".join(texts)


def _found(run: Run, command: Command, target: Target) -> AnyObject | None:
    try:
        return run.cluster.get(target.kind, target.name, namespace_of(run, command.arguments))
    except KubernetesError:
        return None


def _laid_over(run: Run, item: AnyObject, document: dict[str, Any], line: str) -> Any:
    meta = {name: value for name, value in document["metadata"].items() if name not in SERVERS}
    body = {name: value for name, value in document.items() if name != "status"}
    try:
        return strategic(tree_of(run, item), {**body, "metadata": meta})
    except PatchError as error:
        raise RefusedError(
            f"error: {error}",
            where=line[:200],
            expected="a manifest that fits the object",
            got=repr(document)[:80],
            todo=f"kubectl get {Target(kind_named(str(document['kind'])), item.meta.name)} -o yaml shows it.",
        ) from None


def _create(run: Run, command: Command, target: Target, document: dict[str, Any]) -> None:
    """A new ConfigMap or Secret; of other kinds the cluster has what the scenario gives it."""
    made: ConfigMap | Secret
    meta = ObjectMeta(target.name, namespace_of(run, command.arguments), created_at=run.now)
    if target.kind is CONFIG_MAPS:
        made = ConfigMap(meta)
    elif target.kind is SECRETS:
        made = Secret(meta)
    else:
        raise RefusedError(
            f"error: creating {target.kind.plural} from a manifest is not part of this simulated cluster",
            where=command.line[:200],
            expected="a ConfigMap or a Secret, or an object that exists",
            got=str(target),
            todo=f"kubectl get {target.kind.plural} lists what there is.",
        )
    run.cluster.add(made)
    try:
        write(run, made, strategic(tree_of(run, made), document), command.line)
    except RefusedError:
        run.cluster.remove(made)
        raise


# --- create -----------------------------------------------------------------------------------------


def _literal_words(line: str, arguments: Arguments) -> tuple[str, ...]:
    if len(arguments.words) != 1:
        raise RefusedError(
            f"error: exactly one NAME is required, got {len(arguments.words)}",
            where=line,
            expected="one name",
            got=str(len(arguments.words)),
            todo="Write for example kubectl create configmap NAME --from-literal=KEY=VALUE.",
        )
    _literals(arguments, line)
    return arguments.words


def _literals(arguments: Arguments, line: str) -> dict[str, str]:
    found = {}
    for part in arguments.text("from-literal").split(",") if arguments.text("from-literal") else []:
        key, equals, value = part.partition("=")
        if not key or not equals:
            raise RefusedError(
                f"error: invalid literal source {part}, expected key=value",
                where=line,
                expected="KEY=VALUE",
                got=repr(part),
                todo="Several are joined by commas here.",
            )
        found[key] = value
    return found


_LITERAL: Final = Flag("from-literal", "KEY=VALUE; several joined by commas.")


def _create_from_literals(run: Run, command: Command, made: ConfigMap | Secret) -> str:
    kind = CONFIG_MAPS if isinstance(made, ConfigMap) else SECRETS
    name, dry = made.meta.name, command.arguments.text("dry-run") == "client"
    if command.arguments.text("output") == "yaml":
        tree = manifest(made, run.cluster)
        tree["metadata"] = {"creationTimestamp": None, "name": name}
        text = as_yaml([tree], alone=True)
    else:
        text = f"{kind.singular}/{name} created" + (" (dry run)" if dry else "")
    if dry:
        return text
    if run.cluster.table(type(made)).find(name, made.meta.namespace) is not None:
        raise RefusedError(
            f'error: failed to create {kind.singular}: {kind.plural} "{name}" already exists',
            where=command.line,
            expected="a name that is free",
            got=repr(name),
            todo=f"Change it: kubectl patch {kind.singular} {name} -p '…'.",
        )
    run.cluster.add(made)
    return text


@KUBECTL.verb(
    "create configmap",
    usage="NAME --from-literal=KEY=VALUE[,KEY=VALUE] [--dry-run=client] [-o yaml]",
    about="Make a ConfigMap.",
    kind="change",
    cost="change",
    flags=(NAMESPACE, _LITERAL, _CLIENT, _OUTPUT),
    normalise=_literal_words,
)
def create_configmap(run: Run, command: Command) -> str:
    """A ConfigMap of literals."""
    meta = ObjectMeta(command.targets[0], namespace_of(run, command.arguments), created_at=run.now)
    return _create_from_literals(run, command, ConfigMap(meta, _literals(command.arguments, command.line)))


@KUBECTL.verb(
    "create secret generic",
    usage="NAME --from-literal=KEY=VALUE[,KEY=VALUE] [--dry-run=client] [-o yaml]",
    about="Make a Secret.",
    kind="change",
    cost="change",
    flags=(NAMESPACE, _LITERAL, _CLIENT, _OUTPUT),
    normalise=_literal_words,
)
def create_secret(run: Run, command: Command) -> str:
    """A Secret of literals."""
    meta = ObjectMeta(command.targets[0], namespace_of(run, command.arguments), created_at=run.now)
    data = _literals(command.arguments, command.line)
    return _create_from_literals(run, command, Secret(meta, data=data))


def _job_words(line: str, arguments: Arguments) -> tuple[str, ...]:
    source = arguments.text("from")
    kind, slash, name = source.partition("/")
    if len(arguments.words) != 1 or not slash or not name or kind_named(kind) is not CRON_JOBS:
        raise RefusedError(
            "error: from must be an existing cronjob" if source else "error: must specify --from or --image",
            where=line,
            expected="one name and --from=cronjob/NAME",
            got=repr(source) if source else "none",
            todo="Write for example kubectl create job by-hand --from=cronjob/report.",
        )
    return arguments.words


def _cron_jobs(run: Run, _before: Sequence[str]) -> list[str]:
    return [f"--from=cronjob/{name}" for name in names(run, CRON_JOBS)]


@KUBECTL.verb(
    "create job",
    usage="NAME --from=cronjob/NAME",
    about="Run a CronJob's job now.",
    kind="change",
    cost="change",
    flags=(NAMESPACE, Flag("from", "cronjob/NAME, whose template it is.")),
    normalise=_job_words,
    candidates=_cron_jobs,
)
def create_job(run: Run, command: Command) -> str:
    """A Job of a CronJob's template."""
    name, source = command.targets[0], command.arguments.text("from").partition("/")[2]
    namespace = namespace_of(run, command.arguments)
    owner = run.cluster.get(CRON_JOBS, source, namespace)
    assert isinstance(owner, CronJob)
    try:
        run.cluster.get(JOBS, name, namespace)
    except KubernetesError:
        run.cluster.add(new_job(owner, name, run.now))
        return f"job.batch/{name} created"
    raise RefusedError(
        f'error: failed to create job: jobs.batch "{name}" already exists',
        where=command.line,
        expected="a name that is free",
        got=repr(name),
        todo="Choose another name.",
    )
