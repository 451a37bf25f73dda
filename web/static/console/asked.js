// What figures are asked for: a period, a place, a breakdown; kept in the page's address.
import { h } from "./dom.js";
import { codeOf, dealerInput, regionOptions } from "./places.js";
import { dayAfter, dayOf } from "./zone.js";

const DAYS = 30;

const earlier = (days) => dayAfter(dayOf(new Date()), -days);

// Every day from `from` to `to`, both within.
export function days(from, to) {
  const found = [];
  for (let day = from; day <= to && found.length < 800; day = dayAfter(day, 1)) found.push(day);
  return found;
}

const PERIODS = [
  ["近 7 天", () => [earlier(6), earlier(0)]], ["近 30 天", () => [earlier(29), earlier(0)]],
  ["本月", () => [`${earlier(0).slice(0, 8)}01`, earlier(0)]],
  ["上月", () => {
    const end = dayAfter(`${earlier(0).slice(0, 8)}01`, -1);
    return [`${end.slice(0, 8)}01`, end];
  }],
];

// Fills the form and asks: `changed(values)` now, and whenever somebody wants something else.
// `choices`: [[name, label, [[value, text]…]]…], each a list to pick from.
export function asked(form, choices, changed) {
  const given = new URLSearchParams(location.search);
  const valid = (day) => (/^\d{4}-\d{2}-\d{2}$/.test(day ?? "") ? day : null);
  const from = h("input", { name: "from", type: "date", required: true });
  const to = h("input", { name: "to", type: "date", required: true });
  from.value = valid(given.get("from")) ?? earlier(DAYS - 1);
  to.value = valid(given.get("to")) ?? earlier(0);
  const region = h("select", { name: "region" }, h("option", { value: "" }, "全部"));
  const dealer = dealerInput("dealer", given.get("dealer") ?? "", { maxlength: 80, placeholder: "全部；代码或名称" });
  const picks = choices.map(([name, label, options]) => {
    const select = h("select", { name }, options.map(([value, text]) => h("option", { value }, text)));
    const wanted = given.get(name);
    if (options.some(([value]) => value === wanted)) select.value = wanted;
    return h("label", {}, label, select);
  });
  const quick = h("div", { class: "chips whole" }, PERIODS.map(([label, of]) => h("button", {
    type: "button", class: "chip", onclick: () => { [from.value, to.value] = of(); form.requestSubmit(); },
  }, label)));
  form.replaceChildren(h("label", {}, "从", from), h("label", {}, "到", to), h("label", {}, "大区", region),
    h("label", {}, "门店", dealer), ...picks, h("button", { class: "primary" }, "查看"), quick);
  const read = () => {
    const values = Object.fromEntries([...new FormData(form)].map(([name, value]) => [name, value.trim()]));
    if (values.from > values.to) [values.from, values.to] = [values.to, values.from];
    [from.value, to.value] = [values.from, values.to];
    values.dealer = codeOf(values.dealer) ?? "";
    return values;
  };
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const values = read(), kept = new URLSearchParams(location.search);
    for (const [name, value] of Object.entries(values)) value ? kept.set(name, value) : kept.delete(name);
    history.replaceState(null, "", `?${kept}${location.hash}`);
    changed(values);
  });
  for (const select of [region, ...picks.map((pick) => pick.lastChild)]) {
    select.addEventListener("change", () => form.requestSubmit());
  }
  const begin = () => changed(read());
  regionOptions("全部").then((options) => {
    region.replaceChildren(...options.map(([value, text]) => h("option", { value }, text)));
    region.value = options.some(([value]) => value === given.get("region")) ? given.get("region") : "";
  }).catch(() => {}).then(begin); // without the list the figures still come
}

export function query(values) {
  return new URLSearchParams(Object.entries(values).filter(([, value]) => value)).toString();
}
