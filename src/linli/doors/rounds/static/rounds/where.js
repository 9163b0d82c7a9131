// The phone's position goes along with each tap, once it is known: asked for on this page only, never followed.
const forms = [...document.querySelectorAll("form[data-where]")];
function fill({ coords }) {
  for (const form of forms) {
    form.elements.lng.value = coords.longitude.toFixed(7);
    form.elements.lat.value = coords.latitude.toFixed(7);
    form.elements.accuracy.value = String(Math.round(coords.accuracy));
  }
}
if (forms.length && "geolocation" in navigator) {
  navigator.geolocation.getCurrentPosition(fill, () => {}, { enableHighAccuracy: true, timeout: 15000, maximumAge: 30000 });
}
// After a tap the page comes back at the next point that nobody has looked at.
if (location.hash === "#next") document.querySelector(".rounds-stop:not(.is-ok, .is-bad)")?.scrollIntoView({ block: "center" });
