// The colours change at once; the server remembers them for the next page.
import { csrf } from "./words.js";

const device = window.matchMedia("(prefers-color-scheme: dark)");

// light, dark, sun or night: what is on the screen now.
export function ground() {
  const root = document.documentElement;
  if (root.classList.contains("sun")) return "sun";
  if (root.classList.contains("night")) return "night";
  return root.getAttribute("data-bs-theme") || (device.matches ? "dark" : "light");
}

export function setTheme(theme) {
  const root = document.documentElement;
  root.classList.toggle("sun", theme === "sun");
  root.classList.toggle("night", theme === "night");
  const base = { sun: "light", night: "dark", auto: "" }[theme] ?? theme;
  if (base) root.setAttribute("data-bs-theme", base);
  else root.removeAttribute("data-bs-theme");
  document.dispatchEvent(new CustomEvent("linli:theme", { detail: { theme, ground: ground() } }));
}

export function wireTheme() {
  device.addEventListener("change", () => document.dispatchEvent(new CustomEvent("linli:theme", { detail: { ground: ground() } })));
  document.addEventListener("submit", (event) => {
    const form = event.target.closest("form[data-theme-choice]");
    const chosen = event.submitter?.value;
    if (!form || !chosen) return;
    event.preventDefault();
    setTheme(chosen);
    for (const button of form.querySelectorAll("[aria-pressed]")) button.setAttribute("aria-pressed", String(button.value === chosen));
    const body = new URLSearchParams({ theme: chosen });
    fetch(form.action, { method: "POST", body, headers: { "X-CSRFToken": csrf(), "X-Quiet": "1" } }).catch(() => {});
  }, true);
}
