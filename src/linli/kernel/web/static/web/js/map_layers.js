// What Linli draws on the base map: grids with thin borders and names, cases by colour and shape, accuracy.
const LIGHTS = ["on_track", "near", "overdue", "suspended", "done"];
const token = (name) => getComputedStyle(document.documentElement).getPropertyValue(`--l-${name}`).trim();
const css = (light) => light.replace("on_track", "ontrack");

function path(kind, size) {
  const s = size / 12;
  const p = new Path2D();
  if (kind === "on_track") p.arc(6 * s, 6 * s, 5.25 * s, 0, 2 * Math.PI);
  else if (kind === "near") { p.moveTo(6 * s, 0.5 * s); p.lineTo(11.8 * s, 11.3 * s); p.lineTo(0.2 * s, 11.3 * s); p.closePath(); }
  else if (kind === "overdue") p.rect(0.8 * s, 0.8 * s, 10.4 * s, 10.4 * s);
  else if (kind === "suspended") { p.rect(2 * s, 1 * s, 2.8 * s, 10 * s); p.rect(7.2 * s, 1 * s, 2.8 * s, 10 * s); }
  else { p.moveTo(1 * s, 6.5 * s); p.lineTo(4.5 * s, 10 * s); p.lineTo(11 * s, 2.5 * s); }
  return p;
}

export const colours = {
  token,
  // The same shape as in lists, for the legend.
  shape(kind) {
    const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
    svg.setAttribute("viewBox", "0 0 12 12");
    svg.setAttribute("aria-hidden", "true");
    const d = { on_track: "M6 .75a5.25 5.25 0 1 0 0 10.5a5.25 5.25 0 1 0 0-10.5Z", near: "M6 .5 11.8 11.3H.2Z", overdue: "M.8.8h10.4v10.4H.8Z", suspended: "M2 1h2.8v10H2zM7.2 1H10v10H7.2z", done: "M1 6.5 4.5 10 11 2.5" }[kind];
    const line = document.createElementNS("http://www.w3.org/2000/svg", "path");
    line.setAttribute("d", d ?? "");
    line.setAttribute("fill", kind === "done" ? "none" : "currentColor");
    if (kind === "done") { line.setAttribute("stroke", "currentColor"); line.setAttribute("stroke-width", "2.2"); }
    svg.append(line);
    return svg;
  },
};

// The lights as pictures: a paper-coloured rim keeps them apart from the map and from one another.
export function addImages(map) {
  const ratio = 2;
  const size = 22 * ratio;
  const pad = 4 * ratio;
  for (const kind of LIGHTS) {
    const canvas = document.createElement("canvas");
    canvas.width = canvas.height = size;
    const pen = canvas.getContext("2d");
    pen.translate(pad, pad);
    const p = path(kind, size - 2 * pad);
    pen.lineJoin = "round";
    pen.lineCap = "round";
    pen.strokeStyle = token("raised");
    pen.lineWidth = (kind === "done" ? 8 : 4.5) * ratio;
    pen.stroke(p);
    if (kind === "done") {
      pen.strokeStyle = token(css(kind));
      pen.lineWidth = 2.75 * ratio;
      pen.stroke(p);
    } else {
      pen.fillStyle = token(css(kind));
      pen.fill(p);
    }
    if (map.hasImage(`light-${kind}`)) map.removeImage(`light-${kind}`);
    map.addImage(`light-${kind}`, pen.getImageData(0, 0, size, size), { pixelRatio: ratio });
  }
}

const byLight = (soft) => ["match", ["get", "light"], ...LIGHTS.flatMap((kind) => [kind, token(css(kind) + soft)]), token("brand")];

// Micro-grids have an empty code, so "nothing" must be a code that no grid can have.
const NOTHING_CHOSEN = ["==", ["get", "code"], "-"];
const IS_MICRO = ["==", ["get", "kind"], "micro"];

export function addLayers(map, host) {
  const empty = { type: "FeatureCollection", features: [] };
  const words = { "text-color": token("ink"), "text-halo-color": token("map-land"), "text-halo-width": 1.5 };
  const font = ["sans"];
  const grids = host.dataUrl("grids");
  const tiles = host.getAttribute("grid-tiles");
  if (grids || tiles || host.hasAttribute("draw")) {
    map.addSource("grids", tiles ? { type: "vector", tiles: [location.origin + tiles.replace(".json", "/{z}/{x}/{y}.mvt")], minzoom: 9, maxzoom: 16 } : { type: "geojson", data: grids ?? empty });
    const from = tiles ? { source: "grids", "source-layer": "grids" } : { source: "grids" };
    // A tile is for readers of every language: it carries the names in all of them.
    const name = ["get", tiles && document.documentElement.lang.startsWith("en") ? "name_en" : "name"];
    map.addLayer({ id: "grid-fill", type: "fill", ...from, paint: { "fill-color": byLight(""), "fill-opacity": ["case", ["has", "light"], 0.14, 0.02] } });
    map.addLayer({ id: "grid-chosen-fill", type: "fill", ...from, filter: NOTHING_CHOSEN, paint: { "fill-color": token("brand"), "fill-opacity": 0.12 } });
    map.addLayer({ id: "grid-line", type: "line", ...from, filter: ["!", IS_MICRO], paint: { "line-color": token("ink-2"), "line-width": ["interpolate", ["linear"], ["zoom"], 11, 0.5, 16, 1.25], "line-opacity": 0.75 } });
    map.addLayer({ id: "grid-micro", type: "line", ...from, minzoom: 14.5, filter: IS_MICRO, paint: { "line-color": token("ink-2"), "line-width": 0.6, "line-opacity": 0.5, "line-dasharray": [3, 2] } });
    map.addLayer({ id: "grid-chosen", type: "line", ...from, filter: NOTHING_CHOSEN, paint: { "line-color": token("brand"), "line-width": 3 } });
    map.addLayer({
      id: "grid-name", type: "symbol", ...from, ...(tiles ? { "source-layer": "names" } : {}), minzoom: 12.5, filter: ["!", IS_MICRO],
      layout: { "text-field": ["case", ["has", "count"], ["concat", name, "\n", ["to-string", ["get", "count"]]], name], "text-size": 12.5, "text-font": font, "text-max-width": 8, "text-padding": 6 },
      paint: words,
    });
  }
  map.addSource("accuracy", { type: "geojson", data: empty });
  map.addLayer({ id: "accuracy-fill", type: "fill", source: "accuracy", paint: { "fill-color": token("info"), "fill-opacity": 0.12 } });
  map.addLayer({ id: "accuracy-line", type: "line", source: "accuracy", paint: { "line-color": token("info"), "line-width": 1.25, "line-dasharray": [3, 2] } });
  const cases = host.dataUrl("cases");
  if (!cases) return;
  // Where there are very many cases the house sends counted cells (`count`, `overdue`): a cluster adds them up.
  const sum = (kind) => ["+", ["coalesce", ["get", kind], ["case", ["==", ["get", "light"], kind], 1, 0]]];
  const counted = ["coalesce", ["get", "cases"], ["get", "count"]];
  const many = ["any", ["has", "point_count"], ["has", "count"]];
  map.addSource("cases", { type: "geojson", data: cases, cluster: true, clusterRadius: 44, clusterMaxZoom: 16, clusterProperties: { cases: ["+", ["coalesce", ["get", "count"], 1]], overdue: sum("overdue"), near: sum("near") } });
  map.addLayer({
    id: "case-cluster", type: "circle", source: "cases", filter: many,
    paint: {
      "circle-color": token("raised"), "circle-radius": ["step", counted, 16, 10, 19, 100, 23, 1000, 27],
      "circle-stroke-width": 3,
      "circle-stroke-color": ["case", [">", ["get", "overdue"], 0], token("overdue"), [">", ["coalesce", ["get", "near"], 0], 0], token("near"), token("ontrack")],
    },
  });
  map.addLayer({
    id: "case-count", type: "symbol", source: "cases", filter: many,
    layout: {
      // The figure of what is overdue carries its shape too, so that colour is never alone.
      "text-field": ["case", [">", ["get", "overdue"], 0], ["concat", ["to-string", counted], "\n■", ["to-string", ["get", "overdue"]]], ["to-string", counted]],
      "text-size": 11.5, "text-line-height": 1.05, "text-font": font, "text-allow-overlap": true,
    },
    paint: { "text-color": token("ink") },
  });
  map.addLayer({
    id: "case", type: "symbol", source: "cases", filter: ["!", many],
    layout: {
      "icon-image": ["concat", "light-", ["coalesce", ["get", "light"], "on_track"]], "icon-allow-overlap": true,
      "symbol-sort-key": ["match", ["get", "light"], "overdue", 3, "near", 2, 1],
      "text-field": ["step", ["zoom"], "", 16.5, ["coalesce", ["get", "title"], ""]], "text-size": 11.5, "text-font": font,
      "text-anchor": "top", "text-offset": [0, 0.9], "text-optional": true, "text-max-width": 9,
    },
    paint: words,
  });
}
