// What is typed on a point is saved while it is typed; when two write at once, both texts stay on the page.
const form = document.querySelector("[data-live]");
if (form) {
  const words = JSON.parse(document.getElementById("live-words").textContent);
  const told = form.querySelector("[data-saved]");
  const theirs = form.querySelector("[data-theirs]");
  const version = form.querySelector("[name=version]");
  let waiting = 0;
  let running = false;
  let again = false;

  const say = (text, wrong = false) => {
    told.textContent = text;
    told.classList.toggle("is-wrong", wrong);
  };

  async function save() {
    if (running) {
      again = true;
      return;
    }
    running = true;
    again = false;
    say(words.saving);
    try {
      const answer = await fetch(form.action, { method: "POST", body: new FormData(form), headers: { Accept: "application/json" } });
      const found = await answer.json();
      if (answer.ok) {
        version.value = found.version;
        say(words.saved);
        theirs.hidden = true;
      } else {
        say(found.message, true);
        if (answer.status === 409 && found.version) {
          version.value = found.version;
          theirs.hidden = false;
          theirs.querySelector("[data-theirs-by]").textContent = `${words.theirs} · ${found.by}`;
          theirs.querySelector("[data-theirs-words]").textContent = found.theirs;
        }
      }
    } catch {
      say(words.offline, true);
      waiting = setTimeout(save, 5000);
    }
    running = false;
    if (again) save();
  }

  const later = () => {
    clearTimeout(waiting);
    waiting = setTimeout(save, 800);
  };
  form.addEventListener("input", later);
  form.addEventListener("linli:chosen", later);
  theirs.querySelector("[data-take-theirs]").addEventListener("click", () => {
    const box = form.querySelector("[name=decision]");
    box.value = `${box.value.trimEnd()}\n${theirs.querySelector("[data-theirs-words]").textContent}`.trim();
    theirs.hidden = true;
    save();
  });
}
