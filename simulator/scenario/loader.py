"""From a folder to a scenario: read, include the system, lay each variant over, validate, resolve names.

    scenarios/NAME/scenario.yaml         spec, timeline, plays, decoys, coach, checks, variants
    scenarios/NAME/texts.yaml            story, situation, people, debrief, quiz, facilitator, variants
    scenarios/systems/NAME/system.yaml   what ``spec.system: NAME`` includes

All problems of a pass come in one ScenarioError.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

from simulator.errors import Problem, ScenarioError
from simulator.scenario.document import Scenario, Siblings
from simulator.scenario.drawing import with_traces
from simulator.scenario.drawn import DrawnVariants
from simulator.scenario.folders import FILE, TEXTS, find
from simulator.scenario.migrations import migrated, version_of
from simulator.scenario.overlays import (
    OVERLAY_KEYS,
    TEXTS_KEYS,
    overlaid,
    overlaid_texts,
    overlays,
    with_entry,
    with_system,
    without_variants,
)
from simulator.scenario.problems import problem_at
from simulator.scenario.reading import read_content, read_file
from simulator.scenario.tree import Node, size_of
from simulator.scenario.validating import validated

#: Values of all variants together, systems included: such a scenario loads within a second.
MAX_MERGED: Final = 80_000


def load(name_or_path: str | Path) -> Scenario:
    """Load a scenario by name or by the path of its folder or file, with variant 0 applied.

    Raises:
        ScenarioError: There is none of that name, or something in its files is wrong; all problems at once.
    """
    path = find(name_or_path)
    problems: list[Problem] = []
    root = read_file(path, problems)
    texts = read_file(path.with_name(TEXTS), problems)
    folder = path.resolve().parent
    return _build(root, texts, problems, folder=folder.name, near=folder.parent)


def load_bytes(scenario: bytes, texts: bytes) -> Scenario:
    """As :func:`load`, for files that are in memory; systems come from the search path.

    Raises:
        ScenarioError: Something in them is wrong; all problems at once.
    """
    problems: list[Problem] = []
    root = read_content(scenario, FILE, problems)
    words = read_content(texts, TEXTS, problems)
    return _build(root, words, problems, folder=None, near=None)


def _build(
    root: Node | None, texts: Node | None, problems: list[Problem], *, folder: str | None, near: Path | None
) -> Scenario:
    """Put the trees together, validate every variant, and return the first.

    Texts that could not be read keep nobody from hearing what is wrong with the rest.
    """
    if root is None:
        raise ScenarioError(problems)
    version = version_of(root)
    root = migrated("Scenario", root, version)
    texts = migrated("Texts", texts, version) if texts is not None else None
    above = overlays(root, OVERLAY_KEYS, problems)
    words = overlays(texts, TEXTS_KEYS, problems) if texts is not None else []
    count = max(1, len(above))
    if texts is not None and words and len(words) != count:
        where = problem_at(texts, ("variants",), f"{count} entries", str(len(words)), "One for each variant.")
        problems.append(where)
    before = len(problems)
    base = without_variants(with_system(root, near, problems))
    if len(problems) > before:  # without its system a scenario lacks nearly everything: echoes
        raise ScenarioError(problems)
    if count * size_of(base) > MAX_MERGED:
        todo = "Have fewer variants, or a smaller system."
        problems.append(
            problem_at(root, ("variants",), f"at most {MAX_MERGED:,} values in all", "more", todo)
        )
        raise ScenarioError(problems)
    scenarios, raws = list[Scenario](), list[Node]()
    for number in range(count):
        merged = overlaid(base, above[number] if above else None)
        if texts is not None:
            own = overlaid_texts(without_variants(texts), words[number] if number < len(words) else None)
            merged = with_entry(merged, "texts", own)
        raws.append(merged)
        scenario, found = validated(with_traces(merged), folder, texts_read=texts is not None)
        problems += [problem for problem in found if problem not in problems]
        scenarios += [scenario] if scenario is not None else []
    if problems:
        raise ScenarioError(problems)
    drawer = DrawnVariants(tuple(raws), folder) if scenarios[0].randomise is not None else None
    siblings = Siblings(tuple(scenarios), root.file, drawer)
    for number, scenario in enumerate(scenarios):
        scenario.join(siblings, number, with_traces(raws[number]))
    if drawer is not None and (wrong := drawer.problems(siblings)):
        raise ScenarioError(wrong)
    return scenarios[0]
