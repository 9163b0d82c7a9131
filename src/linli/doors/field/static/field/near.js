// "Nearest first": asks the phone once for its position and opens the list with it. The position is not stored.
const button = document.querySelector("[data-near]");
if (button && "geolocation" in navigator) {
  button.hidden = false;
  button.addEventListener("click", () => {
    button.disabled = true;
    navigator.geolocation.getCurrentPosition(
      ({ coords }) => { location.search = new URLSearchParams({ near: 1, lng: coords.longitude.toFixed(6), lat: coords.latitude.toFixed(6) }); },
      () => { button.disabled = false; },
      { timeout: 10000, maximumAge: 60000 },
    );
  });
}
