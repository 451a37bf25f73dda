// What a campaign brought against the group left alone: rates, their difference, and how sure it is.
import { count, empty, h } from "./dom.js";

const percent = (share) => `${(100 * share).toFixed(1)}%`;
const points = (share) => `${share > 0 ? "+" : ""}${(100 * share).toFixed(1)}`;
const TONES = { more: "good", fewer: "bad", no_difference: "dim", too_few: "dim" };
const LABELS = { new: "新增贡献", won_back: "战败激活", converted: "存量促转" };

// Styles by property: a style attribute is not allowed on these pages.
function drawn(tag, look) {
  const element = h(tag);
  Object.assign(element.style, look);
  return element;
}

function bar(name, share, most, people, look) {
  return h("div", { class: `rate ${look}` }, h("span", {}, name),
    h("i", {}, drawn("b", { width: `${most ? (100 * share) / most : 0}%` })),
    h("strong", {}, percent(share)), h("small", {}, people));
}

// The interval on a line whose middle is "no difference".
function interval({ low, high, difference, verdict }) {
  const reach = Math.max(Math.abs(low), Math.abs(high), 0.001);
  const x = (share) => 50 + (50 * share) / reach;
  return h("div", { class: `interval ${TONES[verdict]}`, role: "img", "aria-label": `差 ${points(difference)} 个百分点，95% 区间 ${points(low)} 到 ${points(high)}` },
    drawn("i", { left: `${x(low)}%`, width: `${x(high) - x(low)}%` }), drawn("b", { left: `${x(difference)}%` }));
}

function kind(lift, report, most) {
  const { touched, held_out: left } = report;
  const of = (arm) => `${count(arm[lift.kind])} / ${count(arm.people)}`;
  return h("article", { class: "kind" },
    h("h3", {}, lift.kind_text, h("span", { class: `tag plain ${TONES[lift.verdict]}` }, lift.verdict_text)),
    bar("触达组", lift.touched_rate, most, of(touched), ""), bar("对照组", lift.held_out_rate, most, of(left), "second"),
    lift.verdict === "too_few" ? h("p", { class: "dim" }, left.people ? "每组至少 30 人、一共至少 5 人才能比较。" : "没有留对照组，没法比较。")
      : [interval(lift), h("p", {}, `差 ${points(lift.difference)} 个百分点`, h("small", {}, `95% 区间 ${points(lift.low)} 到 ${points(lift.high)}`))]);
}

function sent(report, who) {
  if (!report.sent.length) return empty("还没有发出过。");
  return h("div", { class: "scroll" }, h("table", {},
    h("thead", {}, h("tr", {}, ["步骤", "渠道", "结果", "人数", "有回应"].map((title) => h("th", { scope: "col" }, title)))),
    h("tbody", {}, report.sent.map((each) => h("tr", {}, h("td", {}, `第 ${each.step} 步`), h("td", {}, each.channel_text),
      h("td", {}, each.state === "unknown" ? h("button", { type: "button", class: "quiet", onclick: who }, each.state_text) : each.state_text), h("td", {}, count(each.count)), h("td", {}, count(each.answered)))))));
}

const counts = (list) => (list.length ? h("dl", { class: "counts" }, list.flatMap((each) => [h("dt", {}, each.text), h("dd", {}, count(each.count))]))
  : h("p", { class: "dim" }, "还没有。"));

function credited(report) {
  const kinds = report.lifts.filter(({ kind: code }) => report.credited[code]);
  if (!kinds.length) return h("p", { class: "dim" }, "还没有。一条线索的成果只算给最后触达它的活动。");
  return h("dl", { class: "counts" }, kinds.flatMap((lift) => [h("dt", {}, lift.kind_text),
    h("dd", {}, Object.entries(report.credited[lift.kind]).flatMap(([label, n], i) => [i ? " · " : "", h("span", {}, `${LABELS[label] ?? label} ${count(n)}`)]))]));
}

// `who`: shows whose touch perhaps never came.
export function proof(report, who) {
  const joined = report.touched.people + report.held_out.people;
  if (!joined) return h("section", { class: "panel" }, h("h2", {}, "效果"), empty("还没有人参加。"));
  const most = Math.max(...report.lifts.flatMap((lift) => [lift.touched_rate, lift.held_out_rate])); // one scale for all bars
  return h("section", { class: "panel" },
    h("div", { class: "heading" }, h("h2", {}, "效果"), h("p", { class: "dim" }, `共 ${count(joined)} 人参加，其中 ${count(report.held_out.people)} 人留作对照`)),
    h("div", { class: "kinds" }, report.lifts.map((lift) => kind(lift, report, most))),
    h("div", { class: "columns even parts" },
      h("div", {}, h("h3", {}, "发出"), sent(report, who)),
      h("div", { class: "three" },
        h("div", {}, h("h3", {}, "走到哪了"), counts(report.places)),
        h("div", {}, h("h3", {}, "怎么结束的"), counts(report.endings)),
        h("div", {}, h("h3", {}, "算给本活动的成果"), credited(report)))));
}
