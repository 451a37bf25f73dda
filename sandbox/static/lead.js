// The panel that starts the loop: a lead as a media site would post it, and what came of it.

import { byId, h, link, options, toast, when } from "./dom.js";
import { explain, get, post } from "./net.js";

const WINDOWS = [["7", "7 天内"], ["30", "30 天内"], ["90", "90 天内"], ["", "还没计划"]];
const OUTCOMES = { created: "新建", merged: "合并（撞单）", reactivated: "重新激活", duplicate: "重复提交" };
const RESULTS = { accepted: "已收", replied: "已回复", bad_reply: "回复不合规", failed: "失败", pending: "进行中" };

export class LeadPanel {
  constructor(overview, customer) {
    this.overview = overview;
    this.customer = customer;
    this.form = h("form", { class: "lead-form", onsubmit: (event) => this.send(event) });
    this.answers = h("ul", { class: "answers", "aria-live": "polite" });
    this.log = h("ol", { class: "log" });
    byId("lead").append(
      h("h2", {}, "一条线索的旅程"),
      h("ol", { class: "steps" },
        h("li", {}, "提交一条媒体线索"),
        h("li", {}, "顾问手机收到卡片，点 接单"),
        h("li", {}, "跟进一句话，或以客户身份聊天")),
      this.form, this.answers,
      h("details", { class: "log-box" }, h("summary", {}, "平台回调记录"), this.log));
  }

  async start() {
    await this.refill();
    await this.drawLog();
  }

  async refill() {
    const { form, sources } = await get("leads/sample");
    this.sources = sources;
    const field = (name, text, input) => {
      input.setAttribute("name", name);
      return h("label", {}, h("span", {}, text), input);
    };
    const choice = (rows, chosen) => h("select", {}, options(rows, chosen));
    const models = this.overview.models.map((each) => [each.code, each.name]);
    const dealers = this.overview.dealers.map((each) => [each.code, each.name]);
    const text = (value, more = {}) => h("input", { type: "text", value, maxlength: 60, ...more });
    this.form.replaceChildren(
      field("source", "来源", choice(Object.entries(sources), form.source)),
      field("name", "姓名", text(form.name)),
      field("phone", "手机", text(form.phone, { inputmode: "tel", maxlength: 20 })),
      field("city", "城市", text(form.city)),
      field("model", "车型", choice([["", "未填"], ...models], form.model)),
      field("dealer_code", "门店", choice([["", "由系统分配"], ...dealers], form.dealer_code)),
      field("purchase_window_days", "打算", choice(WINDOWS, String(form.purchase_window_days ?? ""))),
      field("message", "留言", h("textarea", { rows: 2, maxlength: 300, value: form.message })),
      h("label", { class: "tick" }, h("input", { type: "checkbox", name: "same" }), "就是客户手机上的这位"),
      h("div", { class: "lead-buttons" },
        h("button", { type: "button", class: "quiet", onclick: () => this.refill().catch(() => {}) }, "换一条"),
        h("button", { type: "submit", class: "primary", disabled: !this.overview.can_post_leads }, "提交线索")),
      this.overview.can_post_leads ? "" : h("p", { class: "faint" }, "沙盒启动时没有 API Key，不能代为提交。"));
  }

  async send(event) {
    event.preventDefault();
    const form = Object.fromEntries(new FormData(this.form));
    const days = Number(form.purchase_window_days);
    const body = { ...form, purchase_window_days: days || null };
    if (form.same) body.openid = this.customer.openid;
    delete body.same;
    const button = this.form.querySelector("[type=submit]");
    button.disabled = true;
    try {
      this.note(await post("leads", body));
      await this.refill();
    } catch (problem) {
      toast(explain(problem));
    } finally {
      button.disabled = false;
    }
  }

  note({ status, lead, answer }) {
    const good = status < 300;
    const head = good
      ? `${OUTCOMES[answer.outcome] || answer.outcome} · ${answer.level || "—"} 级 · ${this.dealer(answer.dealer_code)}`
      : `被拒绝（${status}）${answer?.title || ""}`;
    const why = good ? (answer.reasons || []).join(" · ") : wrong(answer);
    this.answers.prepend(h("li", { class: good ? "" : "bad" },
      h("b", {}, `${lead.customer.name || "未填姓名"}：${head}`),
      why ? h("span", { class: "faint" }, why) : null,
      good ? link("在控制台查看", `${this.overview.product_url}/console/`) : null));
    while (this.answers.children.length > 4) this.answers.lastChild.remove();
    this.answers.scrollIntoView({ block: "nearest" });
  }

  dealer(code) {
    const found = this.overview.dealers.find((each) => each.code === code);
    return found ? found.name : code || "等待分配";
  }

  async drawLog() {
    const rows = (await get("callbacks")).slice(-12).reverse();
    if (!rows.length) {
      this.log.replaceChildren(h("li", { class: "faint" }, "还没有回调"));
      return;
    }
    this.log.replaceChildren(...rows.map((row) => {
      const last = row.attempts.at(-1);
      const kind = row.payload.Event || row.payload.MsgType;
      return h("li", { class: `result-${row.result}` },
        h("span", {}, `${row.app === "oa" ? "公众号" : "企业微信"} ${kind}`),
        h("span", {}, `${RESULTS[row.result] || row.result}${row.attempts.length > 1 ? `（${row.attempts.length} 次）` : ""}`),
        h("small", { class: "faint" }, last ? `${Math.round(last.seconds * 1000)} ms · ${when(last.at)}` : ""),
        row.problem ? h("small", { class: "bad" }, row.problem) : null);
    }));
  }
}

function wrong(answer) {
  const errors = (answer?.errors || []).map((each) => `${[].concat(each.loc).join(".")}：${each.msg}`);
  return [answer?.detail, ...errors].filter(Boolean).join("；");
}
