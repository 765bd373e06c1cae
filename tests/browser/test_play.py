"""``gameday play``: the console alone in a browser, by Voilà; a whole drill by keyboard and nothing else."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from time import monotonic, sleep

import pytest
from playwright.sync_api import Page, expect

from tests.browser import driver

pytestmark = pytest.mark.browser

UNDO = "kubectl rollout undo deployment/checkout"


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Path]]:
    """(address, the folder in which the learner stands) of a console that is served."""
    folder, port = tmp_path_factory.mktemp("learner"), driver.free_port()
    log = folder / "voila.log"
    command = [sys.executable, "-m", "simulator", "play", "production-is-down", "--seed=1"]
    with log.open("w") as output:
        server = subprocess.Popen(
            [*command, "--no-browser", f"--port={port}"],
            cwd=folder,
            env=driver.environment(folder / "jupyter"),
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        ends = monotonic() + driver.START_SECONDS
        while "Voilà is running at" not in log.read_text():
            assert server.poll() is None and monotonic() < ends, log.read_text()
            sleep(0.1)
        yield f"http://127.0.0.1:{port}/", folder
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(server.pid, signal.SIGTERM)
        server.wait(20)


def now(page: Page) -> float:
    """The simulated time that is drawn, seconds."""
    return float(page.locator("[data-now]").get_attribute("data-now") or 0)


def opened(page: Page, address: str) -> None:
    """Wait for the console of a page that was just asked for."""
    page.goto(address)
    page.locator(".gd").wait_for(timeout=60_000)
    page.wait_for_function("document.querySelector('[data-now]') !== null")


def key(page: Page, name: str) -> None:
    """Press a key, and wait for the frame that answers."""
    before = int(page.locator("[data-tick]").get_attribute("data-tick") or 0)
    page.keyboard.press(name)
    page.wait_for_function("(n) => document.querySelector('[data-tick]').dataset.tick > n", arg=before)


def reach(page: Page, selector: str) -> None:
    """Go on with Tab until what fits the selector has the focus."""
    for _ in range(200):
        if page.evaluate("(wanted) => document.activeElement.matches(wanted)", selector):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"Tab never reaches {selector!r}")


def go(page: Page, *, then: str) -> None:
    """Open the debrief's next step from wherever the focus is."""
    reach(page, ".gd .go:enabled")
    page.keyboard.press("Enter")
    expect(page.locator(f".gd {then}").first).to_be_visible(timeout=60_000)


def enter(page: Page, line: str) -> str:
    """``t`` goes to the terminal; what the line printed. Esc leaves the field again."""
    entries = page.locator(".gd .ent:not(.wait)")
    before = entries.count()
    page.keyboard.press("t")
    page.keyboard.type(line)
    page.keyboard.press("Enter")
    expect(entries).to_have_count(before + 1)
    page.keyboard.press("Escape")
    return entries.last.inner_text()


def test_a_whole_drill_by_keyboard_alone(served: tuple[str, Path]) -> None:
    """Two minutes at a time to the page; ack, a look, the undo, the debrief to the score; nobody is asked."""
    address, folder = served
    with driver.chromium(1400, 900) as (page, seen):
        opened(page, address)
        page.keyboard.press("Tab")
        ack = page.get_by_role("button", name="Ack")
        for _ in range(10):
            key(page, "}")
            if ack.is_visible():
                break
        key(page, "a")
        expect(ack).to_be_hidden()
        assert "checkout" in enter(page, "kubectl rollout history deployment/checkout")
        assert "rolled back" in enter(page, UNDO)
        key(page, "}")
        key(page, "}")
        page.keyboard.press("d")
        reach(page, "[aria-label='Your account, line 1']")
        page.keyboard.type("Errors began with the release; I took it back.")
        for step in (1, 2, 3, 4, 5):
            go(page, then=f".blk.b{step}")
        reach(page, "[aria-label='One rule that you take away']")
        page.keyboard.type("What changed last goes back first.")
        for step in (6, 7):
            go(page, then=f".blk.b{step}")
        expect(page.locator(".score details")).to_have_count(5, timeout=60_000)
        assert [] == seen.offsite
        assert [] == seen.errors
    assert 1 == len(list((folder / "runs").glob("production-is-down-v0-s1*.jsonl")))


def test_a_page_that_is_loaded_anew_goes_on_with_the_run(served: tuple[str, Path]) -> None:
    """The run file is the run: the acts of the page before are there, and the clock stands behind them."""
    address, _ = served
    with driver.chromium(1400, 900) as (page, seen):
        opened(page, address)
        assert page.locator(".gd .ent", has_text="rolled back").count() == 1
        assert now(page) > 400
        box = page.locator(".gd").bounding_box()
        assert box is not None
        assert (0, 0, 1400, 900) == tuple(round(box[side]) for side in ("x", "y", "width", "height"))
        assert [] == seen.offsite
