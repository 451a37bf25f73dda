// Opening hours and shifts: a week of spans, special days, and whether public holidays are kept.
import { h } from "./dom.js";
import { dayOf as dateOf } from "./zone.js";

const DAYS = [["mon", "周一"], ["tue", "周二"], ["wed", "周三"], ["thu", "周四"], ["fri", "周五"], ["sat", "周六"], ["sun", "周日"]];
const NAMES = { monday: "mon", tuesday: "tue", wednesday: "wed", thursday: "thu", friday: "fri", saturday: "sat", sunday: "sun",
  1: "mon", 2: "tue", 3: "wed", 4: "thu", 5: "fri", 6: "sat", 7: "sun", 0: "sun" };
const DATE = /^\d{4}-\d{2}-\d{2}$/;
const shown = (spans) => spans.map(([from, to]) => `${from}–${to}`).join("、");

const dayOf = (key) => NAMES[key.trim().toLowerCase()] ?? key.trim().toLowerCase();

function readWeek(hours) {
  const week = {}, special = [];
  for (const [key, spans] of Object.entries(hours ?? {})) {
    if (DATE.test(key)) special.push([key, spans]);
    else if (key !== "holidays") week[dayOf(key)] = spans;
  }
  return { week, special: special.sort(([one], [other]) => (one < other ? -1 : 1)), holidays: hours?.holidays ?? "closed" };
}

// In one line: equal days in a row together.
export function hoursText(hours) {
  if (hours === "always") return "全天营业";
  if (!hours || !Object.keys(hours).length) return "未设置";
  const { week, special, holidays } = readWeek(hours), runs = [];
  for (const [key, label] of DAYS) {
    const text = shown(week[key] ?? []) || "休息", last = runs.at(-1);
    if (last?.text === text) last.to = label;
    else runs.push({ from: label, to: label, text });
  }
  return [runs.map(({ from, to, text }) => `${from === to ? from : `${from}至${to.slice(1)}`} ${text}`).join("；"),
    holidays === "open" ? "节假日照常" : null, special.length ? `${special.length} 个特殊日` : null].filter(Boolean).join("；");
}

function spanFields(spans, loc) {
  const place = h("span", { class: "spans", "data-loc": loc });
  const add = (from = "09:00", to = "18:00") => {
    const line = h("span", { class: "span" },
      h("input", { type: "time", value: from, "aria-label": "从" }), "–",
      h("input", { type: to === "24:00" ? "text" : "time", value: to, "aria-label": "到" }),
      h("button", { type: "button", class: "quiet small", "aria-label": "去掉这一段", onclick: () => line.remove() }, "×"));
    place.insertBefore(line, more);
  };
  const more = h("button", { type: "button", class: "quiet small", onclick: () => add() }, "+ 一段");
  place.append(more);
  for (const [from, to] of spans) add(from, to);
  return place;
}

const spansIn = (place) => [...place.querySelectorAll(".span")].map((line) => [...line.querySelectorAll("input")].map((each) => each.value));

// { element, read() }. `loc` names the field in faults. `special`: holidays and special days too.
export function hoursEditor(hours, loc, { special = false, none = "没有排班表" } = {}) {
  const { week, special: days, holidays } = readWeek(hours === "always" ? {} : hours);
  const fresh = !hours || hours === "always";
  const kind = h("select", { "aria-label": "类型" }, (special ? [["always", "全天营业"], ["week", "按周"]] : [["none", none], ["week", "按周"]])
    .map(([key, label]) => h("option", { value: key }, label)));
  kind.value = fresh ? (special ? "always" : "none") : "week";
  const rows = DAYS.map(([key, label]) => [key, h("p", { class: "day" }, h("b", {}, label),
    spanFields(week[key] ?? (fresh ? [["09:00", "18:00"]] : []), `${loc}.${key}`))]);
  const open = h("input", { type: "checkbox", checked: holidays === "open" });
  const list = h("div", { class: "special" });
  const addDay = (day = "", spans = []) => list.append(h("p", { class: "day", "data-loc": `${loc}.${day}` },
    h("input", { type: "date", value: day, required: true, "aria-label": "日期" }), spanFields(spans, `${loc}.${day}`),
    h("button", { type: "button", class: "quiet small", onclick: (event) => event.target.closest(".day").remove() }, "删除")));
  const today = dateOf(new Date());
  for (const [day, spans] of days) if (day >= today) addDay(day, spans);
  const body = h("div", { class: "week" }, rows.map(([, row]) => row), special ? [
    h("label", { class: "choice" }, open, "法定节假日照常营业（不勾选就按国务院放假安排休息，调休上班日按周一）"),
    h("b", {}, "特殊日"), h("small", {}, "只影响当天，比节假日优先；不写时间就是休息。过去的日子保存时去掉。"), list,
    h("button", { type: "button", class: "quiet small", onclick: () => addDay() }, "+ 特殊日")] : null);
  const choose = () => { body.hidden = kind.value !== "week"; };
  kind.addEventListener("change", choose);
  choose();
  const read = () => {
    if (kind.value === "always") return "always";
    if (kind.value === "none") return null;
    const read = Object.fromEntries(rows.map(([key, row]) => [key, spansIn(row)]).filter(([, spans]) => spans.length));
    for (const line of list.children) read[line.querySelector("input[type=date]").value] = spansIn(line);
    return open.checked ? { ...read, holidays: "open" } : read;
  };
  return { element: h("div", { class: "hours", "data-loc": loc }, kind, body), read };
}

// Periods of leave: first and last day.
export function leaveEditor(leave) {
  const list = h("div", { class: "special" });
  const add = (first = "", last = "") => {
    const line = h("p", { class: "day", "data-loc": `leave.${list.children.length}` },
      h("input", { type: "date", value: first, required: true, "aria-label": "第一天" }), "至",
      h("input", { type: "date", value: last, required: true, "aria-label": "最后一天" }),
      h("button", { type: "button", class: "quiet small", onclick: () => line.remove() }, "删除"));
    list.append(line);
  };
  for (const [first, last] of leave) add(first, last);
  return {
    element: h("div", { "data-loc": "leave" }, list, h("button", { type: "button", class: "quiet small", onclick: () => add() }, "+ 请假")),
    read: () => [...list.children].map((line) => [...line.querySelectorAll("input")].map((each) => each.value)),
  };
}
