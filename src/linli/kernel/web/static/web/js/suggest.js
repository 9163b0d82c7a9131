// Suggestions while typing, as an accessible listbox.
//   <div data-suggest data-url="/items.json"><input …><input type="hidden" data-suggest-value name="item"></div>
// data-url is asked with ?q=…(&…other data-with="#id" fields); it answers [{value, label, hint}] or {items: […]}.
// data-inline shows the list under the field for words of another field: data-from="#id_words".
// Choosing fires "linli:chosen" with the item.
import { h, w } from "./words.js";

let number = 0;

class Suggest {
  constructor(box) {
    this.box = box;
    this.input = box.dataset.from ? document.querySelector(box.dataset.from) : box.querySelector("input:not([type=hidden]), textarea");
    this.value = box.querySelector("[data-suggest-value]");
    this.inline = "inline" in box.dataset;
    this.id = `suggest-${(number += 1)}`;
    this.items = [];
    this.at = -1;
    this.list = h("ul", { class: `ll-suggest-list${this.inline ? " is-inline" : ""}`, id: this.id, role: "listbox", "aria-label": box.dataset.label ?? "", hidden: true });
    this.said = h("div", { class: "visually-hidden", role: "status" });
    box.classList.add("ll-suggest");
    box.append(this.list, this.said);
    if (!this.inline) {
      for (const [name, value] of Object.entries({ role: "combobox", "aria-autocomplete": "list", "aria-expanded": "false", "aria-controls": this.id, autocomplete: "off" })) this.input.setAttribute(name, value);
      this.input.addEventListener("keydown", (event) => this.key(event));
      this.input.addEventListener("blur", () => setTimeout(() => this.close(), 150));
      this.input.addEventListener("focus", () => { if (box.dataset.min === "0") this.ask(); });
    }
    this.input.addEventListener("input", () => {
      if (this.value && !this.inline) this.value.value = "";
      clearTimeout(this.timer);
      this.timer = setTimeout(() => this.ask(), Number(box.dataset.wait ?? 250));
    });
    this.list.addEventListener("mousedown", (event) => event.preventDefault());
    this.list.addEventListener("click", (event) => {
      const option = event.target.closest("[role=option]");
      if (option) this.choose(Number(option.dataset.at));
    });
    this.list.addEventListener("keydown", (event) => {
      if (event.key === "Enter" || event.key === " ") { event.preventDefault(); this.choose(Number(event.target.dataset.at)); }
    });
    if (this.inline && this.input.value) this.ask();
  }
  async ask() {
    const q = this.input.value.trim();
    if (q.length < Number(this.box.dataset.min ?? 1)) return this.close();
    this.stop?.abort();
    this.stop = new AbortController();
    const url = new URL(this.box.dataset.url, location.href);
    url.searchParams.set("q", q.slice(0, 300));
    for (const selector of (this.box.dataset.with ?? "").split(/\s+/).filter(Boolean)) {
      const other = document.querySelector(selector);
      if (other?.value) url.searchParams.set(other.name, other.value);
    }
    try {
      const answer = await fetch(url, { signal: this.stop.signal, headers: { Accept: "application/json" } });
      if (!answer.ok) return;
      const found = await answer.json();
      this.show(Array.isArray(found) ? found : found.items ?? []);
    } catch { /* offline or overtaken: suggestions are a help, never a condition */ }
  }
  show(items) {
    this.items = items;
    this.at = -1;
    this.list.replaceChildren(...items.map((item, at) => h("li", { role: "option", id: `${this.id}-${at}`, "data-at": at, "aria-selected": String(this.value?.value === String(item.value)), tabindex: this.inline ? "0" : false },
      h("span", {}, item.label), item.hint ? h("small", {}, item.hint) : null)));
    this.list.hidden = !items.length;
    if (!this.inline) this.input.setAttribute("aria-expanded", String(!!items.length));
    this.said.textContent = items.length ? w("suggest_n", { n: items.length }) : this.inline ? "" : w("suggest_none");
    this.box.dispatchEvent(new CustomEvent("linli:suggested", { bubbles: true, detail: { items } }));
  }
  close() {
    if (this.inline) { if (!this.input.value.trim()) this.list.hidden = true; return; }
    this.list.hidden = true;
    this.input.setAttribute("aria-expanded", "false");
    this.input.removeAttribute("aria-activedescendant");
  }
  key(event) {
    if (this.list.hidden) return;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      this.mark((this.at + (event.key === "ArrowDown" ? 1 : -1) + this.items.length) % this.items.length);
    } else if (event.key === "Enter" && this.at >= 0) {
      event.preventDefault();
      this.choose(this.at);
    } else if (event.key === "Escape") {
      event.stopPropagation();
      this.close();
    }
  }
  mark(at) {
    this.at = at;
    [...this.list.children].forEach((option, index) => option.setAttribute("aria-selected", String(index === at)));
    this.list.children[at]?.scrollIntoView({ block: "nearest" });
    this.input.setAttribute("aria-activedescendant", `${this.id}-${at}`);
  }
  choose(at) {
    const item = this.items[at];
    if (!item) return;
    if (!this.inline) this.input.value = item.label;
    if (this.value) { this.value.value = item.value; this.value.dispatchEvent(new Event("change", { bubbles: true })); }
    [...this.list.children].forEach((option, index) => option.setAttribute("aria-selected", String(index === at)));
    this.close();
    this.box.dispatchEvent(new CustomEvent("linli:chosen", { bubbles: true, detail: item }));
  }
}
export function mount(root) {
  const boxes = [...root.querySelectorAll("[data-suggest]")];
  if (root.matches?.("[data-suggest]")) boxes.push(root);
  for (const box of boxes) if (!box.dataset.on) { box.dataset.on = "1"; box.suggest = new Suggest(box); }
}
