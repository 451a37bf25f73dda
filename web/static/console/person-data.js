// What a person may ask for: agreement taken back, a copy of all that is held, to be forgotten.
import { h } from "./dom.js";
import { get, post } from "./net.js";
import { entry, flag, sheet, text, typed } from "./sheet.js";

const PURPOSES = [["contact", "联系"], ["share_with_dealer", "转给门店"], ["marketing", "接收活动信息"]];

export async function withdraw(person) {
  const valid = new Set(person.consents.filter((each) => each.in_force).map((each) => each.purpose));
  const done = await sheet("撤回授权", [
    h("p", {}, "客户在别处（电话、门店、来信）说了不同意，就在这里替他撤回，马上在所有地方生效。撤回“联系”或“转给门店”，线索会从顾问手上收回；三项都撤回就是不再联系。"),
    h("fieldset", {}, h("legend", {}, "撤回哪些（都不选就是全部）"),
      PURPOSES.map(([code, label]) => h("p", {}, flag(code, valid.has(code) ? label : `${label}（现在没有授权）`, false)))),
    entry("客户怎么说的", "reason", text("reason", "", { minlength: 2, maxlength: 200, required: true, placeholder: "如：客户来电要求不再转给门店" })),
  ], "撤回", (form) => post(`/customers/${person.id}/consents/withdraw`, {
    purposes: PURPOSES.map(([code]) => code).filter((code) => form.get(code)), reason: form.get("reason").trim(),
  }), { danger: true });
  return done ? "已撤回，马上生效" : "";
}

export async function exportAll(person) {
  const copy = await sheet("导出这位客户的全部资料", [
    h("p", {}, "文件里有完整的手机号和说过的话，只用于答复客户本人的查阅要求。导出会留下记录，用完请删除。"),
    typed(person.id)], "导出", () => get(`/customers/${person.id}/export`));
  if (!copy) return "";
  const file = new Blob([JSON.stringify(copy, null, 2)], { type: "application/json" });
  const link = h("a", { href: URL.createObjectURL(file), download: `customer-${person.id}.json` });
  link.click();
  URL.revokeObjectURL(link.href);
  return "已导出";
}

export async function erase(person) {
  const done = await sheet("清除这位客户的资料", [
    h("p", { class: "bad" }, "姓名、手机号、身份、授权凭证和说过的话全部删除，进行中的线索结束，合并记录也不能再撤销。找不回来。"),
    h("p", {}, "只留下没有姓名的统计数字。"),
    typed(person.id)], "清除资料", () => post(`/customers/${person.id}/erase`), { danger: true });
  return done ? "已清除" : "";
}
