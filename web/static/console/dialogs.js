// Questions over the page, and one line about what was done. Each makes its own elements.
import { h } from "./dom.js";
import { Refusal } from "./net.js";

// The first field has the keyboard, not the box around it that can be scrolled.
export const begin = (dialog) => dialog.querySelector(".fields :is(input, select, textarea)")?.focus();

function open(dialog) {
  document.body.append(dialog);
  dialog.returnValue = "no";
  dialog.showModal();
  begin(dialog);
  return new Promise((done) => {
    dialog.addEventListener("close", () => {
      dialog.remove();
      done(dialog.returnValue === "yes");
    }, { once: true });
  });
}

const menu = (yes, danger) => h("menu", {},
  h("button", { type: "submit", value: "no", class: "quiet", formnovalidate: true }, "取消"),
  h("button", { type: "submit", value: "yes", class: danger ? "danger" : "primary" }, yes));

export const ask = (title, text, yes, danger = false) => open(h("dialog", {},
  h("form", { method: "dialog" }, h("h2", {}, title), h("p", {}, text), menu(yes, danger))));

// Fields are elements with names; answers what was entered, or null.
export async function fill(title, fields, yes) {
  const form = h("form", { method: "dialog" }, h("h2", {}, title),
    h("div", { class: "fields" }, fields), menu(yes));
  return await open(h("dialog", { class: "wide" }, form)) ? new FormData(form) : null;
}

export const tell = (title, ...content) => open(h("dialog", {},
  h("form", { method: "dialog" }, h("h2", {}, title), content,
    h("menu", {}, h("button", { type: "submit", value: "yes", class: "primary" }, "知道了")))));

export const field = (label, input, hint) =>
  h("label", { class: "field" }, label, input, hint ? h("small", {}, hint) : null);

let fading = 0;
export function say(text, kind = "") {
  const toast = document.getElementById("toast")
    ?? document.body.appendChild(h("div", { id: "toast", class: "toast", role: "status", "aria-live": "polite" }));
  toast.textContent = text;
  toast.className = `toast on ${kind}`;
  clearTimeout(fading);
  fading = setTimeout(() => { toast.className = "toast"; }, 4000);
}

// A refusal that nobody waited for is said all the same.
addEventListener("unhandledrejection", (event) => {
  if (!(event.reason instanceof Refusal)) return;
  event.preventDefault();
  say(event.reason.message, "bad");
});
