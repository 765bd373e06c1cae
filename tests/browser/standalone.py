"""A widget's page without Jupyter: its script and style, one state, a model that only remembers.

Good for what does not need a kernel: how it looks at a width, which roles it has, what survives a refresh.
"""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING

from simulator.lab import assets

if TYPE_CHECKING:
    from simulator.lab import Console
    from simulator.lab.interviewing import InterviewForm

TRAITS = ("frame", "channel", "transcript", "pane", "debrief", "trouble", "tick")
FORM_TRAITS = ("sheet", "answers", "said", "workflow", "setup", "tick")

_PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Console</title>
<style>
:root{{--jp-layout-color0:#fff;--jp-border-color2:#e0e0e0;--jp-ui-font-color1:rgba(0,0,0,.87);--jp-brand-color1:#1976d2}}
[data-jp-theme-light="false"]{{--jp-layout-color0:#111;--jp-ui-font-color1:#fff;--jp-brand-color1:#2196f3}}
body{{margin:0;background:var(--jp-layout-color0)}} {style} </style></head> <body
data-jp-theme-light="{light}"><div id="console"></div> <script type="module"> const source = new
TextDecoder().decode(Uint8Array.from(atob("{script}"), (c) => c.charCodeAt(0))); const app = (await
import(URL.createObjectURL(new Blob([source], {{type: "text/javascript"}})))).default; const heard = {{}};
const state = {state}; const samples = (text) => new DataView(Uint8Array.from(atob(text), (c) =>
c.charCodeAt(0)).buffer); state.series = samples(state.series); window.sent = []; window.model = {{
  get: (name) => state[name],
  on: (name, f) => (heard[name] ??= new Set()).add(f),
  off: (name, f) => heard[name]?.delete(f),
  send: (content) => window.sent.push(content),
}};
// what the kernel would send
window.push = (changes) => {{
  if (changes.series) changes.series = samples(changes.series);
  Object.assign(state, changes, {{tick: state.tick + 1}});
  for (const name of [...Object.keys(changes), "tick"]) heard[`change:${{name}}`]?.forEach((f) => f());
}};
window.answer = (message) => heard["msg:custom"]?.forEach((f) => f(message));
window.close_console = await app.render({{model: window.model, el: document.getElementById("console")}});
</script></body></html>
"""


def state_of(console: Console) -> dict[str, object]:
    """The traits of a console as JSON can carry them."""
    state: dict[str, object] = {name: getattr(console, name) for name in TRAITS}
    state["series"] = base64.b64encode(console.series).decode()
    return state


def page(state: dict[str, object], *, light: bool = True) -> str:
    """A page that shows this state of a console."""
    return _filled(state, assets.script(), assets.style(), light=light)


def form_state(form: InterviewForm) -> dict[str, object]:
    """The traits of an interview's form as JSON can carry them."""
    return {"series": "", **{name: getattr(form, name) for name in FORM_TRAITS}}


def form_page(state: dict[str, object], *, light: bool = True) -> str:
    """A page that shows this state of an interview."""
    return _filled(state, assets.interview_script(), assets.interview_style(), light=light)


def _filled(state: dict[str, object], script: str, style: str, *, light: bool) -> str:
    return _PAGE.format(
        style=style,
        light="true" if light else "false",
        script=base64.b64encode(script.encode()).decode(),
        state=json.dumps(state).replace("<", "\\u003c"),
    )
