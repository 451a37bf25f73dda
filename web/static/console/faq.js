// The frequent questions: edited all together, tried out, saved as a version.
import { say } from "./dialogs.js";
import { $, count, empty, failed, further, h, may, show } from "./dom.js";
import { call, get, post } from "./net.js";
import { clear, entry, mark, sheet, text } from "./sheet.js";
import { moment } from "./zone.js";

const LONGEST = 600;
let kept = null, drawn = "", cards = [], cursor = null;
const writes = () => may("org:write") && may("all");
const words = (value) => value.split(/[、,，\n]+/).map((each) => each.trim()).filter(Boolean);

function card(question) {
  const locked = !writes();
  const keywords = h("textarea", { rows: 1, disabled: locked, "aria-label": "关键词" }, question.keywords.join("、"));
  const unless = h("input", { value: question.unless.join("、"), disabled: locked, autocomplete: "off" });
  const answer = h("textarea", { rows: 3, disabled: locked, maxlength: LONGEST }, question.answer);
  const person = h("input", { type: "checkbox", checked: question.instead_of_person, disabled: locked });
  const left = h("small", { class: "dim" });
  const size = () => { left.textContent = `${answer.value.length} / ${LONGEST} 字`; };
  size();
  const element = h("article", { class: "panel question" },
    entry("关键词（用顿号隔开）", "", keywords), entry("除非含有", "", unless), entry("回答", "", answer),
    h("div", { class: "foot" }, left, h("label", { class: "choice" }, person, "客户像是要找真人时也这样答"),
      locked ? null : h("button", { type: "button", class: "danger quiet small", onclick: () => remove(each) }, "删除")));
  const [places] = [element.querySelectorAll(".field")];
  const each = {
    element, name: (index) => ["keywords", "unless", "answer"].forEach((name, i) => { places[i].dataset.loc = `questions.${index}.${name}`; }),
    read: () => ({ keywords: words(keywords.value), unless: words(unless.value), answer: answer.value.trim(), instead_of_person: person.checked }),
    holds: (part) => `${keywords.value}${answer.value}`.includes(part),
  };
  element.addEventListener("input", () => { size(); bar(); });
  return each;
}

const now = () => cards.map((each) => each.read());
const differs = () => kept && JSON.stringify(now()) !== drawn;

function bar() {
  const place = $("save");
  place.hidden = !differs();
  show(place, h("b", {}, `有没保存的改动 · 共 ${count(cards.length)} 条`),
    h("button", { type: "button", class: "quiet", onclick: draw }, "放弃改动"),
    h("button", { type: "button", class: "primary", onclick: save }, "保存"));
}

function draw() {
  cards = kept.questions.map(card);
  drawn = JSON.stringify(now());
  list();
}

function list() {
  cards.forEach((each, index) => each.name(index));
  show($("questions"), cards.length ? cards.map((each) => each.element) : empty("还没有常见问题，机器人会直接请人来答。"));
  find();
  bar();
}

function remove(gone) {
  cards = cards.filter((each) => each !== gone);
  list();
}

function add() {
  $("find").value = "";
  cards.unshift(card({ keywords: [], unless: [], answer: "", instead_of_person: false }));
  list();
  cards[0].element.querySelector("textarea").focus();
}

function find() {
  const part = $("find").value.trim();
  for (const each of cards) each.element.hidden = Boolean(part) && !each.holds(part);
}

async function save() {
  $("find").value = "";
  find();
  clear($("questions"));
  const done = await sheet("保存常见问题", [
    h("p", {}, `共 ${count(cards.length)} 条，保存后机器人马上照着答。`),
    entry("说明", "note", text("note", "", { maxlength: 200, placeholder: "为什么改（可不填）" }))], "保存", async (form) => {
    try {
      return await call("PUT", "/faq", { questions: now(), version: kept.version, note: form.get("note").trim() });
    } catch (error) {
      if (!error.errors?.length) throw error;
      return { faults: error.errors };
    }
  }, { narrow: true });
  if (done?.faults) {
    mark($("questions"), done.faults);
    say(`${count(done.faults.length)} 处要改，已标在框下`, "bad");
  } else if (done) {
    say("已保存，机器人马上照着答");
    await load();
  }
}

function version(each) {
  return h("li", {}, h("time", {}, moment(each.at)), h("b", {}, `第 ${each.version} 版`),
    h("span", {}, each.by_name, each.version === kept.version ? h("i", { class: "tag good" }, "现在用的") : null),
    h("p", {}, each.questions === null ? "出厂的问题" : `${count(each.questions)} 条`, each.note ? ` · ${each.note}` : ""),
    writes() && each.version !== kept.version ? h("div", { class: "buttons" },
      h("button", { type: "button", class: "small", onclick: () => restore(each.version, `第 ${each.version} 版`) }, "恢复到这一版")) : null);
}

async function restore(number, name) {
  const done = await sheet(`恢复到${name}`, [h("p", {}, `现在的问题全部换成${name}，记为新的一版。`)], "恢复",
    () => post(`/faq/versions/${number}/restore`, { version: kept.version, note: `恢复到${name}` }), { narrow: true });
  if (done) {
    say(`已恢复到${name}`);
    await load();
  }
}

async function versions() {
  const place = $("versions");
  try {
    const page = await get(`/faq/versions?limit=20${cursor ? `&cursor=${cursor}` : ""}`);
    if (!cursor) place.replaceChildren();
    cursor = page.next_cursor;
    place.querySelector(".more")?.remove();
    if (!page.items.length) show(place, empty("还没有改过，用的是出厂的问题。"));
    else place.append(h("ol", { class: "history versions" }, page.items.map(version)));
    if (cursor) place.append(further("更早的版本", versions));
    else if (page.items.length && writes() && !kept.delivered) {
      place.append(h("button", { type: "button", class: "more quiet", onclick: () => restore(0, "出厂的问题") }, "恢复出厂的问题"));
    }
  } catch (error) {
    if (cursor) throw error;
    show(place, failed(error, versions));
  }
}

async function load() {
  try {
    kept = await get("/faq");
    cursor = null;
    $("mode").textContent = `${count(kept.questions.length)} 条 · ${kept.delivered ? "出厂的问题" : `第 ${kept.version} 版`}${writes() ? "" : " · 您可以查看，不能修改"}`;
    if (writes()) show($("add"), h("button", { type: "button", class: "primary", onclick: add }, "新增一条"));
    draw();
    await versions();
  } catch (error) {
    show($("questions"), failed(error, load));
  }
}

$("find").addEventListener("input", find);
$("try").addEventListener("submit", async (event) => {
  event.preventDefault();
  const asked = new FormData(event.target).get("text").trim();
  if (!asked) return;
  try {
    const { answer } = await post("/faq/try", { text: asked, questions: now() });
    show($("answer"), answer ? h("span", {}, answer) : h("span", { class: "dim" }, "没有合适的回答，机器人会按别的意思理解，或请人来答。"));
  } catch (error) {
    say(error.message, "bad");
  }
});
addEventListener("beforeunload", (event) => { if (differs()) event.preventDefault(); });
load();
