// Times as colleagues say them, in the dealer's time zone whatever the phone is set to.

import { words } from "./words.js";

const DAY = 86400000;
let zone = "Asia/Shanghai";
let skew = 0;

export function setClock(timezone, serverNow) {
  zone = timezone || zone;
  skew = Date.parse(serverNow) - Date.now();
}

export const now = () => new Date(Date.now() + skew);

export function parts(at) {
  const format = new Intl.DateTimeFormat("en-GB", {
    timeZone: zone, hourCycle: "h23", year: "numeric", month: "2-digit", day: "2-digit",
    hour: "2-digit", minute: "2-digit",
  });
  const found = Object.fromEntries(format.formatToParts(at).map((part) => [part.type, Number(part.value)]));
  const { year, month, day, hour, minute } = found;
  return { year, month, day, hour, minute, weekday: new Date(Date.UTC(year, month - 1, day)).getUTCDay() };
}

// The moment of a local day (shifted by some days) at a local time.
export function moment({ year, month, day }, days, hour, minute = 0) {
  const wanted = Date.UTC(year, month - 1, day + days, hour, minute);
  const guess = new Date(wanted);
  const seen = parts(guess);
  const shift = wanted - Date.UTC(seen.year, seen.month - 1, seen.day, seen.hour, seen.minute);
  return new Date(guess.getTime() + shift);
}

export const dayKey = (at) => {
  const p = parts(at);
  return `${p.year}-${two(p.month)}-${two(p.day)}`;
};

export const clockText = (at) => {
  const p = parts(at);
  return `${two(p.hour)}:${two(p.minute)}`;
};

export function dayText(at) {
  const p = parts(at);
  const today = parts(now());
  const away = Math.round((Date.UTC(p.year, p.month - 1, p.day) - Date.UTC(today.year, today.month - 1, today.day)) / DAY);
  const w = words.picks;
  const near = { [-1]: w.yesterday, 0: w.today, 1: w.tomorrow, 2: w.dayAfterTomorrow }[away];
  return near || `${w.date(p.month, p.day)} ${w.weekday(p.weekday)}`;
}

export function dateText(at) {
  const p = parts(at);
  return `${words.picks.date(p.month, p.day)} ${words.picks.weekday(p.weekday)}`;
}

export const momentText = (at) => `${dayText(at)} ${clockText(at)}`;

export function dueText(at) {
  const left = at.getTime() - now().getTime();
  const text = spanText(Math.abs(left));
  return left <= 0 ? words.due.over(text) : words.due.left(text);
}

function spanText(ms) {
  const minutes = Math.floor(ms / 60000);
  if (minutes < 1) return words.due.now;
  if (minutes < 60) return words.due.minutes(minutes);
  if (minutes < 1440) return words.due.hours(Math.floor(minutes / 60), minutes % 60);
  return words.due.days(Math.floor(minutes / 1440), Math.floor((minutes % 1440) / 60));
}

// What is likely to be wanted for the next call.
export function nextPicks() {
  const today = parts(now());
  const w = words.picks;
  const later = moment(today, 0, Math.min(today.hour + 2, 20));
  const saturday = (6 - today.weekday + 7) % 7 || 7;
  const monday = (1 - today.weekday + 7) % 7 || 7;
  return [
    today.hour < 18 && [w.later, later],
    [w.tomorrowMorning, moment(today, 1, 10)],
    [w.tomorrowAfternoon, moment(today, 1, 15)],
    [w.dayAfter, moment(today, 2, 10)],
    saturday > 2 && [w.weekend, moment(today, saturday, 10)],
    monday > 2 && [w.nextMonday, moment(today, monday, 10)],
  ].filter(Boolean);
}

export function dayPicks(count = 8) {
  const today = parts(now());
  return Array.from({ length: count }, (_, days) => {
    const at = moment(today, days, 12);
    const p = parts(at);
    const near = days < 3 ? dayText(at) : `${words.picks.weekday(p.weekday)} ${p.month}/${p.day}`;
    return [near, { year: p.year, month: p.month, day: p.day }];
  });
}

// datetime-local speaks without a zone: read it in ours.
export function fromInput(text) {
  const found = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d)/.exec(text);
  if (!found) return null;
  const [year, month, day, hour, minute] = found.slice(1).map(Number);
  return moment({ year, month, day }, 0, hour, minute);
}

export function toInput(at) {
  return `${dayKey(at)}T${clockText(at)}`;
}

const two = (n) => String(n).padStart(2, "0");
