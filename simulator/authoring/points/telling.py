"""Point 9: a decoy can be told from the cause by something that the learner may look at.

Two texts, or two answers to a PromQL query, are compared as an eye compares them: which kinds of lines there
are, how often, and with which numbers. What differs between two runs of the *same* world, through other users
and other luck, is no difference; a tell must show at least twice as much.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from statistics import fmean
from typing import Final, NamedTuple

from simulator.authoring.plays.all import Played
from simulator.authoring.plays.record import Record
from simulator.authoring.points.finding import Finding, joined, on_seeds
from simulator.authoring.points.plays import ENOUGH

#: A difference below this is none, of a text and of numbers: a share of the lines, or of the larger number.
_LEAST_TEXT: Final = 0.02
_LEAST_NUMBER: Final = 0.2
#: And it must be so many times what the same world varies by itself.
_TIMES: Final = 2.0
#: Kinds of lines rarer than this are not compared by their numbers.
_COMMON: Final = 0.05
_LONG: Final = 70
#: What names one pod, one trace or one instant.
_OWN: Final = re.compile(
    r"\d{4}-\d\d-\d\d[T ][\d:.]+Z?|\b[0-9a-f]{8,}\b|\b[0-9a-f]*\d[0-9a-f]*[a-f][0-9a-f]{5,}\b"
    r"|-[bcdfghjklmnpqrstvwxz2456789]{8,10}\b|-[bcdfghjklmnpqrstvwxz2456789]{5}\b|\bT\+[\d:]+"
)
_NUMBER: Final = re.compile(r"(?<![\w.])\d+(?:\.\d+)?")


class Difference(NamedTuple):
    """How far two observations are apart, 0 to 1, and where most."""

    size: float
    words: str


def decoys_are_told_apart(played: Played) -> Finding:
    """Point 9: solvable from evidence: the tell of each decoy differs on 95 % of the seeds.

    The tell is looked at in the scenario as it is and in the world in which the decoy is the cause, on the
    same seed; and once more in the scenario as it is with other users, for what it varies by itself.
    """
    if not played.scenario.decoys:
        return Finding(False, "No decoy is declared: which innocent suspect has to be told from the cause?")
    words, ok = [], True
    for decoy in played.scenario.decoys:
        unlike: dict[int, Difference] = {}
        alike: dict[int, Difference] = {}
        refused = ""
        for seed in played.seeds:
            true, other, guilty = (
                played.each(kind, decoy.name)[seed] for kind in ("tell", "otherwise", "guilty")
            )
            refused = refused or next(iter(true.refused), "")
            scale = max(
                (abs(value) for each in (true, other, guilty) for value in each.series.values()), default=0.0
            )
            found, by_itself = difference(true, guilty, scale), difference(true, other, scale)
            least = _LEAST_NUMBER if decoy.tell.promql is not None else _LEAST_TEXT
            told = found.size >= max(least, _TIMES * by_itself.size)
            (unlike if told else alike)[seed] = found
        enough = len(alike) <= (1 - ENOUGH) * len(played.seeds)
        if refused:
            ok = False
            words.append(f"{decoy.name}: the tell is refused: {refused}")
        elif enough:
            example = next(iter(unlike.values()))
            words.append(f"{decoy.name}: {example.words}")
        else:
            ok = False
            seed = next(iter(alike))
            shown = alike[seed].words or _nothing(played.each("tell", decoy.name)[seed])
            where = on_seeds(alike, len(played.seeds))
            text = f"{decoy.name} looks the same whether guilty or not{where} ({shown})"
            words.append(f"{text}: {decoy.tell.line}")
    return Finding(ok, joined(words))


def _nothing(record: Record) -> str:
    """Why there is no difference, in words."""
    return "no difference" if record.series or record.answer else "nothing is shown in either"


def difference(true: Record, guilty: Record, scale: float) -> Difference:
    """How far the observation of the true world and that of the guilty one are apart.

    Args:
        true: The one.
        guilty: The other.
        scale: The largest number that any observation shows; a small one beside it is as good as none.
    """
    if true.series or guilty.series:
        return _of_numbers(true.series, guilty.series, scale)
    return _of_texts(true.answer, guilty.answer)


def _of_numbers(true: Mapping[str, float], guilty: Mapping[str, float], scale: float) -> Difference:
    worst = Difference(0.0, "")
    for name in sorted({*true, *guilty}):
        a, b = true.get(name), guilty.get(name)
        large = max(abs(a or 0.0), abs(b or 0.0), _COMMON * scale)
        size = abs((a or 0.0) - (b or 0.0)) / large if large else float((a is None) != (b is None))
        if size > worst.size:
            shown = ["nothing" if value is None else f"{value:.3g}" for value in (a, b)]
            worst = Difference(size, f"{name or 'the value'} is {shown[0]}, and {shown[1]} were it guilty")
    return worst


def _apart(a: float, b: float) -> float:
    return abs(a - b) / max(abs(a), abs(b)) if a != b else 0.0


def _of_texts(true: str, guilty: str) -> Difference:
    kinds = [_kinds(text) for text in (true, guilty)]
    sizes = [max(len(each), 1) for each in (true.splitlines(), guilty.splitlines())]
    worst = Difference(0.0, "")
    for kind in sorted({*kinds[0], *kinds[1]}):
        a, b = (len(each.get(kind, ())) / size for each, size in zip(kinds, sizes, strict=True))
        if abs(a - b) > worst.size:
            text = f"{a:.0%} of the lines, and {b:.0%} were it guilty, read “{_shown(kind)}”"
            worst = Difference(abs(a - b), text)
        if min(a, b) >= _COMMON:
            numbers = _of_columns(kinds[0][kind], kinds[1][kind])
            if numbers.size * min(a, b) > worst.size:
                text = f"“{_shown(kind)}” has {numbers.words}"
                worst = Difference(numbers.size * min(a, b), text)
    return worst


def _shown(kind: str) -> str:
    """A kind of line for a table: of a long one its end, where log lines have their message."""
    return kind if len(kind) <= _LONG else f"… {kind[-_LONG:]}"


def _kinds(text: str) -> dict[str, list[list[float]]]:
    """The kinds of lines of a text, and of each line of a kind its numbers."""
    found: dict[str, list[list[float]]] = {}
    for line in text.splitlines():
        plain = " ".join(_OWN.sub("*", line).split())
        if plain:
            numbers = [float(number) for number in _NUMBER.findall(plain)]
            found.setdefault(_NUMBER.sub("#", plain), []).append(numbers)
    return found


def _of_columns(true: list[list[float]], guilty: list[list[float]]) -> Difference:
    worst = Difference(0.0, "")
    for a, b in zip(zip(*true, strict=True), zip(*guilty, strict=True), strict=True):
        size = _apart(fmean(a), fmean(b))
        if size > worst.size:
            worst = Difference(size, f"{fmean(a):.3g}, and {fmean(b):.3g} were it guilty")
    return worst
