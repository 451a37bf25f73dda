// Staff: role and place, whether they take leads now, shifts, leave, how much they take.
import { say } from "./dialogs.js";
import { count, empty, failed, further, h, loading, may, show } from "./dom.js";
import { hoursEditor, hoursText, leaveEditor } from "./hours.js";
import { call, get } from "./net.js";
import { codeOf, dealerInput, regionOptions } from "./places.js";
import { choice, entry, flag, sheet, text } from "./sheet.js";

const ROLES = [["adviser", "销售顾问"], ["dcc", "邀约专员"], ["store_manager", "店总"], ["region_manager", "大区经理"],
  ["brand_ops", "品牌运营"], ["ops", "运维"]];
const OF_DEALER = ["adviser", "dcc", "store_manager"];
let place = null, filters = null, cursor = null, turn = 0;

function now(each) {
  if (!each.active) return h("span", { class: "dim" }, "已离职");
  if (!["adviser", "dcc"].includes(each.role)) return h("span", { class: "dim" }, each.on_duty ? "在岗" : "休息中");
  return each.absence ? h("span", { class: "warn" }, each.absence) : h("b", { class: "good" }, "可接线索");
}

function row(each) {
  const edits = may("org:write") || (may("roster") && each.dealer_code);
  return h("tr", { class: each.active ? "" : "off" },
    h("td", {}, each.name, h("small", {}, each.userid)), h("td", {}, each.role_text, each.wecom ? null : h("small", {}, "不在企业微信里")),
    h("td", {}, each.dealer_name || each.region_name || "品牌", h("small", {}, each.dealer_code ?? each.region_code ?? "")),
    h("td", {}, now(each)),
    h("td", { "data-label": ["adviser", "dcc"].includes(each.role) ? "手上 / 上限" : null },
      ["adviser", "dcc"].includes(each.role) ? `${count(each.open_leads)} / ${count(each.capacity)}` : ""),
    h("td", { class: "words" }, each.shifts ? hoursText(each.shifts) : "",
      each.leave.length ? h("small", {}, `请假 ${each.leave.map(([first, last]) => `${first} 至 ${last}`).join("、")}`) : null),
    h("td", {}, edits ? h("button", { type: "button", onclick: () => edit(each) }, "修改") : null));
}

const NEW = { userid: "", name: "", role: "adviser", dealer_code: "", dealer_name: "", region_code: "", on_duty: true, capacity: 60,
  shifts: null, leave: [], active: true, wecom: true };

async function who(each, fresh) {
  const regions = await regionOptions();
  const role = choice("role", ROLES, each.role);
  const dealer = entry("门店", "dealer_code", dealerInput("dealer", each.dealer_code ? `${each.dealer_code} ${each.dealer_name}` : ""));
  const region = entry("大区", "region_code", choice("region", regions, each.region_code));
  const fit = () => {
    dealer.hidden = !OF_DEALER.includes(role.value);
    region.hidden = role.value !== "region_manager";
  };
  role.addEventListener("change", fit);
  fit();
  return [
    fresh ? entry("企业微信账号", "userid", text("userid", "", { required: true, maxlength: 64, pattern: "[0-9A-Za-z_.@\\-]+", title: "字母、数字和 _ . @ -" }),
      "和企业微信通讯录里的账号一致，建好后不能改") : null,
    entry("姓名", "name", text("name", each.name, { required: true, maxlength: 64 })),
    entry("角色", "role", role), dealer, region].filter(Boolean);
}

async function edit(each, fresh = false) {
  const whole = may("org:write");
  const shifts = hoursEditor(each.shifts, "shifts"), leave = leaveEditor(each.leave);
  const fields = [
    ...(whole ? await who(each, fresh) : [h("p", {}, `${each.name} · ${each.role_text} · ${each.dealer_name}`)]),
    h("p", {}, flag("on_duty", "上岗（取消就不再分新线索）", each.on_duty)),
    entry("手上线索上限", "capacity", text("capacity", each.capacity, { type: "number", min: 0, max: 10000, required: true })),
    entry("班次", "shifts", shifts.element), entry("请假", "leave", leave.element),
    whole && !fresh ? h("p", {}, flag("active", "在职（取消就是离职，手上的线索马上分给同事）", each.active)) : null].filter(Boolean);
  if (whole && !each.wecom) fields.push(h("p", {}, flag("wecom", "已加入企业微信（可以收消息、扫码登录）", false)));
  const done = await sheet(fresh ? "新增人员" : `修改 ${each.name}`, fields, "保存", (form) => {
    const roster = { on_duty: form.has("on_duty"), capacity: Number(form.get("capacity")), shifts: shifts.read(), leave: leave.read() };
    if (!whole) return call("PUT", `/staff/${encodeURIComponent(each.userid)}/roster`, roster);
    const role = form.get("role");
    return call("PUT", `/staff/${encodeURIComponent(fresh ? form.get("userid").trim() : each.userid)}`, {
      ...roster, name: form.get("name").trim(), role, wecom: form.has("wecom") || null, active: fresh || form.has("active"),
      dealer_code: OF_DEALER.includes(role) ? codeOf(form.get("dealer")) : null,
      region_code: role === "region_manager" ? form.get("region") || null : null });
  });
  if (done) {
    say("已保存");
    await load();
  }
}

async function load(more = false) {
  const mine = ++turn, asked = new URLSearchParams({ limit: "50" });
  const form = new FormData(filters);
  const given = { q: form.get("q").trim(), dealer: codeOf(form.get("dealer")), role: form.get("role"), active: form.get("active") };
  for (const [name, value] of Object.entries(given)) if (value) asked.set(name, value);
  if (more) asked.set("cursor", cursor);
  else if (!place.querySelector("table")) show(place, loading());
  try {
    const page = await get(`/staff?${asked}`);
    if (mine !== turn) return;
    cursor = page.next_cursor;
    if (more) place.querySelector("tbody").append(...page.items.map(row));
    else if (!page.items.length) show(place, empty("没有符合条件的人。"));
    else {
      show(place, h("div", { class: "scroll" }, h("table", { class: "leads staff as-cards" }, h("thead", {}, h("tr", {},
        ["姓名", "角色", "门店 / 大区", "现在", "手上 / 上限", "班次和请假", ""].map((title) => h("th", { scope: "col" }, title)))),
      h("tbody", {}, page.items.map(row)))));
    }
    place.querySelector(".more")?.remove();
    if (cursor) place.append(further("再看 50 人", () => load(true)));
  } catch (error) {
    if (mine !== turn) return;
    if (more) throw error;
    show(place, failed(error, () => load()));
  }
}

export function staff() {
  place = h("div");
  filters = h("form", { class: "filters", role: "search" },
    h("label", {}, "姓名或账号", text("q", "", { maxlength: 64 })), h("label", {}, "门店", dealerInput("dealer")),
    h("label", {}, "角色", choice("role", [["", "全部"], ...ROLES], "")),
    h("label", {}, "在职", choice("active", [["true", "在职"], ["", "全部"], ["false", "已离职"]], "true")),
    h("button", { class: "primary" }, "筛选"));
  filters.addEventListener("submit", (event) => { event.preventDefault(); load(); });
  load();
  return { element: [h("section", { class: "panel" }, filters), h("section", { class: "panel" }, place)],
    add: may("org:write") ? ["新增人员", () => edit(NEW, true)] : null };
}
