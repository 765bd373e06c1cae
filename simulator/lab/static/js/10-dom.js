// Small helpers for building and updating the page. All text from the kernel enters through textContent or esc():
// nothing that a log line says can become markup.

const SVG = "http://www.w3.org/2000/svg";

/** Build an element: h("button", {class: "ack", onclick: f}, "Ack"). Attributes that are null or false are left out. */
function h(tag, attributes = {}, ...children) {
  const el = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) el.addEventListener(name.slice(2), value);
    else if (value != null && value !== false) el.setAttribute(name, value === true ? "" : value);
  }
  el.append(...children.flat().filter((child) => child != null && child !== false));
  if (FOCUSABLE.has(tag) || attributes.tabindex != null) quiet(el);
  return el;
}

const FOCUSABLE = new Set(["button", "input", "textarea", "select"]);

/** Keep the notebook's own shortcuts (d d deletes a cell!) away from an element that can hold the focus. */
function quiet(el) {
  el.setAttribute("data-lm-suppress-shortcuts", "true");
  return el;
}

/** Text for use inside an SVG or HTML string. */
function esc(text) {
  return String(text).replace(/[&<>"']/g, (c) => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" })[c]);
}

/** Set text only when it differs, so that a selection in it survives and live regions stay silent. */
function setText(el, text) {
  if (el.textContent !== text) el.textContent = text;
}

/** Set an attribute when it differs; null takes it away, true and false are written out, as ARIA wants them. */
function setAttr(el, name, value) {
  if (value == null) el.removeAttribute(name);
  else if (el.getAttribute(name) !== String(value)) el.setAttribute(name, value);
}

/** Set markup only when it differs from what was set last. */
function setMarkup(el, markup) {
  if (el.lastMarkup !== markup) {
    el.lastMarkup = markup;
    el.innerHTML = markup;
  }
}

/**
 * Make the children of `parent` one for each item, reusing those that are there (by key), in order.
 * `make(item)` builds a child, `update(child, item)` fills it; a child that holds the focus is never rebuilt.
 */
function keyed(parent, items, key, make, update) {
  const have = new Map([...parent.children].map((child) => [child.dataset.key, child]));
  let before = null;
  for (const item of items) {
    const name = String(key(item));
    let child = have.get(name);
    if (child) have.delete(name);
    else {
      child = make(item);
      child.dataset.key = name;
    }
    update(child, item);
    const place = before ? before.nextSibling : parent.firstChild;
    if (place !== child) parent.insertBefore(child, place);
    before = child;
  }
  for (const child of have.values()) child.remove();
}

/**
 * Stay at the end of a list that grows, unless the reader scrolled up. Also when it is filled before it has a size, or
 * while its tab is hidden: the end is found again as soon as there is room.
 */
const following = new WeakMap();
function stick(el) {
  if (!following.has(el)) {
    const end = () => {
      if (following.get(el)) el.scrollTop = el.scrollHeight;
    };
    following.set(el, null);
    el.addEventListener("scroll", () => {
      if (el.clientHeight && following.get(el) != null) following.set(el, el.scrollHeight - el.scrollTop - el.clientHeight < 24);
    });
    new ResizeObserver(end).observe(el);
  }
  if (following.get(el) == null) following.set(el, true);
  return () => {
    if (following.get(el)) el.scrollTop = el.scrollHeight;
  };
}

/** The font scale of the console: 1 on a laptop, larger on a projector. */
function fontScale(root) {
  return (parseFloat(getComputedStyle(root).getPropertyValue("--f0")) || 11) / 11;
}
