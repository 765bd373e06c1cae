"""The picture of the console on the README's first page: ``python -m tests.browser.picture`` takes it anew.

It shows the first incident on seed 1, eight minutes in, as wide as a laptop. README describes it in words, so
read those again after taking it.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

from PIL import Image
from playwright.sync_api import sync_playwright

from simulator.coach import Coach
from simulator.drill import Run
from simulator.lab.console import Console
from simulator.scenario import load
from tests.browser import driver, standalone
from tests.browser.chromium import ensure_chromium

PATH = Path(__file__).with_name("console.png")
LINES = (
    "page ack",
    'statuspage investigating "Some checkouts fail. We are on it. Next update in 10 minutes."',
    "kubectl rollout history deployment/checkout",
    "kubectl get pods -n production -l app=checkout",
)
#: Sharp on a dense screen; with so many colours the file stays small and each stays what it was.
_SCALE, _COLOURS = 1.5, 256


def take(target: Path = PATH) -> None:
    """Play up to the minute, draw the console in Chromium, write the PNG."""
    run = Run(load("production-is-down"), 1)
    console = Console(run, Coach(run))
    run.do("wait 20m")  # the page ends it
    for line in LINES:
        console.line(line)
    with tempfile.TemporaryDirectory() as scratch, sync_playwright() as playwright:
        page_file, shot = Path(scratch) / "page.html", Path(scratch) / "shot.png"
        page_file.write_text(standalone.page(standalone.state_of(console)), encoding="utf-8")
        browser = playwright.chromium.launch(
            executable_path=ensure_chromium(), headless=True, args=list(driver.ARGUMENTS)
        )
        page = browser.new_page(viewport={"width": 1280, "height": 800}, device_scale_factor=_SCALE)
        page.goto(page_file.as_uri())
        page.locator("[data-tick]").wait_for(state="attached")
        page.locator(".gd").screenshot(path=shot)
        browser.close()
        drawn = Image.open(shot).convert("RGB")
    small = drawn.quantize(_COLOURS, Image.Quantize.MEDIANCUT, kmeans=1, dither=Image.Dither.NONE)
    small.save(target, optimize=True)


if __name__ == "__main__":
    take()
