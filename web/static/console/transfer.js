// Hands leads on: to an adviser, to a dealer, or to colleagues; what became of each is shown.
import { tell } from "./dialogs.js";
import { count, h, show } from "./dom.js";
import { post } from "./net.js";
import { adviserOptions, codeOf, dealerInput } from "./places.js";
import { choice, entry, sheet, text } from "./sheet.js";

const WHY = {
  nobody_to_take: "对方不在岗或已满", wrong_state: "线索的状态不允许", not_yours: "不在您名下", not_found: "没有这条线索",
  invalid_input: "已经在对方手上，或对方不能接", assignment_over: "线索已不在原顾问手上", storage_down: "数据库没有回应，没有改动",
};

function target() {
  const adviser = choice("userid", [["", "先选门店"]], "", { disabled: true });
  const offer = async (code) => {
    adviser.disabled = !code;
    const options = await adviserOptions(code).catch(() => [["", "没有查到顾问"]]);
    adviser.replaceChildren(...options.map(([key, label]) => h("option", { value: key }, label)));
  };
  const dealer = entry("门店", "dealer_code", dealerInput("dealer", "", { picked: offer }));
  const person = entry("顾问", "userid", adviser, "不选顾问时，由门店按排班和手上线索分给合适的人");
  const kind = choice("kind", [["colleagues", "同店其他顾问（各找手上最少的）"], ["dealer", "指定门店或顾问"]], "colleagues");
  const choose = () => { dealer.hidden = person.hidden = kind.value !== "dealer"; };
  kind.addEventListener("change", choose);
  choose();
  return [entry("转给", "to", kind), dealer, person];
}

// `selection`: { lead_ids } or { filter }. Answers the results, or null when given up.
export async function transfer(selection, number, what) {
  const fields = [h("p", {}, `${what}，共 `, h("b", {}, `${count(number)} 条`), "。每条单独转派，互不影响。"),
    ...target(), entry("原因", "reason", text("reason", "", { maxlength: 64, required: true, placeholder: "如：顾问休假" }))];
  const results = await sheet(`转派 ${count(number)} 条线索`, fields, `转派 ${count(number)} 条`, (form) => {
    const to = form.get("kind") === "dealer"
      ? (form.get("userid") ? { userid: form.get("userid") } : { dealer_code: codeOf(form.get("dealer")) }) : {};
    if (form.get("kind") === "dealer" && !to.userid && !to.dealer_code) {
      throw Object.assign(new Error(""), { status: 422, errors: [{ loc: "dealer_code", msg: "Field required" }] });
    }
    return post("/ops/transfers", { ...selection, ...to, reason: form.get("reason").trim(), count: number });
  });
  if (results) await report(results);
  return results;
}

function outcome(each) {
  if (each.outcome === "moved") return h("b", { class: "good" }, `已转给 ${each.name || each.userid}`);
  if (each.outcome === "waiting") return h("b", { class: "warn" }, "进入门店队列，等人有空");
  return h("b", { class: "bad" }, `没有转：${WHY[each.code] ?? each.code}`);
}

function report(results) {
  const parts = [[results.moved, "已转派", "good"], [results.waiting, "排队", "warn"], [results.refused, "没有转", "bad"]];
  return tell("转派结果",
    h("p", { class: "sums" }, parts.filter(([n]) => n).map(([n, label, kind]) => h("b", { class: kind }, `${label} ${count(n)} 条`))),
    h("ol", { class: "results" }, results.items.map((each) => h("li", {},
      h("a", { href: `/console/leads/${each.lead_id}` }, `#${each.lead_id}`), outcome(each)))));
}

const STATES = [["", "全部进行中"], ["assigned", "待接单"], ["accepted", "跟进中"], ["sea", "门店公海"],
  ["waiting", "排队等顾问"], ["region", "大区处理"], ["ordered", "已订车"]];
const LEVELS = [["", "不限"], ...["H", "A", "B", "C", "N"].map((code) => [code, `${code} 级`])];

// By a filter: how many first, then where to.
export async function transferByFilter() {
  const adviser = choice("staff", [["", "先选门店"]], "", { disabled: true });
  const offer = async (code) => {
    adviser.disabled = !code;
    const options = await adviserOptions(code).catch(() => []);
    adviser.replaceChildren(h("option", { value: "" }, "所有人的"),
      ...options.slice(1).map(([key, label]) => h("option", { value: key }, label)));
  };
  const found = await sheet("批量转派：选哪些线索", [
    entry("现在的门店", "filter.dealer_code", dealerInput("dealer", "", { picked: offer, required: true })),
    entry("现在的顾问", "filter.staff", adviser),
    entry("状态", "filter.state", choice("state", STATES, "")),
    entry("意向", "filter.level", choice("level", LEVELS, "")),
  ], "看看有多少", async (form) => {
    const filter = { dealer_code: codeOf(form.get("dealer")) };
    for (const name of ["staff", "state", "level"]) if (form.get(name)) filter[name] = form.get(name);
    return { filter, ...await post("/ops/transfers/preview", { filter }) };
  });
  if (!found) return null;
  if (found.too_many) return tell("太多了", h("p", {}, `一次最多 ${count(found.count)} 条，请按顾问、状态或意向缩小范围。`));
  if (!found.count) return tell("没有线索", h("p", {}, "没有符合条件的进行中线索。"));
  const first = found.items.slice(0, 3).map((lead) => `#${lead.number} ${lead.name || "未留姓名"}`).join("、");
  return transfer({ filter: found.filter }, found.count, `${first}${found.count > 3 ? " 等" : ""}`);
}
