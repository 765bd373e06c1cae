"""Laws of time as operators know them (a mean and a p99), as integer tables equal on every machine.

A law becomes a table of quantiles in whole nanoseconds. A draw takes 64 fair bits *w* and reads the quantile
whose upper tail is w / 2^64: the number of leading zeros of *w* picks the octave, the next five bits the
cell, the next twenty interpolate. So each octave of the tail has 32 cells, however rare it is. Tables are
derived in decimal arithmetic, whose results the specification fixes to the last digit, and then corrected so
that the law's mean is what was asked for.

Two laws read with the same bits share their luck: a slow draw under v1 is a slow draw under v2.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Context, Decimal, localcontext
from functools import lru_cache
from itertools import pairwise
from typing import Final, Literal

from simulator.errors import GamedayError
from simulator.units import HOUR, format_duration

Kind = Literal["lognormal", "exponential", "constant"]

#: Cells in each octave of the upper tail, and octaves before the tail is cut (at a chance of 2^-33).
CELLS: Final = 32
OCTAVES: Final = 32
NODES: Final = CELLS * OCTAVES + 1
#: Bits of the uniform that interpolate inside a cell.
FRACTION_BITS: Final = 20
#: No quantile may exceed this, so that ``(high - low) << FRACTION_BITS`` stays inside 63 bits.
LONGEST: Final = HOUR

_CONTEXT: Final = Context(prec=28)
#: The standard normal's 99th percentile, to the digits that a p99 needs.
_Z99: Final = Decimal("2.326347874040841100885606163")
#: p99 / mean of a lognormal has a largest value: exp(z99² / 2), where sigma equals z99.
_LARGEST_RATIO: Final = 14.9
#: And the smallest, in per cent.
_SMALLEST_PERCENT: Final = 102

# Wichura (1988), Algorithm AS 241: The Percentage Points of the Normal Distribution. Applied Statistics
# 37(3). Pairs of polynomials, highest power first: centre (|q| <= 0.425), near tail (r <= 5), far tail.
_CENTRE: Final = (
    "2509.0809287301226727 33430.575583588128105 67265.770927008700853 45921.953931549871457"
    " 13731.693765509461125 1971.5909503065514427 133.14166789178437745 3.3871328727963666080",
    "5226.495278852854561 28729.085735721942674 39307.895800092710610 21213.794301586595867"
    " 5394.1960214247511077 687.18700749205790830 42.313330701600911252 1.0",
)
_NEAR: Final = (
    "0.000774545014278341407640 0.0227238449892691845833 0.241780725177450611770 1.27045825245236838258"
    " 3.64784832476320460504 5.76949722146069140550 4.63033784615654529590 1.42343711074968357734",
    "0.00000000105075007164441684324 0.000547593808499534494600 0.0151986665636164571966"
    " 0.148103976427480074590 0.689767334985100004550 1.67638483018380384940 2.05319162663775882187 1.0",
)
_FAR: Final = (
    "0.000000201033439929228813265 0.0000271155556874348757815 0.00124266094738807843860"
    " 0.0265321895265761230930 0.296560571826504891230 1.78482653991729133580"
    " 5.46378491116411436990 6.65790464350110377720",
    "0.00000000000000204426310338993978564 0.000000142151175831644588870 0.0000184631831751005468180"
    " 0.000786869131145613259100 0.0148753612908506148525 0.136929880922735805310"
    " 0.599832206555887937690 1.0",
)


@dataclass(frozen=True, slots=True)
class Law:
    """A law of durations.

    Attributes:
        kind: ``lognormal`` (mean and p99), ``exponential`` (mean) or ``constant`` (mean).
        mean: Nanoseconds.
        p99: Nanoseconds; for ``lognormal`` alone.

    Raises:
        GamedayError: The numbers fit no such law.
    """

    kind: Kind
    mean: int
    p99: int | None = None

    def __post_init__(self) -> None:
        if self.kind not in ("lognormal", "exponential", "constant"):
            raise GamedayError(
                "distribution",
                expected="lognormal, exponential or constant",
                got=repr(self.kind),
                todo="Use one of these.",
            )
        if not 0 < self.mean <= HOUR // 30:
            raise GamedayError(
                "mean",
                expected="a time above 0 and up to 2m",
                got=format_duration(self.mean),
                todo="Give a shorter mean.",
            )
        if self.kind != "lognormal":
            if self.p99 is not None:
                raise GamedayError(
                    "p99",
                    expected=f"no p99, since a {self.kind} law has only a mean",
                    got=format_duration(self.p99),
                    todo="Drop p99, or use distribution: lognormal.",
                )
        elif self.p99 is None or not 1.02 <= self.p99 / self.mean <= _LARGEST_RATIO:
            raise GamedayError(
                "p99",
                expected=f"a p99 of 1.02 to {_LARGEST_RATIO} times the mean {format_duration(self.mean)}",
                got="nothing" if self.p99 is None else format_duration(self.p99),
                todo="No lognormal law lies outside this range; move the mean or the p99.",
            )

    def later(self, delay: int) -> Law:
        """The same law with every duration longer by ``delay`` (ns), or the narrowest that there is.

        A lognormal law whose tail the delay dwarfs would be narrower than any; it gets the smallest p99.
        """
        mean = self.mean + delay
        if self.p99 is None:
            return Law(self.kind, mean)
        return Law(self.kind, mean, max(self.p99 + delay, -(-mean * _SMALLEST_PERCENT // 100)))

    def table(self) -> tuple[int, ...]:
        """The quantile table: ``NODES`` nanosecond values, from the far upper tail down to the smallest."""
        return _table(self.kind, self.mean, self.p99 or 0)

    def quantile(self, bits: int) -> int:
        """The duration for 64 fair bits, exactly as the data plane reads the table."""
        return read(self.table(), bits)


def read(table: tuple[int, ...], bits: int) -> int:
    """One draw from a table: the quantile whose upper tail is ``bits / 2^64``, in nanoseconds."""
    octave = 64 - bits.bit_length()
    if octave >= OCTAVES:
        return table[0]
    normal = bits << octave
    cell = (normal >> 58) & (CELLS - 1)
    fraction = (normal >> 38) & ((1 << FRACTION_BITS) - 1)
    node = (OCTAVES - 1 - octave) * CELLS + cell
    return table[node] - (((table[node] - table[node + 1]) * fraction) >> FRACTION_BITS)


def _polynomials(pair: tuple[str, str], x: Decimal) -> Decimal:
    top, bottom = (_horner([Decimal(coefficient) for coefficient in text.split()], x) for text in pair)
    return top / bottom


def _horner(coefficients: list[Decimal], x: Decimal) -> Decimal:
    """A polynomial by Horner's rule, highest power first."""
    total = Decimal(0)
    for coefficient in coefficients:
        total = total * x + coefficient
    return total


@lru_cache(maxsize=1)
def _upper_tails() -> tuple[Decimal, ...]:
    """The upper-tail chance at each node, ascending; the last is 1."""
    return tuple(
        Decimal(CELLS + node % CELLS) / CELLS / Decimal(2) ** (OCTAVES - node // CELLS)
        for node in range(NODES)
    )


@lru_cache(maxsize=1)
def _normal_nodes() -> tuple[Decimal, ...]:
    """Standard normal quantiles at all nodes but the last (which is minus infinity)."""
    with localcontext(_CONTEXT):
        nodes = []
        for tail in _upper_tails()[:-1]:
            centred = Decimal("0.5") - tail
            if abs(centred) <= Decimal("0.425"):
                nodes.append(centred * _polynomials(_CENTRE, Decimal("0.180625") - centred * centred))
                continue
            r = (-min(tail, 1 - tail).ln()).sqrt()
            size = _polynomials(_NEAR, r - Decimal("1.6")) if r <= 5 else _polynomials(_FAR, r - 5)
            nodes.append(size if centred > 0 else -size)
        return tuple(nodes)


@lru_cache(maxsize=256)
def _shape(kind: Kind, mean: int, p99: int) -> tuple[Decimal, ...]:
    """Quantiles of the law with mean about 1 at all nodes, before the correction of the mean."""
    with localcontext(_CONTEXT):
        if kind == "constant":
            return (Decimal(1),) * NODES
        if kind == "exponential":
            return tuple(-tail.ln() for tail in _upper_tails())
        # mean = exp(mu + s²/2), p99 = exp(mu + z99 s): s is the smaller root of s² - 2 z99 s + 2
        # ln(p99/mean).
        ratio = Decimal(p99) / Decimal(mean)
        sigma = _Z99 - (_Z99 * _Z99 - 2 * ratio.ln()).sqrt()
        shift = -sigma * sigma / 2
        return (*((shift + sigma * z).exp() for z in _normal_nodes()), Decimal(0))


@lru_cache(maxsize=256)
def _table(kind: Kind, mean: int, p99: int) -> tuple[int, ...]:
    shape = _shape(kind, mean, p99)
    with localcontext(_CONTEXT):
        factor = Decimal(mean) / _mean(shape)
        nodes = [min(int((value * factor).to_integral_value()), LONGEST) for value in shape]
        if kind == "constant":
            return tuple(nodes)
        # Rounding left a fraction of a nanosecond; the median node carries the most weight and takes it.
        middle = (OCTAVES - 1) * CELLS
        weight = (_upper_tails()[middle + 1] - _upper_tails()[middle - 1]) / 2
        nodes[middle] += int(
            ((Decimal(mean) - _mean(tuple(map(Decimal, nodes)))) / weight).to_integral_value()
        )
    if any(high < low for high, low in pairwise(nodes)):
        raise AssertionError(f"the table of {kind}, mean {mean}, p99 {p99} does not fall")
    return tuple(nodes)


def _mean(nodes: tuple[Decimal, ...]) -> Decimal:
    """The mean of the law that interpolates these nodes linearly."""
    tails = _upper_tails()
    total = nodes[0] * tails[0]
    for node in range(NODES - 1):
        total += (tails[node + 1] - tails[node]) * (nodes[node] + nodes[node + 1]) / 2
    return total
