// Rules by scope: what is inherited, what is set here, what would change, and every earlier version.
import { say } from "./dialogs.js";
import { $, count, empty, failed, further, h, loading, show } from "./dom.js";
import { call, get, post } from "./net.js";
import { codeOf, dealerInput, regionOptions } from "./places.js";
import { PolicyForm } from "./policy-form.js";
import { nameOf, told } from "./policy-words.js";
import { clear, entry, mark, sheet, text } from "./sheet.js";
import { moment } from "./zone.js";

const PAUSE_MS = 350;
const LEAVING = "还有没保存的改动";
let scope = new URLSearchParams(location.search).get("scope") ?? "brand";
let kept = null, form = null, pending = [], timer = 0, turn = 0;

const url = (path = "") => `/ops/policies/${encodeURIComponent(scope)}${path}`;
const differs = () => form && JSON.stringify(form.overrides) !== JSON.stringify(kept.overrides);

function list(changes, before = "没有") {
  return h("dl", { class: "difference" }, changes.flatMap(({ path, before: old, after }) => [
    h("dt", {}, nameOf(path, after ?? old)),
    h("dd", {}, h("del", {}, old === null ? before : told(path, old)), " → ",
      h("ins", {}, after === null ? before : told(path, after)))]));
}

// ── where ──────────────────────────────────────────────────────────────────────────────────

async function places() {
  const regions = await regionOptions("选大区").catch(() => [["", "选大区"]]);
  const region = h("select", { "aria-label": "大区" }, regions.map(([key, label]) => h("option", { value: key }, label)));
  const dealer = dealerInput("dealer", scope.startsWith("dealer:") ? scope.slice(7) : "", {
    "aria-label": "门店", placeholder: "门店代码或名称", picked: (code) => code && go(`dealer:${code}`) });
  dealer[0].addEventListener("change", () => codeOf(dealer[0].value) && go(`dealer:${codeOf(dealer[0].value)}`));
  region.value = scope.startsWith("region:") ? scope.slice(7) : "";
  region.addEventListener("change", () => region.value && go(`region:${region.value}`));
  show($("scopes"), h("button", { type: "button", class: "chip", "aria-pressed": String(scope === "brand"), onclick: () => go("brand") }, "品牌"),
    regions.length > 1 ? region : null, ...dealer);
}

function go(next) {
  if (next === scope || (differs() && !window.confirm(`${LEAVING}，确定离开？`))) return;
  scope = next;
  history.replaceState(null, "", scope === "brand" ? location.pathname : `?scope=${encodeURIComponent(scope)}`);
  load();
}

// ── edit ───────────────────────────────────────────────────────────────────────────────────

function bar(faults = []) {
  const place = $("save");
  place.hidden = !differs();
  const wrong = faults.length ? h("b", { class: "bad" }, `${count(faults.length)} 处不对`) : null;
  show(place, wrong ?? h("b", {}, `改了 ${count(pending.length)} 项`),
    h("button", { type: "button", class: "quiet", onclick: () => { form.replace(kept.overrides); } }, "放弃改动"),
    h("button", { type: "button", class: "primary", disabled: faults.length > 0, onclick: save }, "看差异并保存"));
}

function changed(overrides) {
  clearTimeout(timer);
  $("raw").value = JSON.stringify(overrides, null, 2);
  bar();
  timer = setTimeout(check, PAUSE_MS);
}

async function check() {
  const mine = ++turn;
  try {
    const { changes, faults } = await post(url("/check"), { overrides: form.overrides });
    if (mine !== turn) return;
    pending = changes;
    clear(form.element);
    const lost = mark(form.element, faults);
    bar(faults);
    if (lost.length) say(lost.join("；"), "bad");
  } catch (error) {
    say(error.message, "bad");
  }
}

async function save() {
  clearTimeout(timer);
  await check();
  const done = await sheet("保存规则", [
    pending.length ? list(pending) : h("p", {}, "生效的规则没有变化，只是少了和上级相同的设置。"),
    h("p", { class: "dim" }, "保存后马上生效，已经在跑的时钟不变。"),
    entry("说明", "note", text("note", "", { maxlength: 200, placeholder: "为什么改（可不填）" })),
  ], "保存", (given) => call("PUT", url(), { overrides: form.overrides, version: kept.version, note: given.get("note").trim() }));
  if (done) {
    say("已保存，马上生效");
    await load();
  }
}

function apply() {
  try {
    form.replace(JSON.parse($("raw").value || "{}"));
  } catch {
    say("不是合法的 JSON", "bad");
  }
}

// ── history ────────────────────────────────────────────────────────────────────────────────

let cursor = null;

function version(each) {
  const now = each.version === kept.version;
  return h("li", {}, h("time", {}, moment(each.at)), h("b", {}, `第 ${each.version} 版`),
    h("span", {}, each.by_name, now ? h("i", { class: "tag good" }, "现在用的") : null),
    each.note ? h("p", {}, each.note) : null,
    each.changes.length ? list(each.changes, "继承上级") : h("p", { class: "dim" }, "没有变化"),
    kept.may_edit && !now ? h("div", { class: "buttons" },
      h("button", { type: "button", onclick: () => restore(each.version, `第 ${each.version} 版`) }, "恢复到这一版")) : null);
}

async function restore(number, name) {
  const done = await sheet(`恢复到${name}`, [
    h("p", {}, number ? `本级的设置全部换成${name}的内容，记为新的一版。` : "去掉本级的全部设置，全部继承上级，记为新的一版。")],
  "恢复", () => post(url(`/versions/${number}/restore`), { version: kept.version, note: `恢复到${name}` }));
  if (done) {
    say(`已恢复到${name}`);
    await load();
  }
}

async function versions() {
  const place = $("versions");
  try {
    const page = await get(url(`/versions?limit=20${cursor ? `&cursor=${cursor}` : ""}`));
    if (!cursor) place.replaceChildren();
    cursor = page.next_cursor;
    place.querySelector(".more")?.remove();
    if (!page.items.length) show(place, empty("这一级还没有改过，全部继承上级。"));
    else place.append(h("ol", { class: "history versions" }, page.items.map(version)));
    if (cursor) place.append(further("更早的版本", versions));
    else if (page.items.length && kept.may_edit && Object.keys(kept.overrides).length) {
      place.append(h("button", { type: "button", class: "more quiet", onclick: () => restore(0, "没有改过的样子") }, "全部恢复继承"));
    }
  } catch (error) {
    if (cursor) throw error;
    show(place, failed(error, versions));
  }
}

async function load() {
  show($("rules"), loading());
  places();
  try {
    kept = await get(url());
    pending = [];
    cursor = null;
    form = new PolicyForm(kept, changed);
    show($("rules"), form.element);
    $("raw").value = JSON.stringify(kept.overrides, null, 2);
    $("raw").readOnly = $("apply").hidden = !kept.may_edit;
    $("mode").textContent = kept.may_edit ? (kept.version ? `第 ${kept.version} 版` : "全部继承上级") : "您可以查看，不能修改";
    bar();
    await versions();
  } catch (error) {
    show($("rules"), error.status === 404 ? empty("没有这个大区或门店，或者不归您管。") : failed(error, load));
    show($("versions"));
  }
}

$("apply").addEventListener("click", apply);
addEventListener("beforeunload", (event) => { if (differs()) event.preventDefault(); });
load();
