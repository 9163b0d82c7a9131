// The patrol report: camera first, the phone's position as the place, what others have told shown before sending.
import { watchDuplicates } from "../common/js/duplicates.js";
import { camera } from "./camera.js";

const form = document.getElementById("patrol-form");
const field = (name) => form.elements[name];
const texts = JSON.parse(document.getElementById("patrol-texts").textContent);
const chosen = form.querySelector(".patrol-item");
const map = form.querySelector("linli-map");
const said = form.querySelector("[data-said]");
camera(form, texts.album);

const likely = watchDuplicates(form, { box: document.getElementById("duplicates"), template: document.getElementById("duplicate-template"), texts, send: form.querySelector("[data-send] span") });
function say(words) { said.hidden = !words; said.querySelector("span").textContent = words; }
function look() { if (field("lng").value) likely.ask(Number(field("lng").value), Number(field("lat").value)); }
function item(value, name) {
  field("item").value = value;
  field("item_name").value = name;
  form.querySelector("[data-item-name]").textContent = name;
  chosen.hidden = !value;
  form.querySelector(".patrol-guess").hidden = !!value;
  look();
}
form.addEventListener("linli:chosen", (event) => {
  const found = event.detail.item ?? event.detail;
  if (event.target.closest(".patrol-guess")) item(found.value, found.label);
  else if (event.target.closest(".patrol-place")) {
    field("place").value = found.value;
    for (const name of ["lng", "lat", "accuracy"]) field(name).value = "";
    say("");
    if (found.lng) { map?.setPin?.(found.lng, found.lat); likely.ask(found.lng, found.lat); }
  }
});
form.addEventListener("linli:pin", () => { field("place").value = ""; field("place_name").value = ""; say(""); look(); });
field("words").addEventListener("change", look);
form.querySelector("[data-item-clear]").addEventListener("click", () => item("", ""));
function restored() { if (field("item").value) item(field("item").value, field("item_name").value); else look(); }
form.addEventListener("linli:draft-restored", ({ detail }) => { if (detail.values.key) field("key").value = detail.values.key; restored(); });
restored();

if (!field("lng").value && !field("place").value && "geolocation" in navigator) {
  navigator.geolocation.getCurrentPosition(({ coords }) => {
    if (field("lng").value || field("place").value) return;
    field("lng").value = coords.longitude.toFixed(7);
    field("lat").value = coords.latitude.toFixed(7);
    field("accuracy").value = String(Math.round(coords.accuracy));
    map?.setPin?.(coords.longitude, coords.latitude, coords.accuracy);
    say(texts.located.replace("{n}", Math.round(coords.accuracy)));
    look();
  }, () => say(texts.not_located), { enableHighAccuracy: true, timeout: 15000 });
}
