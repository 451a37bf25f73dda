// A list of chat lines that patches itself: only what changed is drawn anew.

import { h, when } from "./dom.js";

const PAUSE_S = 300;

export class Thread {
  constructor(draw) {
    this.draw = draw;
    this.node = h("div", { class: "thread", role: "log", "aria-live": "polite", tabindex: "0" });
    this.drawn = new Map();
  }

  clear(text) {
    this.drawn.clear();
    this.lastId = null;
    this.node.replaceChildren(h("p", { class: "empty" }, text));
  }

  show(messages, emptyText) {
    if (!messages.length) {
      this.clear(emptyText);
      return;
    }
    const atEnd = this.node.scrollHeight - this.node.scrollTop - this.node.clientHeight < 80;
    const grown = messages.at(-1).id !== this.lastId;
    this.lastId = messages.at(-1).id;
    this.patch(this.rows(messages));
    if (atEnd || grown) this.toEnd();
  }

  toEnd() {
    this.node.scrollTop = this.node.scrollHeight;
  }

  rows(messages) {
    const kept = new Map();
    let before = 0;
    const nodes = messages.flatMap((message) => {
      const pause = message.at - before > PAUSE_S;
      before = message.at;
      const row = this.row(message, pause);
      kept.set(message.id, row);
      return row.nodes;
    });
    this.drawn = kept;
    return nodes;
  }

  row(message, pause) {
    const shape = `${pause}${JSON.stringify(message)}`;
    const known = this.drawn.get(message.id);
    if (known?.shape === shape) return known;
    const time = pause ? [h("time", { class: "time" }, when(message.at))] : [];
    return { shape, nodes: [...time, this.draw(message)] };
  }

  // Nodes that stay are not moved: an open select or menu in a card stays open.
  patch(nodes) {
    const wanted = new Set(nodes);
    nodes.forEach((node, index) => {
      const there = this.node.children[index];
      if (there === node) return;
      if (there && !wanted.has(there)) there.replaceWith(node);
      else this.node.insertBefore(node, there || null);
    });
    while (this.node.children.length > nodes.length) this.node.lastChild.remove();
  }
}
