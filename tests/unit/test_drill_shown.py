"""What a notebook shows of an answer: the terminal's text, and below it what was said and not yet shown."""

from __future__ import annotations

from simulator.drill.acts import Answer, Message, Unread


class Page:
    """A pretty printer that keeps the text."""

    def __init__(self) -> None:
        self.shown = ""

    def text(self, obj: str) -> None:
        """Keep it."""
        self.shown += obj


def shown(answer: Answer) -> str:
    """An answer as a notebook shows it."""
    page = Page()
    answer._repr_pretty_(page, False)
    return page.shown


def answer(text: str, unread: Unread | None = None) -> Answer:
    """An answer with this text."""
    return Answer("line", text, True, 0, unread=unread)


def test_an_answer_alone_is_shown_as_the_terminal_prints_it() -> None:
    """Nothing is added where nobody said anything."""
    assert "pods" == shown(answer("pods"))
    assert "pods" == shown(answer("pods", Unread()))


def test_what_was_said_is_shown_once_and_wrapped_between_words() -> None:
    """Who plays in cells hears James, with the time, and does not read him twice."""
    words = (
        "Stay calm. A page is a measurement, and you have two minutes to look. Who is hurt, and since when?"
    )
    unread = Unread([Message("m", 210_000_000_000, "coach", "James O'Brien", words)])
    first, second = answer("Waited.", unread), answer("pods", unread)
    text = shown(first)
    assert text.startswith("Waited.\n\nT+03:30  James O'Brien: Stay calm.")
    assert words in " ".join(text.split())
    assert max(map(len, text.splitlines())) <= 96
    assert "pods" == shown(second)


def test_a_printed_answer_is_the_terminal_alone_and_loses_nothing() -> None:
    """What was said while answers were only printed waits for one that is displayed."""
    unread = Unread([Message("m", 0, "people", "Noor", "Do we know?")])
    assert "pods" == str(answer("pods", unread))
    assert "Noor: Do we know?" in shown(answer("", unread))
