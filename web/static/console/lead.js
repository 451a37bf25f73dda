// One lead: who, why each decision, and everything that happened.
import { $, empty, failed, h, may, show } from "./dom.js";
import { get } from "./net.js";
import { transfer } from "./transfer.js";
import { moment } from "./zone.js";

const place = $("lead");
const id = place.dataset.lead;

const MOVABLE = ["held", "waiting", "assigned", "accepted", "sea", "region", "ordered"];
const fact = (label, value) => [h("dt", {}, label), h("dd", {}, value || "—")];
const why = (text) => h("p", { class: "why" }, text || "没有记下原因");
const list = (texts) => h("ul", { class: "reasons" }, texts.map((text) => h("li", {}, text)));

function head(lead, told) {
  return h("section", { class: "panel" },
    h("div", { class: "heading" },
      h("h1", {}, lead.customer.name || "未留姓名", h("small", {}, lead.customer.phone ?? "没有电话")),
      h("span", { class: `level level-${lead.level}` }, told.level_text),
      told.state_text === told.level_text ? null : h("span", { class: "tag" }, told.state_text),
      h("div", { class: "buttons end" },
        h("a", { class: "button", href: `/console/customers/${lead.customer_id}` }, "看这位客户"),
        may("leads:work") && MOVABLE.includes(lead.state)
          ? h("button", { type: "button", onclick: () => handOn(lead) }, "转派") : null)),
    lead.message ? h("blockquote", {}, lead.message) : null,
    h("dl", { class: "facts" },
      fact("来源", told.source_text), fact("归因", told.attribution_text),
      fact("车型", told.model_text), fact("城市", lead.city || lead.customer.city),
      fact("预算", lead.budget ? `${(lead.budget / 10000).toLocaleString("zh-CN")} 万元` : ""),
      fact("购车时间", lead.purchase_window_days === null ? "" : `${lead.purchase_window_days} 天内`),
      fact("进线", moment(lead.opened_at)), fact("触点", `${lead.touchpoints.length} 次`)));
}

function level(told) {
  return h("section", { class: "panel" }, h("h2", {}, "为什么是这个意向"),
    told.reasons.length ? list(told.reasons) : why("还没有可以判断的依据"),
    h("details", {}, h("summary", {}, `判定过 ${told.gradings.length} 次`),
      h("ol", { class: "history" }, told.gradings.map((each) => h("li", {},
        h("time", {}, moment(each.at)), h("b", {}, each.level_text),
        h("span", {}, `${each.cause} · ${each.score} 分`),
        h("small", {}, each.reasons.join(" · ")))))));
}

function dealer(told) {
  return h("section", { class: "panel" }, h("h2", {}, "为什么是这家店"),
    told.dealer ? [h("p", { class: "answer" }, told.dealer.name, h("small", {}, told.dealer.region)),
      why(told.dealer.why)] : why(told.hold || "还没有分到门店"));
}

function holder(each) {
  const ended = each.ended_at ? `${moment(each.ended_at)} ${each.end_text}` : "现在负责";
  const answered = each.answered_at ? `首次跟进 ${moment(each.answered_at)}` : "还没有跟进";
  const late = !each.answered_at || each.answered_at >= each.due_at;
  return h("li", {}, h("time", {}, moment(each.assigned_at)), h("b", {}, each.name),
    h("span", {}, each.why), h("small", { class: late && each.answered_at ? "warn" : "" },
      `${ended} · ${answered}（时限 ${moment(each.due_at)}）`));
}

function adviser(told) {
  return h("section", { class: "panel" }, h("h2", {}, "为什么是这位顾问"),
    told.hold && told.dealer ? why(told.hold) : null,
    told.holders.length ? h("ol", { class: "history" }, told.holders.map(holder))
      : why("还没有顾问接手"));
}

function pool(told) {
  return h("section", { class: "panel" }, h("h2", {}, "为什么在这个池"),
    h("p", { class: "answer" }, told.pool.pool_text, h("small", {}, told.pool.link_text)),
    why(told.pool.why));
}

async function wholeTimeline() {
  const lines = [];
  let cursor = null;
  do {
    const page = await get(`/leads/${id}/timeline?limit=200${cursor ? `&cursor=${cursor}` : ""}`);
    lines.push(...page.items);
    cursor = page.next_cursor;
  } while (cursor);
  return lines;
}

function timeline(lines) {
  return h("section", { class: "panel" }, h("h2", {}, "完整经过"),
    lines.length ? h("ol", { class: "timeline" }, lines.map((line) => h("li", { class: line.kind },
      h("time", {}, moment(line.at)), h("span", {}, line.text), h("small", {}, line.actor_name))))
      : empty("还没有记录。"));
}

async function handOn(lead) {
  const name = lead.customer.name || "未留姓名";
  if (await transfer({ lead_ids: [id] }, 1, `#${id} ${name}`)) load();
}

async function load() {
  try {
    const [lead, told, lines] = await Promise.all(
      [get(`/leads/${id}`), get(`/leads/${id}/explain`), wholeTimeline()]);
    show(place, head(lead, told),
      h("div", { class: "columns even" }, level(told), dealer(told), adviser(told), pool(told)),
      timeline(lines));
  } catch (error) {
    show(place, error.status === 404
      ? empty("没有这条线索，或者它不在您管辖的门店。") : failed(error, load));
  }
}

load();
