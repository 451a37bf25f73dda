// Leads nobody holds: their past is told, their number is not.

import { h } from "../dom.js";
import { get, post } from "../net.js";
import { doing, go, header, leadCell, state, storeOf, toast } from "../parts.js";
import { momentText } from "../when.js";
import { words } from "../words.js";

const w = words.sea;

export default {
  title: w.title,
  tab: "sea",
  load: () => get("me/sea"),
  draw(data, { me }) {
    const list = h("div", {}, data.items.map((item) => cell(item, data, me)));
    return h("div", {},
      header(w.title),
      me.dealer_code && h("p", { className: "hint" }, w.left(data.claims_left, data.claims_per_day)),
      data.items.length === 0 ? state(w.none, w.noneHint) : h("section", { className: "group" }, list),
      data.next_cursor && more(list, data, me));
  },
};

function more(list, page, me) {
  let cursor = page.next_cursor;
  const next = doing(words.more, async () => {
    const data = await get(`me/sea?cursor=${encodeURIComponent(cursor)}`);
    list.append(...data.items.map((item) => cell(item, page, me)));
    list.classList.add("editing"); // news must not take the further pages away
    cursor = data.next_cursor;
    if (!cursor) next.remove();
  }, "wide");
  return next;
}

function cell(item, page, me) {
  const { lead } = item;
  const past = item.last_contact
    ? `${w.last}：${[item.last_adviser, item.last_contact, item.last_contact_at && momentText(new Date(item.last_contact_at))].filter(Boolean).join(" · ")}`
    : item.last_adviser ? `${w.last}：${item.last_adviser} · ${w.noLast}` : w.noLast;
  const when = [w.since(momentText(new Date(item.since)), lead.state), item.recycles > 0 && w.recycled(item.recycles)].filter(Boolean).join(" · ");
  return leadCell(lead, { lines: [...storeOf(lead, me), past], foot: [h("span", { className: "kind" }, when), claim(item, page, me)] });
}

function claim(item, page, me) {
  if (!me.dealer_code) return h("span", { className: "kind" }, item.lead.state_text);
  if (item.may_claim_at) return h("span", { className: "kind" }, w.wait(momentText(new Date(item.may_claim_at))));
  const act = doing(w.claim, async () => {
    await post(`leads/${item.lead.lead_id}/claim`);
    toast(words.lead.claimed);
    go(`/m/leads/${item.lead.lead_id}`);
  }, "primary small");
  act.disabled = page.claims_left === 0;
  return act;
}
