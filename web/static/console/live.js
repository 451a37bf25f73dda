// The wall as it changes. Each event is the whole wall, so a lost connection costs nothing.
import { $ } from "./dom.js";
import { get } from "./net.js";
import { clockOf } from "./zone.js";

const SILENT_S = 12;
const AGAIN_S = 5;

export function watch(tell) {
  let source = null, heardAt = 0, newest = null;

  function state(kind, text) {
    const place = $("live");
    if (!place) return;
    place.dataset.state = kind;
    place.lastElementChild.textContent = text;
  }

  function heard(wall) {
    heardAt = Date.now();
    newest = wall;
    state("on", `实时 · ${clockOf(wall.at)}`);
    tell(wall);
  }

  function open() {
    source?.close();
    source = new EventSource("/api/v1/ops/stream");
    source.addEventListener("wall", (event) => heard(JSON.parse(event.data)));
    source.addEventListener("over", () => location.reload()); // signed out, or of another role now
    source.onerror = () => {
      state("off", newest ? `连接断开，正在重连 · 数据停在 ${clockOf(newest.at)}` : "连接不上，正在重试…");
      if (source.readyState === EventSource.CLOSED) setTimeout(ask, AGAIN_S * 1000);
    };
  }

  async function ask() { // refused: signed out, or too many are watching
    try {
      heard(await get("/ops/wall"));
    } catch { /* said by the state line already */ }
    open();
  }

  setInterval(() => {
    if (heardAt && Date.now() - heardAt > SILENT_S * 1000) {
      heardAt = Date.now();
      state("off", `没有收到新数据，正在重连 · 数据停在 ${clockOf(newest.at)}`);
      open();
    }
  }, 2000);
  open();
}
