// The three dots: whose phone this is, and what is done rarely.

import { control } from "./api.js";
import { avatar } from "./bubbles.js";
import { el } from "./dom.js";
import { kindWords } from "./profile.js";
import { closeSheet, openSheet } from "./sheet.js";

function row(test, label, press) {
  const pressed = () => {
    closeSheet();
    press();
  };
  return el("button", { type: "button", class: "pick", test, onclick: pressed }, label);
}

/** Most towns have one account; where there are more, each is one press away. */
async function fillOthers(place, current, open) {
  const { accounts } = await control.apps().catch(() => ({ accounts: [] }));
  const others = accounts.filter(({ name }) => name !== current);
  place.replaceChildren(
    ...others.map(({ name, display_name }) =>
      row("account", `换到“${display_name || name}”`, () => open(name)),
    ),
  );
}

/** `hands` = {popup, mini, people, account, unfollow}. */
export function moreSheet(chat, neighbour, hands) {
  const whose = el(
    "div",
    { class: "card" },
    avatar(neighbour),
    el(
      "p",
      {},
      `现在是${neighbour.name}的手机`,
      el("br"),
      el("span", { class: "fine" }, kindWords(chat.profile)),
    ),
  );
  const others = el("div", { class: "stack others" });
  openSheet(
    chat.profile?.display_name ?? "公众号",
    el(
      "div",
      { class: "stack" },
      whose,
      row("open-popup", "订阅通知", hands.popup),
      row("open-mini", "小程序", hands.mini),
      row("switch", "换一位街坊", hands.people),
      others,
      chat.following && row("unfollow", "不再关注", hands.unfollow),
      el("a", { class: "pick", href: "/control" }, "平台控制台：推送、故障、时钟"),
    ),
    { name: "more-sheet" },
  );
  fillOthers(others, chat.account, hands.account);
}

/** A scanned code that is neither an address nor the account's own. */
export function textSheet(text) {
  openSheet(
    "扫到的文字",
    el(
      "div",
      { class: "stack" },
      el("p", { class: "scanned", test: "scanned-text" }, text),
      el("button", { type: "button", class: "primary", onclick: closeSheet }, "知道了"),
    ),
  );
}
