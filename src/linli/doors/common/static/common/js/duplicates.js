// "3 people have reported this": what others have told near a point, with a button to join instead of repeating.
// form: data-duplicates is the address asked, its fields words, item and join are read and written. texts: duplicate
// ({n}, {metres}), join, joining, send, send_join.
export function watchDuplicates(form, { box, template, texts, send }) {
  const field = (name) => form.querySelector(`[name="${name}"]`);
  function join(id) {
    field("join").value = id;
    for (const button of box.querySelectorAll("[data-dup-join]")) {
      const on = button.dataset.dupJoin === String(id);
      button.setAttribute("aria-pressed", String(on));
      button.textContent = on ? texts.joining : texts.join;
    }
    if (send) send.textContent = id ? texts.send_join : texts.send;
  }
  function card(one) {
    const node = template.content.cloneNode(true).firstElementChild;
    node.querySelector("[data-dup-title]").textContent = texts.duplicate.replace("{n}", one.reports).replace("{metres}", one.metres);
    node.querySelector("[data-dup-words]").textContent = [one.item, one.words, one.state].filter(Boolean).join(" · ");
    const button = node.querySelector("[data-dup-join]");
    button.dataset.dupJoin = one.id;
    button.textContent = texts.join;
    button.addEventListener("click", () => join(field("join").value === String(one.id) ? "" : String(one.id)));
    node.querySelector("[data-dup-other]").addEventListener("click", () => {
      if (field("join").value === String(one.id)) join("");
      node.remove();
    });
    return node;
  }
  let last = 0;
  return {
    async ask(lng, lat) {
      const turn = (last += 1);
      const url = new URL(form.dataset.duplicates, location.href);
      url.search = new URLSearchParams({ lng, lat, words: field("words").value, item: field("item").value });
      try {
        const found = await (await fetch(url)).json();
        if (turn !== last) return;
        join("");
        box.replaceChildren(...found.slice(0, 2).map(card));
      } catch { /* a help, never a condition */ }
    },
    clear() { join(""); box.replaceChildren(); },
  };
}
