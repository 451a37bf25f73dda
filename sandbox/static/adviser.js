// The right phone: a member of staff in WeCom, with the app's chat.

import { bubble } from "./bubbles.js";
import { byId, h, recall, remember, toast, when } from "./dom.js";
import { explain, get, post, segment } from "./net.js";
import { Thread } from "./thread.js";

const KEPT = 80;
const PHRASES = [
  "待办", "今日", "帮助", "已加微信，想看探岳，周六下午三点到店", "打了两次没人接，明天上午再打",
  "客户嫌贵，再考虑考虑", "撤销", "结束",
];

export class AdviserPhone {
  constructor() {
    this.people = [];
    this.userid = recall("member");
    this.bar = h("div", { class: "bar" });
    this.thread = new Thread((message) => bubble(message, message.sender === "staff", this.acts()));
    this.list = h("ul", { class: "contacts", "aria-label": "通讯录" });
    this.dock = h("div", { class: "dock" });
    byId("adviser").append(this.bar, this.list, this.thread.node, this.dock);
    this.dock.append(this.phrases(), this.writer());
  }

  acts() {
    return {
      face: (mine) => (mine ? this.me?.name.slice(0, 1) : "助"),
      onPress: (body) => this.press(body),
    };
  }

  async start() {
    this.people = await get("staff");
    if (!this.people.some((each) => each.userid === this.userid)) this.userid = null;
    await this.draw();
  }

  get me() {
    return this.people.find((each) => each.userid === this.userid);
  }

  async draw() {
    const inChat = Boolean(this.userid);
    this.list.hidden = inChat;
    this.thread.node.hidden = this.dock.hidden = !inChat;
    this.drawWho();
    this.drawBar();
    if (inChat) await this.load();
    else this.drawList();
  }

  drawWho() {
    const text = this.me ? `${this.me.name} · ${this.me.label}` : "选择一位员工";
    byId("adviser-who").replaceChildren(h("span", {}, "顾问"), h("b", { title: text }, text));
  }

  drawBar() {
    const others = this.people.filter((each) => each.userid !== this.userid);
    const unread = others.reduce((sum, each) => sum + each.unread, 0);
    const back = h("button", { type: "button", class: "back", onclick: () => this.leave() },
      "‹ 员工", unread ? h("i", { class: "badge" }, unread > 99 ? "99+" : unread) : null);
    const title = h("span", { class: "bar-title" }, h("b", {}, this.me ? "线索助手" : "企业微信"));
    this.bar.replaceChildren(...(this.me ? [back, title] : [title]));
  }

  drawList() {
    if (!this.people.length) {
      this.list.replaceChildren(h("li", { class: "empty" }, "通讯录是空的：启动沙盒时用 --contacts 给出员工"));
      return;
    }
    this.list.replaceChildren(...this.people.map((each) => h("li", {},
      h("button", { type: "button", onclick: () => this.choose(each.userid) },
        h("span", { class: "face", "aria-hidden": "true" }, each.name.slice(0, 1)),
        h("span", { class: "contact" },
          h("b", {}, each.name, h("small", {}, each.label)),
          h("span", { class: "faint" }, preview(each.last))),
        h("span", { class: "contact-side" },
          h("small", { class: "faint" }, each.last ? when(each.last.at) : ""),
          each.unread ? h("i", { class: "badge" }, each.unread > 99 ? "99+" : each.unread) : null)))));
  }

  async choose(userid) {
    this.userid = userid;
    remember("member", userid);
    this.thread.clear("加载中…");
    await this.draw();
    this.read();
  }

  async leave() {
    this.userid = null;
    remember("member", "");
    await this.draw();
  }

  async load() {
    const userid = this.userid;
    const phone = await get(`staff/${segment(userid)}/messages?last=${KEPT}`);
    if (userid !== this.userid) return;
    this.people = this.people.map((each) => (each.userid === userid ? phone.member : each));
    this.thread.show(phone.messages, "还没有消息。在左侧提交一条媒体线索试试。");
  }

  read() {
    if (!this.userid) return;
    post(`staff/${segment(this.userid)}/read`).catch(() => {});
  }

  async changed(change, shown) {
    if (change.id === this.userid) {
      await this.load();
      if (shown && change.unread) this.read();
      return;
    }
    const before = this.people.find((each) => each.userid === change.id);
    if (before && change.unread > before.unread) toast(`${before.name} 收到新消息`);
    this.people = await get("staff");
    this.drawBar();
    if (!this.userid) this.drawList();
  }

  unread() {
    return this.people.reduce((sum, each) => sum + each.unread, 0);
  }

  async act(action, body = {}) {
    try {
      await post(`staff/${segment(this.userid)}/${action}`, body);
      return null;
    } catch (problem) {
      return explain(problem);
    }
  }

  async say(words) {
    const problem = await this.act("text", { content: words });
    if (problem) toast(problem);
  }

  async press(body) {
    const userid = this.userid;
    try {
      const { delivery } = await post(`staff/${segment(userid)}/click`, body);
      return delivery.result === "failed" ? "产品没有响应，平台已重试三次" : null;
    } catch (problem) {
      return explain(problem);
    }
  }

  phrases() {
    return h("div", { class: "phrases" }, PHRASES.map((words) =>
      h("button", { type: "button", class: "chip", onclick: () => this.say(words) }, words)));
  }

  writer() {
    const input = h("input", { type: "text", maxlength: 600, "aria-label": "发消息", placeholder: "说一句跟进情况", enterkeyhint: "send" });
    const send = (event) => {
      event.preventDefault();
      const words = input.value.trim();
      input.value = "";
      if (words) this.say(words);
    };
    return h("form", { class: "writer", onsubmit: send }, input,
      h("button", { class: "primary", type: "submit" }, "发送"));
  }
}

function preview(message) {
  if (!message) return "还没有消息";
  if (message.kind === "template_card") return `［卡片］${message.content.card.main_title?.title || ""}`;
  return message.content.content || message.content.title || "［消息］";
}
