// The three steps of reporting, and what is told while typing: the guessed item, the place under the pin, likely
// duplicates. Without this script the page is one plain form.

const form = document.getElementById("report-form");
const field = (name) => form.elements[name];
const texts = JSON.parse(document.getElementById("report-texts")?.textContent || "{}");
const steps = [...form.querySelectorAll("[data-step]")];
const marks = [...form.querySelectorAll("[data-step-mark]")];
const back = form.querySelector("[data-step-back]");
const next = form.querySelector("[data-step-next]");
const send = form.querySelector(".report-send");

let at = 1;
function show(number, focus = true) {
  at = Math.min(Math.max(number, 1), steps.length);
  for (const step of steps) step.hidden = Number(step.dataset.step) !== at;
  for (const mark of marks) {
    const own = Number(mark.dataset.stepMark);
    mark.classList.toggle("is-done", own < at);
    if (own === at) mark.setAttribute("aria-current", "step"); else mark.removeAttribute("aria-current");
  }
  back.hidden = at === 1;
  next.hidden = at === steps.length;
  send.hidden = at !== steps.length;
  if (focus) {
    steps[at - 1].querySelector("legend").setAttribute("tabindex", "-1");
    steps[at - 1].querySelector("legend").focus();
    window.scrollTo({ top: 0 });
  }
}
const wrong = form.querySelector(".is-invalid");
show(wrong ? Number(wrong.closest("[data-step]").dataset.step) : 1, false);
back.addEventListener("click", () => show(at - 1));
next.addEventListener("click", () => { if (at === 2) look(); show(at + 1); });
form.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && event.target.matches("input") && at < steps.length) { event.preventDefault(); next.click(); }
});

// The item a person agreed to; the guess itself decides nothing.
const chosen = form.querySelector(".report-item");
function item(value, name) {
  field("item").value = value;
  field("item_name").value = name;
  form.querySelector("[data-item-name]").textContent = name;
  chosen.hidden = !value;
}
form.addEventListener("linli:chosen", (event) => {
  const found = event.detail.item ?? event.detail;
  if (event.target.closest(".report-guess")) item(found.value, found.label);
  else if (found.value) {
    field("place").value = found.value;
    if (found.lng) form.querySelector("linli-map")?.setPin?.(found.lng, found.lat);
  }
});
form.querySelector("[data-item-clear]").addEventListener("click", () => item("", ""));
if (field("item").value) item(field("item").value, field("item_name").value);

// What lies under the pin, in words.
const words = document.getElementById("where-words");
async function look() {
  const [lng, lat] = [field("lng").value, field("lat").value];
  if (!lng || !lat) return;
  try {
    const url = new URL(form.dataset.where, location.href);
    url.search = new URLSearchParams({ lng, lat, accuracy: field("accuracy").value });
    const found = await (await fetch(url)).json();
    words.textContent = found.kind === "outside" ? texts.outside : found.names ? texts.here.replace("{}", found.names.join(" › ")) : "";
    if (found.kind === "no_grid") words.textContent += texts.no_grid;
    duplicates(lng, lat);
  } catch { words.textContent = ""; }
}
form.addEventListener("linli:pin", () => { field("place").value = ""; look(); });

// Has somebody told this already?
const place = document.getElementById("duplicates");
async function duplicates(lng, lat) {
  const url = new URL(form.dataset.duplicates, location.href);
  url.search = new URLSearchParams({ lng, lat, words: field("words").value, item: field("item").value });
  const found = await (await fetch(url)).json();
  place.replaceChildren(...found.slice(0, 2).map(card));
}
function card(one) {
  const node = document.getElementById("duplicate-template").content.cloneNode(true).firstElementChild;
  node.querySelector("[data-dup-title]").textContent = texts.duplicate.replace("{n}", one.reports).replace("{metres}", one.metres);
  node.querySelector("[data-dup-words]").textContent = [one.item, one.words, one.state].filter(Boolean).join(" · ");
  const join = node.querySelector("[data-dup-join]");
  join.addEventListener("click", () => { field("join").value = one.id; node.classList.add("is-chosen"); join.textContent = texts.joining; show(3); });
  node.querySelector("[data-dup-other]").addEventListener("click", () => { if (field("join").value === String(one.id)) field("join").value = ""; node.remove(); });
  return node;
}
