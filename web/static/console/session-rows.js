// Where somebody is signed in: by which way, from where, on what.
import { h } from "./dom.js";
import { moment } from "./zone.js";

export const WAYS = { wecom: "企业微信", qr: "企业微信扫码", password: "密码" };

// Enough to recognise one's own machine; the whole text is in the title.
export function browser(agent) {
  const known = [[/wxwork/i, "企业微信"], [/MicroMessenger/i, "微信"], [/Edg\//, "Edge"], [/Firefox\//, "Firefox"],
    [/Chrome\//, "Chrome"], [/Safari\//, "Safari"]].find(([pattern]) => pattern.test(agent));
  const system = [[/Windows/, "Windows"], [/iPhone|iPad/, "iOS"], [/Mac OS/, "macOS"], [/Android/, "Android"],
    [/Linux/, "Linux"]].find(([pattern]) => pattern.test(agent));
  return known ? [known[1], system?.[1]].filter(Boolean).join(" · ") : agent.slice(0, 40);
}

// On a phone there are no column titles.
export const dated = (title, iso) => h("td", {}, h("i", { class: "on-phone" }, `${title} `), moment(iso));

export function sessionTable(sessions, end, named = false) {
  const titles = [...(named ? ["谁"] : []), "在哪里", "方式", "登录", "最近使用", ""];
  return h("div", { class: "scroll" }, h("table", { class: "leads sessions" },
    h("thead", {}, h("tr", {}, titles.map((title) => h("th", { scope: "col" }, title)))),
    h("tbody", {}, sessions.map((each) => h("tr", {},
      named ? h("td", {}, each.name, h("small", {}, each.userid)) : null,
      h("td", { class: "words" }, browser(each.agent) || "未知设备", h("small", { title: each.agent }, each.address || "—")),
      h("td", {}, WAYS[each.way] ?? each.way), dated("登录", each.started_at), dated("最近", each.seen_at),
      h("td", {}, each.current ? h("b", { class: "good" }, "本机")
        : h("button", { type: "button", class: "danger quiet", onclick: () => end(each) }, "下线")))))));
}
