// A mini-program as its server sees it: the phone hands over a login code and a phone-number code.

import { control, phone } from "./api.js";
import { el } from "./dom.js";
import { openSheet, say } from "./sheet.js";

async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
    say("已复制");
  } catch {
    say("没能复制，请手工选中");
  }
}

function codeRow(label, explain, test, fetchCode) {
  const shown = el("output", { class: "code", test: `${test}-code` }, "还没有");
  const copier = el(
    "button",
    { type: "button", class: "quiet", hidden: true, onclick: () => copy(shown.textContent) },
    "复制",
  );
  const ask = async () => {
    try {
      shown.textContent = (await fetchCode()).code;
      copier.hidden = false;
    } catch (problem) {
      shown.textContent = problem.message;
    }
  };
  return el(
    "section",
    { class: "ask" },
    el("p", {}, explain),
    el("button", { type: "button", class: "primary", test, onclick: ask }, label),
    el("div", { class: "pair" }, shown, copier),
  );
}

function program(app, who) {
  return el(
    "div",
    { class: "stack", test: "mini", data: { app: app.name } },
    el("h3", {}, app.display_name || app.name),
    el("p", { class: "fine" }, app.appid ?? ""),
    codeRow("调用 wx.login", "登录：小程序拿到一个码，交给后台换身份，五分钟内用一次。", "mini-login", () =>
      phone.miniLogin(who, app.name),
    ),
    codeRow(
      "同意给手机号",
      "手机号：街坊点“允许”以后，小程序拿到一个码，后台用它问号码。",
      "mini-phone",
      () => phone.miniPhone(who, app.name),
    ),
  );
}

/** Open the mini-programs; `wanted` may name one by appid and the page it was asked to open. */
export async function miniSheet(who, wanted = {}) {
  const { miniprograms: all } = await control.apps().catch(() => ({ miniprograms: [] }));
  const found = all.filter(({ appid }) => !wanted.appid || appid === wanted.appid);
  const page = wanted.path ? el("p", { class: "fine" }, `要打开的页面：${wanted.path}`) : null;
  const none = el("p", { class: "empty" }, "这里没有接上小程序。");
  openSheet(
    "小程序",
    el("div", { class: "stack" }, page, found.length ? found.map((app) => program(app, who)) : none),
    { name: "mini-sheet" },
  );
}
