// A hint's answer beside the button that asked for it: the eye is there, not in the terminal.

class HintNote {
  constructor() {
    this.text = h("p");
    this.close = h("button", { "aria-label": "Close the hint", onclick: () => this.show("") }, "×");
    this.el = h("div", { class: "hinted", role: "status" }, this.text, this.close);
    this.el.hidden = true;
  }

  show(text) {
    setText(this.text, text);
    this.el.hidden = !text;
  }
}
