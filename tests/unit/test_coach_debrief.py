"""The debrief: eight parts in one order, the score last, the same words in text, Markdown and HTML."""

from __future__ import annotations

from html.parser import HTMLParser

import pytest

from simulator.coach.chronicle import Row, Timeline
from simulator.coach.debrief import Debrief, Words
from simulator.coach.drift import Drift
from simulator.coach.findings import NextPlay, decide, went_right
from simulator.coach.ladder import Hint
from simulator.coach.lanes import Bar, Dot, timeline_svg
from simulator.coach.regret import Alternative
from simulator.coach.score import Score, compose
from simulator.coach.svg import Chart
from simulator.units import MINUTE, SECOND
from tests.coach_stage import Stage

PAGE = 6 * MINUTE


def chart() -> Chart:
    """Two curves that part at the first page."""
    times = tuple(float(second) for second in range(0, 45 * 60, 5))
    yours = tuple(0.8 - max(0.0, min(second, 1080.0) - 240) * 0.0002 for second in times)
    other = tuple(0.8 - max(0.0, min(second, 420.0) - 240) * 0.0002 for second in times)
    return Chart(
        times,
        yours,
        other,
        "undo at the first page",
        ((360.0, "first page"), (1020.0, "6 undo")),
        "13.2 points apart.",
    )


def played() -> Stage:
    """A learner who scales first, then rolls back."""
    stage = Stage(lambda at: 0.12 if 4 * MINUTE <= at < 18 * MINUTE else 0.0002, paged=PAGE)
    stage.act(PAGE + 30 * SECOND, "kubectl get pods")
    stage.act(7 * MINUTE + 30 * SECOND, "kubectl scale deployment/checkout --replicas=10", "change")
    stage.act(12 * MINUTE, "kubectl rollout history deployment/checkout")
    stage.act(17 * MINUTE, "kubectl rollout undo deployment/checkout", "change")
    return stage.until(45 * MINUTE)


def made(stage: Stage, best: Alternative | None, score: Score) -> Debrief:
    """A debrief of a made-up run."""
    rows = tuple(
        Row(deed.at, "You", deed.line, deed.number, "burn 120×, 70.0 % left") for deed in stage.case.deeds
    )
    svg = timeline_svg(
        ("World", "Pages", "You"),
        [
            Bar("World", 240, 1080, "objective missed", "bad"),
            Bar("Pages", 360, 1090, "CheckoutBudgetBurn", "page"),
        ],
        [Dot("World", 180, "checkout v43", "deploy")]
        + [
            Dot(
                "You",
                deed.at / SECOND,
                str(deed.number),
                "act wrong" if deed.is_a("reasonable-error") else "act",
            )
            for deed in stage.case.deeds
        ],
        45 * 60,
        "The objective was missed for 14 min.",
    )
    return Debrief(
        "Production is down",
        "production-is-down, seed 7, T+45:00",
        Words(),
        Timeline(rows, (), "The objective was missed for 14 min.", svg),
        decide(stage.case, best, score, 45 * MINUTE),
        best,
        ("At T+08:00 you expected: it clears.",),
        went_right(stage.case, 45 * MINUTE),
        ("A release was bad.", "Undo first.", "Canary."),
        (
            Drift(
                "deployment/checkout",
                "spec.replicas",
                "6",
                "10",
                "deployment/checkout runs 10 replicas by hand; git says 6.",
            ),
        ),
        NextPlay("The same page, another cause.", 'sim.start("production-is-down", variant=1)', "rollback"),
        score,
        "production-is-down.0.7",
    )


@pytest.fixture(scope="module")
def debrief() -> Debrief:
    """The debrief of a run with an error, a late mitigation and a hint."""
    stage = played()
    undo = stage.case.deeds[3]
    best = Alternative(
        "earlier", "undo at the first page", undo, PAGE, 0.132, 900.0, "13.2 points more left.", chart()
    )
    hints = (Hint("hint.release.orient", 10 * MINUTE, "release", 1, "orient", ""),)
    return made(stage, best, compose(62.0, [], hints, "game-day"))


def test_the_order_never_changes_and_the_score_comes_last(debrief: Debrief) -> None:
    """Account, timeline, decision, what if, what went right, rule, next, score."""
    keys = [section.key for section in debrief.sections]
    assert ["account", "timeline", "decision", "what-if", "went-right", "rule", "next", "score"] == keys


def test_the_decision_is_observation_concern_and_question(debrief: Debrief) -> None:
    """It names the act with its time and what stood on the screen, the cost, and asks."""
    found = debrief.decision
    assert 4 == found.act
    assert "T+17:00" in found.observation
    assert "11 minutes" in found.observation
    assert "13.2 points" in found.concern
    assert found.question.endswith("?")


def test_doing_nothing_is_a_decision_too() -> None:
    """Without a change the observation says so and asks what would have had to be seen."""
    stage = Stage(paged=PAGE).until(45 * MINUTE)
    best = Alternative("absent", "undo at the first page", None, PAGE, 0.3, 9.0, "30 points.", chart())
    found = decide(stage.case, best, compose(0.0, [], (), "lesson"), 45 * MINUTE)
    assert "No change reached production" in found.observation
    assert found.question.endswith("?")


def test_an_error_is_asked_about_with_what_was_on_the_screen() -> None:
    """Without the error it went better: the observation cites the signal then and three minutes later."""
    stage = played()
    best = Alternative("without", "without scale", stage.case.deeds[1], 0, 0.05, 9.0, "5 points.", chart())
    found = decide(stage.case, best, compose(50.0, [], (), "lesson"), 45 * MINUTE)
    assert "checkout errors: 12.0 % then" in found.observation.replace("Checkout", "checkout")
    assert found.concern.startswith("It was not load.")


def test_something_went_right_in_every_run(debrief: Debrief) -> None:
    """A good act with its signal; in a run without any, what the system did right."""
    assert (4, True) == (debrief.went_right.act, "0.02 %" in debrief.went_right.signal)
    idle = Stage(paged=PAGE).until(45 * MINUTE)
    assert "alert did its work" in went_right(idle.case, 45 * MINUTE).text


def test_the_learners_words_stand_in_it_and_change_no_score(debrief: Debrief) -> None:
    """Account, answer, rule and change are kept as written; the score is the same object."""
    told = debrief.with_words(
        (" I saw errors. ", "", "It cleared."),
        rule="Undo first.",
        change="Canary, Ann, Friday",
        answer="Load.",
    )
    for text in (str(told), told.markdown(), told.html()):
        for words in ("I saw errors.", "It cleared.", "Undo first.", "Canary, Ann, Friday", "Load."):
            assert words in text
    assert told.score is debrief.score


def test_the_authors_rule_stays_closed_until_the_learner_wrote_one(debrief: Debrief) -> None:
    """First the learner's own rule, then what others wrote."""
    assert "Canary." not in str(debrief)
    assert "Canary." in str(debrief.with_words((), rule="Mine."))


def test_all_three_renderings_say_the_same(debrief: Debrief) -> None:
    """Every sentence of the blocks is in text, Markdown and HTML."""
    flat = " ".join(str(debrief).split())
    for words in (
        debrief.decision.question,
        debrief.went_right.text,
        debrief.drift[0].text,
        debrief.next.text,
    ):
        plain_words = words.replace("`", "")
        assert plain_words in flat.replace("`", "")
        assert words in debrief.markdown()
        assert plain_words in debrief.html().replace("<code>", "").replace("</code>", "")


class _Tags(HTMLParser):
    """Collects tags and checks that they nest."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append((tag, dict(attrs)))
        if tag not in ("meta", "br", "input"):
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def test_the_page_is_self_contained_and_readable_by_a_screen_reader(debrief: Debrief) -> None:
    """No script, nothing loaded; language, headings in order, drawings with words, tables with heads."""
    page = debrief.html()
    parser = _Tags()
    parser.feed(page)
    names = [tag for tag, _ in parser.seen]
    assert not parser.open
    assert not {"script", "link", "img", "iframe"} & set(names)
    assert "http://" not in page.replace("http://www.w3.org/2000/svg", "")
    assert "https://" not in page
    assert ("html", {"lang": "en"}) in parser.seen
    assert 1 == names.count("h1")
    assert 8 == names.count("h2")
    drawings = [attrs for tag, attrs in parser.seen if tag == "svg"]
    assert 2 == len(drawings)
    assert all(attrs.get("role") == "img" and attrs.get("aria-label") for attrs in drawings)
    assert all(attrs.get("scope") == "col" for tag, attrs in parser.seen if tag == "th")
    assert "prefers-color-scheme:dark" in page


def test_what_a_learner_writes_cannot_break_the_page(debrief: Debrief) -> None:
    """Words are escaped."""
    page = debrief.with_words(("<script>alert(1)</script>",), answer='"><b>').html()
    assert "<script>" not in page
    assert "&lt;script&gt;" in page
