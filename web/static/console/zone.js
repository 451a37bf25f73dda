// Days and times as the business counts them, wherever the browser is.

const timeZone = document.body.dataset.zone || undefined;
const inZone = (format) => new Intl.DateTimeFormat("zh-CN", { timeZone, hourCycle: "h23", ...format });

const TIME = { month: "numeric", day: "numeric", hour: "2-digit", minute: "2-digit" };
const near = inZone(TIME), far = inZone({ year: "numeric", ...TIME });
const clock = inZone({ hour: "2-digit", minute: "2-digit", second: "2-digit" });
const fields = inZone({ year: "numeric", month: "2-digit", day: "2-digit", hour: "2-digit", minute: "2-digit" });

const partsOf = (at) => Object.fromEntries(fields.formatToParts(at).map(({ type, value }) => [type, value]));

export const dayOf = (at) => { const { year, month, day } = partsOf(at); return `${year}-${month}-${day}`; };
// As a field for a date and a time takes it.
export const inputOf = (at) => { const { hour, minute } = partsOf(at); return `${dayOf(at)}T${hour}:${minute}`; };

// The moment of `2026-11-29` or `2026-11-29T08:30`, some days later.
export function momentOf(text, later = 0) {
  const [year, month, day, hour = 0, minute = 0] = text.match(/\d+/g).map(Number);
  const wanted = Date.UTC(year, month - 1, day + later, hour, minute);
  const seen = Date.parse(`${inputOf(new Date(wanted))}Z`);
  return new Date(2 * wanted - seen);
}

// A day as it is written, some days later.
export const dayAfter = (day, later) => new Date(Date.parse(day) + later * 86_400_000).toISOString().slice(0, 10);

export const clockOf = (iso) => clock.format(new Date(iso));

export function moment(iso) {
  if (!iso) return "—";
  const at = new Date(iso), known = dayOf(at).slice(0, 4) === dayOf(new Date()).slice(0, 4);
  return (known ? near : far).format(at);
}
