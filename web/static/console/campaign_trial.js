// A step tried on one's own phone: whom it goes to, by which way, and what became of it.
import { ask, field, fill, say } from "./dialogs.js";
import { empty, failed, h, loading, show } from "./dom.js";
import { call, get, post } from "./net.js";
import { moment } from "./zone.js";

const LIST = "/campaigns/trial-recipients";
const PATIENCE_MS = 15_000, LOOK_MS = 500;
const pause = (ms) => new Promise((done) => { setTimeout(done, ms); });
const called = (one) => [one.name || "未留名", one.phone].filter(Boolean).join(" ");

function state(one) {
  if (!one.follows) return "没有关注公众号";
  return one.window_until ? `客服消息可发到 ${moment(one.window_until)}` : "客服消息窗口已关闭";
}

async function add(before = "", fault = "") {
  const form = await fill("加入试发名单", [
    field("手机号或 OpenID", h("input", { name: "who", value: before, required: true, autocomplete: "off", maxlength: 128 }),
      "自己人的微信：先关注公众号、同意接收活动信息，再填完整的手机号"),
    fault ? h("p", { class: "fault", role: "alert" }, fault) : null,
  ], "加入");
  if (!form) return false;
  const who = form.get("who").trim();
  try {
    await post(LIST, /^[+\d][\d\s-]{6,19}$/.test(who) ? { phone: who } : { openid: who });
    return true;
  } catch (error) {
    return add(who, error.facts?.text ?? error.message); // a line over the page is behind the dialog
  }
}

async function remove(one) {
  if (!await ask(`把${called(one)}移出试发名单？`, "以后的试发不再发给这位客户。", "移出", true)) return;
  try {
    await call("DELETE", `${LIST}/${one.customer_id}`);
    say("已移出");
  } catch (error) {
    say(error.message, "bad");
  }
}

async function became(path, id) {
  for (let waited = 0; waited < PATIENCE_MS; waited += LOOK_MS) {
    const found = await get(`${path}/trials/${id}`);
    if (found.state !== "sending") return found;
    await pause(LOOK_MS);
  }
  return { state: "sending", text: "还在发送，请过一会儿看手机" };
}

async function send(path, body) {
  try {
    say("正在发送…");
    const found = await became(path, (await post(`${path}/trials`, body)).id);
    say(found.state === "sent" ? "试发已发出，请看手机" : found.text, found.state === "unsent" ? "bad" : "");
  } catch (error) {
    say(error.facts?.text ?? error.message, "bad");
  }
}

// `step` as the preview shows it, `number` from 1; `path` is that of the campaign.
export async function tryOut(path, step, number) {
  const people = h("div", { class: "recipients" }, loading());
  const ways = step.by.map((code, i) => [code, step.by_text[i]]).filter(([code]) => code !== "task");
  let kept = null;
  const look = async () => {
    try {
      const { items } = await get(LIST);
      const chosen = items.find((one) => one.customer_id === kept) ?? items[0];
      show(people, items.length ? items.map((one) => row(one, one === chosen)) : empty("还没有可以试发的人。先加一位自己人。"));
    } catch (error) {
      show(people, failed(error, look));
    }
  };
  const row = (one, checked) => h("div", { class: "recipient" },
    h("label", { class: "choice" }, h("input", { type: "radio", name: "who", value: one.customer_id, required: true, checked }),
      h("span", {}, called(one), h("small", {}, state(one)))),
    h("button", { type: "button", class: "quiet", "aria-label": `移出${called(one)}`, onclick: async () => { await remove(one); await look(); } }, "移出"));
  people.addEventListener("change", (event) => { kept = event.target.value; });
  look();
  const form = await fill(`试发第 ${number} 步`, [
    h("p", { class: "dim" }, "按这位客户的资料填好内容，前面标「试发」，不算触达、不计效果。"),
    people,
    h("button", { type: "button", class: "quiet", onclick: async () => { if (await add()) await look(); } }, "加一位"),
    field("渠道", h("select", { name: "channel" }, h("option", { value: "" }, "和正式发送一样"),
      ways.map(([code, text]) => h("option", { value: code }, `只用${text}`)))),
  ], "试发");
  if (!form) return;
  if (!form.get("who")) return say("先加一位自己人，再试发。", "bad");
  const body = { step: number, customer_id: form.get("who") };
  if (form.get("channel")) body.channel = form.get("channel");
  await send(path, body);
}
