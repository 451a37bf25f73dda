// API keys: made and shown once, seen when used, revoked.
import { say, tell } from "./dialogs.js";
import { $, empty, failed, further, h, show } from "./dom.js";
import { call, get, post } from "./net.js";
import { entry, flag, sheet, text, typed } from "./sheet.js";
import { moment } from "./zone.js";

const SCOPES = [["leads:write", "提交和处理线索"], ["leads:read", "查看线索和客户"], ["org:write", "改组织、车型和规则"],
  ["ops", "队列和控制台"], ["admin", "全部权限，含导出和清除客户资料"]];
const TITLES = ["名称", "权限", "新建", "最近使用", "状态", ""];
let cursor = null;

function row(key) {
  return h("tr", { class: key.revoked_at ? "off" : "" },
    h("td", {}, key.name), h("td", { class: "words" }, key.scopes.map((scope) => h("code", { class: "scope" }, scope))),
    h("td", {}, moment(key.created_at), h("small", {}, key.created_by_name || "命令行")),
    h("td", {}, key.last_used_at ? moment(key.last_used_at) : h("span", { class: "dim" }, "没用过")),
    h("td", {}, key.revoked_at ? h("span", { class: "dim" }, `${moment(key.revoked_at)} 吊销`) : h("b", { class: "good" }, "有效")),
    h("td", {}, key.revoked_at ? null : h("button", { type: "button", class: "danger quiet", onclick: () => revoke(key) }, "吊销")));
}

async function create() {
  const made = await sheet("新建密钥", [
    entry("给谁用", "name", text("name", "", { required: true, maxlength: 64, placeholder: "如：官网留资表单" })),
    h("fieldset", { "data-loc": "scopes" }, h("legend", {}, "能做什么（给够用的就行）"),
      SCOPES.map(([code, label]) => h("p", {}, flag(code, `${label}（${code}）`, false))))], "新建", (form) => {
    const scopes = SCOPES.map(([code]) => code).filter((code) => form.has(code));
    if (!scopes.length) throw Object.assign(new Error(""), { status: 422, errors: [{ loc: "scopes", msg: "Field required" }] });
    return post("/keys", { name: form.get("name").trim(), scopes });
  });
  if (!made) return;
  await load();
  await tell(`“${made.name}”的密钥`, h("p", {}, "请现在复制并妥善保存，关掉后再也看不到。"), h("pre", { class: "secret" }, made.key));
}

async function revoke(key) {
  const done = await sheet(`吊销“${key.name}”`, [
    h("p", {}, key.last_used_at ? `最近一次使用：${moment(key.last_used_at)}。吊销后 5 秒内，用它的系统就会被拒绝，不能恢复。` : "这把密钥还没用过。吊销后不能恢复。"),
    typed(key.name)], "吊销", () => call("DELETE", `/keys/${key.id}`), { danger: true });
  if (done) {
    say("已吊销");
    await load();
  }
}

async function load(more = false) {
  const place = $("keys");
  try {
    const page = await get(`/keys?limit=50${more ? `&cursor=${cursor}` : ""}`);
    cursor = page.next_cursor;
    if (more) place.querySelector("tbody").append(...page.items.map(row));
    else if (!page.items.length) show(place, empty("还没有密钥。"));
    else {
      show(place, h("div", { class: "scroll" }, h("table", { class: "leads keys as-cards" },
        h("thead", {}, h("tr", {}, TITLES.map((title) => h("th", { scope: "col" }, title)))), h("tbody", {}, page.items.map(row)))));
    }
    place.querySelector(".more")?.remove();
    if (cursor) place.append(further("再看 50 把", () => load(true)));
  } catch (error) {
    if (more) throw error;
    show(place, error.status === 403 ? empty("这里只对运维开放。") : failed(error, () => load()));
  }
}

$("new")?.addEventListener("click", create);
load();
