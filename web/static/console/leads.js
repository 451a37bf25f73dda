// Find a lead or a person. The words stay out of the address: addresses end up in logs.
import { $, count, empty, failed, h, loading, may, seesAll, show } from "./dom.js";
import { post } from "./net.js";
import { faultText } from "./sheet.js";
import { transfer, transferByFilter } from "./transfer.js";

const BY = { number: "按编号", name: "按姓名", phone: "按手机号（已记录）" };
const isPhone = (words) => /^\+?[\d\s-]{9,}$/.test(words) && words.replace(/\D/g, "").length >= 11;
const MOST = 50; // as many as the API lists
let chosen = new Set();

function bar() {
  const place = $("chosen");
  place.hidden = !chosen.size;
  show(place, h("b", {}, `已选 ${count(chosen.size)} 条`),
    h("button", { type: "button", class: "primary", onclick: handOn }, `转派 ${count(chosen.size)} 条`));
}

async function handOn() {
  const results = await transfer({ lead_ids: [...chosen] }, chosen.size, "选中的线索");
  if (results) search();
}

function box(lead) {
  return h("input", { type: "checkbox", "aria-label": `选择 #${lead.number}`, onchange: (event) => {
    if (event.target.checked) chosen.add(lead.lead_id);
    else chosen.delete(lead.lead_id);
    bar();
  } });
}

function row(lead) {
  return h("tr", {},
    h("td", { class: "pick" }, box(lead), h("a", { href: `/console/leads/${lead.lead_id}` }, `#${lead.number}`)),
    h("td", {}, h("a", { href: `/console/customers/${lead.customer_id}` }, lead.name || "未留姓名"),
      h("small", {}, lead.phone ?? "没有电话")),
    h("td", {}, h("span", { class: `level level-${lead.level}` }, lead.level_text)),
    h("td", {}, lead.state_text === lead.level_text ? "" : lead.state_text),
    h("td", {}, lead.model || "—"),
    h("td", {}, lead.dealer || "未分配", h("small", {}, lead.source)));
}

function people(list) {
  if (!list.length) return null;
  return h("section", { class: "panel" }, h("h2", {}, "还没有线索的客户"), h("ul", { class: "people" },
    list.map((each) => h("li", {}, h("a", { href: `/console/customers/${each.customer_id}` }, each.name || "未留姓名"),
      h("span", {}, each.phone ?? "没有电话"), h("small", {}, [each.city, each.pool_text].filter(Boolean).join(" · "))))));
}

function result(found) {
  if (!found.items.length && !found.people.length) return [empty(`${BY[found.by]}没有找到。${seesAll() ? found.by === "name" ? "姓名要写全。" : "" : "只能看到您管辖门店的线索。"}`)];
  return [h("p", { class: "hint" }, `${BY[found.by]}找到 ${found.items.length} 条线索${found.items.length < MOST ? "" : "，更早的没有列出，请用编号或手机号查"}`),
    found.items.length ? h("div", { class: "panel scroll" }, h("table", { class: "leads found as-cards" },
      h("thead", {}, h("tr", {}, ["编号", "客户", "意向", "状态", "车型", "门店 / 来源"]
        .map((title) => h("th", { scope: "col" }, title)))),
      h("tbody", {}, found.items.map(row)))) : null,
    people(found.people)];
}

async function search() {
  const words = $("q").value.trim(), asked = { q: words };
  if (!words) return;
  if (isPhone(words)) asked.reason = $("reason").value.trim();
  chosen = new Set();
  bar();
  show($("found"), loading());
  try {
    show($("found"), ...result(await post("/ops/leads/search", asked)));
  } catch (error) {
    const [fault] = error.errors ?? [];
    show($("found"), fault ? empty(fault.loc === "reason" ? "请写明为什么要按手机号查找（至少 2 个字）。" : faultText(fault.msg))
      : failed(error, search));
    if (fault?.loc === "reason") offer(true);
  }
}

function offer(needed = isPhone($("q").value.trim())) {
  $("why").hidden = !needed;
  $("reason").required = needed;
  if (needed && document.activeElement !== $("q")) $("reason").focus();
}

$("q").addEventListener("input", () => offer());
$("search").addEventListener("submit", (event) => {
  event.preventDefault();
  search();
});
$("bulk").hidden = !may("leads:work");
$("bulk").addEventListener("click", transferByFilter);
