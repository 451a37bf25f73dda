// One campaign: written with what it says beside it, set going after a look at the number, proved.
import { BLANK, CampaignForm } from "./campaign_form.js";
import { preview } from "./campaign_phone.js";
import { proof } from "./campaign_proof.js";
import { tryOut } from "./campaign_trial.js";
import { ask, say, tell } from "./dialogs.js";
import { $, count, empty, failed, h, may, show } from "./dom.js";
import { call, get, post } from "./net.js";
import { moment } from "./zone.js";

const place = $("campaign"), code = place.dataset.code, path = `/campaigns/${encodeURIComponent(code)}`;
const from = new URLSearchParams(location.search).get("from");
const mayWrite = may("org:write") && may("all");
const TAGS = { running: "good", paused: "warn", draft: "", stopped: "dim" };
let campaign = null, form = null, people = null, saved = "", turn = 0, waiting = 0;

const same = () => JSON.stringify(form.read()) === saved;
const phones = h("div", { class: "phones", "aria-live": "polite" });
const actions = h("div", { class: "buttons" });
const title = h("h1", {});
const state = h("span", { class: "tag plain" });
const when = h("p", { class: "dim" });

// What is tried is what is kept: with changes that are not saved there is nothing to try yet.
function trial(step, number) {
  if (!mayWrite || campaign?.state === "stopped" || step.by.every((way) => way === "task")) return null;
  return h("button", { type: "button", class: "quiet trial", onclick: () => tryOut(path, step, number) }, "试发");
}

async function look() {
  const mine = ++turn;
  try {
    const found = await post("/campaigns/preview", { document: form.read() });
    if (mine !== turn) return;
    people = found.count;
    form.mark([]);
    show(phones, people === null ? null : h("p", { class: "dim" }, `现在有 ${count(people)} 人符合。`), preview(found, trial));
  } catch (error) {
    if (mine !== turn) return;
    if (error.status === 422) form.mark(error.errors);
    else show(phones, failed(error, look));
  }
  buttons();
}

function changed() {
  clearTimeout(waiting);
  waiting = setTimeout(look, 400);
  buttons();
}

async function save() {
  try {
    campaign = await call("PUT", path, form.read());
    saved = JSON.stringify(form.read());
    form.mark([]);
    history.replaceState(null, "", location.pathname);
    say(`已保存为第 ${campaign.version} 版${campaign.state === "draft" ? "" : "：发送时段马上生效，内容只对之后加入的人"}`);
  } catch (error) {
    if (error.status === 422) form.mark(error.errors);
    say(error.status === 422 ? "有几处要改，已标在旁边。" : error.message, "bad");
  }
  head();
}

async function move(verb, title, text, yes, danger, body) {
  if (!await ask(title, text, yes, danger)) return;
  try {
    campaign = { ...campaign, ...await post(`${path}/${verb}`, body) };
    say({ start: "已开始", pause: "已暂停", stop: "已结束" }[verb]);
  } catch (error) {
    say(error.message, "bad");
  }
  if (campaign.state === "stopped") await load();
  else head();
  await measure();
}

async function start() {
  await look();
  const left = Math.round(100 * (form.read().holdout ?? 0.1)), refill = form.read().audience.refill;
  const text = people === null ? `从现在起，${form.vocabulary.occasions.find((each) => each.code === campaign.occasion).text}的客户会按步骤加入。`
    : people ? `现在有 ${count(people)} 人符合，会分批加入。` : refill ? "现在没有人符合；每天重新圈人，符合了就加入。" : "现在没有人符合，开始后也不会有人收到。";
  const yes = people === null ? "开始" : `对 ${count(people)} 人开始`;
  await move("start", `开始「${campaign.name}」？`, `${text}其中约 ${left}% 随机留作对照，不会收到。发送时还会逐个检查退订、授权、免打扰和每周触达上限。`,
    yes, false, people === null ? {} : { count: people });
}

const pause = () => move("pause", `暂停「${campaign.name}」？`, `${count(campaign.joined)} 人在里面，都停在原地，之后可以接着来。`, "暂停", true);
const stop = () => move("stop", `结束「${campaign.name}」？`, `${count(campaign.joined)} 人在里面，没走完的不再走了。结束后不能再开始，效果会一直保留。`, "结束", true);

function buttons() {
  const button = (text, work, look = "") => h("button", { type: "button", class: look, onclick: work }, text);
  if (!mayWrite) return;
  const now = campaign?.state, fresh = !campaign, clean = !fresh && same();
  show(actions,
    now === "stopped" ? null : button(fresh ? "保存草稿" : "保存", save, clean ? "" : "primary"),
    clean && (now === "draft" || now === "paused") ? button(now === "draft" ? "开始" : "继续", start, "primary") : null,
    now === "running" ? button("暂停", pause) : null,
    now === "running" || now === "paused" ? button("结束", stop, "danger quiet") : null);
  for (const each of actions.querySelectorAll("button")) if (each.textContent === "保存") each.disabled = clean;
  for (const each of phones.querySelectorAll(".trial")) {
    each.disabled = !clean;
    each.title = clean ? "" : "先保存，再试发";
  }
}

function head() {
  title.textContent = campaign?.name ?? "新建营销活动";
  state.textContent = campaign?.state_text ?? "未保存";
  state.className = `tag plain ${TAGS[campaign?.state] ?? "warn"}`;
  when.textContent = campaign ? `第 ${campaign.version} 版 · ${campaign.updated_by_name} 改于 ${moment(campaign.updated_at)}` : "";
  buttons();
}

async function uncertain() {
  try {
    const { items, next_cursor: more } = await get(`${path}/touches?state=unknown&limit=100`);
    await tell("不确定是否送达", h("p", { class: "dim" }, "发送途中断了线或进程，微信收没收到不知道，所以不再重发。"),
      h("ul", { class: "uncertain" }, items.map((each) => h("li", {},
        h("a", { href: `/console/customers/${each.customer_id}` }, `客户 ${each.customer_id}`), ` 第 ${each.step} 步 · ${moment(each.at)}`))),
      more ? h("p", { class: "dim" }, "只列出最近 100 位。") : "");
  } catch (error) {
    say(error.message, "bad");
  }
}

async function measure() {
  if (!campaign || campaign.state === "draft") return;
  const report = await get(`${path}/report`);
  campaign.joined = report.touched.people + report.held_out.people;
  show($("proof"), proof(report, uncertain));
}

async function found() {
  try {
    return await get(path);
  } catch (error) {
    if (error.status === 404 && from !== null && mayWrite) return null;
    throw error;
  }
}

async function document() {
  if (campaign) return campaign.document;
  const ready = from ? (await get("/campaigns/ready-made")).items.find((each) => each.code === from) : null;
  return ready?.document ?? BLANK;
}

async function load() {
  try {
    campaign = await found();
    const [written, vocabulary, segments, fields] = await Promise.all([document(), get("/campaigns/vocabulary"), get("/segments"), get("/segment-fields")]);
    const locked = !mayWrite || campaign?.state === "stopped";
    form = new CampaignForm({ document: written, vocabulary, segments: segments.items, fields, locked, changed });
    saved = campaign ? JSON.stringify(form.read()) : "";
    show(place,
      h("div", { class: "heading" }, title, state, when, actions),
      h("div", { id: "proof" }),
      h("div", { class: "desk" }, form.element, h("aside", { class: "panel side" }, h("h2", {}, "手机上的样子"), phones)));
    head();
    await Promise.all([look(), measure()]);
  } catch (error) {
    show(place, error.status === 404 ? empty("没有这个营销活动。") : failed(error, load));
  }
}

addEventListener("beforeunload", (event) => {
  if (mayWrite && form && campaign?.state !== "stopped" && !same()) event.preventDefault();
});
load();
