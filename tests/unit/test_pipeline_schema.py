"""What editors know about a ``pipeline.yaml``, and how its own mistakes are told."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import pytest
from typer.testing import CliRunner

import simulator as sim
from simulator.cli.app import app
from simulator.errors import PipelineError
from simulator.pipeline.interview import every_covered, propose
from simulator.pipeline.loading import SETTINGS_FILE
from simulator.pipeline.schema import schema, schema_text
from simulator.scenario.tree import read_bytes

SCENARIOS = Path(__file__).resolve().parents[2] / "scenarios"
SCHEMA = SCENARIOS / "pipeline.schema.json"
FILES = sorted(SCENARIOS.glob(f"pipelines/*/{SETTINGS_FILE}"))


def complaints(content: bytes) -> list[str]:
    """What an editor would underline."""
    root, found = read_bytes(content, "pipeline.yaml")
    assert root is not None and not found
    plain = json.loads(json.dumps(root.plain()))
    errors = jsonschema.Draft202012Validator(schema()).iter_errors(plain)
    return [f"{error.json_path}: {error.message[:200]}" for error in errors]


def test_the_committed_schema_is_the_models() -> None:
    """It follows every change of the settings, and ``gameday schema pipeline`` prints it."""
    assert schema_text() == SCHEMA.read_text(encoding="utf-8")
    jsonschema.Draft202012Validator.check_schema(schema())
    assert schema_text() == CliRunner().invoke(app, ["schema", "pipeline"]).stdout


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.parent.name))
def test_each_file_names_its_schema_and_fits_it(path: Path) -> None:
    """The modeline in the first line leads to the committed schema, and an editor finds nothing wrong."""
    first = path.read_text(encoding="utf-8").splitlines()[0]
    assert SCHEMA == (path.parent / first.removeprefix("# yaml-language-server: $schema=")).resolve()
    assert [] == complaints(path.read_bytes())


def test_what_the_interview_writes_fits_too() -> None:
    """Both of its shapes of environments and approvals."""
    texts = {propose(answers).settings for answers in every_covered()}
    assert 4 == len(texts)
    assert [] == [line for text in sorted(texts) for line in complaints(text.encode())]


def test_an_editor_underlines_what_the_loader_refuses() -> None:
    """A typo is red while it is typed; no default is shown in nanoseconds."""
    assert complaints(b"spec: {peple: []}\n") == [
        "$.spec: Additional properties are not allowed ('peple' was unexpected)"
    ]
    assert complaints(b"model: {defects: [{kind: typo, chance: 0.1}]}\n")
    assert "00000000" not in schema_text()


WORKFLOW = "on: push\njobs: {a: {runs-on: x, steps: [{run: y}]}}\n"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("spec: [", "pipeline.yaml:1: expected YAML, got"),
        ("- a\n", "pipeline.yaml:1: expected a mapping, got"),
        ("", "pipeline.yaml:1: expected a mapping, got an empty file"),
        ("spec: {workflow: none.yaml}\n", "none.yaml: expected a workflow file, got no such file"),
        ("kind: Pipelin\n", "pipeline.yaml:1: kind: expected"),
    ],
)
def test_a_broken_file_is_told_in_four_parts(text: str, said: str, tmp_path: Path) -> None:
    """Malformed YAML, another shape, nothing at all, a workflow that is not there."""
    (tmp_path / "workflow.yaml").write_text(WORKFLOW, encoding="utf-8")
    (tmp_path / SETTINGS_FILE).write_text(text, encoding="utf-8")
    with pytest.raises(PipelineError) as caught:
        sim.pipeline(tmp_path)
    assert said in str(caught.value)
    assert caught.value.todo


def test_a_folder_without_settings_says_what_is_missing(tmp_path: Path) -> None:
    """The file's name and why."""
    with pytest.raises(PipelineError, match=r"pipeline\.yaml: expected a pipeline\.yaml, got no such file"):
        sim.pipeline(tmp_path)
