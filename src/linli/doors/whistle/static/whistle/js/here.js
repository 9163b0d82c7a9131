// Checking in by place: the phone's position is asked for when the button is pressed, and sent with the form.
const form = document.querySelector("[data-here]");
const words = form?.querySelector("[data-here-words]");

form?.addEventListener("submit", (event) => {
  const set = (name, value) => { form.querySelector(`[name="${name}"]`).value = value; };
  if (form.querySelector('[name="lng"]').value || !("geolocation" in navigator)) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  words.textContent = form.dataset.searching;
  navigator.geolocation.getCurrentPosition(({ coords }) => {
    set("lng", coords.longitude);
    set("lat", coords.latitude);
    set("accuracy", coords.accuracy);
    form.submit();
  }, () => { words.textContent = form.dataset.denied; }, { enableHighAccuracy: true, timeout: 20000, maximumAge: 0 });
}, true);
