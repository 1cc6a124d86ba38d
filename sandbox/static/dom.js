// Elements from code. Everything from a chart goes in as text, never as markup.

/** An element with attributes (`on...` are listeners, true is a bare attribute) and children. */
export function el(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else if (value === true) node.setAttribute(name, "");
    else if (value !== false && value != null) node.setAttribute(name, value);
  }
  node.append(...children.flat().filter((child) => child != null && child !== ""));
  return node;
}

/** The element of that id. */
export const $ = (id) => document.getElementById(id);

/** Says a sentence to everyone, also to those who listen. */
export function announce(text, kind = "info") {
  const line = $("announcement");
  line.textContent = text;
  line.dataset.kind = kind;
}

const clock = new Intl.DateTimeFormat("en-GB", {
  day: "2-digit", month: "short", hour: "2-digit", minute: "2-digit",
});

/** An instant as a nurse reads it, in the time of this browser: `25 Nov, 21:50`. */
export const when = (instant) => clock.format(new Date(instant));
