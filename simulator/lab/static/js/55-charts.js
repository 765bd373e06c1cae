// The golden signals: four charts, one time axis, one crosshair. Since when, and how bad?

/** The colour of a line; the total over a stack of versions is ink. */
function toneOf(chart, line) {
  return !line.stacked && chart.lines.some((one) => one.stacked) ? "fg" : TONE[line.tone];
}

const TONE = { old: "old", new: "new", fast: "p50", mid: "p95", slow: "p99", plain: "p95", bad: "bad" };
const LOG_FLOOR = 1e-4; // 0.01 %: below it, errors lie on the floor of the log axis
const MARK_LANE = 14; // words beside deploy and page lines live above the upper charts

class Signals {
  constructor(app) {
    this.app = app;
    this.at = null; // time under the pointer, or null for "now"
    this.tabular = false;
    this.icon = h("span", { class: "ico" });
    this.name = h("b");
    this.note = h("span", { class: "el" });
    this.when = h("span", { class: "m s when" });
    this.charts = h("div", { class: "chs" });
    this.tableBody = h("div", { class: "body tbl", tabindex: "0", role: "region", "aria-label": "Golden signals as a table" });
    this.tableBody.hidden = true;
    this.el = h("div", { class: "sig" }, h("div", { class: "sum" }, this.icon, this.name, this.note, this.when), this.charts, this.tableBody);
  }

  update(frame, samples) {
    this.frame = frame;
    this.samples = samples;
    const { signals } = frame;
    const node = frame.nodes.find((one) => one.name === signals.service);
    setMarkup(this.icon, icon(node?.health ?? "unknown"));
    setText(this.name, signals.service);
    setText(this.note, signals.summary);
    this.note.classList.toggle("m", (node?.health ?? "ok") === "ok");
    let row = 0;
    this.rows = new Map();
    for (const chart of signals.charts) {
      this.rows.set(chart.key, chart.lines.map((_, i) => samples.subarray((row + i) * signals.count, (row + i + 1) * signals.count)));
      row += chart.lines.length;
    }
    keyed(this.charts, signals.charts, (chart) => chart.key, (chart) => this.make(chart), (el, chart) => this.fill(el, chart));
    this.draw();
    if (this.tabular) this.drawTable();
  }

  make(chart) {
    const plot = h("div", { class: "pl", tabindex: "0", role: "img" });
    plot.innerHTML = '<svg aria-hidden="true"><g class="still"></g><g class="x"></g></svg>';
    plot.addEventListener("pointermove", (event) => this.point(plot, event.clientX));
    plot.addEventListener("pointerleave", () => this.cross(null));
    plot.addEventListener("keydown", (event) => this.key(event));
    return h("figure", { class: `ch ${chart.key}` }, h("div", { class: "k" }, h("h3", {}, chart.title), h("span", { class: "wn" }), h("span", { class: "vals" })), plot);
  }

  fill(el, chart) {
    keyed(
      el.querySelector(".vals"),
      chart.lines,
      (line) => line.label,
      (line) => h("span", { class: "v" }, h("i"), h("span", { class: "m" }), h("b")),
      (item, line) => {
        const [swatch, label] = item.children;
        swatch.className = `s-${toneOf(chart, line)}`;
        swatch.hidden = !line.label;
        setText(label, line.label);
      },
    );
    setAttr(el.querySelector(".pl"), "aria-label", chart.summary);
  }

  /** Everything that depends on the size: called on each frame and on each resize. */
  draw() {
    if (!this.frame || this.tabular) return;
    const { signals, markers } = this.frame;
    const f = fontScale(this.app.root);
    this.scales = new Map();
    signals.charts.forEach((chart, index) => {
      const figure = this.charts.children[index];
      const plot = figure.querySelector(".pl");
      const w = plot.clientWidth;
      const height = plot.clientHeight;
      if (w < 60 || height < 30) return;
      const scale = chartScale(chart, this.rows.get(chart.key), signals, w, height, f, index);
      this.scales.set(chart.key, scale);
      const svg = plot.firstChild;
      svg.setAttribute("width", w);
      svg.setAttribute("height", height);
      setMarkup(svg.firstChild, drawChart(chart, this.rows.get(chart.key), signals, markers, scale, f));
    });
    this.cross(this.at);
  }

  point(plot, clientX) {
    const scale = this.scales?.values().next().value;
    if (!scale) return;
    const box = plot.getBoundingClientRect();
    const own = this.scales.get(plot.closest(".ch").dataset.key) ?? scale;
    this.cross(own.timeAt(clientX - box.left));
  }

  key(event) {
    const { start, step, count } = this.frame.signals;
    const end = start + step * (count - 1);
    const by = { ArrowLeft: -step, ArrowRight: step }[event.key];
    if (by) {
      event.preventDefault();
      this.cross(Math.max(start, Math.min(end, (this.at ?? end) + by * (event.shiftKey ? 12 : 1))));
    } else if (event.key === "Escape" && this.at != null) {
      event.stopPropagation();
      this.cross(null);
    }
  }

  /** Show the values at one instant in all four charts, or those of the last minute. */
  cross(at) {
    this.at = at;
    if (!this.frame) return;
    const { signals } = this.frame;
    const index = at == null ? -1 : Math.max(0, Math.min(signals.count - 1, Math.round((at - signals.start) / signals.step)));
    // numbers are those of the map, over its window; a point of a line covers the window before it
    const own = span(signals.window);
    setText(this.when, at == null ? `numbers over ${span(signals.latest)}, lines over ${own}` : `${clock(signals.start + index * signals.step)}, ${own} before it`);
    this.when.classList.toggle("b", at != null);
    signals.charts.forEach((chart, i) => {
      const figure = this.charts.children[i];
      const rows = this.rows.get(chart.key);
      const format = FORMAT[chart.key];
      const values = chart.lines.map((line, j) => (index < 0 ? line.latest : rows[j][index]));
      setText(figure.querySelector(".wn"), at == null ? span(signals.latest) : own);
      const items = figure.querySelector(".vals").children;
      chart.lines.forEach((line, j) => {
        const value = values[j];
        const over = chart.threshold && line.judged && known(value) && value > chart.threshold.value;
        const b = items[j].lastChild;
        setText(b, format(value) + (chart.key === "traffic" && j === chart.lines.length - 1 ? "/s" : ""));
        b.className = over ? (chart.key === "saturation" ? "warn" : "bad") : "";
      });
      const scale = this.scales?.get(chart.key);
      const layer = figure.querySelector(".x");
      setMarkup(layer, index < 0 || !scale ? "" : drawCross(chart, values, signals.start + index * signals.step, scale));
    });
  }

  setTabular(on) {
    this.tabular = on;
    this.charts.hidden = on;
    this.tableBody.hidden = !on;
    if (on) this.drawTable();
    else this.draw();
  }

  /** The table twin: the same samples, every thirty seconds, newest first. */
  drawTable() {
    const { signals, markers } = this.frame;
    const each = Math.max(1, Math.round(30 / signals.step));
    const columns = signals.charts.flatMap((chart) =>
      chart.lines.map((line, i) => ({ head: `${chart.title.toLowerCase()} ${line.label}`.trim(), row: this.rows.get(chart.key)[i], format: FORMAT[chart.key] })),
    );
    const head = ["time", ...columns.map((c) => c.head), "what happened"].map((text, i) => `<th scope="col"${i && i <= columns.length ? ' class="num"' : ""}>${esc(text)}</th>`).join("");
    let body = "";
    for (let i = signals.count - 1; i >= 0; i -= each) {
      const at = signals.start + i * signals.step;
      const notes = markers.filter((m) => m.at > at - each * signals.step && m.at <= at).map((m) => m.long || m.text);
      body += `<tr><td>${clock(at)}</td>${columns.map((c) => `<td class="num">${c.format(c.row[i])}</td>`).join("")}<td class="w">${esc(notes.join("; "))}</td></tr>`;
    }
    setMarkup(this.tableBody, `<table><caption class="sr">Golden signals of ${esc(signals.service)}</caption><thead><tr>${head}</tr></thead><tbody>${body}</tbody></table>`);
  }
}

/** Positions for one chart: x(time), y(value), and back. */
function chartScale(chart, rows, signals, w, height, f, index) {
  const left = 48 * f;
  const right = chart.key === "errors" ? 36 * f : 6;
  const top = (index < 2 ? MARK_LANE * f : 0) + 5;
  const bottom = 15 * f;
  const end = signals.start + signals.step * (signals.count - 1);
  const x = (t) => left + ((t - signals.start) / (end - signals.start)) * (w - left - right);
  const timeAt = (px) => Math.max(signals.start, Math.min(end, signals.start + ((px - left) / (w - left - right)) * (end - signals.start)));
  let y, max, ticks;
  const room = height - top - bottom;
  if (chart.key === "errors") {
    max = 1;
    const low = Math.log10(LOG_FLOOR);
    y = (v) => top + (Math.log10(Math.max(v, LOG_FLOOR)) / low) * room;
    ticks = room < 84 * f ? [LOG_FLOOR, 0.01, 1] : [LOG_FLOOR, 0.001, 0.01, 0.1, 1];
  } else {
    max = chart.key === "saturation" ? 1 : roundUp(1.08 * Math.max(nearThreshold(chart, stackTop(chart, rows)), 1e-3));
    y = (v) => top + (1 - Math.min(v, max) / max) * room;
    ticks = room < 70 * f ? [0, max] : [0, max / 2, max];
  }
  return { x, y, timeAt, left, right, top, bottom, max, ticks, w, h: height, end, room };
}

/** The axis holds the threshold once the data have come within a third of it; before, it would only flatten them. */
function nearThreshold(chart, top) {
  const value = chart.key === "latency" ? chart.threshold?.value : null;
  return value && top > value / 3 ? Math.max(top, value * 1.1) : top;
}

function stackTop(chart, rows) {
  let top = 0;
  const count = rows[0]?.length ?? 0;
  for (let i = 0; i < count; i++) {
    let sum = 0;
    for (let j = 0; j < rows.length; j++) {
      const v = rows[j][i];
      if (!(v >= 0)) continue;
      sum = chart.lines[j].stacked ? sum + v : Math.max(sum, v);
    }
    if (sum > top) top = sum;
  }
  return top;
}

function tickLabel(chart, value, max) {
  if (chart.key === "traffic") return rate(value);
  if (chart.key === "latency") return value === 0 ? "0" : max < 1 ? `${Math.round(value * 1000)} ms` : `${+value.toFixed(1)} s`;
  const shown = +(value * 100).toPrecision(3);
  return `${shown}${value === 1 ? " %" : ""}`;
}

function drawChart(chart, rows, signals, markers, s, f) {
  const size = 10.5 * f;
  const label = (x, y, words, cls = "mut", anchor = "start") =>
    `<text class="${cls}" x="${x.toFixed(1)}" y="${y.toFixed(1)}" font-size="${size}" text-anchor="${anchor}">${esc(words)}</text>`;
  const floor = s.h - s.bottom;
  let out = "";
  s.ticks.forEach((value, i) => {
    const y = s.y(value);
    out += `<path class="${i ? "grid" : "base"}" d="M${s.left} ${y}H${s.w - s.right}"/>`;
    out += label(s.left - 5, y + (i === s.ticks.length - 1 && s.top < 8 ? 6 * f : 3.5 * f), tickLabel(chart, value, s.max), "mut", "end");
    // the same axis read as burn rate: 1× is the objective's allowance
    if (chart.allowance && value >= chart.allowance && value <= 0.5) out += label(s.w - s.right + 5, y + 3.5 * f, times(value / chart.allowance).replace(".0", ""));
  });
  for (let t = Math.ceil(signals.start / 300) * 300; t <= s.end; t += 300) {
    const x = s.x(t);
    out += `<path class="tick" d="M${x} ${floor}v3"/>` + label(x, s.h - 2, clock(t), "mut", x > s.w - s.right - 22 * f ? "end" : x < s.left + 22 * f ? "start" : "middle");
  }
  out += drawMarkers(chart, markers, signals, s, f, size) + drawLines(chart, rows, signals, s);
  if (chart.threshold && chart.threshold.value <= s.max) {
    const y = s.y(chart.threshold.value);
    out += `<path class="thr" d="M${s.left} ${y}H${s.w - s.right}"/>`;
    out += label(s.left + 6, y + (y - s.top < 14 * f ? 12 * f : -5), chart.threshold.label, "mut halo");
  }
  return out;
}

/** Deploys dashed in the colour of the new version, pages solid in the colour of harm; words only above the upper pair. */
function drawMarkers(chart, markers, signals, s, f, size) {
  const shown = markers.filter((m) => m.kind !== "act" && m.kind !== "status" && m.at >= signals.start && m.at <= s.end);
  const worded = s.top > 10;
  let out = "";
  // the learner's own changes: a small wedge on the time axis
  for (const mark of markers.filter((m) => m.kind === "act" && m.at >= signals.start && m.at <= s.end))
    out += `<path class="actm" d="M${(s.x(mark.at) - 4).toFixed(1)} ${s.h - s.bottom + 6}l4 -6 4 6z"><title>${esc(`${clock(mark.at)} ${mark.long}`)}</title></path>`;
  let free = -Infinity;
  for (const mark of shown) {
    const x = s.x(mark.at);
    const cls = mark.kind === "page" ? "mk bad" : mark.kind === "resolved" ? "mk ok" : "mk new";
    out += `<path class="${cls}" d="M${x.toFixed(1)} ${s.top - 3}V${s.h - s.bottom}"><title>${esc(`${clock(mark.at)} ${mark.long || mark.text}`)}</title></path>`;
    if (!worded) continue;
    const width = mark.text.length * 6 * f;
    const wanted = Math.max(s.left - 4, Math.min(x - width / 2, s.w - width - 1));
    const from = Math.max(wanted, free);
    // no word over another or far from its line: the line, its title and the table still say it
    if (from - wanted > width || from + width > s.w) continue;
    free = from + width + 4;
    out += `<text class="${cls}" x="${from.toFixed(1)}" y="${(s.top - 7).toFixed(1)}" font-size="${size}">${esc(mark.text)}</text>`;
  }
  return out;
}

function drawLines(chart, rows, signals, s) {
  const count = signals.count;
  const xs = Array.from({ length: count }, (_, i) => s.x(signals.start + i * signals.step).toFixed(1));
  let base = null; // running sum of stacked lines
  let out = "";
  chart.lines.forEach((line, j) => {
    const row = rows[j];
    const tone = toneOf(chart, line);
    if (line.stacked) {
      const top = new Float32Array(count);
      for (let i = 0; i < count; i++) top[i] = (base ? base[i] || 0 : 0) + (row[i] >= 0 ? row[i] : 0);
      const upper = [];
      const lower = [];
      for (let i = 0; i < count; i++) {
        upper.push(`${xs[i]} ${s.y(top[i]).toFixed(1)}`);
        lower.unshift(`${xs[i]} ${s.y(base ? base[i] : 0).toFixed(1)}`);
      }
      out += `<path class="area f-${tone}" d="M${upper.join("L")}L${lower.join("L")}z"/>`;
      base = top;
      return;
    }
    const strong = chart.lines.length === 1 || line.judged && line.label !== "p95" || line.tone === "slow";
    const path = broken(row, xs, s.y);
    if (chart.key === "errors" && line.tone === "bad") out += `<path class="wash" d="${path.replace(/M([\d.]+) ([\d.]+)([^M]*)/g, (_, x, y, rest) => wash(x, y, rest, s))}"/>`;
    out += `<path class="ln s-${tone}" stroke-width="${strong ? 1.8 : 1.4}" d="${path}"/>`;
  });
  return out;
}

/** A path with gaps where nothing was measured; a gap is not a zero. */
function broken(row, xs, y) {
  let path = "";
  let pen = false;
  for (let i = 0; i < row.length; i++) {
    if (!Number.isFinite(row[i])) {
      pen = false;
      continue;
    }
    path += `${pen ? "L" : "M"}${xs[i]} ${y(row[i]).toFixed(1)}`;
    pen = true;
  }
  return path;
}

/** One unbroken piece of a line, closed down to the axis. */
function wash(x, y, rest, s) {
  const floor = (s.h - s.bottom).toFixed(1);
  const points = rest.split("L");
  const last = (points.at(-1) || `${x} ${y}`).split(" ")[0] || x;
  return `M${x} ${floor}L${x} ${y}${rest}L${last} ${floor}z`;
}

function drawCross(chart, values, at, s) {
  const x = s.x(at);
  let sum = 0;
  let out = `<path class="hair" d="M${x} ${s.top}V${s.h - s.bottom}"/>`;
  chart.lines.forEach((line, j) => {
    if (!known(values[j])) return;
    sum += values[j];
    const value = line.stacked ? sum : values[j];
    out += `<circle class="dot s-${toneOf(chart, line)}" cx="${x}" cy="${s.y(value)}" r="3"/>`;
  });
  return out;
}
