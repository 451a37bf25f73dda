// A campaign's document as a form, and back. What is wrong is said at its field, by its path.
import { ConditionForm } from "./condition.js";
import { field } from "./dialogs.js";
import { h } from "./dom.js";

const WEEKDAYS = ["一", "二", "三", "四", "五", "六", "日"];
const NONE = "";
const SILENT = { and: [{ field: "last_message_at", op: "before", days_ago: 3 }] };
const FORMS = { notice: "订阅通知", template: "模板" };
export const BLANK = {
  name: "", audience: { on: "defeated" }, again_after_days: 180, send: { from: "10:00", until: "20:00" },
  steps: [{ wait_days: 7, by: ["message", "task"], text: "[{name}，]您好，", task: "" }],
};

const number = (value, more) => h("input", { type: "number", value: value ?? "", step: "any", ...more });
const choice = (text, input) => h("label", { class: "choice" }, input, text);
const value = (input) => (input.value === "" ? undefined : Number(input.value));

export class CampaignForm {
  constructor({ document, vocabulary, segments, fields, locked, changed }) {
    Object.assign(this, { vocabulary, segments, fields, locked, changed });
    this.steps = [];
    this.build(document);
    this.element.addEventListener("input", changed);
  }

  build(document) {
    const { audience = {}, send = {} } = document;
    this.name = h("input", { value: document.name ?? "", maxlength: 64 });
    this.holdout = number(Math.round(1e4 * (document.holdout ?? 0.1)) / 100, { min: 0, max: 50 });
    this.watch = number(document.watch_days ?? 30, { min: 1 });
    this.again = number(document.again_after_days, { min: 1, placeholder: "不再参加" });
    this.from = h("input", { type: "time", value: send.from ?? "" });
    this.until = h("input", { type: "time", value: send.until ?? "" });
    this.notOn = h("input", { value: (send.not_on ?? []).join("，"), placeholder: "如 2027-02-17，多天用逗号隔开" });
    this.days = WEEKDAYS.map((day, i) => [i + 1, h("input", { type: "checkbox", checked: (send.weekdays ?? [1, 2, 3, 4, 5, 6, 7]).includes(i + 1) }), day]);
    this.list = h("ol", { class: "steps" });
    for (const step of document.steps ?? []) this.add(step);
    this.rest = h("div", { class: "faults", role: "alert", hidden: true });
    this.element = h("form", { class: "campaign-form", onsubmit: (event) => event.preventDefault() },
      this.rest,
      at("name", field("名称", this.name)),
      this.audience(audience),
      h("fieldset", {}, h("legend", {}, "什么时候发"),
        h("div", { class: "pair" }, at("send.from", field("最早", this.from)), at("send.until", field("最晚", this.until))),
        at("send.weekdays", h("div", { class: "days" }, this.days.map(([, box, day]) => choice(day, box)))),
        at("send.not_on", field("这些天不发", this.notOn))),
      h("fieldset", {}, h("legend", {}, "怎么算效果"),
        h("div", { class: "trio" },
          at("holdout", field("对照组（%）", this.holdout, "随机留下，永远不发；不填是 10")),
          at("watch_days", field("最后一步后再看几天", this.watch)),
          at("again_after_days", field("几天后可再参加", this.again)))),
      h("h2", {}, "步骤"), at("steps", this.list),
      this.locked ? null : h("div", { class: "buttons" }, h("button", { type: "button", onclick: () => { this.add({ wait_days: 7, by: ["message"], text: "" }); this.changed(); } }, "加一步")));
    if (this.locked) for (const input of this.element.querySelectorAll("input, select, textarea")) input.disabled = true;
  }

  audience(given) {
    const { occasions, reasons } = this.vocabulary;
    this.on = h("select", { onchange: () => this.choose() }, occasions.map(({ code, text }) => h("option", { value: code, selected: code === given.on }, text)));
    this.reasons = reasons.map(({ code, text }) => [code, h("input", { type: "checkbox", checked: (given.reasons ?? []).includes(code) }), text]);
    this.inline = typeof given.segment === "object" ? given.segment : null;
    this.segment = h("select", {}, this.inline ? h("option", { value: NONE }, "自定义条件（用接口写的）") : null,
      this.segments.map(({ code, name }) => h("option", { value: code, selected: code === given.segment }, name)));
    this.refill = h("input", { type: "checkbox", checked: given.refill === true });
    this.forDefeated = at("audience.reasons", h("div", { class: "reasons-list" }, this.reasons.map(([, box, text]) => choice(text, box)),
      h("small", {}, "都不选，就是所有还能争取的战败")));
    this.forSegment = h("div", {}, at("audience.segment", field("人群", this.segment), h("small", {}, h("a", { href: "/console/segments" }, "写一个人群"))),
      at("audience.refill", choice("每天重新圈一次，新符合的也加入", this.refill)));
    const whole = h("fieldset", {}, h("legend", {}, "对谁说"), at("audience.on", field("什么时候加入", this.on)), this.forDefeated, this.forSegment);
    this.choose();
    return whole;
  }

  choose() {
    this.forDefeated.hidden = this.on.value !== "defeated";
    this.forSegment.hidden = this.on.value !== "segment";
  }

  add(step) {
    const one = new StepForm(this, step);
    this.steps.push(one);
    this.list.append(one.element);
    this.number();
  }

  number() {
    this.steps.forEach((step, i) => step.place(i, this.steps.length));
  }

  move(step, by) {
    const from = this.steps.indexOf(step);
    this.steps.splice(from, 1);
    if (by !== null) this.steps.splice(from + by, 0, step);
    this.list.replaceChildren(...this.steps.map((each) => each.element));
    this.number();
    this.changed();
  }

  read() {
    const audience = { on: this.on.value };
    const reasons = this.reasons.filter(([, box]) => box.checked).map(([code]) => code);
    if (audience.on === "defeated" && reasons.length) audience.reasons = reasons;
    if (audience.on === "segment") {
      audience.segment = this.segment.value === NONE ? this.inline : this.segment.value;
      if (this.refill.checked) audience.refill = true;
    }
    const send = {}, days = this.days.filter(([, box]) => box.checked).map(([day]) => day);
    if (this.from.value) send.from = this.from.value;
    if (this.until.value) send.until = this.until.value;
    if (days.length < 7) send.weekdays = days;
    const notOn = this.notOn.value.split(/[\s,，、]+/).filter(Boolean);
    if (notOn.length) send.not_on = notOn;
    const document = { name: this.name.value.trim(), audience, steps: this.steps.map((step, i) => step.read(`steps.${i}`)) };
    if (value(this.holdout) !== undefined) document.holdout = value(this.holdout) / 100; // left blank: as usual
    if (value(this.watch) !== undefined) document.watch_days = value(this.watch);
    if (value(this.again) !== undefined) document.again_after_days = value(this.again);
    if (Object.keys(send).length) document.send = send;
    return document;
  }

  // Each fault at the deepest field that has its path; what has none on top.
  mark(faults) {
    for (const place of this.element.querySelectorAll("[data-path]")) {
      place.classList.remove("wrong");
      place.querySelector(":scope > .fault")?.remove();
    }
    const places = [...this.element.querySelectorAll("[data-path]")].sort((a, b) => b.dataset.path.length - a.dataset.path.length);
    const left = faults.filter(({ loc, msg }) => {
      const place = places.find(({ dataset: { path } }) => loc === path || loc.startsWith(`${path}.`));
      if (!place) return true;
      place.classList.add("wrong");
      place.append(h("p", { class: "fault", role: "alert" }, loc === "holdout" ? "填 0 到 50" : msg)); // shown in percent
      return false;
    });
    this.rest.hidden = left.length === 0;
    this.rest.replaceChildren(...left.map(({ loc, msg }) => h("p", {}, `${loc}：${msg}`)));
  }
}

class StepForm {
  constructor(form, step) {
    this.form = form;
    this.title = h("h3", {});
    this.wait = number(step.wait_days ?? 0, { min: 0 });
    this.ways = form.vocabulary.channels.map((_, i) => h("select", { onchange: () => this.choose() },
      h("option", { value: NONE }, i ? "（没有了）" : "请选择"),
      form.vocabulary.channels.map(({ code, text }) => h("option", { value: code, selected: code === step.by?.[i] }, text))));
    this.text = h("textarea", { rows: 4, maxlength: 600 }, step.text ?? "");
    this.task = h("textarea", { rows: 2, maxlength: 600 }, step.task ?? "");
    this.forms = Object.keys(FORMS).map((code) => [code, new TemplateForm(step[code])]);
    this.only = h("input", { type: "checkbox", checked: Boolean(step.only_if), onchange: () => this.choose() });
    this.onlyIf = new ConditionForm({ document: step.only_if ?? SILENT, vocabulary: form.fields, locked: form.locked, changed: form.changed });
    this.up = this.button("上移", () => form.move(this, -1));
    this.down = this.button("下移", () => form.move(this, 1));
    this.remove = this.button("删掉", () => form.move(this, null), "danger quiet");
    this.element = h("li", { class: "panel step" });
    this.placed = {};
  }

  button(text, work, look = "quiet") {
    return h("button", { type: "button", class: look, onclick: work }, text);
  }

  place(i, of) {
    const path = `steps.${i}`;
    this.title.textContent = `第 ${i + 1} 步`;
    this.up.disabled = i === 0;
    this.down.disabled = i === of - 1;
    this.remove.disabled = of === 1;
    const parts = this.placed = {
      text: at(`${path}.text`, field("客户看到的话", this.text), this.variables()),
      ...Object.fromEntries(this.forms.map(([code, each]) => [code, at(`${path}.${code}`, each.element(FORMS[code]))])),
      task: at(`${path}.task`, field("请顾问做什么", this.task)),
    };
    this.element.replaceChildren(
      h("div", { class: "heading" }, this.title, this.form.locked ? null : h("div", { class: "buttons" }, this.up, this.down, this.remove)),
      h("div", { class: "ways" }, at(`${path}.wait_days`, field(i ? "上一步后几天" : "加入后几天", this.wait)),
        at(`${path}.by`, h("div", { class: "four" }, this.ways.map((way, n) => field(["先用", "不行就用", "再不行", "最后"][n], way))))),
      parts.text, parts.notice, parts.template, parts.task,
      at(`${path}.only_if`, choice("到时候符合条件才发，否则跳过", this.only), this.onlyIf.element));
    this.choose();
  }

  variables() {
    if (this.form.locked) return null;
    const put = (code) => {
      this.text.setRangeText(`{${code}}`, this.text.selectionStart, this.text.selectionEnd, "end");
      this.text.focus();
      this.form.changed();
    };
    return h("div", { class: "chips" }, h("small", {}, "插入"), this.form.vocabulary.variables.map(({ code, text }) =>
      h("button", { type: "button", class: "chip", onclick: () => put(code) }, `{${code}}`, h("small", {}, text))));
  }

  by() {
    return [...new Set(this.ways.map((way) => way.value).filter(Boolean))];
  }

  choose() {
    const by = this.by();
    this.placed.text.hidden = !by.includes("message") && !this.text.value;
    for (const code of Object.keys(FORMS)) this.placed[code].hidden = !by.includes(code);
    this.placed.task.hidden = !by.includes("task");
    this.onlyIf.element.hidden = !this.only.checked;
  }

  read(path) {
    const by = this.by(), step = { wait_days: value(this.wait) ?? 0, by };
    if (this.text.value.trim() && by.includes("message")) step.text = this.text.value.trim();
    if (this.task.value.trim() && by.includes("task")) step.task = this.task.value.trim();
    for (const [code, each] of this.forms) if (by.includes(code)) step[code] = each.read();
    if (this.only.checked) step.only_if = this.onlyIf.read(`${path}.only_if`);
    return step;
  }
}

// A template that WeChat keeps for the account: its id, and what goes into its fields.
class TemplateForm {
  constructor(given) {
    this.id = h("input", { value: given?.id ?? "", maxlength: 64 });
    this.fields = h("textarea", { rows: 2, placeholder: "thing1=…" }, Object.entries(given?.fields ?? {}).map(([name, words]) => `${name}=${words}`).join("\n"));
  }

  element(title) {
    return h("div", { class: "pair" }, field(`${title}编号`, this.id), field(`${title}字段，一行一个`, this.fields));
  }

  read() {
    const lines = this.fields.value.split("\n").map((line) => line.trim()).filter(Boolean);
    return { id: this.id.value.trim(), fields: Object.fromEntries(lines.map((line) => [line.split("=")[0].trim(), line.split("=").slice(1).join("=").trim()])) };
  }
}

const at = (path, ...content) => h("div", { "data-path": path }, content);
