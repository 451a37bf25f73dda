// The story of a job: which errors it met how often, and run by run what happened.
import { count, h } from "./dom.js";
import { clockOf, moment } from "./zone.js";

const took = (seconds) => (seconds < 0.01 ? "不到 0.01 秒" : ` ${count(Math.round(seconds * 100) / 100)} 秒`);

function errors(told) {
  const met = new Map();
  for (const { error, title } of told.filter((each) => each.error)) {
    met.set(error, { title, times: (met.get(error)?.times ?? 0) + 1 });
  }
  if (!met.size) return [];
  return [h("h3", {}, "遇到的错误"), h("ul", { class: "met" }, [...met].sort((a, b) => b[1].times - a[1].times).map(([error, { title, times }]) =>
    h("li", {}, h("b", {}, `${count(times)} 次`), " ", title, " ", h("code", {}, error))))];
}

function line(each) {
  const ran = !["retried", "discarded"].includes(each.then);
  const what = [ran ? `第 ${count(each.number)} 次` : null, each.title || null, each.then_text];
  const more = [
    each.error ? h("code", {}, each.error) : null,
    each.next_at ? `${moment(each.next_at)} 再试` : null,
    each.took_seconds === null ? null : `用时${took(each.took_seconds)}`,
    each.process ? `进程 ${each.process}` : null,
  ].filter(Boolean).flatMap((part, index) => (index ? [" · ", part] : [part]));
  return h("li", { class: each.then === "done" ? "good" : null },
    h("time", { datetime: each.at }, `${moment(each.at).split(" ")[0]} ${clockOf(each.at)}`),
    h("span", {}, what.filter(Boolean).join(" · ")),
    more.length ? h("small", {}, more) : null);
}

export function tries(told) {
  if (!told.length) return null;
  return h("section", { class: "tries", "aria-label": "经过" },
    errors(told), h("h3", {}, "经过"), h("ol", {}, told.map(line)));
}
