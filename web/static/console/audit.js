// Who did what at the console, newest first.
import { $, empty, failed, h, moment, show } from "./dom.js";
import { get } from "./net.js";

const place = $("entries");
let cursor = null;

function told({ data, kind_text: kind }) {
  return [data.count === undefined ? null : `${data.count} 条`, kind, data.error]
    .filter(Boolean).join(" · ");
}

function row(entry) {
  return h("tr", {}, h("td", {}, moment(entry.at)),
    h("td", {}, entry.name, h("small", {}, entry.actor)),
    h("td", {}, entry.action_text), h("td", {}, entry.target_text),
    h("td", {}, told(entry) || "—"));
}

async function load() {
  try {
    const page = await get(`/ops/audit?limit=100${cursor ? `&cursor=${cursor}` : ""}`);
    cursor = page.next_cursor;
    const body = place.querySelector("tbody");
    if (body) body.append(...page.items.map(row));
    else if (!page.items.length) show(place, empty("还没有人在控制台做过操作。"));
    else {
      show(place, h("div", { class: "scroll" }, h("table", {},
        h("thead", {}, h("tr", {}, ["时间", "谁", "做了什么", "对象", "说明"]
          .map((title) => h("th", { scope: "col" }, title)))),
        h("tbody", {}, page.items.map(row)))));
    }
    place.querySelector(".more")?.remove();
    if (cursor) place.append(h("button", { type: "button", class: "more", onclick: load }, "再看 100 条"));
  } catch (error) {
    if (!cursor) show(place, failed(error, load));
  }
}

load();
