// What the record of acts calls the things that were changed and the facts beside an act.
import { nameOf, told } from "./policy-words.js";

const NAMES = {
  name: "名称", code: "代码", userid: "账号", role: "角色", dealer_id: "门店", region_id: "大区", parent_id: "上级大区",
  city: "城市", address: "地址", lat: "纬度", lng: "经度", phone: "电话", hours: "营业时间", models: "在售车型", open: "营业",
  quota: "份额", quality: "质量", on_duty: "在岗", capacity: "上限", shifts: "排班", leave: "请假", active: "在职",
  wecom: "在企业微信", aliases: "别名", guide_price: "指导价", energy: "能源", on_sale: "在售", highlights: "卖点",
  state: "状态", version: "版本", document: "内容", url: "接收地址", types: "事件", dealers: "门店", regions: "大区",
  enabled: "启用", other: "另一位客户", reason: "原因", scopes: "权限", purposes: "授权", customer: "客户",
  restored: "恢复自第几版", to: "转给", leads: "线索", questions: "问题", format: "格式", kpi: "指标", rows: "行数",
  since: "从", delivery: "推送", title: "标题",
};

export const factName = (name) => NAMES[name] ?? name;

const plain = (value) => (value === true ? "是" : value === false ? "否"
  : Array.isArray(value) && value.every((each) => typeof each !== "object") ? value.join("、") || "空"
    : typeof value === "object" ? JSON.stringify(value) : String(value));

export const factText = (value) => (value === null || value === undefined ? "无" : plain(value));

// A changed field: its name and how its value reads. Rules have words of their own.
export function changedField(action, name, value) {
  if (action !== "put_policy") return [factName(name), factText(value)];
  return [nameOf(name, value), value === undefined || value === null ? "继承" : told(name, value)];
}
