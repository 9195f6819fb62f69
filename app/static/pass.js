/* A code that turns over: the page is loaded again, as soon as there is a network. */
"use strict";

(function () {
  const turning = document.querySelector("[data-again]");
  const again = () => { if (navigator.onLine) location.reload(); };
  setTimeout(() => { again(); setInterval(again, 3000); }, Number(turning.dataset.again) * 1000);
})();
