// Scan: choose one of the live codes, or paste what a printed code says.

import { phone } from "./api.js";
import { el, icon } from "./dom.js";
import { spoken } from "./clock.js";
import { closeSheet, field, openSheet, sheetForm } from "./sheet.js";

function life(code) {
  return code.expires ? `${spoken(code.expires)} 到期` : "一直有效";
}

function codeButton(code, scan) {
  const image = el("img", {
    src: `/cgi-bin/showqrcode?ticket=${encodeURIComponent(code.ticket)}`,
    alt: "",
    loading: "lazy",
    width: "56",
    height: "56",
  });
  image.addEventListener("error", () => image.replaceWith(icon("scan")));
  const pick = () => {
    closeSheet();
    scan(code.ticket);
  };
  return el(
    "button",
    {
      type: "button",
      class: "pick",
      test: "code",
      data: { scene: code.scene, ticket: code.ticket },
      onclick: pick,
    },
    image,
    el(
      "span",
      { class: "who" },
      el("strong", {}, code.title || code.scene),
      el("span", { class: "fine" }, life(code)),
    ),
  );
}

async function fill(list, account, scan) {
  try {
    const codes = (await phone.codes()).filter((code) => !code.account || code.account === account);
    const none = el("p", { class: "empty" }, "公众号还没有做过二维码。可以在下面贴上网址或文字。");
    list.replaceChildren(...(codes.length ? codes.map((code) => codeButton(code, scan)) : [none]));
  } catch (problem) {
    list.replaceChildren(el("p", { class: "empty" }, problem.message));
  }
}

/** Open the scanner; `scan(content)` gets a ticket, an address or a text. */
export function scanSheet(account, scan) {
  const pasted = el("textarea", {
    name: "content",
    rows: "2",
    required: true,
    test: "scan-text",
    placeholder: "网址、文字或二维码的 ticket",
  });
  const list = el(
    "div",
    { class: "stack", test: "codes", tabindex: "-1", autofocus: true },
    el("p", { class: "empty" }, "正在找附近的码…"),
  );
  openSheet(
    "扫一扫",
    el(
      "div",
      { class: "stack" },
      el("h3", {}, "附近的码"),
      list,
      el("h3", {}, "没有码？"),
      sheetForm([field("贴上码里的内容", pasted)], "扫它", ({ content }) => scan(content.trim())),
    ),
    { name: "scan-sheet" },
  );
  fill(list, account, scan);
}
