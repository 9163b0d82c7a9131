// What was found: the camera at one tap, the phone's position as the place, whose it is said while typing.
import { h, icon } from "../web/js/words.js";

const form = document.getElementById("finding-form");
const texts = JSON.parse(document.getElementById("finding-texts")?.textContent || "{}");
if (form) {
  const field = (name) => form.elements[name];
  const said = form.querySelector("[data-said]");
  const whose = form.querySelector("[data-whose-said]");
  const righted = form.querySelector("[data-righted]");
  const say = (box, words) => { box.hidden = !words; box.querySelector("span").textContent = words; };
  const fold = () => { righted.hidden = !field("righted").checked; };
  const value = (name) => [...form.querySelectorAll(`[name="${name}"]`)].map((input) => input.value).find(Boolean) ?? "";

  async function ask() {
    const item = value("item");
    if (!item || value("unit")) { say(whose, ""); return; }
    const asked = new URLSearchParams({ item, place: form.dataset.place, lng: field("lng").value, lat: field("lat").value });
    try {
      const found = await (await fetch(`${form.dataset.whose}?${asked}`)).json();
      say(whose, found.name ? texts.whose.replace("{unit}", found.name) : "");
    } catch { say(whose, ""); }
  }
  for (const input of form.querySelectorAll("[data-photos] input[type=file]")) {
    input.closest("[data-photos]").after(h("button", { type: "button", class: "btn btn-sm btn-quiet rounds-album", onclick: () => {
      input.removeAttribute("capture");
      input.click();
      setTimeout(() => input.setAttribute("capture", "environment"), 500);
    } }, icon("photo"), texts.album));
  }
  field("righted").addEventListener("change", fold);
  form.addEventListener("linli:chosen", () => setTimeout(ask));
  form.addEventListener("linli:draft-restored", ({ detail }) => { if (detail.values.key) field("key").value = detail.values.key; fold(); ask(); });
  fold();
  ask();
  if (!field("lng").value && "geolocation" in navigator) {
    navigator.geolocation.getCurrentPosition(({ coords }) => {
      field("lng").value = coords.longitude.toFixed(7);
      field("lat").value = coords.latitude.toFixed(7);
      field("accuracy").value = String(Math.round(coords.accuracy));
      say(said, texts.located.replace("{n}", Math.round(coords.accuracy)));
      ask();
    }, () => say(said, texts.not_located), { enableHighAccuracy: true, timeout: 15000 });
  }
}
