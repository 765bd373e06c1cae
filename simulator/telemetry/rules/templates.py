"""Templates of labels and annotations: the part of Go's ``text/template`` that alerts use.

Supported are ``$labels.x``, ``$externalLabels.x``, ``$value`` and their dotted forms, quoted texts, numbers,
pipes, ``printf`` and the functions of ``_FUNCTIONS``. Conditions, loops and queries inside a template are
refused by name. Source: prometheus/prometheus template/template.go.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from math import isinf, isnan
from typing import Final

from simulator.errors import QueryError
from simulator.telemetry.promql.formats import general_text, number_text
from simulator.telemetry.promql.regex import compiled

Operand = str | float
Data = Mapping[str, str]

_ACTION: Final = re.compile(r"(\s*)\{\{-\s(.*?)(?:\s-\}\}\s*|\}\})|\{\{(.*?)(?:\s-\}\}\s*|\}\})", re.DOTALL)
_WORD: Final = re.compile(r'\s*("(?:\\.|[^"\\])*"|`[^`]*`|\||[^\s|"`]+)')
_FIELD: Final = re.compile(
    r"(?:\$(labels|externalLabels)|\.(Labels|ExternalLabels))\.([A-Za-z_][A-Za-z0-9_]*)"
)
_NUMBER: Final = re.compile(r"[-+]?[0-9.]+(?:[eE][-+]?[0-9]+)?")
_VERB: Final = re.compile(r"%(?:%|([-+ 0#]*[0-9]*(?:\.[0-9]+)?)([a-zA-Z]))")
#: Go's ``%v`` of a float prints larger numbers with an exponent.
_WHOLE_DIGITS: Final = 6
_STATEMENTS: Final = frozenset({"if", "else", "end", "range", "with", "define", "template", "block", "query"})
_LARGE: Final = ("k", "M", "G", "T", "P", "E", "Z", "Y")
_SMALL: Final = ("m", "u", "n", "p", "f", "a", "z", "y")


def expanded(text: str, labels: Data, value: float, external: Data) -> str:
    """A template, filled in for one alert.

    Args:
        text: The template.
        labels: Of the element that the expression gave.
        value: Of that element.
        external: The external labels of the server.

    Returns:
        The text; where a function fails on its operand, the words that Prometheus puts there.
    """
    try:
        return "".join(
            piece if isinstance(piece, str) else _shown(_piped(piece, labels, value, external))
            for piece in _pieces(text)
        )
    except (ValueError, QueryError) as error:
        return f"<error expanding template: {error}>"


def checked(text: str) -> None:
    """Refuse a template that uses what is not supported.

    Raises:
        QueryError: It does.
    """
    for piece in _pieces(text):
        if isinstance(piece, tuple):
            _piped(piece, {}, 1.0, {}, check=True)


@lru_cache(maxsize=512)
def _pieces(text: str) -> tuple[str | tuple[tuple[str, ...], ...], ...]:
    """Plain text, and actions as pipes of commands of words."""
    found: list[str | tuple[tuple[str, ...], ...]] = []
    last = 0
    for match in _ACTION.finditer(text):
        found.append(text[last : match.start()])
        last = match.end()
        body = match.group(2) if match.group(2) is not None else match.group(3)
        if not body.lstrip("- ").startswith("/*"):
            found.append(tuple(_commands(body)))
    rest = text[last:]
    if "{{" in rest:
        raise _refused("a closed action", "{{ without }}", "Close it with }}.")
    return (*found, rest)


def _commands(body: str) -> Iterator[tuple[str, ...]]:
    words: list[str] = []
    for match in _WORD.finditer(body):
        if match.group(1) == "|":
            yield tuple(words)
            words = []
        else:
            words.append(match.group(1))
    yield tuple(words)


def _piped(
    commands: tuple[tuple[str, ...], ...], labels: Data, value: float, external: Data, *, check: bool = False
) -> Operand:
    carried: list[Operand] = []
    for words in commands:
        if not words:
            raise _refused("a value or a function", "nothing", "Write for example {{ $value }}.")
        head, rest = words[0], words[1:]
        operands = [_operand(word, labels, value, external) for word in rest] + carried
        if head in _FUNCTIONS or head == "printf":
            carried = [_called(head, operands, check=check)]
        elif operands:
            raise _unknown(head)
        else:
            carried = [_operand(head, labels, value, external)]
    return carried[0]


def _operand(word: str, labels: Data, value: float, external: Data) -> Operand:
    if word in ("$value", ".Value"):
        return value
    field = _FIELD.fullmatch(word)
    if field:
        known = external if "xternal" in (field.group(1) or field.group(2)) else labels
        return known.get(field.group(3), "")
    if word[0] == "`":
        return word[1:-1]
    if word[0] == '"':
        return re.sub(
            r"\\(.)", lambda match: {"n": "\n", "t": "\t"}.get(match.group(1), match.group(1)), word[1:-1]
        )
    if _NUMBER.fullmatch(word):
        # A whole number is no float to Go, and printed as it is written.
        return word if word.lstrip("+-").isdigit() else float(word)
    raise _unknown(word)


def _called(name: str, operands: list[Operand], *, check: bool) -> Operand:
    function, count = _FUNCTIONS.get(name, (_printf, len(operands)))
    if len(operands) != count or (name == "printf" and not operands):
        raise _refused(
            f"{count} operands of {name}", str(len(operands)), "See Prometheus' template reference."
        )
    try:
        return function(*operands)
    except ValueError:
        if check:  # a label's text is not known yet
            return ""
        raise


def _unknown(word: str) -> QueryError:
    if word in _STATEMENTS:
        return _refused(
            "values, functions and pipes", f"the statement {word}", "Write the sentence without it."
        )
    return _refused(
        "$labels.NAME, $value or a template function",
        repr(word),
        f"Functions: {', '.join(sorted(_FUNCTIONS))}.",
    )


def _refused(expected: str, got: str, todo: str) -> QueryError:
    return QueryError("template", expected=expected, got=got, todo=todo)


def _shown(operand: Operand) -> str:
    return operand if isinstance(operand, str) else _plain(operand)


def _plain(value: float) -> str:
    """A number as Go prints it: the shortest digits, with an exponent below -4 and from a million on."""
    if isnan(value) or isinf(value):
        return number_text(value)
    sign, digits, exponent = Decimal(repr(value)).normalize().as_tuple()
    power = int(exponent) + len(digits) - 1
    if value == 0 or -4 <= power < _WHOLE_DIGITS:
        return "-0" if value == 0 and sign else number_text(value)
    fraction = "".join(map(str, digits[1:]))
    mantissa = f"{digits[0]}.{fraction}" if fraction else f"{digits[0]}"
    return f"{'-' if sign else ''}{mantissa}e{'-' if power < 0 else '+'}{abs(power):02d}"


# --- functions --------------------------------------------------------------------------------------


def _number(operand: Operand) -> float:
    if isinstance(operand, float):
        return operand
    try:
        return float(operand)
    except ValueError:
        raise ValueError(
            f"strconv.ParseFloat: parsing {operand!r}: invalid syntax".replace("'", '"')
        ) from None


def _humanize(operand: Operand) -> str:
    value = _number(operand)
    if value == 0 or isnan(value) or isinf(value):
        return general_text(value, 4)
    shown, prefix = value, ""
    if abs(value) >= 1:
        for step in _LARGE:
            if abs(shown) < 1000:
                break
            shown, prefix = shown / 1000, step
    else:
        for step in _SMALL:
            if abs(shown) >= 1:
                break
            shown, prefix = shown * 1000, step
    return general_text(shown, 4) + prefix


def _humanize1024(operand: Operand) -> str:
    value = _number(operand)
    prefix = ""
    if abs(value) > 1 and not isinf(value):
        for step in ("ki", "Mi", "Gi", "Ti", "Pi", "Ei", "Zi", "Yi"):
            if abs(value) < 1024:
                break
            value, prefix = value / 1024, step
    return general_text(value, 4) + prefix


def _humanize_percentage(operand: Operand) -> str:
    return general_text(_number(operand) * 100, 4) + "%"


def _humanize_duration(operand: Operand) -> str:
    value = _number(operand)
    if isnan(value) or isinf(value):
        return general_text(value, 4)
    if value == 0:
        return "0s"
    sign, size = ("-" if value < 0 else ""), abs(value)
    if size >= 1:
        whole = int(size)
        seconds, minutes, hours, days = whole % 60, whole // 60 % 60, whole // 3600 % 24, whole // 86_400
        if days:
            return f"{sign}{days}d {hours}h {minutes}m {seconds}s"
        if hours:
            return f"{sign}{hours}h {minutes}m {seconds}s"
        return f"{sign}{minutes}m {seconds}s" if minutes else f"{sign}{general_text(size, 4)}s"
    prefix = ""
    for step in _SMALL:
        if abs(value) >= 1:
            break
        value, prefix = value * 1000, step
    return f"{general_text(value, 4)}{prefix}s"


def _humanize_timestamp(operand: Operand) -> str:
    value = _number(operand)
    if isnan(value) or isinf(value) or abs(value) > 2e11:
        return general_text(value, 4)
    moment = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=int(value * 1000))
    fraction = f"{moment.microsecond:06d}".rstrip("0")
    return f"{moment:%Y-%m-%d %H:%M:%S}{'.' + fraction if fraction else ''} +0000 UTC"


def _printf(*operands: Operand) -> str:
    template, *values = operands
    left = list(values)

    def filled(match: re.Match[str]) -> str:
        flags, verb = match.groups()
        if verb is None:
            return "%"
        if not left:
            return f"%!{verb}(MISSING)"
        value = left.pop(0)
        if verb in "eEfFgG" and isinstance(value, float):
            if isnan(value) or isinf(value):
                return number_text(value)
            return _plain(value) if verb == "g" and "." not in flags else f"%{flags}{verb}" % value
        if verb == "v":
            return _shown(value)
        if verb in "sq" and isinstance(value, str):
            return f"%{flags}s" % value if verb == "s" else f'"{value}"'
        kind = "string" if isinstance(value, str) else "float64"
        return f"%!{verb}({kind}={_shown(value)})"

    return _VERB.sub(filled, _shown(template))


def _text(change: Callable[[str], str]) -> Callable[..., Operand]:
    return lambda operand: change(_shown(operand))


def _title(text: str) -> str:
    return re.sub(r"\b[a-z]", lambda match: match.group().upper(), text)


def _replace(pattern: Operand, replacement: Operand, text: Operand) -> str:
    go_style = re.sub(r"\$\{?(\w+)\}?", r"\\g<\1>", _shown(replacement))
    return compiled(_shown(pattern)).sub(go_style, _shown(text))


#: The functions, each with the number of its operands.
_FUNCTIONS: Final[Mapping[str, tuple[Callable[..., Operand], int]]] = {
    "humanize": (_humanize, 1),
    "humanize1024": (_humanize1024, 1),
    "humanizeDuration": (_humanize_duration, 1),
    "humanizePercentage": (_humanize_percentage, 1),
    "humanizeTimestamp": (_humanize_timestamp, 1),
    "reReplaceAll": (_replace, 3),
    "stripPort": (_text(lambda text: text.rsplit(":", 1)[0]), 1),
    "title": (_text(_title), 1),
    "toLower": (_text(str.lower), 1),
    "toUpper": (_text(str.upper), 1),
}
