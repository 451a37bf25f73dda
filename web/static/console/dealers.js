// Dealers: hours with holidays and special days, what they sell, whether they are open.
import { say } from "./dialogs.js";
import { count, empty, failed, further, h, loading, may, show } from "./dom.js";
import { hoursEditor, hoursText } from "./hours.js";
import { call, get } from "./net.js";
import { regionOptions } from "./places.js";
import { choice, entry, flag, sheet, text } from "./sheet.js";

let place = null, filters = null, models = [], regions = [], cursor = null, turn = 0;

const sells = (dealer) => (dealer.models === "all" ? "全部车型" : `${count(dealer.models.length)} 款车`);

function row(dealer) {
  return h("tr", { class: dealer.open ? "" : "off" },
    h("td", {}, dealer.name, h("small", {}, dealer.code)), h("td", {}, dealer.city || "—", h("small", {}, dealer.region_name)),
    h("td", { class: "words" }, hoursText(dealer.hours)), h("td", {}, sells(dealer)),
    h("td", { "data-label": "在岗 / 人员" }, `${count(dealer.on_duty)} / ${count(dealer.staff)}`),
    h("td", {}, dealer.open ? h("b", { class: "good" }, "营业") : h("span", { class: "dim" }, "停业")),
    h("td", {}, h("div", { class: "buttons" },
      may("org:write") ? h("button", { type: "button", onclick: () => edit(dealer) }, "修改") : null,
      h("a", { class: "button", href: `/console/policies?scope=dealer:${dealer.code}` }, "规则"))));
}

const NEW = { code: "", name: "", region: "", city: "", address: "", phone: "", lat: null, lng: null, hours: "always", models: "all",
  open: true, quota: 0, quality: 1 };

function modelChoice(chosen) {
  const all = h("input", { type: "checkbox", name: "all_models", checked: chosen === "all" });
  const each = models.map((model) => h("label", { class: "choice" },
    h("input", { type: "checkbox", name: "models", value: model.code, checked: chosen !== "all" && chosen.includes(model.code) }), model.name));
  const list = h("div", {}, each);
  const fit = () => { list.hidden = all.checked; };
  all.addEventListener("change", fit);
  fit();
  return h("fieldset", { "data-loc": "models" }, h("legend", {}, "卖哪些车"), h("p", {}, h("label", { class: "choice" }, all, "全部车型")), list);
}

const number = (value) => (value.trim() === "" ? null : Number(value));

async function edit(dealer, fresh = false) {
  const hours = hoursEditor(dealer.hours, "hours", { special: true });
  const done = await sheet(fresh ? "新增门店" : `修改 ${dealer.name}`, [
    fresh ? entry("门店代码", "code", text("code", "", { required: true, maxlength: 32, pattern: "[0-9A-Za-z][0-9A-Za-z_.\\-]*", title: "字母、数字和 _ . -" }), "建好后不能改") : null,
    entry("名称", "name", text("name", dealer.name, { required: true, maxlength: 64 })),
    h("div", { class: "pair" }, entry("大区", "region", choice("region", regions, dealer.region)), entry("城市", "city", text("city", dealer.city, { maxlength: 32 }))),
    entry("地址", "address", text("address", dealer.address, { maxlength: 200 })),
    h("div", { class: "pair" }, entry("纬度", "lat", text("lat", dealer.lat, { inputmode: "decimal" })), entry("经度", "lng", text("lng", dealer.lng, { inputmode: "decimal" }))),
    entry("门店电话", "phone", text("phone", dealer.phone, { maxlength: 32 })),
    entry("营业时间", "hours", hours.element), modelChoice(dealer.models),
    h("div", { class: "pair" },
      entry("同城份额", "quota", text("quota", dealer.quota, { type: "number", min: 0, required: true }), "0 表示没有约定"),
      entry("质量系数", "quality", text("quality", dealer.quality, { inputmode: "decimal", required: true }))),
    h("p", {}, flag("open", "营业中（取消就不再分线索到这家店）", dealer.open))].filter(Boolean), "保存", (form) =>
    call("PUT", `/dealers/${encodeURIComponent(fresh ? form.get("code").trim() : dealer.code)}`, {
      name: form.get("name").trim(), region: form.get("region") || null, city: form.get("city").trim(), address: form.get("address").trim(),
      lat: number(form.get("lat")), lng: number(form.get("lng")), phone: form.get("phone").trim(), hours: hours.read(),
      models: form.has("all_models") ? "all" : form.getAll("models"), open: form.has("open"),
      quota: Number(form.get("quota")), quality: Number(form.get("quality")) }));
  if (done) {
    say("已保存");
    await load();
  }
}

async function load(more = false) {
  const mine = ++turn, asked = new URLSearchParams({ limit: "50" }), form = new FormData(filters);
  for (const name of ["q", "region"]) if (form.get(name)?.trim()) asked.set(name, form.get(name).trim());
  if (more) asked.set("cursor", cursor);
  else if (!place.querySelector("table")) show(place, loading());
  try {
    const page = await get(`/dealers?${asked}`);
    if (mine !== turn) return;
    cursor = page.next_cursor;
    if (more) place.querySelector("tbody").append(...page.items.map(row));
    else if (!page.items.length) show(place, empty("没有符合条件的门店。"));
    else {
      show(place, h("div", { class: "scroll" }, h("table", { class: "leads dealers as-cards" }, h("thead", {}, h("tr", {},
        ["门店", "城市 / 大区", "营业时间", "卖", "在岗 / 人员", "状态", ""].map((title) => h("th", { scope: "col" }, title)))),
      h("tbody", {}, page.items.map(row)))));
    }
    place.querySelector(".more")?.remove();
    if (cursor) place.append(further("再看 50 家", () => load(true)));
  } catch (error) {
    if (mine !== turn) return;
    if (more) throw error;
    show(place, failed(error, () => load()));
  }
}

export async function dealers() {
  regions = await regionOptions();
  ({ items: models } = await get("/models"));
  place = h("div");
  filters = h("form", { class: "filters", role: "search" }, h("label", {}, "代码、名称或城市", text("q", "", { maxlength: 64 })),
    h("label", {}, "大区", choice("region", [["", "全部"], ...regions.slice(1)], "")), h("button", { class: "primary" }, "筛选"));
  filters.addEventListener("submit", (event) => { event.preventDefault(); load(); });
  load();
  return { element: [h("section", { class: "panel" }, filters), h("section", { class: "panel" }, place)],
    add: may("org:write") ? ["新增门店", () => edit(NEW, true)] : null };
}
