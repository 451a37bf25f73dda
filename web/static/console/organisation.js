// The organisation: staff, dealers, regions, models; the address says which.
import { models, regions } from "./catalogue.js";
import { dealers } from "./dealers.js";
import { $, failed, h, loading, show } from "./dom.js";
import { staff } from "./staff.js";

const TABS = { staff, dealers, regions, models };

async function open() {
  const name = location.hash.slice(1) in TABS ? location.hash.slice(1) : "staff";
  for (const link of document.querySelectorAll(".sub a")) {
    if (link.hash === `#${name}`) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
  show($("panes"), loading());
  show($("add"));
  try {
    const { element, add } = await TABS[name]();
    show($("panes"), ...element);
    if (add) show($("add"), h("button", { type: "button", class: "primary", onclick: add[1] }, add[0]));
  } catch (error) {
    show($("panes"), failed(error, open));
  }
}

addEventListener("hashchange", open);
open();
