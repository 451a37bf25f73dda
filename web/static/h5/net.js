// Calls of the JSON API. A lost session signs in again by itself, at most once in ten seconds.

import { words } from "./words.js";

const AGAIN = "leadloop-signed-in-again";
const PATIENCE_MS = 10000;

export class Refusal extends Error {
  constructor(problem) {
    const say = words.refused[problem.code];
    super(say ? say(problem.facts || {}) : words.refusedOther);
    this.code = problem.code;
    this.status = problem.status;
    this.errors = problem.errors || [];
  }
}

export class Unreachable extends Error {
  constructor() {
    super(words.failedHint);
    this.code = "unreachable";
  }
}

export const get = (path) => call("GET", path);
export const post = (path, body) => call("POST", path, body);

async function call(method, path, body) {
  const headers = { "X-Leadloop-Page": "1" };
  if (body !== undefined) headers["Content-Type"] = "application/json";
  let answer;
  try {
    answer = await fetch(`/api/v1/${path}`, {
      method,
      headers,
      body: body === undefined ? undefined : JSON.stringify(body),
      signal: AbortSignal.timeout(PATIENCE_MS),
    });
  } catch {
    throw new Unreachable();
  }
  if (answer.status === 401) return signInAgain();
  if (answer.status === 204) return null;
  let content;
  try {
    content = await answer.json();
  } catch {
    throw answer.ok ? new Unreachable() : new Refusal({ code: "unexpected", status: answer.status });
  }
  if (!answer.ok) throw new Refusal(content);
  return content;
}

export function signInAgain() {
  const last = Number(sessionStorage.getItem(AGAIN) || 0);
  if (Date.now() - last < PATIENCE_MS) throw new Refusal({ code: "too_often", status: 401 });
  sessionStorage.setItem(AGAIN, String(Date.now()));
  location.reload();
  return new Promise(() => {}); // the page is going away
}
