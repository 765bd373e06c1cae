// The live map: where is it? Columns follow the flow from the users; a node is a button that selects its service.

class SystemMap {
  constructor(app) {
    this.app = app;
    this.canvas = h("div", { class: "cv" });
    this.svg = document.createElementNS(SVG, "svg");
    this.svg.setAttribute("role", "group");
    this.svg.setAttribute("aria-label", "System map");
    this.back = this.svg.appendChild(document.createElementNS(SVG, "g"));
    this.nodes = this.svg.appendChild(document.createElementNS(SVG, "g"));
    this.canvas.append(this.svg);
    this.el = h("section", { class: "pane map", "aria-label": "System map" }, this.canvas);
    this.strip = h("div", { class: "strip", role: "group", "aria-label": "Service health" });
  }

  update(frame) {
    this.frame = frame;
    this.drawStrip();
    this.draw();
  }

  select(name) {
    if (this.frame.nodes.find((node) => node.name === name)?.role === "users") return;
    this.app.send({ do: "select", service: name });
  }

  /** Half a laptop has no room for the map: a row of buttons with every service's health stays. */
  drawStrip() {
    const nodes = this.frame.nodes.filter((node) => node.role !== "users");
    keyed(
      this.strip,
      nodes,
      (node) => node.name,
      (node) => h("button", { onclick: () => this.select(node.name) }, h("span", { class: "ico" }), h("span"), h("b")),
      (button, node) => {
        setMarkup(button.children[0], icon(node.health, 4.5));
        setText(button.children[1], node.name);
        setText(button.children[2], node.health === "ok" ? "" : node.reason || HEALTH_WORD[node.health]);
        button.children[2].className = node.health;
        setAttr(button, "aria-pressed", node.name === this.frame.signals.service);
        setAttr(button, "aria-label", nodeLabel(node));
      },
    );
  }

  draw() {
    if (!this.frame) return;
    const w = this.canvas.clientWidth;
    const height = this.canvas.clientHeight;
    if (!w || !height) return;
    const f = fontScale(this.app.root);
    const { nodes, edges, signals } = this.frame;
    const places = layout(nodes, w, height, f);
    this.svg.setAttribute("width", w);
    this.svg.setAttribute("height", height);
    setMarkup(this.back, edges.map((edge) => drawEdge(edge, places, f)).join("") + legend(places, nodes, height, f, signals));
    keyed(
      this.nodes,
      nodes,
      (node) => node.name,
      (node) => {
        const g = document.createElementNS(SVG, "g");
        if (node.role !== "users") {
          g.setAttribute("role", "button");
          g.setAttribute("tabindex", "0");
          quiet(g);
          g.addEventListener("click", () => this.select(node.name));
          g.addEventListener("keydown", (event) => {
            if (event.key === "Enter" || event.key === " ") {
              event.preventDefault();
              event.stopPropagation();
              this.select(node.name);
            }
          });
        }
        return g;
      },
      (g, node) => {
        g.setAttribute("class", `nd ${node.health}${node.name === signals.service ? " sel" : ""}`);
        setAttr(g, "aria-label", nodeLabel(node));
        if (node.role === "users") setAttr(g, "role", "img");
        else setAttr(g, "aria-pressed", node.name === signals.service);
        setMarkup(g, drawNode(node, places.get(node.name), f));
      },
    );
  }
}

function nodeLabel(node) {
  const ready = node.pods.filter((pod) => pod.ready).length;
  const parts = [node.name, HEALTH_WORD[node.health]];
  if (node.reason) parts.push(node.reason);
  if (node.pods.length) parts.push(`${ready} of ${node.pods.length} pods ready`);
  if (known(node.rate)) parts.push(`${rate(node.rate)} requests a second`);
  return parts.join(", ");
}

/** Wide enough for its name, and for its pods beside a few words; it must not change while a drill runs. */
function nodeWidth(node) {
  if (node.role === "users") return 50;
  return Math.max(26 + 7.1 * node.name.length + 8, 78 + 10 * Math.max(2, Math.min(6, node.pods.length)));
}

const CAPTION = 14; // the line below the map that names the window of its numbers

/** Pixel boxes for the nodes: columns share the width, rows (0…1) the height. */
function layout(nodes, w, height, f) {
  const columns = Math.max(...nodes.map((node) => node.column)) + 1;
  const widths = Array.from({ length: columns }, (_, c) => {
    const here = nodes.filter((node) => node.column === c);
    return Math.max(...here.map(nodeWidth)) * f;
  });
  const used = widths.reduce((a, b) => a + b, 0);
  const gap = Math.max(26 * f, Math.min(130 * f, (w - 28 - used) / Math.max(1, columns - 1)));
  const squeeze = Math.min(1, (w - 28 - gap * (columns - 1)) / used);
  const start = Math.max(14, (w - used * squeeze - gap * (columns - 1)) / 2);
  const places = new Map();
  const margin = 9 * f;
  for (const node of nodes) {
    const width = widths[node.column] * squeeze;
    const x = start + widths.slice(0, node.column).reduce((a, b) => a + b * squeeze + gap, 0);
    const tall = nodeHeight(node, f);
    const y = margin + tall / 2 + node.row * Math.max(0, height - 2 * margin - CAPTION * f - tall);
    places.set(node.name, { x, y, w: width, h: tall, gap });
  }
  return places;
}

function nodeHeight(node, f) {
  if (node.role === "users" || !node.pods.length) return 30 * f;
  return (node.split.length > 1 ? 66 : 43) * f;
}

function drawEdge(edge, places, f) {
  const a = places.get(edge.source);
  const b = places.get(edge.target);
  if (!a || !b) return "";
  const x1 = a.x + a.w;
  const x2 = b.x;
  const bend = (x2 - x1) * 0.55;
  const width = 1 + Math.max(0, Math.log10((edge.rate || 1) / 10)) * 0.7 + (edge.health === "ok" ? 0 : 0.7);
  const tone = edge.health === "bad" ? " bad" : edge.health === "warn" ? " warn" : "";
  let out =
    `<path class="e${tone}" stroke-width="${width.toFixed(1)}" d="M${x1} ${a.y}C${x1 + bend} ${a.y} ${x2 - bend} ${b.y} ${x2} ${b.y}"/>` +
    `<path class="e${tone}" d="M${x2 - 5} ${b.y - 3.5}L${x2} ${b.y}l-5 3.5"/>`;
  const roomy = x2 - x1 > 84 * f;
  const flow = known(edge.rate) ? `${rate(edge.rate)}/s` : "";
  const err = known(edge.errors) && edge.errors >= 0.00095 ? `${percent(edge.errors)}${roomy ? " err" : ""}` : "";
  // the label sits on its own line; where many edges meet, at the end where they are still apart
  const flat = Math.abs(a.y - b.y) < 12 * f;
  const t = flat ? 0.5 : 0.55;
  const half = Math.max(flow.length, err.length) * 3.1 * f;
  const along = 1.65 * (1 - t) ** 2 * t + 1.35 * (1 - t) * t ** 2 + t ** 3;
  const x = Math.min(x1 + (x2 - x1) * along, x2 - 7 - half); // the arrow's head stays free
  const y = a.y + (b.y - a.y) * (3 * (1 - t) * t ** 2 + t ** 3);
  const size = 10.5 * f;
  const text = (dy, words, cls) => `<text class="halo ${cls}" x="${x}" y="${y + dy * f}" text-anchor="middle" font-size="${size}">${esc(words)}</text>`;
  if (x2 - x1 < (Math.max(flow.length, err.length) * 5.8 + 4) * f) return out;
  const tilt = flat ? Math.abs(a.y - b.y) / 2 : 0;
  if (flow) out += text(flat ? -6 - tilt / f : err ? -2 : 4, flow, "mut");
  if (err) out += text(flat ? 15 + tilt / f : 11, err, edge.health === "ok" ? "mut" : `${edge.health} b`);
  return out;
}

function drawNode(node, box, f) {
  const { x, w: width } = box;
  const y = box.y - box.h / 2;
  const size = 11 * f;
  const right = (words, line, cls = "mut") =>
    `<text class="${cls}" x="${x + width - 8 * f}" y="${line}" text-anchor="end" font-size="${size}">${esc(words)}</text>`;
  let out =
    `<rect class="h" x="${x - 3}" y="${y - 3}" width="${width + 6}" height="${box.h + 6}" rx="7"/>` +
    `<rect class="b" x="${x}" y="${y}" width="${width}" height="${box.h}" rx="4"/>`;
  if (node.role === "users")
    return `${out}<text x="${x + width / 2}" y="${box.y + 4 * f}" text-anchor="middle" font-size="${12 * f}">${esc(node.name)}</text>`;
  const first = y + 17 * f;
  const second = y + 33 * f;
  out += shape(node.health, x + 13 * f, first - 4 * f, 5 * f);
  // a name that its node has become too narrow for is set closer, and never runs over the border
  const fit = width - 30 * f;
  const close = node.name.length * 7.5 * f > fit ? ` textLength="${fit.toFixed(1)}" lengthAdjust="spacingAndGlyphs"` : "";
  out += `<text x="${x + 24 * f}" y="${first}" font-size="${12 * f}" font-weight="600"${close}>${esc(node.name)}</text>`;
  if (node.pods.length) {
    const ready = node.pods.filter((pod) => pod.ready).length;
    const ill = node.reason && node.health !== "ok";
    const words = ill ? node.reason : `${ready}/${node.pods.length}`;
    const room = width - 23 * f - words.length * (ill ? 7 : 6.2) * f;
    const step = Math.min(11 * f, room / node.pods.length);
    // squares too small to tell apart, or none at all, say less than the words that need their room
    const pods = step < 4.5 * f ? [] : node.pods;
    pods.forEach((pod, i) => {
      const side = Math.min(9 * f, step - 1.5);
      const tone = pod.ready ? (pod.new ? "f-new" : "f-old") : pod.new ? "hollow s-new" : "hollow s-old";
      out += `<rect class="${tone}" x="${x + 9 * f + i * step}" y="${second - 8 * f}" width="${side}" height="${side}" rx="1.5"><title>${esc(`${pod.name} · ${pod.version} · ${pod.ready ? "ready" : "not ready"}`)}</title></rect>`;
    });
    out += right(words, second, ill ? `${node.health === "unknown" ? "mut" : node.health} b` : "mut");
  }
  if (node.split.length > 1) {
    const bar = width - 18 * f;
    const top = y + 57 * f;
    const [from, to] = [node.split[0], node.split.at(-1)];
    const share = to[1];
    out +=
      `<text class="mut" x="${x + 9 * f}" y="${top - 5 * f}" font-size="${size}">${esc(from[0])} ${Math.round(from[1] * 100)} %</text>` +
      `<rect class="f-old" x="${x + 9 * f}" y="${top}" width="${bar}" height="${4 * f}" rx="2"/>` +
      `<rect class="f-new" x="${x + 9 * f + bar * (1 - share)}" y="${top}" width="${bar * share}" height="${4 * f}" rx="2"/>` +
      right(`${to[0]} ${Math.round(share * 100)} %`, top - 5 * f);
  }
  return out;
}

/** Below the first column, where the layout leaves room. */
function legend(places, nodes, height, f, signals) {
  const versions = nodes.some((node) => node.split.length > 1) ? `, shares of versions ${span(signals.window)}` : "";
  const over = span(signals.latest) + versions;
  const caption = `<text class="mut" x="14" y="${height - 4 * f}" font-size="${10.5 * f}">Numbers: the last ${over}</text>`;
  return caption + forms(places, nodes, height - CAPTION * f, f);
}

function forms(places, nodes, height, f) {
  const first = nodes.filter((node) => node.column <= 1).map((node) => places.get(node.name));
  const low = Math.max(...first.map((box) => box.y + box.h / 2));
  if (height - low < 58 * f) return "";
  const size = 10.5 * f;
  const items = [
    [[shape("ok", 5, 0, 4.5), "healthy", 62], [shape("warn", 5, 0, 4.5), "degraded", 72], [shape("bad", 5, 0, 4.5), "failing", 58]],
    [['<rect class="f-old" y="-5" width="9" height="9" rx="1.5"/>', "pod, current", 88], ['<rect class="f-new" y="-5" width="9" height="9" rx="1.5"/>', "pod, new version", 90]],
  ];
  return items
    .map((row, i) => {
      let x = 14;
      const y = height - (14 + 19 * i) * f;
      return row
        .map(([mark, words, width]) => {
          const out = `<g transform="translate(${x} ${y})">${mark}<text class="mut" x="${14 * f}" y="${4 * f}" font-size="${size}">${words}</text></g>`;
          x += width * f;
          return out;
        })
        .join("");
    })
    .join("");
}
