// The keyboard at a desk. In markup: data-key="e" presses a button or link; data-key-rows is a list whose rows
// (tr, li, [data-row]) are walked with j and k and opened with Enter; data-key-search takes "/".
// Scripts: import { register } from "…/keys.js"; register("s", "保存视图", () => …).
import { h, w } from "./words.js";

const own = new Map();
export function register(key, label, run) { own.set(key, { label, run }); }

const typing = (element) => element.closest?.("input, textarea, select, [contenteditable='true']");
const visible = (element) => element.getClientRects().length > 0;
const rows = () => [...document.querySelectorAll("[data-key-rows] > tr, [data-key-rows] > li, [data-key-rows] [data-row]")].filter(visible);

function step(by) {
  const all = rows();
  if (!all.length) return;
  const at = all.findIndex((row) => row.classList.contains("is-current"));
  const next = all[Math.min(Math.max(at + by, 0), all.length - 1)];
  choose(next);
}
function choose(row) {
  for (const other of rows()) other.classList.toggle("is-current", other === row);
  row.scrollIntoView({ block: "nearest" });
  const link = row.querySelector("[data-row-open], a") ?? row;
  link.focus({ preventScroll: true });
}

function help() {
  const sheet = document.getElementById("key-sheet");
  const list = sheet?.querySelector("[data-key-list]");
  if (!list) return;
  list.replaceChildren();
  const line = (key, label) => list.append(h("dt", {}, h("kbd", {}, key)), h("dd", {}, label));
  const known = new Set();
  for (const element of document.querySelectorAll("[data-key-label]")) {
    const key = element.dataset.key ?? (element.hasAttribute("data-key-search") ? "/" : "");
    if (key && !known.has(key)) { known.add(key); line(key, element.dataset.keyLabel); }
  }
  const body = document.querySelector("[data-key-rows]");
  if (body?.dataset.keyRows) line("j k", body.dataset.keyRows);
  for (const [key, { label }] of own) line(key, label);
  line("?", w("keys_help"));
  line("Esc", w("keys_close"));
  sheet.showModal();
}

// A key may come before htmx has looked at what it has just put there; the plain link would leave the page.
const press = (element) => {
  if (element.matches("input, select, textarea")) return element.focus();
  window.htmx?.process(element);
  element.click();
};

document.addEventListener("keydown", (event) => {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || typing(event.target) || document.querySelector("dialog[open]")) return;
  const { key } = event;
  const marked = [...document.querySelectorAll(`[data-key="${CSS.escape(key)}"]`)].find(visible);
  if (key === "j" && rows().length) step(1);
  else if (key === "k" && rows().length) step(-1);
  else if (key === "/" && document.querySelector("[data-key-search]")) document.querySelector("[data-key-search]").focus();
  else if (key === "?") help();
  else if (key === "Escape" && document.getElementById("drawer")?.children.length) window.linli?.closeDrawer();
  else if (marked) press(marked);
  else if (own.has(key)) own.get(key).run(event);
  else return;
  event.preventDefault();
});
document.addEventListener("click", (event) => {
  if (event.target.closest("[data-key-sheet]")) help();
  const row = event.target.closest("[data-key-rows] > tr, [data-key-rows] > li");
  if (row) for (const other of rows()) other.classList.toggle("is-current", other === row);
});
export function mount() {}
