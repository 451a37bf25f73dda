// Defeats that wait for a decision, with what speaks against them.

import { h } from "../dom.js";
import { get, post } from "../net.js";
import { button, doing, header, leadCell, refresh, sheet, state, toast } from "../parts.js";
import { momentText } from "../when.js";
import { words } from "../words.js";

const w = words.approvals;

export default {
  title: w.title,
  tab: "approvals",
  load: () => get("me/approvals"),
  draw: (items) => h("div", {},
    header(w.title),
    items.length === 0 ? state(w.none, w.noneHint) : items.map(cell)),
};

function cell(item) {
  return h("section", { className: "group" },
    leadCell({ ...item.lead, reasons: [] }, {
      side: item.suspicious && h("span", { className: "flag" }, w.suspicious),
      foot: evidence(item),
    }),
    h("div", { className: "pair" },
      doing(w.reject, () => decide(item, false), "wide"),
      item.suspicious ? button(w.approve, () => ask(item), "wide warn") : doing(w.approve, () => decide(item, true), "primary wide")));
}

export function evidence(item) {
  const rows = [
    [w.reason, item.reason_text],
    [w.competitor, item.competitor],
    [w.contacts, w.contactsValue(item.contacts, item.contact_days)],
    [w.note, item.note],
  ];
  return h("div", { className: "evidence" },
    h("p", { className: "kind" }, w.by(item.asked_by, momentText(new Date(item.asked_at)))),
    h("dl", { className: "rows" }, rows.filter(([, value]) => value).map(([name, value]) => [h("dt", {}, name), h("dd", {}, value)])),
    item.findings.length > 0 && h("div", { className: "findings" }, h("b", {}, w.findings), h("ul", {}, item.findings.map((text) => h("li", {}, text)))));
}

function ask(item) {
  const close = sheet(w.sure, h("ul", { className: "plain" }, item.findings.map((text) => h("li", {}, text))),
    h("div", { className: "pair" }, button(words.cancel, () => close(), "wide"), doing(w.yes, async () => { await decide(item, true); close(); }, "warn wide")));
}

async function decide(item, approve) {
  await post(`me/approvals/${item.id}`, { approve });
  toast(approve ? w.approved : w.rejected);
  refresh();
}
