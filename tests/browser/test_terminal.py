"""The terminal and the frame around it, in Chromium without Jupyter: room, keys, what is told when."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from simulator.coach import Coach
from simulator.lab.console import Console
from simulator.units import MINUTE
from tests.browser import driver, standalone
from tests.drill_stage import fresh

pytestmark = pytest.mark.browser

#: What JupyterLab leaves of a window of 1440x900 in its browser: with its file list closed, with it open.
LAPTOP = ((1245, 757), (992, 757))
State = dict[str, Any]


@pytest.fixture(scope="module")
def states() -> dict[str, State]:
    """The small incident while it pages, and when it is over."""
    run = fresh()
    console = Console(run, Coach(run))
    run.advance(4 * MINUTE)
    for line in ("kubectl get pods -n production", "kubectl rollout history deployment/app", "help"):
        console.line(line)
    paged = standalone.state_of(console)
    run.finish()
    console.refresh()
    return {"paged": paged, "ended": standalone.state_of(console)}


@pytest.fixture(scope="module")
def browser() -> Iterator[tuple[Page, driver.Seen]]:
    """One browser for all."""
    with driver.chromium() as opened:
        yield opened


@pytest.fixture
def page(browser: tuple[Page, driver.Seen]) -> Iterator[Page]:
    """Its page; no script of ours may fail."""
    shown, seen = browser
    seen.errors.clear()
    yield shown
    assert [] == seen.errors


def show(page: Page, folder: Path, state: State, size: tuple[int, int] = LAPTOP[0]) -> Locator:
    """Open a state in a window of this size."""
    path = folder / "page.html"
    path.write_text(standalone.page(state), encoding="utf-8")
    page.set_viewport_size({"width": size[0], "height": size[1]})
    page.goto(path.as_uri())
    page.locator("[data-tick]").wait_for(state="attached")
    return page.locator(".gd")


def prompt(console: Locator) -> Locator:
    """The field for lines."""
    return console.get_by_role("textbox", name="Command")


def lines(page: Page) -> list[str]:
    """The lines that the page has sent to the kernel."""
    found: list[str] = page.evaluate("sent.filter((one) => one.do === 'line').map((one) => one.line)")
    return found


def rows(console: Locator) -> int:
    """How many lines of text the terminal shows at once."""
    found: int = console.locator(".out").evaluate(
        "(out) => Math.floor(out.clientHeight / parseFloat(getComputedStyle(out).lineHeight))"
    )
    return found


@pytest.mark.parametrize("size", LAPTOP)
def test_a_laptop_shows_the_whole_console_at_once(
    page: Page, tmp_path: Path, states: dict[str, State], size: tuple[int, int]
) -> None:
    """Clock, Play, Ack, Debrief and a terminal that holds a dozen pods, in what the notebook leaves free."""
    console = show(page, tmp_path, states["paged"], size)
    frame = console.bounding_box()
    assert frame is not None and frame["height"] <= size[1] - 122
    for part in (
        console.get_by_role("timer"),
        *(console.get_by_role("button", name=name) for name in ("Play", "Ack", "Debrief")),
        prompt(console),
    ):
        expect(part).to_be_in_viewport(ratio=1)
    assert rows(console) >= 13
    assert console.locator(".out").evaluate("(out) => parseFloat(getComputedStyle(out).fontSize) >= 12")


def test_the_terminal_is_shown_at_its_end(page: Page, tmp_path: Path, states: dict[str, State]) -> None:
    """Also after an answer longer than itself, and at a size that came later."""
    console = show(page, tmp_path, states["paged"])
    page.set_viewport_size({"width": 992, "height": 757})
    out = console.locator(".out")
    assert out.evaluate("(out) => out.scrollHeight > out.clientHeight")
    page.wait_for_function(
        "() => { const out = document.querySelector('.out');"
        " return out.scrollHeight - out.clientHeight - out.scrollTop < 2 }"
    )


@pytest.mark.parametrize("way", ["the button", "a key", "a chord while typing"])
def test_the_terminal_grows_and_stays_large(
    page: Page, tmp_path: Path, states: dict[str, State], way: str
) -> None:
    """Half as many lines again, beside the channel and every service's health; a reload keeps it."""
    console = show(page, tmp_path, states["paged"])
    small = rows(console)

    def switch() -> None:
        if way == "the button":
            console.locator(".term .tw").click()
        elif way == "a key":
            console.focus()
            page.keyboard.press("z")
        else:
            prompt(console).focus()
            page.keyboard.press("Alt+Enter")

    switch()
    assert rows(console) >= 1.5 * small
    for part in (
        console.get_by_role("button", name="app, failing"),
        console.get_by_role("log", name="Messages"),
    ):
        expect(part.locator("visible=true").first).to_be_in_viewport(ratio=1)
    page.reload()
    assert rows(console) >= 1.5 * small
    switch()
    assert small == rows(console)
    page.reload()
    assert small == rows(console)


def test_no_word_is_broken_and_a_table_keeps_its_columns(
    page: Page, tmp_path: Path, states: dict[str, State]
) -> None:
    """Prose and what somebody said flow between words; a table scrolls sideways as one."""
    said = "T+07:15  pager: P1 CheckoutAvailabilityBudgetBurn: checkout availability burns 15x\n         fast"
    table = "\n".join(f"{'x' * 40}{number:4}   {'y' * 60}" for number in range(3))
    text = f"{'Some words of prose. ' * 12}\n{table}\n{said}"
    entry = {"number": 0, "at": 1, "line": "look", "text": text, "ok": True, "actor": "you", "role": ""}
    console = show(page, tmp_path, {**states["paged"], "transcript": [entry]}, LAPTOP[1])
    prose, rows_of_table, spoken = (console.locator(f".out .{kind}") for kind in ("prose", "table", "said"))
    assert table == rows_of_table.text_content()
    assert said.replace("\n        ", "") == spoken.text_content()
    for wrapped in (prose, spoken):
        assert wrapped.evaluate("(el) => el.scrollWidth <= el.clientWidth && el.clientHeight > 30")
    assert rows_of_table.evaluate("(el) => el.clientHeight / 3 < 20 && el.scrollWidth > el.clientWidth")


def test_tab_stays_says_so_cycles_and_can_be_left(
    page: Page, tmp_path: Path, states: dict[str, State]
) -> None:
    """A Tab too many must not land in the notebook's commands; Escape then Tab, or Shift+Tab, goes on."""
    console = show(page, tmp_path, states["paged"])
    field, offer = prompt(console), console.locator(".cpl")
    field.fill("kubectl rollout history deploy/boo")
    page.keyboard.press("Tab")
    page.evaluate("answer({line: 'kubectl rollout history deploy/boo', words: []})")
    assert "no completion" == offer.inner_text()
    expect(field).to_be_focused()

    field.fill("kubectl get p")
    page.evaluate("answer({line: 'kubectl get p', words: ['pdb', 'pods', 'pvc']})")
    found = []
    for _ in range(4):
        page.keyboard.press("Tab")
        found.append(field.input_value())
    assert ["kubectl get pdb", "kubectl get pods", "kubectl get pvc", "kubectl get pdb"] == found
    assert "pdb" == offer.locator(".b").inner_text()

    page.keyboard.press("Escape")
    page.keyboard.press("Tab")
    assert not console.locator(".term").evaluate("(el) => el.contains(document.activeElement)")
    field.focus()
    page.keyboard.press("Shift+Tab")
    expect(field).not_to_be_focused()
    field.click()
    page.keyboard.press("ArrowUp")
    assert "help" == field.input_value(), "the field is as reachable as before"


def test_many_completions_are_all_in_sight(page: Page, tmp_path: Path, states: dict[str, State]) -> None:
    """The list breaks its lines at the edge; the one that is taken never goes out of sight."""
    console = show(page, tmp_path, states["paged"], LAPTOP[1])
    words = [f"checkout-6d554b5c4-{number:05}" for number in range(20)]
    prompt(console).fill("kubectl describe pod c")
    page.evaluate("(words) => answer({line: 'kubectl describe pod c', words})", words)
    offer = console.locator(".cpl")
    assert offer.evaluate("(el) => el.scrollWidth <= el.clientWidth")
    page.keyboard.press("Tab")
    page.evaluate("(words) => answer({line: 'kubectl describe pod checkout-6d554b5c4-000', words})", words)
    for _ in range(17):
        page.keyboard.press("Tab")
    assert words[16] == offer.locator(".b").inner_text()


def test_the_prompt_edits_like_a_shell(page: Page, tmp_path: Path, states: dict[str, State]) -> None:
    """Ctrl+U to the start, Ctrl+C drops the line, Ctrl+R finds an older one, Ctrl+L clears the screen."""
    console = show(page, tmp_path, states["paged"])
    field = prompt(console)
    field.fill("kubectl get pods")
    field.evaluate("(el) => el.setSelectionRange(8, 8)")
    page.keyboard.press("Control+u")
    assert "get pods" == field.input_value()
    page.keyboard.press("Control+c")
    assert "" == field.input_value()
    page.keyboard.press("Control+r")
    page.keyboard.type("ku")
    assert "kubectl rollout history deployment/app" == field.input_value()
    page.keyboard.press("Control+r")
    assert "kubectl get pods -n production" == field.input_value()
    assert "search: ku" in console.locator(".cpl").inner_text()
    page.keyboard.press("Enter")
    assert ["kubectl get pods -n production"] == lines(page)
    entries = console.locator(".ent")
    assert entries.count() > 1
    page.keyboard.press("Control+l")
    assert 0 == entries.count()
    page.evaluate("(state) => push(structuredClone(state))", states["paged"])
    assert 0 == entries.count(), "what was cleared stays away"
    field.fill("clear")
    page.keyboard.press("Enter")
    assert 1 == len(lines(page)), "clear is the screen's affair"


def test_marked_text_is_copied_and_the_line_stays(
    page: Page, tmp_path: Path, states: dict[str, State]
) -> None:
    """Ctrl+C over a selection is the browser's copy, not the shell's interrupt."""
    console = show(page, tmp_path, states["paged"])
    field = prompt(console)
    field.fill("kubectl get pods")
    field.evaluate("(el) => el.select()")
    page.keyboard.press("Control+c")
    assert "kubectl get pods" == field.input_value()


def test_a_line_that_is_answered_by_nothing_does_not_wait_for_ever(
    page: Page, tmp_path: Path, states: dict[str, State]
) -> None:
    """The dots go when the kernel has heard the line, whatever came of it."""
    console = show(page, tmp_path, states["paged"])
    prompt(console).fill("kubectl get pods")
    page.keyboard.press("Enter")
    assert "…" in console.locator(".ent.wait").inner_text()
    page.evaluate("answer({heard: 'line'})")
    assert 0 == console.locator(".ent.wait").count()


def test_what_the_terminal_can_do_is_always_said(
    page: Page, tmp_path: Path, states: dict[str, State]
) -> None:
    """Help, completion, history: at its edge while there is room, and in the empty field at every width."""
    for size in (*LAPTOP, (720, 757)):
        console = show(page, tmp_path, states["paged"], size)
        assert "help lists the commands" in (prompt(console).get_attribute("placeholder") or "")
    console = show(page, tmp_path, states["paged"])
    assert "Tab completes" in console.locator(".term .can").inner_text()


def test_how_long_is_left_is_told_and_the_last_minutes_are_announced(
    page: Page, tmp_path: Path, states: dict[str, State]
) -> None:
    """Beside the clock always; in the console and not in the channel from five minutes before the end."""
    console = show(page, tmp_path, states["paged"])
    frame = states["paged"]["frame"]
    length = frame["clock"]["duration"]
    assert f"of {length // 60:02.0f}:00" in console.get_by_role("timer").inner_text()
    told = console.locator(".notice")
    expect(told).to_be_hidden()
    late = {**frame, "clock": {**frame["clock"], "now": length - 250}}
    page.evaluate("(frame) => push({frame})", late)
    assert "Less than five minutes are left" in told.inner_text()
    assert "04:10 left of" in console.get_by_role("timer").inner_text()
    assert "status" == told.get_attribute("role")


def test_the_end_is_said_plainly_with_the_way_on(
    page: Page, tmp_path: Path, states: dict[str, State]
) -> None:
    """Over, and where the debrief is; where the page is served by itself, how to play again."""
    console = show(page, tmp_path, states["ended"])
    told = console.locator(".notice")
    assert "The drill is over. Debrief" in told.inner_text()
    assert 0 == told.get_by_role("link").count()
    ways = [{"label": "the same again", "query": "run=a-2"}, {"label": "the next seed", "query": "run=b"}]
    page.evaluate("(frame) => push({frame})", {**states["ended"]["frame"], "again": ways})
    hrefs = told.get_by_role("link").evaluate_all("(all) => all.map((link) => link.getAttribute('href'))")
    assert ["?run=a-2", "?run=b"] == hrefs
    console.get_by_role("button", name="Debrief").click()
    expect(told).to_be_visible()


def test_a_hint_stands_beside_its_button(page: Page, tmp_path: Path, states: dict[str, State]) -> None:
    """Who asked in the channel reads the answer there, until it is closed."""
    console = show(page, tmp_path, states["paged"])
    told = console.locator(".hinted")
    expect(told).to_be_hidden()
    entry = {"number": 3, "at": 250, "line": "hint", "text": "Look at the pods.", "ok": True, "actor": "you"}
    page.evaluate("(state) => push(state)", {"transcript": [*states["paged"]["transcript"], entry]})
    assert "Look at the pods." in told.inner_text()
    told.get_by_role("button", name="Close the hint").click()
    expect(told).to_be_hidden()


def test_the_handover_alone_is_shown_from_its_beginning(
    page: Page, tmp_path: Path, states: dict[str, State]
) -> None:
    """Its first line is the one to read first, however small the channel."""
    long = {**states["paged"]["channel"][0], "id": "handover", "kind": "system", "text": "Read me. " * 200}
    console = show(page, tmp_path, {**states["paged"], "channel": [long]})
    page.set_viewport_size({"width": 1000, "height": 700})
    page.evaluate("() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
    assert 0 == console.get_by_role("log", name="Messages").evaluate("(el) => el.scrollTop")
