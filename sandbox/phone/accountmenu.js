// A press on the account's own menu, by the type of its button, as WeChat does it.

import { el } from "./dom.js";
import { scanSheet } from "./scan.js";
import { closeSheet, openSheet, say } from "./sheet.js";
import { placeSheet } from "./things.js";

/** Scan first, then tell the account; "push" also opens what was scanned, "waitmsg" leaves that to the account. */
function scan({ type, key }, hands) {
  scanSheet(hands.account(), (content) => {
    hands.act("click", { key, scan_result: content });
    if (type === "scancode_push") hands.scanned(content);
  });
}

function place({ key }, hands) {
  placeSheet((where) => hands.act("click", { key, ...where }));
}

function miniProgram(button, hands) {
  hands.act("view", { pagepath: button.pagepath ?? "" });
  hands.mini({ appid: button.appid, path: button.pagepath });
}

function view({ url }, hands) {
  hands.act("view", { url });
  hands.open({ url });
}

function silent(button) {
  const close = el("button", { type: "button", class: "primary", onclick: closeSheet }, "知道了");
  const words = "这一项由微信自己打开文章，公众号收不到消息。";
  openSheet(button.name, el("div", { class: "stack" }, el("p", {}, words), close));
}

const click = ({ key }, hands) => hands.act("click", { key });

const PRESSES = {
  click,
  view,
  miniprogram: miniProgram,
  scancode_push: scan,
  scancode_waitmsg: scan,
  pic_sysphoto: click,
  pic_photo_or_album: click,
  pic_weixin: click,
  location_select: place,
  media_id: ({ media_id }, hands) => hands.act("click", { media_id }),
};

/** `hands` = {act, open, mini, scanned, account}. */
export function pressMenu(button, hands) {
  if (!button.type) return say("这一项还没有内容");
  return (PRESSES[button.type] ?? silent)(button, hands);
}
