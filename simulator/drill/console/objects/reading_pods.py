"""Pod templates out of manifests: containers, probes, environment, volumes."""

from __future__ import annotations

from collections.abc import Callable

from simulator.drill.console.objects.fields import DecodingError, Fields
from simulator.drill.console.objects.reading_placement import placement_of
from simulator.errors import GamedayError
from simulator.units import parse_cpu, parse_memory
from simulator.world import Container, KeyRef, PodSpec, PodTemplate, Probe, Source, Volume, VolumeMount


def pod_template_of(fields: Fields) -> PodTemplate:
    """A pod template, strictly.

    Raises:
        DecodingError: Something of it is no field, of the wrong type, or can't be.
    """
    meta = fields.inside("metadata")
    labels, annotations = meta.texts("labels"), meta.texts("annotations")
    meta.ignore("creationTimestamp")
    meta.done()
    spec = fields.inside("spec")
    containers = spec.many("containers", _container)
    volumes = spec.many("volumes", _volume)
    grace = spec.number("terminationGracePeriodSeconds", 30)
    placement = placement_of(spec)
    spec.only("restartPolicy", "Always")
    spec.done()
    fields.done()
    if not containers:
        raise DecodingError("Required value", spec.at("containers"))
    names = [volume.name for volume in volumes]
    for place, container in enumerate(containers):
        for index, mount in enumerate(container.volume_mounts):
            if mount.name not in names:
                where = f"{spec.at('containers')}[{place}].volumeMounts[{index}].name"
                raise DecodingError(f'Not found: "{mount.name}"', where)
    return PodTemplate(labels, PodSpec(containers, grace, volumes, placement), annotations)


def _container(fields: Fields) -> Container:
    fields.only("imagePullPolicy", "IfNotPresent")
    image = fields.text("image")
    if not image:
        raise DecodingError("Required value", fields.at("image"))
    resources = fields.inside("resources")
    requests, limits = resources.inside("requests"), resources.inside("limits")
    cpu, memory = _amount(limits, "cpu", parse_cpu), _amount(limits, "memory", parse_memory)
    made = Container(
        name=fields.text("name"),
        image=image,
        ports=fields.many("ports", _port),
        cpu_request_millicores=_amount(requests, "cpu", parse_cpu) or cpu or 0,
        memory_request_bytes=_amount(requests, "memory", parse_memory) or memory or 0,
        cpu_limit_millicores=cpu,
        memory_limit_bytes=memory,
        readiness_probe=_probe(fields, "readinessProbe"),
        liveness_probe=_probe(fields, "livenessProbe"),
        startup_probe=_probe(fields, "startupProbe"),
        pre_stop_sleep_seconds=_pre_stop(fields),
        env=fields.many("env", _variable),
        env_from=fields.many("envFrom", _env_from),
        volume_mounts=fields.many("volumeMounts", _mount),
    )
    for part in (requests, limits, resources, fields):
        part.done()
    return made


def _port(fields: Fields) -> int:
    number = fields.number("containerPort", 0, least=1)
    fields.only("protocol", "TCP")
    fields.ignore("name")
    fields.done()
    return number


def _amount(fields: Fields, name: str, parse: Callable[..., int]) -> int | None:
    value = fields.raw(name)
    if value is None:
        return None
    try:
        return parse(str(value), where="")
    except GamedayError:
        said = "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'"
        raise DecodingError(said, fields.at(name)) from None


def _probe(parent: Fields, name: str) -> Probe | None:
    if not parent.has(name):
        parent.ignore(name)
        return None
    fields = parent.inside(name)
    get = fields.inside("httpGet")
    get.only("scheme", "HTTP")
    default = Probe()
    made = Probe(
        path=get.text("path", "/"),
        port=get.number("port", default.port, least=1),
        initial_delay_seconds=fields.number("initialDelaySeconds", 0),
        period_seconds=fields.number("periodSeconds", 10, least=1),
        timeout_seconds=fields.number("timeoutSeconds", 1, least=1),
        success_threshold=fields.number("successThreshold", 1, least=1),
        failure_threshold=fields.number("failureThreshold", 3, least=1),
    )
    get.done()
    fields.done()
    return made


def _pre_stop(parent: Fields) -> int:
    lifecycle = parent.inside("lifecycle")
    hook = lifecycle.inside("preStop")
    sleep = hook.inside("sleep")
    seconds = sleep.number("seconds", 0)
    for part in (sleep, hook, lifecycle):
        part.done()
    return seconds


def _variable(fields: Fields) -> tuple[str, str | KeyRef]:
    name = fields.text("name")
    value: str | KeyRef = fields.text("value")
    if fields.has("valueFrom"):
        source = fields.inside("valueFrom")
        kind = "configMapKeyRef" if source.has("configMapKeyRef") else "secretKeyRef"
        reference = source.inside(kind)
        made = Source("ConfigMap" if kind.startswith("config") else "Secret", reference.text("name"))
        value = KeyRef(made, reference.text("key"))
        reference.done()
        source.done()
    fields.done()
    return name, value


def _env_from(fields: Fields) -> Source:
    kind = "configMapRef" if fields.has("configMapRef") else "secretRef"
    reference = fields.inside(kind)
    made = Source("ConfigMap" if kind.startswith("config") else "Secret", reference.text("name"))
    reference.done()
    fields.done()
    return made


def _mount(fields: Fields) -> VolumeMount:
    made = VolumeMount(fields.text("name"), fields.text("mountPath"))
    fields.done()
    return made


def _volume(fields: Fields) -> Volume:
    name = fields.text("name")
    config, secret = fields.inside("configMap"), fields.inside("secret")
    made = config.text("name")
    source = Source("ConfigMap", made) if made else Source("Secret", secret.text("secretName"))
    for part in (config, secret):
        part.ignore("defaultMode")
        part.done()
    fields.done()
    return Volume(name, source)
