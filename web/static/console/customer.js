// One person: who they are, what they agreed to, their leads, everything that happened.
import { say } from "./dialogs.js";
import { $, empty, failed, further, h, may, show } from "./dom.js";
import { erase, exportAll, withdraw } from "./person-data.js";
import { get, post } from "./net.js";
import { entry, sheet, text } from "./sheet.js";
import { merge } from "./merge.js";
import { moment } from "./zone.js";

const place = $("customer");
const id = place.dataset.customer;
const KINDS = { identity: "身份", consent: "授权", lead: "线索", appointment: "预约", timeline_event: "经过",
  outbox: "通知", handoff: "人工会话", ticket: "工单", customer_act: "互动", touch: "触达", enrolment: "活动", outcome: "成效",
  hand_over: "交接" };
let cursor = null;

const table = (titles, rows, kind = "") => h("div", { class: "scroll" }, h("table", { class: `leads ${kind}` },
  h("thead", {}, h("tr", {}, titles.map((title) => h("th", { scope: "col" }, title)))), h("tbody", {}, rows)));

function head(person) {
  const phone = person.identities.find((each) => each.kind_text === "手机号");
  const data = { id: person.id, name: person.name, consents: person.consents };
  const button = (label, work, look = "") => h("button", { type: "button", class: look, onclick: () => act(work) }, label);
  return h("section", { class: "panel" },
    h("div", { class: "heading" },
      h("h1", {}, person.name || "未留姓名", h("small", {}, phone?.value ?? "没有电话")),
      h("span", { class: "tag" }, person.pool_text),
      may("people") && !person.erased_at ? h("div", { class: "buttons end" },
        button("合并另一位客户", () => merge(data)), button("撤回授权", () => withdraw(data)),
        button("导出资料", () => exportAll(data)), button("清除资料", () => erase(data), "danger quiet")) : null),
    person.moved_from ? h("p", { class: "note" }, `客户 ${person.moved_from} 已合并到这里。`) : null,
    person.erased_at ? h("p", { class: "note bad" }, `资料已于 ${moment(person.erased_at)} 清除，只留下统计。`) : null,
    person.opted_out_at && !person.erased_at ? h("p", { class: "note bad" }, `${moment(person.opted_out_at)} 要求不再联系。`) : null,
    h("dl", { class: "facts" },
      ...[["客户编号", person.id], ["城市", person.city], ["谁在联系", person.link_text], ["认识于", moment(person.created_at)],
        ["为什么在这个池", person.pool_why]].flatMap(([label, value]) => [h("dt", {}, label), h("dd", {}, value || "—")])));
}

function identities(person) {
  return h("section", { class: "panel" }, h("h2", {}, "身份"),
    person.identities.length ? table(["类型", "号码（已隐去）", "关注", "从"], person.identities.map((each) => h("tr", {},
      h("td", {}, each.kind_text), h("td", {}, h("code", {}, each.value)),
      h("td", {}, each.kind_text.includes("openid") ? (each.subscribed ? "关注中" : "已取消") : "—"),
      h("td", {}, moment(each.since))))) : empty("没有身份记录。"));
}

function consents(person) {
  return h("section", { class: "panel" }, h("h2", {}, "授权凭证"),
    person.consents.length ? table(["内容", "来自", "何时", "现在"], person.consents.map((each) => h("tr", {},
      h("td", {}, each.purpose_text, h("small", {}, each.dealer || "品牌")),
      h("td", {}, each.channel_text, h("small", {}, `条款 ${each.version}`)),
      h("td", {}, moment(each.obtained_at)),
      h("td", {}, each.in_force ? h("b", { class: "good" }, "有效")
        : h("span", { class: "dim" }, each.withdrawn_at ? `${moment(each.withdrawn_at)} 撤回` : "已失效")))), "consents as-cards") : empty("没有授权凭证。"));
}

function leads(person) {
  return h("section", { class: "panel" }, h("h2", {}, "线索"),
    person.leads.length ? table(["编号", "意向", "状态", "车型", "门店 / 来源"], person.leads.map((lead) => h("tr", {},
      h("td", {}, h("a", { href: `/console/leads/${lead.lead_id}` }, `#${lead.number}`)),
      h("td", {}, h("span", { class: `level level-${lead.level}` }, lead.level_text)),
      h("td", {}, lead.state_text === lead.level_text ? "" : lead.state_text), h("td", {}, lead.model || "—"),
      h("td", {}, lead.dealer || "未分配", h("small", {}, lead.source)))), "of-person as-cards") : empty("没有您能看到的线索。"));
}

const moved = (each) => Object.entries(each.moved).map(([kind, n]) => `${KINDS[kind] ?? kind} ${n}`).join(" · ");
const conflict = ({ kept_lead_id: kept, lapsed_lead_id: lapsed }) => h("p", {}, "同一门店的两条线索：",
  h("a", { href: `/console/leads/${lapsed}` }, `#${lapsed}`), " 并入 ", h("a", { href: `/console/leads/${kept}` }, `#${kept}`));

function oneMerge(each, person) {
  const away = each.customer_id !== person.id;
  const who = `客户 ${each.other_id} ${each.other_name}`.trim();
  return h("li", {},
    h("time", {}, moment(each.at)),
    h("b", {}, away ? `并入客户 ${each.customer_id} ${each.name}` : `${who} 并入`),
    h("span", {}, each.by_name, each.reason ? `：${each.reason}` : ""),
    h("small", {}, moved(each) || "内容已清除"), ...each.conflicts.map(conflict),
    each.undone_at ? h("p", { class: "dim" }, `${moment(each.undone_at)} 由 ${each.undone_by_name} 撤销`)
      : each.can_undo && may("people") && !away
        ? h("div", { class: "buttons" }, h("button", { type: "button", onclick: () => act(() => undo(each, who)) }, "撤销合并")) : null);
}

function merges(person) {
  if (!person.merges.length) return null;
  return h("section", { class: "panel" }, h("h2", {}, "合并记录"),
    h("ol", { class: "history merges" }, person.merges.map((each) => oneMerge(each, person))));
}

async function undo(each, who) {
  const done = await sheet(`撤销与${who}的合并`, [
    h("p", {}, "合并时搬过来的身份、授权、线索、预约和经过都搬回去，并入的线索恢复原状，回到原来的顾问手上。合并之后新产生的内容跟着各自的线索或公众号走，其余留在这里。"),
    entry("为什么撤销", "reason", text("reason", "", { minlength: 2, maxlength: 200, required: true })),
  ], "撤销合并", (form) => post(`/customers/${each.customer_id}/merges/${each.id}/undo`, { reason: form.get("reason").trim() }));
  if (!done) return "";
  const kept = done.not_reopened_lead_ids;
  return kept.length ? `已撤销；线索 ${kept.map((lead) => `#${lead}`).join("、")} 在同店已有新线索，没有恢复` : "已撤销，两位客户各归各";
}

async function act(work) {
  try {
    const done = await work();
    if (!done) return;
    say(done);
    await load();
  } catch (error) {
    say(error.message, "bad");
  }
}

function line(each) {
  return h("li", { class: each.kind }, h("time", {}, moment(each.at)),
    h("span", {}, each.lead_id ? h("a", { class: "of-lead", href: `/console/leads/${each.lead_id}` }, `#${each.lead_id}`) : null, each.text),
    h("small", {}, each.actor));
}

async function more() {
  const list = $("timeline");
  try {
    const page = await get(`/ops/customers/${id}/timeline?limit=50${cursor ? `&cursor=${cursor}` : ""}`);
    if (!cursor) list.replaceChildren();
    list.append(...page.items.map(line));
    cursor = page.next_cursor;
    list.parentElement.querySelector(".more")?.remove();
    if (cursor) list.after(further("再看 50 条", more));
    if (!list.children.length) show(list.parentElement, h("h2", {}, "完整经过"), empty("还没有记录。"));
  } catch (error) {
    if (cursor) throw error;
    show(list, h("li", {}, failed(error, more)));
  }
}

async function load() {
  try {
    const person = await get(`/ops/customers/${id}`);
    cursor = null;
    show(place, head(person),
      h("div", { class: "columns even" }, identities(person), consents(person)), leads(person), merges(person),
      h("section", { class: "panel" }, h("h2", {}, "完整经过"), h("ol", { id: "timeline", class: "timeline" })));
    await more();
  } catch (error) {
    show(place, error.status === 404
      ? empty("没有这位客户，或者不在您管辖的门店。") : failed(error, load));
  }
}

load();
