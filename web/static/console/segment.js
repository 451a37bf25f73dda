// One segment: written with a form, counted and shown as it is written, kept.
import { ConditionForm } from "./condition.js";
import { ask, field, say } from "./dialogs.js";
import { $, count, empty, failed, h, may, show } from "./dom.js";
import { call, get, post } from "./net.js";
import { moment } from "./zone.js";

const place = $("segment"), code = place.dataset.code, path = `/segments/${encodeURIComponent(code)}`;
const from = new URLSearchParams(location.search).get("from");
const mayWrite = may("org:write") && may("all");
const BLANK = { and: [{ field: "pool", op: "eq", value: "nurture" }] };
let segment = null, form = null, saved = "", turn = 0, waiting = 0;

const name = h("input", { maxlength: 64 });
const title = h("h1", {});
const state = h("p", { class: "dim" });
const actions = h("div", { class: "buttons" });
const found = h("div", { "aria-live": "polite" });
const entered = () => ({ name: name.value.trim(), document: form.read() });
const same = () => JSON.stringify(entered()) === saved;

function example(each) {
  return h("tr", {},
    h("td", {}, h("a", { href: `/console/customers/${each.customer_id}` }, each.name || "未留名"), h("small", {}, each.phone ?? "没有手机号")),
    h("td", {}, each.pool_text), h("td", {}, [["H", "A", "B", "C"].includes(each.level) ? `${each.level} 级` : null, each.state_text].filter(Boolean).join(" · ") || "—"),
    h("td", {}, each.model || "—"), h("td", {}, each.dealer || each.city || "—"), h("td", {}, moment(each.active_at)));
}

function shown({ count: people, examples }) {
  show(found, h("p", {}, h("strong", { class: "people" }, count(people)), " 人符合"),
    !people ? empty("现在没有人符合。看看条件是不是太窄。") : h("div", { class: "scroll" }, h("table", { class: "examples" },
      h("thead", {}, h("tr", {}, ["客户", "客户池", "级别和状态", "车型", "门店", "最近活跃"].map((text) => h("th", { scope: "col" }, text)))),
      h("tbody", {}, examples.map(example)))),
    people > examples.length ? h("p", { class: "dim" }, `只列出 ${examples.length} 位`) : null);
}

async function look() {
  const mine = ++turn;
  try {
    const seen = await post("/segments/preview", { document: form.read() });
    if (mine !== turn) return;
    form.mark([]);
    shown(seen);
  } catch (error) {
    if (mine !== turn) return;
    if (error.status === 422) {
      form.mark(error.errors);
      show(found, empty("条件还没写完整。"));
    } else show(found, failed(error, look));
  }
}

function changed() {
  clearTimeout(waiting);
  waiting = setTimeout(look, 400);
  head();
}

async function save() {
  if (!name.value.trim()) {
    name.focus();
    return say("还差名称。", "bad");
  }
  try {
    segment = await call("PUT", path, entered());
    saved = JSON.stringify(entered());
    form.mark([]);
    history.replaceState(null, "", location.pathname);
    say("已保存");
  } catch (error) {
    if (error.status === 422) form.mark(error.errors);
    say(error.status === 422 ? "有几处要改，已标在旁边。" : error.message, "bad");
  }
  head();
}

async function remove() {
  if (!await ask(`删掉人群「${segment.name}」？`, "同名的现成人群会恢复原样。", "删掉", true)) return;
  try {
    await call("DELETE", path);
    saved = JSON.stringify(entered());
    location.href = "/console/segments";
  } catch (error) {
    say(error.facts?.campaigns ? `还有活动在用：${error.facts.campaigns.join("、")}` : error.message, "bad");
  }
}

function head() {
  const own = segment && !segment.ready_made;
  title.textContent = segment?.name ?? "新建人群";
  state.textContent = own ? `第 ${segment.version} 版 · 改于 ${moment(segment.updated_at)}` : segment ? "现成的人群，保存后换成您的" : "未保存";
  if (!mayWrite) return;
  show(actions, h("button", { type: "button", class: same() ? "" : "primary", onclick: save, disabled: same() }, "保存"),
    own ? h("button", { type: "button", class: "danger quiet", onclick: remove }, "删掉") : null);
}

async function kept() {
  try {
    return await get(path);
  } catch (error) {
    if (error.status === 404 && from !== null && mayWrite) return null;
    throw error;
  }
}

async function load() {
  try {
    segment = await kept();
    const begin = segment ?? (from ? await get(`/segments/${encodeURIComponent(from)}`) : { name: "", document: BLANK });
    name.value = segment ? segment.name : "";
    name.disabled = !mayWrite;
    form = new ConditionForm({ document: begin.document, vocabulary: await get("/segment-fields"), locked: !mayWrite, changed });
    saved = segment ? JSON.stringify(entered()) : "";
    name.addEventListener("input", head);
    show(place, h("div", { class: "heading" }, title, state, actions),
      h("div", { class: "desk" }, h("section", { class: "panel written" }, field("名称", name), form.element),
        h("section", { class: "panel" }, h("h2", {}, "现在有谁"), found)));
    head();
    await look();
  } catch (error) {
    show(place, error.status === 404 ? empty("没有这个人群。") : failed(error, load));
  }
}

addEventListener("beforeunload", (event) => {
  if (mayWrite && form && !same()) event.preventDefault();
});
load();
