// The forms of steps: several things chosen one by one as chips, Ctrl+Enter sends, Esc closes.
import { h, icon } from "../../web/js/words.js";

document.addEventListener("linli:chosen", (event) => {
  const box = event.target.closest("[data-many]");
  if (!box) return;
  const { value, label } = event.detail;
  const list = box.querySelector("[data-many-list]");
  const input = box.querySelector("input[type=text]");
  input.value = "";
  if ([...list.querySelectorAll("input")].some((known) => known.value === String(value))) return;
  list.append(h("span", { class: "ll-chip" }, label,
    h("button", { type: "button", class: "btn-clear", "data-many-drop": true, "aria-label": `× ${label}` }, icon("x", "sm")),
    h("input", { type: "hidden", name: box.dataset.many, value })));
});
document.addEventListener("click", (event) => {
  event.target.closest("[data-many-drop]")?.closest(".ll-chip").remove();
  const close = event.target.closest("[data-step-close]");
  if (close) shut(close.closest("[data-step]"));
});
function shut(step) {
  const opener = document.querySelector(`[data-step-open="${step.dataset.step}"]`);
  step.remove();
  opener?.focus();
}
document.addEventListener("keydown", (event) => {
  const step = event.target.closest?.("[data-step]");
  if (!step) return;
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
    event.preventDefault();
    step.querySelector("[data-step-send]")?.click();
  } else if (event.key === "Escape" && !event.defaultPrevented && step.querySelector("[data-step-close]")) {
    event.preventDefault();
    shut(step);
  }
}, true);
// A form that comes in place takes the keyboard: its first wrong field, else its first field.
document.addEventListener("htmx:afterSettle", (event) => {
  const step = event.detail.elt.matches?.("[data-step]") ? event.detail.elt : event.detail.elt.querySelector?.("[data-step]");
  if (!step) return;
  const first = step.querySelector("[aria-invalid='true']") ?? step.querySelector("textarea, input:not([type=hidden]):not([type=file]), select, [data-step-send]");
  first?.focus();
});
