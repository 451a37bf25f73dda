// Two customers are one: find the other, see what would happen, say why, confirm.
import { tell } from "./dialogs.js";
import { h } from "./dom.js";
import { get, post } from "./net.js";
import { entry, sheet, text, typed } from "./sheet.js";

const MOVES = { identities: "个身份", consents: "份授权", leads: "条线索", appointments: "个预约", timeline: "条经过" };

function found(answer, own) {
  const people = new Map();
  for (const lead of answer.items) {
    const known = people.get(lead.customer_id) ?? { id: lead.customer_id, name: lead.name, phone: lead.phone, more: [] };
    known.more.push(`#${lead.number} ${lead.dealer || "未分配"}`);
    people.set(lead.customer_id, known);
  }
  for (const each of answer.people) people.set(each.customer_id, { id: each.customer_id, ...each, more: [each.pool_text] });
  people.delete(own);
  return [...people.values()];
}

async function search(person) {
  return sheet("合并另一位客户", [
    h("p", {}, `找到另一位，把他的身份、授权、线索、预约和经过都合并到客户 ${person.id} ${person.name || "未留姓名"}。`),
    entry("另一位客户", "q", text("q", "", { maxlength: 64, required: true, placeholder: "线索编号（#12）、姓名或完整手机号" })),
    entry("查找原因", "reason", text("reason", "", { maxlength: 200 }), "按手机号查找时要填，会留下记录"),
  ], "查找", async (form) => {
    const reason = form.get("reason").trim();
    const answer = await post("/ops/leads/search", { q: form.get("q").trim(), ...(reason ? { reason } : {}) });
    return found(answer, person.id);
  });
}

async function pick(people) {
  if (people.length === 1) return people[0].id;
  return sheet("是哪一位", people.map((each, index) => h("label", { class: "choice whole" },
    h("input", { type: "radio", name: "other", value: each.id, required: true, checked: index === 0 }),
    h("span", {}, `${each.name || "未留姓名"} ${each.phone ?? ""}`, h("small", {}, each.more.slice(0, 3).join(" · "))))),
  "下一步", async (form) => form.get("other"));
}

function consequences(preview) {
  const parts = Object.entries(MOVES).filter(([kind]) => preview.moves[kind]).map(([kind, unit]) => `${preview.moves[kind]} ${unit}`);
  return [
    h("p", {}, "客户 ", h("b", {}, `${preview.other_id} ${preview.other_name || "未留姓名"}`), " 合并到客户 ",
      h("b", {}, `${preview.customer_id} ${preview.name || "未留姓名"}`), `：搬来 ${parts.join("、") || "（空）"}。`),
    preview.conflicts.length ? h("div", { class: "note" }, h("b", {}, "两位在同一家店都有进行中的线索："),
      preview.conflicts.map((each) => h("p", {}, `#${each.lapsed_lead_id} 并入 #${each.kept_lead_id}（${each.dealer_code ?? "未分配"}），触点和意向带过去，负责 #${each.kept_lead_id} 的顾问会收到“客户又来了”。`))) : null,
    h("p", { class: "dim" }, "合并后可以在“合并记录”里原样撤销。"),
  ].filter(Boolean);
}

export async function merge(person) {
  const people = await search(person);
  if (!people) return "";
  if (!people.length) {
    await tell("没有找到", h("p", {}, "没有别的客户符合，换个编号、姓名或手机号再找。"));
    return "";
  }
  const other = await pick(people);
  if (!other) return "";
  const preview = await get(`/customers/${person.id}/merges/preview?other=${other}`);
  const done = await sheet("确认合并", [...consequences(preview),
    entry("为什么是同一位", "reason", text("reason", "", { minlength: 2, maxlength: 200, required: true, placeholder: "如：客户来电确认两个号码都是他的" })),
    typed("合并")], "合并", (form) => post(`/customers/${person.id}/merges`, { other_id: other, reason: form.get("reason").trim() }));
  return done ? "已合并" : "";
}
