// Drawing on the map for the admin door: polygons, corners, lines for splitting. Terra Draw does the handwork.
//
//   const draw = await Draw.on(document.querySelector("linli-map"));
//   draw.polygon();  draw.line();  draw.edit(feature);  draw.features();  draw.clear();  draw.stop();
//
// Fires "linli:drawn" on the map with {feature, kind: "polygon" | "line" | "edit"} (GeoJSON, lng/lat, 7 decimals) and
// "linli:drawing" while it goes on. Corners snap to corners and lines already on the sheet (draw.ground(features)).
import { colours } from "./map_layers.js";
import { h } from "./words.js";

const vendor = new URL("../../vendor/terra-draw/", import.meta.url);
const script = (name) => new Promise((done, failed) => document.head.append(h("script", { src: new URL(name, vendor).href, onload: done, onerror: failed })));
let library;
const load = () => (library ??= (async () => {
  await script("terra-draw.umd.js");
  await script("terra-draw-maplibre-gl-adapter.umd.js");
  return { draw: window.terraDraw, adapter: window.terraDrawMaplibreGlAdapter };
})());

const PLAIN = (feature) => ({
  type: "Feature",
  properties: { ...feature.properties.linli },
  geometry: { ...feature.geometry, coordinates: rounded(feature.geometry.coordinates) },
});
const rounded = (value) => (typeof value === "number" ? Math.round(value * 1e7) / 1e7 : value.map(rounded));

export class Draw {
  static async on(host) {
    await host.ready;
    const { draw, adapter } = await load();
    return new Draw(host, draw, adapter);
  }
  constructor(host, library, adapter) {
    this.host = host;
    const look = { fillColor: colours.token("brand"), fillOpacity: 0.18, outlineColor: colours.token("brand"), outlineWidth: 2.5, closingPointColor: colours.token("overdue"), closingPointWidth: 7, closingPointOutlineColor: "#ffffff", closingPointOutlineWidth: 2 };
    const points = { selectedPolygonColor: colours.token("brand"), selectedPolygonFillOpacity: 0.18, selectedPolygonOutlineColor: colours.token("brand"), selectedPolygonOutlineWidth: 2.5, selectionPointColor: colours.token("brand"), selectionPointWidth: 7, selectionPointOutlineColor: "#ffffff", midPointColor: colours.token("near"), midPointWidth: 5, midPointOutlineColor: "#ffffff" };
    const snapping = { toCoordinate: true, toLine: true };
    this.terra = new library.TerraDraw({
      adapter: new adapter.TerraDrawMapLibreGLAdapter({ map: host.map, coordinatePrecision: 9 }),
      modes: [
        new library.TerraDrawPolygonMode({ snapping, styles: look, pointerDistance: 20 }),
        new library.TerraDrawLineStringMode({ snapping, styles: { lineStringColor: colours.token("overdue"), lineStringWidth: 3, closingPointColor: colours.token("overdue"), closingPointWidth: 7 } }),
        new library.TerraDrawSelectMode({ styles: points, flags: { polygon: { feature: { draggable: false, coordinates: { draggable: true, midpoints: true, deletable: true, snappable: true } } } } }),
      ],
    });
    this.terra.start();
    this.kind = null;
    this.terra.on("finish", (id) => {
      const feature = this.terra.getSnapshotFeature(id);
      if (feature) host.fire("drawn", { feature: PLAIN(feature), kind: this.kind });
    });
    this.terra.on("change", () => host.fire("drawing", { kind: this.kind }));
  }
  polygon() { this.host.drawing = true; this.kind = "polygon"; this.terra.setMode("polygon"); }
  line() { this.host.drawing = true; this.kind = "line"; this.terra.setMode("linestring"); }
  // Puts one polygon on the sheet with its corners ready to be moved; a right click or a long press removes a corner.
  edit(feature) {
    const [id] = this.ground([feature]);
    this.kind = "edit";
    this.host.drawing = true;
    this.terra.setMode("select");
    if (id != null) this.terra.selectFeature(id);
    return id;
  }
  // Polygons to snap to. MultiPolygons come apart; each keeps its properties.
  ground(features) {
    const parts = features.flatMap((feature) => (feature.geometry.type === "MultiPolygon" ? feature.geometry.coordinates.map((coordinates) => ({ ...feature, geometry: { type: "Polygon", coordinates } })) : [feature]));
    return this.terra.addFeatures(parts.map((part) => ({ type: "Feature", properties: { mode: "polygon", linli: { ...part.properties } }, geometry: { type: part.geometry.type, coordinates: cut(part.geometry.coordinates) } }))).map((done) => (done.valid ? done.id : null));
  }
  features() { return this.terra.getSnapshot().filter((feature) => feature.geometry.type === "Polygon" && feature.properties.mode === "polygon").map(PLAIN); }
  undoLast() { const all = this.terra.getSnapshot(); if (all.length) this.terra.removeFeatures([all[all.length - 1].id]); }
  clear() { this.terra.clear(); }
  stop() { this.kind = null; this.host.drawing = false; this.terra.setMode("static"); }
}
const cut = (value) => (typeof value === "number" ? Math.round(value * 1e9) / 1e9 : value.map(cut));
