// Who did what, from where, and what it changed: newest first, filtered by what the address says.
import { changedField, factName, factText } from "./audit-words.js";
import { $, empty, failed, further, h, show } from "./dom.js";
import { get } from "./net.js";
import { WAYS, browser } from "./session-rows.js";
import { moment, momentOf } from "./zone.js";

const place = $("entries"), form = $("filters");
const FIELDS = ["actor", "action", "target", "since", "until"];
const TITLES = ["时间", "谁", "做了什么", "对象", "说明", "从哪里"];
const REASONS = { wrong_password: "密码不对", no_account: "没有这个账号", inactive: "账号已停用", wrong_code: "口令不对",
  outsider: "不是企业成员", unknown: "没有开通", wecom_away: "企业微信没有回应" };
const SECOND = { totp: "动态口令", recovery: "恢复码" };
let cursor = null, turn = 0;

const signedIn = ({ way, why, second, blocked }) => [WAYS[way], REASONS[why], SECOND[second], blocked ? "已暂停 15 分钟" : null];

function told({ data, kind_text: kind }) {
  const rest = Object.entries(data).filter(([name]) => !["count", "kind", "error", "before", "after", "way", "why", "second", "blocked"].includes(name));
  return [data.count === undefined ? null : `${data.count} 条`, kind, data.error, ...signedIn(data),
    ...rest.filter(([, value]) => value !== null).map(([name, value]) => `${factName(name)}：${factText(value)}`)].filter(Boolean).join(" · ");
}

function difference({ action, data: { before, after } }) {
  const names = Object.keys({ ...before, ...after });
  if (!names.length) return null;
  return h("details", {}, h("summary", {}, `改了 ${names.length} 项`),
    h("dl", { class: "difference" }, names.flatMap((name) => {
      const [label, now] = changedField(action, name, after?.[name]), [, was] = changedField(action, name, before?.[name]);
      return [h("dt", { title: name }, label), h("dd", {}, h("del", {}, was), " → ", h("ins", {}, now))];
    })));
}

function row(entry) {
  return h("tr", {}, h("td", {}, moment(entry.at)),
    h("td", {}, entry.name, h("small", {}, entry.actor)),
    h("td", {}, entry.action_text), h("td", {}, entry.target_text || "—"),
    h("td", { class: "words" }, told(entry) || (entry.data.before || entry.data.after ? null : "—"),
      difference(entry)),
    h("td", { class: "words" }, entry.address || "—", h("small", { title: entry.agent }, browser(entry.agent))));
}

function wanted() {
  const asked = new URLSearchParams({ limit: "100" });
  for (const name of FIELDS) {
    const given = form.elements[name].value.trim();
    if (given) asked.set(name, name === "since" ? momentOf(given).toISOString() : name === "until" ? momentOf(given, 1).toISOString() : given);
  }
  return asked;
}

async function load(more = false) {
  const mine = ++turn, asked = wanted();
  if (more) asked.set("cursor", cursor);
  try {
    const page = await get(`/ops/audit?${asked}`);
    if (mine !== turn) return;
    cursor = page.next_cursor;
    if (more) place.querySelector("tbody").append(...page.items.map(row));
    else if (!page.items.length) show(place, empty(asked.size > 1 ? "没有符合条件的记录。" : "还没有人做过操作。"));
    else {
      show(place, h("div", { class: "scroll" }, h("table", {},
        h("thead", {}, h("tr", {}, TITLES.map((title) => h("th", { scope: "col" }, title)))),
        h("tbody", {}, page.items.map(row)))));
    }
    place.querySelector(".more")?.remove();
    if (cursor) place.append(further("再看 100 条", () => load(true)));
  } catch (error) {
    if (mine !== turn) return;
    if (more) throw error;
    show(place, failed(error, () => load()));
  }
}

async function begin() {
  const given = new URLSearchParams(location.search);
  try {
    const actions = await get("/ops/audit/actions");
    form.elements.action.append(...actions.map(({ action, text }) => h("option", { value: action }, text)));
  } catch { /* the list says what is wrong */ }
  for (const name of FIELDS) form.elements[name].value = given.get(name) ?? "";
  load();
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  const kept = new URLSearchParams([...new FormData(form)].filter(([, given]) => given.trim()));
  history.replaceState(null, "", kept.size ? `?${kept}` : location.pathname);
  load();
});
begin();
