// Assembly: one model from the kernel, one page. The model's traits are drawn; what the learner does goes back as messages.

class Dock {
  constructor(app) {
    this.app = app;
    const tab = (key, label) => h("button", { role: "tab", "data-d": key, onclick: () => this.show(key) }, label, h("span", { class: "n" }));
    this.tabs = [tab("term", "Terminal"), tab("chan", "Channel")];
    const list = h("div", { class: "tl", role: "tablist", "aria-label": "Terminal or channel" }, this.tabs);
    roving(list);
    this.size = h("button", { class: "tw", onclick: () => app.terminal.enlarge(!app.terminal.large) });
    this.list = h("div", { class: "tabs dockt" }, list, h("span", { class: "grow" }), this.size);
    this.read = 0;
    this.total = 0;
  }

  show(key) {
    this.side.dataset.show = key;
    for (const tab of this.tabs) {
      const on = tab.dataset.d === key;
      setAttr(tab, "aria-selected", on);
      tab.tabIndex = on ? 0 : -1;
    }
    this.news(this.total);
    if (key === "term") this.app.terminal.out.scrollTop = 1e6;
    else this.app.channel.log.scrollTop = 1e6;
  }

  /** How many messages came while the channel was behind the terminal. */
  news(total) {
    this.total = total;
    if (this.side.dataset.show === "chan") this.read = total;
    setText(this.tabs[1].lastChild, total > this.read ? `${total - this.read} new` : "");
  }
}

class App {
  constructor(model, el) {
    this.model = model;
    this.inDebrief = false;
    this.awaited = 0;
    this.bar = new Bar(this);
    this.steps = new Steps(this);
    this.notice = new Notice(this);
    this.map = new SystemMap(this);
    this.evidence = new Evidence(this);
    this.dock = new Dock(this);
    this.channel = new Channel(this);
    this.terminal = new Terminal(this);
    this.hint = new HintNote();
    this.channel.form.before(this.hint.el);
    this.trouble = h("div", { class: "trouble", role: "alert" });
    this.busy = h("div", { class: "busy", role: "status" });
    const side = (this.dock.side = h("div", { class: "side" }, this.dock.list, this.channel.el, this.terminal.el));
    this.main = h("div", { class: "main" }, this.map.strip, this.map.el, this.evidence.el, side);
    this.debrief = new DebriefView(this);
    this.help = helpPanel(() => this.toggleHelp(false));
    this.root = h("section", { class: "gd", role: "region", "aria-label": "Game-day console", tabindex: "-1" });
    quiet(this.root);
    this.root.append(this.bar.el, this.steps.el, this.notice.el, this.trouble, this.main, this.debrief.el, this.help, this.busy);
    this.dock.show("term");
    this.terminal.enlarge(Boolean(remembered(LARGE)));
    this.wrap = h("div", { class: "gdw" }, this.root);
    el.append(this.wrap);
    this.el = el;
    this.root.addEventListener("keydown", (event) => keys(this, event));
  }

  start() {
    const on = (name, draw) => {
      this.model.on(`change:${name}`, draw);
      this.off = [...(this.off ?? []), () => this.model.off(`change:${name}`, draw)];
    };
    on("tick", () => this.draw());
    on("channel", () => this.channel.update(this.model.get("channel")));
    on("transcript", () => this.drawTerminal());
    on("pane", () => this.evidence.table(this.model.get("pane")));
    on("debrief", () => this.drawDebrief());
    on("trouble", () => this.drawTrouble());
    const heard = (message) => this.hear(message);
    this.model.on("msg:custom", heard);
    this.off.push(() => this.model.off("msg:custom", heard));
    this.resize = new ResizeObserver(() => this.layout());
    this.resize.observe(this.wrap);
    this.draw();
    this.channel.update(this.model.get("channel"));
    this.drawTerminal();
    this.drawTrouble();
    this.layout();
    this.send({ do: "hello" });
    return () => {
      this.resize.disconnect();
      clearTimeout(this.slow);
      for (const off of this.off) off();
    };
  }

  get frame() {
    return this.model.get("frame");
  }

  send(content) {
    this.model.send(content);
    clearTimeout(this.slow);
    // a busy notebook hears no button: say so, rather than look broken
    this.slow = setTimeout(() => setText(this.busy, "The notebook’s kernel is busy; it will answer when it is done."), 2500);
  }

  hear(message) {
    clearTimeout(this.slow);
    setText(this.busy, "");
    if (message.words) this.terminal.completion.offer(message.words, message.line);
    if (message.heard === "line") this.terminal.heard();
  }

  line(text) {
    this.terminal.pending(text);
    this.send({ do: "line", line: text });
  }

  /** The answer to a hint that was asked for by its button stands beside the button as well. */
  tellHint(entries) {
    const answer = entries.find((entry) => entry.line === "hint");
    if (answer) this.hint.show(answer.text);
  }

  togglePlay() {
    if (this.frame.clock.ended) return;
    this.send({ do: this.frame.clock.playing ? "pause" : "play" });
  }

  showDebrief(on) {
    this.inDebrief = on;
    this.root.classList.toggle("debriefing", on);
    this.main.hidden = on;
    this.debrief.el.hidden = !on;
    if (on) {
      this.debrief.tell();
      this.drawDebrief();
    }
    this.draw();
    this.layout();
    if (on) this.debrief.accountFields.find((field) => !field.value)?.focus();
  }

  draw() {
    const frame = this.frame;
    if (!frame?.clock) return;
    const view = this.model.get("series");
    const samples = view?.byteLength ? new Float32Array(view.buffer.slice(view.byteOffset, view.byteOffset + view.byteLength)) : new Float32Array(0);
    this.bar.update(frame);
    this.notice.update(frame);
    if (this.inDebrief) {
      this.steps.openDoor(frame);
      this.debrief.mark();
    }
    else this.steps.update(frame);
    this.map.update(frame);
    this.evidence.update(frame, samples);
    this.el.dataset.tick = this.model.get("tick");
    this.el.dataset.now = frame.clock.now;
    clearTimeout(this.slow);
    setText(this.busy, "");
  }

  drawTerminal() {
    this.terminal.update(this.model.get("transcript"), this.frame.confirm, this.frame.typing);
  }

  drawDebrief() {
    if (this.inDebrief) this.debrief.update(this.model.get("debrief")?.title ? this.model.get("debrief") : null);
  }

  drawTrouble() {
    const text = this.model.get("trouble");
    setText(this.trouble, text);
    this.trouble.hidden = !text;
  }

  layout() {
    this.map.draw();
    this.evidence.signals.draw();
    this.debrief.draw();
    if (this.evidence.tab === "map" && this.map.el.offsetParent == null) this.evidence.open("signals");
    const narrow = getComputedStyle(this.map.strip).display !== "none";
    if (!narrow && this.evidence.tab === "map") this.evidence.open("signals");
  }

  toggleHelp(on) {
    this.help.hidden = !on;
    if (on) this.help.querySelector("button").focus();
    else this.root.focus();
  }
}

const KEYS = [
  ["Space", "play or pause"],
  ["]  }", "30 s, 2 min further"],
  ["1 2 3", "speed ×1, ×10, ×60"],
  ["a", "acknowledge the page"],
  ["m  g", "map, charts"],
  ["t  c", "terminal, channel"],
  ["h", "hint (its cost is shown first)"],
  ["d", "debrief, and back"],
  ["← →", "in a chart: 5 s, with Shift 1 min; in tabs: next tab"],
  ["z Alt+Enter", "terminal larger, smaller; Alt+Enter also while typing"],
  ["↑ ↓ Ctrl+R", "in the terminal: history, search in it"],
  ["Tab", "in the terminal: completes; again goes through the words"],
  ["Ctrl+L C U", "clears the terminal, drops the line, deletes to its start"],
  ["Esc Tab", "leaves the terminal; so does Shift+Tab. Esc leaves any field"],
];

function helpPanel(close) {
  const rows = KEYS.map(([key, what]) => h("div", {}, h("kbd", {}, key), h("span", {}, what)));
  const panel = h("div", { class: "help", role: "dialog", "aria-label": "Keys" }, h("h3", {}, "Keys, while the focus is in the console and not in a field"), rows, h("button", { onclick: close }, "Close"));
  panel.hidden = true;
  return panel;
}

/** Single keys count only while the focus is inside the console and not in a field. */
function keys(app, event) {
  event.stopPropagation(); // the notebook's own shortcuts never see a key typed here
  if (event.key === "Enter" && event.altKey) {
    event.preventDefault();
    return app.terminal.enlarge(!app.terminal.large);
  }
  if (/INPUT|TEXTAREA|SELECT/.test(event.target.tagName)) {
    if (event.key === "Escape") app.root.focus();
    return;
  }
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key === "Escape") app.toggleHelp(false);
  const click = (button) => !button.disabled && !button.hidden && button.offsetParent && button.click();
  const on = /BUTTON|SUMMARY/.test(event.target.tagName) || event.target.getAttribute("role") === "button";
  const act = {
    " ": () => !on && app.togglePlay(),
    "]": () => click(app.bar.half),
    "}": () => click(app.bar.two),
    1: () => click(app.bar.speeds[0]),
    2: () => click(app.bar.speeds[1]),
    3: () => click(app.bar.speeds[2]),
    a: () => click(app.bar.ack),
    d: () => click(app.steps.door),
    h: () => click(app.channel.hint),
    z: () => app.terminal.enlarge(!app.terminal.large),
    t: () => (app.dock.show("term"), app.terminal.input.focus()),
    c: () => (app.dock.show("chan"), app.channel.input.focus()),
    m: () => {
      app.terminal.enlarge(false);
      if (!app.map.el.offsetParent) app.evidence.open("map");
      (app.map.svg.querySelector(".nd.sel") ?? app.map.strip.querySelector("button"))?.focus();
    },
    g: () => (app.terminal.enlarge(false), app.evidence.open("signals"), app.evidence.signals.charts.querySelector(".pl")?.focus()),
    "?": () => app.toggleHelp(app.help.hidden),
  }[event.key];
  if (!act) return;
  if (event.key === " " && on) return; // a focused button keeps its space bar
  event.preventDefault();
  act();
}

export default {
  render({ model, el }) {
    return new App(model, el).start();
  },
};
