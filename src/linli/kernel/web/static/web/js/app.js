// Runs on every page. Small things are here; everything larger is fetched when the page has a place for it.
import { h, toast, w } from "./words.js";
import { wireTheme } from "./theme.js";

const LAZY = [
  ["linli-map", "./map.js"],
  ["[data-photos]", "./photos.js"],
  ["form[data-draft], [data-draft-clear]", "./draft.js"],
  ["[data-suggest]", "./suggest.js"],
  ["[data-key-sheet], [data-key], [data-key-rows]", "./keys.js"],
  ["linli-net, form[data-keep]", "./net.js"],
  ["[data-read-aloud]", "./readaloud.js"],
  ["[data-lightbox]", "./lightbox.js"],
  ["[data-chart]", "./chart.js"],
  ["[x-data]", "./alpine.js"],
];

// Finds what a part of the page needs and wires it; safe to call again. Until all is there, <html data-wiring>.
let wiring = 0;
export function mount(root = document) {
  for (const [selector, module] of LAZY) {
    if (root.querySelector?.(selector) || root.matches?.(selector)) {
      document.documentElement.dataset.wiring = ++wiring;
      import(module).then((part) => part.mount?.(root)).finally(() => {
        document.documentElement.dataset.wiring = --wiring;
      });
    }
  }
  for (const details of root.querySelectorAll?.("details[data-open-wide]") ?? []) {
    if (wide.matches) details.open = true;
  }
  for (const box of root.querySelectorAll?.(".ll-tablebox") ?? []) scrolling.observe(box);
}

// A table wider than its box can be scrolled by keyboard, too.
const scrolling = new ResizeObserver((entries) => {
  for (const { target } of entries) {
    if (target.scrollWidth > target.clientWidth) target.tabIndex = 0;
    else target.removeAttribute("tabindex");
  }
});

const wide = window.matchMedia("(min-width: 992px)");
wide.addEventListener("change", () => {
  for (const details of document.querySelectorAll("details[data-open-wide]")) details.open = wide.matches;
});

document.addEventListener("click", (event) => {
  for (const menu of document.querySelectorAll("details[data-menu][open]")) {
    if (!menu.contains(event.target)) menu.open = false;
  }
  const target = event.target.closest?.("[data-copy], [data-back], [data-dialog], [data-print], [data-close-drawer]");
  if (!target) return;
  if (target.dataset.copy !== undefined) {
    navigator.clipboard?.writeText(target.dataset.copy).then(
      () => toast(w("copied")),
      () => toast(w("copy_failed")),
    ) ?? toast(w("copy_failed"));
  } else if (target.dataset.back !== undefined) {
    if (history.length > 1) history.back();
    else location.assign("/");
  } else if (target.dataset.dialog !== undefined) {
    document.querySelector(target.dataset.dialog)?.showModal();
  } else if (target.dataset.print !== undefined) {
    window.print();
  } else {
    closeDrawer();
  }
});

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  for (const menu of document.querySelectorAll("details[data-menu][open]")) {
    menu.open = false;
    menu.querySelector("summary").focus();
  }
});

function closeDrawer() {
  const drawer = document.getElementById("drawer");
  if (!drawer) return;
  drawer.replaceChildren();
  document.querySelector(".is-current a, .is-current")?.focus();
  document.dispatchEvent(new CustomEvent("linli:drawer-closed"));
}

// A form is sent once, however often its button is pressed. data-repeat lifts that.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (event.defaultPrevented || form.hasAttribute("data-repeat") || form.method === "dialog" || form.method === "get") return;
  if (form.dataset.sent && Date.now() - Number(form.dataset.sent) < 15000) {
    event.preventDefault();
    return;
  }
  form.dataset.sent = String(Date.now());
  document.documentElement.classList.add("is-busy");
  setTimeout(() => { if (form.dataset.sent) toast(w("slow"), 8); }, 6000);
});
const settle = () => {
  document.documentElement.classList.remove("is-busy");
  for (const form of document.querySelectorAll("form[data-sent]")) delete form.dataset.sent;
};
window.addEventListener("pageshow", settle);
document.addEventListener("htmx:afterRequest", settle);
document.addEventListener("htmx:sendError", () => toast(w("server_silent"), 8));
document.addEventListener("htmx:timeout", () => toast(w("server_silent"), 8));
document.addEventListener("htmx:load", (event) => {
  if (event.detail.elt !== document.body) mount(event.detail.elt);
});
document.addEventListener("htmx:afterSwap", (event) => {
  if (event.detail.target?.id === "drawer") event.detail.target.focus({ preventScroll: true });
});

document.addEventListener("change", (event) => {
  const form = event.target.closest?.("form[data-submit-on-change]");
  if (form) form.requestSubmit();
});

// Of many doors in a narrow bar the one we are in is seen.
for (const here of document.querySelectorAll(".ll-nav [aria-current]")) {
  const bar = here.closest(".ll-nav");
  const from = here.getBoundingClientRect().left - bar.getBoundingClientRect().left;
  bar.scrollLeft += from - (bar.clientWidth - here.offsetWidth) / 2;
}

// An error is where the eye and the keyboard go first.
const wrong = document.querySelector("[aria-invalid='true']");
if (wrong) wrong.focus({ preventScroll: false });

wireTheme();
mount();
document.documentElement.dataset.wiring = wiring;

const manifest = document.querySelector("link[rel='manifest']");
if (manifest && "serviceWorker" in navigator) {
  navigator.serviceWorker.register("/service-worker.js", { scope: "/field/" }).catch(() => {});
}
window.linli = Object.freeze({ mount, toast, h, w, closeDrawer });
