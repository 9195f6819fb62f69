// A press on the account's own menu, by the type of its button, as WeChat does it.

import { openSheet, say, closeSheet } from "./sheet.js";
import { scanSheet } from "./scan.js";
import { placeSheet, sendThing } from "./things.js";
import { el } from "./dom.js";

function scanned(type, key, hands) {
  return (content) => {
    const event = { event: type, EventKey: key, ScanCodeInfo: { ScanType: "qrcode", ScanResult: content } };
    hands.act("event", event);
    if (type === "scancode_push") hands.scanned(content);
  };
}

function pictures(type, key, hands) {
  hands.act("event", {
    event: type,
    EventKey: key,
    SendPicsInfo: { Count: 1, PicList: { item: { PicMd5Sum: "1b5f7c23b5bf75682a53e7b6d163e185" } } },
  });
  sendThing("image", hands.send);
}

function place(key, hands) {
  placeSheet(async ({ label, lat, lng }) => {
    const info = { Location_X: String(lat), Location_Y: String(lng), Scale: "16", Label: label, Poiname: "" };
    await hands.act("event", { event: "location_select", EventKey: key, SendLocationInfo: info });
    hands.send({ kind: "location", label, lat, lng });
  });
}

function miniProgram(button, hands) {
  hands.act("event", { event: "view_miniprogram", EventKey: button.pagepath ?? "" });
  hands.mini({ appid: button.appid, path: button.pagepath });
}

function view(button, hands) {
  hands.act("view", { url: button.url });
  hands.open({ url: button.url });
}

function silent(button) {
  // The platform shows stored material itself and pushes no event for it.
  openSheet(
    button.name,
    el(
      "div",
      { class: "stack" },
      el("p", {}, "这一项由微信直接打开素材，公众号收不到消息。"),
      el("button", { type: "button", class: "primary", onclick: closeSheet }, "知道了"),
    ),
  );
}

const PRESSES = {
  click: (button, hands) => hands.act("click", { key: button.key }),
  view,
  miniprogram: miniProgram,
  scancode_push: (button, hands) => scanSheet(hands.account(), scanned("scancode_push", button.key, hands)),
  scancode_waitmsg: (button, hands) =>
    scanSheet(hands.account(), scanned("scancode_waitmsg", button.key, hands)),
  pic_sysphoto: (button, hands) => pictures("pic_sysphoto", button.key, hands),
  pic_photo_or_album: (button, hands) => pictures("pic_photo_or_album", button.key, hands),
  pic_weixin: (button, hands) => pictures("pic_weixin", button.key, hands),
  location_select: (button, hands) => place(button.key, hands),
};

/** `hands` = {act, send, open, mini, scanned, account}. */
export function pressMenu(button, hands) {
  if (!button.type) return say("这一项还没有内容");
  return (PRESSES[button.type] ?? silent)(button, hands);
}
