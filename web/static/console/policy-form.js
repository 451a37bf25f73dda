// The rules of one scope as fields. What is entered becomes overrides; what equals the wider scope is none.
import { h } from "./dom.js";
import { entry, sheet, text } from "./sheet.js";
import { ADDS, GROUPS, describe, told } from "./policy-words.js";

const same = (one, other) => JSON.stringify(one) === JSON.stringify(other);
const isTable = (value) => value !== null && typeof value === "object" && !Array.isArray(value);
const at = (document, path) => path.reduce((value, key) => (isTable(value) ? value[key] : undefined), document);

export function merged(base, over) {
  const all = { ...base };
  for (const [key, value] of Object.entries(over)) {
    all[key] = isTable(all[key]) && isTable(value) ? merged(all[key], value) : value;
  }
  return all;
}

function put(document, [key, ...rest], value) {
  if (!rest.length) return { ...document, [key]: value };
  return { ...document, [key]: put(isTable(document[key]) ? document[key] : {}, rest, value) };
}

function drop(document, [key, ...rest]) {
  const kept = { ...document };
  if (rest.length && isTable(kept[key])) kept[key] = drop(kept[key], rest);
  if (!rest.length || (isTable(kept[key]) && !Object.keys(kept[key]).length)) delete kept[key];
  return kept;
}

function* leaves(document, path = []) {
  for (const [key, value] of Object.entries(document)) {
    if (isTable(value)) yield* leaves(value, [...path, key]);
    else yield [[...path, key], value];
  }
}

function read(input, kind) {
  const given = input.value.trim();
  if (kind === "flag") return input.checked;
  if (kind === "number" || kind === "whole") return given === "" || Number.isNaN(Number(given)) ? given : Number(given);
  if (kind === "codes") return given.split(/[,，、\s]+/).filter(Boolean);
  if (kind === "json") {
    try { return JSON.parse(given); } catch { return given; }
  }
  return given;
}

function input(kind, value, options, more) {
  if (kind === "choice") {
    const select = h("select", more, options.map(([key, label]) => h("option", { value: key }, label)));
    select.value = value;
    return select;
  }
  if (kind === "flag") return h("input", { type: "checkbox", checked: value, ...more });
  if (kind === "text") return h("textarea", { rows: 2, maxlength: 200, ...more }, value);
  const shown = kind === "codes" ? value.join(", ") : kind === "json" ? JSON.stringify(value) : value;
  const numeric = kind === "number" || kind === "whole";
  return h("input", { value: shown, autocomplete: "off", inputmode: numeric ? "decimal" : null, type: kind === "clock" ? "time" : "text", ...more });
}

export class PolicyForm {
  constructor(sheet, changed) {
    this.inherited = sheet.inherited;
    this.layers = sheet.layers;
    this.overrides = sheet.overrides;
    this.locked = !sheet.may_edit;
    this.changed = changed;
    this.element = h("div", { id: "groups" });
    this.draw();
  }

  draw() {
    const groups = new Map(GROUPS.map(([key]) => [key, []]));
    for (const [path, value] of leaves(merged(this.inherited, this.overrides))) {
      groups.get(describe(path.join("."), value ?? at(this.inherited, path)).group).push(this.row(path, value));
    }
    this.element.replaceChildren(...GROUPS.map(([key, title, hint]) => {
      const rows = groups.get(key), add = this.locked ? null : ADDS[key];
      if (!rows.length && !add) return "";
      return h("section", { class: "panel rules" }, h("h2", {}, title), hint ? h("p", { class: "hint" }, hint) : null,
        h("div", { class: "rule-list" }, rows.length ? rows : h("p", { class: "dim" }, "还没有")),
        add ? h("button", { type: "button", class: "quiet", onclick: () => this.add(add) }, add.say) : null);
    }).filter(Boolean));
  }

  source(path) {
    const layer = [...this.layers].reverse().find(({ overrides }) => at(overrides, path) !== undefined);
    if (!layer) return "出厂";
    return layer.scope === "brand" ? "品牌" : `大区 ${layer.scope.slice("region:".length)}`;
  }

  row(path, value) {
    const loc = path.join("."), wide = at(this.inherited, path), own = at(this.overrides, path) !== undefined;
    const { label, unit, kind, options, removable } = describe(loc, value ?? wide);
    const field = value === null ? h("span", { class: "dim" }, kind === "number" && !removable ? "不限" : "本级不用")
      : input(kind, value, options, { "aria-label": label, disabled: this.locked, onchange: (event) => this.enter(path, read(event.target, kind)) });
    const button = (text, work) => (this.locked ? null : h("button", { type: "button", class: "quiet small", onclick: work }, text));
    return h("div", { class: `rule ${own ? "own" : ""} ${kind === "text" ? "long" : ""}`, "data-loc": loc },
      h("span", { class: "name" }, label), h("span", { class: "value" }, field, unit && value !== null ? h("i", {}, unit) : null),
      h("span", { class: "from" },
        own ? [wide === undefined ? "本级新增" : `本级设置，${this.source(path)}是 ${told(loc, wide)}`,
          button(wide === undefined ? "删除" : "恢复", () => this.forget(path))] : this.source(path),
        !own && removable && value !== null ? button("不用", () => this.enter(path, null)) : null));
  }

  enter(path, value) {
    this.overrides = same(value, at(this.inherited, path)) ? drop(this.overrides, path) : put(this.overrides, path, value);
    this.after(path);
  }

  forget(path) {
    this.overrides = drop(this.overrides, path);
    this.after(path);
  }

  async add({ path, key, value, say }) {
    const name = await sheet(say, [entry(key, "key", text("key", "", { maxlength: 64, required: true }))], "加上",
      async (given) => given.get("key").trim(), { narrow: true });
    if (!name || at(merged(this.inherited, this.overrides), [...path, name]) != null) return;
    this.overrides = put(this.overrides, [...path, name], value);
    this.after([...path, name]);
  }

  replace(overrides) {
    this.overrides = overrides;
    this.after();
  }

  after(path) {
    this.draw();
    if (path) this.element.querySelector(`[data-loc="${CSS.escape(path.join("."))}"] :is(input, select, textarea)`)?.focus();
    this.changed(this.overrides);
  }
}
