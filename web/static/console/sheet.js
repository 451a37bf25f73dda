// A form over the page that stays until it is right: faults are shown at their fields.
import { begin } from "./dialogs.js";
import { h } from "./dom.js";

const FAULTS = [
  [/Field required|is missing/, "要填写"],
  [/must be a whole number|valid integer/, "要填整数"],
  [/must be a number|valid number/, "要填数字"],
  [/above (\S+) and at most (\S+)/, "要大于 $1，且不超过 $2"],
  [/at least (\S+) and at most (\S+)/, "要在 $1 到 $2 之间"],
  [/must be (\d+) to (\d+) characters/, "要有 $1 到 $2 个字"],
  [/must be (\d+) to (\d+) keywords/, "要有 $1 到 $2 个关键词"],
  [/must be (\d+) to (\d+)$/, "要在 $1 到 $2 之间"],
  [/greater than or equal to (\S+)/, "不能小于 $1"],
  [/less than or equal to (\S+)/, "不能大于 $1"],
  [/at least (\d+) characters?/, "至少 $1 个字"],
  [/at most (\d+) characters?/, "最多 $1 个字"],
  [/must not come before/, "不能早于前一档"],
  [/must be after earliest/, "要晚于最早时间"],
  [/smaller than that of (\w+)/, "要小于 $1 级的天数"],
  [/two levels have the same/, "两个级别的天数不能相同"],
  [/exactly one level must have window_days null/, "只能有一个级别不限天数"],
  [/must be a time like/, "要填时间，如 09:00"],
  [/times like 09:00/, "要填时间，如 09:00，最晚 24:00"],
  [/must end after it starts/, "结束要晚于开始"],
  [/must not end before it begins/, "结束不能早于开始"],
  [/overlaps another span/, "和另一段时间重叠"],
  [/question (\d+) has it too/, "第 $1 条已经有这个关键词"],
  [/is not a known key/, "没有这一项"],
  [/^no (dealer|region) (.*)/, "没有代码 $2"],
  [/works at a dealer/, "这个角色要选门店"],
  [/works in WeCom/, "不在企业微信里的人不能是这个角色"],
  [/works for a region/, "这个角色要选大区"],
  [/no such model/, "车型库里没有"],
  [/say why you look/, "请写明查找原因"],
  [/is a key named/, "已经有同名的密钥"],
  [/is not your password/, "密码不对"],
  [/too easy to guess/, "太容易被猜到"],
  [/must not contain the account/, "不能含有账号"],
  [/the two differ/, "两次输的不一样"],
  [/must be another one/, "要和现在的不同"],
  [/wrong or was used before/, "不对，或已经用过"],
  [/has an account already/, "已经有本地账号"],
  [/has no role at the console/, "这个人的角色不能进控制台"],
  [/match pattern/, "格式不对"],
];

export function faultText(msg) {
  for (const [pattern, text] of FAULTS) {
    const found = pattern.exec(msg);
    if (found) return text.replace(/\$(\d)/g, (_, number) => found[number]);
  }
  return "填写有误";
}

function placeOf(form, loc) {
  for (let parts = loc.split("."); parts.length; parts = parts.slice(0, -1)) {
    const found = form.querySelector(`[data-loc="${CSS.escape(parts.join("."))}"]`);
    if (found) return found;
  }
  return null;
}

// Shows each fault at the field it names; returns those no field is there for.
export function mark(form, faults) {
  clear(form);
  const lost = [];
  for (const { loc, msg } of faults) {
    const place = placeOf(form, loc);
    if (!place) {
      lost.push(`${loc}：${faultText(msg)}`);
      continue;
    }
    place.classList.add("wrong");
    place.append(h("small", { class: "fault", role: "alert" }, faultText(msg)));
  }
  form.querySelector(".wrong")?.scrollIntoView({ block: "nearest" });
  return lost;
}

export function clear(form) {
  for (const each of form.querySelectorAll("small.fault")) each.remove();
  for (const each of form.querySelectorAll(".wrong")) each.classList.remove("wrong");
}

// `send` is given the form's data and does the work; what it answers is the answer, null: given up.
export function sheet(title, content, yes, send, { danger = false, narrow = false } = {}) {
  const wrong = h("p", { class: "bad", role: "alert" });
  const go = h("button", { type: "submit", class: danger ? "danger" : "primary" }, yes);
  const stop = h("button", { type: "button", class: "quiet" }, "取消");
  const form = h("form", {}, h("h2", {}, title), h("div", { class: "fields" }, content), wrong,
    h("menu", {}, stop, go));
  const dialog = h("dialog", { class: narrow ? "" : "wide" }, form);
  document.body.append(dialog);
  dialog.showModal();
  begin(dialog);
  return new Promise((done) => {
    let answer = null;
    stop.addEventListener("click", () => dialog.close());
    dialog.addEventListener("close", () => { dialog.remove(); done(answer); }, { once: true });
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      go.disabled = true;
      wrong.textContent = "";
      clear(form);
      try {
        answer = await send(new FormData(form)) ?? true;
        dialog.close();
      } catch (error) {
        if (!error.status && error.status !== 0) throw error;
        const lost = mark(form, error.errors ?? []);
        wrong.textContent = lost.length ? lost.join("；") : error.errors?.length ? "" : error.message;
      } finally {
        go.disabled = false;
      }
    });
  });
}

// A line to be typed before something that cannot be taken back.
export const typed = (word) => h("label", { class: "field" }, `请输入“${word}”确认`,
  h("input", { name: "typed", autocomplete: "off", required: true, pattern: word.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"), title: `请输入 ${word}` }));

export const entry = (label, loc, input, hint) => h("div", { class: "field", "data-loc": loc },
  h("label", {}, h("span", {}, label), input), hint ? h("small", {}, hint) : null);

export const text = (name, value = "", more = {}) =>
  h("input", { name, value: value ?? "", autocomplete: "off", ...more });

export const choice = (name, options, value, more = {}) => {
  const select = h("select", { name, ...more }, options.map(([key, label]) => h("option", { value: key }, label)));
  select.value = value ?? "";
  return select;
};

export const flag = (name, label, on) => h("label", { class: "choice" },
  h("input", { type: "checkbox", name, checked: Boolean(on) }), label);
