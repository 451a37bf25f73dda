// Regions and the catalogue: short lists, whole rows replaced.
import { say } from "./dialogs.js";
import { count, empty, h, may, show } from "./dom.js";
import { call, get } from "./net.js";
import { regionOptions } from "./places.js";
import { choice, entry, flag, sheet, text } from "./sheet.js";

const ENERGY = [["ice", "燃油"], ["bev", "纯电"], ["phev", "插电混动"], ["hev", "油电混动"], ["erev", "增程"]];
const CODE = { required: true, maxlength: 32, pattern: "[0-9A-Za-z][0-9A-Za-z_.\\-]*", title: "字母、数字和 _ . -" };
const words = (value) => value.split(/[,，、\n]+/).map((each) => each.trim()).filter(Boolean);
const lines = (value) => value.split("\n").map((each) => each.trim()).filter(Boolean);
const wan = (yuan) => `${(yuan / 10000).toLocaleString("zh-CN", { maximumFractionDigits: 2 })} 万`;
const change = (work) => (may("org:write") ? h("button", { type: "button", onclick: work }, "修改") : null);

const table = (kind, titles, rows) => h("div", { class: "scroll" }, h("table", { class: `leads ${kind} as-cards` },
  h("thead", {}, h("tr", {}, titles.map((title) => h("th", { scope: "col" }, title)))), h("tbody", {}, rows)));

export async function regions() {
  const place = h("section", { class: "panel" });
  async function load() {
    const { items } = await get("/regions");
    const names = Object.fromEntries(items.map((each) => [each.code, each.name]));
    show(place, items.length ? table("regions", ["大区", "上级", "直属门店", ""], items.map((each) => h("tr", {},
      h("td", {}, each.name, h("small", {}, each.code)), h("td", {}, names[each.parent] ?? each.parent ?? ""), h("td", { "data-label": "直属门店" }, count(each.dealers)),
      h("td", {}, h("div", { class: "buttons" }, change(() => edit(each)),
        h("a", { class: "button", href: `/console/policies?scope=region:${each.code}` }, "规则")))))) : empty("还没有大区。"));
  }
  async function edit(each, fresh = false) {
    const parents = (await regionOptions("没有上级")).filter(([code]) => code !== each.code);
    const done = await sheet(fresh ? "新增大区" : `修改 ${each.name}`, [
      fresh ? entry("代码", "code", text("code", "", CODE), "建好后不能改") : null,
      entry("名称", "name", text("name", each.name, { required: true, maxlength: 64 })),
      entry("上级大区", "parent_code", choice("parent", parents, each.parent))].filter(Boolean), "保存", (form) =>
      call("PUT", `/regions/${encodeURIComponent(fresh ? form.get("code").trim() : each.code)}`,
        { name: form.get("name").trim(), parent: form.get("parent") || null }));
    if (done) { say("已保存"); await load(); }
  }
  await load();
  return { element: [place], add: may("org:write") ? ["新增大区", () => edit({ name: "", parent: "" }, true)] : null };
}

export async function models() {
  const place = h("section", { class: "panel" });
  async function load() {
    const { items } = await get("/models");
    show(place, items.length ? table("models", ["车型", "指导价", "能源", "别名", "卖点", "状态", ""], items.map((each) => h("tr", { class: each.on_sale ? "" : "off" },
      h("td", {}, each.name, h("small", {}, each.code)),
      h("td", {}, each.guide_price ? `${wan(each.guide_price[0])} – ${wan(each.guide_price[1])}` : "—"),
      h("td", {}, Object.fromEntries(ENERGY)[each.energy] ?? each.energy),
      h("td", { class: "words" }, each.aliases.join("、") || "—"), h("td", { class: "words" }, each.highlights.join("；") || "—"),
      h("td", {}, each.on_sale ? h("b", { class: "good" }, "在售") : h("span", { class: "dim" }, "停售")), h("td", {}, change(() => edit(each)))))) : empty("车型库是空的。"));
  }
  async function edit(each, fresh = false) {
    const [low, high] = each.guide_price ?? ["", ""];
    const done = await sheet(fresh ? "新增车型" : `修改 ${each.name}`, [
      fresh ? entry("代码", "code", text("code", "", CODE), "建好后不能改") : null,
      entry("名称", "name", text("name", each.name, { required: true, maxlength: 64 })),
      entry("别名", "aliases", text("aliases", each.aliases.join("、")), "客户和媒体会怎么写，用顿号隔开"),
      h("div", { class: "pair" }, entry("最低指导价（元）", "guide_price.0", text("low", low, { type: "number", min: 0 })),
        entry("最高指导价（元）", "guide_price.1", text("high", high, { type: "number", min: 0 }))),
      entry("能源", "energy", choice("energy", ENERGY, each.energy)),
      entry("卖点", "highlights", h("textarea", { name: "highlights", rows: 4 }, each.highlights.join("\n")), "一行一条，机器人会说给客户听"),
      h("p", {}, flag("on_sale", "在售", each.on_sale))].filter(Boolean), "保存", (form) => {
      const price = [form.get("low"), form.get("high")];
      return call("PUT", `/models/${encodeURIComponent(fresh ? form.get("code").trim() : each.code)}`, {
        name: form.get("name").trim(), aliases: words(form.get("aliases")), energy: form.get("energy"), on_sale: form.has("on_sale"),
        highlights: lines(form.get("highlights")), guide_price: price.some((yuan) => yuan !== "") ? price.map(Number) : null });
    });
    if (done) { say("已保存"); await load(); }
  }
  await load();
  return { element: [place],
    add: may("org:write") ? ["新增车型", () => edit({ name: "", aliases: [], guide_price: null, energy: "ice", highlights: [], on_sale: true }, true)] : null };
}
