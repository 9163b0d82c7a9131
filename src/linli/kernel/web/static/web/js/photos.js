// Choosing, taking, shrinking and sending photos. Without this script the plain file input does the work.
//
//   <div data-photos data-url="/report/photos" data-limit="9" data-max-mb="20"><label …>…</label><input type="file" name="photos" …></div>
//
// With data-url each photo is posted at once as "photo" with taken_at, lng, lat; the answer {id, thumb_url} becomes a
// hidden field photo_ids. Without it the shrunk files go with the form, and photos_meta carries what EXIF said.
import { openDB } from "../../vendor/idb/idb.js";
import { readExif } from "./exif.js";
import { csrf, h, icon, toast, w } from "./words.js";

const EDGE = 2048;
const KINDS = /^image\/(jpeg|png|webp|heic|heif)$/;
const HEIC = /\.hei[cf]$/i;

// Photos of a draft survive a reload in IndexedDB; they leave it when the draft is forgotten.
const store = () => openDB("linli-photos", 1, { upgrade: (db) => db.createObjectStore("photos") });
async function remember(key, photos) {
  try { await (await store()).put("photos", photos.map(({ blob, name, meta }) => ({ blob, name, meta })), key); } catch { /* private window */ }
}
async function recall(key) {
  try { return (await (await store()).get("photos", key)) ?? []; } catch { return []; }
}
async function drop(key) {
  try { await (await store()).delete("photos", key); } catch { /* nothing was kept */ }
}
document.addEventListener("linli:draft-forgotten", (event) => drop(event.detail.id));

// At most EDGE pixels, as JPEG; what the browser cannot read (HEIC) is sent as it is.
async function shrink(file) {
  try {
    const picture = await createImageBitmap(file, { imageOrientation: "from-image" });
    const scale = Math.min(1, EDGE / Math.max(picture.width, picture.height));
    if (scale === 1 && file.size < 900_000 && file.type === "image/jpeg") { picture.close(); return file; }
    const canvas = document.createElement("canvas");
    canvas.width = Math.round(picture.width * scale);
    canvas.height = Math.round(picture.height * scale);
    const pen = canvas.getContext("2d");
    pen.fillStyle = "#fff";
    pen.fillRect(0, 0, canvas.width, canvas.height);
    pen.drawImage(picture, 0, 0, canvas.width, canvas.height);
    picture.close();
    const blob = await new Promise((done) => canvas.toBlob(done, "image/jpeg", 0.85));
    return blob && blob.size < file.size ? blob : file;
  } catch {
    return file;
  }
}

class Photos {
  constructor(box) {
    this.box = box;
    this.input = box.querySelector("input[type=file]");
    this.form = box.closest("form");
    this.limit = Number(box.dataset.limit ?? 9);
    this.maxMb = Number(box.dataset.maxMb ?? 20);
    this.url = box.dataset.url;
    this.idsName = box.dataset.idsName ?? "photo_ids";
    this.photos = [];
    this.list = h("ul", { class: "ll-upload-list" });
    this.said = h("p", { class: "ll-error", role: "alert", hidden: true });
    this.hidden = h("div", { hidden: true });
    this.add = h("button", { type: "button", class: "ll-upload-add", onclick: () => this.input.click() });
    this.input.classList.add("visually-hidden");
    this.input.setAttribute("tabindex", "-1");
    this.input.setAttribute("aria-hidden", "true");
    box.classList.add("ll-upload");
    box.append(this.list, this.said, this.hidden);
    // A page that comes back with an error names the photos it has: data-kept='[{"id","thumb_url"}]'.
    for (const kept of JSON.parse(box.dataset.kept || "[]")) this.photos.push({ id: kept.id, preview: kept.thumb_url, state: "sent", name: "", meta: {} });
    this.input.addEventListener("change", () => { const files = [...this.input.files]; if (this.url) this.input.value = ""; this.take(files); });
    this.form?.addEventListener("submit", (event) => this.beforeSubmit(event), true);
    box.addEventListener("dragover", (event) => event.preventDefault());
    box.addEventListener("drop", (event) => { event.preventDefault(); this.take([...event.dataTransfer.files]); });
    window.addEventListener("online", () => this.photos.filter((photo) => photo.state === "failed").forEach((photo) => this.send(photo)));
    this.draw();
    // Whoever is quicker than this script (or comes back to the page) has chosen already.
    if (this.input.files.length) this.input.dispatchEvent(new Event("change"));
    else if (this.key && !this.photos.length) recall(this.key).then((kept) => { for (const photo of kept) this.keep(photo.blob, photo.name, photo.meta); this.draw(); });
  }
  get key() { return this.form?.dataset.draft; }
  complain(words) { this.said.hidden = !words; this.said.replaceChildren(...(words ? [icon("alert-circle"), words] : [])); }

  async take(files) {
    this.complain("");
    for (const file of files) {
      if (this.photos.length >= this.limit) { this.complain(w("photo_limit", { n: this.limit })); break; }
      if (!KINDS.test(file.type) && !HEIC.test(file.name)) { this.complain(w("photo_kind")); continue; }
      const meta = await readExif(file);
      const blob = await shrink(file);
      if (blob.size > this.maxMb * 1024 * 1024) {
        this.complain(w("photo_big", { size: Math.ceil(blob.size / 1048576), limit: this.maxMb }));
        continue;
      }
      this.keep(blob, blob === file ? file.name : file.name.replace(/\.\w+$/, "") + ".jpg", meta);
    }
    this.remember();
    this.draw();
  }
  keep(blob, name, meta) {
    const photo = { blob, name, meta, preview: URL.createObjectURL(blob), state: "waiting", sent: 0 };
    this.photos.push(photo);
    if (this.url && navigator.onLine) this.send(photo);
    else if (this.url) photo.state = "failed";
    if (meta?.lng) this.box.dispatchEvent(new CustomEvent("linli:photo-place", { bubbles: true, detail: { lng: Number(meta.lng), lat: Number(meta.lat), taken_at: meta.taken_at } }));
  }
  remember() { if (this.key) remember(this.key, this.photos.filter((photo) => photo.blob)); }

  send(photo) {
    photo.state = "sending";
    const body = new FormData();
    body.append("photo", photo.blob, photo.name);
    for (const [name, value] of Object.entries(photo.meta ?? {})) body.append(name, value);
    const call = new XMLHttpRequest();
    call.open("POST", this.url);
    call.setRequestHeader("X-CSRFToken", csrf());
    call.setRequestHeader("Accept", "application/json");
    call.responseType = "json";
    call.timeout = 120_000;
    call.upload.onprogress = (event) => { photo.sent = event.total ? Math.round((100 * event.loaded) / event.total) : 0; this.label(photo); };
    const failed = () => { photo.state = "failed"; this.draw(); };
    call.onerror = call.ontimeout = failed;
    call.onload = () => {
      if (call.status < 300 && call.response?.id != null) {
        Object.assign(photo, { state: "sent", id: call.response.id });
        this.draw();
        this.box.dispatchEvent(new CustomEvent("linli:photo", { bubbles: true, detail: call.response }));
      } else if (call.status >= 400 && call.status < 500) {
        // Refused for a reason: it would be refused again.
        this.remove(photo);
        this.complain(call.response?.message ?? w("photo_kind"));
      } else failed();
    };
    call.send(body);
    this.draw();
  }
  remove(photo) {
    this.photos = this.photos.filter((other) => other !== photo);
    if (photo.blob) URL.revokeObjectURL(photo.preview);
    this.remember();
    this.draw();
  }
  earlier(photo) {
    const at = this.photos.indexOf(photo);
    this.photos.splice(at, 1);
    this.photos.splice(at - 1, 0, photo);
    this.remember();
    this.draw();
  }
  label(photo) {
    if (!photo.line) return;
    photo.line.textContent = { waiting: this.url ? w("photo_waiting") : "", sending: w("photo_sending", { n: photo.sent }), sent: w("photo_sent"), failed: w("photo_failed") }[photo.state];
    photo.line.hidden = !photo.line.textContent;
  }
  draw() {
    this.list.replaceChildren(...this.photos.map((photo, at) => {
      const n = at + 1;
      const tool = (label, sign, run, shown = true) => h("button", { type: "button", "aria-label": label, onclick: run, hidden: !shown }, h("span", {}, icon(sign)));
      photo.line = h("div", { class: "ll-upload-state" });
      const item = h("li", { class: `ll-upload-item is-${photo.state}` },
        h("img", { src: photo.preview, alt: w("photo_n", { n }) }),
        h("div", { class: "ll-upload-tools" }, tool(w("photo_earlier", { n }), "arrow-left", () => this.earlier(photo), at > 0), h("span", { class: "ll-grow" }), tool(w("photo_remove", { n }), "x", () => this.remove(photo))),
        photo.line);
      if (photo.state === "failed") { photo.line.setAttribute("role", "button"); photo.line.tabIndex = 0; photo.line.onclick = () => this.send(photo); photo.line.onkeydown = (event) => { if (event.key === "Enter") this.send(photo); }; }
      this.label(photo);
      return item;
    }));
    this.add.className = `ll-upload-add${this.photos.length ? "" : " is-first"}`;
    this.add.replaceChildren(icon("camera"), w(this.photos.length ? "photo_more" : "photo_add"));
    if (this.photos.length < this.limit) this.list.append(h("li", { class: this.photos.length ? "ll-upload-slot" : "ll-upload-slot is-first" }, this.add));
    this.hidden.replaceChildren(...this.photos.filter((photo) => photo.id != null).map((photo) => h("input", { type: "hidden", name: this.idsName, value: photo.id })));
  }
  beforeSubmit(event) {
    if (this.url) {
      if (this.photos.some((photo) => photo.state === "sending" || photo.state === "waiting") && navigator.onLine) {
        event.preventDefault();
        event.stopImmediatePropagation();
        toast(w("photo_busy"));
      }
      return;
    }
    const files = new DataTransfer();
    for (const photo of this.photos) files.items.add(new File([photo.blob], photo.name, { type: photo.blob.type }));
    this.input.files = files.files;
    this.hidden.replaceChildren(h("input", { type: "hidden", name: `${this.input.name}_meta`, value: JSON.stringify(this.photos.map((photo) => photo.meta ?? {})) }));
  }
}
export function mount(root) {
  const boxes = [...root.querySelectorAll("[data-photos]")];
  if (root.matches?.("[data-photos]")) boxes.push(root);
  for (const box of boxes) if (!box.dataset.on) { box.dataset.on = "1"; box.photos = new Photos(box); }
}
