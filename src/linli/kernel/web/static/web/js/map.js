// <linli-map>: the one map of all doors. Attributes, methods and events: docs/design-system.md.
import { circle, fallback, pinElement } from "./map_parts.js";
import { addImages, addLayers, colours } from "./map_layers.js";
import { ground } from "./theme.js";
import { h, icon, toast, w } from "./words.js";

const here = new URL(".", import.meta.url);
const vendor = new URL("../../vendor/", here);
const numbers = (text) => (text || "").split(",").map(Number);

let library;
// MapLibre and PMTiles, fetched once and only when a map is really shown.
function load() {
  library ??= (async () => {
    document.head.append(h("link", { rel: "stylesheet", href: new URL("maplibre/maplibre-gl.css", vendor).href }));
    const script = new Promise((done, failed) => {
      document.head.append(h("script", { src: new URL("pmtiles/pmtiles.js", vendor).href, onload: done, onerror: failed }));
    });
    const [maplibre] = await Promise.all([import(new URL("maplibre/maplibre-gl.mjs", vendor).href), script]);
    maplibre.addProtocol("pmtiles", new window.pmtiles.Protocol().tile);
    return maplibre;
  })();
  library.catch(() => { library = undefined; });
  return library;
}

function webgl() {
  try {
    return !!document.createElement("canvas").getContext("webgl2");
  } catch {
    return false;
  }
}

class LinliMap extends HTMLElement {
  connectedCallback() {
    if (this.started) return;
    this.started = true;
    this.ready = new Promise((done) => { this.setReady = done; });
    this.point = this.hasAttribute("pin") && this.getAttribute("pin") ? numbers(this.getAttribute("pin")) : null;
    this.accuracy = Number(this.getAttribute("pin-accuracy")) || 0;
    this.readFields();
    this.canvas = h("div", { class: "ll-map-canvas" });
    this.wait = h("div", { class: "ll-map-wait" });
    this.append(this.canvas, this.wait);
    document.addEventListener("linli:theme", () => this.repaint());
    if (!webgl()) { this.giveUp(); return; }
    if (this.hasAttribute("tap")) {
      this.wait.append(h("button", { type: "button", class: "btn btn-lg", onclick: () => this.show() }, icon("map"), w("map_show")));
    } else if ("IntersectionObserver" in window) {
      const watch = new IntersectionObserver((seen) => {
        if (seen.some((entry) => entry.isIntersecting)) { watch.disconnect(); this.show(); }
      }, { rootMargin: "200px" });
      watch.observe(this);
    } else {
      this.show();
    }
  }
  disconnectedCallback() {
    // htmx moves nodes about: only a map that stays away is taken down.
    setTimeout(() => { if (!this.isConnected) { this.map?.remove(); this.map = undefined; } }, 1000);
  }

  field(name) { const selector = this.getAttribute(name); return selector ? document.querySelector(selector) : null; }
  readFields() {
    const [lng, lat] = [this.field("lng-field")?.value, this.field("lat-field")?.value];
    if (lng && lat && Number.isFinite(Number(lng)) && Number.isFinite(Number(lat))) {
      this.point = [Number(lng), Number(lat)];
      this.accuracy = Number(this.field("accuracy-field")?.value) || this.accuracy;
    }
  }
  fire(name, detail) { this.dispatchEvent(new CustomEvent(`linli:${name}`, { bubbles: true, detail })); }

  giveUp() {
    this.classList.add("is-plain");
    this.wait.replaceChildren(icon("map-pin-off", "lg"), h("p", {}, w("map_no_webgl")));
    if (this.hasAttribute("pin-edit")) this.wait.append(fallback((lng, lat) => this.placed(lng, lat, 0, "typed"), this.point));
    this.setAttribute("data-ready", "plain");
    this.fire("ready", { plain: true });
  }

  async show() {
    if (this.map || this.loading) return;
    this.loading = true;
    this.wait.replaceChildren(h("div", { class: "ll-soft", role: "status" }, w("map_loading")));
    try {
      const maplibre = await load();
      const style = await this.style();
      this.maplibre = maplibre;
      this.begin(maplibre, style);
    } catch (error) {
      console.error(error);
      this.loading = false;
      this.wait.replaceChildren(icon("map-pin-off", "lg"), h("p", {}, w("map_failed")), h("button", { type: "button", class: "btn", onclick: () => this.show() }, icon("refresh"), w("map_retry")));
      if (this.hasAttribute("pin-edit")) this.wait.append(fallback((lng, lat) => this.placed(lng, lat, 0, "typed"), this.point));
    }
  }
  async style() {
    const answer = await fetch(`/map/style.json?theme=${ground()}`);
    if (!answer.ok) throw new Error(`style ${answer.status}`);
    return answer.json();
  }

  begin(maplibre, style) {
    const bounds = numbers(this.getAttribute("bounds"));
    const centre = this.point ?? (this.hasAttribute("center") ? numbers(this.getAttribute("center")) : style.center ?? [113.14, 27.7]);
    const map = new maplibre.Map({
      container: this.canvas,
      style,
      ...(bounds.length === 4 && !this.point ? { bounds, fitBoundsOptions: { padding: 24 } } : { center: centre, zoom: Number(this.getAttribute("zoom")) || (this.point ? 16 : style.zoom ?? 13) }),
      maxZoom: 20,
      attributionControl: false,
      localIdeographFontFamily: getComputedStyle(document.body).fontFamily,
      dragRotate: false, pitchWithRotate: false, touchPitch: false,
      fadeDuration: matchMedia("(prefers-reduced-motion: reduce)").matches ? 0 : 120,
      cooperativeGestures: false,
      locale: {
        "NavigationControl.ZoomIn": w("map_zoom_in"), "NavigationControl.ZoomOut": w("map_zoom_out"),
        "NavigationControl.ResetBearing": w("map_north"), "Map.Title": this.getAttribute("label") || w("map_label"),
      },
    });
    this.map = map;
    map.touchZoomRotate.disableRotation();
    map.addControl(new maplibre.AttributionControl({ compact: true }), "bottom-right");
    map.addControl(new maplibre.NavigationControl({ showCompass: false }), "top-right");
    map.addControl(new maplibre.ScaleControl({ maxWidth: 100, unit: "metric" }), "bottom-right");
    if (this.hasAttribute("locate")) map.addControl(this.locateControl(), "top-right");
    map.on("error", (event) => console.warn("map:", event.error?.message ?? event));
    map.on("load", () => {
      this.dress();
      this.wait.remove();
      if (this.point) this.drawPin();
      if (this.hasAttribute("legend")) this.drawLegend();
      this.listen();
      this.setReady(map);
      this.fire("ready", { map });
      map.once("idle", () => this.setAttribute("data-ready", "map"));
    });
  }

  dress() {
    addImages(this.map);
    addLayers(this.map, this);
    this.choose(this.getAttribute("grid"));
    if (this.point) this.drawAccuracy();
  }
  async repaint() {
    if (!this.map) return;
    const style = await this.style();
    this.map.setStyle(style, { diff: false });
    this.map.once("style.load", () => this.dress());
  }

  dataUrl(name) {
    const address = this.getAttribute(name);
    if (!address) return null;
    const area = this.map.getBounds();
    const box = [area.getWest(), area.getSouth(), area.getEast(), area.getNorth()].map((degree) => degree.toFixed(5)).join(",");
    return new URL(address.replace("{bbox}", box).replace("{zoom}", this.map.getZoom().toFixed(1)), location.href).href;
  }
  reload(name) {
    const address = this.dataUrl(name);
    if (address) this.map?.getSource(name)?.setData(address);
  }

  listen() {
    const { map } = this;
    const hand = (layer) => {
      map.on("mouseenter", layer, () => { map.getCanvas().style.cursor = "pointer"; });
      map.on("mouseleave", layer, () => { map.getCanvas().style.cursor = ""; });
    };
    hand("case"); hand("case-cluster");
    map.on("click", async (event) => {
      if (this.drawing) return; // clicks belong to draw.js
      const reach = [[event.point.x - 8, event.point.y - 8], [event.point.x + 8, event.point.y + 8]];
      const layers = ["case", "case-cluster"].filter((layer) => map.getLayer(layer));
      const hit = layers.length ? map.queryRenderedFeatures(reach, { layers })[0] : null;
      if (hit?.layer.id === "case-cluster") {
        const zoom = hit.properties.cluster_id === undefined ? map.getZoom() + 2 : await map.getSource("cases").getClusterExpansionZoom(hit.properties.cluster_id);
        map.easeTo({ center: hit.geometry.coordinates, zoom: Math.min(zoom + 0.2, 18), duration: 150 });
        return;
      }
      if (hit) {
        this.fire("case", hit.properties);
        if (hit.properties.url && this.hasAttribute("open-cases")) location.assign(hit.properties.url);
        return;
      }
      if (this.hasAttribute("pin-edit")) { this.placed(event.lngLat.lng, event.lngLat.lat, 0, "tap"); return; }
      const grid = map.getLayer("grid-fill") ? map.queryRenderedFeatures(event.point, { layers: ["grid-fill"] })[0] : null;
      if (grid) { this.choose(grid.properties.code); this.fire("grid", grid.properties); }
    });
    let timer;
    map.on("moveend", () => {
      clearTimeout(timer);
      timer = setTimeout(() => {
        for (const name of ["cases", "grids"]) if (this.getAttribute(name)?.includes("{bbox}")) this.reload(name);
        this.fire("move", { bounds: map.getBounds().toArray(), zoom: map.getZoom() });
      }, 200);
    });
  }

  // Lifts one grid out of the others; null lowers it.
  choose(code) {
    this.chosen = code ?? null;
    for (const layer of ["grid-chosen", "grid-chosen-fill"]) {
      if (this.map?.getLayer(layer)) this.map.setFilter(layer, ["==", ["get", "code"], this.chosen || "-"]);
    }
  }
  fly(lng, lat, zoom = 16) { this.map?.easeTo({ center: [lng, lat], zoom, duration: 150 }); }

  // ---- pin
  setPin(lng, lat, accuracy = 0) {
    this.point = [lng, lat];
    this.accuracy = accuracy;
    if (!this.map) return;
    this.drawPin();
    this.drawAccuracy();
  }
  placed(lng, lat, accuracy, source) {
    this.setPin(lng, lat, accuracy);
    for (const [name, value] of [["lng-field", lng.toFixed(7)], ["lat-field", lat.toFixed(7)], ["accuracy-field", accuracy ? String(Math.round(accuracy)) : ""], ["source-field", source]]) {
      const field = this.field(name);
      if (field) { field.value = value; field.dispatchEvent(new Event("change", { bubbles: true })); }
    }
    this.fire("pin", { lng, lat, accuracy, source });
  }
  drawPin() {
    if (this.marker) { this.marker.setLngLat(this.point); return; }
    const edit = this.hasAttribute("pin-edit");
    const element = pinElement(edit, (x, y) => {
      const at = this.map.project(this.marker.getLngLat());
      const moved = this.map.unproject([at.x + x, at.y + y]);
      this.placed(moved.lng, moved.lat, 0, "keys");
    });
    this.marker = new this.maplibre.Marker({ element, anchor: "bottom", draggable: edit }).setLngLat(this.point).addTo(this.map);
    this.marker.on("dragend", () => { const at = this.marker.getLngLat(); this.placed(at.lng, at.lat, 0, "drag"); });
  }
  drawAccuracy() {
    this.map.getSource("accuracy")?.setData(circle(this.point, this.accuracy));
  }

  // ---- where am I
  locateControl() {
    const button = h("button", { type: "button", "aria-label": w("map_locate"), title: w("map_locate"), onclick: () => this.locate() }, icon("current-location"));
    const box = h("div", { class: "maplibregl-ctrl maplibregl-ctrl-group" }, button);
    return { onAdd: () => box, onRemove: () => box.remove() };
  }
  locate() {
    if (!navigator.geolocation) { toast(w("map_unavailable"), 8); return; }
    toast(w("map_locating"));
    navigator.geolocation.getCurrentPosition(
      ({ coords }) => {
        toast(w("map_accuracy", { n: Math.round(coords.accuracy) }));
        if (this.hasAttribute("pin-edit")) this.placed(coords.longitude, coords.latitude, coords.accuracy, "device");
        else { this.point = [coords.longitude, coords.latitude]; this.accuracy = coords.accuracy; this.drawAccuracy(); }
        this.fly(coords.longitude, coords.latitude, coords.accuracy > 200 ? 15 : 17);
        this.fire("located", { lng: coords.longitude, lat: coords.latitude, accuracy: coords.accuracy });
      },
      (error) => toast(w(error.code === 1 ? "map_denied" : "map_unavailable"), 8),
      { enableHighAccuracy: true, timeout: 12000, maximumAge: 30000 },
    );
  }

  drawLegend() {
    const kinds = (this.getAttribute("legend") || "on_track near overdue suspended").split(/\s+/);
    const list = h("ul", {}, ...kinds.map((kind) => {
      const picture = document.createElement("span");
      picture.className = `ll-light is-${kind}`;
      picture.append(colours.shape(kind), w(kind));
      return h("li", {}, picture);
    }));
    if (this.getAttribute("cases")?.includes("all=1")) list.append(h("li", { class: "ll-soft" }, w("map_newest")));
    const wide = this.clientWidth > 520;
    this.append(h("details", { class: "ll-legend", open: wide }, h("summary", {}, w("map_legend")), list));
  }
}
customElements.define("linli-map", LinliMap);
export { LinliMap };
