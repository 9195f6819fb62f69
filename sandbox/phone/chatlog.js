// The chat log on the screen: appends what is new, keeps the reader's place, shows what is on its way.

import { el, icon, redraw } from "./dom.js";
import { bubbleNode, timeLine } from "./bubbles.js";

// WeChat writes the time again after five quiet minutes.
const QUIET_SECONDS = 300;
const PAGE = 120;
const NEAR_PX = 80;

export class ChatLog {
  constructor(scroller, log, onWay, jump, hands) {
    Object.assign(this, { scroller, log, onWay, jump, hands, shown: 0, drawn: null, first: 0, sticky: true });
    scroller.addEventListener("scroll", () => this.noticeScroll());
    jump.addEventListener("click", () => this.toEnd());
    new ResizeObserver(() => this.sticky && this.toEnd()).observe(log);
    new ResizeObserver(() => this.sticky && this.toEnd()).observe(scroller);
  }

  noticeScroll() {
    const { scrollHeight, scrollTop, clientHeight } = this.scroller;
    this.sticky = scrollHeight - scrollTop - clientHeight < NEAR_PX;
    if (this.sticky) this.jump.hidden = true;
  }

  toEnd() {
    this.scroller.scrollTop = this.scroller.scrollHeight;
    this.sticky = true;
    this.jump.hidden = true;
  }

  draw(chat, neighbour) {
    if (this.drawn !== chat || this.lateArrival(chat)) this.restart(chat);
    this.append(chat, neighbour);
    this.drawOnWay(chat, neighbour);
    if (this.sticky) this.toEnd();
  }

  lateArrival(chat) {
    return this.shown > 0 && chat.bubbles[this.shown - 1]?.seq !== this.lastSeq;
  }

  restart(chat) {
    this.log.setAttribute("aria-busy", "true");
    this.log.replaceChildren();
    if (this.drawn !== chat)
      Object.assign(this, { first: Math.max(0, chat.bubbles.length - PAGE), sticky: true });
    this.drawn = chat;
    this.shown = this.first;
    if (this.first > 0) this.log.append(this.olderButton(chat));
  }

  olderButton(chat) {
    const older = () => {
      this.first = Math.max(0, this.first - PAGE);
      this.sticky = false;
      this.restart(chat);
      this.append(chat, this.neighbour);
    };
    return el("button", { type: "button", class: "older", onclick: older }, "看更早的消息");
  }

  append(chat, neighbour) {
    this.neighbour = neighbour;
    const fresh = chat.bubbles.slice(this.shown);
    this.log.append(...fresh.flatMap((bubble, index) => this.dated(chat, this.shown + index, bubble)));
    this.shown = chat.bubbles.length;
    this.lastSeq = chat.bubbles.at(-1)?.seq;
    this.log.removeAttribute("aria-busy");
    if (fresh.length && !this.sticky) this.jump.hidden = false;
  }

  dated(chat, index, bubble) {
    const before = chat.bubbles[index - 1];
    const node = bubbleNode(bubble, { neighbour: this.neighbour }, this.hands);
    const quiet = !before || index === this.first || Math.abs(bubble.at - before.at) > QUIET_SECONDS;
    return quiet ? [timeLine(bubble.at), node] : [node];
  }

  drawOnWay(chat, neighbour) {
    const silent = !chat.pending.length && !chat.bubbles.some(({ from }) => from === "me");
    const facts = silent ? ["hint", chat.menu] : chat.pending.map(({ number, failed }) => [number, failed]);
    redraw(this.onWay, [chat.readKey, facts], () =>
      silent ? firstHint(chat) : chat.pending.flatMap((item) => this.onWayLines(item, neighbour)),
    );
  }

  onWayLines(item, neighbour) {
    const node = bubbleNode({ ...item.bubble, from: "me" }, { neighbour }, this.hands);
    node.dataset.test = item.failed ? "unsent" : "on-way";
    node.classList.add("on-way");
    if (item.failed) node.append(this.resend(item));
    return item.failed
      ? [node, el("p", { class: "system" }, `没有发出去：${item.failed}。点红色的叹号再发一次`)]
      : [node];
  }

  resend(item) {
    return el(
      "button",
      {
        type: "button",
        class: "resend",
        "aria-label": `没有发出去：${item.failed}。重发`,
        onclick: () => this.hands.resend(item),
      },
      "!",
    );
  }
}

// WeChat shows the menu first; who has never used it does not know that the keyboard hides behind its sign.
function firstHint(chat) {
  const words = chat.menu?.button?.length ? "点下面的菜单，或点左下角的键盘打字" : "在下面打字，按“发送”";
  return el("p", { class: "first-hint", test: "first-hint" }, words);
}

/** The button that says there is more below. */
export function jumpButton() {
  return el("button", { type: "button", class: "jump", hidden: true }, icon("down"), "新消息");
}
