// Pieces that several pages share.

import { h, icon } from "./dom.js";
import { words } from "./words.js";
import { dueText, fromInput, now, toInput } from "./when.js";

export const levelBadge = (lead) =>
  h("span", { className: `level level-${lead.level}`, title: lead.level_text, ariaLabel: lead.level_text, role: "img" }, words.marks[lead.level] || lead.level);

export const nameOf = (lead) => lead.name || words.nobody;

export function header(title, { back = false, actions = [] } = {}) {
  return h("header", { className: "bar" },
    back && h("button", { className: "bar-button", type: "button", ariaLabel: words.back, on: { click: goBack } }, icon("back")),
    h("h1", {}, title),
    h("div", { className: "bar-actions" }, actions));
}

function goBack() {
  if (history.state && history.state.inside) history.back();
  else document.dispatchEvent(new CustomEvent("leadloop:go", { detail: "/m/" }));
}

// What the level and the state beside it do not say already.
export const reasonsOf = (lead) => lead.reasons.filter((reason) => reason !== lead.state_text && reason !== lead.level_text);

// Who works for several stores is told which.
export const storeOf = (lead, me) => (me.dealer_code ? [] : [lead.dealer]);

// A lead in a list. `side` stands at the right end of its first line, `foot` below.
export function leadCell(lead, { side = null, lines = [], foot = null } = {}) {
  const facts = [lead.model, lead.phone, lead.source].filter(Boolean).join(" · ");
  const reasons = reasonsOf(lead);
  return h("article", { className: "cell lead" },
    h("a", { className: "lead-link", href: `/m/leads/${lead.lead_id}` },
      h("div", { className: "lead-top" }, levelBadge(lead), h("strong", { className: "lead-name" }, nameOf(lead)), side),
      facts && h("p", { className: "facts" }, facts),
      reasons.length > 0 && h("p", { className: "why" }, reasons.join(" · ")),
      lines.filter(Boolean).map((line) => h("p", { className: "facts" }, line))),
    foot && h("div", { className: "lead-foot" }, foot));
}

// A deadline that counts down by itself.
export function due(at) {
  const node = h("time", { className: "due", dateTime: at, data: { due: at } });
  tick(node);
  return node;
}

function tick(node) {
  const at = new Date(node.dataset.due);
  node.textContent = dueText(at);
  node.classList.toggle("late", at <= now());
  node.classList.toggle("soon", at > now() && at - now() < 15 * 60000);
}

setInterval(() => document.querySelectorAll("[data-due]").forEach(tick), 5000);

export function state(title, hint = "", action = null) {
  return h("div", { className: "state" }, h("p", { className: "state-title" }, title), hint && h("p", {}, hint), action);
}

export const button = (text, onClick, className = "") =>
  h("button", { type: "button", className: `button ${className}`, on: { click: onClick } }, text);

// Runs an action once at a time; the button shows that it works, a refusal is told.
export function doing(text, action, className = "") {
  const node = button(text, async (event) => {
    event.preventDefault();
    if (node.disabled) return;
    node.disabled = true;
    node.classList.add("busy");
    try {
      await action();
    } catch (problem) {
      toast(problem.message, { bad: true });
      document.dispatchEvent(new CustomEvent("leadloop:refresh"));
    } finally {
      node.disabled = false;
      node.classList.remove("busy");
    }
  }, className);
  return node;
}

// One of several. `onPick` gets the value, or null when the choice is taken back.
export function chips(options, chosen, onPick, { required = false } = {}) {
  const group = h("div", { className: "chips", role: "group" });
  const draw = (value) => {
    group.replaceChildren(...options.map(([code, text]) => {
      const picked = code === value;
      return h("button", {
        type: "button", className: picked ? "chip picked" : "chip", ariaPressed: String(picked), data: { code: String(code) },
        on: { click: () => { const next = picked && !required ? null : code; draw(next); onPick(next); } },
      }, text);
    }));
  };
  draw(chosen);
  return group;
}

// Moments to choose from, and one's own.
export function momentChips(options, onPick) {
  const custom = h("input", {
    type: "datetime-local", className: "input", ariaLabel: words.lead.pick, hidden: true, min: toInput(now()),
    on: { change: () => onPick(fromInput(custom.value)) },
  });
  const list = options.map(([text, at], index) => [index, text, at]);
  const group = chips([...list.map(([index, text]) => [index, text]), ["custom", words.lead.pick]], null, (picked) => {
    custom.hidden = picked !== "custom";
    if (picked === "custom") { onPick(fromInput(custom.value)); custom.focus(); } else onPick(picked === null ? null : list[picked][2]);
  });
  return h("div", {}, group, custom);
}

export const field = (label, control, hint = null) =>
  h("label", { className: "field" }, h("span", { className: "field-label" }, label), control, hint);

export const block = (label, control) =>
  h("div", { className: "field" }, h("span", { className: "field-label" }, label), control);

// A sheet from below. Returns a function that closes it.
export function sheet(title, ...content) {
  const dialog = h("dialog", { className: "sheet", ariaLabel: title },
    h("div", { className: "sheet-head" }, h("h2", {}, title),
      h("button", { type: "button", className: "sheet-close", ariaLabel: words.close, on: { click: () => dialog.close() } }, "×")),
    h("div", { className: "sheet-body" }, content));
  dialog.addEventListener("click", (event) => event.target === dialog && dialog.close());
  dialog.addEventListener("close", () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
  return () => dialog.close();
}

let shown = null;
export function toast(text, { bad = false, action = null } = {}) {
  if (shown) shown.remove();
  const node = h("div", { className: bad ? "toast bad" : "toast", role: "status" }, h("span", {}, text),
    action && h("button", { type: "button", on: { click: () => { node.remove(); action.run(); } } }, action.text));
  shown = node;
  (document.querySelector("dialog[open]") || document.body).append(node);
  setTimeout(() => node.remove(), action ? 8000 : 3500);
}

export const refresh = () => document.dispatchEvent(new CustomEvent("leadloop:refresh"));
export const go = (path) => document.dispatchEvent(new CustomEvent("leadloop:go", { detail: path }));
