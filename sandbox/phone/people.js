// The list of neighbours: who holds the phone, what was said last, what is unread.

import { byTest, el, redraw } from "./dom.js";
import { avatar, gist } from "./bubbles.js";
import { spoken } from "./clock.js";

const list = byTest("people-list");

function badge(count) {
  if (!count) return null;
  return el(
    "span",
    { class: "badge", test: "badge" },
    String(Math.min(count, 99)),
    el("span", { class: "unseen" }, "条没看"),
  );
}

function facts(neighbour, chat, current) {
  const last = chat?.bubbles.findLast(({ from }) => from !== "system");
  const line = last ? gist(last) : chat?.loaded && !chat.following ? "还没关注" : "还没说过话";
  return {
    neighbour,
    line,
    time: last ? spoken(last.at) : "",
    unread: chat?.unread ?? 0,
    here: neighbour.id === current,
  };
}

function person({ neighbour, line, time, unread, here }, choose) {
  return el(
    "li",
    {},
    el(
      "button",
      {
        type: "button",
        class: "person",
        test: "neighbour",
        data: { id: neighbour.id },
        "aria-current": here ? "true" : null,
        onclick: () => choose(neighbour.id),
      },
      avatar(neighbour),
      el("span", { class: "who" }, el("strong", {}, neighbour.name), el("span", { class: "fine" }, line)),
      el("span", { class: "aside" }, el("span", { class: "fine" }, time), badge(unread)),
    ),
  );
}

/** Draw the list when it changed, keeping the focus on the neighbour that had it. */
export function drawPeople({ neighbours, chats, current }, choose) {
  const held = document.activeElement?.closest?.('[data-test="neighbour"]')?.dataset.id;
  const rows = neighbours.map((neighbour) => facts(neighbour, chats.get(neighbour.id), current));
  const empty = () => el("li", { class: "empty" }, "这里还没有街坊。在下面写个名字，添上第一位。");
  redraw(list, rows, () => (rows.length ? rows.map((row) => person(row, choose)) : empty()));
  if (held) list.querySelector(`[data-id="${CSS.escape(held)}"]`)?.focus();
}

/** Unread bubbles of everybody but the one whose phone is open. */
export function unreadElsewhere({ neighbours, chats, current }) {
  const others = neighbours.filter(({ id }) => id !== current);
  return others.reduce((sum, { id }) => sum + (chats.get(id)?.unread ?? 0), 0);
}
