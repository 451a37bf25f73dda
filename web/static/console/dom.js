// Elements from code, never from text: what people wrote cannot become markup.

export function h(tag, props = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (name === "class") element.className = value;
    else element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.flat().filter((child) => child !== null && child !== undefined));
  return element;
}

const worded = (element) => `${element.name ?? ""} ${element.textContent.replace(/[\d,]+/g, "")}`;
const alike = (place, held) => [...place.querySelectorAll(held.tagName)].filter((each) => worded(each) === worded(held));

// Draws anew; what had the keyboard keeps it if it is there again, perhaps with another number.
export function show(place, ...children) {
  const held = place.contains(document.activeElement) ? document.activeElement : null;
  const nth = held ? alike(place, held).indexOf(held) : -1;
  place.replaceChildren(...children.flat().filter((child) => child !== null));
  if (nth >= 0 && !held.isConnected) alike(place, held)[nth]?.focus({ preventScroll: true });
}

export const $ = (id) => document.getElementById(id);
export const acts = () => document.body.dataset.acts === "yes";
export const may = (scope) => document.body.dataset.may.split(" ").includes(scope);
export const seesAll = () => may("all");

export const loading = () => h("p", { class: "state" }, h("i", { class: "spinner" }), "正在加载…");
export const empty = (text) => h("p", { class: "state" }, text);
export const failed = (error, again) =>
  h("p", { class: "state bad", role: "alert" }, error.message, " ",
    again && ![403, 404].includes(error.status) ? h("button", { type: "button", onclick: again }, "再试一次") : null);

// Under a list, for what comes after it. When that cannot be had the list stays, and the button says why.
export function further(text, load) {
  const button = h("button", { type: "button", class: "more", onclick: async () => {
    button.disabled = true;
    try {
      await load();
    } catch (error) {
      button.textContent = `${error.message} 再试一次`;
      button.disabled = false;
    }
  } }, text);
  return button;
}

export const count = (n) => n.toLocaleString("zh-CN");

export function span(seconds) {
  if (seconds < 1) return "刚刚";
  if (seconds < 90) return `${Math.round(seconds)} 秒`;
  if (seconds < 90 * 60) return `${Math.round(seconds / 60)} 分钟`;
  if (seconds < 36 * 3600) return `${(seconds / 3600).toFixed(1).replace(".0", "")} 小时`;
  return `${Math.round(seconds / 86400)} 天`;
}
export const since = (iso, now) => span(Math.max(0, (new Date(now) - new Date(iso)) / 1000));
