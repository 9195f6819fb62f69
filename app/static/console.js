/* The console works without this file: it only prints, copies, and asks before unsaved words are lost. */
"use strict";

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-print], [data-copy]");
  if (!button) return;
  if ("print" in button.dataset) window.print();
  else navigator.clipboard?.writeText(button.dataset.copy).then(() => { button.textContent = "已复制"; });
});

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
if (thread) thread.scrollTop = thread.scrollHeight;
