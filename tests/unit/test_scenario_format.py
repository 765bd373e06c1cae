"""What the format promises: one pass, versions with a way forward, schemas, bounds."""

from __future__ import annotations

import json
import time
from pathlib import Path

import jsonschema
import pytest

from simulator.errors import GamedayError, ScenarioError
from simulator.scenario import find, load, load_bytes, migrations, schema_text, search_path
from simulator.scenario.migrations import CURRENT, Migration, changed, renamed
from simulator.scenario.tree import MAX_VALUES, Node, read_bytes
from tests.scenario_files import EVERY, files, problems

ROOT = find("welcome").parent.parent
SYSTEMS = sorted(path.parent.name for path in ROOT.glob("systems/*/system.yaml"))


# --- one pass


def test_shape_and_names_are_told_in_one_pass() -> None:
    """A typo in a sealed part hides no name that points nowhere elsewhere."""
    found = problems(
        ('rollout history deployment/app*", class: good', 'rollout history deployment/app*", class: god'),
        ("deployment: app, image", "deployment: ap, image"),
        ("{at: 4m5s, run: kubectl get pods", "{at: 3m, run: kubectl get pods"),
        name="welcome",
    )
    assert ["timeline[0].setImage.deployment", "reference[1].at", "coach.acts[3].class"] == [
        item.where.split(": ")[1] for item in found
    ]


def test_what_hangs_on_a_wrong_part_is_no_echo() -> None:
    """One wrong entry of the timeline gives one message, whatever else speaks of its version."""
    found = problems(("at: 1m\n", "at: 1 m\n"), name="welcome")
    assert ["timeline[0].at"] == [item.where.split(": ")[1] for item in found]


def test_texts_that_cant_be_read_hide_nothing_of_the_scenario() -> None:
    """Both files are read; the broken one is told beside the wrong name in the other."""
    scenario, _ = files("welcome")
    with pytest.raises(ScenarioError) as caught:
        load_bytes(scenario.replace(b"deployment: app, image", b"deployment: ap, image"), b"story: [")
    assert ["texts.yaml", "scenario.yaml"] == [item.where.split(":")[0] for item in caught.value.problems]


def test_names_are_told_in_the_order_of_the_file() -> None:
    """An author walks down the file once."""
    found = problems(
        ("at: 8m15s, run: kubectl rollout undo", "at: 50m, run: kubectl rollout undo"),
        ("deployment: checkout, image", "deployment: chekout, image"),
    )
    lines = [int(item.where.split(":")[1]) for item in found]
    assert lines == sorted(lines)
    assert 2 <= len(lines)


# --- versions


def _older(kind: str, root: Node) -> Node:
    """An invented format: ``reference`` was ``plays``, lines might be shouted, the story was ``intro``."""
    if kind == "Texts":
        return renamed(root, ("intro",), "story")
    root = renamed(root, ("plays",), "reference")

    def shout(node: Node) -> Node:
        return Node(str(node.value).replace("KUBECTL", "kubectl"), node.file, node.line, node.path)

    return changed(root, ("reference", "*", "run"), shout)


@pytest.fixture
def invented(monkeypatch: pytest.MonkeyPatch) -> tuple[bytes, bytes]:
    """The welcome as an older version would have had it, two steps back, with the way forward."""
    table = {
        "gameday/v1alpha1": Migration("gameday/v1beta1", _older),
        "gameday/v1beta1": Migration(CURRENT, lambda _, root: root),
    }
    monkeypatch.setattr(migrations, "MIGRATIONS", table)
    scenario, texts = files("welcome")
    older = scenario.replace(b"gameday/v1\n", b"gameday/v1alpha1\n").replace(b"reference:", b"plays:")
    older = older.replace(b"run: kubectl get pods", b"run: KUBECTL get pods")
    return older, texts.replace(b"story:", b"intro:")


def test_an_older_file_is_read_as_todays(invented: tuple[bytes, bytes]) -> None:
    """Step by step, the texts beside it too; it is the same run as the file of today."""
    old, new = load_bytes(*invented), load("welcome")
    assert (new.digest, new.reference, new.texts) == (old.digest, old.reference, old.texts)


def test_a_message_on_an_older_file_names_what_the_author_sees(invented: tuple[bytes, bytes]) -> None:
    """The path is that of the old file, not of what it was rewritten to."""
    scenario, texts = invented
    with pytest.raises(ScenarioError, match=r"scenario\.yaml:\d+: plays\[0\]\.at: expected a duration"):
        load_bytes(scenario.replace(b"at: 4m, run: page ack", b"at: 4 m, run: page ack"), texts)


@pytest.mark.parametrize(
    ("version", "said"),
    [
        ("gameday/v2", "expected 'gameday/v1', got 'gameday/v2'. The file is for a newer gameday. Update"),
        ("gameday/v2alpha1", "The file is for a newer gameday"),
        ("gameday/v1beta1", "Did you mean 'gameday/v1'?"),
        ("gamday/v1", "Did you mean 'gameday/v1'?"),
        ("apps/v1", "Write apiVersion: gameday/v1."),
    ],
)
def test_a_version_that_cant_be_read_says_why(version: str, said: str) -> None:
    """A newer one says that it is newer, and nothing else is complained about."""
    found = problems(("apiVersion: gameday/v1", f"apiVersion: {version}"), name="welcome")
    assert 1 == len(found)
    assert said in str(found[0])
    assert str(found[0]).startswith("scenario.yaml:2: apiVersion: ")


def test_versions_are_ordered_as_kubernetes_orders_them(monkeypatch: pytest.MonkeyPatch) -> None:
    """v1alpha1 is before v1, which is before v2alpha1; the message lists what can be read."""
    monkeypatch.setattr(migrations, "MIGRATIONS", {"gameday/v1alpha1": Migration(CURRENT, lambda _, r: r)})
    found = problems(("apiVersion: gameday/v1", "apiVersion: gameday/v0"), name="welcome")
    assert "expected 'gameday/v1', or an older one (gameday/v1alpha1), got 'gameday/v0'" in str(found[0])


# --- schemas


@pytest.mark.parametrize("kind", ["scenario", "texts", "system"])
def test_the_committed_schema_is_the_models(kind: str) -> None:
    """Editors complete from the schemas that the loader goes by: they follow every change of the models."""
    committed = (ROOT / f"{kind}.schema.json").read_text(encoding="utf-8")
    assert committed == schema_text(kind)
    jsonschema.Draft202012Validator.check_schema(json.loads(committed))


def test_an_unknown_schema_is_refused() -> None:
    """With the nearest name."""
    with pytest.raises(GamedayError, match=r"schema: expected scenario or texts or system.*'texts'\?"):
        schema_text("text")


def _plain(path: Path) -> object:
    root, found = read_bytes(path.read_bytes(), path.name)
    assert root is not None
    assert not found
    return json.loads(json.dumps(root.plain()))


def _files() -> list[tuple[Path, str]]:
    found = [(find(name), "scenario") for name in EVERY]
    found += [(find(name).with_name("texts.yaml"), "texts") for name in EVERY]
    return found + [(ROOT / "systems" / name / "system.yaml", "system") for name in SYSTEMS]


@pytest.mark.parametrize(
    ("path", "kind"), _files(), ids=lambda value: getattr(value, "parent", value) and str(value)
)
def test_each_file_names_its_schema_and_fits_it(path: Path, kind: str) -> None:
    """The modeline in the first line leads to the committed schema, and an editor finds nothing wrong."""
    first = path.read_text(encoding="utf-8").splitlines()[0]
    assert first.startswith("# yaml-language-server: $schema="), path
    named = path.parent / first.split("=", 1)[1]
    assert named.resolve() == (ROOT / f"{kind}.schema.json").resolve()
    schema = json.loads(named.read_text(encoding="utf-8"))
    errors = list(jsonschema.Draft202012Validator(schema).iter_errors(_plain(path)))
    assert [] == [f"{error.json_path}: {error.message[:200]}" for error in errors]


def test_the_schema_refuses_what_the_loader_refuses() -> None:
    """A typo is red in an editor already."""
    schema = json.loads((ROOT / "scenario.schema.json").read_text(encoding="utf-8"))
    document = _plain(find("welcome"))
    assert isinstance(document, dict)
    document["timelin"] = document.pop("timeline")
    assert not jsonschema.Draft202012Validator(schema).is_valid(document)


# --- bounds


@pytest.mark.parametrize(
    "content",
    [b"a: [" + b"1," * 60_000 + b"]", b"- a\n" * 32_000, b"a:\n" + b"  - b: {c: [d, e]}\n" * 6_000],
    ids=["flow", "block", "nested"],
)
def test_a_file_of_too_many_values_stops_early(content: bytes) -> None:
    """Reading ends at the bound, long before a second is over, and says so."""
    begun = time.process_time()
    with pytest.raises(ScenarioError, match=rf"at most {MAX_VALUES:,} keys and values, got more"):
        load_bytes(content, files("welcome")[1])
    assert time.process_time() - begun < 2.0


def test_many_variants_of_a_large_system_are_bounded() -> None:
    """Thirty-two variants of the shop load; thirty-two of something ten times as large would not."""
    scenario, texts = files("production-is-down")
    base = scenario[: scenario.index(b"\nvariants:")] + b"\nvariants:\n" + b"  - {noop: false}\n" * 32
    words = texts[: texts.index(b"\nvariants:")] + b"\n"
    assert 32 == len(load_bytes(base, words).variants)
    more = b"\n".join(
        b"      - {metadata: {name: m%d}, data: {a: b, c: d}}" % number for number in range(900)
    )
    large = base.replace(b"  duration: 45m\n", b"  duration: 45m\n  configMaps:\n" + more + b"\n", 1)
    with pytest.raises(ScenarioError, match="at most 80,000 values in all"):
        load_bytes(large, words)


def test_the_search_path_is_the_kits_own() -> None:
    """The folder whose files are tested is the one that is shipped."""
    assert ROOT == search_path()[-1]
