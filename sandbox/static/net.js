// Talk to the sandbox's control API; a refusal becomes a Problem with its code.

export class Problem extends Error {
  constructor(code, detail, status) {
    super(detail || code);
    this.code = code;
    this.status = status;
  }
}

async function call(method, path, body) {
  let response;
  try {
    response = await fetch(`/sandbox/${path}`, {
      method,
      headers: body ? { "Content-Type": "application/json" } : {},
      body: body ? JSON.stringify(body) : undefined,
    });
  } catch {
    throw new Problem("sandbox_down", "沙盒没有响应");
  }
  const answer = await response.json().catch(() => ({}));
  if (!response.ok) throw new Problem(answer.error || "failed", answer.detail, response.status);
  return answer;
}

export const get = (path) => call("GET", path);
export const post = (path, body = {}) => call("POST", path, body);
export const segment = encodeURIComponent;

const WORDS = {
  sandbox_down: "沙盒没有响应，请看启动它的终端",
  product_down: "产品没有响应，请确认它已启动",
  not_following: "先关注公众号才能发消息",
  already_following: "已经关注了",
  button_disabled: "这张卡片已经处理过了",
  no_such_card: "这张卡片已不在手机上",
  no_such_button: "卡片上没有这个按钮",
  code_expired: "二维码已过期",
  no_api_key: "沙盒启动时没有 API Key（SANDBOX_API_KEY）",
  too_many_customers: "客户太多了，先清空沙盒",
};

export const explain = (problem) => WORDS[problem.code] || `没有成功：${problem.message}`;
