// Build elements without ever parsing text as HTML.

export function h(tag, props = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else if (name === "class") node.className = value;
    else if (name === "value") node.value = value;
    else node.setAttribute(name, value === true ? "" : value);
  }
  node.append(...children.flat().filter((child) => child !== null && child !== undefined));
  return node;
}

export const byId = (id) => document.getElementById(id);

export function safeUrl(text) {
  try {
    const url = new URL(text);
    return ["http:", "https:"].includes(url.protocol) ? url.href : null;
  } catch {
    return null;
  }
}

export function link(text, address, className = "") {
  const href = safeUrl(address);
  if (!href) return h("span", { class: className }, text);
  return h("a", { href, target: "_blank", rel: "noopener", class: className }, text);
}

let toastTimer;
export function toast(text) {
  const box = byId("toast");
  box.textContent = text;
  box.hidden = false;
  clearTimeout(toastTimer);
  toastTimer = setTimeout(() => { box.hidden = true; }, 3500);
}

export function options(rows, chosen) {
  return rows.map(([value, text]) => {
    const option = h("option", { value }, text);
    option.selected = value === chosen;
    return option;
  });
}

// A short-lived memory of this browser tab: which two people are on the phones.
export const recall = (key) => sessionStorage.getItem(`sandbox.${key}`);
export const remember = (key, value) => sessionStorage.setItem(`sandbox.${key}`, value);

// Phones in China show China's time, wherever the browser is.
const inChina = (format) => new Intl.DateTimeFormat("zh-CN", { timeZone: "Asia/Shanghai", ...format });
const CLOCK = inChina({ hour: "2-digit", minute: "2-digit" });
const DAY = inChina({ month: "numeric", day: "numeric" });
export function when(seconds) {
  const at = new Date(seconds * 1000);
  const today = DAY.format(new Date()) === DAY.format(at);
  return today ? CLOCK.format(at) : `${DAY.format(at)} ${CLOCK.format(at)}`;
}
