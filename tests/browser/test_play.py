"""``gameday play``: the console alone in a browser, by Voilà; one drill by keyboard alone, one by mouse."""

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
from playwright.sync_api import Locator, Page, expect

from tests.browser import driver, keyboard

pytestmark = pytest.mark.browser


@contextlib.contextmanager
def serving(folder: Path, *arguments: str) -> Iterator[str]:
    """The address of a console that is served to a learner who stands in ``folder``."""
    port, log = driver.free_port(), folder / "voila.log"
    command = [sys.executable, "-m", "simulator", "play", *arguments, "--no-browser", f"--port={port}"]
    with log.open("w") as output:
        server = subprocess.Popen(
            command,
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
        yield f"http://127.0.0.1:{port}/"
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(server.pid, signal.SIGTERM)
        server.wait(20)


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Path]]:
    """(address, the folder in which the learner stands) of the first incident."""
    folder = tmp_path_factory.mktemp("learner")
    with serving(folder, "production-is-down", "--seed=1") as address:
        yield address, folder


def now(page: Page) -> float:
    """The simulated time that is drawn, seconds."""
    return float(page.locator("[data-now]").get_attribute("data-now") or 0)


def opened(page: Page, address: str) -> None:
    """Wait for the console of a page that was just asked for."""
    page.goto(address)
    page.locator(".gd").wait_for(timeout=60_000)
    page.wait_for_function("document.querySelector('[data-now]') !== null")


def test_a_whole_drill_by_keyboard_alone(served: tuple[str, Path]) -> None:
    """Two minutes at a time to the page; ack, a look, the undo, the debrief to the score; nobody is asked."""
    address, folder = served
    with driver.chromium(1400, 900) as (page, seen):
        opened(page, address)
        page.keyboard.press("Tab")
        keyboard.play(
            page,
            "kubectl rollout history deployment/checkout",
            "kubectl rollout undo deployment/checkout",
        )
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


def later(page: Page, until: Locator) -> None:
    """Click two minutes away until something is there."""
    for _ in range(15):
        if until.is_visible():
            return
        before = now(page)
        page.get_by_role("button", name="+2 m").click()
        page.wait_for_function("(n) => document.querySelector('[data-now]').dataset.now > n", arg=before)
    raise AssertionError(f"{until} never comes")


def test_a_whole_drill_by_mouse(tmp_path: Path) -> None:
    """Every step is a click: time, Ack, the map, each tab, the debrief; only words are typed.

    In game-day mode, where the debrief waits for the end, and as wide as a projector, where a class watches.
    """
    with (
        serving(tmp_path, "welcome", "--seed=7", "--game-day") as address,
        driver.chromium(1920, 1080) as (page, seen),
    ):
        opened(page, address)
        console = page.locator(".gd")
        ack, door = (console.get_by_role("button", name=name) for name in ("Ack", "Debrief"))
        later(page, ack)
        ack.click()
        expect(ack).to_be_hidden()
        console.get_by_role("button", name="app, failing").locator("visible=true").first.click()
        for tab in ("Logs", "Traces", "Events", "Rollout", "Alerts", "Signals"):
            console.get_by_role("tab", name=tab).click()
            expect(console.get_by_role("tabpanel", name=tab)).to_be_visible()
            expect(console.locator(".pn")).not_to_contain_text("Looking …")
        console.get_by_role("textbox", name="Command").click()
        page.keyboard.type("kubectl rollout undo deployment/app\n")
        expect(console.locator(".ent:not(.wait)").last).to_contain_text("rolled back")
        console.get_by_role("textbox", name="Message to the channel").click()
        page.keyboard.type("/status monitoring A release is taken back.\n")
        expect(console.get_by_role("log", name="Messages")).to_contain_text("A release is taken back.")
        assert not door.is_visible(), "a game day is looked back on when it is over"
        later(page, door)
        door.click()
        console.get_by_label("Your account, line 1").click()
        page.keyboard.type("Errors in the new version.")
        for step in range(1, 8):
            if step == 6:
                console.get_by_label("One rule that you take away").click()
                page.keyboard.type("What changed last goes back first.")
            console.locator(".go").click()
            expect(console.locator(f".blk.b{step}").first).to_be_visible(timeout=60_000)
        expect(console.locator(".score details")).to_have_count(5, timeout=60_000)
        assert [] == seen.offsite
        assert [] == seen.errors
    assert 1 == len(list((tmp_path / "runs").glob("welcome-v0-s7*.jsonl")))
