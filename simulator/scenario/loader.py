"""From a folder to a scenario: read, include the system, lay each variant over, validate, resolve names.

    scenarios/NAME/scenario.yaml         spec, timeline, plays, decoys, coach, checks, variants
    scenarios/NAME/texts.yaml            story, situation, people, debrief, quiz, facilitator, variants
    scenarios/systems/NAME/system.yaml   what ``spec.system: NAME`` includes

All problems of a pass come in one ScenarioError.
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Final

from pydantic import ValidationError

from simulator.errors import Problem, ScenarioError
from simulator.scenario.document import Scenario, Siblings
from simulator.scenario.fields import shown
from simulator.scenario.folders import FILE, TEXTS, find, find_system, shown_path, system_names
from simulator.scenario.merge import laid_over, put_before
from simulator.scenario.problems import nearest, problem_at, problems_of
from simulator.scenario.references import dangling
from simulator.scenario.tree import MAX_BYTES, Node, read_bytes

#: What a variant may change. ``spec`` and ``checks`` merge; of ``coach`` its own comes first; the rest is
#: replaced.
OVERLAY_KEYS: Final = (
    "belief", "noop", "spec", "timeline", "noise", "reference", "alternatives", "wrongPaths", "decoys",
    "coach", "checks",
)  # fmt: skip
#: What a variant's texts may change; ``debrief`` merges, the rest is replaced.
TEXTS_KEYS: Final = (
    "story", "normal", "situation", "people", "debrief", "echo", "quiz", "facilitator",
)  # fmt: skip
SYSTEM_KEYS: Final = ("apiVersion", "kind", "metadata", "spec")
MAX_VARIANTS: Final = 32


def load(name_or_path: str | Path) -> Scenario:
    """Load a scenario by name or by the path of its folder or file, with variant 0 applied.

    Raises:
        ScenarioError: There is none of that name, or something in its files is wrong; all problems at once.
    """
    path = find(name_or_path)
    problems: list[Problem] = []
    root = _read(path, problems)
    texts = _read(path.with_name(TEXTS), problems)
    if root is None or texts is None or problems:
        raise ScenarioError(problems)
    folder = path.resolve().parent
    return _build(root, texts, folder=folder.name, near=folder.parent)


def load_bytes(scenario: bytes, texts: bytes) -> Scenario:
    """As :func:`load`, for files that are in memory; systems come from the search path.

    Raises:
        ScenarioError: Something in them is wrong; all problems at once.
    """
    root, problems = read_bytes(scenario, FILE)
    words, more = read_bytes(texts, TEXTS)
    if root is None or words is None or problems or more:
        raise ScenarioError([*problems, *more])
    return _build(root, words, folder=None, near=None)


def _read(path: Path, problems: list[Problem]) -> Node | None:
    name = shown_path(path)
    try:
        with path.open("rb") as stream:
            content = stream.read(MAX_BYTES + 1)
    except OSError as error:
        reason = (error.strerror or type(error).__name__).lower()
        problems.append(Problem(name, "a file that can be read", reason, "Check the path."))
        return None
    root, found = _parsed(content, name)
    problems += found
    return root


@lru_cache(maxsize=64)
def _parsed(content: bytes, name: str) -> tuple[Node | None, list[Problem]]:
    """Parsing takes most of a load's time, and a player loads the same files again and again."""
    return read_bytes(content, name)


def _build(root: Node, texts: Node, *, folder: str | None, near: Path | None) -> Scenario:
    """Put the trees together, validate every variant, and return the first."""
    problems = [
        Problem(node.where, "a mapping", shown(node.plain()), "Begin with keys, such as kind:.")
        for node in (root, texts)
        if not isinstance(node.value, dict)
    ]
    if problems:
        raise ScenarioError(problems)
    overlays = _overlays(root, OVERLAY_KEYS, problems)
    words = _overlays(texts, TEXTS_KEYS, problems)
    count = max(1, len(overlays))
    if words and len(words) != count:
        where = problem_at(texts, ("variants",), f"{count} entries", str(len(words)), "One for each variant.")
        problems.append(where)
    before = len(problems)
    base = _without_variants(_with_system(root, near, problems))
    if len(problems) > before:  # without its system a scenario lacks nearly everything: echoes
        raise ScenarioError(problems)
    scenarios, sources = list[Scenario](), list[Node]()
    for number in range(count):
        merged = _overlaid(base, overlays[number] if overlays else None)
        own = _overlaid_texts(_without_variants(texts), words[number] if number < len(words) else None)
        sources.append(_with_entry(merged, "texts", own))
        scenario, found = _validated(sources[-1], folder)
        problems += [problem for problem in found if problem not in problems]
        scenarios += [scenario] if scenario is not None else []
    if problems:
        raise ScenarioError(problems)
    siblings = Siblings(tuple(scenarios), root.file)
    for number, scenario in enumerate(scenarios):
        scenario.join(siblings, number, sources[number])
    return scenarios[0]


def _overlays(root: Node, known: tuple[str, ...], problems: list[Problem]) -> list[Node]:
    """The entries of ``variants``, as far as they are overlays at all."""
    listed = root.child("variants")
    if listed is None:
        return []
    if not isinstance(listed.value, list) or not 0 < len(listed.value) <= MAX_VARIANTS:
        expected = f"a list of 1 to {MAX_VARIANTS} overlays"
        problems.append(Problem(listed.where, expected, shown(listed.plain()), "Remove it, or fill it."))
        return []
    for node in listed.value:
        if not isinstance(node.value, dict):
            problems.append(Problem(node.where, "a mapping", shown(node.plain()), _known(known)))
            continue
        for key, entry in node.value.items():
            if key not in known:
                close = nearest(key, known)
                todo = f"Did you mean {close!r}?" if close else _known(known)
                problems.append(Problem(entry.where, "a key that a variant may change", repr(key), todo))
    return listed.value


def _known(keys: tuple[str, ...]) -> str:
    return f"Known here: {', '.join(keys)}."


def _with_system(root: Node, near: Path | None, problems: list[Problem]) -> Node:
    """The document with the included system's spec below its own."""
    spec = root.child("spec")
    name = spec.child("system") if spec else None
    if spec is None or name is None or not isinstance(name.value, str):
        return root
    known = system_names(near)
    path = find_system(name.value, near) if name.value in known else None
    if path is None:
        close = nearest(name.value, known)
        todo = f"Did you mean {close!r}?" if close else f"There are {', '.join(known) or 'none'}."
        problems.append(Problem(name.where, "the name of a system", repr(name.value), todo))
        return root
    before = len(problems)
    system = _read(path, problems)
    if system is None or len(problems) > before:
        return root
    problems += _not_a_system(system, name.value)
    declared = system.child("spec")
    return _with_entry(root, "spec", laid_over(declared, spec)) if declared else root


def _not_a_system(system: Node, name: str) -> list[Problem]:
    """What is wrong with a system's file outside its ``spec``, which is validated with each scenario."""
    if not isinstance(system.value, dict):
        return [Problem(system.where, "a mapping", shown(system.plain()), _known(SYSTEM_KEYS))]
    found = [
        Problem(entry.where, "a known key", repr(key), _known(SYSTEM_KEYS))
        for key, entry in system.value.items()
        if key not in SYSTEM_KEYS
    ]
    for path, value in ((("apiVersion",), "gameday/v1"), (("kind",), "System"), (("metadata", "name"), name)):
        node: Node | None = system
        for step in path:
            node = node.child(step) if node else None
        if node is None or node.value != value:
            got = shown(node.plain()) if node else "nothing"
            found.append(problem_at(system, path, repr(value), got, "Correct it."))
    if system.child("spec") is None:
        found.append(problem_at(system, ("spec",), "the key 'spec'", "nothing", "Add it."))
    return found


def _with_entry(root: Node, key: str, entry: Node) -> Node:
    assert isinstance(root.value, dict), "callers hand in mappings"
    return Node({**root.value, key: entry}, root.file, root.line, root.path)


def _without_variants(root: Node) -> Node:
    assert isinstance(root.value, dict), "callers hand in mappings"
    rest = {key: node for key, node in root.value.items() if key != "variants"}
    return Node(rest, root.file, root.line, root.path)


def _overlaid(base: Node, overlay: Node | None) -> Node:
    if overlay is None or not isinstance(overlay.value, dict):
        return base
    for key in OVERLAY_KEYS:
        entry, below = overlay.child(key), base.child(key)
        if entry is None:
            continue
        if key in ("spec", "checks"):
            base = _with_entry(base, key, laid_over(below, entry, owner="base"))
        elif key == "coach" and below is not None and isinstance(entry.value, dict):
            for name, part in entry.value.items():
                below = _with_entry(below, name, put_before(below.child(name), part))
            base = _with_entry(base, key, below)
        else:
            base = _with_entry(base, key, entry)
    return base


def _overlaid_texts(base: Node, overlay: Node | None) -> Node:
    if overlay is None or not isinstance(overlay.value, dict):
        return base
    for key in TEXTS_KEYS:
        entry = overlay.child(key)
        if entry is not None:
            merged = laid_over(base.child(key), entry, owner="base") if key == "debrief" else entry
            base = _with_entry(base, key, merged)
    return base


def _validated(merged: Node, folder: str | None) -> tuple[Scenario | None, list[Problem]]:
    """One variant as a scenario, or what is wrong with it."""
    try:
        scenario = Scenario.model_validate(merged.plain(), by_alias=True, by_name=False)
    except ValidationError as error:
        return None, problems_of(error, merged, Scenario)
    found = [
        problem_at(merged, item.location, item.expected, item.got, item.todo) for item in dangling(scenario)
    ]
    if folder is not None and scenario.name != folder:
        todo = "Rename the folder or the scenario."
        found.append(
            problem_at(
                merged, ("metadata", "name"), f"the folder's name {folder!r}", repr(scenario.name), todo
            )
        )
    return scenario, found
