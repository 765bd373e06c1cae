"""The debrief's scrubber: the console as it was at any minute, in the page, the notebook and in Markdown."""

from __future__ import annotations

from html.parser import HTMLParser

import pytest

from simulator.coach import Coach, Debrief
from simulator.coach.debrief import debrief
from simulator.coach.signals import BURN
from simulator.drill import Run
from simulator.lab.debriefing import debrief_view
from simulator.units import MINUTE
from tests.drill_stage import fresh

LINES = (
    "kubectl get pods",
    "wait 10m",
    "incident hypothesis the release v2 is bad",
    "note errors began with v2",
    "kubectl rollout undo deployment/app",
    'statuspage identified "We are taking it back."',
    "wait 12m",
)


@pytest.fixture(scope="module")
def session() -> tuple[Run, Coach, Debrief]:
    """A run to its end, and its debrief."""
    run = fresh()
    coach = Coach(run)
    for line in LINES:
        run.do(line)
    run.finish()
    return run, coach, coach.debrief(("I saw errors.",))


def test_there_is_a_frame_for_every_minute_with_what_stood_there(session: tuple[Run, Coach, Debrief]) -> None:
    """Budget and burn as the status bar had them, pages that rang, the step, the terminal's last answer."""
    run, coach, made = session
    assert [f"T+{minute:02d}:00" for minute in range(13)] == [frame.label for frame in made.frames]
    sight = coach.case.sight
    for minute, frame in enumerate(made.frames):
        shown = dict(frame.pairs)
        assert f"burn {BURN.format(sight.value(BURN, minute * MINUTE))}" in shown["Status"]
        assert shown["Step"] == coach.steps_at(minute * MINUTE).sentence
        page = run.pager.pages[0]
        stopped = page.resolved_at is not None and page.resolved_at <= minute * MINUTE
        assert ("none" == shown["Pages"]) is (minute * MINUTE < page.since or stopped)
    assert made.frames[0].screen == "$"
    assert made.frames[1].screen.startswith("$ kubectl get pods\nNAME")
    assert "error" in dict(made.frames[4].pairs)["Charts"]


def test_a_frame_knows_nothing_of_later(session: tuple[Run, Coach, Debrief]) -> None:
    """A run that stops at minute three has the same first frames as the one that went on."""
    run, _, made = session
    early = fresh()
    coach = Coach(early)
    for act in run.acts:
        if act.at < 3 * MINUTE:
            early.apply(act, ends_by=3 * MINUTE)
    early.advance(3 * MINUTE)
    assert made.frames[:3] == coach.debrief(("…",)).frames[:3]


def test_hypotheses_and_notes_stand_on_the_timeline(session: tuple[Run, Coach, Debrief]) -> None:
    """What was believed, with its instant, among what was done."""
    rows = [row.text for row in session[2].timeline.rows if row.lane == "You"]
    assert LINES[2] in rows and LINES[3] in rows
    assert all(text in session[2].markdown() for text in LINES[2:4])


class Radios(HTMLParser):
    """The scrubber's buttons and panes."""

    def __init__(self) -> None:
        super().__init__()
        self.labels: list[str] = []
        self.checked = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        if tag == "input" and found.get("name") == "minute":
            self.labels.append(found["aria-label"] or "")
            self.checked += "checked" in found


def test_the_page_moves_through_time_without_a_script(session: tuple[Run, Coach, Debrief]) -> None:
    """A button a minute with its name, one of them on, and a rule that shows the pane of each."""
    page = session[2].html()
    radios = Radios()
    radios.feed(page)
    assert [frame.label for frame in session[2].frames] == radios.labels and 1 == radios.checked
    for place in range(1, len(radios.labels) + 1):
        assert f"input:nth-of-type({place}):checked~.panes>:nth-child({place})" in page
    assert "<script" not in page


def test_the_table_twin_and_the_console_have_the_same_frames(session: tuple[Run, Coach, Debrief]) -> None:
    """Markdown has a row a minute; the console gets them once the learner has given an account."""
    run, coach, made = session
    for frame in made.frames:
        assert f"| {frame.label} | {dict(frame.pairs)['Status']} |" in made.markdown()
    shown = debrief_view(run, made).minutes
    assert [(frame.label, frame.pairs, frame.screen) for frame in made.frames] == [
        (minute.label, minute.pairs, minute.screen) for minute in shown
    ]
    assert () == debrief_view(run, debrief(run, coach)).minutes
