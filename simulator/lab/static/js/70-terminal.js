// The terminal: no colour in kubectl's output, because kubectl has none. A half-typed line survives every refresh.

class Terminal {
  constructor(app) {
    this.app = app;
    this.entries = [];
    this.history = -1; // place in the learner's own lines while going through them, -1 for the line being typed
    this.draft = "";
    this.where = h("span", { class: "m" });
    this.list = h("div", {}, h("p", { class: "empty m" }, "kubectl, statuspage, page, message, git, wait … ", h("kbd", {}, "help"), " lists them all; ", h("kbd", {}, "?"), " outside a field shows the keys."));
    this.out = h("div", { class: "out", role: "log", "aria-live": "polite", tabindex: "0", "aria-label": "Terminal output" }, this.list);
    this.choices = h("div", { class: "cpl", role: "status" });
    this.input = h("input", { "aria-label": "Command", spellcheck: "false", autocomplete: "off", autocapitalize: "off" });
    this.input.addEventListener("keydown", (event) => this.key(event));
    this.input.addEventListener("input", () => this.ask());
    this.ps1 = h("span", { class: "ps1" }, "$");
    const prompt = h("label", { class: "in" }, this.ps1, this.input);
    this.el = h("section", { class: "pane term", "aria-label": "Terminal" }, h("div", { class: "hd" }, h("h3", {}, "Terminal"), this.where), this.out, this.choices, prompt);
    this.out.addEventListener("click", () => {
      if (!String(getSelection())) this.input.focus();
    });
  }

  key(event) {
    if (event.key === "Enter") {
      const line = this.input.value.trim();
      event.preventDefault();
      if (!line) return;
      this.input.value = "";
      this.history = -1;
      this.offer([]);
      this.app.line(line);
    } else if (event.key === "ArrowUp" || event.key === "ArrowDown") {
      event.preventDefault();
      this.recall(event.key === "ArrowUp" ? 1 : -1);
    } else if (event.key === "Tab" && !event.shiftKey && this.input.value.trim() && !this.whole()) {
      event.preventDefault();
      this.complete();
    } else if (event.key === "Escape") {
      event.preventDefault();
      event.stopPropagation();
      this.out.focus(); // leaves the field, so Tab is no trap
    }
  }

  recall(by) {
    const lines = [...new Set(this.entries.filter((e) => e.actor === "you").map((e) => e.line))].reverse();
    if (this.history < 0) this.draft = this.input.value;
    this.history = Math.max(-1, Math.min(lines.length - 1, this.history + by));
    this.input.value = this.history < 0 ? this.draft : lines[this.history];
    this.input.setSelectionRange(this.input.value.length, this.input.value.length);
    this.ask();
  }

  /** Nothing left to complete: Tab then moves on, as everywhere on a page. */
  whole() {
    return this.offered?.line === this.input.value && !this.offered.words.length;
  }

  ask() {
    clearTimeout(this.asking);
    const line = this.input.value;
    if (!line.trim()) return this.offer([]);
    this.asking = setTimeout(() => this.app.send({ do: "complete", line }), 90);
  }

  /** Ends of the last word, in alphabetical order and never ranked: a ranking would be a hint. */
  offer(words, line = this.input.value) {
    if (line !== this.input.value) return;
    this.offered = { line, words };
    const shown = words.slice(0, 14);
    setMarkup(this.choices, shown.length ? `<kbd>Tab</kbd>${shown.map((w) => `<span>${esc(w)}</span>`).join("")}${words.length > shown.length ? `<span>… ${words.length}</span>` : ""}` : "");
    if (this.waiting) {
      this.waiting = false;
      this.complete();
    }
  }

  complete() {
    if (this.offered?.line !== this.input.value) {
      this.waiting = true;
      this.app.send({ do: "complete", line: this.input.value });
      return;
    }
    const { words } = this.offered;
    if (!words.length) return;
    const common = words.reduce((a, b) => {
      let i = 0;
      while (i < a.length && a[i] === b[i]) i++;
      return a.slice(0, i);
    });
    const line = this.input.value;
    const start = line.length - (line.match(/\S*$/)?.[0].length ?? 0);
    const word = words.length === 1 ? `${words[0]}${/[/=]$/.test(words[0]) ? "" : " "}` : common;
    if (line.slice(start) === word) return;
    this.input.value = line.slice(0, start) + word;
    this.ask();
  }

  /** The line appears at once; its answer when the kernel has it. */
  pending(line) {
    this.list.querySelector(".wait")?.remove();
    this.list.append(this.entryElement({ at: this.app.frame.clock.now, line, text: "…" }, "wait"));
    this.out.scrollTop = this.out.scrollHeight;
  }

  entryElement(entry, cls = "") {
    const who = entry.role || (entry.actor && entry.actor !== "you" ? entry.actor : "");
    return h(
      "div",
      { class: `ent ${cls}` },
      h("div", { class: "c" }, h("div", { class: "el" }, h("span", { class: "ps1" }, who ? `${who} $` : "$"), entry.line), h("span", {}, clock(entry.at))),
      entry.text ? h("pre", { class: / {2}/.test(entry.text) ? null : "prose" }, entry.text) : null,
    );
  }

  update(entries, confirm, role) {
    const fresh = entries.filter((entry) => !(entry.number < (this.next ?? 0)));
    setText(this.where, "cluster production");
    setText(this.ps1, role ? `${role} $` : "$");
    setAttr(this.input, "placeholder", confirm ? "yes, or anything else to leave it" : entries.length ? null : "kubectl get pods -n production");
    if (!fresh.length) return;
    const first = this.next == null;
    this.next = entries.at(-1).number + 1;
    this.entries = entries;
    this.list.querySelector(".wait")?.remove();
    this.list.querySelector(".empty")?.remove();
    this.list.append(...fresh.map((entry) => this.entryElement(entry)));
    while (this.list.children.length > 200) this.list.firstChild.remove();
    // the learner's own line always comes into view; its beginning, when the answer is longer than the pane
    const last = this.list.lastElementChild;
    if (first || !this.out.matches(":hover") || last.offsetHeight < this.out.clientHeight) this.out.scrollTop = this.out.scrollHeight;
    if (last.offsetHeight > this.out.clientHeight - 24) this.out.scrollTop = last.offsetTop - 22;
  }
}
