// A draft of grids on the map: what is wrong flies there, and grids are drawn, reshaped, split, merged, renamed, ended.
// Every step goes to the server, which checks it like an import and answers with the list anew.
import { Draw } from "../../web/js/draw.js";
import { colours } from "../../web/js/map_layers.js";
import { csrf, toast } from "../../web/js/words.js";

const page = document.querySelector("[data-draft-page]");
const host = document.querySelector("#draft-map");
const tools = page.querySelector("[data-tools]");
const EMPTY = { type: "FeatureCollection", features: [] };
const says = page.dataset;
let map, draw, features = EMPTY, chosen = null, tool = null, busy = false;

const panel = () => document.querySelector("#draft-panel");
const problems = () => JSON.parse(document.querySelector("#draft-problems")?.textContent || "[]");
const feature = (number) => features.features.find((one) => one.properties.number === number);

function bounds(geometry) {
  const box = [Infinity, Infinity, -Infinity, -Infinity];
  const walk = (value) => {
    if (typeof value[0] === "number") {
      box[0] = Math.min(box[0], value[0]); box[1] = Math.min(box[1], value[1]);
      box[2] = Math.max(box[2], value[0]); box[3] = Math.max(box[3], value[1]);
    } else value.forEach(walk);
  };
  if (geometry?.coordinates) walk(geometry.coordinates);
  for (const part of geometry?.geometries ?? []) if (part.coordinates) walk(part.coordinates);
  return Number.isFinite(box[0]) ? box : null;
}

// ---- layers
function dress() {
  const token = colours.token;
  const state = ["match", ["get", "state"], "new", token("info"), "changed", token("brand"), token("suspended")];
  const severity = ["case", ["==", ["get", "severity"], "error"], token("overdue"), token("near")];
  const font = ["sans"];
  map.addSource("draft", { type: "geojson", data: features });
  map.addSource("problems", { type: "geojson", data: EMPTY });
  map.addLayer({ id: "draft-fill", type: "fill", source: "draft", paint: { "fill-color": state, "fill-opacity": 0.1 } });
  map.addLayer({ id: "draft-line", type: "line", source: "draft", paint: { "line-color": state, "line-width": 1.5 } });
  map.addLayer({ id: "draft-chosen", type: "line", source: "draft", filter: ["==", ["get", "number"], -1], paint: { "line-color": token("focus"), "line-width": 3.5 } });
  map.addLayer({ id: "problem-fill", type: "fill", source: "problems", filter: ["==", ["geometry-type"], "Polygon"], paint: { "fill-color": severity, "fill-opacity": 0.35 } });
  map.addLayer({ id: "problem-line", type: "line", source: "problems", filter: ["==", ["geometry-type"], "Polygon"], paint: { "line-color": severity, "line-width": 2 } });
  map.addLayer({ id: "problem-mended", type: "line", source: "problems", filter: ["==", ["get", "kind"], "mended"], paint: { "line-color": token("ontrack"), "line-width": 2.5, "line-dasharray": [2, 1.5] } });
  map.addLayer({ id: "problem-point", type: "circle", source: "problems", filter: ["==", ["geometry-type"], "Point"], paint: { "circle-color": severity, "circle-radius": 6, "circle-stroke-color": token("raised"), "circle-stroke-width": 2 } });
  map.addLayer({ id: "draft-name", type: "symbol", source: "draft", minzoom: 12.5, layout: { "text-field": ["get", "name"], "text-size": 12.5, "text-font": font, "text-max-width": 8, "text-padding": 6 }, paint: { "text-color": token("ink"), "text-halo-color": token("map-land"), "text-halo-width": 1.5 } });
  paintProblems();
  mark(chosen);
}

function paintProblems(only = null) {
  const shapes = [];
  for (const problem of problems()) {
    const properties = { id: problem.id, severity: problem.severity };
    if (problem.shape) {
      const point = bounds(problem.shape);
      shapes.push({ type: "Feature", properties, geometry: problem.shape });
      // A sliver is thinner than a pixel: a point says where to look.
      if (point && problem.shape.type !== "Point") shapes.push({ type: "Feature", properties, geometry: { type: "Point", coordinates: inside(problem.shape) } });
    }
    if (problem.mended && problem.id === only) shapes.push({ type: "Feature", properties: { ...properties, kind: "mended" }, geometry: problem.mended });
  }
  map.getSource("problems")?.setData({ type: "FeatureCollection", features: shapes });
}
// Some corner of a shape: good enough for a mark.
const inside = (geometry) => { let value = geometry.coordinates; while (typeof value[0] !== "number") value = value[0]; return value; };

async function reload() {
  const answer = await fetch(says.features, { headers: { Accept: "application/geo+json" } });
  features = answer.ok ? await answer.json() : EMPTY;
  map?.getSource("draft")?.setData(features);
}

function fly(geometry, closest = 18) {
  const box = bounds(geometry);
  if (box && map) map.fitBounds([[box[0], box[1]], [box[2], box[3]]], { padding: 60, maxZoom: closest, duration: 150 });
}

// ---- choosing
function mark(number) {
  chosen = number;
  if (map?.getLayer("draft-chosen")) map.setFilter("draft-chosen", ["==", ["get", "number"], number ?? -1]);
  for (const row of document.querySelectorAll("tr[data-feature]")) row.classList.toggle("is-current", Number(row.dataset.feature) === number);
  const found = feature(number);
  hint(found ? `${says.chosenWords}${found.properties.name}` : says.noneWords);
}
function hint(words) {
  const place = tools?.querySelector("[data-tool-hint]");
  if (place) place.textContent = words;
}

document.addEventListener("click", (event) => {
  const problem = event.target.closest("[data-problem-fly]");
  const row = event.target.closest("[data-feature-fly]");
  if (problem) {
    const found = problems().find((one) => one.id === Number(problem.dataset.problemFly));
    for (const item of document.querySelectorAll(".adm-problem")) item.classList.toggle("is-chosen", Number(item.dataset.problem) === found.id);
    paintProblems(found.id);
    if (found.numbers.length) mark(found.numbers[0]);
    fly(found.shape ?? feature(found.numbers[0])?.geometry);
    host.scrollIntoView({ block: "nearest" });
  } else if (row) {
    mark(Number(row.dataset.featureFly));
    fly(feature(chosen)?.geometry, 16.5);
    host.scrollIntoView({ block: "nearest" });
  }
});

// ---- steps
async function step(operation) {
  if (busy) return false;
  busy = true;
  try {
    const answer = await fetch(says.edit, {
      method: "POST",
      headers: { "Content-Type": "application/json", "X-CSRFToken": csrf(), Accept: "text/html, application/json" },
      body: JSON.stringify({ operation, version: Number(panel().dataset.version) }),
    });
    if (!answer.ok) {
      const said = await answer.json().catch(() => ({ message: says.failedWords }));
      toast([said.message, said.what_next].filter(Boolean).join(" "), 8);
      hint([said.message, said.what_next].filter(Boolean).join(" "));
      return false;
    }
    const template = document.createElement("template");
    template.innerHTML = await answer.text();
    panel().replaceWith(template.content.querySelector("#draft-panel"));
    for (const field of document.querySelectorAll("input[name=version]")) field.value = panel().dataset.version;
    await reload();
    paintProblems();
    mark(feature(chosen) ? chosen : null);
    return true;
  } catch {
    toast(says.failedWords, 8);
    return false;
  } finally {
    busy = false;
  }
}

document.addEventListener("submit", async (event) => {
  const form = event.target.closest("form[data-step]");
  if (!form) return;
  event.preventDefault();
  const given = new FormData(form);
  const operation = { do: given.get("do") };
  for (const key of ["number", "community_id"]) if (given.get(key)) operation[key] = Number(given.get(key));
  for (const key of ["name", "local_code", "kind", "code"]) if (given.has(key)) operation[key] = given.get(key);
  if (operation.do === "merge") operation.numbers = given.getAll("numbers").map(Number);
  if (await step(operation)) form.closest("dialog")?.close();
});

// ---- tools
function use(name) {
  tool = name;
  for (const button of tools.querySelectorAll("[aria-pressed]")) button.setAttribute("aria-pressed", String(button.dataset.tool === name));
  tools.querySelector("[data-tool=save]").hidden = name !== "reshape";
  tools.querySelector("[data-tool=cancel]").hidden = !name;
}
function putDown() {
  draw?.clear();
  draw?.stop();
  use(null);
  mark(chosen);
}
// Neighbours to snap to: those on the screen, not the whole district.
function neighbours(besides) {
  const view = map.getBounds();
  return features.features.filter((one) => {
    const box = bounds(one.geometry);
    return one.properties.number !== besides && box && box[0] < view.getEast() && box[2] > view.getWest() && box[1] < view.getNorth() && box[3] > view.getSouth();
  }).slice(0, 40);
}

tools?.addEventListener("click", async (event) => {
  const name = event.target.closest("[data-tool]")?.dataset.tool;
  if (!name || !map) return;
  if (name === "cancel") { putDown(); return; }
  if (name === "save") {
    const parts = draw.features().filter((one) => one.properties.number === chosen).map((one) => one.geometry.coordinates);
    const geometry = parts.length === 1 ? { type: "Polygon", coordinates: parts[0] } : { type: "MultiPolygon", coordinates: parts };
    if (parts.length && await step({ do: "reshape", number: chosen, geometry })) putDown();
    return;
  }
  if (name !== "draw" && !feature(chosen)) { toast(says.noneWords); hint(says.noneWords); return; }
  if (name === "remove") { putDown(); await step({ do: "remove", number: chosen }); return; }
  if (name === "details") { details(); return; }
  draw ??= await Draw.on(host);
  draw.clear();
  use(name);
  if (name === "draw") { draw.ground(neighbours(null)); draw.polygon(); hint(says.drawWords); }
  if (name === "split") { draw.line(); hint(says.splitWords); }
  if (name === "reshape") {
    draw.ground(neighbours(chosen));
    draw.edit({ ...feature(chosen), properties: { number: chosen } });
    hint(says.editWords);
  }
});

host.addEventListener("linli:drawn", async ({ detail }) => {
  if (detail.kind === "polygon" && tool === "draw") {
    const kept = detail.feature.geometry;
    if (await step({ do: "add", geometry: kept })) putDown();
  } else if (detail.kind === "line" && tool === "split") {
    if (await step({ do: "split", number: chosen, line: detail.feature.geometry })) putDown();
    else { draw.clear(); draw.line(); }
  }
});

function details() {
  const found = feature(chosen).properties;
  const dialog = document.querySelector("#details");
  for (const form of dialog.querySelectorAll("form[data-details]")) form.elements.number.value = found.number;
  dialog.querySelector("#d-name").value = found.name.startsWith("#") ? "" : found.name;
  dialog.querySelector("#d-local").value = found.local_code ?? "";
  dialog.querySelector("#d-kind").value = found.kind;
  if (found.community_id) dialog.querySelector("#d-community").value = String(found.community_id);
  dialog.showModal();
}

// ---- begin
host.ready?.then(begin) ?? customElements.whenDefined("linli-map").then(() => host.ready.then(begin));
async function begin() {
  map = host.map;
  await reload();
  dress();
  if (tools) tools.hidden = false;
  map.on("click", "draft-fill", (event) => { if (!tool) mark(event.features[0].properties.number); });
  document.addEventListener("linli:theme", () => map.once("style.load", dress));
  page.dataset.ready = "true";
}
