// Opens pages by their address, keeps them fresh, and shows what went wrong.

import { h, icon } from "./dom.js";
import { get } from "./net.js";
import { button, state } from "./parts.js";
import { setClock } from "./when.js";
import { words } from "./words.js";
import approvals from "./pages/approvals.js";
import calendar from "./pages/calendar.js";
import add from "./pages/add.js";
import lead from "./pages/lead.js";
import numbers from "./pages/numbers.js";
import sea from "./pages/sea.js";
import search from "./pages/search.js";
import todo from "./pages/todo.js";

// A page: load(context) gives data, draw(data, context) a node. `still` pages never refresh alone.
const PAGES = [
  [/^\/m\/$/, todo],
  [/^\/m\/leads\/(\d+)$/, lead],
  [/^\/m\/sea$/, sea],
  [/^\/m\/calendar$/, calendar],
  [/^\/m\/approvals$/, approvals],
  [/^\/m\/me$/, numbers],
  [/^\/m\/search$/, search],
  [/^\/m\/new$/, add],
];
const TABS = [["todo", "/m/"], ["approvals", "/m/approvals"], ["sea", "/m/sea"], ["calendar", "/m/calendar"], ["me", "/m/me"]];

const main = document.getElementById("page");
let me = null;
let current = null;
let visit = 0;

async function open(path, { push = false, scroll = 0 } = {}) {
  if (push) history.pushState({ inside: true }, "", path);
  const url = new URL(path, location.origin);
  const found = PAGES.map(([pattern, page]) => [pattern.exec(url.pathname), page]).find(([match]) => match);
  if (current && current.page.leave) current.page.leave();
  current = { page: found ? found[1] : missing, params: found ? found[0].slice(1) : [], query: url.searchParams, data: null, memory: {} };
  document.querySelectorAll("dialog").forEach((dialog) => dialog.close());
  main.replaceChildren(h("p", { className: "state" }, h("i", { className: "spinner" }), words.loading));
  drawTabs();
  await show(scroll);
}

async function show(scroll = null) {
  const mine = ++visit;
  const context = current;
  try {
    if (!me) await loadMe();
    context.me = me;
    const data = context.page.load ? await context.page.load(context) : {};
    if (mine !== visit) return;
    if (data && data.now) setClock(me.timezone, data.now);
    context.data = data;
    drawPage(context, scroll);
    bar("");
  } catch (problem) {
    if (mine !== visit) return;
    if (context.data && problem.code === "unreachable") bar(navigator.onLine ? words.stale : words.offline);
    else drawProblem(problem);
    if (problem.code === "unreachable") setTimeout(() => mine === visit && show(), 5000);
  }
}

function drawPage(context, scroll) {
  const y = scroll === null ? window.scrollY : scroll;
  document.title = context.page.title || words.app;
  document.body.classList.toggle("has-tabs", Boolean(context.page.tab));
  main.replaceChildren(context.page.draw(context.data, context));
  drawTabs();
  window.scrollTo(0, y);
  main.dataset.ready = String(visit);
}

function drawProblem(problem) {
  const lost = problem.code === "not_found", useless = lost || problem.status === 403; // to try again
  const title = lost ? words.notFound : problem.code === "unreachable" ? words.failed : problem.message;
  const hint = lost ? words.notFoundHint : problem.code === "unreachable" ? words.failedHint : "";
  main.replaceChildren(state(title, hint,
    h("p", { className: "state-actions" }, useless ? h("a", { className: "button", href: "/m/" }, words.toTodo) : button(words.retry, () => show(), "primary"))));
  document.body.classList.toggle("has-tabs", true);
  drawTabs();
}

async function loadMe() {
  me = await get("me");
  setClock(me.timezone, me.now);
}

function drawTabs() {
  const old = document.querySelector(".tabs");
  const active = current && current.page.tab;
  const wanted = TABS.filter(([name]) => name !== "approvals" || (me && me.reviews));
  const tabs = h("nav", { className: "tabs" }, wanted.map(([name, path]) =>
    h("a", { className: name === active ? "tab active" : "tab", href: path, ariaCurrent: name === active ? "page" : null, data: { tab: name } },
      icon(name === "approvals" ? "approve" : name), h("span", {}, words.tabs[name]))));
  if (old) old.replaceWith(tabs);
  else document.body.append(tabs);
}

function bar(text) {
  let node = document.querySelector(".strip");
  if (!node) document.body.prepend((node = h("p", { className: "strip", role: "status" })));
  node.textContent = text;
  node.hidden = !text;
}

const missing = { title: words.notFound, tab: "todo", draw: () => state(words.notFound, "", h("a", { className: "button", href: "/m/" }, words.toTodo)) };

// ── what asks for a page ──

document.addEventListener("click", (event) => {
  const link = event.target.closest("a[href^='/m/']");
  if (!link || event.defaultPrevented || event.metaKey || event.ctrlKey) return;
  event.preventDefault();
  history.replaceState({ ...history.state, y: window.scrollY }, "");
  open(link.getAttribute("href"), { push: true });
});
addEventListener("popstate", (event) => open(location.pathname + location.search, { scroll: (event.state && event.state.y) || 0 }));
document.addEventListener("leadloop:go", (event) => open(event.detail, { push: true }));
document.addEventListener("leadloop:refresh", () => show());
document.addEventListener("leadloop:me", async () => { me = null; await show(); });
addEventListener("offline", () => bar(words.offline));
addEventListener("online", () => show());

// ── live updates ──

let stream = null;
let hinted = 0;

function listen() {
  if (stream || document.hidden) return;
  stream = new EventSource("/api/v1/me/stream");
  stream.addEventListener("changed", () => {
    clearTimeout(hinted);
    hinted = setTimeout(freshen, 200);
  });
  stream.addEventListener("error", () => {
    if (stream && stream.readyState === EventSource.CLOSED) {
      silence();
      setTimeout(() => { freshen(); listen(); }, 5000);
    }
  });
}

function silence() {
  if (stream) stream.close();
  stream = null;
}

// Never under somebody's hands: not while a sheet is open, a field is filled or a choice is made.
function freshen() {
  if (!current || !current.data || current.page.still) return;
  const busy = document.querySelector("dialog[open], .editing") || /^(INPUT|TEXTAREA|SELECT)$/.test(document.activeElement.tagName);
  if (!busy) show();
}

document.addEventListener("visibilitychange", () => (document.hidden ? silence() : listen()));
addEventListener("pageshow", (event) => event.persisted && show());


open(location.pathname + location.search).then(listen);
