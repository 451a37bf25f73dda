// Who may sign in with a password, and everybody who is signed in.
import { ask, say, tell } from "./dialogs.js";
import { $, empty, failed, further, h, show } from "./dom.js";
import { call, get, post } from "./net.js";
import { dated, sessionTable } from "./session-rows.js";
import { choice, entry, sheet, text, typed } from "./sheet.js";
import { moment } from "./zone.js";

const TITLES = ["谁", "角色", "密码", "动态口令", "开通", ""];
let cursor = null;

const handOver = ({ userid, password }) => tell(`${userid} 的临时密码`,
  h("p", {}, "请当面或电话告诉本人，关掉后再也看不到。第一次登录要改掉它。"), h("pre", { class: "secret" }, password));

function row(each) {
  return h("tr", { class: each.active ? "" : "off" },
    h("td", {}, each.name, h("small", {}, each.userid)),
    h("td", {}, each.role_text, each.active ? null : h("small", {}, "已离职，登不进来")),
    each.must_change ? h("td", {}, h("span", { class: "warn" }, "临时密码")) : dated("密码", each.password_at),
    h("td", {}, each.totp_at ? h("b", { class: "good" }, h("i", { class: "on-phone" }, "动态口令"), "已启用") : h("span", { class: "dim" }, "没有", h("i", { class: "on-phone" }, "动态口令"))),
    h("td", {}, h("i", { class: "on-phone" }, "开通 "), moment(each.created_at), h("small", {}, each.wecom ? "也用企业微信" : "不在企业微信里")),
    h("td", {}, h("div", { class: "buttons" },
      h("button", { type: "button", onclick: () => reset(each) }, "重置密码"),
      each.totp_at ? h("button", { type: "button", onclick: () => resetTotp(each) }, "清除口令") : null,
      h("button", { type: "button", class: "danger quiet", onclick: () => close(each) }, "注销"))));
}

async function open() {
  const name = entry("姓名", "name", text("name", "", { maxlength: 64 }), "已经在“人员”里的，姓名和角色不用填");
  const made = await sheet("开通本地账号", [
    entry("账号", "userid", text("userid", "", { required: true, maxlength: 64, pattern: "[0-9A-Za-z_.@\\-]+", title: "字母、数字和 _ . @ -" }),
      "已经在“人员”里的同事，填他的企业微信账号"),
    name, entry("角色", "role", choice("role", [["", "已在人员里"], ["brand_ops", "品牌运营"], ["ops", "运维"]], ""))], "开通",
  (form) => post("/accounts", { userid: form.get("userid").trim(), name: form.get("name").trim() || null, role: form.get("role") || null }));
  if (!made) return;
  load();
  await handOver(made);
}

async function reset(each) {
  if (!await ask(`重置 ${each.name} 的密码？`, "他会在所有地方下线，用新的临时密码登录后再改。", "重置", true)) return;
  try {
    const made = await post(`/accounts/${encodeURIComponent(each.userid)}/password`);
    load();
    await handOver(made);
  } catch (error) {
    say(error.message, "bad");
  }
}

async function resetTotp(each) {
  if (!await ask(`清除 ${each.name} 的动态口令？`, "先确认是本人：清除后只凭密码就能登录，直到他重新启用。", "清除", true)) return;
  await done("DELETE", `/accounts/${encodeURIComponent(each.userid)}/totp`, "已清除");
}

async function close(each) {
  const closed = await sheet(`注销 ${each.name} 的本地账号`, [
    h("p", {}, each.wecom ? "以后他只能用企业微信登录。" : "以后他登不进来。人员记录还在，离职请到“人员”里改。"), typed(each.userid)], "注销",
  () => call("DELETE", `/accounts/${encodeURIComponent(each.userid)}`), { danger: true });
  if (closed) {
    say("已注销");
    load();
  }
}

async function done(method, path, words) {
  try {
    await call(method, path);
    say(words);
  } catch (error) {
    say(error.message, "bad");
  }
  load();
}

async function end(session) {
  if (await ask(`让 ${session.name} 在这里下线？`, "那边正在看的页面会马上退出。", "下线", true)) await done("DELETE", `/sessions/${session.id}`, "已下线");
}

async function loadSessions(more = false) {
  const place = $("sessions"), userid = $("whose").elements.userid.value.trim();
  const asked = new URLSearchParams({ limit: "50" });
  if (userid) asked.set("userid", userid);
  if (more) asked.set("cursor", cursor);
  try {
    const page = await get(`/sessions?${asked}`);
    cursor = page.next_cursor;
    const table = sessionTable(page.items, end, true);
    if (more) place.querySelector("tbody").append(...table.querySelector("tbody").children);
    else show(place, page.items.length ? table : empty(userid ? "这个账号没有登录。" : "没有人登录。"));
    place.querySelector(".more")?.remove();
    if (cursor) place.append(further("再看 50 处", () => loadSessions(true)));
  } catch (error) {
    if (more) throw error;
    show(place, failed(error, () => loadSessions()));
  }
}

async function load() {
  loadSessions();
  const place = $("accounts");
  try {
    const found = await get("/accounts");
    show(place, found.length ? h("div", { class: "scroll" }, h("table", { class: "leads accounts" },
      h("thead", {}, h("tr", {}, TITLES.map((title) => h("th", { scope: "col" }, title)))), h("tbody", {}, found.map(row))))
      : empty("还没有本地账号。大家都用企业微信登录。"));
  } catch (error) {
    show(place, failed(error, load));
  }
}

$("new").addEventListener("click", open);
$("whose").addEventListener("submit", (event) => { event.preventDefault(); loadSessions(); });
load();
