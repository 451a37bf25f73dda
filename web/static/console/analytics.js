// The KPI dictionary: figures of a period against the one before, broken down step by step, with the rows behind each.
import { asked, query } from "./asked.js";
import { chart, colour } from "./chart.js";
import { say, tell } from "./dialogs.js";
import { $, count, empty, failed, further, h, loading, show } from "./dom.js";
import { download, get } from "./net.js";
import { moment } from "./zone.js";

const BY = [["region", "大区"], ["dealer", "门店"], ["staff", "顾问"], ["source", "来源"], ["model", "车型"],
  ["level", "首次定级"], ["pool", "客户池"]];
const NEXT = { region: "dealer", dealer: "staff", source: "model" };
const VIEWS = [["cohort", "按进线日期"], ["period", "按发生日期"]];
const SHOWN = 50, NARROWED = ["staff", "source", "model", "level", "pool"];
const form = $("filters"), place = $("figures"), rows = $("rows");
const only = {}; // what the breakdown was narrowed to, beside the form: name → { key, title }
let words = new Map(), now = null, turn = 0;

const titleOf = (by) => BY.find(([code]) => code === by)[1];
const percent = (share) => (share === null ? "—" : `${(100 * share).toFixed(1)}%`);
const head = (...titles) => h("thead", {}, h("tr", {}, titles.map((title) => h("th", { scope: "col" }, title))));

function change({ share, before, code }) {
  if (share === null || before === null) return h("span", { class: "dim" }, "上期没有可比的");
  const points = 100 * (share - before), { rising } = words.get(code);
  if (Math.abs(points) < 0.05) return h("span", { class: "dim" }, "和上期持平");
  const tone = rising === null ? "dim" : (points > 0) === rising ? "good" : "bad";
  return h("span", { class: tone }, `${points > 0 ? "▲" : "▼"} ${Math.abs(points).toFixed(1)} 个百分点`);
}

function explain(code) {
  const said = words.get(code);
  tell(said.label, h("p", {}, said.text), h("dl", { class: "said" },
    h("dt", {}, "分母"), h("dd", {}, said.whole), h("dt", {}, "分子"), h("dd", {}, said.part), h("dt", {}, "归到"), h("dd", {}, said.at)));
}

function tiles(found) {
  return h("section", { class: "tiles kpis", "aria-label": "指标" }, found.total.map((value) => {
    const said = words.get(value.code);
    return h("article", { class: "tile", "data-kpi": value.code },
      h("h3", {}, said.label, h("button", { type: "button", class: "why-button", "aria-label": `${said.label}是怎么算的`, onclick: () => explain(value.code) }, "?")),
      h("button", { type: "button", class: "number", disabled: value.whole ? null : true, title: "看明细", onclick: () => behind(value.code) }, percent(value.share)),
      h("p", {}, `${count(value.part)} / ${count(value.whole)} ${said.unit_text}`), h("p", {}, change(value)));
  }));
}

function funnel(found) {
  const most = found.funnel[0].count;
  const canvas = h("div", { class: "chart low", role: "img", "aria-label": "漏斗" });
  const panel = h("section", { class: "panel" }, h("h2", {}, "漏斗"), most ? canvas : empty("这段时间没有线索进来。"));
  const draw = () => most && chart(canvas, () => ({
    legend: { show: false }, grid: { top: 6, right: 92 },
    tooltip: { show: false },
    xAxis: { type: "value", show: false, max: most }, yAxis: { type: "category", inverse: true, data: found.funnel.map((stage) => stage.stage_text),
      axisLine: { show: false }, axisTick: { show: false }, axisLabel: { color: colour("--ink") } },
    series: [{ type: "bar", barMaxWidth: 22, data: found.funnel.map((stage) => stage.count), itemStyle: { color: colour("--brand"), borderRadius: 4 },
      label: { show: true, position: "right", color: colour("--dim"), formatter: ({ value }) => `${count(value)} · ${percent(value / most)}` } }],
  }));
  return [panel, draw];
}

function calibration(found) {
  const row = (each) => h("tr", {}, h("th", { scope: "row" }, each.level_text), h("td", {}, `${each.window_days} 天内`), h("td", {}, count(each.judged)),
    h("td", {}, count(each.kept), h("small", {}, percent(each.judged ? each.kept / each.judged : null))), h("td", {}, count(each.later)));
  return h("section", { class: "panel" }, h("h2", {}, "定级说的和后来的"), found.calibration.length
    ? h("div", { class: "scroll" }, h("table", { class: "figures" }, head("首次定级", "说会买", "已到期", "按时买了", "晚些买了"), h("tbody", {}, found.calibration.map(row))))
    : empty("还没有到期的。"));
}

function breakdown(found) {
  const by = found.by, codes = found.total.map(({ code }) => code);
  const row = (group) => h("tr", {},
    h("th", { scope: "row", class: "name" }, group.key ? h("button", { type: "button", class: "link", onclick: () => narrow(by, group) }, group.title) : group.title),
    h("td", {}, count(group.funnel[0].count)),
    group.values.map((value) => h("td", { class: value.whole ? "" : "dim", title: `${count(value.part)} / ${count(value.whole)}` },
      value.whole && group.key ? h("button", { type: "button", class: "link plain", onclick: () => behind(value.code, by, group) }, percent(value.share)) : percent(value.share))));
  const body = h("tbody", {}, found.groups.slice(0, SHOWN).map(row));
  const more = h("button", { type: "button", class: "more", hidden: found.groups.length <= SHOWN, onclick: () => {
    body.append(...found.groups.slice(SHOWN).map(row));
    more.remove();
  } }, `再看 ${found.groups.length - SHOWN} 行`);
  return h("section", { class: "panel" }, h("div", { class: "heading" }, h("h2", {}, `按${titleOf(by)}`),
    h("div", { class: "chips" }, BY.map(([code, text]) => h("button", { type: "button", class: "chip", "aria-pressed": String(code === by), onclick: () => pick("by", code) }, text)))),
    found.groups.length ? [h("div", { class: "scroll" }, h("table", { class: "figures wide" }, head(titleOf(by), "线索", ...codes.map((code) => words.get(code).label)), body)), more]
      : empty("这段时间没有数据。"));
}

function pick(name, value) {
  const input = form.elements[name] ?? form.appendChild(h("input", { type: "hidden", name }));
  input.value = value;
  form.requestSubmit();
}

// One step down: into the part that was tapped, broken down by what comes below it.
function narrow(by, group) {
  if (by === "region") form.elements.region.value = group.key;
  else if (by === "dealer") form.elements.dealer.value = `${group.key} ${group.title}`;
  else only[by] = { key: group.key, title: group.title };
  pick("by", NEXT[by] ?? by);
}

function path() {
  show($("path"), Object.entries(only).map(([name, { title }]) => h("button", { type: "button", class: "chip", title: "去掉", onclick: () => {
    delete only[name];
    form.requestSubmit();
  } }, `${titleOf(name)}：${title} ×`)));
}

const narrowed = () => Object.fromEntries(Object.entries(only).map(([name, { key }]) => [name, key]));
const all = (more = {}) => query({ ...now, ...narrowed(), ...more });

async function behind(kpi, by = null, group = null, show_ = "all") {
  const within = by ? { [by]: group.key } : {}, said = words.get(kpi), wanted = all({ ...within, by: "", kpi, show: show_ });
  const list = h("div", {}, loading());
  const chips = [["all", "全部"], ["counted", "算上的"], ["missed", "没算上的"]].map(([code, text]) => h("button", {
    type: "button", class: "chip", "aria-pressed": String(code === show_), onclick: () => behind(kpi, by, group, code) }, text));
  rows.hidden = false;
  show(rows, h("div", { class: "heading" }, h("h2", {}, `${said.label}的明细${group ? ` · ${group.title}` : ""}`), h("div", { class: "chips" }, chips),
    h("div", { class: "buttons end" }, files(`/analytics/rows/export?${wanted}`), h("button", { type: "button", class: "quiet", onclick: () => { rows.hidden = true; } }, "收起"))), list);
  rows.scrollIntoView({ block: "start", behavior: "smooth" });
  await page(list, wanted, null);
}

function line(row) {
  const verdict = row.whole > 1 ? `${row.part} / ${row.whole}` : row.part ? "算上" : "没算上";
  return h("tr", {}, h("th", { scope: "row" }, h("a", { href: `/console/leads/${row.lead_id}` }, `#${row.number}`)),
    h("td", { class: row.part < row.whole ? "warn" : "good" }, verdict), h("td", {}, row.customer, h("small", {}, row.phone ?? "")),
    h("td", { class: "name" }, row.dealer || "—"), h("td", {}, row.adviser || "—"), h("td", {}, row.source), h("td", {}, row.model || "—"), h("td", {}, row.state), h("td", {}, moment(row.at)));
}

async function page(list, wanted, cursor) {
  try {
    const found = await get(`/analytics/rows?${wanted}&limit=50${cursor ? `&cursor=${cursor}` : ""}`);
    list.querySelector(".more")?.remove();
    if (cursor) list.querySelector("tbody").append(...found.items.map(line));
    else show(list, found.items.length ? h("div", { class: "scroll" }, h("table", { class: "figures rows" },
      head("线索", "结果", "客户", "门店", "顾问", "来源", "车型", "状态", "时间"), h("tbody", {}, found.items.map(line)))) : empty("没有这样的明细。"));
    if (found.next_cursor) list.append(further("再看 50 条", () => page(list, wanted, found.next_cursor)));
  } catch (error) {
    if (cursor) throw error;
    show(list, failed(error, () => page(list, wanted, null)));
  }
}

const files = (address) => [["xlsx", "Excel"], ["csv", "CSV"]].map(([format, text]) => h("button", { type: "button", onclick: async ({ target }) => {
  target.disabled = true;
  try { await download(`${address}&format=${format}`); } catch (error) { say(error.message, "bad"); }
  target.disabled = false;
} }, `导出 ${text}`));

async function load(values) {
  const mine = ++turn;
  now = values;
  rows.hidden = true;
  path();
  place.setAttribute("aria-busy", "true");
  try {
    if (!words.size) words = new Map((await get("/analytics/definitions")).items.map((item) => [item.code, item]));
    const found = await get(`/analytics?${all()}`);
    if (mine !== turn) return;
    const [reached, draw] = funnel(found);
    show(place, tiles(found), breakdown(found), h("div", { class: "columns even" }, reached, calibration(found)));
    show($("take"), files(`/analytics/export?${all()}`));
    draw();
  } catch (error) {
    if (mine === turn) show(place, failed(error, () => load(values)));
  } finally {
    if (mine === turn) place.removeAttribute("aria-busy");
  }
}

for (const name of NARROWED) {
  const key = new URLSearchParams(location.search).get(name);
  if (key) only[name] = { key, title: key };
}
asked(form, [["view", "口径", VIEWS], ["by", "拆分", BY]], load);
