// The prompt's editing keys, as a shell has them: completion that cycles, and a search through what was typed.

/** Ends of the last word, in alphabetical order and never ranked: a ranking would be a hint. */
class Completion {
  constructor(terminal) {
    this.terminal = terminal;
    this.el = h("div", { class: "cpl", role: "status" });
    this.offered = { line: "", words: [] };
    this.cycle = null; // { start, at } while Tab goes from word to word
  }

  get line() {
    return this.terminal.input.value;
  }

  /** The line changed under the learner's fingers. */
  ask() {
    this.cycle = null;
    this.waiting = false;
    clearTimeout(this.asking);
    const { line } = this;
    if (line.trim()) this.asking = setTimeout(() => this.terminal.app.send({ do: "complete", line }), 90);
    else this.offer([], line);
  }

  offer(words, line) {
    if (line !== this.line) return;
    this.cycle = null;
    this.offered = { line, words };
    this.draw();
    if (this.waiting) {
      this.waiting = false;
      this.tab();
    }
  }

  tab() {
    if (this.cycle) return this.next();
    const { line } = this;
    if (this.offered.line !== line) {
      this.waiting = true;
      this.terminal.app.send({ do: "complete", line });
      return;
    }
    const { words } = this.offered;
    if (!words.length) return this.draw("no completion");
    const start = line.length - line.match(/\S*$/)[0].length;
    const word = words.length === 1 ? `${words[0]}${/[/=]$/.test(words[0]) ? "" : " "}` : common(words);
    if (line.slice(start) === word) {
      this.cycle = { start, at: -1 };
      return this.next();
    }
    this.terminal.put(line.slice(0, start) + word);
    this.ask();
  }

  next() {
    const { words } = this.offered;
    this.cycle.at = (this.cycle.at + 1) % words.length;
    this.terminal.put(this.line.slice(0, this.cycle.start) + words[this.cycle.at]);
    this.draw();
  }

  draw(sign = "") {
    const { words } = this.offered;
    const at = this.cycle?.at ?? -1;
    const first = Math.max(0, Math.min(at - SHOWN + 3, words.length - SHOWN)); // the one that is taken stays in sight
    const shown = words.slice(first, first + SHOWN);
    const parts = shown.map((word, i) => `<span${first + i === at ? ' class="b"' : ""}>${esc(word)}</span>`);
    if (first) parts.unshift("<span>…</span>");
    if (words.length > first + SHOWN) parts.push(`<span>… ${words.length}</span>`);
    setMarkup(this.el, sign ? `<span>${esc(sign)}</span>` : shown.length ? `<kbd>Tab</kbd>${parts.join("")}` : "");
  }
}

const SHOWN = 14;

/** The longest beginning that all words share. */
function common(words) {
  return words.reduce((a, b) => {
    let i = 0;
    while (i < a.length && a[i] === b[i]) i++;
    return a.slice(0, i);
  });
}

/** Ctrl+R: the newest line of one's own that holds what is typed; again for the one before. */
class Search {
  constructor(terminal) {
    this.terminal = terminal;
    this.active = false;
  }

  start() {
    this.active = true;
    this.draft = this.terminal.input.value;
    this.wanted = "";
    this.skip = 0;
    this.show();
  }

  /** True where the key belonged to the search; any other key takes the line that was found and goes on. */
  key(event) {
    if (event.ctrlKey && event.key.toLowerCase() === "r") this.skip++;
    else if (event.key === "Escape" || (event.ctrlKey && /^[cg]$/i.test(event.key))) return this.stop(event, this.draft);
    else if (event.key === "Backspace") this.seek(this.wanted.slice(0, -1));
    else if (event.key.length === 1 && !event.ctrlKey && !event.metaKey && !event.altKey) this.seek(this.wanted + event.key);
    else {
      if (!/^(Shift|Control|Alt|Meta)$/.test(event.key)) this.stop(null, this.terminal.input.value);
      return false;
    }
    event.preventDefault();
    event.stopPropagation();
    this.show();
    return true;
  }

  seek(wanted) {
    this.wanted = wanted;
    this.skip = 0;
  }

  show() {
    const found = this.wanted ? this.terminal.past().filter((line) => line.includes(this.wanted)) : [];
    this.skip = Math.max(0, Math.min(this.skip, found.length - 1)); // at the oldest it stays
    this.terminal.put(found[this.skip] ?? this.draft);
    const word = this.wanted && !found.length ? "nothing typed holds" : "search";
    setMarkup(this.terminal.completion.el, `<kbd>Ctrl+R</kbd><span>${word}: <b>${esc(this.wanted)}</b></span>`);
  }

  stop(event, line) {
    event?.preventDefault();
    event?.stopPropagation();
    this.active = false;
    this.terminal.put(line);
    this.terminal.completion.ask();
    setMarkup(this.terminal.completion.el, "");
    return true;
  }
}
