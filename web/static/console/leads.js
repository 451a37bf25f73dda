// Find a lead. The words stay out of the address: addresses end up in logs.
import { $, empty, failed, h, loading, show } from "./dom.js";
import { post } from "./net.js";

const BY = { number: "按编号", name: "按姓名", phone: "按手机号（已记录）" };

function row(lead) {
  return h("tr", {},
    h("td", {}, h("a", { href: `/console/leads/${lead.lead_id}` }, `#${lead.number}`)),
    h("td", {}, lead.name || "未留姓名", h("small", {}, lead.phone ?? "没有电话")),
    h("td", {}, h("span", { class: `level level-${lead.level}` }, lead.level_text)),
    h("td", {}, lead.state_text),
    h("td", {}, lead.model || "—"),
    h("td", {}, lead.dealer || "未分配", h("small", {}, lead.source)));
}

async function search(words) {
  show($("found"), loading());
  try {
    const found = await post("/ops/leads/search", { q: words });
    if (!found.items.length) {
      show($("found"), empty(`${BY[found.by]}没有找到。只能看到您管辖门店的线索。`));
      return;
    }
    show($("found"), h("p", { class: "hint" }, `${BY[found.by]}找到 ${found.items.length} 条`),
      h("div", { class: "panel scroll" }, h("table", { class: "leads" },
        h("thead", {}, h("tr", {}, ["编号", "客户", "意向", "状态", "车型", "门店 / 来源"]
          .map((title) => h("th", { scope: "col" }, title)))),
        h("tbody", {}, found.items.map(row)))));
  } catch (error) {
    show($("found"), failed(error, () => search(words)));
  }
}

$("search").addEventListener("submit", (event) => {
  event.preventDefault();
  const words = $("q").value.trim();
  if (words) search(words);
});
