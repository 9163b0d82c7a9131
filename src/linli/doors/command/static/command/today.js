// The list and the map say the same: pointing at a row lifts its grid; the wall renews itself every two minutes.
const map = document.querySelector("linli-map");
for (const row of document.querySelectorAll("tr[data-grid]")) {
  row.addEventListener("mouseenter", () => row.dataset.grid && map?.choose?.(row.dataset.grid));
}
map?.addEventListener("linli:grid", (event) => {
  const row = document.querySelector(`tr[data-grid="${CSS.escape(String(event.detail.code ?? ""))}"]`);
  if (row) { row.scrollIntoView({ block: "nearest" }); row.querySelector("a").focus({ preventScroll: true }); }
});
if (document.documentElement.classList.contains("wall")) setTimeout(() => location.reload(), 120000);
