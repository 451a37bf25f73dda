// What every entry of the rules is called, how it is measured, and where it stands on the page.

const LEVELS = { H: "H 级", A: "A 级", B: "B 级", C: "C 级", N: "未定级", O: "已订车" };
const SIGNALS = { test_drove: "试驾过", booked_test_drive: "预约试驾", visited: "到过店", quoted: "拿到报价",
  asked_test_drive: "咨询试驾", asked_price: "询价", asked_finance: "咨询贷款", asked_delivery: "咨询提车时间", trade_in: "咨询置换",
  came_again: "再次留资", asked_promotion: "咨询优惠", asked_stock: "咨询现车", replied: "回复消息", answered_touch: "回应营销触达", clicked: "点开链接" };
const REASONS = { price: "价格谈不拢", brand: "选了其他品牌", competitor: "选了竞品", finance: "金融方案不合适", product: "产品不合适",
  service: "对服务不满意", timing: "暂时不买", stock: "没有现车", distance: "离店太远", family: "家里不同意", no_need: "没有购车需求",
  bought_elsewhere: "已在别处买车", refuses_contact: "拒绝联系", wrong_number: "号码错误", invalid: "无效线索", duplicate: "重复线索",
  other: "其他原因" };
const RESISTANCE = [["weak", "暂时不买，转孵化"], ["strong", "明确拒绝，出池"], ["none", "不算客户的意思"]];
const level = (code) => LEVELS[code] ?? `${code} 级`;

export const GROUPS = [
  ["sla", "首次跟进时限", "按门店营业时间计算，下班后进来的从开门算起"],
  ["levels", "意向级别和跟进周期", ""],
  ["contact", "打扰限制", ""],
  ["defeat", "战败", ""],
  ["reasons", "战败原因怎么算", ""],
  ["rest", "休眠和转派", ""],
  ["appointment", "试驾预约", ""],
  ["offers", "当前优惠", "机器人回答“有什么优惠”时说的话，按车型代码，any 是全部车型"],
  ["sea", "公海", ""],
  ["calling", "每日回访", "从战败和休眠的客户里，每天挑最值得回访的"],
  ["dispatch", "派店", "0 表示不看这一项"],
  ["grading", "评分", ""],
  ["points", "每种行为加几分", ""],
  ["sources", "来源加减分", "来源代码对应加减的分数"],
  ["bot", "机器人和消息", ""],
  ["tickets", "投诉和售后工单", ""],
  ["other", "其他", ""],
];

const number = (group, label, unit) => ({ group, label, unit, kind: "number" });
const whole = (group, label, unit) => ({ group, label, unit, kind: "whole" });
const clock = (group, label) => ({ group, label, unit: "", kind: "clock" });
const flag = (group, label) => ({ group, label, unit: "", kind: "flag" });

const KNOWN = {
  "sla.first_response_minutes": number("sla", "首次跟进", "分钟"),
  "sla.remind_at": number("sla", "提醒顾问（时限的几倍）", "倍"),
  "sla.escalate_at": number("sla", "算超时，告知顾问和邀约专员", "倍"),
  "sla.escalate_to_manager_at": number("sla", "告知店总", "倍"),
  "sla.unaccepted_minutes": number("sla", "没接单就收回", "分钟"),
  "sla.untouched_minutes": number("sla", "没跟进就收回", "分钟"),
  "sla.recycles_before_region": whole("sla", "收回几次后交大区", "次"),
  "levels.missed_cycles": whole("levels", "连续几次没跟进降一级", "次"),
  "contact.quiet_hours.start": clock("contact", "晚上几点后不发"),
  "contact.quiet_hours.end": clock("contact", "早上几点前不发"),
  "contact.touches_per_week": whole("contact", "每位客户 7 天最多触达", "次"),
  "defeat.min_attempts": whole("defeat", "至少联系", "次"),
  "defeat.min_days": whole("defeat", "至少分布在", "天"),
  "defeat.needs_approval": flag("defeat", "要店总审批"),
  "defeat.suspicious_at": whole("defeat", "可疑分数达到就标记", "分"),
  "defeat.recall_share": number("defeat", "品牌抽查回访的比例（0～1）", ""),
  "appointment.duration_minutes": number("appointment", "一次试驾", "分钟"),
  "appointment.lead_time_minutes": number("appointment", "至少提前", "分钟"),
  "appointment.capacity": whole("appointment", "每款车同时段", "位"),
  "appointment.earliest": clock("appointment", "最早"),
  "appointment.latest": clock("appointment", "最晚"),
  "sea.claims_per_day": whole("sea", "每人每天最多领取", "条"),
  "sea.cool_down_minutes": number("sea", "原顾问多久内不能领回", "分钟"),
  "calling.calls_per_day": whole("calling", "邀约专员每人每天回访", "位"),
  "calling.not_before_days": number("calling", "战败或休眠多久以后", "天"),
  "calling.not_after_days": number("calling", "多久以后不再回访", "天"),
  "calling.rest_days": number("calling", "同一位客户至少隔", "天"),
  "calling.half_life_days": number("calling", "到店、试驾的分数过多久减半", "天"),
  "calling.least": number("calling", "低于多少分不回访", "分"),
  "dispatch.quota_weight": number("dispatch", "份额的分量", ""),
  "dispatch.quality_weight": number("dispatch", "质量的分量", ""),
  "grading.strong": { group: "grading", label: "强信号（代码，用逗号隔开）", unit: "", kind: "codes" },
  "grading.price_questions_for_lift": whole("grading", "几次询价上调一级", "次"),
  "grading.weekly_decay": number("grading", "每过一周剩下（0～1）", ""),
  "wecom.member_sends_per_minute": whole("bot", "每位员工每分钟最多收", "条"),
  "wecom.member_sends_per_hour": whole("bot", "每位员工每小时最多收", "条"),
  "bot.undo_minutes": number("bot", "跟进可撤销", "分钟"),
  "bot.answer_minutes": number("bot", "人工多久没答换下一位", "分钟"),
  "bot.idle_minutes": number("bot", "对话多久没动静就结束", "分钟"),
  "digests.morning": clock("bot", "早间汇总"),
  "digests.evening": clock("bot", "晚间汇总"),
  "tickets.complaint_minutes": number("tickets", "投诉多久内答复", "分钟"),
  "tickets.rescue_minutes": number("tickets", "救援多久内答复", "分钟"),
  "tickets.maintenance_minutes": number("tickets", "保养维修多久内答复", "分钟"),
  "dormant.needs_approval": flag("rest", "休眠要店总审批"),
  "dormant.reasons": { group: "rest", label: "可选的休眠原因（代码，用逗号隔开）", unit: "", kind: "codes" },
  "transfer.needs_approval": flag("rest", "顾问转派要店总审批"),
  "transfer.reasons": { group: "rest", label: "可选的转派原因（代码，用逗号隔开）", unit: "", kind: "codes" },
  "links.fresh_contact_days": number("contact", "顾问几天内联系过，品牌就不打扰", "天"),
  "contact.touches_per_minute": whole("contact", "营销触达每分钟最多发", "条"),
  "contact.blackout_days": { group: "contact", label: "不发营销的日期（如 2027-02-17，用逗号隔开）", unit: "", kind: "codes" },
  merge_days: number("other", "多少天内再来算同一条线索", "天"),
};

const PATTERNS = [
  [/^levels\.(\w+)\.window_days$/, (code) => number("levels", `${level(code)}：多少天内买`, "天")],
  [/^levels\.(\w+)\.follow_up_days$/, (code) => number("levels", `${level(code)}：每隔几天跟进`, "天")],
  [/^sla\.first_response_minutes_by_level\.(\w+)$/, (code) => ({ ...number("sla", `首次跟进，${level(code)}`, "分钟"), removable: true })],
  [/^defeat\.reasons\.(\w+)$/, (code) => ({ group: "reasons", label: REASONS[code] ?? code, unit: "", kind: "choice", options: RESISTANCE })],
  [/^grading\.points\.(\w+)$/, (code) => number("points", SIGNALS[code] ?? code, "分")],
  [/^grading\.thresholds\.(\w+)$/, (code) => ({ ...number("grading", `没说时间，几分算 ${level(code)}`, "分"), removable: true })],
  [/^grading\.source_quality\.(.+)$/, (code) => ({ ...number("sources", code, "分"), removable: true })],
  [/^offers\.(.+)$/, (code) => ({ group: "offers", label: code === "any" ? "全部车型" : code, unit: "", kind: "text", removable: true })],
];

const KINDS = { number: "number", boolean: "flag", string: "text", object: "json" };

// A path nobody has named yet is shown as it is: rules grow faster than pages.
export function describe(path, value) {
  if (KNOWN[path]) return KNOWN[path];
  for (const [pattern, made] of PATTERNS) {
    const found = pattern.exec(path);
    if (found) return made(found[1]);
  }
  const kind = Array.isArray(value) ? "codes" : KINDS[typeof value] ?? "text";
  return { group: "other", label: path, unit: "", kind };
}

// Tables whose rows brands may add.
export const ADDS = {
  offers: { path: ["offers"], key: "车型代码或 any", value: "", say: "加一条优惠" },
  sources: { path: ["grading", "source_quality"], key: "来源代码", value: 0, say: "加一个来源" },
  sla: { path: ["sla", "first_response_minutes_by_level"], key: "级别代码（如 A）", value: 30, say: "给一个级别单独定时限" },
};

export function told(path, value) {
  if (value === null || value === undefined) return "没有";
  const { unit, kind, options } = describe(path, value);
  if (kind === "flag") return value ? "是" : "否";
  if (kind === "choice") return options.find(([key]) => key === value)?.[1] ?? value;
  if (typeof value === "object") return JSON.stringify(value);
  return unit ? `${value} ${unit}` : String(value);
}

export const nameOf = (path, value) => {
  const { group, label } = describe(path, value);
  const title = GROUPS.find(([key]) => key === group)?.[1];
  return group === "other" ? label : `${title} · ${label}`;
};
