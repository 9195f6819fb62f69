// The three logs. Each is made with its filters and gives back {refresh}; an opened entry stays open while news come in.

import { control } from "/phone/api.js";
import { full, spoken } from "/phone/clock.js";
import { el, redraw } from "/phone/dom.js";
import { pretty, subject } from "/phone/pushbody.js";

const LIMIT = 60;
const OUTCOMES = { answered: "回答了", empty: "没说话", failed: "没答好" };
const VIAS = {
  passive: "直接回答",
  custom: "客服消息",
  template: "模板消息",
  subscribe: "订阅通知",
  mass: "群发",
  preview: "预览",
};

function select(label, name, options, changed) {
  const chosen = el("select", { test: name, onchange: changed });
  const fill = (rows) =>
    redraw(chosen, rows, () => rows.map(([value, text]) => el("option", { value }, text)));
  fill(options);
  return { node: el("label", { class: "filter" }, label, chosen), chosen, fill };
}

function body(title, text) {
  return el("div", { class: "body" }, el("h4", {}, title), el("pre", { tabindex: "0" }, pretty(text)));
}

function nobody(entries, words) {
  redraw(entries, words, () => el("li", { class: "empty" }, words));
}

/** Bring a list of entries up to date without touching those that did not change. */
function sync(entries, rows, key, facts, make) {
  const old = new Map(
    [...entries.children].filter((node) => node.dataset.key).map((node) => [node.dataset.key, node]),
  );
  const nodes = rows.map((row) => {
    const [name, state] = [String(key(row)), JSON.stringify(facts(row))];
    const kept = old.get(name);
    if (kept?.dataset.state === state) return kept;
    const node = el(
      "li",
      { data: { key: name, state } },
      make(row, kept?.querySelector("details")?.open ?? false),
    );
    return node;
  });
  if (
    nodes.length !== entries.children.length ||
    nodes.some((node, index) => node !== entries.children[index])
  )
    entries.replaceChildren(...nodes);
}

// ---- pushes -------------------------------------------------------------------------------------------------

function delivery(one, index) {
  const how = one.error ? `出错：${one.error}` : `HTTP ${one.status ?? "—"}`;
  return body(`第 ${index + 1} 次推送 · ${how} · ${Math.round(one.ms ?? 0)} 毫秒`, one.body);
}

function pushEntry(push, names, isOpen, again) {
  const slowest = Math.max(0, ...(push.deliveries ?? []).map(({ ms }) => ms ?? 0));
  const tries = push.deliveries?.length ?? 0;
  const outcome = OUTCOMES[push.outcome] ?? "还在等";
  const head = el(
    "summary",
    { test: "push" },
    el("span", { class: "time" }, spoken(push.at)),
    el("strong", {}, names.get(push.neighbour) ?? push.neighbour ?? "（系统）"),
    el("span", { class: "about" }, subject(push.plain)),
    el(
      "span",
      { class: `mark is-${push.outcome}` },
      `${outcome} · ${Math.round(slowest)} 毫秒${tries > 1 ? ` · ${tries} 次` : ""}`,
    ),
  );
  return el(
    "details",
    { open: isOpen, data: { id: push.id } },
    head,
    el("p", { class: "fine" }, `${full(push.at)} · ${push.account} · 编号 ${push.id}`),
    body("公众号收到（解密后）", push.plain),
    (push.deliveries ?? []).map(delivery),
    again(push),
  );
}

function repeater(attempt) {
  return (push) => {
    const shown = el("output", { class: "fine" });
    const press = async () => {
      const answer = await attempt(() => control.repeat(push.id, { times: 1 }));
      if (answer) shown.textContent = "又推送了一遍，同一个编号。";
    };
    return el(
      "p",
      { class: "again" },
      el("button", { type: "button", class: "quiet", test: "repeat", onclick: press }, "同样的再推一遍"),
      shown,
    );
  };
}

function pushes(filters, entries, attempt) {
  const who = select("看谁的", "filter-neighbour", [["", "所有街坊"]], () => refresh(known));
  let known = [];
  filters.append(who.node);
  async function refresh(people) {
    known = people;
    who.fill([["", "所有街坊"], ...people.map(({ id, name }) => [id, name])]);
    const rows = await control.pushes({ limit: LIMIT, neighbour: who.chosen.value });
    if (!rows.length) return nobody(entries, "还没有推送。到演示手机上说一句话，这里就有了。");
    const names = new Map(people.map(({ id, name }) => [id, name]));
    const newestFirst = [...rows].sort((one, other) => other.at - one.at);
    sync(
      entries,
      newestFirst,
      ({ id }) => id,
      (push) => [push, names.get(push.neighbour)],
      (push, isOpen) => pushEntry(push, names, isOpen, repeater(attempt)),
    );
  }
  return { refresh };
}

// ---- calls --------------------------------------------------------------------------------------------------

function callEntry(call, isOpen) {
  const code = call.errcode ?? 0;
  const head = el(
    "summary",
    { test: "call" },
    el("span", { class: "time" }, spoken(call.at)),
    el("strong", {}, call.method),
    el("span", { class: "about" }, call.path),
    el("span", { class: `mark is-${code ? "failed" : "answered"}` }, code ? `errcode ${code}` : "成功"),
  );
  return el(
    "details",
    { open: isOpen },
    head,
    el(
      "p",
      { class: "fine" },
      `${full(call.at)}${call.query ? ` · ?${typeof call.query === "string" ? call.query : new URLSearchParams(call.query)}` : ""}`,
    ),
    body("请求", call.request),
    body("回答", call.response),
  );
}

function calls(filters, entries) {
  const path = el("input", {
    type: "search",
    test: "filter-path",
    placeholder: "/cgi-bin/message",
    oninput: () => refresh(),
  });
  filters.append(el("label", { class: "filter" }, "路径开头是", path));
  async function refresh() {
    const rows = await control.calls({ limit: LIMIT, path: path.value.trim() });
    if (!rows.length) return nobody(entries, "还没有接口调用。公众号要令牌、建菜单、发通知时，会记在这里。");
    const newestFirst = [...rows].sort((one, other) => other.at - one.at);
    sync(
      entries,
      newestFirst,
      (call) => call.id ?? `${call.at}${call.path}`,
      (call) => call,
      callEntry,
    );
  }
  return { refresh };
}

// ---- what reached people ------------------------------------------------------------------------------------

function sentEntry(sent, names, isOpen) {
  const shown = sent.bubble ?? sent;
  const head = el(
    "summary",
    { test: "sent" },
    el("span", { class: "time" }, spoken(sent.at)),
    el("strong", {}, names.get(sent.neighbour) ?? sent.openid ?? ""),
    el("span", { class: "about" }, shown.title ?? shown.text ?? shown.items?.[0]?.title ?? shown.kind ?? ""),
    el("span", { class: "mark" }, VIAS[sent.via] ?? sent.via ?? ""),
  );
  return el(
    "details",
    { open: isOpen },
    head,
    el("p", { class: "fine" }, full(sent.at)),
    body("送到手机上的", sent),
  );
}

function sent(filters, entries) {
  const via = select("怎么送的", "filter-via", [["", "所有"], ...Object.entries(VIAS)], () => refresh(known));
  let known = [];
  filters.append(via.node);
  async function refresh(people) {
    known = people;
    const rows = await control.sent({ limit: LIMIT, via: via.chosen.value });
    if (!rows.length) return nobody(entries, "还没有送到任何人手机上的消息。");
    const names = new Map(people.map(({ id, name }) => [id, name]));
    const newestFirst = [...rows].sort((one, other) => other.at - one.at);
    sync(
      entries,
      newestFirst,
      (one) => one.id ?? one.seq ?? JSON.stringify(one),
      (one) => [one, names.get(one.neighbour)],
      (one, isOpen) => sentEntry(one, names, isOpen),
    );
  }
  return { refresh };
}

export const LOGS = { pushes, calls, sent };
