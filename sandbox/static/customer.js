// The left phone: a customer in the brand's official account.

import { bubble } from "./bubbles.js";
import { byId, h, options, recall, remember, safeUrl, toast } from "./dom.js";
import { explain, get, post, segment } from "./net.js";
import { Thread } from "./thread.js";

const KEPT = 80;
const PHRASES = [
  "你好", "探岳现在多少钱", "周六下午想试驾探岳", "离我最近的门店在哪",
  "我姓李，电话 13800001234", "转人工", "退订",
];

export class CustomerPhone {
  constructor(overview) {
    this.overview = overview;
    this.people = [];
    this.openid = recall("customer");
    this.thread = new Thread((message) => bubble(message, message.sender === "customer", this.acts()));
    this.dock = h("div", { class: "dock" });
    this.title = h("b", {}, overview.account);
    this.left = h("small", { class: "faint" });
    this.mode = "write";
    byId("customer").append(
      h("div", { class: "bar" }, h("span", { class: "bar-title" }, this.title, this.left)),
      this.thread.node,
      this.dock,
    );
  }

  acts() {
    return {
      face: (mine) => (mine ? this.me?.name.slice(0, 1) : "车"),
      onMenu: (content, id) => this.act("text", { content, bizmsgmenuid: id }),
    };
  }

  async start() {
    this.people = await get("customers");
    if (!this.people.length) this.people = [await post("customers")];
    if (!this.people.some((each) => each.openid === this.openid)) this.openid = this.people[0].openid;
    await this.load();
  }

  async load() {
    const path = `customers/${segment(this.openid)}/messages?last=${KEPT}`;
    const { customer, messages } = await get(path);
    this.me = customer;
    this.people = this.people.map((each) => (each.openid === customer.openid ? customer : each));
    this.drawWho();
    this.left.textContent = customer.subscribed ? `客服消息还可下发 ${customer.replies_left} 条` : "尚未关注";
    this.thread.show(messages, customer.subscribed ? "还没有消息" : "关注之后，消息会出现在这里");
    this.drawDock();
  }

  drawWho() {
    const rows = this.people.map((each) => [each.openid, each.name]);
    const select = h("select", {
      "aria-label": "扮演哪位客户",
      onchange: () => this.choose(select.value),
    }, options(rows, this.openid));
    const add = h("button", { type: "button", class: "quiet", onclick: () => this.add() }, "新客户");
    byId("customer-who").replaceChildren(h("span", {}, "客户"), select, add);
  }

  async choose(openid) {
    this.openid = openid;
    remember("customer", openid);
    this.thread.clear("加载中…");
    await this.load();
    this.read();
  }

  async add() {
    const fresh = await post("customers").catch((problem) => toast(explain(problem)));
    if (!fresh) return;
    this.people.push(fresh);
    await this.choose(fresh.openid);
  }

  read() {
    post(`customers/${segment(this.openid)}/read`).catch(() => {});
  }

  // `shown` is whether this phone is on the screen.
  async changed(change, shown) {
    if (change.id !== this.openid) {
      if (!this.people.some((each) => each.openid === change.id)) this.people = await get("customers");
      this.drawWho();
      return;
    }
    await this.load();
    if (shown && change.unread) this.read();
  }

  typing(change) {
    if (change.id !== this.openid) return;
    this.title.textContent = change.typing ? "对方正在输入…" : this.overview.account;
    clearTimeout(this.typingEnds);
    this.typingEnds = setTimeout(() => { this.title.textContent = this.overview.account; }, 8000);
  }

  async act(action, body = {}) {
    this.title.textContent = this.overview.account;
    try {
      await post(`customers/${segment(this.openid)}/${action}`, body);
    } catch (problem) {
      toast(explain(problem));
    }
  }

  drawDock() {
    const key = `${this.me.subscribed} ${this.mode} ${JSON.stringify(this.overview.menu)}`;
    if (key === this.dockKey) return;
    this.dockKey = key;
    if (!this.me.subscribed) this.dock.replaceChildren(this.stranger());
    else if (this.mode === "menu") this.dock.replaceChildren(this.menuBar());
    else this.dock.replaceChildren(this.phrases(), this.writer(), this.sheet());
  }

  stranger() {
    return h("div", { class: "stranger" },
      h("button", { type: "button", class: "primary", onclick: () => this.act("follow") }, "关注公众号"),
      h("p", { class: "faint" }, "或者扫一张二维码进来："),
      this.scenes());
  }

  scenes() {
    const made = this.overview.scenes.map((each) => [each.scene, each.scene]);
    const rows = [...this.overview.dealers.map((each) => [each.scene, each.name]), ...made];
    const once = [...new Map(rows.reverse()).entries()].reverse();
    return h("div", { class: "chips" }, once.map(([scene, name]) =>
      h("button", { type: "button", class: "chip", onclick: () => this.act("scan", { scene }) }, `扫码 ${name}`)));
  }

  phrases() {
    return h("div", { class: "phrases" }, PHRASES.map((words) =>
      h("button", { type: "button", class: "chip", onclick: () => this.act("text", { content: words }) }, words)));
  }

  writer() {
    const input = h("input", { type: "text", maxlength: 600, "aria-label": "发消息", placeholder: "发消息", enterkeyhint: "send" });
    const voice = h("button", { type: "button", class: "icon", title: "按语音发送", onclick: () => send("voice") }, "语音");
    const send = (kind) => {
      const words = input.value.trim();
      if (!words) return input.focus();
      input.value = "";
      return this.act(kind, kind === "voice" ? { recognition: words } : { content: words });
    };
    return h("form", { class: "writer", onsubmit: (event) => { event.preventDefault(); send("text"); } },
      h("button", { type: "button", class: "icon", onclick: () => this.show("menu") }, "菜单"),
      input, voice,
      h("button", { class: "primary", type: "submit" }, "发送"));
  }

  show(mode) {
    this.mode = mode;
    this.drawDock();
  }

  sheet() {
    const city = h("select", { "aria-label": "城市" }, options(this.overview.cities.map((c) => [c, c]), "长春"));
    const lat = h("input", { type: "number", step: "any", placeholder: "纬度", "aria-label": "纬度" });
    const lng = h("input", { type: "number", step: "any", placeholder: "经度", "aria-label": "经度" });
    const place = () => (lat.value && lng.value
      ? { lat: Number(lat.value), lng: Number(lng.value), label: "自选位置" }
      : { city: city.value });
    const button = (text, run) => h("button", { type: "button", class: "chip", onclick: run }, text);
    return h("details", { class: "sheet" }, h("summary", {}, "更多：位置、图片、扫码、取消关注"),
      h("div", { class: "sheet-line" }, city, lat, lng, button("发送位置", () => this.act("location", place()))),
      this.scenes(),
      h("div", { class: "chips" },
        button("发图片", () => this.act("image")),
        button("语音（识别不出）", () => this.act("voice")),
        button("取消关注", () => this.act("unfollow"))));
  }

  menuBar() {
    const back = h("button", { type: "button", class: "icon", onclick: () => this.show("write") }, "键盘");
    const { button: tops } = this.overview.menu;
    return h("div", { class: "menubar" }, back, tops.map((top) => this.menuEntry(top)));
  }

  menuEntry(top) {
    const below = top.sub_button || [];
    if (!below.length) return h("button", { type: "button", onclick: () => this.tap(top) }, top.name);
    const list = h("div", { class: "menu-pop" }, below.map((entry) =>
      h("button", { type: "button", onclick: () => this.tap(entry) }, entry.name)));
    return h("details", { class: "menu-top", name: "menu" }, h("summary", {}, `≡ ${top.name}`), list);
  }

  tap(entry) {
    this.dock.querySelectorAll("details[open]").forEach((each) => { each.open = false; });
    if (entry.type === "view" && safeUrl(entry.url)) {
      window.open(entry.url, "_blank", "noopener");
      this.act("menu", { url: entry.url });
    } else {
      this.act("menu", { key: entry.key, name: entry.name });
    }
  }

  menuChanged(overview) {
    Object.assign(this.overview, overview);
    this.dockKey = null;
    this.drawDock();
  }
}
