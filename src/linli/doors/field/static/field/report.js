// The patrol report: the guessed item is offered, never decided; the phone's position becomes the pin.
const form = document.getElementById("patrol-form");
const field = (name) => form.elements[name];
const chosen = form.querySelector(".patrol-item");
function item(value, name) {
  field("item").value = value;
  field("item_name").value = name;
  form.querySelector("[data-item-name]").textContent = name;
  chosen.hidden = !value;
}
form.addEventListener("linli:chosen", (event) => {
  const found = event.detail.item ?? event.detail;
  if (event.target.closest(".patrol-guess")) item(found.value, found.label);
  else if (event.target.closest(".patrol-place")) {
    field("place").value = found.value;
    if (found.lng) form.querySelector("linli-map")?.setPin?.(found.lng, found.lat);
  }
});
form.addEventListener("linli:pin", () => { field("place").value = ""; });
form.querySelector("[data-item-clear]").addEventListener("click", () => item("", ""));
if (field("item").value) item(field("item").value, field("item_name").value);
if (!field("lng").value && "geolocation" in navigator) {
  navigator.geolocation.getCurrentPosition(({ coords }) => {
    if (field("lng").value) return;
    field("lng").value = coords.longitude.toFixed(6);
    field("lat").value = coords.latitude.toFixed(6);
    field("accuracy").value = Math.round(coords.accuracy);
    form.querySelector("linli-map")?.setPin?.(coords.longitude, coords.latitude, coords.accuracy);
  }, () => {}, { enableHighAccuracy: true, timeout: 15000 });
}
