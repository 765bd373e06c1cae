"""What a scenario's author reads when something is wrong."""

from __future__ import annotations

from pathlib import Path

import pytest

from simulator.errors import ScenarioError
from simulator.scenario import load, load_bytes
from tests.scenario_files import files, line_of, problem, problems


def test_a_bad_duration_is_reported_in_four_parts() -> None:
    """A message has file, line and path, what was expected, what came, and what to do."""
    line = line_of("duration: 45m")
    assert (
        f"scenario.yaml:{line}: spec.duration: expected a duration such as 1h30m or 250ms, got '45 min'. "
        "Use ns, us, ms, s, m and h."
    ) == problem(("duration: 45m", "duration: 45 min"))


def test_a_bare_number_is_no_duration() -> None:
    """Outside Argo's fields a number without a unit is refused, not guessed."""
    assert "got 45." in problem(("duration: 45m", "duration: 45"))


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("  seed: ", "  sed: ", "spec.sed: expected a known key, got 'sed'. Did you mean 'seed'?"),
        ("setImage:", "set_image:", "setImage'?"),
        (
            "heldFor: 5m",
            "heldfor: 5m",
            "checks[0].heldfor: expected a known key, got 'heldfor'. Did you mean 'heldFor'?",
        ),
        ("kind: HTTPChaos", "kind: HttpChaos", "got 'HttpChaos'. Did you mean 'HTTPChaos'?"),
        (
            "deployment: checkout, image",
            "deployment: chekout, image",
            "got 'chekout'. Did you mean 'checkout'?",
        ),
        (
            "source: app",
            "source: apps",
            "expected the name of a traffic source, got 'apps'. Did you mean 'app'?",
        ),
        ("system: shop", "system: shopp", "expected the name of a system, got 'shopp'. Did you mean 'shop'?"),
        (
            "routes: [{name: place",
            "routes: [{name: places",
            "expected the name of a route of checkout, got 'places'",
        ),
    ],
)
def test_a_wrong_name_is_answered_with_the_nearest_right_one(old: str, new: str, said: str) -> None:
    """One typo gives one message, and it names what was probably meant."""
    assert said in problem((old, new))


def test_a_missing_key_takes_its_parents_line() -> None:
    """What is not there can't have a line, so the message points at what should hold it."""
    found = problem(("  duration: 45m\n", ""))
    assert (
        f"scenario.yaml:{line_of('spec:')}: spec.duration: expected the key 'duration', got nothing." in found
    )


def test_a_variants_problem_has_the_path_in_the_file() -> None:
    """After merging, a message still names the place where the author wrote it."""
    line = line_of("errorRate: 0.29")
    found = problem(("errorRate: 0.29", "errorRate: 1.29"))
    assert found.startswith(
        f"scenario.yaml:{line}: variants[0].timeline[0].model.routes[0].errorRate: "
        "expected at most 1.0, got 1.29."
    )


def test_an_overlays_problem_may_lie_in_the_system() -> None:
    """A service taken away from one workload is reported where that workload stands, in the system's file."""
    override = "  system: shop\n  services: [{metadata: {name: cart}, spec: {selector: {app: web}}}]\n"
    wheres = [item.where for item in problems(("  system: shop\n", override))]
    assert any(where.startswith("scenarios/systems/shop/system.yaml:") for where in wheres)


def test_all_problems_of_the_files_come_at_once() -> None:
    """An author fixes a file in one go, in the order of its lines."""
    found = problems(("  seed: ", "  sed: "), ("class: harmful", "class: bad"), ("heldFor: 5m", "heldFor: 5"))
    assert ["spec.sed", "coach.acts[0].class", "checks[0].heldFor"] == [
        item.where.split(": ")[1] for item in found
    ]


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('cause: "checkout v43', 'cause: &a "checkout v43', "expected a value without an anchor, got &a."),
        ("title: Production is down", "title: *a", "expected the value itself, got the alias *a."),
        ("kind: Scenario", "kind: !!str Scenario", "expected a value without a tag"),
        ("  seed: 20260303", "  seed: 1\n  seed: 2", "expected each key once, got 'seed' again"),
        ("kind: Scenario", "---\nkind: Scenario", "expected one document, got a second one."),
        ('commit: "5c1be90"', "commit: 5e90", "expected text, got 5e+90. Put it in quotes."),
    ],
)
def test_a_file_is_plain_data(old: str, new: str, said: str) -> None:
    """Nothing in a scenario can construct, repeat or hide anything."""
    assert any(said in str(item) for item in problems((old, new)))


def test_depth_and_size_are_bounded() -> None:
    """A file can't make the loader work for long."""
    _, texts = files("welcome")
    for content, said in (
        (b"a: " + b"[" * 40 + b"]" * 40, "at most 24 levels"),
        (b"#" * 200_000, "at most 128 KiB"),
    ):
        with pytest.raises(ScenarioError, match=said):
            load_bytes(content, texts)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("{worst-pod:app=checkout}", "{best-pod:app=checkout}", "no placeholder but {worst-pod:LABEL=VALUE}"),
        ("{at: 7m50s, run: kubectl get", "{at: 7m40s, run: kubectl get", "a time from 7m45s to before 45m"),
        ("at: 4m\n", "at: 46m\n", "to before 45m"),
        (
            "labelSelectors: {app: checkout}",
            "labelSelectors: {app: shopping}",
            "labels of some workload's pods",
        ),
        ('"checkout:v43"', '"checkout:v42"', "another image than the one that runs"),
        (", errorRate: 0.85, speed: 0.4", "", "abort, errorRate, speed, delay"),
        ("name: scale-out\n", "name: panic\n", "a name of its own"),
    ],
)
def test_what_would_silently_do_nothing_is_refused(old: str, new: str, said: str) -> None:
    """A fault that hits nothing, a release of the same image, a play out of order: each is an error."""
    assert any(said in item.expected for item in problems((old, new)))


def _system(*edits: tuple[str, str]) -> str:
    """The welcome scenario over a system of its own, edited."""
    scenario, texts = files("welcome")
    system = Path("scenarios/systems/welcome/system.yaml").read_text(encoding="utf-8")
    for old, new in edits:
        assert old in system, f"{old!r} is not in the file any more"
        system = system.replace(old, new, 1)
    spec = system[system.index("spec:\n") + len("spec:\n") :]
    whole = scenario.decode().replace("  system: welcome\n", spec)
    with pytest.raises(ScenarioError) as caught:
        load_bytes(whole.encode(), texts)
    return str(caught.value)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("{service: app, route: page, ", "{service: ap, route: page, ", "the name of a service, got 'ap'"),
        ("{service: app, route: page, ", "{service: app, route: pag, ", "route of app, got 'pag'"),
        ("{service: db, route: read, ", "{service: edge, route: page, ", "calls without a cycle"),
        ("routes: {page: 85, search: 15}", "routes: {page: 85, sarch: 15}", "route of edge, got 'sarch'"),
        ("        service: app\n", "        service: apple\n", "got 'apple'. Did you mean 'app'?"),
        ('{service="edge",code', '{service="app",code', "good and total over the same service and routes"),
        ('{service="edge",code!~"5.."}', '{service="edge"}', 'a good query with code!~"5.."'),
        ("query: 'lb_requests_total{", "query: 'up{", "a selector such as lb_requests_total"),
        ("mean: 34ms, p99: 140ms", "mean: 34ms, p99: 30ms", "a p99 of 1.02 to 14.9 times the mean"),
        ('image: "app:v7"', 'image: "app:v9"', "'app:v9', got 'app:v7'"),
        ("age: 74h", "age: 7400h", "less than"),
        (
            "rate: 60,",
            "startRate: 60,",
            "expected rate, and no startRate, vus, startVUs, stages, got",
        ),
        ("cpu: 500m, memory: 512Mi", "cpu: half, memory: 512Mi", "a quantity such as 500m"),
        ("duration: 30d", "duration: 30 days", "a duration such as 30d, 4w or 1M"),
        ("duration: 30d", "duration: 1h", "a rolling window from 1d to 52w"),
        ("target: 0.999", "target: 99.9", "less than 1"),
        ("replicas: 4", 'replicas: "4"', "a whole number, got '4'"),
        ("periodSeconds: 5", "periodSeconds: 0", "at least 1"),
    ],
)
def test_names_and_numbers_of_a_system_are_checked(old: str, new: str, said: str) -> None:
    """What points nowhere, and what no tool would accept, is an error with a line before anything runs."""
    assert said in _system((old, new))


def test_an_unknown_scenario_is_answered_with_the_nearest() -> None:
    """A slip in a name costs one look."""
    with pytest.raises(
        ScenarioError, match=r"got 'productoin-is-down'\. Did you mean 'production-is-down'\?"
    ):
        load("productoin-is-down")


def test_the_name_is_the_folders(tmp_path: Path) -> None:
    """A copied folder must be renamed inside too."""
    folder = tmp_path / "my-own"
    folder.mkdir()
    for name, content in zip(("scenario.yaml", "texts.yaml"), files("welcome"), strict=True):
        (folder / name).write_bytes(content)
    with pytest.raises(ScenarioError, match="expected the folder's name 'my-own', got 'welcome'"):
        load(folder)


def test_a_missing_texts_file_is_named(tmp_path: Path) -> None:
    """Both files are part of a scenario."""
    (tmp_path / "scenario.yaml").write_bytes(files("welcome")[0])
    with pytest.raises(
        ScenarioError, match=r"texts\.yaml: expected a file that can be read, got no such file"
    ):
        load(tmp_path / "scenario.yaml")
