// What WeChat lets an account write in a text: line breaks and <a href>. Everything else stays the letters it is.

import { el, safeUrl } from "./dom.js";

const ANCHOR = /<a\b([^<>]*)>([^<]*)<\/a>/gi;
const BARE_URL = /https?:\/\/[\w\-.~:/?#[\]@!$&'()*+,;=%]+/gi;
const TRAILING = /[.,;:!?)\]']+$/;

function attribute(source, name) {
  const found = new RegExp(`(?:^|\\s)${name}\\s*=\\s*(?:"([^"]*)"|'([^']*)'|([^\\s"'>]+))`, "i").exec(source);
  return found ? (found[1] ?? found[2] ?? found[3]).replaceAll("&amp;", "&") : null;
}

function link(label, url, open) {
  const follow = (event) => {
    event.preventDefault();
    open({ url });
  };
  return el("a", { href: url, test: "link", rel: "noreferrer", onclick: follow }, label);
}

function miniLink(label, attributes, open) {
  const target = {
    appid: attribute(attributes, "data-miniprogram-appid"),
    path: attribute(attributes, "data-miniprogram-path"),
  };
  return el("button", { type: "button", class: "textlink", onclick: () => open(target) }, label);
}

function bareLinks(text, open) {
  const parts = [];
  let from = 0;
  for (const match of text.matchAll(BARE_URL)) {
    const url = match[0].replace(TRAILING, "");
    if (!safeUrl(url)) continue;
    parts.push(text.slice(from, match.index), link(url, url, open));
    from = match.index + url.length;
  }
  return [...parts, text.slice(from)];
}

function anchor(match, open) {
  const [whole, attributes, label] = match;
  const url = attribute(attributes, "href");
  if (url && /^https?:/i.test(url) && safeUrl(url)) return link(label, safeUrl(url), open);
  if (attribute(attributes, "data-miniprogram-appid")) return miniLink(label, attributes, open);
  return whole;
}

/** Nodes for a text of the account; `open` gets {url} or {appid, path} when a link is tapped. */
export function accountText(text, open) {
  const parts = [];
  let from = 0;
  for (const match of text.matchAll(ANCHOR)) {
    parts.push(...bareLinks(text.slice(from, match.index), open), anchor(match, open));
    from = match.index + match[0].length;
  }
  return [...parts, ...bareLinks(text.slice(from), open)];
}

/** Nodes for a neighbour's own text: WeChat shows typed tags as they were typed. */
export function ownText(text, open) {
  return bareLinks(text, open);
}
