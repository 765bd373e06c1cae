"""Label matchers as Alertmanager and amtool write them: ``severity="page"``, ``alertname=~"Checkout.*"``.

Read here, where a scenario's routes and a learner's silences both come from; they are applied where alerts
live.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final, Literal, cast

Operator = Literal["=", "!=", "=~", "!~"]

_VALUE: Final = r'(?:"((?:[^"\\]|\\.)*)"|([^\s"{},]*))'
_MATCHER: Final = re.compile(rf"\s*([a-zA-Z_][a-zA-Z0-9_]*)\s*(=~|!~|!=|=)\s*{_VALUE}\s*")
#: Longer than any label that an alert here carries.
_LONGEST: Final = 200


@dataclass(frozen=True, slots=True, order=True)
class Matcher:
    """One matcher.

    Attributes:
        name: Label.
        operator: How.
        value: Text, or a regular expression that must fit the whole value.
    """

    name: str
    operator: Operator
    value: str

    def __str__(self) -> str:
        """As amtool shows it: ``alertname="CheckoutAvailabilityBudgetBurn"``."""
        return f'{self.name}{self.operator}"{self.value}"'

    @property
    def bare(self) -> str:
        """As it is typed without quotes: ``alertname=CheckoutAvailabilityBudgetBurn``."""
        return f"{self.name}{self.operator}{self.value}"


def matcher(text: str) -> Matcher | None:
    """Read one matcher; None where the text is none, or its regular expression is none."""
    found = _MATCHER.fullmatch(text) if len(text) <= _LONGEST else None
    if found is None:
        return None
    name, operator, quoted, bare = found.groups()
    value = re.sub(r"\\(.)", r"\1", quoted) if quoted is not None else bare
    if "~" in operator and not _is_pattern(value):
        return None
    return Matcher(name, cast("Operator", operator), value)


def _is_pattern(text: str) -> bool:
    """Whether it is a regular expression, of a kind that can't take long on a short label."""
    if re.search(r"[*+}]\)*[*+{]|\)[*+{]", text):
        return False  # a repetition of a repetition
    try:
        re.compile(text)
    except (re.error, RecursionError, OverflowError):
        return False
    return True
