// Photos inside [data-lightbox] open large; arrow keys walk, Escape closes. Without scripts they are plain links.
import { h, icon, w } from "./words.js";

let box, picture, caption, place, all = [], at = 0;

function build() {
  picture = h("img", { alt: "" });
  caption = h("span", { class: "ll-grow" });
  place = h("span", { class: "ll-num" });
  const button = (label, sign, run) => h("button", { type: "button", "aria-label": label, onclick: run }, icon(sign));
  box = h("dialog", { class: "ll-lightbox", "aria-label": w("photo_n", { n: "" }).trim() },
    h("div", { class: "ll-lightbox-bar" }, caption, place, button(w("close"), "x", () => box.close())),
    picture,
    h("div", { class: "ll-lightbox-bar" }, button(w("previous"), "chevron-left", () => show(at - 1)), h("span", { class: "ll-grow" }), button(w("next"), "chevron-right", () => show(at + 1))),
  );
  box.addEventListener("keydown", (event) => {
    if (event.key === "ArrowLeft") show(at - 1);
    if (event.key === "ArrowRight") show(at + 1);
  });
  box.addEventListener("click", (event) => { if (event.target === picture) box.close(); });
  document.body.append(box);
}
function show(index) {
  at = (index + all.length) % all.length;
  const link = all[at];
  picture.src = link.href;
  picture.alt = link.querySelector("img")?.alt ?? "";
  caption.textContent = link.dataset.caption || picture.alt;
  place.textContent = `${at + 1}/${all.length}`;
}
document.addEventListener("click", (event) => {
  const link = event.target.closest("[data-lightbox] a");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  if (!box) build();
  all = [...link.closest("[data-lightbox]").querySelectorAll("a")];
  show(all.indexOf(link));
  box.showModal();
});
export function mount() {}
