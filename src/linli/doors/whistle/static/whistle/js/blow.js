// The form of a whistle: a place only where people meet, a lead only among those called.
const form = document.querySelector("[data-blow]");

function mode() {
  const remote = form.querySelector('[name="mode"]:checked')?.value === "remote";
  for (const part of form.querySelectorAll("[data-on-site]")) part.hidden = remote;
}
function ticked(box) {
  const lead = form.querySelector(`[name="lead"][value="${box.value}"]`);
  if (!lead) return;
  if (!box.checked && lead.checked) {
    lead.checked = false;
    const next = [...form.querySelectorAll('[name="units"]:checked')][0];
    const other = next && form.querySelector(`[name="lead"][value="${next.value}"]`);
    if (other) other.checked = true;
  }
}
if (form) {
  mode();
  form.addEventListener("change", ({ target }) => {
    if (target.name === "mode") mode();
    if (target.name === "units") ticked(target);
    if (target.name === "lead" && target.checked) {
      const box = form.querySelector(`[name="units"][value="${target.value}"]`);
      if (box && !box.disabled) box.checked = true;
    }
  });
}
