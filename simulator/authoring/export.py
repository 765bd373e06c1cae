"""A simulated system as files for a real one: manifests, Argo objects, OpenSLO, rules, Alertmanager's config.

Manifests are what the cluster holds at that moment, in the words of their API, without what a server sets.
SLOs and rules that stand in the scenario's file go out verbatim; the alerts of SLOs come as the rule file
that Sloth would generate. What has no field in any tool (``model``) stays behind: it is physics.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from typing import Any, Final

from ruamel.yaml import YAML

from simulator.drill import Run
from simulator.drill.acts import Printer
from simulator.drill.console.objects.manifests import as_yaml
from simulator.drill.console.objects.writing import SERVERS, tree_of
from simulator.errors import GamedayError
from simulator.scenario import alerting
from simulator.slo.alerts import window_text
from simulator.slo.declared import rules_yaml
from simulator.units import format_clock
from simulator.world.kinds import (
    ANALYSIS_TEMPLATES,
    AUTOSCALERS,
    CLUSTER_ANALYSIS_TEMPLATES,
    CONFIG_MAPS,
    CRON_JOBS,
    DEPLOYMENTS,
    DISRUPTION_BUDGETS,
    ROLLOUTS,
    SECRETS,
    SERVICES,
)

#: What is exported of a cluster, in the order in which one would apply it.
KINDS: Final = (
    CONFIG_MAPS, SECRETS, SERVICES, CLUSTER_ANALYSIS_TEMPLATES, ANALYSIS_TEMPLATES, DEPLOYMENTS, ROLLOUTS,
    AUTOSCALERS, DISRUPTION_BUDGETS, CRON_JOBS,
)  # fmt: skip
#: Annotations that controllers write.
_CONTROLLERS: Final = ("deployment.kubernetes.io/revision", "rollout.argoproj.io/revision")
_README: Final = """\
# {title}: the same objects for a real cluster

| folder | what | tool |
|---|---|---|
| `manifests/` | Kubernetes and Argo Rollouts objects, as at {at} | `kubectl apply -f manifests/` |
| `openslo/` | the service-level objectives | `oslo validate -f openslo/` |
| `rules/` | Prometheus rules: of the objectives, and the team's own | `promtool check rules rules/*.yml` |
| `alertmanager/` | who is told | `amtool check-config alertmanager/alertmanager.yml` |

The images are invented, so nothing will start; replace them by your own. The two files that
`alertmanager.yml` names hold the keys of the pager and of the channel. How long a request takes, and what
goes wrong, no tool has a field for.
"""


@dataclass(frozen=True, slots=True)
class Export:
    """Files by their path in a folder.

    Attributes:
        files: Path to text, in order.
    """

    files: Mapping[str, str]

    def __str__(self) -> str:
        return "\n".join(self.files)

    def __getitem__(self, path: str) -> str:
        return self.files[path]

    def save(self, folder: str | Path) -> Path:
        """Write the files into a folder, which is made; files of the same names are replaced.

        Raises:
            GamedayError: It can't be written.
        """
        target = Path(folder)
        try:
            for path, text in self.files.items():
                place = target / path
                place.parent.mkdir(parents=True, exist_ok=True)
                place.write_text(text, encoding="utf-8")
        except OSError as error:
            raise GamedayError(
                "export",
                expected="a folder that can be written",
                got=f"{target}: {error.strerror or error}",
                todo="Name another.",
            ) from None
        return target

    def _repr_pretty_(self, printer: Printer, cycle: bool) -> None:  # noqa: ARG002 - IPython's protocol
        """What a notebook shows: the files by name."""
        printer.text(str(self))


def exported(run: Run) -> Export:
    """Everything of a run's system that a real tool would read, as it stands now."""
    title = run.scenario.metadata.title
    files = {"README.md": _README.format(title=title, at=format_clock(run.now))}
    files |= dict(_manifests(run))
    files |= dict(_objectives(run))
    files["rules/slo.yml"] = rules_yaml(run.scenario)
    groups = run.scenario.written("spec", "alerts", "groups")
    if groups is not None:
        files["rules/team.yml"] = _yaml({"groups": groups.plain()})
    files["alertmanager/alertmanager.yml"] = _yaml(_alertmanager(run.scenario.spec.alertmanager))
    return Export(files)


def _manifests(run: Run) -> Iterator[tuple[str, str]]:
    for kind in KINDS:
        for item in run.cluster.select(kind, "*"):
            if item.meta.owner is not None:
                continue
            tree: dict[str, Any] = dict(tree_of(run, item))
            meta = {key: value for key, value in dict(tree["metadata"]).items() if key not in SERVERS}
            notes = {
                key: value for key, value in meta.pop("annotations", {}).items() if key not in _CONTROLLERS
            }
            tree["metadata"] = {**meta, "annotations": notes} if notes else meta
            yield f"manifests/{kind.singular}-{item.meta.name}.yaml", as_yaml([tree], alone=True) + "\n"


def _objectives(run: Run) -> Iterator[tuple[str, str]]:
    """As they are written: OpenSLO's own words, without what is physics."""
    for index, slo in enumerate(run.scenario.spec.slos):
        node = run.scenario.written("spec", "slos", index)
        if node is not None:
            written = {key: value for key, value in node.plain().items() if key != "model"}
            yield f"openslo/{slo.metadata.name}.yaml", _yaml(written)


def _alertmanager(config: alerting.Alertmanager) -> dict[str, Any]:
    """Alertmanager's configuration, whole: with the defaults that hold where a scenario says nothing."""
    rules = [
        {
            "source_matchers": [str(each) for each in rule.source_matchers],
            "target_matchers": [str(each) for each in rule.target_matchers],
            **({"equal": list(rule.equal)} if rule.equal else {}),
        }
        for rule in config.inhibit_rules
    ]
    receivers = [_receiver(receiver) for receiver in config.receivers]
    whole = {"route": _route(config.route), "receivers": receivers}
    return {**whole, "inhibit_rules": rules} if rules else whole


def _route(route: alerting.Route) -> dict[str, Any]:
    waits = {
        "group_wait": route.group_wait,
        "group_interval": route.group_interval,
        "repeat_interval": route.repeat_interval,
    }
    given: dict[str, Any] = {
        "receiver": route.receiver,
        "group_by": list(route.group_by) if route.group_by is not None else None,
        "matchers": [str(each) for each in route.matchers] or None,
        "continue": True if route.continue_ else None,
        **{name: window_text(value) if value else "0s" for name, value in waits.items() if value is not None},
        "routes": [_route(each) for each in route.routes] or None,
    }
    return {name: value for name, value in given.items() if value is not None}


def _receiver(receiver: alerting.Receiver) -> dict[str, Any]:
    """A receiver with the file in which a real one finds its key."""
    pagers = [
        {"routing_key_file": "pagerduty-routing-key", "send_resolved": each.send_resolved}
        for each in receiver.pagerduty_configs
    ]
    channels = [
        {"api_url_file": "slack-webhook-url", "channel": each.channel, "send_resolved": each.send_resolved}
        for each in receiver.slack_configs
    ]
    whole: dict[str, Any] = {"name": receiver.name}
    whole |= {"pagerduty_configs": pagers} if pagers else {}
    return whole | ({"slack_configs": channels} if channels else {})


def _yaml(value: object) -> str:
    printer = YAML(typ="safe", pure=True)
    printer.default_flow_style = False
    printer.width = 4096
    printer.sort_base_mapping_type_on_output = False  # type: ignore[assignment]
    text = StringIO()
    printer.dump(_listed(value), text)
    return text.getvalue()


def _listed(value: object) -> object:
    """Tuples as lists, which is what YAML has."""
    if isinstance(value, Mapping):
        return {key: _listed(part) for key, part in value.items()}
    return [_listed(part) for part in value] if isinstance(value, list | tuple) else value
