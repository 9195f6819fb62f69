// Faults as switches: each says in one sentence what breaks, and all end with one press.

import { control } from "/phone/api.js";
import { el, redraw } from "/phone/dom.js";

// [name, label, sentence, value when on, value when off]
const SWITCHES = [
  ["slow_seconds", "接口变慢", "平台的接口过 6 秒才回答。", 6, 0],
  ["http_500", "接口坏了", "平台的接口回答 HTTP 500。", true, false],
  ["html", "回答成网页", "平台的接口回一个网页，不是 JSON。", true, false],
  ["busy", "平台繁忙", "平台的接口回答 −1，过一会儿再试就好。", true, false],
  ["bad_token", "令牌失效", "平台说令牌不对（40001），像是别处换过令牌。", true, false],
  ["duplicate_pushes", "重复推送", "同一条消息推送两遍，编号一样。", true, false],
  ["out_of_order", "次序颠倒", "后说的话先推送到。", true, false],
];
const CODES = [
  ["", "不出错"],
  ["45009", "45009 今天的次数用完了"],
  ["45011", "45011 叫得太勤"],
  ["48001", "48001 账号没有这个权限"],
  ["45015", "45015 过了 48 小时"],
  ["43101", "43101 没有订阅"],
  ["45047", "45047 客服消息条数用完"],
];

function switchRow([name, label, sentence, on, off], state, change) {
  const box = el("input", {
    type: "checkbox",
    role: "switch",
    checked: Boolean(state[name]),
    test: "fault",
    data: { fault: name },
    onchange: (event) => change({ [name]: event.target.checked ? on : off }),
  });
  return el(
    "label",
    { class: "switch" },
    el("span", { class: "who" }, el("strong", {}, label), el("span", { class: "fine" }, sentence)),
    box,
  );
}

function codeRow(state, change) {
  const current = state.errcode === null || state.errcode === undefined ? "" : String(state.errcode);
  const codes = CODES.some(([code]) => code === current) ? CODES : [...CODES, [current, current]];
  const chosen = el(
    "select",
    {
      test: "fault-errcode",
      onchange: (event) => change({ errcode: event.target.value ? Number(event.target.value) : null }),
    },
    codes.map(([code, words]) => el("option", { value: code, selected: code === current }, words)),
  );
  return el("label", { class: "filter" }, "接口总是回答这个错误", chosen);
}

function prefixes(text) {
  const all = text.split(/\s+/).filter(Boolean);
  return all.length > 1 ? all : (all[0] ?? "*");
}

function scopeRow(state, change) {
  const paths = el("input", {
    test: "fault-paths",
    value: [state.paths ?? "*"].flat().join(" "),
    onchange: (event) => change({ paths: prefixes(event.target.value) }),
  });
  const times = el("input", {
    type: "number",
    min: "1",
    test: "fault-times",
    placeholder: "一直",
    value: state.times === null || state.times === undefined ? "" : String(state.times),
    onchange: (event) => change({ times: event.target.value ? Number(event.target.value) : null }),
  });
  return el(
    "div",
    { class: "pair" },
    el("label", { class: "filter" }, "只对这些接口（* 是全部）", paths),
    el("label", { class: "filter" }, "只出几次", times),
  );
}

/** Draws the card; gives back what brings it up to date. */
export function startFaults(card, attempt) {
  const change = (fields) => attempt(() => control.setFaults(fields));
  const reset = () => attempt(() => control.resetFaults());
  return async () => {
    const state = await control.faults();
    const held = document.activeElement?.dataset?.fault;
    redraw(card, state, () => [
      el("h2", {}, "故障"),
      SWITCHES.map((one) => switchRow(one, state, change)),
      codeRow(state, change),
      scopeRow(state, change),
      el("button", { type: "button", class: "quiet", test: "faults-reset", onclick: reset }, "全部恢复正常"),
    ]);
    if (held) card.querySelector(`[data-fault="${held}"]`)?.focus();
  };
}
