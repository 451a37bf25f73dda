// A WeCom template card on its current face, with working buttons.

import { h, link, options, safeUrl } from "./dom.js";

export function card(content, onPress) {
  const face = content.card;
  const chosen = {};
  const note = h("p", { class: "card-note", hidden: true });
  const press = presser(content, chosen, note, onPress);
  return h("article", { class: "card" },
    source(face), menu(face, press), titles(face), picture(face), emphasis(face), quote(face),
    facts(face), verticals(face), questions(face, chosen, content.replaced), jumps(face),
    buttons(content, press), note);
}

function presser(content, chosen, note, onPress) {
  return async (key, button) => {
    const all = button.closest(".card").querySelectorAll("button");
    all.forEach((each) => { each.disabled = true; });
    button.classList.add("busy");
    note.hidden = true;
    const problem = await onPress({ task_id: content.task_id, key, selected: chosen });
    all.forEach((each) => { each.disabled = false; });
    button.classList.remove("busy");
    note.hidden = !problem;
    note.textContent = problem || "";
  };
}

function source({ source: from }) {
  if (!from?.desc) return null;
  const icon = safeUrl(from.icon_url);
  return h("div", { class: `card-source tone-${Number(from.desc_color) || 0}` },
    icon ? h("img", { src: icon, alt: "" }) : null, from.desc);
}

function menu({ action_menu: actions }, press) {
  if (!actions) return null;
  const list = h("div", { class: "card-menu" });
  for (const action of actions.action_list) {
    list.append(h("button", { type: "button", onclick: (e) => press(action.key, e.currentTarget) },
      action.text));
  }
  return h("details", { class: "card-more" }, h("summary", { "aria-label": "更多" }, "···"), list);
}

function titles({ main_title: title = {}, sub_title_text: sub, card_action: action }) {
  const head = title.title ? h("h3", {}, title.title) : null;
  return [
    head && safeUrl(action?.url) ? link(head, action.url, "card-link") : head,
    title.desc ? h("p", { class: "card-desc" }, title.desc) : null,
    sub ? h("p", { class: "card-sub" }, sub) : null,
  ];
}

function picture({ card_image: image }) {
  return safeUrl(image?.url) ? h("img", { class: "card-image", src: safeUrl(image.url), alt: "" }) : null;
}

function emphasis({ emphasis_content: big }) {
  if (!big?.title && !big?.desc) return null;
  return h("div", { class: "card-emphasis" }, h("b", {}, big.title || ""), h("span", {}, big.desc || ""));
}

function quote({ quote_area: area }) {
  if (!area) return null;
  return h("blockquote", {}, area.title ? h("b", {}, area.title) : null, area.quote_text || "");
}

function facts({ horizontal_content_list: rows = [] }) {
  if (!rows.length) return null;
  return h("dl", { class: "card-facts" }, rows.map((row) =>
    h("div", {}, h("dt", {}, row.keyname),
      h("dd", {}, Number(row.type) === 1 ? link(row.value || "查看", row.url) : row.value || ""))));
}

function verticals({ vertical_content_list: rows = [] }) {
  return rows.map((row) => h("p", { class: "card-sub" }, h("b", {}, row.title), " ", row.desc || ""));
}

function jumps({ jump_list: rows = [] }) {
  if (!rows.length) return null;
  return h("div", { class: "card-jumps" }, rows.map((row) => link(row.title, row.url)));
}

function questions(face, chosen, replaced) {
  const all = [...(face.select_list || [])];
  if (face.button_selection) all.push(face.button_selection);
  const boxes = all.map((question) => dropdown(question, chosen, Boolean(replaced)));
  if (face.checkbox) boxes.push(checkboxes(face.checkbox, chosen, Boolean(replaced)));
  return boxes;
}

function dropdown(question, chosen, disabled) {
  const rows = question.option_list.map((option) => [String(option.id), option.text]);
  const first = String(question.selected_id ?? rows[0][0]);
  chosen[question.question_key] = [first];
  const select = h("select", {
    disabled: disabled || question.disable,
    onchange: () => { chosen[question.question_key] = [select.value]; },
  }, options(rows, first));
  return h("label", { class: "card-select" }, h("span", {}, question.title || "请选择"), select);
}

function checkboxes(question, chosen, disabled) {
  const many = Number(question.mode) === 1;
  const name = `q-${question.question_key}-${Math.random()}`;
  const read = (box) => {
    chosen[question.question_key] = [...box.querySelectorAll("input:checked")].map((i) => i.value);
  };
  const box = h("fieldset", { class: "card-vote", disabled, onchange: () => read(box) },
    question.option_list.map((option) => h("label", {},
      h("input", { type: many ? "checkbox" : "radio", name, value: option.id, checked: option.is_checked }),
      option.text)));
  read(box);
  return box;
}

function buttons({ card: face, replaced }, press) {
  const rows = face.submit_button ? [{ ...face.submit_button, style: 1 }] : face.button_list || [];
  if (!rows.length) return null;
  if (replaced) {
    return h("div", { class: "card-buttons" }, h("button", { type: "button", disabled: true }, replaced));
  }
  const many = rows.length > 3 || (rows.length === 3 && rows.some((row) => row.text.length > 4));
  return h("div", { class: `card-buttons${many ? " many" : ""}` }, rows.map((row) =>
    Number(row.type) === 1
      ? link(row.text, row.url, "as-button")
      : h("button", {
        type: "button",
        class: `style-${Number(row.style) || 1}`,
        onclick: (event) => press(row.key, event.currentTarget),
      }, row.text)));
}
