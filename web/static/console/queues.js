// Queues: what failed and why, in groups and one by one; retried or given up, after a look at the number.
import { $, acts, count, empty, failed, further, h, loading, show, span } from "./dom.js";
import { watch } from "./live.js";
import { call, get, post } from "./net.js";
import { tries } from "./tries.js";
import { merged, troubleLine } from "./trouble.js";
import { moment } from "./zone.js";

const chosen = Object.fromEntries(new URLSearchParams(location.search));
const kinds = new Map(), errors = new Map(); // seen so far: code → words
const PAGE = 50;
let wall = null, cursor = null, listed = 0, turn = 0;

function ask(title, text, yes, danger) {
  const dialog = $("confirm");
  const [heading, words] = [dialog.querySelector("h2"), dialog.querySelector("p")];
  const button = dialog.querySelector("[value=yes]");
  heading.textContent = title;
  words.textContent = text;
  button.textContent = yes;
  button.className = danger ? "danger" : "primary";
  dialog.returnValue = "no";
  dialog.showModal();
  return new Promise((done) => {
    dialog.addEventListener("close", () => done(dialog.returnValue === "yes"), { once: true });
  });
}

let fading = 0;
function say(text, kind) {
  const toast = $("toast");
  toast.textContent = text;
  toast.className = `toast on ${kind ?? ""}`;
  clearTimeout(fading);
  fading = setTimeout(() => { toast.className = "toast"; }, 4000);
}

async function act(work, done) {
  try {
    const answer = await work();
    say(typeof done === "function" ? done(answer) : done);
  } catch (error) {
    say(error.message, "bad");
  }
  await list();
}

const BULK = {
  retry: ["failed/retry", "重试", "会重新执行，执行次数从头算起。"],
  discard: ["failed/discard", "放弃", "放弃后不再执行，也找不回来。"],
  run: ["waiting/run", "立即重试", "不等下次的时间，现在就再执行一次。"],
};

async function bulk(kind, trouble, number) {
  const [path, verb, consequence] = BULK[kind];
  const sure = await ask(`${verb} ${count(number)} 条？`,
    `${trouble.queue_title} · ${trouble.kind_text}：${trouble.title}。${consequence}`,
    `${verb} ${count(number)} 条`, kind === "discard");
  if (!sure) return;
  const wanted = { error: trouble.error, kind: trouble.kind || undefined, customer: trouble.customer };
  if (kind !== "run") wanted.count = number;
  await act(() => post(`/queues/${trouble.queue}/${path}`, wanted),
    (changed) => `已${verb} ${count(changed.count)} 条`);
}

function groups() {
  const place = $("groups");
  place.hidden = wall.troubles.length === 0;
  show(place.lastElementChild, merged(wall.troubles).map((trouble) => {
    const { failed: dead, waiting } = trouble;
    const button = (kind, number, text, look) => (acts() && number
      ? h("button", { type: "button", class: look, onclick: () => bulk(kind, trouble, number) }, text)
      : null);
    return troubleLine(trouble, h("div", { class: "buttons" },
      dead ? h("button", { type: "button", onclick: () => choose(trouble) }, "查看") : null,
      button("retry", dead, `重试 ${count(dead)} 条`, "primary"),
      button("discard", dead, `放弃 ${count(dead)} 条`, "danger quiet"),
      button("run", waiting, `立即重试 ${count(waiting)} 条`, "primary")));
  }));
}

const waited = (seconds) => (seconds < 1 ? "刚开始排队" : `最久等了 ${span(seconds)}`);

function cards() {
  show($("cards"), wall.queues.map((queue) => h("article", {
    class: `queue-card ${queue.failed ? "alarm" : ""}`,
    "aria-current": queue.name === chosen.queue ? "true" : null,
  },
    h("button", { type: "button", class: "whole", onclick: () => choose({ queue: queue.name }) },
      h("h3", {}, queue.title, queue.paused ? h("span", { class: "tag warn" }, "已暂停") : null),
      h("p", { class: "parts" }, [["排队", queue.ready], ["定时", queue.scheduled], ["执行中", queue.active]]
        .map(([label, number]) => h("span", {}, `${label} ${count(number)}`))),
      h("p", { class: queue.failed ? "bad" : "dim" }, `失败 ${count(queue.failed)}`),
      h("p", { class: "dim" }, queue.ready ? waited(queue.oldest_ready_seconds) : "没有积压"),
      queue.held ? h("p", { class: "warn" }, `其中 ${count(queue.held)} 条在等接收方恢复`) : null),
    acts() ? h("button", { type: "button", class: "quiet", onclick: () => toggle(queue) },
      queue.paused ? "恢复" : "暂停") : null)));
}

async function toggle(queue) {
  if (queue.paused) {
    await act(() => post(`/queues/${queue.name}/resume`), `「${queue.title}」已恢复`);
  } else if (await ask(`暂停「${queue.title}」？`, "新任务照常接收，只是先不执行，恢复后接着做。", "暂停", true)) {
    await act(() => post(`/queues/${queue.name}/pause`), `「${queue.title}」已暂停`);
  }
}

const STATES = [["failed", "失败"], ["waiting", "失败后等重试"], ["ready", "排队"], ["scheduled", "定时"], ["active", "执行中"],
  ["done", "已完成"], ["discarded", "已放弃"]];
const NARROWED = ["queue", "state", "kind", "error", "customer"];
const stateNow = () => (STATES.some(([state]) => state === chosen.state) ? chosen.state : "failed");

function choose(wanted) {
  for (const name of NARROWED) delete chosen[name];
  for (const name of NARROWED) if (wanted[name]) chosen[name] = wanted[name];
  history.replaceState(null, "", `?${new URLSearchParams(chosen)}`);
  if (wall) cards();
  $("letters").replaceChildren();
  list();
  $("list-title").scrollIntoView({ behavior: "smooth", block: "nearest" });
}

// What there is to choose from grows with what was seen.
function learn(seen) {
  const before = kinds.size + errors.size;
  for (const each of seen) {
    if (each.kind) kinds.set(each.kind, each.kind_text);
    if (each.error) errors.set(each.error, each.title);
  }
  return kinds.size + errors.size > before;
}

function narrow() {
  if (chosen.kind && !kinds.has(chosen.kind)) kinds.set(chosen.kind, chosen.kind);
  const state = h("select", { name: "state" }, STATES.map(([value, text]) => h("option", { value }, text)));
  state.value = stateNow();
  state.addEventListener("change", () => $("narrow").requestSubmit());
  const kind = h("select", { name: "kind" }, h("option", { value: "" }, "全部"),
    [...kinds].map(([code, text]) => h("option", { value: code }, text)));
  kind.value = chosen.kind ?? "";
  kind.addEventListener("change", () => $("narrow").requestSubmit());
  const field = (name, label, more) => h("label", {}, label,
    h("input", { name, value: chosen[name] ?? "", autocomplete: "off", maxlength: 200, ...more }));
  show($("narrow"), h("label", {}, "状态", state), h("label", {}, "任务", kind),
    field("error", "错误代码", { list: "errors", placeholder: "和任务里显示的一致" }),
    h("datalist", { id: "errors" }, [...errors].map(([code, title]) => h("option", { value: code }, title))),
    field("customer", "客户编号", { inputmode: "numeric", pattern: "[0-9]{1,18}", title: "客户页上的编号，只有数字" }),
    h("button", { class: "primary" }, "筛选"));
}

$("narrow").addEventListener("submit", (event) => {
  event.preventDefault();
  const asked = Object.fromEntries([...new FormData(event.target)].map(([name, value]) => [name, value.trim()]));
  choose({ queue: chosen.queue, ...asked });
});

function filters() {
  const chip = (name, text) => (chosen[name]
    ? h("button", { type: "button", class: "chip", "aria-label": `去掉条件 ${text}`, onclick: () => choose({ ...chosen, [name]: undefined }) },
        text, h("span", { "aria-hidden": "true" }, " ×")) : null);
  show($("filters"), chip("kind", kinds.get(chosen.kind) ?? chosen.kind), chip("error", errors.get(chosen.error) ?? chosen.error), chip("customer", chosen.customer && `客户 ${chosen.customer}`));
  const queue = wall?.queues.find((each) => each.name === chosen.queue);
  const title = `${STATES.find(([state]) => state === stateNow())[1]}的任务`;
  $("list-title").textContent = queue ? `${title} · ${queue.title}` : title;
  if (!$("narrow").contains(document.activeElement)) narrow(); // not under somebody's hands
}

// All that the filter finds; how many they are is asked for only when the list shows them all.
function wholeList() {
  if (!acts() || !listed || cursor) return null;
  const every = { queue: chosen.queue, queue_title: wall?.queues.find((each) => each.name === chosen.queue)?.title ?? chosen.queue,
    kind: chosen.kind, kind_text: kinds.get(chosen.kind) ?? "全部任务", error: chosen.error, title: errors.get(chosen.error) ?? "全部错误", customer: chosen.customer };
  const button = (kind, text, look) => h("button", { type: "button", class: look, onclick: () => bulk(kind, every, listed) }, text);
  if (stateNow() === "failed") {
    return h("div", { class: "buttons whole-list" }, button("retry", `重试这 ${count(listed)} 条`, "primary"),
      button("discard", `放弃这 ${count(listed)} 条`, "danger quiet"));
  }
  return stateNow() === "waiting" ? h("div", { class: "buttons whole-list" }, button("run", `立即重试这 ${count(listed)} 条`, "primary")) : null;
}

function when(each) {
  if (each.done_at) return `${moment(each.done_at)} 结束`;
  return ["waiting", "scheduled"].includes(each.state) ? `${moment(each.due_at)} 执行` : moment(each.created_at);
}

function letter(each) {
  const one = (method, path, text, done, look) => h("button", { type: "button", class: look,
    onclick: async () => {
      if (look.includes("danger") && !await ask("放弃这条任务？", "放弃后不再执行，也找不回来。", "放弃", true)) return;
      await act(() => call(method, `/queues/${each.queue}/failed/${each.id}${path}`), done);
    } }, text);
  return h("details", { class: "letter" },
    h("summary", {}, h("b", {}, each.kind_text), h("span", {}, each.title), each.lead_id ? h("span", { class: "dim" }, `线索 #${each.lead_id}`) : null,
      h("small", {}, `${when(each)} · 执行 ${each.attempts} 次`)),
    h("div", { class: "story" },
      each.todo ? h("p", {}, each.todo) : null,
      h("dl", {},
        ...[["任务编号", h("code", {}, each.id)], ["错误", each.error ? h("code", {}, each.error) : "—"],
          ["写入", moment(each.created_at)], ["下次执行", each.done_at || each.state === "failed" ? "—" : moment(each.due_at)],
          ["线索", each.lead_id ? h("a", { href: `/console/leads/${each.lead_id}` }, `#${each.lead_id}`) : "—"],
        ].flatMap(([label, value]) => [h("dt", {}, label), h("dd", {}, value)])),
      tries(each.tries),
      h("pre", { tabindex: 0, "aria-label": "任务内容（电话已隐去）" }, typeof each.payload === "string" ? each.payload : JSON.stringify(each.payload, null, 2)),
      acts() && each.state === "failed" ? h("div", { class: "buttons" },
        one("POST", "/retry", "重试", "已放回队列", "primary"),
        one("DELETE", "", "放弃", "已放弃", "danger quiet")) : null));
}

async function list(more = false) {
  const mine = ++turn, place = $("letters");
  if (!more) filters();
  if (!chosen.queue) {
    show(place, empty("选一个队列，看里面的任务。"));
    return;
  }
  const wanted = new URLSearchParams({ limit: PAGE, state: stateNow() });
  for (const name of ["error", "kind", "customer"]) if (chosen[name]) wanted.set(name, chosen[name]);
  if (more) wanted.set("cursor", cursor);
  else if (!place.querySelector("details")) show(place, loading());
  try {
    const page = await get(`/queues/${encodeURIComponent(chosen.queue)}/jobs?${wanted}`);
    if (mine !== turn) return;
    cursor = page.next_cursor;
    listed = page.items.length + (more ? listed : 0);
    if (!more) place.replaceChildren();
    place.querySelector(".more")?.remove();
    place.querySelector(".whole-list")?.remove();
    place.append(...page.items.map(letter));
    if (cursor) place.append(further("再看 50 条", () => list(true)));
    const whole = wholeList();
    if (whole) place.append(whole);
    if (!listed) show(place, empty("没有符合条件的任务。"));
    if (learn(page.items)) filters();
  } catch (error) {
    if (mine !== turn) return;
    if (more) throw error;
    show(place, failed(error, () => list()));
  }
}

watch((now) => {
  const dead = (each) => each?.queues.find((queue) => queue.name === chosen.queue)?.failed;
  const changed = wall && stateNow() === "failed" && dead(wall) !== dead(now);
  const first = wall === null;
  wall = now;
  if (first && !chosen.queue) {
    const worst = [...now.queues].sort((a, b) => b.failed - a.failed)[0];
    if (worst?.failed) chosen.queue = worst.name;
  }
  if (!$("confirm").open) { // it gives the keyboard back to the button it came from
    cards();
    groups();
  }
  learn(wall.troubles.filter((each) => each.queue === chosen.queue));
  const read = listed > PAGE || document.querySelector("details[open]"); // it stays as it is
  if (first || (changed && !read)) list();
});
