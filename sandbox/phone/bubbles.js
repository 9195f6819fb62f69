// One function per kind of bubble, as WeChat draws them.

import { el, icon, safeUrl } from "./dom.js";
import { spoken } from "./clock.js";
import { accountText, ownText } from "./richtext.js";

const SAMPLE = { image: "图片", video: "视频", sticker: "表情", file: "文件" };

function words(bubble, hands) {
  const text = bubble.text ?? "";
  return el(
    "div",
    { class: "words" },
    bubble.from === "me" ? ownText(text, hands.open) : accountText(text, hands.open),
  );
}

function picture(bubble, hands) {
  const url = safeUrl(bubble.url);
  if (!url) return placeholder(bubble);
  const image = el("img", { src: url, alt: bubble.title || "图片", loading: "lazy" });
  image.addEventListener("error", () => image.closest("button")?.replaceWith(placeholder(bubble)));
  return el(
    "button",
    { type: "button", class: "picture", "aria-label": "看大图", onclick: () => hands.enlarge(url) },
    image,
  );
}

function placeholder(bubble) {
  const shape = bubble.kind in SAMPLE ? bubble.kind : "image";
  return el(
    "div",
    { class: "thing" },
    icon(shape),
    el("span", {}, bubble.title || bubble.text || SAMPLE[shape]),
  );
}

function sticker(bubble, hands) {
  return bubble.url ? picture(bubble, hands) : el("div", { class: "sticker" }, bubble.text || "[表情]");
}

function voice(bubble) {
  const said = bubble.text ? el("div", { class: "recognised" }, bubble.text) : null;
  return el("div", {}, el("div", { class: "thing" }, icon("voice"), el("span", {}, "语音 3″")), said);
}

function place(bubble) {
  const spot = `${Number(bubble.lat).toFixed(4)}，${Number(bubble.lng).toFixed(4)}`;
  return el(
    "div",
    { class: "place" },
    el("strong", {}, bubble.label || bubble.title || "位置"),
    el("span", { class: "fine" }, spot),
    el("div", { class: "map", "aria-hidden": "true" }, icon("location")),
  );
}

function opening(bubble, hands, label) {
  const url = safeUrl(bubble.url);
  if (!url || !bubble.url) return null;
  return el(
    "button",
    { type: "button", class: "open", test: "card-open", onclick: () => hands.open({ url }) },
    label,
  );
}

function linkCard(bubble, hands) {
  return el(
    "div",
    { class: "plate" },
    el("strong", {}, bubble.title || "链接"),
    bubble.description && el("p", { class: "fine" }, bubble.description),
    opening(bubble, hands, "打开"),
  );
}

function row({ name, value }) {
  return el("div", { class: "row" }, el("dt", {}, name), el("dd", {}, value));
}

function template(bubble, hands) {
  return el(
    "div",
    { class: "template" },
    el("strong", { class: "heading" }, bubble.title || "服务通知"),
    bubble.description && el("p", { class: "fine" }, bubble.description),
    el("dl", {}, (bubble.rows ?? []).map(row)),
    opening(bubble, hands, "查看详情"),
  );
}

function article(item, first, hands) {
  const url = safeUrl(item.url);
  const image = item.picurl ? safeUrl(item.picurl) : null;
  const body = [
    image && el("img", { src: image, alt: "", onerror: (event) => event.target.remove() }),
    el("strong", {}, item.title || "文章"),
    first && item.description && el("span", { class: "fine" }, item.description),
  ];
  if (!item.url || !url) return el("div", { class: "article" }, body);
  return el(
    "button",
    { type: "button", class: "article", test: "article", onclick: () => hands.open({ url }) },
    body,
  );
}

function news(bubble, hands) {
  const items = bubble.items?.length ? bubble.items : [bubble];
  return el(
    "div",
    { class: "news" },
    items.map((item, index) => article(item, index === 0, hands)),
  );
}

function option(bubble, hands) {
  return ({ id, content }) =>
    el(
      "button",
      {
        type: "button",
        class: "option",
        test: "option",
        data: { id },
        onclick: () => hands.choose(id, content),
      },
      content,
    );
}

function choices(bubble, hands) {
  return el(
    "div",
    { class: "choices" },
    bubble.text && words(bubble, hands),
    (bubble.options ?? []).map(option(bubble, hands)),
    bubble.description && el("div", { class: "words" }, bubble.description),
  );
}

function miniCard(bubble, hands) {
  const target = { appid: bubble.appid, path: bubble.pagepath ?? bubble.url };
  return el(
    "button",
    { type: "button", class: "plate", onclick: () => hands.open(target) },
    el("span", { class: "fine" }, "小程序"),
    el("strong", {}, bubble.title || "打开小程序"),
  );
}

const BODIES = {
  text: words,
  image: picture,
  sticker,
  voice,
  video: placeholder,
  file: placeholder,
  location: place,
  link: linkCard,
  card: template,
  news,
  msgmenu: choices,
  miniprogram: miniCard,
};
const WIDE = new Set(["card", "news"]);

function face(bubble, context) {
  return bubble.from === "me" ? avatar(context.neighbour) : accountFace();
}

/** A round-cornered tile with the last character of the name, as neighbours have no photographs here. */
export function avatar(neighbour) {
  const name = neighbour?.name ?? "我";
  const tile = el("span", { class: "face", "aria-hidden": "true" }, [...name].at(-1));
  tile.style.background = safeColour(neighbour?.colour);
  return tile;
}

export function accountFace() {
  const tile = el("span", { class: "face account", "aria-hidden": "true" }, "福");
  return tile;
}

function safeColour(colour) {
  return CSS.supports("color", colour ?? "") ? colour : "#576b95";
}

const SPEAKER = { me: "我说", account: "公众号说" };

function systemLine(bubble) {
  return el(
    "p",
    { class: "system", test: "bubble", data: { from: "system", kind: bubble.kind, seq: bubble.seq } },
    bubble.text ?? bubble.title ?? "",
  );
}

/** The node of one bubble. `context` = {neighbour}, `hands` = {open, choose, enlarge}. */
export function bubbleNode(bubble, context, hands) {
  if (bubble.from === "system") return systemLine(bubble);
  const draw = BODIES[bubble.kind] ?? words;
  const body = draw(bubble, hands);
  const data = { from: bubble.from, kind: bubble.kind, seq: bubble.seq ?? "", via: bubble.via ?? "" };
  return el(
    "div",
    { class: `line ${bubble.from} kind-${bubble.kind}`, test: "bubble", data },
    WIDE.has(bubble.kind) ? null : face(bubble, context),
    el("span", { class: "unseen" }, `${SPEAKER[bubble.from] ?? ""}：`),
    el("div", { class: "body" }, body),
  );
}

export function timeLine(seconds) {
  return el("p", { class: "when", test: "when" }, spoken(seconds));
}

const GIST = {
  image: "[图片]",
  voice: "[语音]",
  video: "[视频]",
  location: "[位置]",
  link: "[链接]",
  file: "[文件]",
  sticker: "[表情]",
  card: "[服务通知]",
  news: "[图文]",
  miniprogram: "[小程序]",
};

/** One short line for the neighbour list. */
export function gist(bubble) {
  if (!bubble) return "";
  const mark = GIST[bubble.kind] ?? "";
  const text =
    bubble.kind === "card" || bubble.kind === "news"
      ? (bubble.title ?? bubble.items?.[0]?.title)
      : bubble.text;
  return `${mark}${(text ?? "").replace(/<[^<>]*>/g, "").replace(/\s+/g, " ")}`.slice(0, 40);
}
