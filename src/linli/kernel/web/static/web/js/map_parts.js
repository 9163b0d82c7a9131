// Pieces of the map that do not need MapLibre: the pin, the accuracy circle, typed coordinates.
import { h, w } from "./words.js";

const NS = "http://www.w3.org/2000/svg";
const shapeOf = (name, attributes) => {
  const element = document.createElementNS(NS, name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  return element;
};

// The pin as a button that arrow keys move by ten pixels, with Shift by one.
export function pinElement(edit, moved) {
  const svg = shapeOf("svg", { viewBox: "0 0 44 54", "aria-hidden": "true" });
  svg.append(
    shapeOf("path", { d: "M22 53C22 53 40 34 40 20A18 18 0 1 0 4 20C4 34 22 53 22 53Z", fill: "currentColor", stroke: "#fff", "stroke-width": "2.5" }),
    shapeOf("circle", { cx: 22, cy: 20, r: 6.5, fill: "#fff" }),
  );
  if (!edit) { const still = h("div", { class: "ll-pin" }); still.append(svg); return still; }
  const pin = h("button", { type: "button", class: "ll-pin", "aria-label": w("map_pin"), title: w("map_pin") });
  pin.append(svg);
  pin.addEventListener("keydown", (event) => {
    const way = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key];
    if (!way) return;
    event.preventDefault();
    event.stopPropagation();
    const far = event.shiftKey ? 1 : 10;
    moved(way[0] * far, way[1] * far);
  });
  pin.addEventListener("click", (event) => event.stopPropagation());
  return pin;
}

// A circle of so many metres around a point, as GeoJSON; empty without accuracy.
export function circle(point, metres) {
  if (!point || !metres) return { type: "FeatureCollection", features: [] };
  const [lng, lat] = point;
  const high = metres / 111320;
  const wide = high / Math.cos((lat * Math.PI) / 180);
  const ring = Array.from({ length: 65 }, (_, step) => {
    const angle = (step / 64) * 2 * Math.PI;
    return [lng + wide * Math.cos(angle), lat + high * Math.sin(angle)];
  });
  return { type: "Feature", properties: {}, geometry: { type: "Polygon", coordinates: [ring] } };
}

// Longitude and latitude typed by hand, for devices that cannot draw a map.
export function fallback(placed, point) {
  const box = (label, value) => {
    const input = h("input", { class: "form-control", inputmode: "decimal", autocomplete: "off", value: value ?? "" });
    return [h("label", {}, label, input), input];
  };
  const [lngLabel, lng] = box(w("map_lng"), point?.[0]);
  const [latLabel, lat] = box(w("map_lat"), point?.[1]);
  const said = h("p", { class: "ll-error", role: "alert", hidden: true });
  const use = () => {
    const [x, y] = [Number(lng.value), Number(lat.value)];
    const swapped = x >= 3 && x <= 54 && y >= 73 && y <= 136;
    said.hidden = !swapped;
    if (swapped) { said.textContent = w("map_swapped"); return; }
    if (lng.value && lat.value && Number.isFinite(x) && Number.isFinite(y)) placed(x, y);
  };
  return h("div", { class: "ll-inline-form" }, lngLabel, latLabel, h("button", { type: "button", class: "btn", onclick: use }, w("map_use_point")), said);
}
