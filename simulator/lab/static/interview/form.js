// The interview: one fieldset a question, native selects, and what follows from the answers in a live region.

class Interview {
  constructor(model, el) {
    this.model = model;
    this.said = h("p", { class: "said", role: "status" });
    this.setup = h("ol", { class: "setup", "aria-label": "What no file can hold" });
    this.text = h("pre", { class: "file", tabindex: "0", role: "region", "aria-label": "The proposed workflow file" });
    this.selects = new Map();
    this.service = h("input", { type: "text", spellcheck: "false", autocomplete: "off", onchange: () => this.answer("service", this.service.value) });
    const questions = model.get("sheet").map((question, number) => this.question(question, number));
    const name = h("label", { class: "field" }, h("span", {}, "Service"), this.service);
    this.root = h("section", { class: "gdi", role: "region", "aria-label": "Set up CI/CD: four questions" });
    quiet(this.root);
    this.root.append(...questions, name, this.said, this.setup, this.text);
    this.root.addEventListener("keydown", (event) => event.stopPropagation());
    el.append(this.root);
  }

  question(question, number) {
    const why = `gdi-why-${number}-${Math.random().toString(36).slice(2)}`;
    const fields = question.fields.map((field) => {
      const options = [h("option", { value: "" }, "choose"), ...field.choices.map((one) => h("option", { value: one.value }, one.title))];
      const select = h("select", { "aria-describedby": why, onchange: () => this.answer(field.name, select.value) }, options);
      this.selects.set(field.name, select);
      return h("label", { class: "field" }, h("span", {}, field.label), select);
    });
    return h("fieldset", {}, h("legend", {}, `${number + 1}. ${question.asks}`), fields, h("p", { class: "why", id: why }, question.why));
  }

  answer(name, value) {
    this.model.send({ do: "answer", name, value });
  }

  start() {
    const draw = () => this.draw();
    this.model.on("change:tick", draw);
    this.draw();
    return () => this.model.off("change:tick", draw);
  }

  draw() {
    const answers = this.model.get("answers");
    for (const [name, select] of this.selects) select.value = answers[name];
    if (this.service !== document.activeElement) this.service.value = answers.service;
    setText(this.said, this.model.get("said"));
    const setup = this.model.get("setup");
    this.setup.replaceChildren(...setup.map((line) => h("li", {}, line)));
    setText(this.text, this.model.get("workflow"));
    this.setup.hidden = this.text.hidden = !setup.length;
  }
}

export default {
  render({ model, el }) {
    return new Interview(model, el).start();
  },
};
