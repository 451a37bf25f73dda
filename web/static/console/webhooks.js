// Webhooks: who is told what, how its receiver does, what was sent; kept, tried out, sent again.
import { ask, field, fill, say, tell } from "./dialogs.js";
import { $, acts, count, empty, failed, further, h, loading, show } from "./dom.js";
import { call, get, post } from "./net.js";
import { inputOf, moment, momentOf } from "./zone.js";

const STATES = { waiting: "等待", sending: "发送中", delivered: "已送达", dead: "失败", given_up: "已放弃" };
const WHY = { failing: "连续一天没有送达，系统停用", gone: "接收方表示不再接收（410）", by_hand: "人工停用" };
const url = (webhook, path = "") => `/webhooks/${webhook.id}${path}`;
let webhooks = [], kinds = [], chosen = null, state = "", cursor = null, turn = 0;

const words = (type) => kinds.find((kind) => kind.type === type)?.text ?? type;
const codes = (text) => text.split(/[\s,，、;；]+/).filter(Boolean);

function health(webhook) {
  if (webhook.state === "disabled") return h("span", { class: "tag bad" }, "已停用");
  if (webhook.state === "failing") return h("span", { class: "tag warn" }, `连续失败 ${webhook.failures} 次`);
  return h("span", { class: "tag good" }, "正常");
}

function story(webhook) {
  const { state: now, disabled_at: off, disabled_why: why, failing_since: since, missed_since: missed } = webhook;
  return [
    now === "disabled" ? `${WHY[why] ?? "已停用"} · ${moment(off)}` : null,
    now === "failing" ? `从 ${moment(since)} 起没有成功过` : null,
    missed ? `${moment(missed)} 之后的事件可能没有送达，启用后请补发` : null,
    webhook.previous_secret_until ? `旧密钥到 ${moment(webhook.previous_secret_until)} 仍有效` : null,
  ].filter(Boolean).map((line) => h("p", { class: now === "ok" ? "dim" : "bad" }, line));
}

function wants(webhook) {
  const places = [...webhook.regions.map((code) => `大区 ${code}`), ...webhook.dealers.map((code) => `门店 ${code}`)];
  return [webhook.types.length ? webhook.types.map(words).join("、") : "全部事件",
    places.length ? places.join("、") : "全部门店"].join(" · ");
}

function card(webhook) {
  const button = (text, work, look = "") => h("button", { type: "button", class: look, onclick: () => act(work) }, text);
  return h("article", { class: "panel hook", "aria-current": webhook.id === chosen?.id ? "true" : null },
    h("div", { class: "heading" }, h("h2", {}, webhook.name), health(webhook)),
    h("p", {}, h("code", {}, webhook.url)), h("p", { class: "dim" }, wants(webhook)), story(webhook),
    h("p", { class: "dim" }, `等待 ${count(webhook.waiting)} 条`, webhook.dead ? h("b", { class: "bad" }, ` · 失败 ${count(webhook.dead)} 条`) : null),
    h("div", { class: "buttons" },
      h("button", { type: "button", onclick: () => choose(webhook) }, "推送记录"),
      acts() ? [
        button("发测试", () => ping(webhook)), button("修改", () => edit(webhook)),
        button("补发", () => replay(webhook)), button("换密钥", () => rotate(webhook)),
        button(webhook.enabled ? "停用" : "启用", () => toggle(webhook)),
        button("删除", () => remove(webhook), "danger quiet"),
      ] : null));
}

async function act(work) {
  try {
    const done = await work();
    if (done) say(done);
  } catch (error) {
    say(error.message, "bad");
  }
  await load();
  if (chosen) await list();
}

async function ping(webhook) {
  await post(url(webhook, "/ping"));
  choose(webhook);
  setTimeout(list, 1500);
  return "测试事件已发出";
}

const body = ({ name, url: to, types, dealers, regions, enabled }) => ({ name, url: to, types, dealers, regions, enabled });

function entered(form, enabled) {
  return {
    name: form.get("name").trim(), url: form.get("url").trim(), types: form.getAll("types"),
    dealers: codes(form.get("dealers")), regions: codes(form.get("regions")), enabled,
  };
}

function fields(webhook) {
  const text = (name, value, more) => h("input", { name, value, autocomplete: "off", spellcheck: "false", ...more });
  return [
    field("名称", text("name", webhook.name, { maxlength: 64, required: true })),
    field("接收地址", text("url", webhook.url, { type: "url", maxlength: 500, required: true, placeholder: "https://" })),
    h("fieldset", {}, h("legend", {}, "事件（都不选就是全部）"), kinds.map((kind) => h("label", { class: "choice" },
      h("input", { type: "checkbox", name: "types", value: kind.type, checked: webhook.types.includes(kind.type) }),
      kind.text, h("code", {}, kind.type)))),
    field("只要这些大区", text("regions", webhook.regions.join(" ")), "大区代码，用空格隔开；不填就是全部"),
    field("只要这些门店", text("dealers", webhook.dealers.join(" ")), "门店代码，用空格隔开；大区和门店合在一起算"),
  ];
}

const FAULTS = [
  [/https/, "要以 https:// 开头"], [/private network/, "不能是内网或本机地址"], [/user, password/, "里面不能带用户名、密码或 #"],
  [/^no (dealer|region) (.*)/, "没有这个代码"], [/./, "格式不对"],
];
const LABELS = { name: "名称", url: "接收地址", types: "事件", dealers: "门店", regions: "大区" };

function fault({ loc, msg }) {
  const [, text] = FAULTS.find(([pattern]) => pattern.test(msg)) ?? [null, "不对"];
  const code = /^no \w+ (.*)/.exec(msg)?.[1];
  return `${LABELS[loc.split(".")[0]] ?? loc}${code ? `“${code}”` : ""}${text}`;
}

// Asks until it is right or given up; what was entered stays.
async function submit(title, draft, yes, send) {
  let wrong = null;
  while (true) {
    const form = await fill(title, [wrong ? h("p", { class: "bad", role: "alert" }, wrong) : null, ...fields(draft)].filter(Boolean), yes);
    if (!form) return null;
    draft = entered(form, draft.enabled);
    try {
      return await send(draft) ?? true;
    } catch (error) {
      if (error.code !== "invalid_input") throw error;
      wrong = error.errors.map(fault).join("；");
    }
  }
}

async function edit(webhook) {
  const sent = (draft) => call("PUT", url(webhook), draft);
  return await submit(`修改「${webhook.name}」`, body(webhook), "保存", sent) ? "已保存" : null;
}

async function create() {
  const blank = { name: "", url: "", types: [], dealers: [], regions: [], enabled: true };
  const made = await submit("新建事件推送", blank, "新建", (draft) => post("/webhooks", draft));
  if (made) await secret(made);
}

const secret = (made) => tell("请保存密钥", h("p", {}, "接收方用它核对签名。它只显示这一次，关掉就看不到了。"),
  h("pre", { class: "secret", tabindex: "0" }, made.secret));

async function rotate(webhook) {
  if (!await ask(`更换「${webhook.name}」的密钥？`, "接下来 24 小时里新旧密钥都有效，请在这段时间里让接收方换上新的。", "更换")) return;
  await secret(await post(url(webhook, "/rotate-secret")));
}

async function replay(webhook) {
  const missed = webhook.missed_since ? new Date(webhook.missed_since) : new Date(Date.now() - 3600e3);
  const form = await fill(`补发「${webhook.name}」`, [field("从什么时候起",
    h("input", { type: "datetime-local", name: "since", value: inputOf(missed), required: true }),
    "这个时间以后、符合条件的事件都会再发一遍，编号不变；最多能补 14 天")], "补发");
  if (!form) return null;
  await post(url(webhook, "/replay"), { since: momentOf(form.get("since")).toISOString() });
  return "开始补发";
}

async function toggle(webhook) {
  if (webhook.enabled && !await ask(`停用「${webhook.name}」？`, "等待中的不再发送；事件照常保存，启用后可以补发。", "停用", true)) return null;
  await call("PUT", url(webhook), { ...body(webhook), enabled: !webhook.enabled });
  return webhook.enabled ? "已停用" : "已启用";
}

async function remove(webhook) {
  if (!await ask(`删除「${webhook.name}」？`, "以后不再推送，等待中的也不发了。", "删除", true)) return null;
  await call("DELETE", url(webhook));
  if (chosen?.id === webhook.id) choose(null);
  return "已删除";
}

function choose(webhook) {
  chosen = webhook;
  state = "";
  $("deliveries").hidden = !webhook;
  if (!webhook) return;
  $("deliveries").querySelector("h2").textContent = `推送记录 · ${webhook.name}`;
  draw();
  list();
}

function filters() {
  show($("states"), [["", "全部"], ...Object.entries(STATES)].map(([key, text]) => h("button", {
    type: "button", class: "chip", "aria-pressed": String(state === key),
    onclick: () => { state = key; list(); },
  }, text)));
}

function row(delivery) {
  const place = h("div", { class: "story" }, loading());
  const opened = h("details", { class: "letter" },
    h("summary", {}, h("b", {}, delivery.type_text), h("span", { class: `to-${delivery.state}` }, STATES[delivery.state]),
      delivery.lead_id ? h("span", { class: "dim" }, `线索 #${delivery.lead_id}`) : null,
      delivery.error_text ? h("span", { class: "dim" }, delivery.error_text) : null,
      h("small", {}, `${moment(delivery.created_at)} · 发了 ${delivery.attempts} 次`)), place);
  opened.addEventListener("toggle", () => { if (opened.open) fillStory(delivery, place); }, { once: true });
  return opened;
}

async function fillStory(delivery, place) {
  const path = url(chosen, `/deliveries/${delivery.id}`);
  try {
    const full = await get(path);
    const fact = (label, value) => (value ? [h("dt", {}, label), h("dd", {}, value)] : []);
    show(place, h("dl", {},
      fact("事件编号", h("code", {}, full.event_id)), fact("类型", h("code", {}, full.type)),
      fact("线索", full.lead_id ? h("a", { href: `/console/leads/${full.lead_id}` }, `#${full.lead_id}`) : null),
      fact("对方回答", full.status ? `HTTP ${full.status}，${full.took_ms} 毫秒` : null),
      fact("下次发送", full.next_at ? moment(full.next_at) : null),
      fact("送达", full.delivered_at ? moment(full.delivered_at) : null)),
      h("pre", {}, full.body ? JSON.stringify(full.body, null, 2) : "事件已过保存期"),
      acts() && full.state !== "sending" ? h("div", { class: "buttons" }, h("button", {
        type: "button", onclick: () => act(async () => { await post(`${path}/retry`); return "已放回队列"; }),
      }, "再发一次")) : null);
  } catch (error) {
    show(place, failed(error, () => fillStory(delivery, place)));
  }
}

async function list(more = false) {
  const mine = ++turn, place = $("list");
  filters();
  const asked = new URLSearchParams({ limit: "50", ...(state && { state }), ...(more === true && { cursor }) });
  try {
    const page = await get(url(chosen, `/deliveries?${asked}`));
    if (mine !== turn) return;
    cursor = page.next_cursor;
    if (more !== true) show(place, page.items.length ? [] : empty("没有推送记录。"));
    place.querySelector(".more")?.remove();
    place.append(...page.items.map(row));
    if (cursor) place.append(further("再看 50 条", () => list(true)));
  } catch (error) {
    if (mine !== turn) return;
    if (more === true) throw error;
    show(place, failed(error, () => list()));
  }
}

function draw() {
  show($("webhooks"), webhooks.length ? webhooks.map(card)
    : empty(acts() ? "还没有推送。点“新建”，填好接收方的地址就能用。" : "还没有推送。"));
}

async function load() {
  try {
    webhooks = (await get("/webhooks")).items;
    chosen = webhooks.find((each) => each.id === chosen?.id) ?? null;
    draw();
  } catch (error) {
    show($("webhooks"), failed(error, load));
  }
}

$("new")?.addEventListener("click", () => act(create));
kinds = await get("/webhooks/event-types").catch(() => []);
load();
