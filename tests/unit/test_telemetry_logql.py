"""The subset of LogQL: what it selects and counts, and how it refuses."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.dataplane import LogRecord
from simulator.errors import GamedayError
from simulator.telemetry import LogStore, logql
from simulator.units import MILLISECOND, SECOND

OUTCOMES = ("ok", "error", "timeout", "rejected")


def store() -> LogStore:
    """Forty seconds of two services, two pods each: a line a second and pod, outcomes in turn."""
    logs = LogStore(route_texts={("web", "place"): "POST /orders"})
    logs.add(
        LogRecord(
            second * SECOND,
            0,
            service,
            f"{service}-{pod}",
            f"v{pod}",
            "place",
            OUTCOMES[second % 4],
            (second + 1) * MILLISECOND,
            second,
            1,
            "db" if second % 4 == 2 else "",
            "",
        )
        for second in range(40)
        for service in ("web", "cart")
        for pod in (1, 2)
    )
    return logs


def found(query: str) -> int:
    """How many lines match."""
    return sum(1 for _ in logql.lines(store(), logql.parse(query), -1))


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ('{service="web"}', 80),
        ('{service=~"web|cart"}', 160),
        ('{service!="web", pod=~".+"}', 80),
        ('{service=~".+", version!~"v1"}', 80),
        ('{service="web", pod="web-1"}', 40),
        ('{service="web", level="ERROR"}', 40),
        ('{level="error"}', 80),
        ('{service="web"} |= "deadline"', 20),
        ('{service="web"} != "deadline"', 60),
        ('{service="web"} |~ "queue (full|empty)"', 20),
        ('{service="web"} !~ "handlers/[a-z]+[.]py"', 60),
        ('{service="web"} | level="WARN"', 20),
        ('{service="web"} | logfmt | level=~"(?i)warn|error"', 60),
        ('{service="web"} | status>=500', 60),
        ('{service="web"} | status=504', 20),
        ('{service="web"} | status!=200 and level="warn", pod="web-1"', 10),
        ('{service="web"} | duration_ms < 10.5', 20),
        ('{service="web"} | route="POST /orders"', 80),
        ("{service=`web`} |= `POST /orders` | trace_id=\"0000000000000007\"", 2),
        ('{service="web"} |= "status=503" |= "web-2"', 10),
        ('{service="nobody"}', 0),
    ],
)  # fmt: skip
def test_lines_are_chosen_by_labels_words_and_fields(query: str, expected: int) -> None:
    """Selectors, line filters and label filters, alone and one behind another."""
    assert expected == found(query)


def test_lines_come_newest_first_and_as_far_back_as_asked() -> None:
    """The stream of all pods in one order of time."""
    times = [entry.line.at for entry in logql.lines(store(), logql.parse('{service="web"}'), 30 * SECOND)]
    assert times == sorted(times, reverse=True)
    assert (39 * SECOND, 31 * SECOND, 18) == (times[0], times[-1], len(times))


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ('sum by (level) (rate({service="web"}[1m]))', {("error",): 40, ("info",): 20, ("warn",): 20}),
        ('sum(count_over_time({service="web"}[1m])) by (version)', {("v1",): 40, ("v2",): 40}),
        ('sum (count_over_time({service="web"} | status>=500 [10s]))', {(): 16}),
        ('count by (status) (count_over_time({service="web", pod="web-1"} |= "dead" [1m]))', {("504",): 10}),
        ('count_over_time({pod="web-1"} | level="warn" [1m])', {("web", "v1", "web-1", "warn"): 10}),
    ],
)  # fmt: skip
def test_lines_are_counted_over_a_window(query: str, expected: dict[tuple[str, ...], int]) -> None:
    """By the named fields, the largest first; without sum by stream, as Loki does."""
    counted = logql.counts(store(), logql.parse(query), 39 * SECOND)
    assert expected == counted
    assert list(counted.values()) == sorted(counted.values(), reverse=True)


@pytest.mark.parametrize(
    ("query", "where", "expected"),
    [
        ("", 1, "a selector such as"),
        ("checkout", 1, "count_over_time or rate"),
        ("{", 2, "a label"),
        ('{servce="web"}', 8, "one of service"),
        ('{service=web}', 10, "a text in quotation marks"),
        ('{service>"web"}', 9, "one of = != =~ !~"),
        ('{service=~".*"}', 16, "a matcher that does not match an empty text"),
        ('{service="web"', 15, ", or }"),
        ('{service="web"} timeout', 17, "the end of the query"),
        ('{service="web"} |= timeout', 20, "a text in quotation marks"),
        ('{service="web"} | json', 19, "logfmt or a comparison"),
        ('{service="web"} | level>"a"', 25, "a number behind level >"),
        ('{service="web"} | status=~500', 30, "a text behind =~"),
        ('{service="web"} | level="a" or level="b"', 32, "and"),
        ('{service="web"} |~ "(a+)+b"', 28, "a simple regular expression"),
        ('{service="web"} |~ "a("', 24, "a regular expression"),
        ('rate({service="web"})', 21, "a range such as [5m]"),
        ('rate({service="web"}[five])', 22, "a range such as 5m"),
        ('sum by (colour) (rate({service="web"}[5m]))', 15, "a label of by"),
        ('max(rate({service="web"}[5m]))', 1, "count_over_time or rate"),
    ],
)  # fmt: skip
def test_what_is_not_understood_is_refused_by_its_place(query: str, where: int, expected: str) -> None:
    """The error names the character and what would have been right."""
    with pytest.raises(GamedayError) as caught:
        logql.parse(query)
    assert expected in caught.value.expected
    assert f"logs, character {where}" == caught.value.where


_PIECES = st.sampled_from(
    ["{", "}", "(", ")", "[", "]", "service", "=", '"web"', "|", "|=", "!~", "=~", "sum", "by", "rate", "5m",
     ",", "count_over_time", "level", ">", "500", "status", '"a+', "`", " ", "\\", "and", "logfmt"]
)  # fmt: skip


@settings(max_examples=300)
@given(st.lists(_PIECES, max_size=14).map("".join) | st.text(max_size=30))
def test_no_text_breaks_the_reader(text: str) -> None:
    """Whatever is typed is a query or an error in four parts."""
    try:
        understood = logql.parse(text)
    except GamedayError as error:
        understood = None
        refused = error.expected
    else:
        refused = ""
    assert (understood is None) == bool(refused)
