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

// The same error on several kinds of jobs is one thing to mend.
export function merged(all) {
  const groups = new Map();
  for (const each of all) {
    const key = `${each.queue} ${each.error} ${each.title}`;
    const known = groups.get(key);
    if (!known) groups.set(key, { ...each });
    else {
      known.failed += each.failed;
      known.waiting += each.waiting;
      known.kind_text += `、${each.kind_text}`;
      known.kind = "";
    }
  }
  return [...groups.values()];
}
