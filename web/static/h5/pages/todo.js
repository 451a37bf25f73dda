// Whom to call next, the most overdue first.

import { h, icon } from "../dom.js";
import { get, post } from "../net.js";
import { button, chips, doing, due, header, leadCell, refresh, sheet, state, storeOf, toast } from "../parts.js";
import { dayKey, now } from "../when.js";
import { words } from "../words.js";

const w = words.todo;
const REMEMBERED = "leadloop-todo-whose";

const whose = (me) => (me.leads_others ? sessionStorage.getItem(REMEMBERED) || (me.role === "dcc" ? "mine" : "all") : "mine");

export default {
  title: w.title,
  tab: "todo",
  async load({ me }) {
    const [data, calls] = await Promise.all([get(`me/todo?whose=${whose(me)}`), get(`me/calls?whose=${whose(me)}`)]);
    return { ...data, calls: calls.items };
  },
  draw(data, { me }) {
    const chosen = whose(me);
    const groups = [[w.late, []], [w.today, []], [w.later, []]];
    const today = dayKey(now());
    for (const item of data.items) {
      const group = item.late ? 0 : dayKey(new Date(item.due_at)) === today ? 1 : 2;
      groups[group][1].push(item);
    }
    return h("div", {},
      h("div", { className: "top" },
        h("a", { className: "search-link", href: "/m/search" }, icon("search"), w.search),
        me.dealer_code && h("a", { className: "add-link", href: "/m/new", ariaLabel: w.add }, icon("plus")),
        me.leads_others && chips([["mine", w.mine], ["all", me.dealer_code ? w.all : w.everywhere]], chosen, (picked) => { sessionStorage.setItem(REMEMBERED, picked); refresh(); }, { required: true })),
      data.items.length === 0 && data.calls.length === 0 && state(w.none, w.noneHint),
      groups.filter(([, items]) => items.length).map(([title, items], index) =>
        h("section", { className: "group" },
          h("h2", { className: title === w.late ? "group-title late" : "group-title" }, `${title} ${items.length}`),
          items.map((item) => cell(item, chosen, me)))),
      data.more && h("p", { className: "hint" }, w.more),
      data.calls.length > 0 && h("section", { className: "group" },
        h("h2", { className: "group-title" }, `${w.calls} ${data.calls.length}`),
        h("p", { className: "hint" }, w.callsHint),
        data.calls.map((item) => callCell(item, chosen))));
  },
};

function cell(item, chosen, me) {
  const { lead } = item;
  const act = item.kind === "accept" && chosen === "mine"
    ? doing(w.accept, async () => { await post(`leads/${lead.lead_id}/accept`, {}); toast(words.lead.accepted); refresh(); }, "primary small")
    : h("a", { className: chosen === "mine" ? "button primary small" : "button small", href: `/m/leads/${lead.lead_id}` }, chosen === "mine" ? w.call : w.open);
  return leadCell(lead, {
    side: due(item.due_at), lines: storeOf(lead, me),
    foot: [h("span", { className: "kind" }, chosen === "all" ? `${w.kinds[item.kind]} · ${item.adviser}` : w.kinds[item.kind]), act],
  });
}

// Silence asked for cannot be taken back by a tap.
function sure(label, go) {
  const close = sheet(label, h("p", {}, w.sureRefuses),
    h("div", { className: "pair" }, button(words.cancel, () => close(), "wide"), doing(label, async () => { close(); await go(); }, "warn wide")));
}

function callCell(item, chosen) {
  const record = (outcome) => async () => {
    await post(`me/calls/${item.id}`, { outcome });
    toast(w.callDone[outcome] ?? w.callDone.other);
    refresh();
  };
  const acts = w.callOutcomes.map(([outcome, label]) => outcome === "refuses"
    ? button(label, () => sure(label, record(outcome)), "small")
    : doing(label, record(outcome), outcome === "interested" ? "primary small" : "small"));
  return leadCell({ ...item.lead, reasons: item.why }, {
    foot: [chosen === "all" && h("span", { className: "kind" }, item.name), h("div", { className: "call-acts" }, acts)],
  });
}
