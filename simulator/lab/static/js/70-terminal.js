// The terminal: no colour in kubectl's output, because kubectl has none. A half-typed line survives every refresh.

const LARGE = "gameday.terminal.large";

class Terminal {
  constructor(app) {
    this.app = app;
    this.entries = [];
    this.history = -1; // place in the learner's own lines while going through them, -1 for the line being typed
    this.draft = "";
    this.unheard = 0;
    this.typed = new Set();
    this.list = h("div");
    this.out = h("div", { class: "out", role: "log", "aria-live": "polite", tabindex: "0", "aria-label": "Terminal output" }, this.list);
    this.input = h("input", { "aria-label": "Command", spellcheck: "false", autocomplete: "off", autocapitalize: "off" });
    this.completion = new Completion(this);
    this.search = new Search(this);
    this.input.addEventListener("keydown", (event) => this.key(event));
    this.input.addEventListener("input", () => this.completion.ask());
    this.ps1 = h("span", { class: "ps1" }, "$");
    const prompt = h("label", { class: "in" }, this.ps1, this.input);
    this.size = h("button", { class: "tw", title: "z, or Alt+Enter while typing", onclick: () => this.enlarge(!this.large) });
    const can = h("span", { class: "m s el can" }, "help lists the commands · Tab completes · ↑ history · Ctrl+R search · ? all keys");
    this.el = h("section", { class: "pane term", "aria-label": "Terminal" }, h("div", { class: "hd" }, h("h3", {}, "Terminal"), can, this.size), this.out, this.completion.el, prompt);
    this.out.addEventListener("click", () => {
      if (!String(getSelection())) this.input.focus();
    });
    this.out.addEventListener("blur", () => setTimeout(() => (this.input.tabIndex = 0)));
    this.settle = stick(this.out);
  }

  /** The terminal over the map and the charts, or in its corner; a browser keeps which. */
  enlarge(on) {
    this.large = on;
    this.app.main.classList.toggle("big", on);
    for (const button of [this.size, this.app.dock.size]) {
      setText(button, on ? "Smaller" : "Larger");
      setAttr(button, "aria-label", on ? "Terminal smaller" : "Terminal larger");
    }
    remember(LARGE, on ? "1" : "");
    if (on) this.app.dock.show("term");
    this.app.layout();
    this.settle();
  }

  key(event) {
    if (this.search.active && this.search.key(event)) return;
    const chord = event.ctrlKey && !event.altKey && !event.metaKey && !event.shiftKey ? event.key.toLowerCase() : "";
    const act = this.chords[chord] ?? this.keys[event.key];
    if (!act || act(event) === false) return;
    event.preventDefault();
    event.stopPropagation();
  }

  get keys() {
    return {
      Enter: (event) => (event.altKey ? this.enlarge(!this.large) : this.enter()),
      ArrowUp: () => this.recall(1),
      ArrowDown: () => this.recall(-1),
      // on an empty line Tab moves on, as everywhere on a page
      Tab: (event) => (event.shiftKey || !this.input.value.trim() ? false : this.completion.tab()),
      Escape: () => this.leave(),
    };
  }

  get chords() {
    return {
      l: () => this.clear(),
      u: () => this.erase(),
      r: () => this.search.start(),
      // what is selected is copied, as the browser does
      c: () => (this.selected() ? false : this.drop()),
    };
  }

  enter() {
    const line = this.input.value.trim();
    if (!line) return;
    this.put("");
    this.history = -1;
    this.completion.ask();
    if (line === "clear") return this.clear();
    this.typed.add(line);
    this.app.line(line);
  }

  /** Leave the field; the next Tab then goes past it, so that it is no trap. */
  leave() {
    this.input.tabIndex = -1;
    this.out.focus();
  }

  clear() {
    this.list.replaceChildren();
  }

  /** From the start to the cursor, as a shell does. */
  erase() {
    const { value, selectionEnd } = this.input;
    this.put(value.slice(selectionEnd));
    this.input.setSelectionRange(0, 0);
    this.completion.ask();
  }

  drop() {
    this.history = -1;
    this.put("");
    this.completion.ask();
  }

  selected() {
    return this.input.selectionStart !== this.input.selectionEnd || Boolean(String(getSelection()));
  }

  /** Lines of the learner's own, the newest first, each once; what a tab wrote down for them is not typed. */
  past() {
    const own = this.entries.filter((entry) => entry.actor === "you" && (this.typed.has(entry.line) || !entry.line.startsWith("view ")));
    return [...new Set(own.map((entry) => entry.line).reverse())];
  }

  recall(by) {
    const lines = this.past();
    if (this.history < 0) this.draft = this.input.value;
    this.history = Math.max(-1, Math.min(lines.length - 1, this.history + by));
    this.put(this.history < 0 ? this.draft : lines[this.history]);
    this.completion.ask();
  }

  put(line) {
    if (this.input.value === line) return;
    this.input.value = line;
    this.input.setSelectionRange(line.length, line.length);
  }

  /** The line appears at once; its answer when the kernel has it. */
  pending(line) {
    this.unheard++;
    this.list.querySelector(".wait")?.remove();
    this.list.append(this.entryElement({ at: this.app.frame.clock.now, line, text: "…" }, "wait"));
    this.out.scrollTop = this.out.scrollHeight;
  }

  /** The kernel has answered a line: what has not come by now will never come. */
  heard() {
    this.unheard = Math.max(0, this.unheard - 1);
    if (!this.unheard) this.list.querySelector(".wait")?.remove();
  }

  entryElement(entry, cls = "") {
    const who = entry.role || (entry.actor && entry.actor !== "you" ? entry.actor : "");
    return h(
      "div",
      { class: `ent ${cls}` },
      h("div", { class: "c" }, h("div", {}, h("span", { class: "ps1" }, who ? `${who} $` : "$"), entry.line), h("span", {}, clock(entry.at))),
      entry.text ? answerElement(entry.text) : null,
    );
  }

  update(entries, confirm, role) {
    const fresh = entries.filter((entry) => !(entry.number < (this.next ?? 0)));
    setText(this.ps1, role ? `${role} $` : "$");
    setAttr(this.input, "placeholder", confirm ? "yes, or anything else to leave it" : "help lists the commands, Tab completes, ↑ brings back");
    const first = this.next == null;
    this.next ??= 0;
    if (!fresh.length) return;
    this.next = entries.at(-1).number + 1;
    this.entries = entries;
    this.list.querySelector(".wait")?.remove();
    this.list.append(...fresh.map((entry) => this.entryElement(entry)));
    while (this.list.children.length > 200) this.list.firstChild.remove();
    if (first) return this.settle();
    this.app.tellHint(fresh);
    // the learner's own line always comes into view; its beginning, when the answer is longer than the pane
    const last = this.list.lastElementChild;
    if (!this.out.matches(":hover") || last.offsetHeight < this.out.clientHeight) this.out.scrollTop = this.out.scrollHeight;
    if (last.offsetHeight > this.out.clientHeight - 24) this.out.scrollTop = last.offsetTop - 22;
  }
}

/** Keep a choice in this browser; where it keeps nothing, the choice lasts as long as the page. */
function remember(name, value) {
  try {
    localStorage.setItem(name, value);
  } catch {
    /* a page without storage */
  }
}

function remembered(name) {
  try {
    return localStorage.getItem(name) ?? "";
  } catch {
    return "";
  }
}
