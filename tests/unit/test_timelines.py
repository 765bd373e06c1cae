"""A timeline is true in time however much is typed: decisions numbered at their instant, looks as ticks."""

from __future__ import annotations

import re
from itertools import combinations

import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.text import Annotation, Text

from simulator.coach import Coach
from simulator.coach.lanes import Bar, Dot, shelves, timeline_svg
from simulator.drill import Run
from simulator.lab import Plots
from simulator.lab.debriefing import debrief_view
from simulator.lab.plots.style import Picture
from simulator.units import MINUTE, SECOND, seconds
from tests.drill_stage import fresh

_LOOKS = ("kubectl get pods", "kubectl get deployments", "kubectl rollout history deployment/app", "alerts")


@pytest.fixture(scope="module")
def busy() -> tuple[Run, Coach]:
    """Some sixty lines in the small incident: mostly looks, and the cure after more than fifty of them."""
    run = fresh()
    coach = Coach(run)
    run.advance(4 * MINUTE)
    run.do("page ack")
    run.do('statuspage investigating "We look."')
    for turn in range(14):
        for line in _LOOKS:
            run.do(line)
        if turn == 8:
            run.do('message "Still looking."')
    run.do("kubectl rollout undo deployment/app")
    run.do('message "Taken back."')
    run.do('statuspage resolved "It works again."')
    return run, coach


def decided(run: Run) -> list[tuple[int, float]]:
    """Numbers and seconds of what changed or was told."""
    return [(n, seconds(answer.at)) for n, answer in enumerate(run.transcript, 1) if answer.decides]


@pytest.fixture(scope="module")
def picture(busy: tuple[Run, Coach]) -> Picture:
    """``plot.timeline()`` of it, drawn, so that every text knows where it stands."""
    made = Plots(busy[0]).timeline()
    made.canvas.draw()
    return made


def words(axes: Axes) -> list[Text]:
    """Everything written on some axes."""
    return [text for text in axes.texts if text.get_text()]


def test_changes_acks_and_posts_are_decisions_and_looks_are_not(busy: tuple[Run, Coach]) -> None:
    """Six of some sixty lines: the ack, two posts, two messages, the undo."""
    run, coach = busy
    assert 6 == len(decided(run))
    assert 50 < sum(answer.counts and not answer.decides for answer in run.transcript)
    assert [n for n, _ in decided(run)] == [deed.number for deed in coach.case.deeds if deed.decides]


def test_the_printed_timeline_has_each_decision_at_its_instant(
    picture: Picture, busy: tuple[Run, Coach]
) -> None:
    """Its number stands at its second exactly, whatever stands near; each look is a tick at its own."""
    lanes = picture.axes[1]
    numbers = {
        int(text.get_text()): text.xy[0]
        for text in words(lanes)
        if isinstance(text, Annotation) and text.get_text().isdigit()
    }
    assert dict(decided(busy[0])) == pytest.approx(numbers)
    ticks = next(line for line in lanes.lines if line.get_gid() == "looks")
    looks = [seconds(each.at) for each in busy[0].transcript if each.counts and not each.decides]
    assert looks == pytest.approx(np.asarray(ticks.get_xdata(), dtype=np.float64).tolist())


def test_the_printed_list_has_all_decisions_and_says_what_it_leaves_out(
    picture: Picture, busy: tuple[Run, Coach]
) -> None:
    """Nothing is cut without a note: the undo after fifty looks is listed, and the looks are counted."""
    listed = "\n".join(text.get_text() for text in words(picture.axes[2]))
    for number, _ in decided(busy[0]):
        assert re.search(rf"^ *{number}  T\+", listed, re.MULTILINE), number
    assert "kubectl rollout undo deployment/app" in listed
    assert "kubectl get pods" not in listed
    assert re.search(r"\d\d looks: the ticks", listed)


def test_no_word_of_the_printed_timeline_meets_another_or_leaves_the_picture(picture: Picture) -> None:
    """By matplotlib's own extents."""
    page = picture.bbox
    for axes in picture.axes:
        boxes = [(text.get_text(), text.get_window_extent()) for text in words(axes)]
        for said, box in boxes:
            assert page.x0 <= box.x0 and box.x1 <= page.x1 and page.y0 <= box.y0 and box.y1 <= page.y1, said
        for (one, here), (other, there) in combinations(boxes, 2):
            assert not here.overlaps(there), (one, other)


def test_the_debrief_s_drawing_agrees_with_the_printed_one(busy: tuple[Run, Coach]) -> None:
    """The same numbers on the acts' lane, at proportional places, and as many ticks as looks."""
    run, coach = busy
    svg = coach.debrief().timeline.svg
    circles = {
        int(number): float(x)
        for x, number in re.findall(r'<text class="number [^"]*" x="([\d.]+)"[^>]*>(\d+)<', svg)
    }
    instants = dict(decided(run))
    assert list(instants) == sorted(circles)
    (a, at_a), (b, at_b) = min(instants.items()), max(instants.items())
    scale = (circles[b] - circles[a]) / (at_b - at_a)
    for number, at in instants.items():
        assert circles[a] + scale * (at - at_a) == pytest.approx(circles[number], abs=0.2)
    looks = [deed for deed in coach.case.deeds if deed.ok and deed.kind == "look"]
    assert len(looks) == len(re.findall(r'<path class="look"[^>]*><title>', svg))
    assert "looked" in svg and "told somebody" in svg, "the forms have a legend"


def test_the_page_s_table_folds_the_looks_and_says_so_while_text_keeps_all(busy: tuple[Run, Coach]) -> None:
    """Sixty rows would hide six decisions; in text there is no click, so all are there."""
    made = busy[1].debrief()
    html = made.html()
    assert re.search(r"without the \d\d looks, which the whole table has", html)
    cells = re.findall(r"<td[^>]*>(?:kubectl )([^<]*)</td>", html)
    assert cells.index("rollout undo deployment/app") < cells.index("get deployments")
    assert str(made).count("kubectl get deployments") == 14


def test_the_console_knows_which_rows_decide(busy: tuple[Run, Coach]) -> None:
    """Its lane draws numbers for the same acts."""
    run, coach = busy
    rows = debrief_view(run, coach.debrief()).rows
    assert [n for n, _ in decided(run)] == [row.number for row in rows if row.decides]


def test_what_meets_goes_to_another_shelf_never_to_another_time() -> None:
    """Three in one instant lie on three shelves; with room between them, on one; in any order."""
    assert [0, 1, 2] == shelves([(5, 9), (5, 9), (6, 9)])
    assert [0, 0, 0] == shelves([(10, 12), (5, 9), (1, 5)])
    dots = [Dot("You", 100 * MINUTE / SECOND, str(n), "act") for n in range(1, 5)]
    svg = timeline_svg(["You"], [Bar("You", 0, 10, "x", "bad")], dots, 120 * 60, "Four at once.")
    places = re.findall(r'<circle class="act" cx="([\d.]+)" cy="([\d.]+)" r="9"', svg)
    assert 1 == len({x for x, _ in places}) and 4 == len({y for _, y in places})
