// What the phone's screen shows: the account's card or the chat with it, and whose phone it is.

import { ChatLog, jumpButton } from "./chatlog.js";
import { Composer } from "./composer.js";
import { byTest, el, icon, redraw } from "./dom.js";
import { drawPeople, unreadElsewhere } from "./people.js";
import { drawProfile } from "./profile.js";

function setText(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

export class Screen {
  /** `state` as phone.js keeps it; `hands` = {chat, foot, profile, person}: what presses do in each part. */
  constructor(state, hands) {
    const jump = jumpButton();
    byTest("chat").append(jump);
    Object.assign(this, { state, hands });
    this.log = new ChatLog(byTest("scroller"), byTest("log"), byTest("way"), jump, hands.chat);
    this.composer = new Composer(byTest("composer"), hands.foot);
  }

  get holder() {
    return this.state.neighbours.find(({ id }) => id === this.state.current);
  }

  show(name) {
    document.body.dataset.screen = name;
    this.draw();
  }

  draw() {
    const chat = this.state.chats.get(this.state.current);
    const open = Boolean(this.holder && chat?.loaded);
    drawPeople(this.state, this.hands.person);
    this.drawBack();
    this.drawOffline();
    byTest("nothing").hidden = open;
    byTest("chat").hidden = !open || !chat.following;
    byTest("profile").hidden = !open || chat.following;
    if (!open) return this.drawNothing();
    this.drawTitle(chat);
    if (chat.following) this.drawChat(chat);
    else drawProfile(chat.profile, this.holder, this.state.busy, this.hands.profile);
  }

  drawOffline() {
    byTest("offline").hidden = !this.state.trouble;
    setText(byTest("offline"), this.state.trouble ?? "");
  }

  drawNothing() {
    const alone = !this.state.neighbours.length && !this.state.trouble;
    const words = alone ? "先在街坊名单里添一位街坊。" : "正在打开…";
    redraw(byTest("nothing"), words, () => el("p", {}, words));
  }

  drawTitle(chat) {
    const waiting = chat.waiting > 0 && chat.following;
    setText(byTest("title"), waiting ? "对方正在输入…" : (chat.profile?.display_name ?? "公众号"));
    setText(byTest("typing"), waiting ? "对方正在输入" : "");
  }

  drawChat(chat) {
    this.composer.show(this.state.current, chat.menu);
    this.log.draw(chat, this.holder);
    if (document.body.dataset.screen !== "people") chat.markRead();
  }

  drawBack() {
    const count = unreadElsewhere(this.state);
    const button = byTest("back");
    button.setAttribute("aria-label", count ? `换一位街坊，别处有 ${count} 条没看` : "换一位街坊");
    redraw(button, count, () => [
      icon("back"),
      count > 0 && el("span", { class: "badge" }, String(Math.min(count, 99))),
    ]);
  }
}
