"""The console in the classic Notebook 7: it shows itself, takes a line, plays and pauses, and asks nobody."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from tests.browser import driver

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[driver.Lab]:
    """The server of the classic notebook, with one notebook."""
    root = tmp_path_factory.mktemp("notebooks")
    driver.write_notebook(root / "drill.ipynb", 'import simulator as sim\nsim.start("welcome", seed=7)')
    with driver.lab(root, tmp_path_factory.mktemp("server"), app="notebook") as running:
        yield running


def test_the_console_works_in_the_classic_notebook(served: driver.Lab) -> None:
    """Its cell runs, a line is answered, the clock plays and stops where Pause was pressed."""
    with driver.chromium(1400, 1000) as (page, seen):
        page.goto(f"{served.url}/notebooks/drill.ipynb?token={served.token}")
        driver.wait_for_kernel(page, served, "drill.ipynb")
        own = list(seen.errors)  # what the front end's own scripts complain about before anything is run
        page.locator(".jp-CodeCell .jp-InputArea").first.click()
        page.keyboard.press("Shift+Enter")
        console = page.locator(".gd")
        console.wait_for(timeout=60_000)
        field = console.get_by_role("textbox", name="Command")
        field.fill("kubectl get pods")
        field.press("Enter")
        expect(console.locator(".ent:not(.wait)")).to_contain_text("1/1     Running")
        console.get_by_role("radio", name="×60").click()
        play = console.locator(".play")
        play.click()
        page.wait_for_function("Number(document.querySelector('[data-now]').dataset.now) > 30")
        play.click()
        expect(play).to_have_attribute("aria-pressed", "false")
        stopped = console.get_by_role("timer").inner_text()
        assert re.search(r"T\+\d\d:\d\d", stopped)
        field.fill("role operations")
        field.press("Enter")
        expect(console.locator(".in .ps1")).to_have_text("operations $")
        assert stopped == console.get_by_role("timer").inner_text(), "a line without a cost moves no clock"
        assert [] == seen.offsite
        assert own == seen.errors
