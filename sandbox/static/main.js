// The page: two phones and a lead panel, kept live by the sandbox's stream of changes.

import { AdviserPhone } from "./adviser.js";
import { CustomerPhone } from "./customer.js";
import { byId, h, link, recall, remember, toast } from "./dom.js";
import { LeadPanel } from "./lead.js";
import { explain, get, post } from "./net.js";

const ENTRIES = [["/m/", "顾问 H5"], ["/console/", "控制台"], ["/api/docs", "接口文档"]];
const wide = window.matchMedia("(min-width: 760px)");
let customer;
let adviser;
let lead;

function go(tab) {
  document.body.dataset.tab = tab;
  remember("tab", tab);
  document.querySelectorAll("[data-go]").forEach((button) => {
    button.setAttribute("aria-current", String(button.dataset.go === tab));
  });
  byId(`dot-${tab}`)?.setAttribute("hidden", "");
  // A hidden chat could not scroll, and nobody had read it.
  const phone = { customer, adviser }[tab];
  phone?.thread.toEnd();
  phone?.read();
}

const onScreen = (tab) => !document.hidden && (wide.matches || document.body.dataset.tab === tab);

function productIs(up, url) {
  const status = byId("status");
  status.textContent = up === null ? "等待产品…" : up ? "产品在线" : "产品离线";
  status.dataset.up = String(up);
  banner("product", up === false ? `产品没有响应（${url}）：消息会按微信的规则重试三次，之后客户看到“暂时无法提供服务”。` : "");
}

const notes = new Map();
function banner(topic, text) {
  if (text) notes.set(topic, text);
  else notes.delete(topic);
  byId("banner").textContent = [...notes.values()].join(" ");
  byId("banner").hidden = !notes.size;
}

function links(url) {
  byId("links").replaceChildren(...ENTRIES.map(([path, text]) => link(text, url + path)));
}

async function load() {
  const overview = await get("overview");
  links(overview.product_url);
  productIs(overview.product_up, overview.product_url);
  if (!customer) {
    customer = new CustomerPhone(overview);
    adviser = new AdviserPhone();
    lead = new LeadPanel(overview, customer);
  } else {
    customer.menuChanged(overview);
  }
  await Promise.all([customer.start(), adviser.start(), lead.start()]);
}

const REACTIONS = {
  customer: async (change) => {
    await customer.changed(change, onScreen("customer"));
    mark("customer", change.id === customer.openid && change.unread);
  },
  member: async (change) => {
    await adviser.changed(change, onScreen("adviser"));
    mark("adviser", adviser.unread());
  },
  customers: () => customer.start(),
  typing: (change) => customer.typing(change),
  menu: async () => customer.menuChanged(await get("overview")),
  scenes: async () => customer.menuChanged(await get("overview")),
  product: (change) => productIs(change.up, lead.overview.product_url),
  delivery: () => lead.drawLog(),
  resync: () => load(),
};

function mark(tab, unread) {
  byId(`dot-${tab}`).hidden = !unread || onScreen(tab);
}

// Changes to one person come in bursts: the last one of a moment says it all.
const waiting = new Map();
function react(change) {
  const key = `${change.type} ${change.id ?? ""}`;
  clearTimeout(waiting.get(key));
  waiting.set(key, setTimeout(() => {
    waiting.delete(key);
    loaded.then(() => REACTIONS[change.type]?.(change)).catch((problem) => toast(explain(problem)));
  }, 60));
}

// Listened to first and loaded then, at the start and after every loss: nothing slips in between.
let loaded;
function listen() {
  const stream = new EventSource("/sandbox/stream");
  stream.onopen = () => {
    banner("stream", "");
    loaded = load();
    loaded.then(() => banner("start", ""), notLoaded);
  };
  stream.onerror = () => banner("stream", "与沙盒的连接断开，正在重连…");
  stream.onmessage = (event) => react(JSON.parse(event.data));
}

function notLoaded(problem) {
  banner("start", `页面没有加载成功：${explain(problem)}`);
  byId("banner").append(h("button", { type: "button", onclick: () => window.location.reload() }, "重试"));
}

async function reset() {
  if (!window.confirm("清空沙盒里的全部聊天、卡片和客户？产品里的数据不受影响。")) return;
  try {
    await post("reset");
    await load();
  } catch (problem) {
    toast(explain(problem));
  }
}

document.querySelectorAll("[data-go]").forEach((button) =>
  button.addEventListener("click", () => go(button.dataset.go)));
byId("reset").addEventListener("click", reset);
go(recall("tab") || "lead");
listen();
