"""What is exported is what real tools read: the server's own fields gone, everything else as it stands."""

from __future__ import annotations

import importlib
import importlib.util
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

import simulator as sim
from simulator.authoring.export import Export, exported
from simulator.drill import Run
from simulator.drill.console.objects.writing import write
from simulator.errors import GamedayError
from simulator.scenario import load
from simulator.slo import Alertmanager
from tests.scenario_files import EVERY

#: Kubernetes' published schemas, where the machine has the package kubernetes-validate.
VALIDATE = importlib.util.find_spec("kubernetes_validate")
PROMTOOL = shutil.which("promtool")
AMTOOL = shutil.which("amtool")


def read(text: str) -> Any:
    """One YAML document."""
    return YAML(typ="safe", pure=True).load(text)


@pytest.fixture(scope="module", params=EVERY)
def pair(request: pytest.FixtureRequest) -> tuple[Run, Export]:
    """Every scenario of the kit at T+00:00, and its export."""
    run = Run(load(request.param))
    return run, exported(run)


def manifests(export: Export) -> dict[str, Any]:
    """The manifests by path."""
    return {path: read(text) for path, text in export.files.items() if path.startswith("manifests/")}


def test_every_declared_object_is_there(pair: tuple[Run, Export]) -> None:
    """Workloads, services, settings, autoscalers, budgets, templates: each in a file of its own."""
    run, export = pair
    spec = run.scenario.spec
    wanted = {f"{workload.kind.lower()}-{workload.name}" for workload in spec.workloads}
    for kind, items in (
        ("service", spec.services), ("configmap", spec.config_maps), ("secret", spec.secrets),
        ("cronjob", spec.cron_jobs), ("horizontalpodautoscaler", spec.autoscalers),
        ("poddisruptionbudget", spec.pod_disruption_budgets), ("analysistemplate", spec.analysis_templates),
        ("clusteranalysistemplate", spec.cluster_analysis_templates),
    ):  # fmt: skip
        wanted |= {f"{kind}-{item.name}" for item in items}
    assert wanted <= {Path(path).stem for path in manifests(export)}


def test_nothing_that_a_server_sets_is_exported(pair: tuple[Run, Export]) -> None:
    """No status, no uid, no revision: what is applied is what somebody would have written."""
    for path, tree in manifests(pair[1]).items():
        assert {"apiVersion", "kind", "metadata"} <= set(tree), path
        assert "status" not in tree, path
        assert not {"uid", "resourceVersion", "creationTimestamp", "generation"} & set(tree["metadata"]), path
        assert not any(key.endswith("/revision") for key in tree["metadata"].get("annotations", {})), path


def test_applying_an_export_changes_nothing(pair: tuple[Run, Export]) -> None:
    """Read back as ``kubectl apply`` reads it, each object is what runs; controllers keep their notes."""
    run, export = pair
    for path, tree in manifests(export).items():
        kind, name = tree["kind"].lower(), tree["metadata"]["name"]
        item = run.cluster.get(kind, name)
        assert item.meta.name in path
        tree["metadata"]["annotations"] = {**item.meta.annotations, **tree["metadata"].get("annotations", {})}
        assert not write(run, item, tree, path), path


def test_the_schemas_of_kubernetes_accept_every_manifest(pair: tuple[Run, Export]) -> None:
    """Strictly, unknown fields are refused: with the schemas of 1.32, where the machine has them."""
    if VALIDATE is None:
        return
    validator = importlib.import_module("kubernetes_validate")
    for path, tree in manifests(pair[1]).items():
        if not tree["apiVersion"].startswith("argoproj.io/"):
            assert validator.validate(tree, "1.32", strict=True), path


def test_promtool_accepts_the_rules(pair: tuple[Run, Export], tmp_path: Path) -> None:
    """The rule files are Prometheus' own; where promtool is installed it says so."""
    folder = pair[1].save(tmp_path / "out")
    files = sorted((folder / "rules").glob("*.yml"))
    assert files
    for file in files:
        groups = read(file.read_text(encoding="utf-8"))["groups"]
        assert all(rule.get("alert") or rule.get("record") for group in groups for rule in group["rules"])
    if PROMTOOL is not None:
        done = subprocess.run(
            [PROMTOOL, "check", "rules", *files], capture_output=True, text=True, check=False
        )
        assert 0 == done.returncode, done.stderr


def test_an_objective_goes_out_as_it_was_written(pair: tuple[Run, Export]) -> None:
    """OpenSLO's words, whole; what is physics stays behind."""
    run, export = pair
    for index, slo in enumerate(run.scenario.spec.slos):
        tree = read(export[f"openslo/{slo.name}.yaml"])
        assert ("openslo/v1", "SLO", slo.name) == (tree["apiVersion"], tree["kind"], tree["metadata"]["name"])
        written = run.scenario.written("spec", "slos", index)
        assert written is not None
        assert "model" not in tree
        assert set(tree) == set(written.plain()) - {"model"}


def test_the_alertmanager_file_says_what_the_drill_goes_by(pair: tuple[Run, Export], tmp_path: Path) -> None:
    """Defaults included: read back by the kit's own reader it routes alike; amtool agrees where it is."""
    run, export = pair
    tree = read(export["alertmanager/alertmanager.yml"])
    names = {receiver["name"] for receiver in tree["receivers"]}
    assert tree["route"]["receiver"] in names
    assert [receiver.name for receiver in run.scenario.spec.alertmanager.receivers] == [
        receiver["name"] for receiver in tree["receivers"]
    ]
    rules = run.scenario.spec.alertmanager.inhibit_rules
    assert len(rules) == len(tree.get("inhibit_rules", ()))
    assert isinstance(run.alertmanager, Alertmanager)
    if AMTOOL is not None:
        file = export.save(tmp_path / "out") / "alertmanager" / "alertmanager.yml"
        done = subprocess.run([AMTOOL, "check-config", file], capture_output=True, text=True, check=False)
        assert 0 == done.returncode, done.stdout + done.stderr


def test_a_drill_exports_what_runs_now(tmp_path: Path) -> None:
    """After a change by hand the manifest holds it, as a learner would have to bring it to git."""
    drill = sim.start("welcome", journal=False)
    drill.run("kubectl scale deployment/app --replicas=7")
    export = drill.export(tmp_path / "mine")
    assert 7 == read(export["manifests/deployment-app.yaml"])["spec"]["replicas"]
    assert (tmp_path / "mine" / "manifests" / "deployment-app.yaml").is_file()
    assert "manifests/deployment-app.yaml" in str(export).splitlines()


def test_a_folder_that_cant_be_written_is_refused(tmp_path: Path) -> None:
    """In four parts."""
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(GamedayError, match="export: expected a folder that can be written"):
        Export({"a/b": "c"}).save(tmp_path / "file")
