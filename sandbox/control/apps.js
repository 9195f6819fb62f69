// The account's kind decides what the platform allows it; here it changes while everything runs.

import { control } from "/phone/api.js";
import { el, redraw } from "/phone/dom.js";

const KINDS = [
  [
    "service",
    "已认证的服务号",
    "什么都能用：二维码、模板消息、客服消息。",
    { kind: "service", verified: true, government: false },
  ],
  [
    "government",
    "已认证的政府公众号",
    "没有带参二维码和模板消息，码要手打。",
    { kind: "subscription", verified: true, government: true },
  ],
  [
    "unverified",
    "未认证的公众号",
    "只能在人说话时回答。",
    { kind: "subscription", verified: false, government: false },
  ],
];

function kindOf({ kind, verified, government }) {
  if (!verified) return "unverified";
  return kind === "service" && !government ? "service" : "government";
}

function kindRow(app, [value, label, sentence, fields], attempt) {
  const radio = el("input", {
    type: "radio",
    name: `kind-${app.name}`,
    value,
    checked: kindOf(app) === value,
    test: "kind",
    data: { kind: value },
    onchange: () => attempt(() => control.setApp(app.name, fields)),
  });
  return el(
    "label",
    { class: "radio" },
    radio,
    el("span", { class: "who" }, el("strong", {}, label), el("span", { class: "fine" }, sentence)),
  );
}

function account(app, attempt) {
  return el(
    "fieldset",
    { test: "account", data: { app: app.name } },
    el("legend", {}, `${app.display_name ?? app.name}`),
    el("p", { class: "fine" }, `${app.appid ?? ""} · 推送到 ${app.push_url ?? "—"}`),
    KINDS.map((kind) => kindRow(app, kind, attempt)),
  );
}

/** Draws the card; gives back what brings it up to date. */
export function startApps(card, attempt) {
  const said = el("output", { class: "fine", test: "tokens-said" });
  const expire = async () => {
    const done = await attempt(() => control.expireTokens());
    if (done) said.textContent = "现有的令牌都过期了，下一次调用要重新取。";
  };
  return async () => {
    const { accounts: apps } = await control.apps();
    redraw(card, apps, () => [
      el("h2", {}, "账号"),
      apps.map((app) => account(app, attempt)),
      el("h3", {}, "令牌"),
      el(
        "button",
        { type: "button", class: "quiet", test: "tokens-expire", onclick: expire },
        "让令牌马上过期",
      ),
      said,
    ]);
  };
}
