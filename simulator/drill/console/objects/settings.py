"""ConfigMaps, Secrets, CronJobs and Jobs as kubectl shows them: rows, descriptions, manifests."""

from __future__ import annotations

from simulator.drill.console.kubectl.columns import age
from simulator.drill.console.objects.descriptions import annotation_lines, pairs_lines, rfc1123
from simulator.drill.console.objects.manifests import conditions_tree, kept
from simulator.drill.console.objects.views import Row, Tree, columns, describes, writes
from simulator.units import format_age
from simulator.world import Cluster, ConfigMap, CronJob, Job, ObjectMeta, Secret
from simulator.world.configuration import encoded


def _head(meta: ObjectMeta) -> list[str]:
    return [
        f"Name:\t{meta.name}",
        f"Namespace:\t{meta.namespace}",
        *pairs_lines("Labels", meta.labels),
        *annotation_lines(meta.annotations),
    ]


# --- ConfigMaps -----------------------------------------------------------------------------------


@columns(ConfigMap, ("NAME", "DATA", "AGE"))
def _config_map(item: ConfigMap, now: int) -> Row:
    plain = (item.meta.name, str(len(item.data)), age(item.meta.created_at, now))
    return Row(plain, plain)


@describes(ConfigMap)
def _describe_config_map(item: ConfigMap, _cluster: Cluster, _now: int) -> list[str]:
    lines = [*_head(item.meta), "", "Data", "===="]
    for name, value in sorted(item.data.items()):
        lines += [f"{name}:", "----", value, ""]
    return [*lines, "", "BinaryData", "====", ""]


@writes(ConfigMap)
def _write_config_map(item: ConfigMap, _cluster: Cluster) -> dict[str, Tree]:
    return kept({"data": dict(item.data), "immutable": item.immutable or None})


# --- Secrets --------------------------------------------------------------------------------------


@columns(Secret, ("NAME", "TYPE", "DATA", "AGE"))
def _secret(item: Secret, now: int) -> Row:
    plain = (item.meta.name, item.type, str(len(item.data)), age(item.meta.created_at, now))
    return Row(plain, plain)


@describes(Secret)
def _describe_secret(item: Secret, _cluster: Cluster, _now: int) -> list[str]:
    sizes = [f"{name}:\t{len(value.encode())} bytes" for name, value in sorted(item.data.items())]
    return [*_head(item.meta), "", f"Type:\t{item.type}", "", "Data", "====", *sizes]


@writes(Secret)
def _write_secret(item: Secret, _cluster: Cluster) -> dict[str, Tree]:
    return kept({"data": dict(encoded(item.data)), "type": item.type})


# --- CronJobs and Jobs ----------------------------------------------------------------------------


@columns(
    CronJob,
    ("NAME", "SCHEDULE", "TIMEZONE", "SUSPEND", "ACTIVE", "LAST SCHEDULE", "AGE"),
    ("CONTAINERS", "IMAGES", "SELECTOR"),
)
def _cron_job(item: CronJob, now: int) -> Row:
    last = "<none>" if item.last_schedule_at is None else format_age(now - item.last_schedule_at)
    plain = (
        item.meta.name,
        item.spec.schedule,
        "<none>",
        str(item.spec.suspend),
        str(len(item.active)),
        last,
        age(item.meta.created_at, now),
    )
    return Row(plain, (*plain, item.spec.container, item.spec.image, "<none>"))


@describes(CronJob)
def _describe_cron_job(item: CronJob, cluster: Cluster, _now: int) -> list[str]:
    spec = item.spec
    last = item.last_schedule_at
    return [
        *_head(item.meta),
        f"Schedule:\t{spec.schedule}",
        f"Concurrency Policy:\t{spec.concurrency_policy}",
        f"Suspend:\t{spec.suspend}",
        f"Successful Job History Limit:\t{spec.successful_jobs_history_limit}",
        "Failed Job History Limit:\t1",
        "Pod Template:",
        "  Containers:",
        f"   {spec.container}:",
        f"    Image:\t{spec.image}",
        f"Last Schedule Time:\t{rfc1123(last, cluster) if last is not None else '<unset>'}",
        f"Active Jobs:\t{', '.join(item.active) or '<none>'}",
    ]


def _job_template(container: str, image: str) -> Tree:
    inner: Tree = {"containers": [{"image": image, "name": container}], "restartPolicy": "Never"}
    return {"spec": {"template": {"spec": inner}}}


@writes(CronJob)
def _write_cron_job(item: CronJob, cluster: Cluster) -> dict[str, Tree]:
    spec = item.spec
    return {
        "spec": {
            "concurrencyPolicy": spec.concurrency_policy,
            "jobTemplate": _job_template(spec.container, spec.image),
            "schedule": spec.schedule,
            "successfulJobsHistoryLimit": spec.successful_jobs_history_limit,
            "suspend": spec.suspend,
        },
        "status": kept(
            {
                "active": [
                    {"kind": "Job", "name": name, "namespace": item.meta.namespace} for name in item.active
                ],
                "lastScheduleTime": _stamp(item.last_schedule_at, cluster),
                "lastSuccessfulTime": _stamp(item.last_successful_at, cluster),
            }
        ),
    }


@columns(Job, ("NAME", "STATUS", "COMPLETIONS", "DURATION", "AGE"), ("CONTAINERS", "IMAGES", "SELECTOR"))
def _job(item: Job, now: int) -> Row:
    took = ""
    if item.started_at is not None:
        took = format_age((now if item.completed_at is None else item.completed_at) - item.started_at)
    plain = (
        item.meta.name,
        "Running" if item.completed_at is None else "Complete",
        f"{item.succeeded}/1",
        took,
        age(item.meta.created_at, now),
    )
    return Row(plain, (*plain, item.container, item.image, "<none>"))


@describes(Job)
def _describe_job(item: Job, cluster: Cluster, _now: int) -> list[str]:
    owner = item.meta.owner
    lines = [
        *_head(item.meta),
        *([f"Controlled By:\t{owner.kind}/{owner.name}"] if owner is not None else []),
        "Parallelism:\t1",
        "Completions:\t1",
    ]
    if item.started_at is not None:
        lines.append(f"Start Time:\t{rfc1123(item.started_at, cluster)}")
    if item.completed_at is not None and item.started_at is not None:
        lines.append(f"Completed At:\t{rfc1123(item.completed_at, cluster)}")
        lines.append(f"Duration:\t{format_age(item.completed_at - item.started_at)}")
    return [
        *lines,
        f"Pods Statuses:\t{int(item.running)} Active / {item.succeeded} Succeeded / 0 Failed",
        "Pod Template:",
        "  Containers:",
        f"   {item.container}:",
        f"    Image:\t{item.image}",
    ]


@writes(Job)
def _write_job(item: Job, cluster: Cluster) -> dict[str, Tree]:
    template = _job_template(item.container, item.image)
    assert isinstance(template, dict)
    return {
        "spec": {"completions": 1, "parallelism": 1, **template["spec"]},
        "status": kept(
            {
                "active": int(item.running) or None,
                "completionTime": _stamp(item.completed_at, cluster),
                "conditions": conditions_tree(item.conditions, cluster),
                "startTime": _stamp(item.started_at, cluster),
                "succeeded": item.succeeded or None,
            }
        ),
    }


def _stamp(at: int | None, cluster: Cluster) -> str | None:
    return None if at is None else cluster.timestamp(at)
