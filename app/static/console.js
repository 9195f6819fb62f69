/* The console works without this file: it only prints, copies, and asks before unsaved words are lost. */
"use strict";

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-print], [data-copy]");
  if (!button) return;
  if ("print" in button.dataset) window.print();
  else navigator.clipboard?.writeText(button.dataset.copy).then(() => { button.textContent = "已复制"; });
});

/* On a phone the menu takes half of the screen: it is folded away until it is asked for. */
const fold = document.querySelector(".fold");
if (fold) {
  fold.hidden = false;
  fold.parentElement.classList.add("folded");
  fold.addEventListener("click", () => {
    fold.setAttribute("aria-expanded", String(!fold.parentElement.classList.toggle("folded")));
  });
}

for (const select of document.querySelectorAll("select[data-go]")) {
  select.addEventListener("change", () => select.form.requestSubmit());
}

let unsaved = false;
for (const form of document.querySelectorAll("form[data-keep]")) {
  form.addEventListener("input", () => { unsaved = true; });
  form.addEventListener("submit", () => { unsaved = false; });
}
window.addEventListener("beforeunload", (event) => { if (unsaved) event.preventDefault(); });

const thread = document.querySelector(".thread");
if (thread) {
  let atEnd = true;
  thread.scrollTop = thread.scrollHeight;
  thread.addEventListener("scroll", () => { atEnd = thread.scrollHeight - thread.scrollTop - thread.clientHeight < 60; });
  thread.addEventListener("htmx:afterSwap", () => { if (atEnd) thread.scrollTop = thread.scrollHeight; });
}

/* Quick replies: put where the cursor is. */
const insert = (link) => {
  const text = document.getElementById("text");
  text.setRangeText(link.dataset.insert, text.selectionStart, text.selectionEnd, "end");
  text.focus();
  text.dispatchEvent(new Event("input", { bubbles: true }));
};
document.addEventListener("click", (event) => {
  const link = event.target.closest("[data-insert]");
  if (!link) return;
  event.preventDefault();
  insert(link);
});
document.addEventListener("keydown", (event) => {
  const link = event.altKey && document.querySelector(`[data-key="${event.code.replace("Digit", "")}"]`);
  if (!link) return;
  event.preventDefault();
  insert(link);
});

/* Typing from paper: Enter and the arrows go down and up the same column; Ctrl+Enter sends. */
document.addEventListener("keydown", (event) => {
  const box = event.target.closest?.("[data-rows] input");
  if (!box || !["Enter", "ArrowDown", "ArrowUp"].includes(event.key)) return;
  event.preventDefault();
  if (event.key === "Enter" && event.ctrlKey) { box.form.requestSubmit(); return; }
  const [column, row] = box.id.split("-");
  const next = document.getElementById(`${column}-${Number(row) + (event.key === "ArrowUp" ? -1 : 1)}`);
  (next ?? box).focus();
  next?.select();
});
