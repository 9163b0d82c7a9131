// <button data-read-aloud="#main">: reads a part of the page aloud; pressing again stops.
import { icon, w } from "./words.js";

const lang = document.documentElement.lang === "en" ? "en-US" : "zh-CN";

function words(part) {
  const copy = part.cloneNode(true);
  for (const silent of copy.querySelectorAll("script, style, nav, linli-map, [aria-hidden='true'], [hidden], .ll-hint, button")) silent.remove();
  return copy.textContent.replace(/\s+/g, " ").trim();
}
function label(button, key, sign) {
  const span = document.createElement("span");
  span.textContent = w(key);
  button.replaceChildren(icon(sign), span);
}
export function mount(root) {
  for (const button of root.querySelectorAll("[data-read-aloud]")) {
    if (button.dataset.on) continue;
    button.dataset.on = "1";
    if (!("speechSynthesis" in window)) { button.hidden = true; continue; }
    label(button, "read_aloud", "volume");
    button.addEventListener("click", () => {
      if (speechSynthesis.speaking) { speechSynthesis.cancel(); label(button, "read_aloud", "volume"); return; }
      const part = document.querySelector(button.dataset.readAloud) ?? document.getElementById("main");
      // Long speech stops by itself in some browsers: sentences are spoken one by one.
      const sentences = words(part).match(/[^。！？.!?]+[。！？.!?]?/g) ?? [];
      sentences.forEach((sentence, at) => {
        const speech = new SpeechSynthesisUtterance(sentence);
        speech.lang = lang;
        speech.rate = 0.9;
        if (at === sentences.length - 1) speech.onend = () => label(button, "read_aloud", "volume");
        speechSynthesis.speak(speech);
      });
      label(button, "read_stop", "volume-off");
    });
  }
}
window.addEventListener("pagehide", () => window.speechSynthesis?.cancel());
