// All campaigns: what they are for, how they do, and whether that can be said already.
import { ask, field, fill } from "./dialogs.js";
import { $, count, empty, failed, further, h, may, show } from "./dom.js";
import { get } from "./net.js";
import { moment } from "./zone.js";

const TAGS = { running: "good", paused: "warn", draft: "", stopped: "dim" };
let cursor = null;

const points = (share) => `${share > 0 ? "+" : ""}${(100 * share).toFixed(1)}`;

export function lift(found) {
  if (!found) return h("span", { class: "none" }, "—");
  if (found.verdict === "too_few") return h("span", { class: "dim" }, found.verdict_text);
  const tone = { more: "good", fewer: "bad" }[found.verdict] ?? "dim";
  return h("span", { class: tone }, `${points(found.difference)} 个百分点`,
    h("small", {}, `${points(found.low)} 到 ${points(found.high)} · ${found.verdict_text}`));
}

const numbered = (label, number) => h("td", { "data-label": label }, count(number));

function row(each) {
  return h("tr", {},
    h("td", {}, h("a", { href: `/console/campaigns/${each.code}` }, each.name), h("small", {}, each.code)),
    h("td", {}, each.occasion_text),
    h("td", {}, h("span", { class: `tag plain ${TAGS[each.state]}` }, each.state_text)),
    numbered("参加", each.joined), numbered("触达", each.touched), numbered("下订", each.orders),
    h("td", {}, lift(each.lift)),
    h("td", {}, moment(each.updated_at)));
}

async function load() {
  const place = $("campaigns");
  try {
    const page = await get(`/campaigns?limit=50${cursor ? `&cursor=${cursor}` : ""}`);
    cursor = page.next_cursor;
    const body = place.querySelector("tbody");
    if (body) body.append(...page.items.map(row));
    else if (!page.items.length) show(place, empty("还没有营销活动。点“新建”，从现成的流程开始。"));
    else {
      show(place, h("div", { class: "scroll" }, h("table", { class: "campaigns" },
        h("thead", {}, h("tr", {}, ["活动", "对谁说", "状态", "参加", "触达", "下订", "比对照组多下订", "改动"]
          .map((title) => h("th", { scope: "col" }, title)))),
        h("tbody", {}, page.items.map(row)))));
    }
    place.querySelector(".more")?.remove();
    if (cursor) place.append(further("再看 50 个", load));
  } catch (error) {
    if (cursor) throw error;
    show(place, error.status === 404 ? empty("营销活动只对管所有门店的角色开放。") : failed(error, load));
  }
}

async function create() {
  const ready = (await get("/campaigns/ready-made")).items;
  const form = await fill("新建营销活动", [
    field("从哪个流程开始", h("select", { name: "from" },
      h("option", { value: "" }, "空白"), ready.map(({ code, document }) => h("option", { value: code }, document.name)))),
    field("代码", h("input", { name: "code", maxlength: 32, pattern: "[0-9A-Za-z][0-9A-Za-z_.\\-]{0,31}", autocomplete: "off",
      placeholder: "字母、数字，如 price_2027" }), "写进地址和报表，以后不能改；不填就用流程的代码"),
  ], "下一步");
  if (!form) return;
  const from = form.get("from"), code = form.get("code").trim() || from;
  if (!code) await ask("还差代码", "空白活动要填一个代码。", "知道了");
  else location.href = `/console/campaigns/${encodeURIComponent(code)}${from ? `?from=${from}` : "?from="}`;
}

$("new").hidden = !(may("org:write") && may("all"));
$("new").addEventListener("click", create);
load();
