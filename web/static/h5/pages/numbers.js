// What I did, whether I am on duty, and for who leads a store, how it stands.

import { h } from "../dom.js";
import { get, post } from "../net.js";
import { chips, doing, refresh, toast } from "../parts.js";
import { words } from "../words.js";

const w = words.numbers;
let days = "7";

export default {
  title: w.title,
  tab: "me",
  load: () => get(`me/numbers?days=${days}`),
  draw(data, { me }) {
    const { mine, store } = data;
    const idle = !holdsLeads(me) && Object.keys(w.fields).every((name) => !mine[name]);
    const own = h("section", { className: "group padded" },
        chips(w.ranges, days, (picked) => { days = picked; refresh(); }, { required: true }),
        idle ? null : [grid(w.fields, mine), timely(mine)]);
    return h("div", {},
      profile(me),
      store && h("section", { className: "group padded" }, h("h2", { className: "block-title" }, w.store), grid(w.storeFields, store)),
      (store || !idle) && own,
      store && h("section", { className: "group padded" }, h("h2", { className: "block-title" }, w.ranking), ranking(data.colleagues)),
      h("section", { className: "group padded" }, doing(w.signOut, async () => { await post("me/sign-out", {}); toast(w.signedOut); location.assign("/m/"); }, "wide")));
  },
};

const holdsLeads = (me) => ["adviser", "dcc"].includes(me.role);

function profile(me) {
  const duty = h("input", { type: "checkbox", className: "switch", checked: me.on_duty, ariaLabel: w.duty, on: { change: change } });
  async function change() {
    duty.disabled = true;
    try {
      await post("me/duty", { on_duty: duty.checked });
      toast(duty.checked ? w.wentOn : w.wentOff);
      document.dispatchEvent(new CustomEvent("leadloop:me"));
    } catch (problem) {
      duty.checked = !duty.checked;
      duty.disabled = false;
      toast(problem.message, { bad: true });
    }
  }
  return h("section", { className: "group padded profile" },
    h("div", {}, h("h1", {}, me.name), h("p", { className: "facts" }, [me.role_text, me.dealer].filter(Boolean).join(" · "))),
    holdsLeads(me) && h("label", { className: "duty" }, h("span", {}, me.on_duty ? w.on : w.off), duty));
}

const timely = (mine) => [
  h("p", { className: "rate" }, h("span", {}, w.timely), h("b", {}, mine.answered ? `${Math.round((100 * mine.timely) / mine.answered)}%` : "–")),
  h("progress", { max: Math.max(1, mine.answered), value: mine.timely, ariaLabel: w.timely }),
  h("p", { className: "kind" }, mine.answered ? w.timelyOf(mine.timely, mine.answered) : w.noTimely),
];

const grid = (fields, values) =>
  h("dl", { className: "grid" }, Object.entries(fields).map(([name, text]) => h("div", {}, h("dd", {}, String(values[name])), h("dt", {}, text))));

function ranking(people) {
  if (people.length === 0) return h("p", { className: "kind" }, w.noColleagues);
  return h("table", {}, h("thead", {}, h("tr", {}, w.columns.map((text) => h("th", {}, text)))),
    h("tbody", {}, people.map((p) => h("tr", {}, [p.name, p.new, p.followed, p.visits, p.orders].map((value) => h("td", {}, String(value)))))));
}
