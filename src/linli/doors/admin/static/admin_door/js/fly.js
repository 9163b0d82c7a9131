// Rows of a list that fly the map to their place: <button data-fly="lng,lat" data-code="…">.
const map = document.querySelector("linli-map");
document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-fly]");
  if (!button || !map?.map) return;
  const [lng, lat] = button.dataset.fly.split(",").map(Number);
  if (Number.isFinite(lng) && Number.isFinite(lat)) map.fly(lng, lat, Number(button.dataset.zoom) || 15.5);
  if (button.dataset.code) map.choose(button.dataset.code);
  map.scrollIntoView({ block: "nearest" });
});
map?.addEventListener("linli:grid", ({ detail }) => {
  const row = document.querySelector(`tr[data-grid="${CSS.escape(detail.code)}"]`);
  for (const other of document.querySelectorAll("tr.is-current")) other.classList.remove("is-current");
  row?.classList.add("is-current");
  row?.scrollIntoView({ block: "nearest" });
});
