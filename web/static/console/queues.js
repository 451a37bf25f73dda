// Queues: what failed and why, in groups and one by one; retried or given up, after a look at the number.
import { $, acts, count, empty, failed, h, loading, moment, show, span } from "./dom.js";
import { watch } from "./live.js";
import { call, get, post } from "./net.js";
import { troubleLine } from "./trouble.js";

const chosen = Object.fromEntries(new URLSearchParams(location.search));
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
  const wanted = { error: trouble.error, kind: trouble.kind };
  if (kind !== "run") wanted.count = number;
  await act(() => post(`/queues/${trouble.queue}/${path}`, wanted),
    (changed) => `已${verb} ${count(changed.count)} 条`);
}

function groups() {
  const place = $("groups");
  place.hidden = wall.troubles.length === 0;
  show(place.lastElementChild, wall.troubles.map((trouble) => {
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
      h("p", { class: "dim" }, queue.ready ? `最久等了 ${span(queue.oldest_ready_seconds)}` : "没有积压")),
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

function choose({ queue, error, kind }) {
  for (const name of ["queue", "error", "kind"]) delete chosen[name];
  Object.assign(chosen, JSON.parse(JSON.stringify({ queue, error, kind })));
  history.replaceState(null, "", `?${new URLSearchParams(chosen)}`);
  if (wall) cards();
  list();
  $("list-title").scrollIntoView({ behavior: "smooth", block: "nearest" });
}

function filters() {
  const chip = (name, text) => (chosen[name]
    ? h("button", { type: "button", class: "chip", onclick: () => choose({ ...chosen, [name]: undefined }) },
        text, h("span", { "aria-label": "去掉这个条件" }, " ×")) : null);
  show($("filters"), chip("kind", chosen.kind), chip("error", chosen.error));
  const queue = wall?.queues.find((each) => each.name === chosen.queue);
  $("list-title").textContent = queue ? `失败任务 · ${queue.title}` : "失败任务";
}

function letter(each) {
  const one = (method, path, text, done, look) => h("button", { type: "button", class: look,
    onclick: async () => {
      if (look.includes("danger") && !await ask("放弃这条任务？", "放弃后不再执行，也找不回来。", "放弃", true)) return;
      await act(() => call(method, `/queues/${each.queue}/failed/${each.id}${path}`), done);
    } }, text);
  return h("details", { class: "letter" },
    h("summary", {}, h("b", {}, each.kind_text), h("span", {}, each.title),
      h("small", {}, `${moment(each.created_at)} · 执行 ${each.attempts} 次`)),
    h("div", { class: "story" },
      h("p", {}, each.todo),
      h("dl", {},
        h("dt", {}, "任务编号"), h("dd", {}, h("code", {}, each.id)),
        h("dt", {}, "错误"), h("dd", {}, h("code", {}, each.error)),
        h("dt", {}, "线索"), h("dd", {}, each.lead_id
          ? h("a", { href: `/console/leads/${each.lead_id}` }, `#${each.lead_id}`) : "—")),
      h("pre", {}, typeof each.payload === "string" ? each.payload : JSON.stringify(each.payload, null, 2)),
      acts() ? h("div", { class: "buttons" },
        one("POST", "/retry", "重试", "已放回队列", "primary"),
        one("DELETE", "", "放弃", "已放弃", "danger quiet")) : null));
}

async function list(more = false) {
  const mine = ++turn, place = $("letters");
  filters();
  if (!chosen.queue) {
    show(place, empty("选一个队列，看里面失败的任务。"));
    return;
  }
  const wanted = new URLSearchParams({ limit: "50" });
  for (const name of ["error", "kind"]) if (chosen[name]) wanted.set(name, chosen[name]);
  if (more) wanted.set("cursor", cursor);
  else if (!place.querySelector("details")) show(place, loading());
  try {
    const page = await get(`/queues/${encodeURIComponent(chosen.queue)}/failed?${wanted}`);
    if (mine !== turn) return;
    cursor = page.next_cursor;
    listed = page.items.length + (more ? listed : 0);
    if (!more) place.replaceChildren();
    place.querySelector(".more")?.remove();
    place.append(...page.items.map(letter));
    if (cursor) place.append(h("button", { type: "button", class: "more", onclick: () => list(true) }, "再看 50 条"));
    if (!listed) show(place, empty(chosen.error || chosen.kind ? "没有符合条件的失败任务。" : "这个队列没有失败的任务。"));
  } catch (error) {
    if (mine === turn) show(place, failed(error, () => list()));
  }
}

watch((now) => {
  const dead = (each) => each?.queues.find((queue) => queue.name === chosen.queue)?.failed;
  const changed = wall && dead(wall) !== dead(now);
  const first = wall === null;
  wall = now;
  if (first && !chosen.queue) {
    const worst = [...now.queues].sort((a, b) => b.failed - a.failed)[0];
    if (worst?.failed) chosen.queue = worst.name;
  }
  cards();
  groups();
  if (first || (changed && !document.querySelector("details[open]"))) list();
});
