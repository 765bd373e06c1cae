"""A job's matrix as the combinations that GitHub makes of it.

Source: GitHub's "Workflow syntax", ``strategy.matrix.include`` and ``exclude``: exclude first, by partial
match; then each include joins every combination whose original values it leaves alone, else it is one more.
"""

from __future__ import annotations

from itertools import product
from typing import Final, TypeVar

from simulator.errors import PipelineError, Problem
from simulator.pipeline.workflow.document import At, Job, Text
from simulator.pipeline.workflow.evaluation import Scope, as_text, filled
from simulator.pipeline.workflow.expressions import ExpressionError
from simulator.scenario.fields import shown

#: Jobs that one matrix may make, by GitHub's limits.
MOST: Final = 256

Combination = dict[str, object]
_T = TypeVar("_T")


def combinations(job: Job, scope: Scope) -> tuple[Combination, ...]:
    """The combinations of a job's matrix in GitHub's order; one empty one where it has none.

    Raises:
        PipelineError: An expression in it has no value, or there are too many.
    """
    strategy = job.strategy
    if strategy is None:
        return ({},)
    whole: Combination = {}
    if strategy.whole is not None:
        whole = _value(strategy.whole, scope, dict, "a mapping")
        axes = [(name, _listed(values, strategy.at)) for name, values in whole.items() if name not in _LISTS]
        include, exclude = (_mappings(whole.get(name, []), strategy.at) for name in _LISTS)
    else:
        axes = [
            (name, _value(values, scope, list, "a list") if isinstance(values, Text) else list(values))
            for name, values in strategy.axes
        ]
        include, exclude = (
            _mappings(
                _value(each, scope, list, "a list") if isinstance(each, Text) else list(each), strategy.at
            )
            for each in (strategy.include, strategy.exclude)
        )
    names = [name for name, _ in axes]
    made = (
        [dict(zip(names, values, strict=True)) for values in product(*(values for _, values in axes))]
        if axes
        else []
    )
    kept = [each for each in made if not any(_matches(each, rule) for rule in exclude)]
    kept = _included(kept, include)
    if len(kept) > MOST:
        raise PipelineError(
            [Problem(str(strategy.at), f"at most {MOST} jobs of one matrix", str(len(kept)), "Exclude some.")]
        )
    return tuple(kept) or (({},) if not axes and not include else ())


_LISTS: Final = ("include", "exclude")


def title(job: Job, combination: Combination) -> str:
    """What the job is called for one combination: ``test (3.12, ubuntu-latest)``."""
    if not combination:
        return job.title
    return f"{job.title} ({', '.join(_shown(value) for value in combination.values())})"


def _shown(value: object) -> str:
    return ", ".join(_shown(each) for each in value.values()) if isinstance(value, dict) else as_text(value)


def _matches(combination: Combination, rule: Combination) -> bool:
    return all(combination.get(name) == value for name, value in rule.items())


def _included(kept: list[Combination], include: list[Combination]) -> list[Combination]:
    originals = [dict(each) for each in kept]
    extra: list[Combination] = []
    for rule in include:
        joined = False
        for combination, original in zip(kept, originals, strict=True):
            if all(original[name] == value for name, value in rule.items() if name in original):
                combination.update(rule)
                joined = True
        if not joined:
            extra.append(dict(rule))
    return [*kept, *extra]


def _value(text: Text, scope: Scope, kind: type[_T], what: str) -> _T:
    try:
        value = filled(text.text, scope)
    except ExpressionError as error:
        raise PipelineError([Problem(str(text.at), error.expected, error.got, error.todo)]) from None
    if not isinstance(value, kind):
        raise PipelineError([Problem(str(text.at), what, shown(value), "A matrix is made of lists.")])
    return value


def _listed(values: object, at: At) -> list[object]:
    if isinstance(values, list):
        return values
    raise PipelineError([Problem(str(at), "a list of values", shown(values), "A matrix is made of lists.")])


def _mappings(values: object, at: At) -> list[Combination]:
    if isinstance(values, list) and all(isinstance(each, dict) for each in values):
        return values
    raise PipelineError([Problem(str(at), "a list of mappings", shown(values), "A matrix is made of lists.")])
