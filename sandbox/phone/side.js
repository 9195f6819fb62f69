// The calm panel beside the phone: what the account was told last and what it answered, and three faults.

import { control } from "./api.js";
import { byTest, el, redraw } from "./dom.js";
import { fields } from "./pushbody.js";

const OUTCOMES = { answered: "回答了", empty: "收到了，没有说话", failed: "没有答好" };
const SWITCHES = [
  ["slow_seconds", "接口变慢", "平台的接口过 6 秒才回答", 6, 0],
  ["busy", "平台繁忙", "平台的接口都回答 −1", true, false],
  ["duplicate_pushes", "重复推送", "每条消息都推送两遍", true, false],
];

const side = byTest("side");
const last = el("section", { class: "plain", test: "last-push", "aria-live": "off" });
const faults = el("section", { class: "plain", test: "faults" });
side.append(
  el("h2", {}, "背后发生的事"),
  last,
  faults,
  el("p", {}, el("a", { class: "quiet", href: "/control", test: "control-link" }, "打开平台控制台")),
  el("p", { class: "fine" }, "时钟、故障、全部推送和接口记录都在控制台里。"),
);

function table(rows) {
  if (!rows.length) return el("p", { class: "fine" }, "空的回答");
  return el(
    "dl",
    { class: "fields" },
    rows.map(([name, value]) => el("div", {}, el("dt", {}, name), el("dd", {}, value))),
  );
}

function part(title, body) {
  return [el("h3", {}, title), table(fields(body))];
}

function outcomeWords({ outcome, deliveries = [] }) {
  const parts = [OUTCOMES[outcome] ?? "还在等"];
  if (deliveries.length) parts.push(`${Math.round(deliveries.at(-1).ms ?? 0)} 毫秒`);
  if (deliveries.length > 1) parts.push(`推送了 ${deliveries.length} 次`);
  return parts.join(" · ");
}

function drawPush(push) {
  const final = push.deliveries?.at(-1);
  const trouble = final?.error && el("p", { class: "fine" }, `原因：${final.error}`);
  redraw(last, push, () => [
    el("p", { class: `outcome is-${push.outcome}` }, outcomeWords(push)),
    trouble,
    part("公众号收到", push.plain),
    part("公众号回答", final?.body),
  ]);
}

function drawWords(words) {
  redraw(last, words, () => el("p", { class: "fine" }, words));
}

let asked = 0;

/** Look up this neighbour's last push; of two questions on their way only the later one is shown. */
export async function drawSide(who) {
  if (!side.checkVisibility()) return;
  const mine = (asked += 1);
  try {
    const [push] = await control.pushes({ neighbour: who, limit: 1 });
    if (mine !== asked) return;
    if (push) drawPush(push);
    else drawWords("还没有推送。和公众号说一句话，这里就看得到它收到什么、怎么回答。");
  } catch (problem) {
    drawWords(problem.message);
  }
}

function faultSwitch([name, label, explain, on, off], state) {
  const flip = async (event) => {
    await control.setFaults({ [name]: event.target.checked ? on : off }).catch(() => {});
    drawFaults();
  };
  const box = el("input", {
    type: "checkbox",
    role: "switch",
    checked: Boolean(state[name]),
    test: "fault",
    data: { fault: name },
    onchange: flip,
  });
  return el(
    "label",
    { class: "switch" },
    el("span", { class: "who" }, el("strong", {}, label), el("span", { class: "fine" }, explain)),
    box,
  );
}

export async function drawFaults() {
  const state = await control.faults().catch(() => null);
  if (!state) return;
  const held = document.activeElement?.dataset?.fault;
  redraw(faults, state, () => [el("h3", {}, "试试出故障"), SWITCHES.map((one) => faultSwitch(one, state))]);
  if (held) faults.querySelector(`[data-fault="${held}"]`)?.focus();
}
