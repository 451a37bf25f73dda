// Handing a lead on, and asking to give it up.

import { h } from "../dom.js";
import { get, post } from "../net.js";
import { block, chips, doing, field, go, refresh, sheet, toast } from "../parts.js";
import { words } from "../words.js";

export async function askTransfer(lead) {
  const w = words.transferTo;
  const box = h("div", {}, h("p", { className: "state" }, words.loading));
  const close = sheet(w.title, box);
  try {
    const people = await get("me/colleagues");
    if (people.length === 0) return box.replaceChildren(h("p", { className: "state" }, w.none));
    let to = null;
    let reason = w.reasons[0];
    const names = people.map((p) => [p.userid, `${p.name} · ${p.on_duty ? w.onDuty : w.offDuty}`]);
    return box.replaceChildren(
      chips(names, null, (userid) => { to = userid; }),
      block(w.reason, chips(w.reasons.map((text) => [text, text]), reason, (text) => { reason = text; }, { required: true })),
      doing(w.submit, async () => {
        if (!to) return toast(w.title, { bad: true });
        await post(`leads/${lead.lead_id}/transfer`, { userid: to, reason });
        close();
        toast(w.done(people.find((p) => p.userid === to).name));
        return go("/m/");
      }, "primary wide"));
  } catch (problem) {
    return box.replaceChildren(h("p", { className: "state" }, problem.message));
  }
}

export function askDefeat(lead, reasons) {
  const w = words.defeatFor;
  let reason = null;
  const competitor = h("input", { className: "input", maxLength: 64, name: "competitor" });
  const who = field(w.competitor, competitor);
  who.hidden = true;
  const note = h("textarea", { className: "input", rows: 2, maxLength: 500, name: "note" });
  const close = sheet(w.title,
    chips(reasons.map((r) => [r.code, r.text]), null, (code) => { reason = code; who.hidden = !w.namesCompetitor.includes(code); }),
    who, field(w.note, note), h("p", { className: "hint" }, w.hint),
    doing(w.submit, async () => {
      if (!reason) return toast(w.pick, { bad: true });
      await post(`leads/${lead.lead_id}/defeat`, { reason, competitor: who.hidden ? "" : competitor.value.trim(), note: note.value.trim() });
      close();
      toast(w.done);
      return refresh();
    }, "primary wide"));
}
