// A customer walks in: the number is checked while it is typed, nothing is asked twice.

import { h } from "../dom.js";
import { get, post } from "../net.js";
import { block, chips, doing, field, go, header, leadCell, toast } from "../parts.js";
import { words } from "../words.js";

const w = words.add;
const PHONE = /^1[3-9]\d{9}$/;

export default {
  title: w.title,
  still: true,
  load: () => get("me/models"),
  draw(models) {
    const requestId = newId();
    let window_ = null;
    const known = h("div", { className: "known", ariaLive: "polite" });
    const name = h("input", { className: "input", maxLength: 64, placeholder: w.namePlaceholder, name: "name" });
    const phone = h("input", { type: "tel", className: "input", inputMode: "numeric", autocomplete: "off", maxLength: 20, placeholder: w.phonePlaceholder, name: "phone", on: { input: () => check(phone, name, known) } });
    const model = h("select", { className: "input", name: "model" }, h("option", { value: "" }, w.noModel), models.map((m) => h("option", { value: m.code }, m.name)));
    const message = h("textarea", { className: "input", rows: 2, maxLength: 200, placeholder: w.messagePlaceholder, name: "message" });
    const consent = h("input", { type: "checkbox", name: "consent" });
    const marketing = h("input", { type: "checkbox", name: "marketing" });
    const submit = doing(w.submit, async () => {
      const digits = phone.value.replace(/\D/g, "");
      if (!PHONE.test(digits)) return toast(w.needsPhone, { bad: true });
      if (!name.value.trim()) return toast(w.needsName, { bad: true });
      if (!consent.checked) return toast(w.needsConsent, { bad: true });
      const taken = await post("me/walk-ins", {
        request_id: requestId, name: name.value.trim(), phone: digits, model: model.value || null,
        purchase_window_days: window_ ? Number(window_) : null, message: message.value.trim(), consent: true, marketing: marketing.checked,
      });
      toast(taken.outcome === "created" || taken.outcome === "duplicate" ? w.created : w.merged);
      return go(`/m/leads/${taken.lead_id}`);
    }, "primary wide");
    setTimeout(() => phone.focus(), 0);
    return h("div", {}, header(w.title, { back: true }),
      h("form", { className: "group padded", autocomplete: "off", on: { submit: (event) => { event.preventDefault(); submit.click(); } } },
        field(w.phone, phone), known, field(w.name, name), field(w.model, model),
        block(w.window, chips(w.windows, null, (picked) => { window_ = picked; })),
        field(w.message, message),
        h("label", { className: "tick" }, consent, h("span", {}, w.consent)),
        h("label", { className: "tick" }, marketing, h("span", {}, w.marketing)),
        h("div", { className: "sticky" }, submit)));
  },
};

let asked = 0;
async function check(phone, name, known) {
  const digits = phone.value.replace(/\D/g, "");
  const mine = ++asked;
  known.replaceChildren();
  if (!PHONE.test(digits)) return;
  try {
    const found = await post("me/walk-ins/check", { phone: digits });
    if (mine !== asked) return;
    if (!found.known) return known.replaceChildren(h("p", { className: "good" }, w.fresh));
    if (!name.value) name.value = found.lead.name;
    const text = found.mine ? w.mine : found.adviser ? w.held(found.adviser) : w.free;
    known.replaceChildren(h("p", { className: "flag-line" }, text), found.mine || !found.adviser ? leadCell(found.lead) : "");
  } catch {
    // The check only helps; saving checks again.
  }
}

function newId() {
  const bytes = crypto.getRandomValues(new Uint8Array(12));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
