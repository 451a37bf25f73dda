// The result of a call in one tap, and what else is worth a second one.

import { h } from "../dom.js";
import { post } from "../net.js";
import { block, chips, doing, field, momentChips, refresh, toast } from "../parts.js";
import { dayPicks, moment, nextPicks, now } from "../when.js";
import { words } from "../words.js";

const w = words.lead;
const TIMES = [9, 10, 11, 14, 15, 16, 17];
const AT_ONCE = new Set(["unreachable"]);

export function recorder(data) {
  const box = h("section", { className: "group padded recorder" });
  const form = h("div", {});
  const pick = (result) => {
    box.classList.toggle("editing", result !== null);
    if (result === null) return form.replaceChildren();
    if (AT_ONCE.has(result)) return save(data, { result, way: "phone" }).catch((problem) => toast(problem.message, { bad: true }));
    return form.replaceChildren(details(data, result));
  };
  box.append(h("h2", { className: "block-title" }, w.afterCall), chips(w.results, null, pick), form);
  return box;
}

function details(data, result) {
  const said = { result, way: w.visitResults.includes(result) ? "visit" : "phone" };
  const note = h("textarea", { className: "input", rows: 2, maxLength: 1000, placeholder: w.noteHint, name: "note" });
  const levels = [...data.levels.map((code) => [code, code])];
  return h("div", { className: "details" },
    result === "appointment" && appointment(said),
    result === "dormant" && asks(data) && block(w.restReason, chips(data.reasons_to_rest.map((r) => [r.code, r.text]), null, (code) => { said.reason = code; })),
    !["ordered", "wrong_number", "dormant", "note"].includes(result) &&
      block(w.next, momentChips(nextPicks(), (at) => { said.next_follow_up_at = at && at.toISOString(); })),
    !["ordered", "wrong_number", "dormant", "refused", "note"].includes(result) &&
      block(w.level, chips(levels, null, (code) => { said.level = code; })),
    field(w.note, note),
    doing(w.save, async () => {
      if (result === "appointment" && !said.appointment_at) return toast(w.needsTime, { bad: true });
      if (result === "dormant" && asks(data) && !said.reason) return toast(w.needsReason, { bad: true });
      if (result === "note" && !note.value.trim()) return toast(w.needsNote, { bad: true });
      return save(data, { ...said, note: note.value.trim() });
    }, "primary wide"));
}

// Whether a manager must agree before the lead may rest.
const asks = (data) => data.reasons_to_rest.length > 0;

function appointment(said) {
  let day = null;
  let hour = null;
  const settle = () => { said.appointment_at = day && hour !== null ? moment(day, 0, hour).toISOString() : null; };
  const days = dayPicks();
  const custom = momentChips([], (at) => { said.appointment_at = at && at.toISOString(); });
  return h("div", {},
    block(w.appointmentDay, chips(days.map(([text], index) => [index, text]), null, (index) => { day = index === null ? null : days[index][1]; settle(); })),
    block(w.appointmentTime, chips(TIMES.map((t) => [t, `${t}:00`]), null, (t) => { hour = t; settle(); })),
    custom);
}

async function save(data, said) {
  if (said.appointment_at && new Date(said.appointment_at) < now()) throw new Error(w.needsTime);
  const given = Object.fromEntries(Object.entries(said).filter(([, value]) => value));
  const logged = await post(`leads/${data.lead.lead_id}/follow-ups`, given);
  const text = w.results.find(([code]) => code === said.result)[1];
  toast(said.reason ? w.askedToRest : w.recorded(text), { action: { text: words.undo, run: () => undo(data.lead.lead_id, logged.id) } });
  refresh();
}

async function undo(leadId, id) {
  try {
    await post(`leads/${leadId}/follow-ups/${id}/undo`);
    toast(words.undone);
  } catch (problem) {
    toast(problem.message, { bad: true });
  }
  refresh();
}
