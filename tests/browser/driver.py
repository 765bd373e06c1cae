"""JupyterLab in a headless Chromium, on this machine alone: start it, open a notebook, run it.

No name but loopback resolves in the browser, and every request is recorded, so a page that would ask anybody
else is caught. Nothing here waits for a fixed time: each step waits for what it needs to see.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import secrets
import signal
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic, sleep
from urllib.parse import urlsplit

import nbformat
from playwright.sync_api import Page, sync_playwright

from tests.browser.chromium import ensure_chromium

ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-extensions",
    "--disable-background-networking",
    "--disable-component-update",
    "--no-first-run",
    "--mute-audio",
    "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1 , EXCLUDE localhost",
)
_LOCAL = ("127.0.0.1", "localhost")
START_SECONDS = 60


@dataclass(frozen=True)
class Lab:
    """A JupyterLab server that runs.

    Attributes:
        url: Its address on loopback.
        token: What opens it.
        root: The folder that it shows.
    """

    url: str
    token: str
    root: Path

    def sessions(self) -> list[dict[str, object]]:
        """The server's open notebooks and the state of their kernels."""
        with urllib.request.urlopen(f"{self.url}/api/sessions?token={self.token}", timeout=10) as answer:
            found: list[dict[str, object]] = json.load(answer)
        return found


@dataclass
class Seen:
    """What a page did: requests that left this machine, errors of its scripts, messages on its sockets."""

    offsite: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    received_bytes: int = 0


@contextlib.contextmanager
def lab(root: Path, scratch: Path, *, app: str = "jupyterlab") -> Iterator[Lab]:
    """Start a server on a free port with settings of its own; stopped by its process group at the end.

    Args:
        root: The folder to show.
        scratch: An empty folder for settings, workspaces and the log.
        app: ``jupyterlab``, or ``notebook`` for the classic one.
    """
    port, token = free_port(), secrets.token_hex(16)
    log = scratch / "server.log"
    with log.open("w") as output:
        server = subprocess.Popen(
            _command(app, root, port, token),
            env=environment(scratch),
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        try:
            running = Lab(f"http://127.0.0.1:{port}", token, root)
            _wait_until_up(running, server, log)
            yield running
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(server.pid, signal.SIGTERM)
            try:
                server.wait(10)
            except subprocess.TimeoutExpired:
                os.killpg(server.pid, signal.SIGKILL)
                server.wait(10)


def free_port() -> int:
    """A port of this machine that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


def _command(app: str, root: Path, port: int, token: str) -> list[str]:
    return [
        sys.executable,
        "-m",
        app,
        "--no-browser",
        "--ip=127.0.0.1",
        f"--port={port}",
        "--ServerApp.port_retries=0",
        f"--IdentityProvider.token={token}",
        f"--ServerApp.root_dir={root}",
        "--ServerApp.allow_root=True",
        "--LabApp.news_url=None",
        "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
        "--LabApp.collaborative=False",
    ]


def environment(scratch: Path) -> dict[str, str]:
    """The learner's machine, except that nothing of this run is left on it."""
    # The "Jupyter news" pop-up would cover the lower right corner: it is answered in the user settings.
    notification = scratch / "settings" / "@jupyterlab" / "apputils-extension"
    notification.mkdir(parents=True)
    (notification / "notification.jupyterlab-settings").write_text(
        '{"fetchNews": "false", "checkForUpdates": false}'
    )
    folders = {
        "JUPYTER_CONFIG_DIR": "config",
        "JUPYTER_RUNTIME_DIR": "runtime",
        "JUPYTERLAB_SETTINGS_DIR": "settings",
        "JUPYTERLAB_WORKSPACES_DIR": "workspaces",
        "IPYTHONDIR": "ipython",
    }
    repository = str(Path(__file__).resolve().parents[2])
    path = os.pathsep.join(part for part in (repository, os.environ.get("PYTHONPATH", "")) if part)
    return {
        **os.environ,
        **{name: str(scratch / folder) for name, folder in folders.items()},
        "JUPYTER_PLATFORM_DIRS": "1",
        "PYTHONPATH": path,
    }


def _wait_until_up(running: Lab, server: subprocess.Popen[bytes], log: Path) -> None:
    ends = monotonic() + START_SECONDS
    while monotonic() < ends:
        if server.poll() is not None:
            raise RuntimeError(f"JupyterLab did not start:\n{log.read_text()}")
        try:
            urllib.request.urlopen(f"{running.url}/api/status?token={running.token}", timeout=2).close()
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            sleep(0.1)
        else:
            return
    raise TimeoutError(f"JupyterLab was not up in {START_SECONDS} s:\n{log.read_text()}")


@contextlib.contextmanager
def chromium(width: int = 1400, height: int = 1000) -> Iterator[tuple[Page, Seen]]:
    """A page of a fresh browser, and what it does."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=ensure_chromium(), headless=True, args=list(ARGUMENTS)
        )
        page = browser.new_page(viewport={"width": width, "height": height})
        try:
            yield page, watch(page)
        finally:
            browser.close()


def watch(page: Page) -> Seen:
    """Record what a page asks for and complains about. No route is set: its handler would stall requests."""
    seen = Seen()

    def request(url: str) -> None:
        parts = urlsplit(url)
        if parts.scheme in ("http", "https", "ws", "wss") and parts.hostname not in _LOCAL:
            seen.offsite.append(url)

    def received(payload: str | bytes) -> None:
        seen.received_bytes += len(payload)

    page.on("request", lambda asked: request(asked.url))
    page.on("pageerror", lambda error: seen.errors.append(str(error)[:300]))
    page.on("websocket", lambda opened: opened.on("framereceived", received))
    return seen


def write_notebook(path: Path, *cells: str) -> None:
    """A notebook of code cells."""
    notebook = nbformat.v4.new_notebook()  # type: ignore[no-untyped-call]
    notebook.cells = [nbformat.v4.new_code_cell(source) for source in cells]  # type: ignore[no-untyped-call]
    # without it JupyterLab asks which kernel to take
    notebook.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3", "language": "python"}
    nbformat.write(notebook, path)  # type: ignore[no-untyped-call]


def open_notebook(page: Page, running: Lab, notebook: str) -> None:
    """Open a notebook alone, and wait until its kernel listens.

    The toolbar says idle before the page is joined to a kernel, and a Run All is then silently lost; the
    server knows better.
    """
    page.goto(f"{running.url}/lab/tree/{notebook}?token={running.token}&reset")
    wait_for_kernel(page, running, notebook)


def wait_for_kernel(page: Page, running: Lab, notebook: str) -> None:
    """Wait until the notebook of a page that was asked for is there and its kernel listens."""
    page.locator(".jp-NotebookPanel:visible .jp-Notebook").wait_for(timeout=60_000)
    ends = monotonic() + START_SECONDS
    while monotonic() < ends:
        for session in running.sessions():
            kernel = session.get("kernel")
            if (
                session["path"] == notebook
                and isinstance(kernel, dict)
                and kernel.get("execution_state") == "idle"
                and kernel.get("connections", 0) >= 1
            ):
                return
        page.wait_for_timeout(100)  # not sleep: the page's own events must run
    raise TimeoutError(f"no idle kernel for {notebook}: {running.sessions()}")


def run_all(page: Page, *, seconds: int = 120) -> None:
    """Run > Run All Cells, and wait until every code cell has its number.

    Raises:
        TimeoutError: A cell did not finish.
    """
    page.locator(".lm-MenuBar-itemLabel", has_text=re.compile("^Run$")).click()
    page.locator(".lm-Menu-itemLabel", has_text="Run All Cells").first.click()
    ends = monotonic() + seconds
    while monotonic() < ends:
        found = prompts(page)
        if found and all(re.fullmatch(r"\[\d+\]:", prompt) for prompt in found):
            return
        page.wait_for_timeout(100)
    raise TimeoutError(f"cells not run: {prompts(page)}")


def prompts(page: Page) -> list[str]:
    """The prompt of every code cell."""
    panel = ".jp-NotebookPanel:not(.lm-mod-hidden)"
    return page.locator(f"{panel} .jp-CodeCell .jp-InputPrompt").all_text_contents()


def set_theme(page: Page, theme: str) -> None:
    """Switch JupyterLab's theme by its menu: ``light`` or ``dark``."""
    page.locator(".lm-MenuBar-itemLabel", has_text=re.compile("^Settings$")).click()
    page.locator(".lm-Menu-itemLabel", has_text=re.compile("^Theme$")).hover()
    page.locator(".lm-Menu-itemLabel", has_text=f"JupyterLab {theme.capitalize()}").first.click()
    light = "true" if theme == "light" else "false"
    page.locator(f"body[data-jp-theme-light='{light}']").wait_for(state="attached")
