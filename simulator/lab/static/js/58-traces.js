// The traces tab: visits on the left, one of them as a waterfall on the right. Kinds differ in form, never in colour alone.

class Traces {
  constructor(app, el) {
    this.app = app;
    this.el = el;
    el.addEventListener("click", (event) => {
      const id = event.target.closest?.("[data-trace]")?.dataset.trace;
      if (id) app.send({ do: "trace", id });
    });
  }

  update(pane) {
    if (pane.note) {
      setMarkup(this.el, `<p class="empty m">${esc(pane.note)}</p>`);
      return;
    }
    const focused = document.activeElement?.dataset?.trace;
    const list = pane.traces
      .map((trace) => `<li><button data-trace="${esc(trace.id)}" aria-pressed="${trace.id === pane.chosen}" class="${esc(trace.tone)}"><span class="m num">${clock(trace.at)}</span> <b>${esc(trace.ended)}</b> <span class="num">${esc(trace.took)}</span></button></li>`)
      .join("");
    const rows = pane.spans
      .map((span) => {
        const at = `left:${(100 * span.start).toFixed(2)}%;width:${Math.max(100 * span.width, 0.4).toFixed(2)}%`;
        return `<tr class="${span.bad ? "bad" : ""}"><th scope="row" style="padding-left:${14 + 12 * span.depth}px">${esc(span.who)}</th><td class="m" title="${esc(span.what)}">${esc(span.what)}</td><td class="num">${esc(span.took)}</td><td class="ax"><i class="${esc(span.kind)}" style="${at}"></i></td><td title="${esc(span.ended)}">${esc(span.ended)}</td></tr>`;
      })
      .join("");
    setMarkup(
      this.el,
      `<div class="trc"><ul aria-label="Visits">${list}</ul><div><p class="m s">${esc(pane.summary)}</p><table><thead><tr><th scope="col">service</th><th scope="col">what</th><th scope="col" class="num">took</th><th scope="col">when</th><th scope="col">ended</th></tr></thead><tbody>${rows}</tbody></table><p class="m s">Red: failed. Amber: slower than its users’ objective. Block: a server at work. Line: a caller waits. Hatched: nobody waits any more.</p></div></div>`,
    );
    this.el.querySelectorAll("button").forEach(quiet);
    if (focused) this.el.querySelector(`[data-trace="${focused}"]`)?.focus();
  }
}
