/* The board works without this file: "改时间" on a visit's own page does the same. Here a visit is dragged to a free
   time of its service, and the arrow keys turn the day. */
"use strict";

const dialog = document.getElementById("move");
let dragged = null;

document.querySelector(".days.kept [aria-current]")?.scrollIntoView({ block: "nearest", inline: "center" });

document.addEventListener("dragstart", (event) => {
  dragged = event.target.closest?.("[data-visit]") ?? null;
  if (!dragged) return;
  event.dataTransfer.effectAllowed = "move";
  event.dataTransfer.setData("text/plain", dragged.dataset.visit);
  document.body.dataset.dragging = "";
  for (const slot of targets()) slot.classList.add("can-drop");
});

document.addEventListener("dragover", (event) => {
  const slot = target(event);
  if (!slot) return;
  event.preventDefault();
  event.dataTransfer.dropEffect = "move";
});

document.addEventListener("drop", (event) => {
  const slot = target(event);
  if (!slot) return;
  event.preventDefault();
  ask(dragged, slot);
});

document.addEventListener("dragend", () => {
  for (const slot of document.querySelectorAll(".can-drop")) slot.classList.remove("can-drop");
  delete document.body.dataset.dragging;
  dragged = null;
});

function targets() {
  return [...document.querySelectorAll("[data-slot]")].filter((one) => one.dataset.of === dragged.dataset.of);
}

function target(event) {
  const slot = event.target.closest?.("[data-slot]");
  return dragged && slot && slot.dataset.of === dragged.dataset.of ? slot : null;
}

function ask(visit, slot) {
  const form = dialog.querySelector("form");
  form.action = visit.dataset.move;
  form.elements.slot.value = slot.dataset.slot;
  form.elements.seen.value = visit.dataset.seen;
  dialog.querySelector("#move-words b").textContent =
    `把${visit.dataset.name}从 ${visit.dataset.when} 改到 ${slot.dataset.when}?`;
  dialog.querySelector("#move-told").textContent = visit.dataset.told;
  dialog.showModal();
}

dialog?.querySelector("[data-close]").addEventListener("click", () => dialog.close());

document.addEventListener("click", (event) => {
  for (const open of document.querySelectorAll("details.visit[open]")) {
    if (!open.contains(event.target)) open.open = false;
  }
});

document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") {
    const open = document.querySelector("details.visit[open]");
    if (open) { open.open = false; open.querySelector("summary").focus(); }
  }
  const typing = event.target.closest("input, select, textarea, dialog, summary");
  if (typing || event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return;
  document.querySelector(`[data-key="${event.key}"]`)?.click();
});
