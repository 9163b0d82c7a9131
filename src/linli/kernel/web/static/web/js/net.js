// <linli-net>: connection and unsent work, always visible, quietly. A form with data-keep that is sent without a
// connection stays in this browser (see draft.js) and says so instead of losing what was typed.
import { keep } from "./draft.js";
import { icon, toast, w } from "./words.js";

const KEY = "linli-unsent";
const unsent = () => {
  try { return JSON.parse(localStorage.getItem(KEY) || "[]"); } catch { return []; }
};

function show() {
  const count = unsent().length;
  for (const chip of document.querySelectorAll("linli-net")) {
    chip.classList.toggle("is-off", !navigator.onLine);
    chip.classList.toggle("has-unsent", count > 0);
    const words = [navigator.onLine ? (count ? "" : w("online")) : w("offline"), count ? w("unsent", { n: count }) : ""];
    const line = document.createElement("span");
    line.textContent = words.filter(Boolean).join(" · ");
    chip.replaceChildren(icon(!navigator.onLine ? "wifi-off" : count ? "cloud-up" : "wifi"), line);
  }
}

document.addEventListener("submit", (event) => {
  const form = event.target.closest("form[data-keep], form[data-draft]");
  if (!form || navigator.onLine) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  const id = form.dataset.draft || form.id;
  if (form.dataset.draft) keep(form);
  try { localStorage.setItem(KEY, JSON.stringify([...new Set([...unsent(), id])])); } catch { /* no storage */ }
  toast(w("kept"), 8);
  show();
}, true);

for (const name of ["online", "offline", "linli:draft-forgotten"]) {
  window.addEventListener(name, show);
  document.addEventListener(name, show);
}
export function mount() { show(); }
