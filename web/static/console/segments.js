// All segments: the brand's own and the ready-made ones.
import { ask, field, fill } from "./dialogs.js";
import { $, empty, failed, h, may, show } from "./dom.js";
import { get } from "./net.js";
import { moment } from "./zone.js";

let segments = [];

const row = (each) => h("tr", {},
  h("td", {}, h("a", { href: `/console/segments/${each.code}` }, each.name), h("small", {}, each.code)),
  h("td", {}, each.ready_made ? h("span", { class: "tag plain" }, "现成的") : h("span", { class: "tag plain good" }, "自己的")),
  h("td", {}, each.updated_at ? moment(each.updated_at) : "—"));

async function load() {
  const place = $("segments");
  try {
    segments = (await get("/segments")).items;
    show(place, segments.length ? h("div", { class: "scroll" }, h("table", { class: "segments" },
      h("thead", {}, h("tr", {}, ["人群", "来自", "改动"].map((title) => h("th", { scope: "col" }, title)))),
      h("tbody", {}, segments.map(row)))) : empty("还没有人群。"));
  } catch (error) {
    show(place, failed(error, load));
  }
}

async function create() {
  const form = await fill("新建人群", [
    field("从哪个人群开始", h("select", { name: "from" }, h("option", { value: "" }, "空白"),
      segments.map(({ code, name }) => h("option", { value: code }, name)))),
    field("代码", h("input", { name: "code", required: true, maxlength: 32, pattern: "[0-9A-Za-z][0-9A-Za-z_.\\-]{0,31}", autocomplete: "off",
      placeholder: "字母、数字，如 price_2027" }), "活动按代码引用，以后不能改"),
  ], "下一步");
  if (!form) return;
  const code = form.get("code").trim();
  const taken = segments.some((each) => each.code === code);
  if (taken && !await ask("已有这个人群", `代码 ${code} 已经在用，打开它来改？`, "打开")) return;
  location.href = `/console/segments/${encodeURIComponent(code)}?from=${encodeURIComponent(form.get("from"))}`;
}

$("new").hidden = !(may("org:write") && may("all"));
$("new").addEventListener("click", create);
load();
