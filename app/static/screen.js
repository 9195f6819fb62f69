/* Keeps a leader's screen, or a tablet on the wall, on the code of this moment. Without network it says so, and takes
   away a code that nobody could use any more. The page is never loaded again unless the house has just answered. */
"use strict";

(function () {
  const EVERY = 3000;
  const SAYS_SO = 15000; // after the code has turned over
  const USELESS = 30000; // then it is 60 seconds old
  const ask = (address) =>
    fetch(address, { cache: "no-store" }).then((answer) => (answer.ok ? answer.json() : Promise.reject(answer.status)));

  document.querySelectorAll("[data-code]").forEach((screen) => {
    const part = (name) => screen.querySelector("." + name);
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
      const late = Date.now() - goodUntil;
      part("warning").hidden = late < SAYS_SO;
      part("code").hidden = late >= USELESS;
    }

    setInterval(() => ask(screen.dataset.code).then(show).catch(() => undefined).finally(warn), EVERY);
    setInterval(warn, 1000);
  });

  // ---- the tablet: another activity, another day, or it was shut off
  const wall = document.querySelector("[data-wall]");
  if (!wall) return;
  const quiet = wall.querySelector(".quiet .warning");
  let answered = Date.now();
  setInterval(() => ask(wall.dataset.wall)
    .then((state) => {
      answered = Date.now();
      if (state.key !== wall.dataset.key) location.reload();
    })
    .catch(() => undefined)
    .finally(() => { if (quiet) quiet.hidden = Date.now() - answered < SAYS_SO; }), EVERY);
})();
