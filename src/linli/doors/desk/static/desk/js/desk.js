// The list and the case in its drawer: walking with j and k, opening with o, selecting with x, nothing else moves.
import { register } from "../../web/js/keys.js";

const drawer = document.getElementById("drawer");
const current = () => document.querySelector("[data-key-rows] > tr.is-current");
const open = () => current()?.querySelector("[data-row-open]")?.click();
const list = document.querySelector("[data-key-rows]");

if (list) {
  register("o", list.dataset.openLabel, open);
  register("e", list.dataset.openLabel, open); // with a case open its own next step has this key
  register("x", list.dataset.selectLabel, () => {
    const box = current()?.querySelector("input[type=checkbox]");
    if (box) { box.checked = !box.checked; selected(); }
  });
}

// With the drawer open, walking through the list shows the next case in it.
let later;
document.addEventListener("keydown", (event) => {
  if (!["j", "k"].includes(event.key) || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.target.closest?.("input, textarea, select") || !drawer?.children.length) return;
  clearTimeout(later);
  later = setTimeout(open, 180);
});
document.addEventListener("click", (event) => {
  const link = event.target.closest?.("[data-row-open]");
  if (!link) return;
  for (const row of document.querySelectorAll("[data-key-rows] > tr")) row.classList.toggle("is-current", row.contains(link));
});
document.addEventListener("linli:drawer-closed", () => {
  const here = new URL(location.href);
  if (here.searchParams.has("case")) {
    here.searchParams.delete("case");
    history.replaceState(history.state, "", here);
  }
});

// What is selected, said in words; the buttons wait for a selection.
const bulk = document.querySelector("[data-bulk]");
const boxes = () => [...document.querySelectorAll("#bulk tbody input[type=checkbox]")];
function selected() {
  if (!bulk) return;
  const count = boxes().filter((box) => box.checked).length;
  bulk.hidden = !count;
  const label = bulk.querySelector("[data-bulk-words]");
  label.textContent = label.dataset.one.replace("{n}", count);
}
document.addEventListener("change", (event) => {
  if (event.target.matches?.("[data-check-all]")) for (const box of boxes()) box.checked = event.target.checked;
  if (event.target.closest?.("#bulk")) selected();
});
selected();

// Another item in the quick form: its own filing rules and its owner come with it.
document.addEventListener("linli:chosen", (event) => {
  const place = event.target.closest?.("[data-process-item]");
  if (!place || !window.htmx) return;
  const url = new URL(place.dataset.processItem, location.href);
  url.searchParams.set("item", event.detail.value);
  window.htmx.ajax("GET", url.pathname + url.search, { target: place.closest("[data-step]"), swap: "outerHTML" });
});
