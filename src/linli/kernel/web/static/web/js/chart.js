// Charts in one theme: <div class="ll-chart" data-chart="#id" role="img" aria-label="…"></div> with {{ data|json_script:"id" }}.
// data: {kind: "bar"|"line", across: bars lie down, stacked, unit, labels: […], series: [{name, values, tone}]}.
// tone is one of the lights, "brand" or "info"; the table with the same figures stands beside every chart.
import { h } from "./words.js";

const vendor = new URL("../../vendor/echarts/echarts.common.min.js", import.meta.url);
const TONES = { brand: "brand", on_track: "ontrack", near: "near", overdue: "overdue", suspended: "suspended", done: "done", info: "info" };
const ORDER = ["brand", "info", "near", "done", "suspended", "overdue"];
const drawn = new Map();

let library;
function load() {
  library ??= new Promise((done, failed) => {
    document.head.append(h("script", { src: vendor.href, onload: () => done(window.echarts), onerror: failed }));
  });
  library.catch(() => { library = undefined; });
  return library;
}

const token = (name) => getComputedStyle(document.documentElement).getPropertyValue(`--l-${name}`).trim();

function option(data) {
  const ink = token("ink"), soft = token("ink-2"), line = token("line");
  const font = getComputedStyle(document.body).fontFamily;
  const words = { color: soft, fontFamily: font, fontSize: 13 };
  const names = { type: "category", data: data.labels, axisTick: { show: false }, axisLine: { lineStyle: { color: line } }, axisLabel: { ...words, hideOverlap: true }, inverse: !!data.across };
  const figures = { type: "value", minInterval: 1, name: data.unit || "", nameTextStyle: words, axisLabel: words, splitLine: { lineStyle: { color: line } } };
  const few = data.labels.length * data.series.length <= 24;
  return {
    animation: false,
    aria: { enabled: true, label: { enabled: false }, decal: { show: data.series.length > 1 } },
    textStyle: { fontFamily: font, color: ink },
    grid: { left: 8, right: 24, top: data.series.length > 1 ? 40 : 24, bottom: 8, outerBoundsMode: "same", outerBoundsContain: "axisLabel" },
    legend: { type: "scroll", show: data.series.length > 1, top: 0, left: 0, textStyle: words, itemWidth: 18, itemHeight: 12 },
    // Drawn on the canvas: the policy of these pages allows no styles in markup.
    tooltip: { trigger: "axis", renderMode: "richText", axisPointer: { type: data.kind === "line" ? "line" : "shadow" }, backgroundColor: token("raised"), borderColor: line, textStyle: { ...words, color: ink } },
    xAxis: data.across ? figures : names,
    yAxis: data.across ? names : figures,
    series: data.series.map((row, place) => ({
      type: data.kind === "line" ? "line" : "bar",
      name: row.name,
      data: row.values,
      stack: data.stacked ? "all" : undefined,
      barMaxWidth: 28,
      color: token(TONES[row.tone] || TONES[ORDER[place % ORDER.length]]),
      symbolSize: 7,
      label: { show: few && !data.stacked && data.kind !== "line", position: data.across ? "right" : "top", ...words, color: ink },
    })),
  };
}

async function draw(box) {
  const source = document.querySelector(box.dataset.chart);
  if (!source) return;
  const echarts = await load();
  drawn.get(box)?.dispose();
  const chart = echarts.init(box, null, { renderer: "svg" });
  chart.setOption(option(JSON.parse(source.textContent)));
  drawn.set(box, chart);
  box.dataset.ready = "";
}

const sizes = new ResizeObserver((entries) => { for (const { target } of entries) drawn.get(target)?.resize(); });

document.addEventListener("linli:theme", () => {
  for (const box of drawn.keys()) if (box.isConnected) draw(box);
    else { drawn.get(box).dispose(); drawn.delete(box); }
});

export function mount(root) {
  for (const box of root.querySelectorAll("[data-chart]")) {
    if (drawn.has(box)) continue;
    drawn.set(box, undefined);
    draw(box).then(() => sizes.observe(box), () => { box.hidden = true; drawn.delete(box); });
  }
}
