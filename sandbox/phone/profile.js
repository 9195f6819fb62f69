// The account's card, as a person sees it who does not follow yet: one button, one hint.

import { byTest, el, icon, redraw } from "./dom.js";
import { accountFace } from "./bubbles.js";

const KINDS = { service: "服务号", subscription: "公众号" };
const section = byTest("profile");

export function kindWords(account) {
  const sort = KINDS[account?.kind] ?? "公众号";
  return `${sort} · ${account?.verified ? "已认证" : "未认证"}`;
}

/** Draw the card; `hands` = {follow, scan}. */
export function drawProfile(account, neighbour, busy, hands) {
  const name = account?.display_name ?? account?.name ?? "公众号";
  redraw(section, [name, neighbour, busy, account], () => [
    el(
      "div",
      { class: "card" },
      accountFace(),
      el("div", {}, el("strong", { class: "name" }, name), el("p", { class: "fine" }, kindWords(account))),
    ),
    el("p", { class: "about" }, "西宁市城东区互助中路社区。办事预约、通知、心愿、志愿服务，都在这里说一声。"),
    el(
      "button",
      { type: "button", class: "primary big", test: "follow", disabled: busy, onclick: hands.follow },
      busy ? "正在关注…" : "关注",
    ),
    el("p", { class: "hint", test: "hint" }, `点“关注”，就能用${neighbour.name}的手机和社区说话`),
    el(
      "button",
      { type: "button", class: "quiet wide", test: "follow-by-code", onclick: hands.scan },
      icon("scan"),
      "扫门口的码关注",
    ),
    el("p", { class: "fine foot" }, "演示手机：街坊是编的，不连真微信。"),
  ]);
}
