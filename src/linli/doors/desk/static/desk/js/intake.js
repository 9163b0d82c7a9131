// Taking in one demand after another with the keyboard: Enter saves, Alt+1…5 choose the item, what may be the same is shown.
import { h, icon } from "../../web/js/words.js";

const form = () => document.getElementById("intake-form");
const field = (name) => form()?.elements[name];
const words = () => field("words");

// The likely items for the words, as chips with their number.
let timer;
let guesses = [];
document.addEventListener("input", (event) => {
  if (event.target !== words()) return;
  clearTimeout(timer);
  timer = setTimeout(guess, 300);
});
async function guess() {
  const text = words()?.value.trim() ?? "";
  if (text.length < 2) return draw([]);
  const url = new URL(form().dataset.items, location.href);
  url.searchParams.set("q", text.slice(0, 300));
  try {
    const answer = await fetch(url, { headers: { Accept: "application/json" } });
    if (answer.ok && words()?.value.trim() === text) draw(await answer.json());
  } catch { /* a help, never a condition */ }
}
function draw(found) {
  guesses = found.slice(0, 5);
  const place = form().querySelector("[data-guesses]");
  place.replaceChildren(...guesses.map((item, at) => h("button", {
    type: "button", class: "ll-chip", title: item.hint || false, "aria-pressed": String(chosen() === item.value),
    onclick: () => choose(at),
  }, h("kbd", {}, String(at + 1)), item.label)));
}
const chosen = () => form().querySelector("[name=item][data-suggest-value]")?.value;
function choose(at) {
  const item = guesses[at];
  if (!item) return;
  form().querySelector("[name=item][data-suggest-value]").value = item.value;
  form().querySelector("[name=item_text]").value = item.label;
  draw(guesses);
  near();
}

// What others told of the same spot: join instead of repeating.
let spot;
document.addEventListener("linli:chosen", (event) => {
  if (!event.target.closest("#intake-form") || event.detail.lng === undefined) return;
  spot = event.detail;
  near();
});
async function near() {
  const list = form().querySelector("[data-near-list]");
  if (!spot?.lng || !words().value.trim()) { list.replaceChildren(); return; }
  const url = new URL(form().dataset.duplicates, location.href);
  url.search = new URLSearchParams({ lng: spot.lng, lat: spot.lat, words: words().value.slice(0, 300), item: chosen() ?? "" });
  try {
    const answer = await fetch(url);
    if (answer.ok) list.replaceChildren(...(await answer.json()).slice(0, 3).map(card));
  } catch { /* a help, never a condition */ }
}
function card(one) {
  const join = h("input", { type: "checkbox", class: "form-check-input", onchange: () => {
    for (const other of form().querySelectorAll("[data-near-list] input")) if (other !== join) other.checked = false;
    field("join").value = join.checked ? one.id : "";
  } });
  return h("label", { class: "ll-note is-info" }, icon("users"),
    h("strong", {}, `${one.number} ${one.item}`),
    h("p", {}, `${form().dataset.near.replace("{m}", one.metres).replace("{n}", one.reports)} · ${one.state} · ${one.words}`),
    h("p", {}, join, ` ${form().dataset.joining}`));
}

// Enter saves wherever one is; in the words Shift+Enter makes a new line. Composing Chinese is left alone.
document.addEventListener("keydown", (event) => {
  if (!event.target.closest?.("#intake-form") || event.isComposing) return;
  if (event.altKey && /^[1-5]$/.test(event.key)) {
    event.preventDefault();
    choose(Number(event.key) - 1);
  } else if (event.key === "Enter" && !event.shiftKey && !event.defaultPrevented && event.target.matches("textarea, input:not([type=checkbox])")) {
    const open = event.target.closest("[data-suggest]")?.querySelector("[role=listbox]:not([hidden]) [aria-selected='true']");
    if (open && event.target.value) return;
    event.preventDefault();
    form().requestSubmit();
  }
});
// After saving, the words are next; after a refusal, what was wrong.
document.addEventListener("htmx:afterSettle", (event) => {
  if (event.detail.elt.id !== "intake-form" && !event.detail.elt.querySelector?.("#intake-form")) return;
  const wrong = form().querySelector("[aria-invalid='true']");
  (wrong ?? words()).focus();
  if (words().value) guess();
  if (!wrong && !field("keep_place")?.checked) spot = undefined;
  document.querySelector("[data-taken-none]")?.remove();
  const count = document.querySelector("[data-taken-count]");
  if (count) count.textContent = document.querySelectorAll("#taken-list > li").length;
});
if (words() && !document.querySelector("[aria-invalid='true']")) words().focus();
if (words()?.value) guess();
