// One lead: who, what, why; call; record the result with a tap; everything that happened.

import { h, icon } from "../dom.js";
import { get, post } from "../net.js";
import { button, doing, due, header, levelBadge, nameOf, reasonsOf, refresh, sheet, toast } from "../parts.js";
import { momentText } from "../when.js";
import { words } from "../words.js";
import { decisions, evidence } from "./approvals.js";
import { recorder } from "./recording.js";
import { askDefeat, askTransfer } from "./handing.js";

const w = words.lead;

const QUIET = new Set(["pushed", "push_failed", "handed_over", "pool_moved", "consent", "reminded", "follow_up_missed", "ordered", "delivered"]);

export default {
  title: w.title,
  load: ({ params }) => get(`me/leads/${params[0]}`),
  draw(data, context) {
    const { lead, may } = data;
    return h("div", { className: "lead-page" },
      header(`${w.title} ${words.number(lead.number)}`, { back: true }),
      summary(data),
      may.review && review(may.review),
      !may.review && waits(data),
      may.follow_up && recorder(data, context),
      others(data),
      h("section", { className: "group padded" }, h("h2", { className: "block-title" }, w.timeline), timeline(data.timeline)),
      thumb(data));
  },
};

function summary({ lead, held, message, budget, appointment_at: appointment }) {
  const rows = [
    [w.phone, lead.phone],
    [w.model, lead.model],
    [w.source, [lead.source, lead.city].filter(Boolean).join(" · ")],
    [w.budget, budget && w.yuan(budget)],
    [w.message, message],
    [w.dealer, lead.dealer],
    [w.holder, held ? (held.mine ? w.me(held.name) : held.name) : w.nobodyHolds],
    [w.appointment, appointment && h("b", { className: "good" }, momentText(new Date(appointment)))],
    [w.due, held && held.due_at && due(held.due_at)],
  ];
  return h("section", { className: "group padded" },
    h("div", { className: "lead-top" }, levelBadge(lead), h("strong", { className: "lead-name big" }, nameOf(lead)), h("span", { className: "kind" }, lead.state_text)),
    why(lead),
    h("dl", { className: "rows" }, rows.filter(([, value]) => value).map(([name, value]) => [h("dt", {}, name), h("dd", {}, value)])));
}

function why(lead) {
  const reasons = reasonsOf(lead);
  if (lead.reasons.length && !reasons.length) return null;
  return h("p", { className: "why-block" }, reasons.join(" · ") || w.noReason);
}

function review(id) {
  const box = h("section", { className: "group padded" });
  get("me/approvals").then((items) => {
    const item = items.find((x) => x.id === id);
    if (!item) return;
    box.append(evidence(item), decisions(item));
  }).catch((problem) => box.append(problem.message));
  return box;
}

function waits({ lead, asked }) {
  const kind = lead.state === "defeat_requested" ? "defeat" : asked;
  return kind && h("p", { className: "hint" }, w.waits[kind]);
}

function others({ lead, may, reasons_to_defeat: reasons, reasons_to_transfer: transferReasons }) {
  if (!may.transfer && !may.defeat) return null;
  return h("section", { className: "group pair" },
    may.transfer && h("button", { type: "button", className: "button wide", on: { click: () => askTransfer(lead, transferReasons) } }, w.transfer),
    may.defeat && h("button", { type: "button", className: "button wide danger", on: { click: () => askDefeat(lead, reasons) } }, w.defeat));
}

// What people did stands there; what the system did by itself is a tap away.
function timeline(lines) {
  if (lines.length === 0) return h("p", { className: "kind" }, w.nothing);
  const list = h("ol", { className: "timeline short" }, lines.map((line) =>
    h("li", { className: QUIET.has(line.kind) ? "quiet" : "", data: { kind: line.kind } },
      h("time", {}, momentText(new Date(line.at))), h("p", {}, line.text))));
  const hidden = lines.filter((line) => QUIET.has(line.kind)).length;
  if (hidden === 0) return list;
  const all = button(w.allLines(hidden), () => { list.classList.remove("short"); all.remove(); }, "small plain-button");
  return h("div", {}, list, all);
}

// What the thumb finds at the bottom.
function thumb({ lead, may }) {
  const act = may.claim
    ? doing(w.claim, async () => { await post(`leads/${lead.lead_id}/claim`); toast(w.claimed); refresh(); }, "primary wide")
    : may.accept
      ? doing(w.accept, async () => { await post(`leads/${lead.lead_id}/accept`, {}); toast(w.accepted); refresh(); }, "primary wide")
      : null;
  const both = may.reveal && may.reopen; // a sampled defeat: the brand calls first
  const call = may.reveal && doing(h("span", { className: "with-icon" }, icon("phone"), w.call), () => dial(lead), "primary wide call");
  const reopen = may.reopen && doing(w.reopen, async () => { await post(`leads/${lead.lead_id}/reopen`, { reason: w.reopenReason }); toast(w.reopened); refresh(); }, both ? "wide" : "primary wide");
  const found = act ? [act] : [call, reopen].filter(Boolean);
  return found.length > 0 && h("div", { className: "thumb" }, h("div", { className: found.length > 1 ? "pair" : "" }, found));
}

async function dial(lead) {
  const { phone } = await post(`leads/${lead.lead_id}/phone`);
  const spaced = phone.replace(/^(\+86)?(\d{3})(\d{4})(\d{4})$/, "$2 $3 $4");
  sheet(w.calling,
    h("a", { className: "number", href: `tel:${phone}` }, spaced),
    h("a", { className: "button primary wide", href: `tel:${phone}` }, icon("phone"), w.call),
    h("p", { className: "hint" }, w.callHint));
}
