// The evidence tabs beside the charts: logs, traces, events, the rollout, the alerts. Their content is fetched when a tab opens.

const TABS = [
  ["signals", "Signals"],
  ["logs", "Logs"],
  ["traces", "Traces"],
  ["events", "Events"],
  ["rollout", "Rollout"],
  ["alerts", "Alerts"],
];

class Evidence {
  constructor(app) {
    this.app = app;
    this.tab = "signals";
    this.wanted = "signals"; // differs from tab on a narrow console, where the map is a tab as well
    this.buttons = new Map();
    const button = (key, label, cls) => {
      const el = h("button", { role: "tab", class: cls, onclick: () => this.open(key) }, label, h("span", { class: "n" }));
      this.buttons.set(key, el);
      return el;
    };
    this.twin = h("button", { class: "tw", onclick: () => this.toggleTable() }, "Table");
    this.tablist = h("div", { class: "tl", role: "tablist", "aria-label": "Evidence" }, button("map", "Map", "onlyn"), TABS.map(([key, label]) => button(key, label)));
    roving(this.tablist);
    this.signals = new Signals(app);
    this.content = h("div", { class: "body", tabindex: "0" });
    this.traces = new Traces(app, this.content);
    this.panel = h("div", { class: "pane pn", role: "tabpanel" }, this.signals.el, this.content);
    this.el = h("section", { class: "pane work", "aria-label": "Evidence" }, h("div", { class: "tabs" }, this.tablist, h("span", { class: "grow" }), this.twin), this.panel);
    this.mark();
  }

  open(tab) {
    if (tab !== this.tab) {
      this.content.scrollTop = 0;
      if (following.has(this.content)) following.set(this.content, null); // a table or a tree is read from its top
    }
    this.tab = tab;
    this.app.main.classList.toggle("showmap", tab === "map");
    this.mark();
    if (tab === "map") {
      this.app.map.draw();
      this.app.send({ do: "map" });
    } else {
      this.app.send({ do: "tab", tab });
      if (tab === "signals") this.signals.draw();
      else this.table(this.app.model.get("pane"));
    }
  }

  mark() {
    for (const [key, button] of this.buttons) {
      setAttr(button, "aria-selected", key === this.tab);
      button.tabIndex = key === this.tab ? 0 : -1;
    }
    setAttr(this.panel, "aria-label", TABS.find(([key]) => key === this.tab)?.[1] ?? "Map");
    this.signals.el.hidden = this.tab !== "signals";
    this.content.hidden = this.tab === "signals" || this.tab === "map";
    this.twin.hidden = this.tab !== "signals";
  }

  toggleTable() {
    const on = !this.signals.tabular;
    this.signals.setTabular(on);
    setText(this.twin, on ? "Chart" : "Table");
    setAttr(this.twin, "aria-pressed", on);
  }

  update(frame, samples) {
    this.signals.update(frame, samples);
    const firing = frame.pages.filter((page) => page.resolved_at == null).length;
    setText(this.buttons.get("alerts").lastChild, firing ? String(firing) : "");
  }

  /** Logs, traces, events, rollout or alerts, as the kernel last sent them. */
  table(pane) {
    if (this.tab === "signals" || this.tab === "map") return;
    if (!pane || pane.tab !== this.tab) {
      setMarkup(this.content, '<p class="empty m">Looking …</p>');
      return;
    }
    if (pane.tab === "traces") {
      this.traces.update(pane);
      return;
    }
    const settle = pane.tab === "logs" ? stick(this.content) : null; // logs are read from their end
    const note = pane.note ? `<p class="empty m">${esc(pane.note)}</p>` : "";
    if (pane.columns.length) {
      const head = pane.columns.map((text) => `<th scope="col">${esc(text)}</th>`).join("");
      const body = pane.rows
        .map((row, i) => `<tr class="${esc(pane.tones[i] ?? "")}">${row.map((cell, j) => `<td${j === row.length - 1 ? ' class="w"' : ""}>${esc(cell)}</td>`).join("")}</tr>`)
        .join("");
      setMarkup(this.content, `${note}<table><thead><tr>${head}</tr></thead><tbody>${body}</tbody></table>`);
    } else {
      const lines = pane.lines.map((line, i) => `<span class="${esc(pane.tones[i] ?? "")}">${esc(line)}</span>`).join("\n");
      setMarkup(this.content, `${note}${lines ? `<pre class="logs">${lines}</pre>` : ""}`);
      settle?.();
    }
  }
}

/** Arrow keys go from tab to tab, as in every tab list. */
function roving(list) {
  list.addEventListener("keydown", (event) => {
    const by = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (!by) return;
    const shown = [...list.children].filter((child) => child.offsetParent);
    const next = shown[(shown.indexOf(document.activeElement) + by + shown.length) % shown.length];
    event.preventDefault();
    event.stopPropagation();
    next?.focus();
    next?.click();
  });
}
