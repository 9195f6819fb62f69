// The control page: which log is open, and one slow loop that keeps everything on it true.

import { phone } from "/phone/api.js";
import { byTest } from "/phone/dom.js";
import { startApps } from "./apps.js";
import { startClock } from "./clockcard.js";
import { startFaults } from "./faults.js";
import { LOGS } from "./logs.js";

const POLL_MS = 2000;
const tabs = [...document.querySelectorAll('[data-test="tab"]')];
const trouble = byTest("trouble");
const filters = byTest("filters");
const entries = byTest("entries");
let open = null;
let people = [];

function tell(problem) {
  trouble.hidden = !problem;
  trouble.textContent = problem ? problem.message : "";
}

/** Do one thing, say in words when it failed, and bring the page up to date. */
async function attempt(doing) {
  try {
    const answer = await doing();
    await refresh();
    return answer;
  } catch (problem) {
    tell(problem);
    return null;
  }
}

const cards = [
  startClock(byTest("clock"), attempt),
  startFaults(byTest("faults"), attempt),
  startApps(byTest("apps"), attempt),
];

async function refresh() {
  try {
    await Promise.all([open.refresh(people), ...cards.map((card) => card())]);
    tell(null);
  } catch (problem) {
    tell(problem);
  }
}

function show(name) {
  for (const tab of tabs) {
    const chosen = tab.dataset.tab === name;
    tab.setAttribute("aria-selected", String(chosen));
    tab.tabIndex = chosen ? 0 : -1;
    if (chosen) byTest("entries").closest("[role=tabpanel]").setAttribute("aria-labelledby", tab.id);
  }
  filters.replaceChildren();
  entries.replaceChildren();
  open = LOGS[name](filters, entries, attempt);
  return refresh();
}

function arrow(event) {
  const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
  if (!step) return;
  const next = tabs[(tabs.indexOf(event.target) + step + tabs.length) % tabs.length];
  next.focus();
  show(next.dataset.tab);
}

async function loop() {
  if (!document.hidden) {
    people = await phone.neighbours().catch(() => people);
    await refresh();
  }
  setTimeout(loop, POLL_MS);
}

for (const tab of tabs) {
  tab.addEventListener("click", () => show(tab.dataset.tab));
  tab.addEventListener("keydown", arrow);
}
people = await phone.neighbours().catch(() => []);
await show("pushes");
loop();
