"""The console in JupyterLab, in Chromium, with no way off this machine: an incident, played through."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser import driver, keyboard

pytestmark = pytest.mark.browser

UNDO = "kubectl rollout undo deployment/checkout -n production"
START = 'import simulator as sim\ndrill = sim.start("production-is-down", seed=1)'
LETTERS = ("b", "x", "y", "d", "d")
"""In JupyterLab's command mode: insert a cell, cut it, make it a code cell, delete it."""


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[driver.Lab]:
    """One server for the file, with one notebook of its own for each test."""
    root = tmp_path_factory.mktemp("notebooks")
    for name in ("incident", "shortcuts", "clock", "keyboard"):
        driver.write_notebook(root / f"{name}.ipynb", START, "drill", "print(drill.now)", "# a spare cell")
    with driver.lab(root, tmp_path_factory.mktemp("server")) as running:
        yield running


@pytest.fixture
def opened(lab: driver.Lab, request: pytest.FixtureRequest) -> Iterator[tuple[Page, Locator, driver.Seen]]:
    """The test's notebook, run, and its console; nothing may be asked of anybody, no script may fail."""
    name = request.node.name.removeprefix("test_").split("_")[0]
    with driver.chromium(1700, 1150) as (page, seen):
        driver.open_notebook(page, lab, f"{name}.ipynb")
        driver.run_all(page)
        console = page.locator(".gd")
        console.wait_for()
        yield page, console, seen
        assert [] == seen.offsite
        assert [] == seen.errors


def tick(page: Page) -> int:
    """The number of the frame that is drawn."""
    return int(page.locator("[data-tick]").get_attribute("data-tick") or 0)


def now(page: Page) -> float:
    """The simulated time that is drawn, seconds."""
    return float(page.locator("[data-now]").get_attribute("data-now") or 0)


def press(page: Page, button: Locator) -> None:
    """Click a button and wait for the frame that answers."""
    before = tick(page)
    button.click()
    page.wait_for_function("(n) => document.querySelector('[data-tick]').dataset.tick > n", arg=before)


def enter(console: Locator, line: str) -> str:
    """Type a line in the terminal; what it printed."""
    entries = console.locator(".ent:not(.wait)")
    before = entries.count()
    field = console.get_by_role("textbox", name="Command")
    field.fill(line)
    field.press("Enter")
    expect(entries).to_have_count(before + 1)
    return entries.last.inner_text()


def failing(console: Locator) -> float:
    """The share of failing requests that the error chart shows, in per cent."""
    text = console.locator(".ch.errors .vals b").text_content() or ""
    return float(text.removesuffix("%").strip().lstrip("<"))


def test_incident_from_the_first_page_to_the_score(opened: tuple[Page, Locator, driver.Seen]) -> None:
    """By mouse: a page rings, the release is taken back, the error chart falls, the debrief opens."""
    page, console, _ = opened
    later = console.get_by_role("button", name="+2 m")
    for _ in range(10):
        press(page, later)
        if console.get_by_role("button", name="Ack").is_visible():
            break
    press(page, console.get_by_role("button", name="Ack"))
    assert not console.get_by_role("button", name="Ack").is_visible()
    assert "too fast over 5 minutes" in console.get_by_role("log", name="Messages").inner_text()
    assert "checkout" in enter(console, "kubectl rollout history deployment/checkout -n production")
    at_worst = failing(console)
    assert at_worst > 10

    assert "deployment.apps/checkout rolled back" in enter(console, UNDO)
    for _ in range(2):
        press(page, later)
    assert failing(console) < at_worst / 50
    assert 2 == console.locator(".ch.errors path.mk.new").count(), "release and rollback are marked"

    console.get_by_role("button", name="Debrief").click()
    go = console.locator(".go")
    console.get_by_label("Your account, line 1").fill("Errors began with the release; I took it back.")
    for _ in range(3):
        go.click()
    expect(console.locator(".curves path.ln")).to_have_count(2, timeout=60_000)
    go.click()
    go.click()
    console.get_by_label("One rule that you take away").fill("What changed last goes back first.")
    go.click()
    go.click()
    expect(console.locator(".score details")).to_have_count(4, timeout=60_000)
    assert "Outcome" in console.locator(".score").inner_text()


def test_shortcuts_of_the_notebook_do_not_fire_on_any_part_of_the_console(
    opened: tuple[Page, Locator, driver.Seen],
) -> None:
    """Letters on each element leave the notebook alone; on a bare button they would delete a cell."""
    page, console, _ = opened
    cells = page.locator(".jp-NotebookPanel:visible .jp-Notebook .jp-Cell")
    before = cells.count()
    reachable = console.evaluate(
        """(root) => {
          const all = [...root.querySelectorAll('button,input,textarea,[tabindex]')];
          const shown = all.filter((el) => el.getClientRects().length && !el.disabled);
          shown.forEach((el, i) => el.setAttribute('data-reach', i));
          return shown.length;
        }"""
    )
    assert reachable > 20
    for number in range(reachable):
        console.locator(f"[data-reach='{number}']").focus()
        for letter in LETTERS:
            page.keyboard.press(letter)
        part = console.locator(f"[data-reach='{number}']")
        assert before == cells.count(), part.evaluate("(el) => el.outerHTML")

    console.evaluate(
        "(root) => { const b = document.createElement('button'); b.id = 'bare'; root.parentNode.append(b) }"
    )
    page.locator("#bare").focus()
    for letter in ("d", "d"):
        page.keyboard.press(letter)
    expect(cells).to_have_count(before - 1)


def test_keyboard_alone_plays_a_whole_drill(lab: driver.Lab) -> None:
    """Cells are run, the console is found and left again, and the drill is played without the mouse."""
    with driver.chromium(1700, 1150) as (page, seen):
        driver.open_notebook(page, lab, "keyboard.ipynb")
        page.keyboard.press("Escape")
        for _ in range(2):
            page.keyboard.press("Shift+Enter")
        page.locator(".gd").wait_for(timeout=60_000)
        page.wait_for_function("document.querySelector('[data-now]') !== null")
        keyboard.reach(page, ".gd *")
        keyboard.play(page, "kubectl rollout history deployment/checkout", UNDO)
        assert [] == seen.offsite
        assert [] == seen.errors


def test_clock_plays_pauses_and_stays(
    opened: tuple[Page, Locator, driver.Seen], capsys: pytest.CaptureFixture[str]
) -> None:
    """Frames come while it plays; after Pause nothing moves any more; a cell goes on from there."""
    page, console, seen = opened
    play = console.locator(".play")
    console.get_by_role("radio", name="×60").click()
    play.click()
    page.wait_for_function("Number(document.querySelector('[data-now]').dataset.now) > 60")
    first, received = tick(page), seen.received_bytes
    page.wait_for_function("(n) => document.querySelector('[data-tick]').dataset.tick >= n + 6", arg=first)
    kilobytes = (seen.received_bytes - received) / (tick(page) - first) / 1000
    waited = page.evaluate(
        """() => new Promise((done) => {
          const button = document.querySelector('.gd .play'), begun = performance.now();
          new MutationObserver((_, own) => {
            if (button.getAttribute('aria-pressed') !== 'false') return;
            own.disconnect();
            done(performance.now() - begun);
          }).observe(button, {attributes: true});
          button.click();
        })"""
    )
    stopped = now(page)
    page.locator(".jp-NotebookPanel:visible .jp-CodeCell").nth(2).locator(".jp-InputArea").click()
    page.keyboard.press("Shift+Enter")
    expected = f"T+{int(stopped) // 60:02d}:{int(stopped) % 60:02d}"
    expect(page.locator(".jp-OutputArea-output pre", has_text=expected)).to_be_visible()
    assert stopped == now(page)
    with capsys.disabled():
        print(f"\n  at ×60: {kilobytes:.1f} kB a refresh; Pause answered in {waited:.0f} ms")


def test_lesson_one_is_played_in_its_own_notebook(lab: driver.Lab) -> None:
    """Run All of the untouched lesson; then the learner types the undo into its console, and it works."""
    source = Path(__file__).resolve().parents[2] / "notebooks" / "learn" / "01-production-is-down.ipynb"
    (lab.root / source.name).write_bytes(source.read_bytes())
    with driver.chromium(1400, 1000) as (page, seen):
        driver.open_notebook(page, lab, source.name)
        driver.run_all(page, seconds=300)
        console = page.locator(".gd").first
        console.scroll_into_view_if_needed()
        expect(console.get_by_role("timer")).to_be_visible()
        at_worst = failing(console)
        assert at_worst > 10, "the lesson stops in the middle of the incident"
        assert "deployment.apps/checkout rolled back" in enter(console, UNDO)
        settled = console.get_by_text("Waited 2m. It is")
        for times in (1, 2):
            console.get_by_role("button", name="+2 m").click()
            expect(settled).to_have_count(times)
        assert failing(console) < at_worst / 50
        console.get_by_role("button", name="Debrief").click()
        expect(console.get_by_role("heading", name="Your account, before the log")).to_be_visible()
        assert [] == seen.offsite
        assert [] == seen.errors
