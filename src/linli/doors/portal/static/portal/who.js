// "Use where I am now": asks the phone once, then opens the page for that point. The position is not stored.
import { locate } from "./position.js";

const form = document.getElementById("who-form");
const button = form.querySelector("[data-locate]");
const said = form.querySelector("[data-locate-said]");
button.hidden = !("geolocation" in navigator);
button.addEventListener("click", async () => {
  button.disabled = true;
  said.hidden = true;
  try {
    const { longitude, latitude } = await locate();
    location.search = new URLSearchParams({ lng: longitude.toFixed(6), lat: latitude.toFixed(6) });
  } catch {
    button.disabled = false;
    said.textContent = said.dataset.locateSaid;
    said.hidden = false;
    form.querySelector("#who-q").focus();
  }
});
form.addEventListener("linli:chosen", (event) => { if (event.detail.value) location.search = new URLSearchParams({ place: event.detail.value }); });
