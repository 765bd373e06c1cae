"""A drill by keyboard and nothing else: keys, Tab to what is wanted, lines in the terminal, the debrief."""

from __future__ import annotations

from playwright.sync_api import Page, expect

#: How often Tab is pressed at most on the way to something.
_TABS = 300


def key(page: Page, name: str) -> None:
    """Press a key, and wait for the frame that answers."""
    before = int(page.locator("[data-tick]").get_attribute("data-tick") or 0)
    page.keyboard.press(name)
    page.wait_for_function("(n) => document.querySelector('[data-tick]').dataset.tick > n", arg=before)


def reach(page: Page, selector: str) -> None:
    """Go on with Tab until what fits the selector has the focus."""
    for _ in range(_TABS):
        if page.evaluate("(wanted) => document.activeElement.matches(wanted)", selector):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"Tab never reaches {selector!r}")


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


def _go(page: Page, *, then: str) -> None:
    """Open the debrief's next step from wherever the focus is."""
    reach(page, ".gd .go:enabled")
    page.keyboard.press("Enter")
    expect(page.locator(f".gd {then}").first).to_be_visible(timeout=60_000)


def play(page: Page, look: str, cure: str) -> None:
    """From a console that has the focus: to the page, ack, a look, the cure, the debrief up to the score."""
    ack = page.get_by_role("button", name="Ack")
    for _ in range(10):
        key(page, "}")
        if ack.is_visible():
            break
    key(page, "a")
    expect(ack).to_be_hidden()
    assert "REVISION" in enter(page, look)
    assert "rolled back" in enter(page, cure)
    key(page, "}")
    key(page, "}")
    page.keyboard.press("d")
    reach(page, "[aria-label='Your account, line 1']")
    page.keyboard.type("Errors began with the release; I took it back.")
    for step in (1, 2, 3, 4, 5):
        _go(page, then=f".blk.b{step}")
    reach(page, "[aria-label='One rule that you take away']")
    page.keyboard.type("What changed last goes back first.")
    for step in (6, 7):
        _go(page, then=f".blk.b{step}")
    # safety is judged at the end, and has no points before it
    expect(page.locator(".score details")).to_have_count(4, timeout=60_000)
