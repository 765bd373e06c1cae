"""The console's page by itself, in Chromium: what survives a refresh, roles, keys, widths."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Locator, Page

from simulator.coach import Coach
from simulator.lab.console import Console
from simulator.lab.debriefing import PROMPTS
from simulator.units import MINUTE
from tests.browser import driver, standalone
from tests.drill_stage import fresh

pytestmark = pytest.mark.browser

WIDTHS = (560, 760, 1000, 1250, 1400, 1700)
State = dict[str, Any]


@pytest.fixture(scope="module")
def incident() -> State:
    """The small incident, paged, with a few lines typed."""
    run = fresh()
    console = Console(run, Coach(run))
    run.advance(4 * MINUTE)
    for line in ("kubectl get pods -n production", "kubectl rollout history deployment/app", "hint"):
        console.line(line)
    return standalone.state_of(console)


@pytest.fixture(scope="module")
def ended() -> State:
    """The same at its end, with the debrief open up to the score."""
    run = fresh()
    console = Console(run, Coach(run))
    run.advance(4 * MINUTE)
    console.line("kubectl rollout undo deployment/app")
    run.finish()
    console.look_back(("I saw errors.",), rule="What changed last goes back first.")
    console.refresh()
    return standalone.state_of(console)


@pytest.fixture(scope="module")
def browser() -> Iterator[tuple[Page, driver.Seen]]:
    """One browser for all."""
    with driver.chromium(1400, 800) as (page, seen):
        yield page, seen


@pytest.fixture
def page(browser: tuple[Page, driver.Seen]) -> Iterator[Page]:
    """Its page; no script of ours may fail, and nothing may be asked for."""
    shown, seen = browser
    seen.errors.clear()
    yield shown
    assert [] == seen.errors
    assert [] == seen.offsite


def show(page: Page, folder: Path, state: State, *, width: int = 1400, light: bool = True) -> Locator:
    """Open a state in the page."""
    path = folder / "page.html"
    path.write_text(standalone.page(state, light=light), encoding="utf-8")
    page.set_viewport_size({"width": width, "height": 800})
    page.goto(path.as_uri())
    page.locator("[data-tick]").wait_for(state="attached")
    return page.locator(".gd")


def sent(page: Page, kind: str) -> list[dict[str, Any]]:
    """What the page has sent to the kernel, of one kind."""
    found: list[dict[str, Any]] = page.evaluate("(kind) => sent.filter((one) => one.do === kind)", kind)
    return found


def test_a_half_typed_line_its_selection_and_the_focus_survive_every_refresh(
    page: Page, tmp_path: Path, incident: State
) -> None:
    """Frames come twice a second; typing must not notice."""
    console = show(page, tmp_path, incident)
    field = console.get_by_role("textbox", name="Command")
    field.fill("kubectl rollout undo")
    field.evaluate("(el) => el.setSelectionRange(8, 15)")
    page.evaluate("(state) => { for (let i = 0; i < 5; i++) push(structuredClone(state)) }", incident)
    assert "kubectl rollout undo" == field.input_value()
    assert [8, 15] == field.evaluate("(el) => [el.selectionStart, el.selectionEnd]")
    assert field.evaluate("(el) => el === document.activeElement")


def test_scroll_selected_text_and_focus_on_the_map_survive_too(
    page: Page, tmp_path: Path, incident: State
) -> None:
    """A reader who scrolled up stays there; marked text stays marked; a focused node stays focused."""
    console = show(page, tmp_path, incident, width=1000)
    out = console.get_by_label("Terminal output")
    out.evaluate("(el) => { el.scrollTop = 7; getSelection().selectAllChildren(el.querySelector('pre')) }")
    marked = page.evaluate("String(getSelection())")
    console.get_by_role("tab", name="Map").click()
    node = console.get_by_role("group", name="System map").get_by_role("button", name="app, failing")
    node.focus()
    page.evaluate("(state) => push(structuredClone(state))", incident)
    assert 7 == out.evaluate("(el) => el.scrollTop")
    assert marked and marked == page.evaluate("String(getSelection())")
    assert node.evaluate("(el) => el === document.activeElement")


def test_every_focusable_element_keeps_the_notebook_s_shortcuts_out(
    page: Page, tmp_path: Path, incident: State, ended: State
) -> None:
    """`d d` on a button would delete the cell: each of them carries the attribute that prevents it."""
    for state in (incident, ended):
        console = show(page, tmp_path, state)
        for tab in ("Logs", "Signals"):
            console.get_by_role("tab", name=tab).click()
            bare = console.evaluate(
                """(root) => [...root.querySelectorAll('button,input,textarea,summary,[tabindex]')]
                  .filter((el) => !el.hasAttribute('data-lm-suppress-shortcuts')).map((el) => el.outerHTML)"""
            )
            assert [] == bare


def test_roles_and_names(page: Page, tmp_path: Path, incident: State) -> None:
    """A screen reader finds the region, the clock, the budget, the page, the step, the logs, by name."""
    console = show(page, tmp_path, incident)
    assert page.get_by_role("region", name="Game-day console").is_visible()
    assert "T+04:" in console.get_by_role("timer").inner_text()
    meter = console.get_by_role("meter", name="Error budget left, App availability")
    assert 70 < float(meter.get_attribute("aria-valuenow") or "0") < 80
    assert "1 page" in console.locator(".pgt[role=alert]").inner_text()
    assert 1 == console.locator("li[aria-current=step]").count()
    assert "polite" == console.get_by_role("log", name="Messages").get_attribute("aria-live")
    assert "app, failing" in (console.locator("g.nd.bad").get_attribute("aria-label") or "")


def test_each_chart_is_an_image_with_a_sentence_and_has_a_table_twin(
    page: Page, tmp_path: Path, incident: State
) -> None:
    """Four charts, four sentences; the table shows the same samples and what happened beside them."""
    console = show(page, tmp_path, incident)
    charts = console.get_by_role("img", name="of app")
    assert 4 == charts.count()
    console.get_by_role("button", name="Table").click()
    table = console.get_by_role("region", name="Golden signals as a table")
    heads = table.get_by_role("columnheader").all_inner_texts()
    assert ["time", "traffic v1", "traffic v2", "traffic all", "errors"] == heads[:5]
    assert "deploy app v2" in table.inner_text()
    assert "–" in table.inner_text(), "what was not measured is a dash"
    console.get_by_role("button", name="Chart").click()
    assert charts.first.is_visible()


def test_the_crosshair_reads_the_same_instant_in_all_charts_from_the_keyboard(
    page: Page, tmp_path: Path, incident: State
) -> None:
    """Arrow keys walk by five seconds, Escape goes back to now."""
    console = show(page, tmp_path, incident)
    console.locator(".ch.errors .pl").focus()
    for _ in range(4):
        page.keyboard.press("Shift+ArrowLeft")
    assert 4 == console.locator(".x path.hair").count()
    assert "T+00:" in console.locator(".when").inner_text()
    page.keyboard.press("Escape")
    assert "numbers over 60 s, lines over 30 s" == console.locator(".when").inner_text()


def test_single_keys_act_outside_of_fields_only(page: Page, tmp_path: Path, incident: State) -> None:
    """`]` waits, `a` acknowledges, Space plays; the same keys in a field are letters."""
    console = show(page, tmp_path, incident)
    console.focus()
    for key in ("]", "}", "a", " ", "3"):
        page.keyboard.press(key)
    assert ["wait 30s", "wait 2m", "page ack"] == [one["line"] for one in sent(page, "line")]
    assert 1 == len(sent(page, "play"))
    assert [60] == [one["speed"] for one in sent(page, "speed")]
    page.keyboard.press("t")
    page.keyboard.type("a]1")
    assert "a]1" == console.get_by_role("textbox", name="Command").input_value()
    assert 3 == len(sent(page, "line"))
    page.keyboard.press("Escape")
    assert not console.get_by_role("textbox", name="Command").evaluate(
        "(el) => el === document.activeElement"
    )


def test_history_and_completion_in_the_terminal(page: Page, tmp_path: Path, incident: State) -> None:
    """↑ brings back one's own lines, Tab the longest common part; with nothing typed Tab moves on."""
    console = show(page, tmp_path, incident)
    field = console.get_by_role("textbox", name="Command")
    field.focus()
    page.keyboard.press("ArrowUp")
    page.keyboard.press("ArrowUp")
    assert "kubectl rollout history deployment/app" == field.input_value()
    field.fill("kubectl roll")
    page.keyboard.press("Tab")
    page.evaluate("answer({line: 'kubectl roll', words: ['rollout']})")
    assert "kubectl rollout " == field.input_value()
    field.fill("kubectl rollout re")
    page.evaluate("answer({line: 'kubectl rollout re', words: ['restart', 'resume']})")
    assert "restart" in console.locator(".cpl").inner_text()
    page.keyboard.press("Tab")
    assert "kubectl rollout res" == field.input_value().rstrip()[:19]
    field.fill("")
    page.keyboard.press("Tab")
    assert not field.evaluate("(el) => el === document.activeElement")


def test_what_a_log_says_never_becomes_markup(page: Page, tmp_path: Path, incident: State) -> None:
    """A line of text with a tag in it is text, wherever it is shown."""
    evil = "<img src=x onerror='window.pwned = 1'>"
    state = {**incident, "tick": 1}
    state["transcript"] = [{"number": 0, "at": 1, "line": evil, "text": evil, "ok": True, "actor": "you"}]
    state["channel"] = [{**incident["channel"][0], "id": "x", "author": evil, "text": evil, "kind": "people"}]
    frame = {**incident["frame"], "title": evil}
    frame["nodes"] = [{**node, "reason": evil} for node in frame["nodes"]]
    frame["markers"] = [{**mark, "text": evil, "long": evil} for mark in frame["markers"]]
    lines = {"tab": "logs", "columns": [], "rows": [], "tones": [""], "lines": [evil], "note": evil}
    console = show(page, tmp_path, {**state, "frame": frame, "pane": lines})
    console.get_by_role("tab", name="Logs").click()
    assert 0 == console.locator("img:not([role])").count()
    assert not page.evaluate("window.pwned")
    assert evil in console.inner_text()


def test_a_message_becomes_a_line_and_a_hint_shows_its_cost_first(
    page: Page, tmp_path: Path, incident: State
) -> None:
    """The field writes to people or to the status page; the first press on Hint only tells the cost."""
    console = show(page, tmp_path, incident)
    field = console.get_by_role("textbox", name="Message to the channel")
    for text in ('We "see" it', '/status investigating "Some pages fail."'):
        field.fill(text)
        field.press("Enter")
    console.get_by_role("button", name="Hint").click()
    assert 2 == len(sent(page, "line"))
    console.get_by_role("button", name="Ask · 10s").click()
    assert ['message "We \\"see\\" it"', 'statuspage investigating "Some pages fail."', "hint"] == [
        one["line"] for one in sent(page, "line")
    ]


def test_a_busy_kernel_is_told_and_not_a_broken_console(page: Page, tmp_path: Path, incident: State) -> None:
    """A cell that runs hears no button: the console says so, and stops saying so when it is heard."""
    console = show(page, tmp_path, incident)
    console.get_by_role("button", name="+30 s").click()
    busy = console.locator(".busy", has_text="kernel is busy")
    busy.wait_for()
    page.evaluate("(state) => push(structuredClone(state))", incident)
    busy.wait_for(state="hidden")


@pytest.mark.parametrize("width", WIDTHS)
def test_nothing_is_cut_off_and_what_matters_is_there_at_every_width(
    page: Page, tmp_path: Path, incident: State, width: int
) -> None:
    """Clock, budget, burn, Ack, step, health, prompt: from half a laptop to a projector."""
    console = show(page, tmp_path, incident, width=width)
    frame = console.bounding_box()
    assert frame is not None
    for part in (
        console.get_by_role("timer"),
        console.get_by_role("meter").first,
        console.locator(".burn").first,
        console.get_by_role("button", name="Ack"),
        console.locator("li[aria-current=step]"),
        console.get_by_role("button", name="app, failing").locator("visible=true").first,
        console.get_by_role("textbox", name="Command"),
        console.get_by_role("button", name="Play"),
    ):
        box = part.bounding_box()
        assert box is not None, part
        assert box["x"] >= frame["x"] - 1 and box["x"] + box["width"] <= frame["x"] + frame["width"] + 1, part
        assert box["y"] >= frame["y"] - 1 and box["y"] + box["height"] <= frame["y"] + frame["height"] + 1, (
            part
        )
    assert console.evaluate("(root) => root.scrollWidth <= root.clientWidth + 1")


def test_the_debrief_opens_step_by_step_and_the_score_comes_last(
    page: Page, tmp_path: Path, ended: State
) -> None:
    """Nothing opens before the account, the score not before the rule; the words go to the kernel."""
    data = {**ended["debrief"], "account": [], "rule": "", "score": [], "total": None}
    console = show(page, tmp_path, {**ended, "debrief": data})
    console.get_by_role("button", name="Debrief").click()
    go = console.locator(".go")
    assert go.is_disabled()
    console.get_by_label("Your account, line 1").fill("I saw errors.")
    for heading in ("Timeline", "The decision that cost most", "What if", "One thing that went right"):
        assert not console.get_by_role("heading", name=heading).is_visible()
        go.click()
        assert console.get_by_role("heading", name=heading).is_visible()
    go.click()
    assert go.is_disabled(), "the rule is not written yet"
    console.get_by_label("One rule that you take away").fill("What changed last goes back first.")
    go.click()
    go.click()
    page.evaluate("(debrief) => push({debrief})", ended["debrief"])
    assert 5 == console.locator(".score details").count()
    assert "What changed last goes back first." == sent(page, "debrief")[-1]["rule"]
    assert not go.is_visible()


def test_the_questions_stand_before_anything_is_known_and_nothing_moves(
    page: Page, tmp_path: Path, ended: State
) -> None:
    """The account's three questions are there at once, and stay in place when the log is read."""
    data = {**ended["debrief"], "account": []}
    console = show(page, tmp_path, {**ended, "debrief": {}})
    console.get_by_role("button", name="Debrief").click()
    assert list(PROMPTS) == console.locator(".acct span").all_inner_texts()
    assert console.get_by_role("heading", name="What comes next").is_visible()
    before = console.get_by_label("Your account, line 1").bounding_box()
    page.evaluate("(debrief) => push({debrief})", data)
    assert before == console.get_by_label("Your account, line 1").bounding_box()


def test_what_was_written_in_the_notebook_is_shown_and_not_asked_again(
    page: Page, tmp_path: Path, ended: State
) -> None:
    """Account and rule come with the debrief: it opens behind the account, and the rule holds nobody up."""
    console = show(page, tmp_path, ended)
    console.get_by_role("button", name="Debrief").click()
    assert "I saw errors." == console.get_by_label("Your account, line 1").input_value()
    assert console.get_by_role("heading", name="Timeline").is_visible()
    go = console.locator(".go")
    while go.is_visible():
        assert go.is_enabled()
        go.click()
    assert console.get_by_role("heading", name="Score").is_visible()


@pytest.mark.parametrize("width", WIDTHS)
def test_no_name_of_a_debrief_s_step_is_cut_and_the_steps_are_read_in_their_order(
    page: Page, tmp_path: Path, ended: State, width: int
) -> None:
    """Where there is room for names at all; and step 4 comes after step 3, on the page as in the markup."""
    console = show(page, tmp_path, ended, width=width)
    console.get_by_role("button", name="Debrief").click()
    cut = console.locator(".steps .lb").evaluate_all(
        """(all) => all.filter((el) => el.offsetParent && el.scrollWidth > el.clientWidth + 1)
          .map((el) => el.textContent)"""
    )
    assert [] == cut
    steps = console.locator(".blk").evaluate_all(
        "(all) => all.map((el) => /\\bb(\\d)/.exec(el.className)?.[1]).filter(Boolean)"
    )
    assert sorted(steps) == steps


def test_a_page_that_closes_listens_no_more(page: Page, tmp_path: Path, incident: State) -> None:
    """Re-running a cell leaves nothing behind that would draw into a page that is gone."""
    show(page, tmp_path, incident)
    before = page.locator("[data-tick]").get_attribute("data-tick")
    page.evaluate("(state) => { close_console(); push(structuredClone(state)) }", incident)
    assert before == page.locator("[data-tick]").get_attribute("data-tick")
