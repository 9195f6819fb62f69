// The browser inside the phone: a title bar, the page, and a way out. Only http(s) pages open.

import { byTest, el, icon, safeUrl } from "./dom.js";

const view = byTest("webview");
const screens = byTest("screens");
// The page may do what pages do, but it may not take the phone's own window away.
const ALLOWED = "allow-scripts allow-forms allow-same-origin allow-popups allow-modals allow-downloads";
let goBack = null;

function tellWho(who) {
  // WeChat knows who holds the phone; our authorise page learns it from this cookie.
  document.cookie = `sandbox_neighbour=${encodeURIComponent(who)}; path=/; SameSite=Lax`;
}

function withNeighbour(href, who) {
  const url = new URL(href);
  if (url.pathname.endsWith("/connect/oauth2/authorize") && !url.searchParams.has("as"))
    url.searchParams.set("as", who);
  return url.href;
}

function button(shape, test, label, onclick) {
  return el(
    "button",
    { type: "button", class: "icon-button", test, "aria-label": label, title: label, onclick },
    icon(shape),
  );
}

function bar(href, reload) {
  const outside = el(
    "a",
    {
      class: "icon-button",
      href,
      target: "_blank",
      rel: "noreferrer",
      "aria-label": "在新窗口打开",
      title: "在新窗口打开",
    },
    icon("out"),
  );
  return el(
    "header",
    { class: "bar" },
    button("close", "webview-close", "关上网页", closeWeb),
    el("h2", { test: "webview-host" }, new URL(href).host),
    outside,
    button("reload", "webview-reload", "重新打开", reload),
  );
}

export function closeWeb() {
  if (view.hidden) return;
  view.hidden = true;
  view.replaceChildren();
  screens.inert = false;
  goBack?.focus();
}

/** Open a page over the chat as this neighbour; false when the address may not be opened. */
export function openWeb(address, who) {
  const safe = safeUrl(address);
  if (!safe) return false;
  tellWho(who);
  const href = withNeighbour(safe, who);
  const frame = () =>
    el("iframe", {
      src: href,
      title: "网页",
      sandbox: ALLOWED,
      test: "webview-frame",
      allow: "geolocation; clipboard-write",
    });
  const show = () => view.replaceChildren(bar(href, show), frame());
  if (view.hidden) goBack = document.activeElement;
  show();
  view.hidden = false;
  screens.inert = true;
  byTest("webview-close", view).focus();
  return true;
}

document.addEventListener("keydown", (event) => event.key === "Escape" && closeWeb());
