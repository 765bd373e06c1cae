"""The variants that are drawn: which one a number is, and whether their block can work at all."""

from __future__ import annotations

from dataclasses import dataclass, field

from simulator.errors import Problem, ScenarioError
from simulator.scenario.document import Scenario, Siblings
from simulator.scenario.drawing import ATTEMPTS, Draw, ImpossibleError, drawn, found
from simulator.scenario.problems import nearest, problem_at
from simulator.scenario.tree import Node
from simulator.scenario.validating import validated

#: Below these keys a path of a range may lead: what can change a run.
_DRAWN: tuple[str, ...] = ("spec", "timeline", "noise")


@dataclass(frozen=True)
class DrawnVariants:
    """Draws variants, each once.

    Attributes:
        raws: The trees of the variants by hand.
        folder: Whose name the scenario bears; None for one that is in memory.
    """

    raws: tuple[Node, ...]
    folder: str | None
    _kept: dict[int, Scenario] = field(default_factory=dict)

    def draw(self, siblings: Siblings, number: int) -> Scenario:
        """The variant of a number; one by hand after the other is what it is drawn from.

        Raises:
            ScenarioError: What was drawn is no scenario; all problems at once.
        """
        if number not in self._kept:
            count = len(siblings.scenarios)
            scenario, wrong = self._made(siblings, (number - count) % count, number)
            if scenario is None or wrong:
                raise ScenarioError(wrong)
            self._kept[number] = scenario
        return self._kept[number]

    def problems(self, siblings: Siblings) -> list[Problem]:
        """What is wrong with the block: paths, constraints, or a variant at either end of its ranges."""
        wrong = self._paths(siblings)
        for base in range(len(siblings.scenarios)) if not wrong else ():
            for end in (None, 0, 1):
                number = len(siblings.scenarios) + base
                more = self._made(siblings, base, number, end)[1]
                wrong += [problem for problem in more if problem not in wrong]
        return wrong

    def _paths(self, siblings: Siblings) -> list[Problem]:
        wrong: list[Problem] = []
        for scenario, raw in zip(siblings.scenarios, self.raws, strict=True):
            block = scenario.randomise
            assert block is not None, "the block is every variant's"
            named = [(("ranges", index, "path"), item.path) for index, item in enumerate(block.ranges)]
            for index, item in enumerate(block.where):
                named += [(("where", index, "path"), item.path), (("where", index, "than"), item.than)]
            for location, path in named:
                node = found(raw, path)
                if node is not None and not isinstance(node.value, dict | list) and path.startswith(_DRAWN):
                    continue
                problem = problem_at(
                    raw,
                    ("randomise", *location),
                    f"the path of one value below {', '.join(_DRAWN)}",
                    repr(path),
                    _advice(raw, path),
                )
                wrong += [problem] if problem not in wrong else []
        return wrong

    def _made(
        self, siblings: Siblings, base: int, number: int, end: int | None = None
    ) -> tuple[Scenario | None, list[Problem]]:
        scenario, raw = siblings.scenarios[base], self.raws[base]
        block = scenario.randomise
        assert block is not None, "the block is every variant's"
        try:
            tree = drawn(scenario, raw, block, Draw(number, scenario.name, end))
        except ImpossibleError:
            if end is not None:  # both ends need not fulfil the constraints
                return None, []
            expected, todo = "constraints that some draw fulfils", "Widen the ranges, or drop a constraint."
            got = f"none in {ATTEMPTS} draws"
            return None, [problem_at(raw, ("randomise", "where"), expected, got, todo)]
        made, wrong = validated(tree, self.folder)
        if made is not None:
            made.join(siblings, number, tree)
        return made, wrong


def _advice(tree: Node, path: str) -> str:
    """The nearest path that leads one step further than what can be followed."""
    parts = path.replace("[", ".[").split(".")
    for length in range(len(parts) - 1, 0, -1):
        node = found(tree, ".".join(parts[:length]).replace(".[", "["))
        if node is not None and isinstance(node.value, dict):
            close = nearest(parts[length].strip("[]"), list(node.value))
            known = ", ".join(list(node.value)[:12])
            return f"Did you mean {close!r}?" if close else f"Known there: {known}."
    return "Write it as in timeline[0].model.routes[place].errorRate."
