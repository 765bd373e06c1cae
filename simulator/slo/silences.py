"""Silences: who muted what, until when, and why, as Alertmanager keeps them."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Literal

from simulator.errors import GamedayError
from simulator.scenario.matchers import Matcher


def fits(matchers: Iterable[Matcher], labels: Mapping[str, str]) -> bool:
    """Whether labels fit every matcher; a label that is not there is the empty text, as in Alertmanager."""
    return all(_one_fits(each, labels.get(each.name, "")) for each in matchers)


def _one_fits(matcher: Matcher, value: str) -> bool:
    if "~" in matcher.operator:
        hit = re.fullmatch(matcher.value, value) is not None
    else:
        hit = matcher.value == value
    return hit != matcher.operator.startswith("!")


@dataclass(frozen=True, slots=True)
class Silence:
    """One silence.

    Attributes:
        id: As Alertmanager writes it, a UUID; here the hash of its place in the run.
        matchers: What an alert must fit, sorted.
        starts_at: ns.
        ends_at: ns.
        created_by: Who.
        comment: Why.
    """

    id: str
    matchers: tuple[Matcher, ...]
    starts_at: int
    ends_at: int
    created_by: str
    comment: str

    def state(self, at: int) -> Literal["pending", "active", "expired"]:
        """Alertmanager's status of a silence."""
        if at >= self.ends_at:
            return "expired"
        return "active" if at >= self.starts_at else "pending"


class Silences:
    """The silences of a run."""

    def __init__(self) -> None:
        self._silences: list[Silence] = []

    @property
    def all(self) -> tuple[Silence, ...]:
        """Every silence of the run, oldest first."""
        return tuple(self._silences)

    def add(
        self, matchers: Iterable[Matcher], *, at: int, duration: int, created_by: str, comment: str
    ) -> Silence:
        """Mute what fits from now on.

        Raises:
            GamedayError: Nothing has to fit (that would mute everything), or it ends at once.
        """
        wanted = tuple(sorted(matchers))
        if not any(fits_something(each) for each in wanted) or duration <= 0:
            raise GamedayError(
                "silence",
                expected="at least one matcher that does not fit every alert, and a duration above zero",
                got=", ".join(map(str, wanted)) or "none",
                todo="Name an alert, such as alertname=CheckoutAvailabilityBudgetBurn.",
            )
        place = f"{len(self._silences)}:{at}:{wanted}".encode()
        digits = hashlib.sha256(place).hexdigest()
        uuid = "-".join((digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:32]))
        silence = Silence(uuid, wanted, at, at + duration, created_by, comment)
        self._silences.append(silence)
        return silence

    def expire(self, name: str, at: int) -> Silence:
        """End a silence now.

        Args:
            name: Its id, or the beginning of it.
            at: Now, ns.

        Raises:
            GamedayError: No such silence lasts.
        """
        lasting = [each for each in self._silences if each.state(at) != "expired"]
        found = [each for each in lasting if name and each.id.startswith(name)]
        if len(found) != 1:
            raise GamedayError(
                "silence",
                expected="the id of one of " + (", ".join(each.id for each in lasting) or "none"),
                got=repr(name),
                todo="amtool silence query lists them.",
            )
        ended = replace(found[0], ends_at=at)
        self._silences[self._silences.index(found[0])] = ended
        return ended

    def muting(self, labels: Mapping[str, str], at: int) -> Silence | None:
        """The oldest active silence that mutes an alert; None where none does."""
        return next(
            (each for each in self._silences if each.state(at) == "active" and fits(each.matchers, labels)),
            None,
        )


def fits_something(matcher: Matcher) -> bool:
    """Whether a matcher asks for anything: what the empty text fits would mute alerts without the label."""
    return not fits((matcher,), {})
