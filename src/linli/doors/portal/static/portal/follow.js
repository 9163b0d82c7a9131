// Rating: one tap says whether it is solved, the levels and words follow and are sent with it. Whoever leaves after
// the first tap has rated all the same. Sharing the link where the phone can.
const form = document.getElementById("rate");
if (form) {
  const more = form.querySelector("[data-rate-more]");
  const send = form.querySelector("[data-rate-send]");
  let sent = false;
  more.hidden = true;
  form.addEventListener("click", (event) => {
    const tapped = event.target.closest(".rate-solved button");
    if (!tapped) return;
    event.preventDefault();
    for (const button of form.querySelectorAll(".rate-solved button")) button.setAttribute("aria-pressed", String(button === tapped));
    send.value = tapped.value;
    send.hidden = false;
    more.hidden = false;
    more.querySelector("input").focus({ preventScroll: true });
    more.scrollIntoView({ block: "nearest" });
  });
  form.addEventListener("submit", () => { sent = navigator.onLine; });
  window.addEventListener("pagehide", () => {
    if (sent || !send.value) return;
    const data = new FormData(form);
    data.set("solved", send.value);
    if (navigator.sendBeacon(form.action, data)) sent = true;
  });
}
for (const button of document.querySelectorAll("[data-share]")) {
  if (!navigator.share) continue;
  button.hidden = false;
  button.addEventListener("click", () => navigator.share({ title: button.dataset.shareTitle, url: button.dataset.share }).catch(() => {}));
}
