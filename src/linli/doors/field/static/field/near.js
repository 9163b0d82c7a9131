// Distances on the cards, reckoned in the phone: the position leaves it nowhere. With ?near=1 the nearest come first.
const cards = [...document.querySelectorAll(".field-card")];
const wanted = new URLSearchParams(location.search).get("near") === "1";

function metres(card, { longitude, latitude }) {
  const [lng, lat] = [Number(card.dataset.lng), Number(card.dataset.lat)];
  if (!card.dataset.lng) return Infinity;
  const east = (lng - longitude) * 111320 * Math.cos((latitude * Math.PI) / 180);
  return Math.hypot(east, (lat - latitude) * 111320);
}
function show(coords) {
  for (const card of cards) {
    const far = metres(card, coords);
    const place = card.querySelector("[data-metres]");
    card.metres = far;
    place.hidden = !Number.isFinite(far);
    place.textContent = far < 995 ? `${Math.round(far / 10) * 10 || 10} m` : `${(far / 1000).toFixed(1)} km`;
  }
  if (!wanted) return;
  const groups = [...document.querySelectorAll(".field-group")];
  if (!groups.length) return;
  groups[0].querySelector(".ll-cards").append(...cards.sort((one, other) => one.metres - other.metres));
  groups[0].querySelector("h2").hidden = true;
  for (const group of groups.slice(1)) group.remove();
}
function ask() {
  navigator.geolocation.getCurrentPosition(({ coords }) => show(coords), () => {
    const note = document.querySelector("[data-near-failed]");
    if (note && wanted) note.hidden = false;
  }, { enableHighAccuracy: true, timeout: 10000, maximumAge: 60000 });
}
if (cards.length && "geolocation" in navigator) {
  // Nobody is asked out of the blue: only when the order was wanted, or the phone has said yes before.
  if (wanted) ask();
  else navigator.permissions?.query({ name: "geolocation" }).then((may) => { if (may.state === "granted") ask(); }, () => {});
}
