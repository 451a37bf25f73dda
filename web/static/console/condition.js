// A segment's document as a form, and back: tests of fields, in groups that all or one of which hold.
import { h } from "./dom.js";
import { inputOf, momentOf } from "./zone.js";

const JOINS = { and: "全部满足", or: "满足任意一个" };
const DEEPEST = 10;
const CHOSEN = new Set(["in", "not_in"]);
const BARE = new Set(["set", "unset"]);
const number = (value, more) => h("input", { type: "number", value: value ?? "", min: 0, step: 1, ...more });
const pick = (options, chosen, more = {}) => h("select", more, options.map(({ value, text }) => h("option", { value, selected: value === chosen }, text)));
const whole = (input) => (input.value === "" ? null : Number(input.value));
const codes = (text) => text.split(/[\s,，、;；]+/).filter(Boolean);

// What is not among the choices any more stays to be seen, and to be taken out.
const known = (choices, values) => [...choices, ...values.filter((one) => one && !choices.some(({ value }) => value === one)).map((one) => ({ value: one, text: `${one}（没有这一项）` }))];

function local(iso) {
  const at = new Date(iso);
  return Number.isNaN(at.getTime()) ? "" : inputOf(at);
}

function opened(document) {
  let not = false, inner = document;
  while (inner && typeof inner === "object" && "not" in inner) [not, inner] = [!not, inner.not];
  return [not, inner ?? {}];
}

function part(form, given, depth, leave) {
  const [not, inner] = opened(given);
  const join = Object.keys(JOINS).find((word) => word in inner);
  return join ? new Group(form, join, inner[join], not, depth, leave) : new Line(form, inner, not, leave);
}

class Group {
  constructor(form, join, parts, not, depth, leave) {
    Object.assign(this, { form, depth });
    this.join = pick([...Object.entries(JOINS).map(([value, text]) => ({ value, text })), ...Object.entries(JOINS).map(([value, text]) => ({ value: `!${value}`, text: `不是「${text}」` }))],
      `${not ? "!" : ""}${join}`, { "aria-label": "怎么算符合" });
    this.list = h("div", { class: "parts-list" });
    this.parts = [];
    const button = (text, work) => h("button", { type: "button", class: "quiet", onclick: () => { work(); form.changed(); } }, text);
    this.element = h("div", { class: "group" },
      h("div", { class: "joined" }, this.join, leave && !form.locked ? button("删掉这组", () => leave(this)) : null),
      this.list,
      form.locked ? null : h("div", { class: "buttons" }, button("加条件", () => this.add({ field: "pool", op: "eq" })),
        depth < DEEPEST - 2 ? button("加一组", () => this.add({ or: [{ field: "pool", op: "eq" }] })) : null));
    for (const each of Array.isArray(parts) ? parts : []) this.add(each);
  }

  add(given) {
    const one = part(this.form, given, this.depth + 1, (gone) => {
      this.parts = this.parts.filter((each) => each !== gone);
      gone.element.remove();
    });
    this.parts.push(one);
    this.list.append(one.element);
  }

  read(path) {
    const not = this.join.value.startsWith("!"), join = this.join.value.replace("!", "");
    const here = not ? `${path}.not` : path;
    this.element.dataset.path = here;
    const group = { [join]: this.parts.map((each, i) => each.read(`${here}.${join}.${i}`)) };
    return not ? { not: group } : group;
  }
}

class Line {
  constructor(form, given, not, leave) {
    this.form = form;
    this.not = h("select", { "aria-label": "要不要反过来", class: "not" }, h("option", { value: "" }, "符合"), h("option", { value: "1", selected: not }, "不符合"));
    this.field = h("select", { "aria-label": "字段" }, form.vocabulary.groups.map((group) => h("optgroup", { label: group.text },
      group.fields.map((each) => h("option", { value: each.field, selected: each.field === given.field }, each.text)))));
    this.rest = h("div", { class: "rest" });
    this.field.addEventListener("change", () => this.choose({ field: this.field.value }));
    this.element = h("div", { class: "line" }, this.not, this.field, this.rest,
      form.locked ? null : h("button", { type: "button", class: "quiet", "aria-label": "删掉这个条件", onclick: () => { leave(this); form.changed(); } }, "删"));
    this.choose(given);
  }

  choose(given) {
    this.about = this.form.fields.get(this.field.value);
    this.op = pick(this.about.ops, given.op, { "aria-label": "怎么比" });
    this.op.addEventListener("change", () => this.compare({}));
    this.value = h("span", { class: "value" });
    this.rest.replaceChildren(this.op, this.value);
    this.compare(given);
  }

  compare(given) {
    const [read, ...inputs] = BARE.has(this.op.value) ? [() => ({})] : this[this.about.kind](given);
    this.entries = read;
    this.value.replaceChildren(...inputs);
    if (this.form.locked) for (const input of this.element.querySelectorAll("input, select")) input.disabled = true;
  }

  code({ value }) {
    const many = CHOSEN.has(this.op.value), values = [value ?? []].flat().map(String);
    const choices = known(this.about.choices, values);
    if (!this.about.choices.length) {
      const input = h("input", { value: values.join("，"), placeholder: many ? "多个用逗号隔开" : "", maxlength: 400, "aria-label": "值" });
      return [() => ({ value: many ? codes(input.value) : input.value.trim() }), input];
    }
    if (!many) {
      const input = pick(choices, values[0], { "aria-label": "值" });
      return [() => ({ value: input.value }), input];
    }
    const boxes = choices.map((one) => [one.value, h("input", { type: "checkbox", checked: values.includes(one.value) }), one.text]);
    return [() => ({ value: boxes.filter(([, box]) => box.checked).map(([code]) => code) }),
      h("span", { class: "boxes" }, boxes.map(([, box, text]) => h("label", { class: "choice" }, box, text)))];
  }

  purpose({ value }) {
    const input = pick(this.about.choices, value, { "aria-label": "用途" });
    return [() => ({ value: input.value }), input];
  }

  flag({ value }) {
    const input = pick([{ value: "yes", text: "是" }, { value: "no", text: "否" }], value === false ? "no" : "yes", { "aria-label": "值" });
    return [() => ({ value: input.value === "yes" }), input];
  }

  number({ value }) {
    const input = number(value, { "aria-label": "数值" });
    return [() => ({ value: whole(input) }), input];
  }

  count({ value, days }) {
    const input = number(value, { "aria-label": "次数" }), within = number(days ?? 30, { "aria-label": "最近几天", step: "any" });
    return [() => ({ value: whole(input), days: whole(within) }), input, "次，最近", within, "天内"];
  }

  moment(given) {
    const said = this.form.vocabulary.whens.find(({ value }) => value in given)?.value ?? "days_ago";
    const when = pick(this.form.vocabulary.whens, said, { "aria-label": "和什么时间比" });
    const inputs = {
      days_ago: number(given.days_ago ?? 30, { "aria-label": "几天", step: "any" }),
      months_ago: number(given.months_ago ?? 12, { "aria-label": "几个月" }),
      at: h("input", { type: "datetime-local", value: given.at ? local(given.at) : "", "aria-label": "时刻" }),
      than: pick(this.form.moments, given.than, { "aria-label": "另一时间" }),
    };
    const shown = () => { for (const [word, input] of Object.entries(inputs)) input.hidden = word !== when.value; };
    when.addEventListener("change", shown);
    shown();
    const read = {
      days_ago: whole, months_ago: whole, than: (input) => input.value,
      at: (input) => (input.value ? momentOf(input.value).toISOString() : ""),
    };
    return [() => ({ [when.value]: read[when.value](inputs[when.value]) }), inputs.days_ago, inputs.months_ago, when, inputs.at, inputs.than];
  }

  read(path) {
    const here = this.not.value ? `${path}.not` : path;
    this.element.dataset.path = here;
    const test = { field: this.field.value, op: this.op.value, ...this.entries() };
    return this.not.value ? { not: test } : test;
  }
}

export class ConditionForm {
  constructor({ document, vocabulary, locked, changed }) {
    Object.assign(this, { vocabulary, locked, changed });
    const fields = vocabulary.groups.flatMap((group) => group.fields);
    this.fields = new Map(fields.map((each) => [each.field, each]));
    this.moments = fields.filter(({ kind }) => kind === "moment").map(({ field: value, text }) => ({ value, text }));
    const [, inner] = opened(document);
    const grouped = Object.keys(JOINS).some((word) => word in inner);
    this.top = part(this, grouped ? document : { and: [document] }, 1, null);
    this.element = h("div", { class: "condition" },
      this.rest = h("div", { class: "faults", role: "alert", hidden: true }), this.top.element);
    this.element.addEventListener("input", changed);
  }

  // `path` is where a program that is told of a fault would find it.
  read(path = "document") {
    return this.top.read(path);
  }

  // Each fault at the innermost part that has its path; what has none on top.
  mark(faults) {
    for (const place of this.element.querySelectorAll(".wrong")) place.classList.remove("wrong");
    for (const told of this.element.querySelectorAll(".fault")) told.remove();
    const places = [...this.element.querySelectorAll("[data-path]")].sort((a, b) => b.dataset.path.length - a.dataset.path.length);
    const left = faults.filter(({ loc, msg }) => {
      const place = places.find(({ dataset: { path } }) => loc === path || loc.startsWith(`${path}.`));
      if (!place) return true;
      place.classList.add("wrong");
      place.append(h("p", { class: "fault", role: "alert" }, msg));
      return false;
    });
    this.rest.hidden = left.length === 0;
    this.rest.replaceChildren(...left.map(({ loc, msg }) => h("p", {}, `${loc}：${msg}`)));
  }
}
