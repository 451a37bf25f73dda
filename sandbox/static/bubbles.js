// One chat line of either phone as an element.

import { card } from "./cards.js";
import { h, link, safeUrl } from "./dom.js";

const ANCHOR = /<a\s+href="([^"]*)"[^>]*>([^<]*)<\/a>|(https?:\/\/[^\s<>"，。；！]+)/g;

// Text with links. `onMenu` is what a weixin://bizmsgmenu link does.
export function richText(text, onMenu) {
  const parts = [];
  let from = 0;
  for (const found of text.matchAll(ANCHOR)) {
    parts.push(text.slice(from, found.index));
    parts.push(anchor(found, onMenu));
    from = found.index + found[0].length;
  }
  parts.push(text.slice(from));
  return h("span", { class: "words" }, parts);
}

function anchor([, href, words, bare], onMenu) {
  if (bare) return link(bare, bare);
  const decoded = href.replaceAll("&amp;", "&");
  if (!decoded.startsWith("weixin://bizmsgmenu")) return link(words, decoded);
  const query = new URLSearchParams(decoded.split("?")[1] || "");
  const content = query.get("msgmenucontent") || words;
  const id = query.get("msgmenuid") || "";
  return h("button", { class: "inline", type: "button", onclick: () => onMenu?.(content, id) }, words);
}

const SHOW = {
  text: (content, act) => richText(content.content || "", act.onMenu),
  markdown: (content) => richText(content.content || ""),
  menu: (content) => h("span", { class: "words" }, content.text),
  voice: (content) => voice(content),
  image: (content) => image(content.url),
  location: (content) => place(content),
  link: (content) => link(content.title || content.url, content.url),
  news: (content) => (content.articles || []).map(article),
  textcard: (content) => article({ ...content, url: content.url }),
  template: (content) => template(content),
  msgmenu: (content, act) => messageMenu(content, act),
  template_card: (content, act) => card(content, act.onPress),
};

export function bubble(message, mine, act = {}) {
  if (message.sender === "notice") return h("div", { class: "notice" }, message.content.text);
  if (message.recalled) return h("div", { class: "notice" }, "一条消息已被撤回");
  const show = SHOW[message.kind] || (() => h("span", { class: "words faint" }, `［${message.kind}］`));
  const wide = ["news", "textcard", "template", "template_card", "location"].includes(message.kind);
  const bare = ["image", "location"].includes(message.kind) ? " bare" : "";
  const side = `${mine ? "mine" : "theirs"}${bare}`;
  return h(
    "div",
    { class: `row ${side}${wide ? " wide" : ""}${message.dropped ? " dropped" : ""}` },
    h("span", { class: "face", "aria-hidden": "true" }, act.face?.(mine) || ""),
    h("div", { class: "bubble" }, show(message.content, act), remark(message)),
  );
}

function remark(message) {
  if (message.dropped) return h("small", { class: "remark" }, "超过每分钟 30 条，被平台静默丢弃");
  if (message.truncated) return h("small", { class: "remark" }, "超过 2048 字节，已被平台截断");
  if (message.channel === "custom") return h("small", { class: "remark" }, "客服消息");
  return null;
}

function voice(content) {
  const heard = content.recognition
    ? h("small", { class: "remark" }, `识别：${content.recognition}`)
    : h("small", { class: "remark" }, "未识别出文字");
  return h("span", { class: "voice" }, h("i", { class: "wave", "aria-hidden": "true" }), "语音", heard);
}

function image(url) {
  const src = safeUrl(url);
  return src ? h("img", { src, alt: "图片", class: "picture", loading: "lazy" }) : h("span", {}, "［图片］");
}

function place({ label, lat, lng }) {
  return h("span", { class: "place" },
    h("b", {}, label || "位置"),
    h("small", {}, `${Number(lat).toFixed(4)}, ${Number(lng).toFixed(4)}`),
    h("i", { class: "map", "aria-hidden": "true" }));
}

function article({ title, description, url, picurl }) {
  const picture = safeUrl(picurl) ? h("img", { src: safeUrl(picurl), alt: "" }) : null;
  const body = [picture, h("b", {}, title), h("span", { class: "faint" }, description || "")];
  const href = safeUrl(url);
  return href
    ? h("a", { class: "article", href, target: "_blank", rel: "noopener" }, body)
    : h("span", { class: "article" }, body);
}

function template({ data, url, template_id: id }) {
  const rows = Object.entries(data || {}).map(([name, cell]) =>
    h("div", {}, h("dt", {}, name), h("dd", {}, String(cell?.value ?? ""))));
  return h("span", { class: "template" },
    h("b", {}, "服务通知"),
    h("small", { class: "faint" }, id),
    h("dl", {}, rows),
    safeUrl(url) ? link("查看详情 ›", url, "more") : null);
}

function messageMenu({ head_content: head, list, tail_content: tail }, act) {
  const rows = (list || []).map((entry) =>
    h("button", { class: "inline", type: "button", onclick: () => act.onMenu?.(entry.content, entry.id) },
      entry.content));
  return h("span", { class: "words menu-list" }, head ? h("span", {}, head) : null, rows,
    tail ? h("span", {}, tail) : null);
}
