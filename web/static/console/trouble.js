// One trouble as both pages show it: what it is, what to do, how many it hit.
import { count, h } from "./dom.js";

export function troubleLine(trouble, ...actions) {
  return h("article", { class: "trouble" },
    h("div", {},
      h("h3", {}, trouble.title),
      h("p", {}, trouble.todo),
      h("p", { class: "dim" }, `${trouble.queue_title} · ${trouble.kind_text} · `,
        h("code", {}, trouble.error))),
    h("div", { class: "numbers" },
      trouble.failed ? h("b", { class: "bad" }, `失败 ${count(trouble.failed)}`) : null,
      trouble.waiting ? h("b", { class: "warn" }, `等待重试 ${count(trouble.waiting)}`) : null,
      actions));
}
