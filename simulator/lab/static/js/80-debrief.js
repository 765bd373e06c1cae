// The debrief: eight steps that open one after another. The account comes before the log, the score after the rule.

const DEBRIEF_STEPS = ["Your account", "Timeline", "The decision", "What if", "Went right", "Cause, rule", "Next", "Score"];
const DEBRIEF_WORDS = [
  "Three lines from memory, before the log. Who reads the log first remembers the log.",
  "What happened and when, and what stood on the screen at any minute.",
  "The one decision that cost users most, as a question to you.",
  "The same users with the same luck, and another decision.",
  "One thing to do again.",
  "What had happened; then your rule, and one change to the system.",
  "What to play next.",
  "Five parts, each with what made it. After your rule, and never instead of it.",
];
/** The questions stand there before the kernel has looked back; they are the ones that it sends. */
const DEBRIEF_PROMPTS = ["What did you see first?", "What did you believe, and what did you try?", "What ended it?"];

class DebriefView {
  constructor(app) {
    this.app = app;
    this.open = 0;
    this.blocks = [];
    this.accountFields = [0, 1, 2].map((i) => this.field("input", { class: "ln", "aria-label": `Your account, line ${i + 1}` }));
    this.answer = this.field("textarea", { rows: "2", "aria-label": "Your answer, kept with the run and never graded" });
    this.rule = this.field("input", { class: "ln", "aria-label": "One rule that you take away" });
    this.change = this.field("input", { class: "ln", "aria-label": "One change to the system: what, owner, date" });
    this.lane = h("div", { class: "tlane", role: "img" });
    this.rows = h("div", { class: "trows", tabindex: "0", role: "region", "aria-label": "Timeline as a table" });
    this.scrub = h("input", { type: "range", min: "0", step: "1", value: "0", "aria-label": "Minute of the run", oninput: () => this.showMinute() });
    this.minuteLabel = h("b", { class: "num" });
    this.minuteParts = h("dl", { class: "dec" });
    this.minuteScreen = h("pre", { class: "mono s", tabindex: "0", role: "region", "aria-label": "The terminal at that minute" });
    this.scrubber = h("div", { class: "scrub" }, h("div", { class: "hh" }, this.minuteLabel, this.scrub), this.minuteParts, this.minuteScreen);
    quiet(this.scrub);
    quiet(this.minuteScreen);
    this.curves = h("div", { class: "curves", role: "img" });
    this.parts = {};
    const slot = (name, tag = "div", cls = "") => (this.parts[name] = h(tag, { class: cls }));
    this.left = h("div", { class: "l" },
      this.block(0, "Your account, before the log", "three lines, in your words", h("div", { class: "acct" }, this.accountFields.map((field, i) => h("label", {}, h("span", { class: "m s" }, DEBRIEF_PROMPTS[i]), field)))),
      (this.intro = h("section", { class: "blk intro", "aria-label": "What comes next" }, h("div", { class: "hh" }, h("h3", {}, "What comes next")), h("ol", {}, DEBRIEF_STEPS.map((name, i) => h("li", {}, h("span", { class: "num m" }, String(i + 1)), h("b", {}, name), h("span", { class: "m" }, DEBRIEF_WORDS[i])))))),
      this.block(1, "Timeline", "numbered: what you changed or told · ticks: looks", slot("sentence", "p"), this.lane, this.scrubber, this.rows),
    );
    this.right = h("div", { class: "r" },
      this.block(2, "The decision that cost most", slot("when", "span"), slot("decision", "dl", "dec"), written("Your answer is kept with the run and never graded", this.answer)),
      this.block(3, "What if", slot("target", "span"), slot("whatif", "p"), this.curves, listed("What you expected, beside what came", slot("predictions", "ul", "pl0"))),
      this.block(4, "One thing that went right", slot("signal", "span"), slot("right", "p")),
      (this.cause = this.block(5, "What happened", "as the author of the scenario tells it", slot("happened", "p"))),
      this.block(5, "Your rule, and one change to the system", "", written("One rule that you take away", this.rule), written("One change to the system: what, owner, date", this.change), slot("shown", "dl", "dec"), listed("What differs from git now", slot("drift", "ul", "pl0"))),
      this.block(6, "Next", "", slot("next", "p"), slot("call", "code", "mono")),
      this.block(7, "Score", "each part opens what made it", slot("score", "div", "score"), slot("total", "p", "m s")),
    );
    this.next = h("button", { class: "go", onclick: () => this.advance() });
    this.hintLine = h("span", { class: "m s", role: "status" });
    this.foot = h("div", { class: "foot" }, this.hintLine, this.next);
    this.el = h("div", { class: "deb" }, h("div", { class: "cols", tabindex: "0", role: "region", "aria-label": "Debrief" }, this.left, this.right), this.foot);
    this.el.hidden = true;
  }

  field(tag, attributes) {
    const el = h(tag, { autocomplete: "off", ...attributes });
    el.addEventListener("input", () => this.mark());
    el.addEventListener("change", () => this.tell());
    return el;
  }

  block(step, title, note, ...content) {
    const side = typeof note === "string" ? h("span", {}, note) : note;
    side.classList.add("m", "s");
    const el = h("section", { class: title === "What happened" ? "blk cause" : `blk b${step}`, "aria-label": title }, h("div", { class: "hh" }, h("h3", {}, title), side), content);
    this.blocks.push([step, el]);
    return el;
  }

  /** The learner's words go to the kernel, which keeps them with the run. */
  tell() {
    const account = this.accountFields.map((field) => field.value);
    this.app.send({ do: "debrief", account, answer: this.answer.value, rule: this.rule.value, change: this.change.value });
  }

  /** Why the next step is still closed; empty when it may open. */
  closed() {
    if (this.open === 0 && !this.accountFields.some((field) => field.value.trim())) return "Write what you saw, believed and tried: a line is enough.";
    if (this.open === 5 && !this.rule.value.trim()) return "Write one rule first; the score comes after it.";
    return "";
  }

  advance() {
    if (this.closed()) return;
    this.open = Math.min(7, this.open + 1);
    this.tell();
    this.mark();
    this.draw();
    const opened = this.blocks.filter(([step, el]) => step === this.open && !el.hidden).map(([, el]) => el);
    opened[0]?.scrollIntoView({ block: "start" });
    opened.map((el) => el.querySelector(".ln, textarea")).find(Boolean)?.focus({ preventScroll: true });
  }

  mark() {
    for (const [step, el] of this.blocks) el.hidden = step > this.open || (el === this.cause && !this.data?.happened);
    this.intro.hidden = this.open > 0;
    this.el.classList.toggle("first", this.open === 0);
    const why = this.closed();
    setText(this.hintLine, this.data ? why : "James reads the log and plays it again with other decisions …");
    this.next.hidden = this.open >= 7;
    this.next.disabled = Boolean(why);
    setText(this.next, `Open ${this.open + 2 <= 8 ? this.open + 2 : ""} · ${DEBRIEF_STEPS[this.open + 1] ?? ""}`);
    this.foot.hidden = this.open >= 7;
    this.app.steps.show(DEBRIEF_STEPS.map((name, i) => ({ name, number: i + 1, note: "", used: 1, state: i < this.open ? "done" : i === this.open ? "current" : "waiting" })));
  }

  update(data) {
    this.data = data;
    if (!data) return;
    const p = this.parts;
    if (!this.filled) {
      // words from an earlier look; what is typed already stays
      this.filled = true;
      this.accountFields.forEach((field, i) => (field.value ||= data.account[i] ?? ""));
      this.answer.value ||= data.answer;
      this.rule.value ||= data.rule;
      this.change.value ||= data.change;
      // what was written in the notebook is shown, and not asked again
      if (this.open === 0 && data.account.length && data.account.every((text, i) => this.accountFields[i].value === text)) this.open = 1;
    }
    setWords(p.sentence, data.sentence);
    setText(p.when, data.decision_at == null ? "" : `${clock(data.decision_at)}${data.decision_act ? ` · act ${data.decision_act}` : ""}`);
    pairs(p.decision, [["Observation", data.observation], ["Concern", data.concern], ["Question", data.question, "q"], ["On safety", data.breach]]);
    setText(p.signal, data.right_signal);
    setWords(p.right, data.right);
    setWords(p.happened, data.happened);
    pairs(p.shown, [["A rule others took", data.rule_shown], ["A change others made", data.change_shown]]);
    items(p.drift, data.drift);
    items(p.predictions, data.predictions);
    for (const list of [p.drift, p.predictions]) list.parentElement.hidden = list.hidden;
    setWords(p.next, data.next_text);
    setText(p.call, data.next_call);
    const other = data.what_if;
    setText(p.target, other ? `${other.target} · same users, same luck` : "");
    setText(this.app.steps.head, "Debrief");
    setWords(p.whatif, other ? other.sentence : "No other play was tried: none that the scenario names differs from yours.");
    this.curves.hidden = !other;
    setAttr(this.lane, "aria-label", data.sentence);
    setAttr(this.curves, "aria-label", other?.sentence);
    this.fillRows();
    this.fillMinutes();
    this.fillScore();
    this.mark();
    this.draw();
  }

  fillRows() {
    const body = this.data.rows
      .map((row) => `<tr class="${row.costly ? "bad" : row.number && !row.decides ? "m" : ""}"><td class="num m">${row.number || ""}</td><td class="m">${clock(row.at)}</td><td class="m">${esc(row.lane)}</td><td class="w ${row.number ? "mono" : ""}">${esc(row.text)}</td><td class="m">${esc(row.visible)}</td></tr>`)
      .join("");
    setMarkup(this.rows, `<table><thead><tr><th class="num" scope="col">act</th><th scope="col">time</th><th scope="col">who</th><th scope="col">what</th><th scope="col">on the screen</th></tr></thead><tbody>${body}</tbody></table>`);
  }

  /** The console as it was at the minute that the slider points at; it opens where the first page rang. */
  fillMinutes() {
    const minutes = this.data.minutes ?? [];
    this.scrubber.hidden = !minutes.length;
    if (!minutes.length) return;
    setAttr(this.scrub, "max", String(minutes.length - 1));
    if (!this.scrubbed) {
      this.scrubbed = true;
      const rang = this.data.pages.length ? Math.ceil(this.data.pages[0].start / 60) : 0;
      this.scrub.value = String(Math.min(rang, minutes.length - 1));
    }
    this.showMinute();
  }

  showMinute() {
    const minute = this.data?.minutes?.[Number(this.scrub.value)];
    if (!minute) return;
    setText(this.minuteLabel, minute.label);
    setAttr(this.scrub, "aria-valuetext", minute.label);
    pairs(this.minuteParts, minute.pairs);
    setText(this.minuteScreen, minute.screen);
  }

  fillScore() {
    keyed(
      this.parts.score,
      this.data.score,
      (line) => line.name,
      () => {
        const el = document.createElement("details");
        el.innerHTML = '<summary><b></b><div class="gau" role="meter" aria-valuemin="0" aria-valuemax="100"><i></i></div><span class="num"><b></b> <span class="m"></span></span></summary><ul class="pl0"></ul>';
        quiet(el.firstChild);
        return el;
      },
      (el, line) => {
        const [name, gauge, points] = el.firstChild.children;
        setText(name, line.name);
        gauge.firstChild.style.width = `${Math.max(0, Math.min(100, line.points))}%`;
        setAttr(gauge, "aria-label", line.name);
        setAttr(gauge, "aria-valuenow", Math.round(line.points));
        setText(points.firstChild, String(Math.round(line.points)));
        setText(points.lastChild, `/ 100 · counts ${line.weight} %`);
        items(el.lastChild, line.reasons.map(([mark, text]) => (mark ? `${mark}: ${text}` : text)));
      },
    );
    setText(this.parts.total, known(this.data.total) ? `In sum ${this.data.total.toFixed(1)}; the parts say more than the sum.${this.data.passed ? "" : " A check that must hold did not."}` : this.data.unscored);
  }

  draw() {
    if (!this.data || this.el.hidden) return;
    const f = fontScale(this.app.root);
    if (this.open >= 1) drawLane(this.lane, this.data, f);
    if (this.open >= 3 && this.data.what_if) drawCurves(this.curves, this.data.what_if, f);
  }
}

/** A field with its question above it. */
function written(words, field) {
  return h("label", { class: "wr" }, h("span", { class: "m s" }, words), field);
}

/** A list with its heading; both are hidden where it is empty. */
function listed(words, list) {
  return h("div", { class: "lst" }, h("h3", {}, words), list);
}

function pairs(dl, list) {
  keyed(dl, list.filter(([, text]) => text), ([name]) => name, () => h("div", {}, h("dt"), h("dd")), (el, [name, text, cls]) => {
    setText(el.firstChild, name);
    setText(el.lastChild, text);
    el.lastChild.className = cls ?? "";
  });
}

function items(ul, list) {
  ul.hidden = !list.length;
  keyed(ul, list.map((text, i) => [i, text]), ([i]) => i, () => h("li"), (li, [, text]) => setWords(li, text));
}

/** The first shelf on which each stretch [from, to] meets none before it, as in the printed debrief. */
function shelves(stretches) {
  const ends = [];
  return stretches.map(([from, to]) => {
    const free = ends.findIndex((end) => from >= end);
    const shelf = free < 0 ? ends.length : free;
    ends[shelf] = to;
    return shelf;
  });
}

/** Words from where they should begin, kept inside the drawing: where they begin, and on which shelf. */
function placeWords(list, letter, w) {
  const starts = list.map(([at, words]) => Math.max(0, Math.min(at, w - letter * words.length)));
  const rows = shelves(list.map(([, words], i) => [starts[i], starts[i] + letter * words.length + 6]));
  return list.map(([, words], i) => [starts[i], rows[i], words]);
}

/** Three lanes on one time axis: the world, the pages, the learner. A decision has its number and stands at its
    instant, below another one if need be; a look is a tick. */
function drawLane(el, data, f) {
  const w = el.clientWidth;
  if (w < 80) return;
  const left = 52 * f;
  const right = 12;
  const times = [...data.rows.map((row) => row.at), ...data.missed.map((s) => s.end), ...data.pages.map((s) => s.end)];
  const last = Math.max(60, ...times);
  const x = (t) => left + (Math.max(0, t) / last) * (w - left - right);
  const size = 10.5 * f;
  const letter = 6 * f;
  const line = 13 * f;
  const step = 18 * f;
  const released = data.rows.filter((row) => /^(World|Instructor)$/.test(row.lane) && row.at >= 0);
  const names = placeWords(released.map((row) => [x(row.at) + 4, row.text]), letter, w);
  const rings = placeWords(data.pages.filter((span, i) => span.label !== data.pages[i - 1]?.label).map((span) => [x(span.start), span.label]), letter, w);
  const acts = data.rows.filter((row) => row.decides);
  const places = shelves(acts.map((row) => [x(row.at) - step / 2, x(row.at) + step / 2]));
  const most = (list) => Math.max(0, ...list);
  const world = (6 + 13 * (most(names.map(([, row]) => row)) + Boolean(names.length))) * f;
  const pages = world + (22 + 13 * (most(rings.map(([, row]) => row)) + Boolean(rings.length))) * f;
  const you = pages + 24 * f;
  const height = you + most(places) * step + 30 * f;
  const label = (at, y, words, cls = "mut", anchor = "start") => `<text class="${cls}" x="${at.toFixed(1)}" y="${y.toFixed(1)}" font-size="${size}" text-anchor="${anchor}">${esc(words)}</text>`;
  let out = [["World", world], ["Pages", pages], ["You", you]]
    .map(([name, y]) => `<text class="mut" x="0" y="${y + 4 * f}" font-size="${11 * f}">${name}</text><path class="base" d="M${left} ${y}H${w - right}"/>`)
    .join("");
  for (const span of data.missed)
    out += `<rect class="missed" x="${x(span.start)}" y="${world - 5 * f}" width="${Math.max(2, x(span.end) - x(span.start))}" height="${10 * f}" rx="2"><title>${esc(span.label)} ${clock(span.start)} to ${clock(span.end)}</title></rect>`;
  for (const row of released) out += `<path class="mk new" d="M${x(row.at)} ${world - 8 * f}V${world + 8 * f}"><title>${esc(`${clock(row.at)} ${row.text}`)}</title></path>`;
  for (const [at, row, words] of names) out += label(at, world - 9 * f - row * line, words, "mk new halo");
  for (const span of data.pages) out += `<rect class="f-bad" x="${x(span.start)}" y="${pages - 3}" width="${Math.max(3, x(span.end) - x(span.start))}" height="5" rx="2"/>`;
  for (const [at, row, words] of rings) out += label(at, pages - 7 * f - row * line, words);
  for (const row of data.rows.filter((one) => one.number && !one.decides))
    out += `<path class="lookm" d="M${x(row.at).toFixed(1)} ${you - 4 * f}v${8 * f}"><title>${esc(`${clock(row.at)} ${row.text}`)}</title></path>`;
  acts.forEach((row, i) => (out += places[i] ? `<path class="grid" d="M${x(row.at).toFixed(1)} ${you}v${places[i] * step}"/>` : ""));
  acts.forEach((row, i) => {
    const at = x(row.at).toFixed(1);
    const y = you + places[i] * step;
    out += `<circle class="act${row.costly ? " bad" : ""}" cx="${at}" cy="${y}" r="${8 * f}"><title>${esc(`${clock(row.at)} ${row.text}`)}</title></circle><text class="actn${row.costly ? " bad" : ""}" x="${at}" y="${y + 3.5 * f}" text-anchor="middle" font-size="${10 * f}">${row.number}</text>`;
  });
  const every = [60, 120, 300, 600, 1200].find((s) => (last / s) * 60 * f <= w - left) ?? 3600;
  for (let t = 0; t <= last; t += every) out += label(x(t), height - 3, clock(t), "mut", x(t) > w - 30 * f ? "end" : "middle");
  setMarkup(el, `<svg width="${w}" height="${height.toFixed(0)}" aria-hidden="true">${out}</svg>`);
}

/** Two budget curves: yours solid, the other play dashed, both named at their end. */
function drawCurves(el, data, f) {
  const w = el.clientWidth;
  const height = el.clientHeight;
  if (w < 120 || height < 80) return;
  const left = 46 * f;
  const right = 128 * f;
  const bottom = 18 * f;
  const top = 8;
  const last = data.times.at(-1);
  const first = data.times[0];
  const all = [...data.yours, ...data.other];
  const high = Math.max(...all);
  const low = Math.min(...all);
  const step = [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1].find((s) => (high - low) / s <= 5) ?? 1;
  const from = Math.floor((low - step * 0.2) / step) * step;
  const to = Math.ceil((high + step * 0.1) / step) * step;
  const x = (t) => left + ((t - first) / (last - first)) * (w - left - right);
  const y = (v) => top + (1 - (v - from) / (to - from)) * (height - top - bottom);
  const size = 10.5 * f;
  let out = "";
  const digits = step < 0.01 ? 1 : 0;
  for (let v = from, i = 0; v <= to + step / 2; v += step, i++)
    out += `<path class="${i ? "grid" : "base"}" d="M${left} ${y(v)}H${w - right}"/><text class="mut" x="${left - 6}" y="${y(v) + 3.5 * f}" text-anchor="end" font-size="${size}">${(v * 100).toFixed(digits)} %</text>`;
  const every = [300, 600, 1200, 1800].find((s) => ((last - first) / s) * 52 * f <= w - left - right) ?? 3600;
  for (let t = Math.ceil(first / every) * every; t <= last; t += every)
    out += `<text class="mut" x="${x(t)}" y="${height - 3}" text-anchor="middle" font-size="${size}">${clock(t)}</text>`;
  // words that would meet stand below each other
  const names = placeWords(data.marks.map(([t, words]) => [x(t) + 5, words]), 6 * f, w - right);
  data.marks.forEach(([t], i) => {
    const [at, row, words] = names[i];
    out += `<path class="mark" d="M${x(t)} ${top}V${height - bottom}"/><text class="halo mut" x="${at}" y="${top + (11 + 13 * row) * f}" font-size="${size}">${esc(words)}</text>`;
  });
  const line = (values) => values.map((v, i) => `${x(data.times[i]).toFixed(1)} ${y(v).toFixed(1)}`).join("L");
  const yours = line(data.yours);
  const other = line(data.other);
  out += `<path class="gap" d="M${yours}L${other.split("L").reverse().join("L")}z"/><path class="ln s-p95" stroke-width="2" stroke-dasharray="6 3" d="M${other}"/><path class="ln s-bad" stroke-width="2" d="M${yours}"/>`;
  const ends = [
    [data.other.at(-1), data.label, "p95"],
    [data.yours.at(-1), "yours", "bad"],
  ].sort((a, b) => b[0] - a[0]);
  const gap = 34 * f;
  let at = Math.min(y(ends[0][0]), height - bottom - gap - 12 * f);
  for (const [value, words, tone] of ends) {
    at = Math.max(at, Math.min(y(value), height - bottom - 14 * f));
    const split = wrap(words, 18);
    out += `<text x="${w - right + 8}" y="${at + 4}" font-size="${11.5 * f}"><tspan class="t-${tone} b">${(value * 100).toFixed(1)} %</tspan>${split.map((part) => `<tspan class="mut" x="${w - right + 8}" dy="${13 * f}">${esc(part)}</tspan>`).join("")}</text>`;
    at += 16 * f + split.length * 13 * f + 4;
  }
  setMarkup(el, `<svg width="${w}" height="${height}" aria-hidden="true">${out}</svg>`);
}

function wrap(text, width) {
  const lines = [""];
  for (const word of text.split(" ")) {
    if (lines.at(-1).length + word.length > width && lines.at(-1)) lines.push(word);
    else lines[lines.length - 1] = `${lines.at(-1)} ${word}`.trim();
  }
  return lines.slice(0, 3);
}
