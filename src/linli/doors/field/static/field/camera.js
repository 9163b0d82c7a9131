// The camera opens at one tap; a second, quieter button takes a photo from the album.
import { h, icon } from "../web/js/words.js";

export function camera(root, words) {
  for (const box of root.querySelectorAll("[data-photos]")) {
    const input = box.querySelector("input[type=file]");
    if (!input || box.dataset.camera) continue;
    box.dataset.camera = "on";
    input.setAttribute("capture", "environment");
    box.after(h("button", { type: "button", class: "btn btn-sm btn-quiet field-album", onclick: () => {
      input.removeAttribute("capture");
      input.click();
      setTimeout(() => input.setAttribute("capture", "environment"), 500);
    } }, icon("photo"), words));
  }
}
