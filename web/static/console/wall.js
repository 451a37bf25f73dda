// The wall: what came in today, what waits, what is late, what is wrong and what to do about it.
import { $, count, empty, h, since, show, span } from "./dom.js";
import { watch } from "./live.js";
import { spark } from "./spark.js";
import { troubleLine } from "./trouble.js";

const PARTS = {
  ok: ["正常", "good"], down: ["没有回应", "bad"], none: ["未配置", "dim"],
};

function tile(label, value, note, kind, extra) {
  return h("article", { class: `tile ${kind ?? ""}` },
    h("h3", {}, label), h("strong", {}, value), h("p", {}, note), extra ?? null);
}

function compared({ today, last_week: before }) {
  if (!before) return today ? "上周同时还没有" : "上周同时也没有";
  const change = Math.round(((today - before) / before) * 100);
  const sign = change > 0 ? `多 ${change}%` : change < 0 ? `少 ${-change}%` : "持平";
  return `上周同时 ${count(before)} · ${sign}`;
}

function tiles(wall) {
  const late = wall.late.reduce((sum, each) => sum + each.count, 0);
  const ready = wall.queues.reduce((sum, queue) => sum + queue.ready, 0);
  const dead = wall.queues.reduce((sum, queue) => sum + queue.failed, 0);
  const { came, left } = wall.history;
  return [
    tile("今日线索", count(wall.today.leads.today), compared(wall.today.leads)),
    tile("已送达顾问", count(wall.today.pushed.today), compared(wall.today.pushed)),
    tile("已首次跟进", count(wall.today.answered.today), compared(wall.today.answered)),
    tile("超时未跟进", count(late), late ? `${wall.late.length} 家门店` : "都在时限内", late ? "warn" : ""),
    tile("排队 / 失败", `${count(ready)} / ${count(dead)}`,
      `每分钟进 ${count(came.at(-1) ?? 0)} · 出 ${count(left.at(-1) ?? 0)}`, dead ? "alarm" : "",
      spark([{ values: came, kind: "fill" }, { values: left, kind: "second" }], "最近几分钟的进出")),
    h("article", { class: "tile parts" },
      part("数据库", wall.database), part("Redis", wall.redis),
      h("p", {}, "响应延迟", h("b", { class: wall.event_loop_lag_ms > 200 ? "bad" : "good" },
        `${wall.event_loop_lag_ms.toFixed(0)} 毫秒`))),
  ];
}

function part(label, state) {
  const [words, kind] = PARTS[state] ?? [state, "bad"];
  return h("p", {}, label, h("b", { class: kind }, words));
}

// The same error on several kinds of jobs is one thing to mend.
function merged(all) {
  const groups = new Map();
  for (const each of all) {
    const key = `${each.queue} ${each.error} ${each.title}`;
    const known = groups.get(key);
    if (!known) groups.set(key, { ...each });
    else {
      known.failed += each.failed;
      known.waiting += each.waiting;
      known.kind_text += `、${each.kind_text}`;
      known.kind = "";
    }
  }
  return [...groups.values()];
}

function troubles(wall) {
  const place = $("troubles");
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
    h("td", {}, count(queue.ready)), h("td", {}, count(queue.scheduled)),
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
  const regions = Map.groupBy ? Map.groupBy(wall.late, (each) => each.region) : grouped(wall.late);
  const most = Math.max(...wall.late.map((each) => each.count));
  return [...regions].map(([region, dealers]) => h("section", { class: "region" },
    h("h3", {}, region || "未分大区",
      h("b", {}, count(dealers.reduce((sum, each) => sum + each.count, 0)))),
    dealers.map((each) => h("p", { class: "bar" },
      h("span", {}, each.dealer),
      h("meter", { min: 0, max: most, value: each.count, "aria-label": `${each.dealer}超时${each.count}条` }),
      h("b", {}, count(each.count)),
      h("small", {}, `最久 ${since(each.oldest_due_at, wall.at)}`)))));
}

function grouped(rows) {
  const groups = new Map();
  for (const row of rows) groups.set(row.region, [...(groups.get(row.region) ?? []), row]);
  return groups;
}

function app(each, now) {
  const fact = (label, value, kind) => h("p", {}, label, h("b", { class: kind ?? "" }, value));
  const token = each.token_age_seconds === null ? "还没用过" : `${span(each.token_age_seconds)}前取得`;
  const wrong = each.refusals.reduce((sum, refusal) => sum + refusal.count, 0);
  const [state, kind] = each.problem ? ["已停止调用", "bad"]
    : wrong ? [`近一小时出错 ${count(wrong)} 次`, "warn"] : ["正常", "good"];
  return h("article", { class: "app" },
    h("h3", {}, each.title, h("span", { class: `tag ${kind}` }, state)),
    each.problem ? h("div", { class: "advice" }, h("strong", {}, each.problem), h("p", {}, each.todo),
      h("p", { class: "dim" }, `${span(Math.max(1, (new Date(each.paused_until) - new Date(now)) / 1000))}后自动再试`)) : null,
    fact("凭证（token）", token),
    fact("收到消息", each.last_callback_at ? `${since(each.last_callback_at, now)}前 · 每分钟 ${each.callbacks_per_minute}` : "还没有收到过"),
    fact("近一小时调用", `${count(each.calls)} 次`),
    h("ul", { class: "refusals" }, each.refusals.length
      ? each.refusals.map((refusal) => h("li", {}, h("code", {}, refusal.errcode),
          refusal.title ?? "未收录的返回码", h("b", {}, `${count(refusal.count)} 次`)))
      : h("li", { class: "dim" }, "没有出错")));
}

watch((wall) => {
  show($("tiles"), tiles(wall));
  troubles(wall);
  show($("queues"), queueTable(wall));
  show($("late"), late(wall));
  show($("apps"), wall.apps.length
    ? wall.apps.map((each) => app(each, wall.at)) : [empty("还没有接入公众号或企业微信。")]);
});
