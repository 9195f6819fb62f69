/* Every page works without this. With it: ticks stay on this phone, a page without network says so instead of losing
   what was typed, going back keeps it too, leaving a filled form asks first, a page is printed where there is a
   printer, a notice that is open counts as read, the page with the login digits goes on. */
"use strict";

(function () {
  const all = (what) => Array.from(document.querySelectorAll(what));

  // ---- ticks: one entry per list, the words that are ticked
  all("[data-ticks]").forEach((list) => {
    const key = "ticks:" + list.dataset.ticks;
    const boxes = Array.from(list.querySelectorAll("input"));
    const words = (box) => box.closest("label").textContent.trim();
    try {
      const kept = JSON.parse(localStorage.getItem(key) || "[]");
      boxes.forEach((box) => { box.checked = kept.includes(words(box)); });
      list.addEventListener("change", () =>
        localStorage.setItem(key, JSON.stringify(boxes.filter((box) => box.checked).map(words))));
    } catch (_) { /* kept nowhere: the ticks are for this once */ }
  });

  // ---- no network
  const banner = document.querySelector(".offline");
  const show = () => { banner.hidden = navigator.onLine; };
  window.addEventListener("online", show);
  window.addEventListener("offline", show);
  banner.querySelector("button").addEventListener("click", () => {
    if (navigator.onLine && !filled()) location.reload();
    show();
  });
  document.addEventListener("submit", (event) => {
    if (!navigator.onLine) { event.preventDefault(); show(); banner.scrollIntoView(); }
  });

  // ---- what was typed is still there after going back (this tab's memory only, and gone once it is sent)
  const draft = "typed:" + location.pathname + location.search;
  const lines = "input[type=text], input[type=tel], textarea";
  try {
    const kept = JSON.parse(sessionStorage.getItem(draft) || "{}");
    all("form[method=post]").forEach((form) => {
      const fields = Array.from(form.querySelectorAll(lines));
      fields.forEach((one) => { if (!one.value && kept[one.name]) one.value = kept[one.name]; });
      form.addEventListener("input", () =>
        sessionStorage.setItem(draft, JSON.stringify(Object.fromEntries(fields.map((one) => [one.name, one.value])))));
      form.addEventListener("submit", () => sessionStorage.removeItem(draft));
    });
  } catch (_) { /* kept nowhere */ }

  // ---- a filled form is not left by accident, nor sent twice by a trembling finger
  let sending = false;
  const typed = "input:not([type=hidden]):not([type=search]), textarea";
  const filled = () => !sending && all("form[method=post]").some((form) =>
    Array.from(form.querySelectorAll(typed)).some((one) =>
      one.type === "radio" || one.type === "checkbox" ? one.checked !== one.defaultChecked : one.value !== one.defaultValue));
  window.addEventListener("beforeunload", (event) => { if (filled()) event.preventDefault(); });
  document.addEventListener("submit", (event) => {
    if (event.defaultPrevented) return;
    if (sending) { event.preventDefault(); return; }
    sending = true;
    setTimeout(() => { sending = false; }, 8000);
  });
  window.addEventListener("pageshow", () => { sending = false; });

  // ---- a printer (WeChat has none)
  all("[data-print]").forEach((button) => {
    button.hidden = /MicroMessenger/.test(navigator.userAgent);
    button.addEventListener("click", () => window.print());
  });

  // ---- the page is open before somebody: as if they pressed its button
  all("form[data-on-open]").forEach((form) => {
    fetch(form.dataset.onOpen, { method: "POST", body: new FormData(form) })
      .then((answer) => { if (answer.ok) { form.hidden = true; form.nextElementSibling.hidden = false; } })
      .catch(() => undefined);
  });

  // ---- the login digits
  all("[data-waiting]").forEach((waiting) => setInterval(() => {
    fetch(waiting.dataset.waiting, { cache: "no-store" })
      .then((answer) => answer.json())
      .then((known) => { if (known.in) location.reload(); })
      .catch(() => undefined);
  }, 3000));
})();
