// <form data-draft="report"> keeps what is typed in this browser and gives it back after a reload, a lost
// connection or a conflict. It is forgotten when the page that follows says so: any element with
// data-draft-clear="report", or the htmx event "linli:draft-clear" with {id}.
import { h, icon, w } from "./words.js";

const PREFIX = "linli-draft:";
const DAYS = 14;
const skip = (field) =>
  !field.name || field.disabled || ["password", "file", "submit", "button"].includes(field.type) ||
  field.name === "csrfmiddlewaretoken" || field.hasAttribute("data-draft-skip") ||
  (field.type === "hidden" && !field.hasAttribute("data-draft-keep"));

function fields(form) {
  return [...form.elements].filter((field) => !skip(field));
}

export function snapshot(form) {
  const values = {};
  for (const field of fields(form)) {
    if (field.type === "checkbox" || field.type === "radio") {
      if (field.checked) (values[field.name] ??= []).push(field.value);
      else values[field.name] ??= [];
    } else if (field.type === "select-multiple") {
      values[field.name] = [...field.selectedOptions].map((option) => option.value);
    } else {
      values[field.name] = field.value;
    }
  }
  return values;
}

export function keep(form) {
  const id = form.dataset.draft;
  try {
    localStorage.setItem(PREFIX + id, JSON.stringify({ at: Date.now(), values: snapshot(form) }));
  } catch { /* storage full or forbidden: typing goes on without a draft */ }
}

export function forget(id) {
  try {
    localStorage.removeItem(PREFIX + id);
    const unsent = JSON.parse(localStorage.getItem("linli-unsent") || "[]").filter((other) => other !== id);
    localStorage.setItem("linli-unsent", JSON.stringify(unsent));
  } catch { /* nothing was kept */ }
  document.dispatchEvent(new CustomEvent("linli:draft-forgotten", { detail: { id } }));
}

function read(id) {
  try {
    const kept = JSON.parse(localStorage.getItem(PREFIX + id) || "null");
    if (kept && Date.now() - kept.at < DAYS * 86400e3) return kept.values;
  } catch { /* an old or broken draft is no draft */ }
  return null;
}

function restore(form, values) {
  let restored = 0;
  for (const field of fields(form)) {
    if (!(field.name in values)) continue;
    const kept = values[field.name];
    if (field.type === "checkbox" || field.type === "radio") {
      const should = kept.includes(field.value);
      if (should !== field.checked && field.checked === field.defaultChecked) { field.checked = should; restored += should ? 1 : 0; }
    } else if (field.type === "select-multiple") {
      for (const option of field.options) option.selected = kept.includes(option.value);
    } else if (kept && field.value !== kept && (field.value === "" || field.tagName === "SELECT")) {
      field.value = kept;
      restored += 1;
      field.dispatchEvent(new Event("input", { bubbles: true }));
    }
  }
  return restored;
}

export function mount(root) {
  for (const done of root.querySelectorAll("[data-draft-clear]")) forget(done.dataset.draftClear);
  const forms = [...root.querySelectorAll("form[data-draft]")];
  if (root.matches?.("form[data-draft]")) forms.push(root);
  for (const form of forms) {
    if (form.dataset.draftOn) continue;
    form.dataset.draftOn = "1";
    const values = read(form.dataset.draft);
    if (values && restore(form, values)) {
      const note = h("div", { class: "ll-note is-info mb-3", role: "status" }, icon("device-floppy"), h("p", {}, w("draft_restored")));
      note.append(h("div", { class: "ll-note-actions" }, h("button", {
        type: "button", class: "btn btn-sm",
        onclick: () => { forget(form.dataset.draft); form.reset(); note.remove(); },
      }, w("draft_discard"))));
      form.prepend(note);
      form.dispatchEvent(new CustomEvent("linli:draft-restored", { bubbles: true, detail: { values } }));
    }
    let timer;
    const later = () => { clearTimeout(timer); timer = setTimeout(() => keep(form), 400); };
    form.addEventListener("input", later);
    form.addEventListener("change", later);
    form.addEventListener("submit", () => { clearTimeout(timer); keep(form); }, true);
    window.addEventListener("pagehide", () => { if (form.isConnected && fields(form).some((field) => field.value && field.value !== field.defaultValue)) keep(form); });
  }
}
document.addEventListener("linli:draft-clear", (event) => forget(event.detail?.id ?? event.detail?.value));
