// One's own password, second factor, and where one is signed in.
import { ask, say, tell } from "./dialogs.js";
import { $, empty, failed, h, show } from "./dom.js";
import { call, get, post } from "./net.js";
import { sessionTable } from "./session-rows.js";
import { entry, sheet, text } from "./sheet.js";
import { moment } from "./zone.js";

const secret = (name, how) => text(name, "", { type: "password", required: true, maxlength: 256, autocomplete: how });
const proof = () => entry("现在的密码", "password", secret("password", "current-password"));
const mismatch = (loc) => Object.assign(new Error(""), { status: 422, errors: [{ loc, msg: "the two differ" }] });

async function changePassword(first) {
  const done = await sheet("修改密码", [
    entry(first ? "现在的（临时）密码" : "现在的密码", "current", secret("current", "current-password")),
    entry("新密码", "new", secret("new", "new-password"), "至少 10 个字符，不能含有账号，也不要太常见"),
    entry("再输一遍", "again", secret("again", "new-password"))], "修改", (form) => {
    if (form.get("new") !== form.get("again")) throw mismatch("again");
    return post("/me/password", { current: form.get("current"), new: form.get("new") });
  });
  if (!done) return;
  if (first) location.replace("/console/");
  else {
    say("密码已修改，其他设备都已下线");
    load();
  }
}

async function setUp() {
  const setup = await sheet("启用动态口令", [h("p", {}, "手机上先装好动态口令应用（腾讯身份验证器、Microsoft Authenticator 等）。"), proof()],
    "下一步", (form) => post("/me/totp", { password: form.get("password") }), { narrow: true });
  if (!setup) return;
  const made = await sheet("用应用扫码", [
    h("div", { class: "setup" }, h("img", { src: setup.picture, alt: "动态口令二维码" }),
      h("p", {}, "扫不了时手工输入：", h("br"), h("code", {}, setup.secret.replace(/(.{4})/g, "$1 ").trim()))),
    entry("应用上显示的 6 位数字", "code", text("code", "", { required: true, inputmode: "numeric", pattern: "[0-9]{6}", maxlength: 6, autocomplete: "one-time-code", title: "6 位数字" }))],
  "启用", (form) => post("/me/totp/confirm", { code: form.get("code") }), { narrow: true });
  if (!made) return;
  await load();
  await tell("请保存恢复码", h("p", {}, "手机丢了时，一个恢复码可以代替一次动态口令。现在抄下来或打印，关掉后再也看不到。"),
    h("ul", { class: "recovery" }, made.codes.map((code) => h("li", {}, code))));
}

async function remove() {
  const done = await sheet("停用动态口令", [h("p", {}, "停用后只凭密码就能登录。"), proof()], "停用",
    (form) => post("/me/totp/remove", { password: form.get("password") }), { danger: true, narrow: true });
  if (done) {
    say("已停用");
    load();
  }
}

const button = (label, onclick, kind = "") => h("div", { class: "buttons" }, h("button", { type: "button", class: kind, onclick }, label));

function panels(mine) {
  if (mine.must_change) {
    return [h("section", { class: "panel first" }, h("h2", {}, "先设一个自己的密码"),
      h("p", {}, "现在的密码是别人给您的，改好后才能进入控制台。"), button("设置密码", () => changePassword(true), "primary"))];
  }
  if (!mine.has_password) {
    return [h("section", { class: "panel" }, h("h2", {}, "登录方式"), h("p", {}, `${mine.name}（${mine.userid}）用企业微信登录，没有本地密码。`))];
  }
  return [
    h("section", { class: "panel" }, h("h2", {}, "密码"),
      h("p", {}, `账号 ${mine.userid}，密码设于 ${moment(mine.password_at)}。`), button("修改密码", () => changePassword(false))),
    h("section", { class: "panel" }, h("h2", {}, "动态口令"),
      mine.totp_at ? h("p", {}, h("b", { class: "good" }, "已启用"), `，${moment(mine.totp_at)} 起登录要输动态口令。恢复码还剩 ${mine.recovery_left} 个。`)
        : h("p", {}, "没有启用。启用后，别人知道密码也登不进来。"),
      h("div", { class: "buttons" }, h("button", { type: "button", class: mine.totp_at ? "" : "primary", onclick: setUp }, mine.totp_at ? "换手机或换恢复码" : "启用"),
        mine.totp_at ? h("button", { type: "button", class: "danger quiet", onclick: remove }, "停用") : null))];
}

async function end(session) {
  if (!await ask("下线这台设备？", "那边正在看的页面会马上退出。", "下线", true)) return;
  try {
    await call("DELETE", `/me/sessions/${session.id}`);
    say("已下线");
  } catch (error) {
    say(error.message, "bad");
  }
  loadSessions();
}

async function loadSessions() {
  const place = $("sessions");
  try {
    const found = await get("/me/sessions");
    $("others").hidden = found.length < 2;
    show(place, found.length ? sessionTable(found, end) : empty("没有。"));
  } catch (error) {
    show(place, failed(error, loadSessions));
  }
}

async function load() {
  loadSessions();
  try {
    show($("account"), panels(await get("/me/account")));
  } catch (error) {
    show($("account"), failed(error, load));
  }
}

$("others").addEventListener("click", async () => {
  if (!await ask("其他设备全部下线？", "只留下这里，其他地方都要重新登录。", "全部下线", true)) return;
  try {
    say(`已下线 ${(await post("/me/sessions/end-others")).ended} 处`);
  } catch (error) {
    say(error.message, "bad");
  }
  loadSessions();
});
$("out").addEventListener("click", async () => {
  try {
    await post("/me/sign-out");
  } catch { /* gone already */ }
  location.replace("/console/sign-in");
});
load();
