// The foot of the chat: the account's menu or the keyboard, never both, with the toggle where WeChat has it.

import { el, icon } from "./dom.js";

const THINGS = [
  ["image", "照片", "image"],
  ["voice", "语音", "voice"],
  ["location", "位置", "location"],
  ["scan", "扫一扫", "scan"],
  ["sticker", "表情", "sticker"],
  ["link", "链接", "link"],
  ["file", "文件", "file"],
  ["video", "视频", "video"],
  ["subscribe", "订阅通知", "bell"],
  ["mini", "小程序", "mini"],
];
const TALLEST_PX = 120;

export class Composer {
  /** `hands` = {text(words), menu(button), thing(name)}. */
  constructor(root, hands) {
    Object.assign(this, { root, hands, menu: null, drafts: new Map(), modes: new Map(), who: null });
    this.input = el("textarea", {
      rows: "1",
      class: "input",
      test: "input",
      "aria-label": "说点什么",
      enterkeyhint: "send",
      maxlength: "2000",
      oninput: () => this.typed(),
      onkeydown: (event) => this.key(event),
    });
    this.sendButton = el(
      "button",
      { type: "button", class: "send", test: "send", hidden: true, onclick: () => this.send() },
      "发送",
    );
    this.plus = iconButton("plus", "plus", "更多功能", () => this.togglePanel());
    this.toMenu = iconButton("menu", "to-menu", "看菜单", () => this.setMode("menu"));
    this.panel = el(
      "div",
      { class: "panel", test: "panel", hidden: true },
      THINGS.map((thing) => this.thingButton(thing)),
    );
    this.keys = el("div", { class: "keys" }, this.toMenu, this.input, this.plus, this.sendButton);
    this.menuBar = el("div", { class: "menu-bar", test: "menu", role: "group", "aria-label": "公众号菜单" });
    root.append(this.menuBar, this.keys, this.panel);
    root.addEventListener("keydown", (event) => event.key === "Escape" && this.fold());
    document.addEventListener("click", (event) => this.menuBar.contains(event.target) || this.foldMenu());
  }

  thingButton([name, label, shape]) {
    const tile = el("span", { class: "tile" }, icon(shape));
    return el(
      "button",
      {
        type: "button",
        test: "plus-item",
        data: { kind: name },
        onclick: () => {
          this.togglePanel(false);
          this.hands.thing(name);
        },
      },
      tile,
      label,
    );
  }

  /** Show this neighbour's draft, and the menu as the account has it now. */
  show(who, menu) {
    const same = who === this.who && JSON.stringify(menu) === JSON.stringify(this.menu);
    if (same) return;
    if (this.who !== null) this.drafts.set(this.who, this.input.value);
    if (who !== this.who) this.input.value = this.drafts.get(who) ?? "";
    Object.assign(this, { who, menu });
    this.drawMenu(menu?.button ?? []);
    this.setMode(this.modes.get(who) ?? "menu", false);
    this.typed();
  }

  setMode(mode, byHand = true) {
    const hasMenu = Boolean(this.menu?.button?.length);
    const shown = hasMenu ? mode : "keys";
    if (byHand) this.modes.set(this.who, mode);
    this.menuBar.hidden = shown !== "menu";
    this.keys.hidden = shown === "menu";
    this.toMenu.hidden = !hasMenu;
    this.togglePanel(false);
    this.foldMenu();
    if (byHand) (shown === "menu" ? this.menuBar.querySelector("button") : this.input).focus();
  }

  typed() {
    const empty = this.input.value.trim() === "";
    this.sendButton.hidden = empty;
    this.plus.hidden = !empty;
    this.input.style.height = "auto";
    this.input.style.height = `${Math.min(this.input.scrollHeight, TALLEST_PX)}px`;
  }

  key(event) {
    // A Chinese input method confirms its candidate with Enter: that Enter does not send.
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    this.send();
  }

  send() {
    const words = this.input.value;
    if (words.trim() === "") return;
    this.input.value = "";
    this.typed();
    this.input.focus();
    this.hands.text(words);
  }

  togglePanel(open = this.panel.hidden) {
    this.panel.hidden = !open;
    this.plus.setAttribute("aria-expanded", String(open));
    if (open) this.panel.querySelector("button").focus();
  }

  drawMenu(buttons) {
    const toggle = iconButton("keyboard", "to-keys", "打字", () => this.setMode("keys"));
    this.menuBar.replaceChildren(toggle, ...buttons.slice(0, 3).map((button) => this.menuTop(button)));
  }

  menuTop(button) {
    const children = (button.sub_button?.list ?? button.sub_button ?? []).slice(0, 5);
    if (!children.length) return el("div", { class: "menu-slot" }, this.menuButton(button, "menu-top"));
    const list = el(
      "div",
      { class: "menu-list", hidden: true },
      children.map((child) => this.menuButton(child, "menu-item")),
    );
    const top = el(
      "button",
      { type: "button", test: "menu-top", "aria-expanded": "false", onclick: () => this.unfold(top, list) },
      icon("menu"),
      el("span", {}, button.name),
    );
    return el("div", { class: "menu-slot" }, list, top);
  }

  menuButton(button, test) {
    const press = () => {
      this.foldMenu();
      this.hands.menu(button);
    };
    return el("button", { type: "button", test, onclick: press }, el("span", {}, button.name));
  }

  unfold(top, list) {
    const opening = list.hidden;
    this.foldMenu();
    list.hidden = !opening;
    top.setAttribute("aria-expanded", String(opening));
  }

  foldMenu() {
    for (const list of this.menuBar.querySelectorAll(".menu-list")) list.hidden = true;
    for (const top of this.menuBar.querySelectorAll("[aria-expanded]"))
      top.setAttribute("aria-expanded", "false");
  }

  fold() {
    const open =
      this.menuBar.querySelector('[aria-expanded="true"]') ?? (this.panel.hidden ? null : this.plus);
    this.foldMenu();
    this.togglePanel(false);
    open?.focus();
  }
}

function iconButton(shape, test, label, onclick) {
  return el(
    "button",
    { type: "button", class: "icon-button", test, "aria-label": label, title: label, onclick },
    icon(shape),
  );
}
