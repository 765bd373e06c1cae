// James's clock: the four steps, which one the learner is in, and how much of its time is used.

class Steps {
  constructor(app) {
    this.app = app;
    // the door to the debrief: at the end always, in a lesson from the first page on
    this.door = h("button", { class: "door", title: "d", onclick: () => app.showDebrief(!app.inDebrief) }, "Debrief");
    this.head = h("span", { class: "nm" });
    this.list = h("ol", { class: "steps", "aria-label": "Incident steps" });
    this.lead = h("div", { class: "lead" }, h("span", { class: "ava j", "aria-hidden": "true" }, "JO"), this.head);
    this.el = h("div", { class: "stepbar" }, this.lead, this.list, this.door);
  }

  update(frame) {
    this.openDoor(frame);
    const begun = frame.steps.some((step) => step.state !== "waiting");
    setText(this.head, begun ? "James’s clock" : "Starts with the first page");
    this.show(frame.steps.map((step, i) => ({ ...step, number: i + 1 })));
  }

  openDoor(frame) {
    this.door.hidden = !this.app.inDebrief && !frame.clock.ended && !(frame.mode === "lesson" && frame.pages.length);
    this.door.classList.toggle("fin", frame.clock.ended && !this.app.inDebrief);
    setText(this.door, this.app.inDebrief ? "Console" : "Debrief");
  }

  /** Also draws the debrief's steps, which look the same. */
  show(steps) {
    keyed(
      this.list,
      steps,
      (step) => step.name,
      () => {
        const li = h("li");
        li.innerHTML = '<span class="s no"></span><b class="lb"></b><span class="t"></span><u></u>';
        return li;
      },
      (li, step) => {
        li.classList.toggle("on", step.state === "current");
        li.classList.toggle("late", Boolean(step.late) && step.state === "current");
        setAttr(li, "aria-current", step.state === "current" ? "step" : null);
        setMarkup(li.querySelector(".no"), step.state === "done" ? CHECK : String(step.number));
        setText(li.querySelector(".lb"), step.name);
        setText(li.querySelector(".t"), step.note ?? "");
        li.querySelector("u").style.width = step.state === "current" ? `${Math.min(1, step.used ?? 0) * 100}%` : "0";
      },
    );
  }
}
