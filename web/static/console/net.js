// The JSON API with the session of whoever is signed in; refusals in words.

const WORDS = {
  count_changed: "数量刚刚有变化，请看一眼最新的数字再操作。",
  not_found: "没有找到，可能已经处理过了。",
  missing_scope: "您的角色只能查看。",
  not_allowed: "您的角色不能查看这里。",
  invalid_input: "填写的内容有误，请检查。",
  version_changed: "别人刚刚改过，请刷新后在最新的内容上再改。",
  cannot_merge: "这两位客户不能合并：可能已经合并过，或资料已清除。",
  cannot_unmerge: "这次合并不能撤销：可能已撤销过，或资料已清除；有更新的合并时，请先撤销那一次。",
  too_many: "一次选得太多，请缩小范围。",
  storage_down: "数据库暂时没有回应，请稍后再试。",
  sessions_away: "登录服务暂时没有回应，请稍后再试。",
  wrong_password: "账号或密码不对。",
  wrong_code: "口令不对，或已经用过。等下一个再试。",
  start_again: "时间过了，请重新输入密码。",
  busy: "登录的人太多，请稍后再试。",
  not_configured: "登录还没有配置好，请联系运维。",
  foreign_page: "这个页面的地址和系统设置的不一致，请用正式地址打开。",
};

export class Refusal extends Error {
  constructor(status, code, errors = [], wait_s = 0, facts = {}) {
    super(code === "too_often" ? `试得太多了，请 ${Math.ceil(wait_s / 60)} 分钟后再试。` : WORDS[code] ?? (status === 0 ? "网络不通，请检查后再试。" : "操作没有成功，请稍后再试。"));
    this.status = status;
    this.code = code;
    this.errors = errors; // of the input: [{ loc, msg }]
    this.facts = facts; // what it rests on; `text` where there are words for it
  }
}

// `stays`: a 401 is an answer to what was sent, not the end of the session.
export async function call(method, path, body, { stays = false } = {}) {
  const headers = { "X-Leadloop-Page": "console" };
  if (body !== undefined) headers["Content-Type"] = "application/json";
  let answer;
  try {
    answer = await fetch(`/api/v1${path}`, {
      method, headers, body: body === undefined ? undefined : JSON.stringify(body),
    });
  } catch {
    throw new Refusal(0, "network");
  }
  if (answer.status === 401 && !stays) {
    location.reload(); // signs in again, and comes back to this page
    return new Promise(() => {});
  }
  if (answer.status === 204) return null;
  const told = await answer.json().catch(() => ({}));
  if (!answer.ok) throw new Refusal(answer.status, told.code, told.errors, Number(answer.headers.get("Retry-After")), told.facts);
  return told;
}

// Saves what a GET answers as a file, under the name the answer gives it.
export async function download(path) {
  const answer = await fetch(`/api/v1${path}`, { headers: { "X-Leadloop-Page": "console" } })
    .catch(() => { throw new Refusal(0, "network"); });
  if (!answer.ok) throw new Refusal(answer.status, (await answer.json().catch(() => ({}))).code);
  const name = /filename="([^"]+)"/.exec(answer.headers.get("Content-Disposition") ?? "")?.[1] ?? "leadloop";
  const link = document.createElement("a");
  link.href = URL.createObjectURL(await answer.blob());
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}

export const get = (path) => call("GET", path);
export const post = (path, body) => call("POST", path, body ?? {});
