"""The console under axe-core: nothing serious or critical, in either theme, on any tab, up to the score.

Axe knows the rules that a machine can check (names, roles, contrast, focus order); what it can't judge is in
``test_page`` and ``test_play``, where a keyboard alone plays.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from simulator.coach import Coach
from simulator.lab.console import Console
from simulator.lab.panes import TABS
from simulator.units import MINUTE
from tests.browser import driver, standalone
from tests.drill_stage import fresh

pytestmark = pytest.mark.browser

State = dict[str, Any]
#: Half a laptop screen, where panes become tabs, and a whole one.
WIDTHS = (720, 1280)
#: What is laid out otherwise on the narrow one.
_NARROW = ("signals", "alerts", "debrief")
_GRAVE = ("serious", "critical")
#: What axe can't decide is a finding too, but for texts over a drawing, whose ground it can't see.
_UNDECIDED = "color-contrast"


@pytest.fixture(scope="module")
def states() -> dict[str, State]:
    """The small incident: each tab while the page rings, and the debrief after the end."""
    run = fresh()
    console = Console(run, Coach(run))
    run.advance(4 * MINUTE)
    for line in ("kubectl get pods -n production", "role operations", "kubectl get podz", "hint"):
        console.line(line)
    found = {}
    for tab in TABS:
        console.open_tab(tab)
        found[tab] = standalone.state_of(console)
    console.line("kubectl rollout undo deployment/app")
    run.finish()
    console.look_back(("I saw errors.",), rule="What changed last goes back first.")
    console.refresh()
    return {**found, "debrief": standalone.state_of(console)}


@pytest.fixture(scope="module")
def page() -> Iterator[Page]:
    """One browser for all."""
    with driver.chromium(1280, 800) as (shown, _):
        yield shown


def show(page: Page, folder: Path, name: str, state: State, *, width: int, light: bool) -> None:
    """Open a tab, or the whole debrief."""
    path = folder / "page.html"
    path.write_text(standalone.page(state, light=light), encoding="utf-8")
    page.set_viewport_size({"width": width, "height": 800})
    page.goto(path.as_uri())
    page.locator("[data-tick]").wait_for(state="attached")
    console = page.locator(".gd")
    if name != "debrief":
        console.get_by_role("tab", name=name.capitalize()).click()
        page.evaluate("(state) => push(structuredClone(state))", state)
        return
    console.get_by_role("button", name="Debrief").click()
    go = console.locator(".go")
    while go.is_visible():
        go.click()


def grave(page: Page) -> list[str]:
    """What axe finds serious or critical in the console, with the element."""
    found = Axe().run(page, context=".gd", options={}).response
    assert len(found["passes"]) > 20, "axe looked at something"
    undecided = [each for each in found["incomplete"] if each["id"] != _UNDECIDED]
    return [
        f"{each['id']}: {each['help']}: {node['html'][:160]}"
        for each in (*found["violations"], *undecided)
        if each["impact"] in _GRAVE
        for node in each["nodes"]
    ]


@pytest.mark.parametrize("light", [True, False], ids=["light", "dark"])
@pytest.mark.parametrize("width", WIDTHS)
def test_axe_finds_nothing_serious(
    page: Page, tmp_path: Path, states: dict[str, State], width: int, light: bool
) -> None:
    """Every tab, and the debrief opened up to the score."""
    found = {}
    for name in states if width == max(WIDTHS) else _NARROW:
        show(page, tmp_path, name, states[name], width=width, light=light)
        found[name] = grave(page)
    assert {name: [] for name in found} == found


def test_axe_sees_what_is_wrong(page: Page, tmp_path: Path, states: dict[str, State]) -> None:
    """The test above is able to fail: a button without a name, and grey on grey."""
    show(page, tmp_path, "signals", states["signals"], width=1280, light=True)
    page.evaluate(
        """() => document.querySelector('.gd .work').insertAdjacentHTML('beforeend',
          '<button id="mute"></button><p style="color:#999;background:#aaa">hardly there</p>')"""
    )
    kinds = {each.partition(":")[0] for each in grave(page)}
    assert {"button-name", "color-contrast"} == kinds
