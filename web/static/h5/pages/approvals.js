// What waits for a manager's decision, with what speaks against it.

import { h } from "../dom.js";
import { get, post } from "../net.js";
import { button, doing, header, leadCell, refresh, sheet, state, storeOf, toast } from "../parts.js";
import { momentText } from "../when.js";
import { words } from "../words.js";
import { whom } from "./handing.js";

const w = words.approvals;
const KEEPS = "-";

export default {
  title: w.title,
  tab: "approvals",
  load: () => get("me/approvals"),
  draw: (items, { me }) => h("div", {},
    header(w.title),
    items.length === 0 ? state(w.none, w.noneHint) : items.map((item) => cell(item, me))),
};

function cell(item, me) {
  return h("section", { className: "group" },
    leadCell({ ...item.lead, reasons: [] }, {
      side: item.suspicious && h("span", { className: "flag" }, w.suspicious),
      lines: storeOf(item.lead, me),
      foot: evidence(item),
    }),
    decisions(item));
}

export function decisions(item) {
  return h("div", { className: "pair" },
    button(w.reject, () => askWho(item), "wide"),
    item.suspicious ? button(w.approve, () => ask(item), "wide warn") : doing(w.approve, () => decide(item, true), "primary wide"));
}

export function evidence(item) {
  const rows = [
    [w.to, item.to],
    [w.reason, item.reason_text],
    [w.competitor, item.competitor],
    [w.contacts, w.contactsValue(item.contacts, item.contact_days)],
    [w.note, item.note],
  ];
  return h("div", { className: "evidence" },
    h("p", { className: "kind" }, w.by(item.asked_by, momentText(new Date(item.asked_at)), w.kinds[item.kind])),
    h("dl", { className: "rows" }, rows.filter(([, value]) => value).map(([name, value]) => [h("dt", {}, name), h("dd", {}, value)])),
    item.findings.length > 0 && h("div", { className: "findings" }, h("b", {}, w.findings), h("ul", {}, item.findings.map((text) => h("li", {}, text)))));
}

function ask(item) {
  const close = sheet(w.sure(w.kinds[item.kind]), h("ul", { className: "plain" }, item.findings.map((text) => h("li", {}, text))),
    h("div", { className: "pair" }, button(words.cancel, () => close(), "wide"), doing(w.yes, async () => { await decide(item, true); close(); }, "warn wide")));
}

// Sent back to whoever asked, or on to a colleague.
async function askWho(item) {
  const box = h("div", {}, h("p", { className: "state" }, words.loading));
  const close = sheet(w.rejectTitle, box);
  const { people } = await get(`me/leads/${item.lead.lead_id}/takers`).catch(() => ({ people: [] }));
  let to = KEEPS;
  box.replaceChildren(
    whom(people, [], (picked) => { to = picked; }, [[KEEPS, w.keeps(item.asked_by)]]),
    doing(w.reject, async () => {
      await decide(item, false, to === KEEPS ? null : to);
      close();
    }, "primary wide"));
}

async function decide(item, approve, userid = null) {
  await post(`me/approvals/${item.id}`, { approve, userid });
  toast(approve ? w.approved : w.rejected);
  refresh();
}
