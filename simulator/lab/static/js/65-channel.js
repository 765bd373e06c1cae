// The incident channel: pages, James, people, the status page. `code` in their words is shown as code.

class Channel {
  constructor(app) {
    this.app = app;
    this.count = h("span", { class: "m" });
    this.log = h("div", { class: "body msgs", role: "log", "aria-live": "polite", "aria-label": "Messages", tabindex: "0" });
    this.input = h("input", { "aria-label": "Message to the channel", placeholder: "Tell people, or /status investigating …", autocomplete: "off" });
    this.hint = h("button", { type: "button", title: "h", onclick: () => this.askHint() }, "Hint");
    this.form = h("form", { class: "cmp" }, this.input, this.hint);
    this.form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.say();
    });
    this.el = h("section", { class: "pane chan", "aria-label": "Incident channel" }, h("div", { class: "hd" }, h("h3", {}, "Incident channel"), this.count), this.log, this.form);
  }

  /** A line for people, or `/status STATE text` for the status page; both become console lines, so the journal has them. */
  say() {
    const text = this.input.value.trim();
    if (!text) return;
    const status = text.match(/^\/status\s*(.*)$/s);
    this.app.line(status ? `statuspage ${status[1]}`.trim() : `message ${quoted(text)}`);
    this.input.value = "";
  }

  askHint() {
    if (this.hint.dataset.sure) return this.giveHint();
    // the cost is shown before: the first press says it, the second asks
    this.hint.dataset.sure = "1";
    setText(this.hint, `Ask · ${this.app.frame.hint_cost}`);
    clearTimeout(this.forget);
    this.forget = setTimeout(() => this.relax(), 6000);
  }

  giveHint() {
    this.relax();
    this.app.line("hint");
  }

  relax() {
    delete this.hint.dataset.sure;
    setText(this.hint, "Hint");
  }

  update(messages) {
    const settle = messages.length > 1 ? stick(this.log) : null; // the handover alone is read from its beginning
    setText(this.count, messages.length ? `${messages.length} message${messages.length > 1 ? "s" : ""}` : "quiet so far");
    keyed(
      this.log,
      messages,
      (m) => m.id,
      () => {
        const el = h("article", { class: "msg" });
        el.innerHTML = '<span class="ava" aria-hidden="true"></span><div class="h"><b></b><span class="m s"></span><time class="m s"></time></div><p></p>';
        return el;
      },
      (el, m) => {
        el.className = `msg ${m.kind}`;
        const [avatar, head, body] = el.children;
        setText(avatar, initials(m.author));
        avatar.classList.toggle("j", m.kind === "coach");
        setText(head.children[0], m.author);
        setText(head.children[1], m.kind === "page" ? (m.acked_at == null ? "to acknowledge" : `acked ${clock(m.acked_at)}`) : m.note);
        setText(head.children[2], clock(m.at));
        setWords(body, m.text);
        body.hidden = !m.text;
      },
    );
    settle?.();
    this.app.dock.news(messages.length);
  }
}

/** Set text in which `backticks` mark code, only when it differs; it never becomes other markup. */
function setWords(el, text) {
  if (el.lastWords === text) return;
  el.lastWords = text;
  const parts = text.split(/`([^`\n]+)`/); // every second part stood between backticks
  el.replaceChildren(...parts.map((part, i) => (i % 2 ? h("code", { class: "mono" }, part) : part)));
}

function initials(name) {
  const words = name.replace(/[^\p{L}\p{N} ]/gu, "").split(/\s+/).filter(Boolean);
  return (words.length > 1 ? words[0][0] + words.at(-1)[0] : (words[0] ?? "?").slice(0, 2)).toUpperCase();
}

/** An argument for the console's grammar. */
function quoted(text) {
  return `"${text.replace(/["\\]/g, "\\$&").replace(/\s+/g, " ")}"`;
}
