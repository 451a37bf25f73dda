// The wall: what came in today, what waits, what is late, what is wrong and what to do about it.
import { chart, colour } from "./chart.js";
import { $, acts, count, empty, h, since, show, span } from "./dom.js";
import { watch } from "./live.js";
import { merged, troubleLine } from "./trouble.js";
import { clockOf } from "./zone.js";

const PARTS = {
  ok: ["正常", "good"], slow: ["偏慢", "bad"], down: ["没有回应", "bad"], none: ["未配置", "dim"],
};
const DUTIES = { http: "网页和接口", worker: "执行任务" };
const MEASURES = [["leads", "线索"], ["pushed", "送达"], ["answered", "跟进"]];
const HOURS = Array.from({ length: 24 }, (_, hour) => `${hour} 点`);
const SLOW_MS = 200;
const FEW = 20;
const SHOWN = 15; // stores: a wall is read from afar

function tile(label, value, note, kind, extra) {
  return h("article", { class: `tile ${kind ?? ""}` },
    h("h3", {}, label), h("strong", {}, value), h("p", {}, note), extra ?? null);
}

function compared({ today, last_week: before }) {
  if (!before) return today ? "上周同时还没有" : "上周同时也没有";
  const more = today - before, share = `${Math.round(Math.abs(more / before) * 100)}%`;
  const much = before < FEW ? count(Math.abs(more)) : share; // of a few, a share says little
  return `上周同时 ${count(before)} · ${more > 0 ? `多 ${much}` : more < 0 ? `少 ${much}` : "持平"}`;
}

const lately = ({ now }) => (now ? h("em", {}, `近 5 分钟 ${count(now)}`) : null);

// Of every queue, like the table below: what is due now, and where most of it is.
function backlog(queues) {
  const full = queues.filter((queue) => queue.ready).sort((a, b) => b.ready - a.ready);
  const oldest = Math.max(0, ...full.map((queue) => queue.oldest_ready_seconds));
  const most = full.slice(0, 2).map((queue) => `${queue.title} ${count(queue.ready)}`);
  const note = [...most, full.length > 2 && `另 ${full.length - 2} 个队列`, oldest >= 1 && `最久 ${span(oldest)}`];
  return { ready: full.reduce((sum, queue) => sum + queue.ready, 0), oldest,
    note: full.length ? note.filter(Boolean).join(" · ") : "各队列都没有积压" };
}

function tiles(wall) {
  const late = wall.late.reduce((sum, each) => sum + each.count, 0);
  const dead = wall.queues.reduce((sum, queue) => sum + queue.failed, 0);
  const { leads, pushed, answered } = wall.today;
  const { ready, oldest, note } = backlog(wall.queues);
  return [
    tile("今日线索", count(leads.today), compared(leads), "", lately(leads)),
    tile("已送达顾问", count(pushed.today), compared(pushed), "", lately(pushed)),
    tile("已首次跟进", count(answered.today), compared(answered), "", lately(answered)),
    tile("超时未跟进", count(late), late ? `${wall.late.length} 家门店` : "都在时限内", late ? "warn" : ""),
    tile("排队任务", count(ready), note, oldest > 60 ? "warn" : ""),
    tile("失败任务", count(dead), dead ? (acts() ? "在「队列」里重试或放弃" : "由运维处理") : "没有要处理的", dead ? "alarm" : ""),
  ];
}

let toldOf = "";

function troubles(wall) {
  const place = $("troubles"), now = JSON.stringify(wall.troubles);
  if (now === toldOf) return; // read out once, not at every beat
  toldOf = now;
  place.hidden = wall.troubles.length === 0;
  show(place.lastElementChild, merged(wall.troubles).slice(0, 6).map((trouble) => {
    const where = new URLSearchParams({ queue: trouble.queue, error: trouble.error });
    if (trouble.kind) where.set("kind", trouble.kind);
    return troubleLine(trouble, h("a", { class: "button", href: `/console/queues?${where}` }, "去处理"));
  }));
}

function queueTable(wall) {
  const row = (queue) => h("tr", { class: queue.failed ? "has-failed" : "" },
    h("th", { scope: "row" }, h("a", { href: `/console/queues?queue=${queue.name}` }, queue.title),
      queue.paused ? h("span", { class: "tag warn" }, "已暂停") : null),
    h("td", {}, count(queue.ready), queue.held ? h("small", {}, ` 等接收方 ${count(queue.held)}`) : null), h("td", {}, count(queue.scheduled)),
    h("td", {}, count(queue.active)),
    h("td", { class: queue.failed ? "bad" : "" }, count(queue.failed)),
    h("td", { class: queue.oldest_ready_seconds > 60 ? "warn" : "" },
      queue.ready ? span(queue.oldest_ready_seconds) : "—"),
    h("td", {}, `${count(queue.in_per_minute)} / ${count(queue.out_per_minute)}`));
  return h("table", {},
    h("thead", {}, h("tr", {}, ["队列", "排队", "定时", "执行中", "失败", "最久等了", "每分钟进 / 出"]
      .map((title) => h("th", { scope: "col" }, title)))),
    h("tbody", {}, wall.queues.map(row)));
}

function late(wall) {
  if (!wall.late.length) return [empty("没有超时的线索。")];
  const sum = (dealers) => dealers.reduce((total, each) => total + each.count, 0);
  const worst = [...wall.late].sort((a, b) => b.count - a.count);
  const most = worst[0].count, shown = new Set(worst.slice(0, SHOWN)), rest = worst.slice(SHOWN);
  const more = rest.length ? h("p", { class: "hint" }, `另有 ${count(rest.length)} 家，共 ${count(sum(rest))} 条`) : null;
  return [...grouped(wall.late)].map(([region, dealers]) => h("section", { class: "region" },
    h("h3", {}, region || "未分大区", h("b", {}, count(sum(dealers)))),
    dealers.filter((each) => shown.has(each)).map((each) => h("p", { class: "bar" },
      h("span", {}, each.dealer),
      h("meter", { min: 0, max: most, value: each.count, "aria-label": `${each.dealer}超时${each.count}条` }),
      h("b", {}, count(each.count)),
      h("small", {}, `最久 ${since(each.oldest_due_at, wall.at)}`))))).concat(more);
}

function grouped(rows) {
  const groups = new Map();
  for (const row of rows) groups.set(row.region, [...(groups.get(row.region) ?? []), row]);
  return groups;
}

function quota(each) {
  const left = h("b", { class: each.left < 0.2 * each.limit ? "warn" : "" }, `${each.about ? "约 " : ""}${count(each.left)}`);
  return h("p", { title: `${each.api}：已用 ${count(each.used)} / ${count(each.limit)}` }, `${each.title}今日还可发`, left);
}

// Several APIs refused for the same reason are one thing to mend.
function stops(each, now) {
  const byTitle = new Map();
  for (const stop of each.stopped) {
    const known = byTitle.get(stop.title);
    byTitle.set(stop.title, { ...stop, apis: [...(known?.apis ?? []), stop.api],
      until: known && known.until > stop.until ? known.until : stop.until });
  }
  const wait = (until) => span(Math.max(1, (new Date(until) - new Date(now)) / 1000));
  return [...byTitle.values()].map((stop) => h("div", { class: "advice" },
    h("strong", {}, stop.title), h("p", {}, stop.todo),
    h("p", { class: "dim" }, h("code", {}, stop.apis.join(" ")), ` 已暂停调用，${wait(stop.until)}后自动再试`)));
}

function app(each, now) {
  const fact = (label, value, kind) => h("p", {}, label, h("b", { class: kind ?? "" }, value));
  const token = each.token_age_seconds === null ? "还没用过" : `${span(each.token_age_seconds)}前取得`;
  const wrong = each.refusals.reduce((sum, refusal) => sum + refusal.count, 0);
  const [state, kind] = each.stopped.length ? ["已暂停调用", "bad"]
    : wrong ? [`近一小时出错 ${count(wrong)} 次`, "warn"] : ["正常", "good"];
  return h("article", { class: "app" },
    h("h3", {}, each.title, h("span", { class: `tag ${kind}` }, state)),
    stops(each, now),
    fact("凭证（token）", token, each.token_age_seconds > 7200 ? "bad" : ""),
    fact("收到消息", each.last_callback_at ? `${since(each.last_callback_at, now)}前 · 每分钟 ${each.callbacks_per_minute}` : "还没有收到过"),
    each.quotas.map(quota),
    fact("近一小时调用", `${count(each.calls)} 次`),
    h("ul", { class: "refusals" }, each.refusals.length
      ? each.refusals.map((refusal) => h("li", {}, h("code", {}, refusal.errcode),
          refusal.title ?? "未收录的返回码", h("b", {}, `${count(refusal.count)} 次`)))
      : h("li", { class: "dim" }, "没有出错")));
}

function part(label, state, note) {
  const [words, kind] = PARTS[state] ?? [state, "bad"];
  return h("p", {}, label, h("b", { class: kind }, note ?? words));
}

function process(each) {
  const state = each.state === "silent" ? h("b", { class: "bad" }, `${span(each.seen_seconds_ago)}没有回应`)
    : h("b", { class: each.event_loop_lag_ms > SLOW_MS ? "warn" : "" }, `${each.event_loop_lag_ms.toFixed(0)} 毫秒`);
  return h("p", {}, h("span", {}, h("code", {}, each.id),
    h("small", {}, each.duties.map((duty) => DUTIES[duty] ?? duty).join("、"))), state);
}

function system(wall) {
  const { processes, redis } = wall;
  const works = (each) => each.state === "ok" && each.duties.includes("worker");
  const unattended = redis === "ok" && processes.length && !processes.some(works);
  const lag = wall.event_loop_lag_ms;
  return h("article", { class: "app" }, h("h3", {}, "系统"),
    unattended ? h("div", { class: "advice" }, h("strong", {}, "没有进程在执行任务"),
      h("p", {}, "消息和线索照常接收，但什么也发不出去。请启动 worker：python manage.py worker")) : null,
    part("数据库", wall.database), part("Redis", redis),
    part("响应延迟（最慢的进程）", lag > SLOW_MS ? "slow" : "ok", `${lag.toFixed(0)} 毫秒`),
    processes.map(process));
}

let measure = "leads", newest = null;

function day(fresh) {
  const { by_hour: today, last_week_by_hour: before } = newest.today[measure];
  $("day").setAttribute("aria-label", `今天每小时：${today.join("、")}；上周同日：${before.join("、")}`);
  chart($("day"), () => ({
    animation: false,
    xAxis: { type: "category", data: HOURS },
    yAxis: { type: "value", minInterval: 1 },
    series: [
      { name: "今天", type: "bar", data: HOURS.map((_, hour) => today[hour] ?? null), barMaxWidth: 22, itemStyle: { color: colour("--brand"), borderRadius: [3, 3, 0, 0] } },
      { name: "上周同日", type: "line", data: before, step: "middle", symbol: "none", lineStyle: { color: colour("--dim"), width: 1.5, type: "dashed" }, itemStyle: { color: colour("--dim") } },
    ],
  }), fresh);
}

function flow({ history }) {
  const lines = [["每分钟进", history.came, "--brand"], ["每分钟出", history.left, "--second"],
    ["排队", history.ready, "--warn"], ["失败", history.failed, "--bad"]];
  $("flow").setAttribute("aria-label", lines.map(([name, values]) => `${name} ${values.at(-1) ?? 0}`).join("，"));
  chart($("flow"), () => ({
    animation: false,
    xAxis: { type: "category", boundaryGap: false, data: history.at.map(clockOf) },
    yAxis: { type: "value", minInterval: 1 },
    series: lines.map(([name, data, shade]) => ({ name, data, type: "line", symbol: "none",
      lineStyle: { color: colour(shade), width: 1.5 }, itemStyle: { color: colour(shade) } })),
  }), false);
}

show($("measures"), MEASURES.map(([name, label]) => h("button", {
  type: "button", class: "chip", "aria-pressed": String(name === measure), onclick: ({ target }) => {
    measure = name;
    for (const chip of $("measures").children) chip.setAttribute("aria-pressed", String(chip === target));
    if (newest) day(true);
  },
}, label)));

watch((wall) => {
  const before = newest && JSON.stringify(newest.today[measure]);
  newest = wall;
  show($("tiles"), tiles(wall));
  troubles(wall);
  show($("queues"), queueTable(wall));
  show($("late"), late(wall));
  show($("apps"), wall.apps.length ? null : empty("还没有接入公众号或企业微信。"),
    wall.apps.map((each) => app(each, wall.at)), system(wall));
  if (JSON.stringify(wall.today[measure]) !== before) day(false);
  flow(wall);
});
