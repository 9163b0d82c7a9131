// "Use where I am now": asks the phone once, then opens the page for that point.
const button = document.querySelector("[data-locate]");
const said = document.querySelector("[data-locate-said]");
const form = document.getElementById("who-form");
if (button && "geolocation" in navigator) {
  button.hidden = false;
  button.addEventListener("click", () => {
    button.disabled = true;
    navigator.geolocation.getCurrentPosition(
      ({ coords }) => { location.search = new URLSearchParams({ lng: coords.longitude.toFixed(6), lat: coords.latitude.toFixed(6) }); },
      () => { button.disabled = false; said.hidden = false; said.textContent = said.dataset.locateSaid || form.querySelector("label").textContent; },
      { timeout: 10000, maximumAge: 60000 },
    );
  });
}
form?.addEventListener("linli:chosen", (event) => { if ((event.detail.item ?? event.detail).value) form.requestSubmit(); });
