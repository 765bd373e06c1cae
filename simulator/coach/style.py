"""The debrief's style sheet: one column, hairlines, the console's colours, light and dark."""

from __future__ import annotations

from typing import Final

_LIGHT: Final = (
    "--gd-fg:#212121;--gd-bg:#fff;--gd-mut:#686868;--gd-line:#d8d8d8;--gd-bad:#b92b1c;"
    "--gd-acc:#2c6cab;--gd-new:#6d4ac6;--gd-between:rgba(185,43,28,.09)"
)
_DARK: Final = (
    "--gd-fg:#fff;--gd-bg:#111;--gd-mut:#b3b3b3;--gd-line:#3a3a3a;--gd-bad:#ff8270;"
    "--gd-acc:#86b9e8;--gd-new:#b9a0ff;--gd-between:rgba(255,130,112,.13)"
)
#: Rules as (selector below .gd-debrief, declarations).
_RULES: Final[tuple[tuple[str, str], ...]] = (
    ("", "color-scheme:light dark;color:var(--gd-fg);background:var(--gd-bg);max-width:860px"),
    (
        "",
        "font:15px/1.5 system-ui,-apple-system,sans-serif;font-variant-numeric:tabular-nums;padding:4px 16px",
    ),
    ("h1", "font-size:24px;font-weight:600;margin:16px 0 0"),
    ("h2", "font-size:17px;font-weight:600;margin:28px 0 8px;border-top:1px solid var(--gd-line)"),
    ("h2", "padding-top:14px"),
    ("h2 span", "color:var(--gd-mut);font-weight:400;margin-right:8px"),
    ("p", "margin:6px 0;max-width:76ch"),
    (".sub", "color:var(--gd-mut)"),
    (".mut", "color:var(--gd-mut)"),
    (".ask", "font-size:17px;font-weight:600"),
    ("dl", "display:grid;grid-template-columns:max-content 1fr;gap:6px 16px;margin:8px 0"),
    ("dt,.gd-debrief.gd-debrief dd", "width:auto;float:none"),
    ("dt", "color:var(--gd-mut)"),
    ("dd", "margin:0;max-width:72ch"),
    (
        "blockquote",
        "margin:4px 0 12px;padding:6px 12px;border-left:3px solid var(--gd-line);min-height:1.5em",
    ),
    (".wide", "overflow-x:auto"),
    ("table", "border-collapse:collapse;font-size:13px;width:100%;background:none"),
    ("table", "table-layout:auto;margin:0"),
    ("caption", "text-align:left;font-size:13px;padding-bottom:4px;color:var(--gd-mut)"),
    (
        "th",
        "text-align:left;vertical-align:top;padding:4px 12px 4px 0;border-bottom:1px solid var(--gd-line)",
    ),
    ("th", "font-weight:600;white-space:nowrap;background:none"),
    (
        "td",
        "text-align:left;vertical-align:top;padding:4px 12px 4px 0;border-bottom:1px solid var(--gd-line)",
    ),
    ("td", "background:none"),
    ("td.tight", "white-space:nowrap"),
    (
        "code",
        "font:13px ui-monospace,SFMono-Regular,Consolas,monospace;background:none;color:inherit;padding:0",
    ),
    ("summary", "cursor:pointer;color:var(--gd-mut);font-size:13px"),
    ("svg", "display:block;width:100%;height:auto;margin:8px 0;overflow:visible"),
    ("svg text", "font-size:12px;fill:var(--gd-fg)"),
    ("svg .axis", "fill:var(--gd-mut);font-size:11px"),
    ("svg .note", "fill:var(--gd-mut);font-size:11px"),
    ("svg .lane", "fill:var(--gd-mut);font-size:12px"),
    ("svg .strong", "font-weight:600"),
    ("svg .grid", "stroke:var(--gd-line);fill:none"),
    ("svg .mark", "stroke:var(--gd-mut);stroke-dasharray:2 3;fill:none"),
    ("svg polyline", "fill:none;stroke-width:2.2"),
    ("svg polyline.yours", "stroke:var(--gd-bad)"),
    ("svg polyline.other", "stroke:var(--gd-acc);stroke-dasharray:7 4"),
    ("svg .yours .strong", "fill:var(--gd-bad)"),
    ("svg .other .strong", "fill:var(--gd-acc)"),
    ("svg .between", "fill:var(--gd-between)"),
    ("svg rect.bad", "fill:var(--gd-bad);opacity:.32"),
    ("svg rect.page", "fill:var(--gd-bad)"),
    ("svg .deploy", "stroke:var(--gd-new);stroke-width:2.5"),
    ("svg .look", "stroke:var(--gd-mut);fill:none"),
    ("svg circle", "fill:var(--gd-bg);stroke:var(--gd-mut)"),
    ("svg circle.change", "stroke:var(--gd-fg);stroke-width:2"),
    ("svg circle.wrong", "fill:var(--gd-bad);stroke:var(--gd-bad)"),
    ("svg .number", "font-size:11px"),
    ("svg .number.wrong", "fill:var(--gd-bg);font-weight:600"),
    (".meter", "display:grid;grid-template-columns:9em 10em 4em 1fr;gap:0 14px;align-items:center"),
    (".meter", "margin-top:10px"),
    (".bar", "height:8px;background:var(--gd-line);border-radius:4px;overflow:hidden"),
    (".bar i", "display:block;height:100%;background:var(--gd-acc)"),
    ("ul", "margin:4px 0;padding-left:20px"),
    (".why", "font-size:13px"),
    (".scrub fieldset", "border:1px solid var(--gd-line);border-radius:6px;margin:12px 0;padding:8px 12px"),
    (".scrub legend", "color:var(--gd-mut);font-size:13px;padding:0 4px"),
    (
        ".scrub input",
        "appearance:none;width:6px;height:18px;margin:0 1px;border-radius:2px;background:var(--gd-line);"
        "cursor:pointer",
    ),
    (".scrub input:checked", "background:var(--gd-acc)"),
    (".scrub input:focus-visible", "outline:2px solid var(--gd-acc);outline-offset:2px"),
    (".scrub pre", "font-size:12px;overflow-x:auto;margin:8px 0 0"),
    (".panes>div", "display:none;margin-top:8px"),
)
#: The class twice: JupyterLab's own rules for tables weigh two classes, and align words to the right.
_OURS: Final = ".gd-debrief.gd-debrief"
_NARROW: Final = f"@media (max-width:600px){{{_OURS} .meter,{_OURS} dl{{grid-template-columns:1fr}}}}"


def style() -> str:
    """The sheet as one text, for a ``<style>`` element; it touches nothing outside ``.gd-debrief``."""
    rules = "".join(f"{_OURS} {selector}".rstrip() + f"{{{body}}}" for selector, body in _RULES)
    return (
        f".gd-debrief{{{_LIGHT}}}"
        f"@media (prefers-color-scheme:dark){{.gd-debrief{{{_DARK}}}}}"
        f"body[data-jp-theme-light=true] .gd-debrief{{{_LIGHT}}}"
        f"body[data-jp-theme-light=false] .gd-debrief{{{_DARK}}}"
        f"{rules}{_NARROW}"
    )
