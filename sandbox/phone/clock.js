// The platform's clock can be moved; times are told the way WeChat tells them, in Xining's time of day.

import { control } from "./api.js";

const ZONE = "Asia/Shanghai";
const WEEKDAYS = ["星期日", "星期一", "星期二", "星期三", "星期四", "星期五", "星期六"];
const DAY = 86_400;
let offset = 0;

export async function learnOffset() {
  const answer = await control.clock().catch(() => null);
  if (answer && Number.isFinite(Number(answer.offset))) offset = Number(answer.offset);
  return offset;
}

export function now() {
  return Date.now() / 1000 + offset;
}

function parts(seconds) {
  // China has had no summer time since 1991: eight hours, always.
  const local = new Date((seconds + 8 * 3600) * 1000);
  return {
    day: Math.floor((seconds + 8 * 3600) / DAY),
    year: local.getUTCFullYear(),
    month: local.getUTCMonth() + 1,
    date: local.getUTCDate(),
    weekday: local.getUTCDay(),
    time: local.toISOString().slice(11, 16),
  };
}

/** "09:30", "昨天 21:02", "星期三 08:00", "7月3日 10:00" or with the year. */
export function spoken(seconds) {
  const then = parts(seconds);
  const today = parts(now());
  const days = today.day - then.day;
  if (days === 0) return then.time;
  if (days === 1) return `昨天 ${then.time}`;
  if (days > 1 && days < 7) return `${WEEKDAYS[then.weekday]} ${then.time}`;
  const year = then.year === today.year ? "" : `${then.year}年`;
  return `${year}${then.month}月${then.date}日 ${then.time}`;
}

/** "2026年8月3日 星期三 09:30:12" */
export function full(seconds) {
  const then = parts(seconds);
  const clock = new Intl.DateTimeFormat("zh-CN", { timeZone: ZONE, timeStyle: "medium", hour12: false });
  return `${then.year}年${then.month}月${then.date}日 ${WEEKDAYS[then.weekday]} ${clock.format(new Date(seconds * 1000))}`;
}

/** Seconds from `seconds` to the next day's nine o'clock in the morning. */
export function untilTomorrowNine(seconds) {
  return (parts(seconds).day + 1) * DAY + 3600 - seconds;
}
