// The pools in figures: how many are where, who comes and goes, how long they stay, what becomes of them.
import { asked, days, query } from "./asked.js";
import { chart, colour } from "./chart.js";
import { $, count, empty, failed, h, may, show } from "./dom.js";
import { get } from "./net.js";
import { moment } from "./zone.js";

const POOLS = [
  ["traffic", "流量池", "品牌沟通"], ["leads", "线索池", "门店沟通"], ["nurture", "孵化池", "品牌沟通"],
  ["prospects", "潜客池", "门店沟通"], ["owners", "保客", "品牌和售后"], ["out", "出池", "不再打扰"],
];
const NAMES = Object.fromEntries(POOLS);
const LINKS = [["dealer", "门店链路"], ["brand", "品牌链路"], ["none", "没有人"]];
const BY = [["", "不拆分"], ["region", "大区"], ["dealer", "门店"], ["source", "来源"], ["model", "车型"]];
const SHOWN = 50;
const place = $("figures");
let turn = 0;

const percent = (share) => `${(100 * share).toFixed(share > 0 && share < 0.1 ? 1 : 0)}%`;
const stayed = (days) => (days < 0.05 ? "不到 1 小时" : days < 1 ? `${(days * 24).toFixed(1)} 小时` : `${days.toFixed(1)} 天`);
const sum = (rows, name) => rows.reduce((total, row) => total + row[name], 0);
const head = (...titles) => h("thead", {}, h("tr", {}, titles.map((title) => h("th", { scope: "col" }, title))));
const panel = (title, ...content) => h("section", { class: "panel" }, h("h2", {}, title), content);

function tiles(found) {
  return h("section", { class: "tiles", "aria-label": "各池人数" }, POOLS.map(([pool, name, link]) => {
    const moved = found.flows.filter((flow) => flow.pool === pool);
    return h("article", { class: `tile pool pool-${pool}` }, h("h3", {}, name),
      h("strong", {}, count(found.sizes[pool])),
      h("p", {}, h("span", {}, link), h("span", {}, `进 ${count(sum(moved, "entered"))} · 出 ${count(sum(moved, "left"))}`)));
  }));
}

function flows(found, values) {
  const canvas = h("div", { class: "chart", role: "img", "aria-label": "每天进出各池的人数" });
  const every = days(values.from, values.to);
  const at = new Map(found.flows.map((flow) => [`${flow.day} ${flow.pool}`, flow]));
  const drawn = (chosen) => () => ({
    xAxis: { type: "category", data: every.map((day) => day.slice(5)) },
    yAxis: { type: "value", minInterval: 1, axisLabel: { color: colour("--dim"), formatter: (n) => count(Math.abs(n)) } },
    tooltip: { formatter: (all) => told(every[all[0].dataIndex], chosen) },
    series: chosen.flatMap(([pool, name]) => [["entered", 1], ["left", -1]].map(([side, sign]) => ({
      name, type: "bar", stack: "moves", barMaxWidth: 28,
      itemStyle: { color: colour("--pool", swatches[pool]), opacity: sign > 0 ? 1 : 0.55 },
      data: every.map((day) => sign * (at.get(`${day} ${pool}`)?.[side] ?? 0)),
    }))),
  });
  const told = (day, chosen) => [day, ...chosen.map(([pool, name]) => {
    const flow = at.get(`${day} ${pool}`) ?? { entered: 0, left: 0 };
    return `${name}  进 ${count(flow.entered)} · 出 ${count(flow.left)}`;
  })].join("\n");
  const swatches = Object.fromEntries(POOLS.map(([pool]) => [pool, h("i", { class: `pool-${pool}`, hidden: true })]));
  const chips = h("div", { class: "chips" }, [["", "全部"], ...POOLS].map(([pool, name]) => h("button", {
    type: "button", class: "chip", "aria-pressed": String(pool === ""), onclick: ({ target }) => {
      for (const chip of chips.children) chip.setAttribute("aria-pressed", String(chip === target));
      chart(canvas, drawn(pool ? POOLS.filter(([code]) => code === pool) : POOLS));
    },
  }, name)));
  const whole = h("section", { class: "panel" }, Object.values(swatches),
    h("div", { class: "heading" }, h("h2", {}, "每天进出"), h("p", { class: "dim" }, "线上为进，线下为出"), chips),
    found.flows.length ? canvas : empty("这段时间没有人换池。"));
  return [whole, () => found.flows.length && chart(canvas, drawn(POOLS))];
}

function stays(found) {
  const rows = found.dwell.filter((each) => each.left);
  return panel("停留多久", rows.length ? h("table", { class: "figures" }, head("池", "离开人数", "停留中位数"),
    h("tbody", {}, rows.map((each) => h("tr", {}, h("th", { scope: "row" }, NAMES[each.pool]), h("td", {}, count(each.left)),
      h("td", {}, stayed(each.median_days))))))
    : empty("这段时间没有人离开。"));
}

function conversions(found) {
  const at = new Map(found.conversions.map((each) => [`${each.before ?? ""} ${each.pool}`, each]));
  const cell = (before, pool) => {
    const each = at.get(`${before} ${pool}`);
    if (!each) return h("td", { class: "dim" }, before === pool ? "" : "·");
    const mark = h("span", { class: "heat" }, count(each.count), h("small", {}, percent(each.share)));
    mark.style.setProperty("--heat", (0.06 + 0.34 * each.share).toFixed(2));
    return h("td", {}, mark);
  };
  const rows = [["", "新来的"], ...POOLS].filter(([before]) => found.conversions.some((each) => (each.before ?? "") === before));
  return panel("从哪到哪", rows.length ? h("div", { class: "scroll" }, h("table", { class: "figures matrix" },
    head("从 ＼ 到", ...POOLS.map(([, name]) => name)),
    h("tbody", {}, rows.map(([before, name]) => h("tr", {}, h("th", { scope: "row" }, name),
      POOLS.map(([pool]) => cell(before, pool))))))) : empty("这段时间没有人换池。"));
}

function talking(found) {
  const all = LINKS.filter(([link]) => found.links[link]);
  return panel("谁在沟通",
    h("dl", { class: "who-talks" },
      all.flatMap(([link, name]) => [h("dt", {}, `新客户中${name === "没有人" ? "没有人沟通" : `由${name}沟通`}`), h("dd", {}, `${count(found.links[link])} 人`)]),
      h("dt", {}, "交给门店"), h("dd", {}, `${count(found.hand_overs.to_dealer)} 次`),
      h("dt", {}, "交回品牌"), h("dd", {}, `${count(found.hand_overs.to_brand)} 次`)),
    h("p", { class: "hint" }, `新客户指这段时间认识的 ${count(found.customers)} 人。`), nightly(found.check));
}

function nightly(check) {
  if (!check) return h("p", { class: "hint" }, "还没有做过夜间核对。");
  const text = `夜间核对 ${check.day}：核对 ${count(check.checked)} 人，`;
  if (!check.differences) return h("p", { class: "hint" }, text, h("span", { class: "good" }, "全部一致"), "。");
  const list = h("div");
  const open = async ({ currentTarget }) => {
    if (!currentTarget.open || list.childElementCount) return;
    try {
      const { items } = await get("/stats/pools/differences");
      show(list, h("ul", { class: "people" }, items.map((each) => h("li", {},
        h("a", { href: `/console/customers/${each.customer_id}` }, `客户 ${each.customer_id}`),
        h("span", {}, `原来在${NAMES[each.kept] ?? "无"}，应在${NAMES[each.pool]}`), h("time", {}, moment(each.at))))));
    } catch (error) { show(list, failed(error)); }
  };
  const found = [text, h("span", { class: "bad" }, `${count(check.differences)} 人不一致`), "，已改正。"];
  return may("ops") ? h("details", { ontoggle: open }, h("summary", {}, found), list) : h("p", { class: "hint" }, found);
}

function parts(found, values) {
  if (!found.by) return null;
  const title = BY.find(([by]) => by === found.by)[1];
  const alone = (key) => `/console/pools?${new URLSearchParams({ ...values, by: "", [found.by]: key })}`;
  const name = (group) => (group.key ? h("a", { href: alone(group.key) }, group.title) : "未知");
  const row = (group) => h("tr", {}, h("th", { scope: "row", class: "name" }, name(group)), h("td", {}, count(group.customers)),
    POOLS.map(([pool]) => h("td", {}, count(group.sizes[pool]),
      h("small", {}, group.entered[pool] || group.left[pool] ? `+${group.entered[pool]} −${group.left[pool]}` : ""))));
  if (!found.groups.length) return panel(`按${title}`, empty("还没有客户。"));
  const body = h("tbody", {}, found.groups.slice(0, SHOWN).map(row)), rest = found.groups.slice(SHOWN);
  const more = h("button", { type: "button", class: "more", hidden: !rest.length, onclick: () => {
    body.append(...rest.map(row));
    more.remove();
  } }, `再看 ${count(rest.length)} 行`);
  return panel(`按${title}`, h("div", { class: "scroll" }, h("table", { class: "figures wide" },
    head(title, "人数", ...POOLS.map(([, name]) => name)), body)), more);
}

async function load(values) {
  const mine = ++turn;
  place.setAttribute("aria-busy", "true");
  try {
    const found = await get(`/stats/pools?${query(values)}`);
    if (mine !== turn) return;
    const [moved, draw] = flows(found, values);
    show(place, tiles(found), moved, h("div", { class: "columns" }, conversions(found), h("div", { class: "stack" }, stays(found), talking(found))), parts(found, values));
    draw();
  } catch (error) {
    if (mine === turn) show(place, failed(error, () => load(values)));
  } finally {
    if (mine === turn) place.removeAttribute("aria-busy");
  }
}

// A source or a model that was followed from a breakdown can be given up again.
const followed = [["source", "来源"], ["model", "车型"]].flatMap(([name, label]) => {
  const value = new URLSearchParams(location.search).get(name);
  return value ? [[name, label, [["", "全部"], [value, value]]]] : [];
});
asked($("filters"), [["by", "拆分", BY], ...followed], load);
