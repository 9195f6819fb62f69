// The platform's clock: it can be moved, and the community's own programs follow it.

import { control } from "/phone/api.js";
import { full, learnOffset, now, untilTomorrowNine } from "/phone/clock.js";
import { el } from "/phone/dom.js";

const HOUR = 3600;
const DAY = 24 * HOUR;

function spanWords(seconds) {
  if (Math.abs(seconds) < 1) return "和真实时间一样";
  const [days, hours, minutes] = [
    Math.floor(Math.abs(seconds) / DAY),
    Math.floor((Math.abs(seconds) % DAY) / HOUR),
    Math.round((Math.abs(seconds) % HOUR) / 60),
  ];
  const parts = [days && `${days} 天`, hours && `${hours} 小时`, minutes && `${minutes} 分钟`]
    .filter(Boolean)
    .join(" ");
  return `比真实时间${seconds > 0 ? "快" : "慢"} ${parts || `${Math.round(Math.abs(seconds))} 秒`}`;
}

/** Draws the card; gives back what brings it up to date. */
export function startClock(card, attempt) {
  const time = el("p", { class: "now", test: "clock-now" });
  const offset = el("p", { class: "fine", test: "clock-offset" });
  const shift = (seconds) => attempt(() => control.shiftClock(seconds));
  const button = (test, label, press) =>
    el("button", { type: "button", class: "quiet", test, onclick: press }, label);
  card.append(
    el("h2", {}, "时钟"),
    time,
    offset,
    el(
      "div",
      { class: "buttons" },
      button("clock-hour", "快 1 小时", () => shift(HOUR)),
      button("clock-day", "快 1 天", () => shift(DAY)),
      button("clock-tomorrow", "到明早 9 点", () => shift(Math.round(untilTomorrowNine(now())))),
      button("clock-reset", "恢复真实时间", () => attempt(() => control.setClock(0))),
    ),
  );
  setInterval(() => {
    time.textContent = full(now());
  }, 1000);
  return async () => {
    offset.textContent = spanWords(await learnOffset());
    time.textContent = full(now());
  };
}
