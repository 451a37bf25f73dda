// Handing a lead on, and asking to give it up.

import { h } from "../dom.js";
import { get, post } from "../net.js";
import { block, chips, doing, field, go, refresh, sheet, toast } from "../parts.js";
import { words } from "../words.js";

const STORE = "store:";

// Colleagues with what they hold (who cannot take it now is seen, not chosen), then other stores.
export function whom(people, dealers, onPick, first = []) {
  const w = words.transferTo;
  const free = people.filter((p) => p.free).map((p) => [p.userid, w.holds(p.name, p.open_leads)]);
  const away = people.filter((p) => !p.free);
  return h("div", {},
    chips([...first, ...free, ...dealers.map((d) => [STORE + d.code, d.name])], first.length ? first[0][0] : null, onPick, { required: first.length > 0 }),
    away.length > 0 && h("p", { className: "kind away" }, w.away(away.map((p) => `${p.name}（${p.why}）`).join("、"))));
}

export async function askTransfer(lead, reasons) {
  const w = words.transferTo;
  const box = h("div", {}, h("p", { className: "state" }, words.loading));
  const close = sheet(w.title, box);
  try {
    const { people, dealers } = await get(`me/leads/${lead.lead_id}/takers`);
    if (people.length + dealers.length === 0) return box.replaceChildren(h("p", { className: "state" }, w.none));
    const names = Object.fromEntries([...people.map((p) => [p.userid, p.name]), ...dealers.map((d) => [STORE + d.code, d.name])]);
    let to = null;
    let reason = reasons[0].code;
    return box.replaceChildren(
      whom(people, dealers, (picked) => { to = picked; }),
      block(w.reason, chips(reasons.map((r) => [r.code, r.text]), reason, (code) => { reason = code; }, { required: true })),
      doing(w.submit, async () => {
        if (!to) return toast(w.title, { bad: true });
        const where = to.startsWith(STORE) ? { dealer_code: to.slice(STORE.length) } : { userid: to };
        const after = await post(`leads/${lead.lead_id}/transfer`, { ...where, reason });
        close();
        if (where.userid && after.assignment && after.assignment.userid !== to) { toast(w.asked(names[to])); return refresh(); }
        toast(w.done(names[to]));
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
