// Find a lead by what one remembers.

import { h, icon } from "../dom.js";
import { get } from "../net.js";
import { header, leadCell, state } from "../parts.js";
import { words } from "../words.js";

const w = words.search;

export default {
  title: w.title,
  tab: "todo",
  still: true,
  draw(_, { query }) {
    const results = h("div", { className: "group" });
    let asked = 0;
    let waiting = 0;
    async function find() {
      const text = input.value.trim();
      const mine = ++asked;
      history.replaceState(history.state, "", text ? `/m/search?q=${encodeURIComponent(text)}` : "/m/search");
      if (!text) return results.replaceChildren(state("", w.hint));
      try {
        const found = await get(`me/search?q=${encodeURIComponent(text)}`);
        if (mine !== asked) return null;
        return results.replaceChildren(...(found.items.length ? found.items.map((lead) => leadCell(lead, { side: h("span", { className: "kind" }, lead.state_text) })) : [state(w.none, w.noneHint)]));
      } catch (problem) {
        return mine === asked && results.replaceChildren(state(problem.message));
      }
    }
    const input = h("input", {
      type: "search", className: "input", placeholder: w.placeholder, ariaLabel: w.title, maxLength: 64, value: query.get("q") || "", enterKeyHint: "search",
      on: { input: () => { clearTimeout(waiting); waiting = setTimeout(find, 250); } },
    });
    find();
    setTimeout(() => input.focus(), 0);
    return h("div", {}, header(w.title, { back: true }), h("div", { className: "top" }, h("label", { className: "search-box" }, icon("search"), input)), results);
  },
};
