// The way in with an account of one's own: the password, then a code where one is set up.
import { $ } from "./dom.js";
import { call } from "./net.js";

const to = $("sign-in").dataset.to;
const password = $("password"), code = $("code"), scan = $("wecom")?.closest("section");

function show(form) {
  for (const each of [password, code]) each.hidden = each !== form;
  if (scan) scan.hidden = form === code;
}

function go(next) {
  if (next === "code") {
    show(code);
    code.elements.code.focus();
  } else location.replace(next === "password" ? "/console/account" : to);
}

function again() {
  show(password);
  for (const form of [password, code]) form.querySelector(".bad").textContent = "";
  code.reset();
  password.elements.password.value = "";
  password.elements.password.focus();
}

function submits(form, path, field) {
  const button = form.querySelector("button"), wrong = form.querySelector(".bad");
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    button.disabled = true;
    wrong.textContent = "";
    try {
      go((await call("POST", path, Object.fromEntries(new FormData(form)), { stays: true })).next);
    } catch (error) {
      if (error.code === "start_again") again();
      const place = error.code === "start_again" ? password.querySelector(".bad") : wrong;
      place.textContent = error.message;
      if (error.status === 401) form.elements[field].select();
    } finally {
      button.disabled = false;
    }
  });
}

submits(password, "/sign-in", "password");
submits(code, "/sign-in/code", "code");
$("back").addEventListener("click", again);
