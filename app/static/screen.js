/* Keeps the leader's screen on the code of this moment. When the network is away it says so before the code is stale. */
"use strict";

(function () {
  const screen = document.querySelector("[data-code]");
  const part = (name) => screen.querySelector("." + name);
  const EVERY = 3000;
  let goodUntil = Date.now() + Number(screen.dataset.seconds) * 1000;

  function show(code) {
    if (!code.digits) {
      location.reload();
      return;
    }
    if (part("digits").textContent !== code.digits) {
      part("digits").textContent = code.digits;
      part("qr").src = code.picture;
    }
    part("here").textContent = code.here;
    goodUntil = Date.now() + code.seconds_left * 1000;
  }

  function warn() {
    part("warning").hidden = Date.now() < goodUntil + 15000;
  }

  function ask() {
    fetch(screen.dataset.code, { cache: "no-store" })
      .then((answer) => (answer.ok ? answer.json() : Promise.reject(answer.status)))
      .then(show)
      .catch(() => undefined)
      .finally(warn);
  }

  setInterval(ask, EVERY);
})();
