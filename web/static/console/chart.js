// ECharts in the colours of the page; drawn again when its place or the theme changes.
/* global echarts */

const drawn = new Map();

export function colour(name, of = document.documentElement) {
  return getComputedStyle(of).getPropertyValue(name).trim();
}

function common() {
  const ink = colour("--ink"), dim = colour("--dim"), line = colour("--line"), card = colour("--card");
  return {
    textStyle: { fontFamily: "inherit", color: ink }, animationDuration: 250,
    grid: { left: 8, right: 8, top: 44, bottom: 4, containLabel: true },
    legend: { top: 0, textStyle: { color: dim }, type: "scroll", icon: "roundRect", itemWidth: 12, itemHeight: 8, pageTextStyle: { color: dim }, pageIconColor: dim },
    // drawn on the canvas: the page's policy allows no style in markup
    tooltip: { trigger: "axis", renderMode: "richText", backgroundColor: card, borderColor: line, textStyle: { color: ink, fontSize: 12 }, axisPointer: { lineStyle: { color: dim } } },
    xAxis: { axisLabel: { color: dim, hideOverlap: true }, axisLine: { lineStyle: { color: line } }, axisTick: { show: false } },
    yAxis: { axisLabel: { color: dim }, splitLine: { lineStyle: { color: line } } },
  };
}

function merged(base, over) {
  const both = { ...base, ...over };
  for (const part of ["grid", "legend", "tooltip", "xAxis", "yAxis"]) {
    if (over[part] !== null) both[part] = { ...base[part], ...over[part] };
  }
  return both;
}

// `option` is a function, so that it reads the colours of the theme that is on.
// `fresh` false: the same picture with newer numbers, so that what a pointer shows stays.
export function chart(place, option, fresh = true) {
  let kept = drawn.get(place);
  if (!kept) {
    kept = { chart: echarts.init(place), option };
    drawn.set(place, kept);
    new ResizeObserver(() => kept.chart.resize()).observe(place);
  }
  kept.option = option;
  kept.chart.setOption(merged(common(), option()), fresh);
}

new MutationObserver(() => {
  for (const [place, kept] of drawn) {
    if (place.isConnected) kept.chart.setOption(merged(common(), kept.option()), true);
    else { kept.chart.dispose(); drawn.delete(place); }
  }
}).observe(document.documentElement, { attributeFilter: ["data-theme"] });
