// The phone: who holds it, what is done with it, and the one loop that asks the platform for news.

import { phone } from "./api.js";
import { learnOffset } from "./clock.js";
import { Conversation } from "./conversation.js";
import { byTest, el, icon } from "./dom.js";
import { grantSheet } from "./grants.js";
import { miniSheet } from "./miniprogram.js";
import { pressMenu } from "./accountmenu.js";
import { scanSheet } from "./scan.js";
import { moreSheet, textSheet } from "./moresheet.js";
import { Screen } from "./screen.js";
import { closeSheet, openSheet, say } from "./sheet.js";
import { drawFaults, drawSide } from "./side.js";
import { placeSheet, sendThing } from "./things.js";
import { closeWeb, openWeb } from "./webview.js";

const POLL_MS = 1500;
const CLOCK_EVERY = 10;
const asked = new URLSearchParams(location.search);
const state = {
  neighbours: [],
  chats: new Map(),
  current: null,
  account: asked.get("account") ?? "main",
  busy: false,
  trouble: null,
};

let sends = 0;

const chat = () => state.chats.get(state.current);
const accountName = () => chat()?.profile?.display_name ?? "公众号";

const screen = new Screen(state, {
  chat: { open: openTarget, choose: chooseOption, enlarge, resend },
  foot: { text: sendText, menu: menuPress, thing: pickThing },
  profile: { follow, scan: () => scanSheet(state.account, scan) },
  person: openNeighbour,
});
const draw = () => screen.draw();

function menuPress(button) {
  pressMenu(button, {
    act,
    open: openTarget,
    mini: openMini,
    scanned: openScanned,
    account: () => state.account,
  });
}

function openTarget({ url, appid, path }) {
  if (url ? !openWeb(url, state.current) : false) say("这个地址打不开");
  if (!url) openMini({ appid, path });
}

function openMini(wanted = {}) {
  miniSheet(state.current, wanted);
}

function enlarge(url) {
  openSheet("照片", el("img", { src: url, alt: "照片", class: "large" }));
}

// ---- doing things -------------------------------------------------------------------------------------------

/** Do something in the open chat and draw what came of it; null when it failed (said on the screen). */
async function act(what, body) {
  const mine = chat();
  const doing = mine.act(what, body);
  draw();
  try {
    return await doing;
  } catch (problem) {
    say(problem.message);
    return null;
  } finally {
    await refresh(mine);
    drawSide(state.current);
  }
}

async function deliver(mine, item) {
  const doing = mine.act("send", item.body);
  draw();
  try {
    await doing;
    mine.forget(item);
  } catch (problem) {
    item.failed = problem.message;
    // Its bubble may be there already: then the words went out, and only the answer was lost.
    if (!mine.pending.includes(item)) say(problem.message);
  }
  await refresh(mine);
  drawSide(state.current);
}

function send(body, bubble = body) {
  const item = { body, bubble, number: (sends += 1) };
  chat().pending.push(item);
  screen.log.sticky = true;
  return deliver(chat(), item);
}

function resend(item) {
  item.failed = null;
  return deliver(chat(), item);
}

function sendText(text) {
  return send({ kind: "text", text });
}

function chooseOption(id, content) {
  return send({ kind: "text", text: content, bizmsgmenuid: id });
}

function pickThing(name) {
  if (name === "scan") scanSheet(state.account, scan);
  else if (name === "subscribe") grantSheet(state.account, accountName(), answerPopup);
  else if (name === "mini") openMini();
  else sendThing(name, send);
}

const ANSWERED = { reject: "已拒绝", off: "已关掉" };

async function answerPopup(template_id, answer) {
  if (await act("popup", { template_id, answer })) say(ANSWERED[answer] ?? "已允许");
}

/** A page inside the phone asks for something of WeChat's (jweixin.js) and hears what was answered. */
function hearPage(event) {
  const frame = document.querySelector("[data-test=webview-frame]");
  if (event.source !== frame?.contentWindow) return;
  const asked = event.data?.sandbox;
  const give = (result) => event.source.postMessage({ sandbox: asked, result }, event.origin);
  if (asked === "subscribe") askForNotices(event);
  else if (asked === "scanQRCode") scanSheet(state.account, (resultStr) => give({ resultStr }));
  else if (asked === "getLocation")
    placeSheet(({ lat, lng }) => give({ latitude: lat, longitude: lng, accuracy: 30, speed: 0 }));
}

function askForNotices(event) {
  const answered = async (template_id, answer) => {
    await answerPopup(template_id, answer);
    event.source.postMessage({ sandbox: "subscribed", template_id, answer }, event.origin);
  };
  grantSheet(state.account, accountName(), answered, event.data.templates);
}

async function scan(content) {
  const answer = await act("scan", { content });
  if (answer?.account && answer.account !== state.account) openAccount(answer.account);
  if (answer?.opened === "page") openTarget({ url: answer.url ?? content });
  if (answer?.opened === "text") textSheet(content);
}

/** Another account of this platform has its own chats: the page starts again with it. */
function openAccount(account) {
  location.search = new URLSearchParams({ account, neighbour: state.current });
}

function openScanned(content) {
  if (/^https?:/i.test(content)) openTarget({ url: content });
  else textSheet(content);
}

async function follow() {
  state.busy = true;
  await act("follow", {});
  state.busy = false;
  draw();
  byTest("to-keys")?.focus();
}

function more() {
  if (chat()?.loaded)
    moreSheet(chat(), screen.holder, {
      popup: () => pickThing("subscribe"),
      mini: () => openMini(),
      people: () => screen.show("people"),
      account: openAccount,
      unfollow: () => act("unfollow", {}),
    });
}

// ---- who holds the phone ------------------------------------------------------------------------------------

async function openNeighbour(id) {
  state.current = id;
  sessionStorage.setItem("sandbox.neighbour", id);
  localStorage.setItem("sandbox.neighbour", id);
  closeSheet();
  closeWeb();
  screen.show("chat");
  await refresh(chat());
  drawSide(id);
}

async function learnNeighbours() {
  state.neighbours = await phone.neighbours();
  state.trouble = null;
  for (const { id } of state.neighbours) {
    if (!state.chats.has(id)) state.chats.set(id, new Conversation(id, state.account));
  }
}

function firstNeighbour() {
  const wishes = [
    asked.get("neighbour"),
    sessionStorage.getItem("sandbox.neighbour"),
    localStorage.getItem("sandbox.neighbour"),
  ];
  const known = wishes.find((id) => state.neighbours.some((neighbour) => neighbour.id === id));
  return known ?? state.neighbours[0]?.id ?? null;
}

async function addNeighbour(event) {
  event.preventDefault();
  const form = event.target;
  const name = form.elements.name.value.trim();
  if (!name) return;
  try {
    const made = await phone.addNeighbour(name);
    form.reset();
    await learnNeighbours();
    await openNeighbour(made.id);
  } catch (problem) {
    say(problem.message);
  }
}

// ---- news ---------------------------------------------------------------------------------------------------

async function refresh(mine) {
  if (!mine) return false;
  try {
    await mine.refresh();
    state.trouble = null;
  } catch (problem) {
    state.trouble = problem.message;
  }
  draw();
  return true;
}

async function glanceElsewhere(turn) {
  const others = state.neighbours.filter(({ id }) => id !== state.current);
  if (!others.length) return;
  const one = state.chats.get(others[turn % others.length].id);
  if (await one.refresh().catch(() => false)) draw();
}

async function loop(turn = 0) {
  if (!document.hidden) {
    if (!state.neighbours.length) await start().catch(() => {});
    const before = chat()?.bubbles.length;
    await refresh(chat());
    if (before !== chat()?.bubbles.length) drawSide(state.current);
    await glanceElsewhere(turn);
    if (turn % CLOCK_EVERY === 0) await Promise.all([learnOffset(), drawFaults()]);
  }
  setTimeout(() => loop(turn + 1), POLL_MS);
}

async function start() {
  await learnNeighbours();
  const id = firstNeighbour();
  if (id) await openNeighbour(id);
  await Promise.all(
    state.neighbours.map((neighbour) =>
      state.chats
        .get(neighbour.id)
        .refresh()
        .catch(() => false),
    ),
  );
}

byTest("scan").append(icon("scan"));
byTest("more").append(icon("more"));
byTest("back").addEventListener("click", () => screen.show("people"));
byTest("scan").addEventListener("click", () => chat() && scanSheet(state.account, scan));
byTest("more").addEventListener("click", more);
byTest("add-form").addEventListener("submit", addNeighbour);
window.addEventListener("message", hearPage);
learnOffset()
  .then(start)
  .catch((problem) => {
    state.trouble = problem.message;
    draw();
  })
  .then(() => loop());
