// Sheets rise from the foot of the phone, one at a time; Escape closes and the focus goes back where it was.

import { byTest, el, icon } from "./dom.js";

const layer = byTest("sheet-layer");
const screens = byTest("screens");
let goBack = null;

function onKey(event) {
  if (event.key === "Escape") closeSheet();
}

export function closeSheet() {
  if (layer.hidden) return;
  layer.hidden = true;
  layer.replaceChildren();
  screens.inert = false;
  document.removeEventListener("keydown", onKey);
  goBack?.focus();
}

/** Open a sheet with a title and nodes; its first field or button gets the focus. */
export function openSheet(title, content, { name = "sheet" } = {}) {
  if (layer.hidden) goBack = document.activeElement;
  byTest("toast").hidden = true;
  const heading = el("h2", { id: "sheet-title" }, title);
  const close = el(
    "button",
    { type: "button", class: "icon-button", test: "sheet-close", "aria-label": "关上", onclick: closeSheet },
    icon("close"),
  );
  const sheet = el(
    "section",
    { class: "sheet", role: "dialog", "aria-modal": "true", "aria-labelledby": "sheet-title", test: name },
    el("header", {}, heading, close),
    el("div", { class: "sheet-body" }, content),
  );
  layer.replaceChildren(el("div", { class: "veil", onclick: closeSheet }), sheet);
  layer.hidden = false;
  screens.inert = true;
  document.addEventListener("keydown", onKey);
  (
    sheet.querySelector("[autofocus]") ??
    sheet.querySelector(".sheet-body input, .sheet-body textarea, .sheet-body button") ??
    close
  ).focus();
  return sheet;
}

/** A labelled input or textarea. */
export function field(label, input) {
  return el("label", { class: "field" }, el("span", {}, label), input);
}

/** A form that closes its sheet when sent. */
export function sheetForm(fields, verb, submit) {
  const onsubmit = (event) => {
    event.preventDefault();
    const values = Object.fromEntries(new FormData(event.target));
    closeSheet();
    submit(values);
  };
  return el(
    "form",
    { class: "stack", onsubmit },
    fields,
    el("button", { type: "submit", class: "primary", test: "sheet-send" }, verb),
  );
}

let toastTimer = 0;

/** A short word at the foot; it is also read aloud, and it stays long enough to be read twice. */
export function say(text) {
  const toast = byTest("toast");
  toast.textContent = text;
  toast.hidden = false;
  clearTimeout(toastTimer);
  toastTimer = setTimeout(() => {
    toast.hidden = true;
  }, 5000);
}
