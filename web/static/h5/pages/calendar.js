// A week of appointments and planned calls.

import { h, icon } from "../dom.js";
import { get } from "../net.js";
import { chips, header, leadCell, refresh, state, storeOf } from "../parts.js";
import { clockText, dateText, dayKey, moment, now, parts } from "../when.js";
import { words } from "../words.js";

const w = words.calendar;
const chosen = { week: 0, day: null, whose: "mine" };

// Noon of each day of a week, Monday first.
function days(week) {
  const today = parts(now());
  const monday = -((today.weekday + 6) % 7) + week * 7;
  return Array.from({ length: 7 }, (_, n) => moment(today, monday + n, 12));
}

export default {
  title: w.title,
  tab: "calendar",
  load: ({ me }) => get(`me/calendar?from=${dayKey(days(chosen.week)[0])}&days=7&whose=${me.leads_others ? chosen.whose : "mine"}`),
  draw(data, { me }) {
    const week = days(chosen.week);
    const keys = week.map(dayKey);
    const today = dayKey(now());
    if (!keys.includes(chosen.day)) chosen.day = keys.includes(today) ? today : keys[0];
    const byDay = group(data.items);
    const items = byDay[chosen.day] || [];
    return h("div", {},
      h("header", { className: "bar" },
        turn("back", w.previous, -1),
        h("h1", {}, `${parts(week[0]).month}/${parts(week[0]).day} – ${parts(week[6]).month}/${parts(week[6]).day}`),
        turn("next", w.next, 1)),
      h("div", { className: "week" }, week.map((at, n) => {
        const mine = byDay[keys[n]] || [];
        return h("button", { type: "button", className: keys[n] === chosen.day ? "day picked" : "day", ariaPressed: String(keys[n] === chosen.day), on: { click: () => { chosen.day = keys[n]; refresh(); } } },
          h("span", { className: keys[n] === today ? "day-name today" : "day-name" }, words.picks.weekday(parts(at).weekday)),
          h("b", {}, parts(at).day),
          h("i", { className: mine.some((x) => x.kind === "appointment") ? "dot appointment" : mine.length ? "dot" : "dot none" }));
      })),
      me.leads_others && h("div", { className: "top" }, chips([["mine", words.todo.mine], ["all", me.dealer_code ? words.todo.all : words.todo.everywhere]], chosen.whose, (picked) => { chosen.whose = picked; refresh(); }, { required: true })),
      items.length === 0 ? state(w.none) : h("section", { className: "group" },
        h("h2", { className: "group-title" }, dateText(week[keys.indexOf(chosen.day)])),
        items.map((item) => leadCell(item.lead, {
          side: h("span", { className: `slot ${item.kind}` }, `${clockText(new Date(item.at))} ${w.kinds[item.kind]}`),
          lines: [...storeOf(item.lead, me), chosen.whose === "all" && me.leads_others && item.adviser],
        }))),
      data.more && h("p", { className: "hint" }, w.more));
  },
};

function turn(name, label, by) {
  return h("button", { type: "button", className: "bar-button", ariaLabel: label, on: { click: () => { chosen.week += by; chosen.day = null; refresh(); } } }, icon(name));
}

function group(items) {
  const found = {};
  for (const item of items) (found[dayKey(new Date(item.at))] ||= []).push(item);
  return found;
}
