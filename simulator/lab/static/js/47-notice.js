// What the console itself has to tell: why the clock stands or slowed down, that little time is left, that it is over.

const SHORTLY = 300;

class Notice {
  constructor(app) {
    this.text = h("span");
    this.doors = h("span", { class: "doors" });
    // mounted empty and filled later: only so do screen readers announce it
    this.el = h("div", { class: "notice", role: "status" }, this.text, this.doors);
    this.app = app;
  }

  update(frame) {
    const { clock: time } = frame;
    const ending = !time.ended && time.duration - time.now <= SHORTLY;
    const words = time.ended
      ? "The drill is over. Debrief, above on the right, looks back on it; what you type now is no longer part of it."
      : [frame.notice, ending && `Less than five minutes are left: the drill ends at ${clock(time.duration)}.`].filter(Boolean).join(" ");
    setText(this.text, words);
    this.el.classList.toggle("soon", ending);
    this.el.hidden = !words || this.app.inDebrief && !frame.again.length;
    keyed(
      this.doors,
      frame.again,
      (way) => way.query,
      (way) => h("a", { class: "again", href: `?${way.query}`, "data-lm-suppress-shortcuts": "true" }, `Play ${way.label}`),
      () => {},
    );
  }
}
