// The status bar: what must be readable from across the room. It answers first: is somebody hurt?

class Bar {
  constructor(app) {
    this.app = app;
    this.title = h("b");
    this.subtitle = h("span", { class: "m s" });
    this.now = h("span");
    this.of = h("span", { class: "m s" });
    this.time = h("div", { class: "clk", role: "timer", "aria-label": "Simulated time", "aria-live": "off" }, this.now, this.of);
    this.play = h("button", { class: "play", title: "Space", onclick: () => app.togglePlay() });
    const wait = (text, title, line) => h("button", { title, onclick: () => app.line(line) }, text);
    this.half = wait("+30 s", "]", "wait 30s");
    this.two = wait("+2 m", "}", "wait 2m");
    this.speeds = [1, 10, 60].map((speed, i) =>
      h("button", { role: "radio", title: String(i + 1), onclick: () => app.send({ do: "speed", speed }) }, `×${speed}`),
    );
    this.transport = h("div", { class: "grp", role: "group", "aria-label": "Time" }, this.play, this.half, this.two);
    this.seg = h("div", { class: "seg tr", role: "radiogroup", "aria-label": "Speed" }, this.speeds);
    this.budgets = h("div", { class: "slos" });
    this.pageIcon = h("span", { class: "ico" });
    this.pageText = h("b");
    this.pageMore = h("span", { class: "m" });
    this.pageName = h("span", { class: "s mono el" });
    // The alert region is mounted empty and filled later: only so do screen readers announce the page.
    this.alert = h("div", { class: "pgt", role: "alert" }, h("div", { class: "el" }, this.pageText, this.pageMore), this.pageName);
    this.ack = h("button", { class: "ack", title: "a", onclick: () => app.line("page ack") }, "Ack");
    this.el = h(
      "header",
      { class: "bar" },
      h("div", { class: "ttl" }, this.title, this.subtitle),
      this.time,
      this.transport,
      this.seg,
      h("div", { class: "grow" }),
      this.budgets,
      h("div", { class: "pg" }, this.pageIcon, this.alert, this.ack),
    );
  }

  update(frame) {
    const { clock: time } = frame;
    const debrief = this.app.inDebrief;
    setText(this.title, frame.title);
    setText(this.subtitle, `${frame.mode === "game-day" ? "Game day" : "Lesson"} · seed ${frame.seed}${frame.variant ? ` · variant ${frame.variant}` : ""}`);
    setText(this.now, clock(time.now));
    const left = time.duration - time.now;
    const length = clock(time.duration).slice(2); // T+32:00 without its T+
    setText(this.of, time.ended ? `over after ${length}` : left <= SHORTLY ? `${clock(left).slice(2)} left of ${length}` : `of ${length}`);
    this.of.className = !time.ended && left <= SHORTLY ? "s b warn" : "m s";
    this.transport.hidden = this.seg.hidden = debrief || time.ended;
    setMarkup(this.play, time.playing ? `${PAUSE}Pause` : `${PLAY}Play`);
    setAttr(this.play, "aria-pressed", time.playing);
    this.play.disabled = time.ended || (time.playing && !time.pausable);
    this.half.disabled = this.two.disabled = time.ended || time.playing;
    this.speeds.forEach((button) => {
      const on = button.textContent === `×${time.speed}`;
      setAttr(button, "aria-checked", on);
      button.tabIndex = on ? 0 : -1;
    });
    this.budgets.classList.toggle("two", frame.budgets.length > 1);
    keyed(this.budgets, frame.budgets.slice(0, 2), (b) => b.name, () => this.makeBudget(), (el, b) => this.fillBudget(el, b, debrief));
    this.fillPages(frame);
  }

  makeBudget() {
    const el = h("div", { class: "slo" });
    el.innerHTML =
      '<div class="r"><span class="m el nm"><span></span><span class="tgt"></span><span class="win"></span></span><b class="left"><span></span><span class="wd"> left</span></b></div>' +
      '<div class="gau" role="meter" aria-valuemin="0" aria-valuemax="100"><i></i><u></u></div>' +
      '<div class="r"><span class="burn"></span><span class="m el note"></span></div>';
    return el;
  }

  fillBudget(el, budget, debrief) {
    const part = (selector) => el.querySelector(selector);
    const left = Math.max(0, Math.min(1, budget.left));
    const spent = Math.max(0, budget.left_at_start - Math.max(0, budget.left));
    const [title, target, over] = part(".nm").children;
    setText(title, budget.title);
    setText(target, ` ${budget.target}`);
    setText(over, ` · ${budget.window}`);
    el.title = `${budget.title}: ${budget.target} over ${budget.window}; a page at burn rate ${times(budget.page_burn)}`;
    setText(part(".left").firstChild, `${(budget.left * 100).toFixed(1)} %`);
    part(".left").classList.toggle("bad", budget.left <= 0);
    part("i").style.width = `${left * 100}%`;
    part("u").style.left = `${left * 100}%`;
    part("u").style.width = `${spent * 100}%`;
    const meter = part(".gau");
    setAttr(meter, "aria-label", `Error budget left, ${budget.title}`);
    setAttr(meter, "aria-valuenow", (left * 100).toFixed(1));
    setAttr(meter, "aria-valuetext", `${(budget.left * 100).toFixed(1)} percent left, burn rate over ${budget.burn_over} ${times(budget.burn)}`);
    const hot = known(budget.burn) && budget.burn >= budget.page_burn;
    const burn = part(".burn");
    setText(burn, debrief ? `spent here ${(spent * 100).toFixed(1)} points` : `burn ${budget.burn_over} ${times(budget.burn)}`);
    burn.className = hot && !debrief ? "burn bad b" : "burn m";
    const empty = budget.left <= 0 ? "budget is gone" : known(budget.empty_in) ? `at this rate gone in ${span(budget.empty_in)}` : "lasts the window";
    setText(part(".note"), debrief ? `burn ${budget.burn_over} ${times(budget.burn)}` : known(budget.burn) ? empty : "no requests yet");
  }

  fillPages(frame) {
    const open = frame.pages.filter((page) => page.resolved_at == null);
    const waiting = open.filter((page) => page.acked_at == null);
    const shown = waiting[0] ?? open.at(-1);
    setMarkup(this.pageIcon, icon(waiting.length ? "bad" : open.length ? "warn" : "ok", 6));
    setText(this.pageText, open.length ? `${open.length} page${open.length > 1 ? "s" : ""}` : "No page");
    this.pageText.className = waiting.length ? "bad" : "";
    setText(this.pageMore, waiting.length ? ` · ${waiting.length} to acknowledge` : open.length ? ` · acked ${clock(shown.acked_at)}` : "");
    setText(this.pageName, shown ? shown.alert : frame.pages.length ? `${frame.pages.length} earlier, resolved` : "pager quiet");
    this.pageName.classList.toggle("mono", Boolean(shown));
    this.pageName.title = shown ? shown.summary : "";
    this.ack.hidden = !waiting.length;
  }
}
