// Reporting in three steps on two screens: what; then where and send. Told on the way: the guessed item, the place
// under the pin in words, likely duplicates. Without this script the page is one plain form.
import { watchDuplicates } from "../common/js/duplicates.js";
import { locate } from "./position.js";

const form = document.getElementById("report-form");
const field = (name) => [...form.querySelectorAll(`[name="${name}"]`)].find((one) => one.type !== "radio");
const texts = JSON.parse(document.getElementById("report-texts")?.textContent || "{}");
const screens = [[1], [2, 3]];
const steps = [...form.querySelectorAll("[data-step]")];
const marks = [...form.querySelectorAll("[data-step-mark]")];
const back = form.querySelector("[data-step-back]");
const next = form.querySelector("[data-step-next]");
const send = form.querySelector(".report-send");
const map = document.getElementById("report-map");
const where = document.getElementById("where-words");

// ---- screens
let at = 0;
const placed = () => !!(field("lng").value || field("place").value || form.querySelector("[name=place]:checked"));
function mark() {
  const now = at === 0 ? 1 : placed() ? 3 : 2;
  for (const one of marks) {
    const own = Number(one.dataset.stepMark);
    one.classList.toggle("is-done", own < now);
    if (own === now) one.setAttribute("aria-current", "step"); else one.removeAttribute("aria-current");
  }
}
function show(number, focus = true) {
  at = Math.min(Math.max(number, 0), screens.length - 1);
  for (const step of steps) step.hidden = !screens[at].includes(Number(step.dataset.step));
  back.hidden = at === 0;
  next.hidden = at === screens.length - 1;
  send.hidden = !next.hidden;
  mark();
  if (focus) {
    const legend = steps.find((step) => !step.hidden).querySelector("legend");
    legend.setAttribute("tabindex", "-1");
    legend.focus({ preventScroll: true });
    window.scrollTo({ top: 0 });
  }
}
const wrong = form.querySelector("[aria-invalid='true']");
show(wrong ? screens.findIndex((screen) => screen.includes(Number(wrong.closest("[data-step]")?.dataset.step ?? 1))) : 0, false);
wrong?.focus();

const told = () => field("words").value.trim() || form.querySelector(".ll-upload-item");
const sayLine = form.querySelector("[data-say-something]");
function complain(line, words) { line.textContent = words; line.hidden = !words; }
next.addEventListener("click", () => {
  complain(sayLine, told() ? "" : texts.say);
  if (!told()) { field("words").focus(); return; }
  show(at + 1);
  if (placed()) look();
  else navigator.permissions?.query({ name: "geolocation" }).then((may) => { if (may.state === "granted") here(); }, () => {});
});
back.addEventListener("click", () => show(at - 1));
form.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && event.target.matches("input[type=text], input:not([type])") && at < screens.length - 1) { event.preventDefault(); next.click(); }
});
form.addEventListener("submit", (event) => {
  if (placed() || field("place_name").value.trim()) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  show(1, false);
  say(texts.no_place, "is-wrong");
  form.querySelector("[data-locate]").focus();
}, true);

// ---- what: the item a person agreed to; the guess itself decides nothing
const chosen = form.querySelector(".report-item");
const guess = form.querySelector(".report-guess");
function item(value, name) {
  field("item").value = value;
  field("item_name").value = name;
  form.querySelector("[data-item-name]").textContent = name;
  chosen.hidden = !value;
  guess.hidden = !!value;
}
form.querySelector("[data-item-clear]").addEventListener("click", () => { item("", ""); field("words").focus(); });

// ---- where
function say(words, look = "") {
  where.hidden = !words;
  where.className = `report-said ${look}`;
  where.querySelector("span").textContent = words;
}
function pin(lng, lat, accuracy) {
  field("lng").value = lng.toFixed(7);
  field("lat").value = lat.toFixed(7);
  field("accuracy").value = accuracy ? String(Math.round(accuracy)) : "";
  field("lng").dispatchEvent(new Event("change", { bubbles: true }));
  map.setPin?.(lng, lat, accuracy);
  map.fly?.(lng, lat, 17);
  moved();
}
function moved() {
  field("place").value = "";
  field("place_name").value = "";
  mark();
  look();
}
const locateButton = form.querySelector("[data-locate]");
async function here() {
  say(texts.locating);
  locateButton.disabled = true;
  try {
    const { longitude, latitude, accuracy } = await locate();
    pin(longitude, latitude, accuracy);
  } catch {
    say(texts.not_located, "is-wrong");
  }
  locateButton.disabled = false;
}
locateButton.addEventListener("click", here);
form.querySelector("[data-show-map]").addEventListener("click", async (event) => {
  map.hidden = !map.hidden;
  event.currentTarget.setAttribute("aria-expanded", String(!map.hidden));
  if (map.hidden) return;
  await customElements.whenDefined("linli-map");
  if (!map.classList.contains("is-plain")) map.show();
  map.scrollIntoView({ block: "nearest" });
});
form.addEventListener("linli:pin", moved);
// A photo that knows where it was taken places the report, unless the person said otherwise.
form.addEventListener("linli:photo-place", ({ detail }) => { if (!placed()) pin(detail.lng, detail.lat, 0); });
form.addEventListener("linli:chosen", (event) => {
  const found = event.detail.item ?? event.detail;
  if (event.target.closest(".report-guess")) { item(found.value, found.label); return; }
  field("place").value = found.value;
  for (const name of ["lng", "lat", "accuracy"]) field(name).value = "";
  if (found.lng) { map.setPin?.(found.lng, found.lat); map.fly?.(found.lng, found.lat, 17); }
  say(texts.here.replace("{}", [found.hint, found.label].filter(Boolean).join(" › ")));
  mark();
  if (found.lng) likely.ask(found.lng, found.lat);
});
field("place_name").addEventListener("input", () => { field("place").value = ""; mark(); });

async function look() {
  const [lng, lat] = [field("lng").value, field("lat").value];
  if (!lng || !lat) return;
  const url = new URL(form.dataset.where, location.href);
  url.search = new URLSearchParams({ lng, lat, accuracy: field("accuracy").value });
  try {
    const found = await (await fetch(url)).json();
    if (found.kind === "outside") say(texts.outside, "is-wrong");
    else if (found.names) say(texts.here.replace("{}", found.names.join(" › ")) + (found.kind === "no_grid" ? texts.no_grid : ""));
    else say(found.message ?? "", "is-wrong");
  } catch {
    // No connection: the point itself is known, its name is not.
    say(texts.point);
  }
  likely.ask(Number(lng), Number(lat));
}

// ---- has somebody told this already?
const likely = watchDuplicates(form, { box: document.getElementById("duplicates"), template: document.getElementById("duplicate-template"), texts, send: send.querySelector("span") });

// ---- a draft comes back with its key, so that a report sent into a broken line is not made twice; new words are a
// new report
function fresh() { return [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join(""); }
form.addEventListener("linli:draft-restored", ({ detail }) => {
  if (detail.values.key) field("key").value = detail.values.key;
  field("words").addEventListener("change", () => { field("key").value = fresh(); }, { once: true });
  if (field("item").value) item(field("item").value, field("item_name").value);
  mark();
  look();
});
form.addEventListener("reset", () => setTimeout(() => { for (const name of ["lng", "lat", "accuracy", "place", "join"]) field(name).value = ""; field("key").value = fresh(); item("", ""); say(""); likely.clear(); mark(); }));
if (field("item").value) item(field("item").value, field("item_name").value);
if (field("lng").value) look();
