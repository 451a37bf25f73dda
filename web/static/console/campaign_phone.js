// What customers and advisers would see: each step on the phone it arrives at.
import { h } from "./dom.js";

const days = (n) => (n === 0 ? "当天" : `第 ${Number(n.toFixed(2))} 天`);

function screen(step, channel) {
  if (channel === "task") {
    return h("div", { class: "phone wecom" }, h("p", { class: "account" }, "企业微信"),
      h("div", { class: "thread" }, h("div", { class: "bubble" }, `回访任务：#12 李女士 探岳。${step.task}`)));
  }
  const said = channel === "message" ? h("div", { class: "bubble" }, step.text)
    : h("div", { class: "bubble template" }, h("b", {}, channel === "notice" ? "订阅通知" : "服务通知"),
      h("dl", {}, Object.entries(step[channel]).flatMap(([name, words]) => [h("dt", {}, name), h("dd", {}, words)])));
  return h("div", { class: "phone" }, h("p", { class: "account" }, "公众号"), h("div", { class: "thread" }, said));
}

// `trial(step, number)`: what tries a step on a real phone; null where that is not possible now.
export function preview(found, trial) {
  return found.steps.map((step, i) => h("section", { class: "preview-step" },
    h("div", { class: "heading" }, h("h3", {}, `第 ${i + 1} 步 · ${days(step.day)}`, step.conditional ? h("small", {}, "符合条件才发") : null), trial(step, i + 1)),
    step.by.map((channel, n) => h("div", {}, h("p", { class: "dim" }, n ? `发不出去时：${step.by_text[n]}` : step.by_text[n]), screen(step, channel)))));
}
