// Sentences and icons for scripts: both come from the page, so that they follow its language and its release.
const all = JSON.parse(document.body.dataset.words || "{}");

export function w(key, holes = {}) {
  return (all[key] ?? key).replace(/\{(\w+)\}/g, (_, name) => holes[name] ?? "");
}

export function icon(name, size = "") {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("class", size ? `icon icon-${size}` : "icon");
  svg.setAttribute("aria-hidden", "true");
  svg.setAttribute("focusable", "false");
  const use = document.createElementNS("http://www.w3.org/2000/svg", "use");
  use.setAttribute("href", `${document.body.dataset.icons}#${name}`);
  svg.append(use);
  return svg;
}

// h("button", {class: "btn", onclick: f}, icon("x"), "words")
export function h(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (value === true) element.setAttribute(name, "");
    else if (value !== false && value != null) element.setAttribute(name, value);
  }
  element.append(...children.filter((child) => child != null));
  return element;
}

export function csrf() {
  return JSON.parse(document.body.getAttribute("hx-headers") || "{}")["X-CSRFToken"] || "";
}

let shown;
export function toast(words, seconds = 4) {
  shown?.remove();
  shown = h("div", { class: "ll-toast", role: "status" }, words);
  document.body.append(shown);
  const mine = shown;
  setTimeout(() => mine.remove(), seconds * 1000);
}
