// Rows of a plan's points or a checklist's questions: one more, one less. Without scripts there are some blank ones.
import { mount } from "../web/js/app.js";

for (const table of document.querySelectorAll("[data-rows]")) {
  const template = table.querySelector("template");
  table.querySelector("[data-row-add]")?.addEventListener("click", () => {
    const list = table.querySelector("[data-row-list]");
    list.append(template.content.cloneNode(true));
    const row = list.lastElementChild;
    mount(row);
    row.querySelector("input")?.focus();
  });
  table.addEventListener("click", (event) => {
    const drop = event.target.closest("[data-row-drop]");
    if (drop) drop.closest("[data-row]").remove();
  });
}
