// Dealers, regions and advisers to pick from; dealers are looked for while one types.
import { h } from "./dom.js";
import { get } from "./net.js";

const PAUSE_MS = 250;
let lists = 0;

const named = (dealer) => `${dealer.code} ${dealer.name}`;
export const codeOf = (text) => (text ?? "").trim().split(/\s+/)[0] || null;

// An input that proposes dealers; its value begins with the code. `picked` hears of a whole code.
export function dealerInput(name, value = "", { picked = () => {}, ...more } = {}) {
  const list = h("datalist", { id: `places-${++lists}` });
  const input = h("input", { name, value, list: list.id, autocomplete: "off", placeholder: "代码或名称", ...more });
  let timer = 0, known = [];
  const propose = async () => {
    try {
      const page = await get(`/dealers?limit=20&q=${encodeURIComponent(input.value.trim().slice(0, 64))}`);
      known = page.items;
      list.replaceChildren(...known.map((dealer) => h("option", { value: named(dealer) })));
    } catch { /* what is typed is checked when it is sent */ }
  };
  const chosen = () => picked(known.some((dealer) => named(dealer) === input.value) || !input.value ? codeOf(input.value) : null);
  input.addEventListener("input", () => {
    clearTimeout(timer);
    chosen();
    if (!known.some((dealer) => named(dealer) === input.value)) timer = setTimeout(propose, PAUSE_MS);
  });
  input.addEventListener("focus", propose, { once: true });
  return [input, list];
}

export async function regionOptions(none = "不选") {
  const { items } = await get("/regions");
  return [["", none], ...items.map((region) => [region.code, `${region.name}（${region.code}）`])];
}

export async function adviserOptions(dealer) {
  if (!dealer) return [["", "先选门店"]];
  const { items } = await get(`/staff?dealer=${encodeURIComponent(dealer)}&active=true&limit=200`);
  const sales = items.filter((each) => ["adviser", "dcc"].includes(each.role));
  return [["", sales.length ? "请选择" : "这家店没有顾问"], ...sales.map((each) => [each.userid,
    `${each.name} · ${each.absence || "可接线索"} · 手上 ${each.open_leads}/${each.capacity}`])];
}
