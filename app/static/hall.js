/* The hall's screen and its tablet: says when the network is away, reads calls out where somebody has switched that on,
   keys for the number of an appointment, a printer where there is one. Without it the screen still shows numbers. */
"use strict";

(function () {
  const KEPT = "hall-voice";

  // ---- the network: what was shown last stays
  const away = document.querySelector(".away");
  if (away) {
    const is = (gone) => () => { away.hidden = !gone; };
    for (const name of ["htmx:sendError", "htmx:timeout", "htmx:responseError"]) document.body.addEventListener(name, is(true));
    document.body.addEventListener("htmx:afterOnLoad", is(false));
  }

  // ---- a voice, off until somebody wants it: browsers speak only after a tap
  const voice = document.querySelector("[data-voice]");
  const calls = () => Array.from(document.querySelectorAll("[data-call]"));
  if (voice && "speechSynthesis" in window) {
    let on = false;
    const said = new Set(calls().map((one) => one.dataset.call));
    const show = () => { voice.textContent = on ? "声音:开" : "声音:关"; voice.setAttribute("aria-pressed", on); };
    const speak = (words) => {
      const spoken = new SpeechSynthesisUtterance(words);
      spoken.lang = "zh-CN";
      spoken.rate = 0.9;
      window.speechSynthesis.speak(spoken);
    };
    voice.hidden = false;
    voice.classList.toggle("wanted", localStorage.getItem(KEPT) === "on");
    voice.addEventListener("click", () => {
      on = !on;
      localStorage.setItem(KEPT, on ? "on" : "off");
      voice.classList.remove("wanted");
      if (on) speak("声音开了");
      show();
    });
    show();
    document.body.addEventListener("htmx:afterSettle", () => calls().forEach((one) => {
      if (said.has(one.dataset.call)) return;
      said.add(one.dataset.call);
      if (on) speak(one.dataset.say);
    }));
  }

  // ---- keys for the number of an appointment
  const keys = document.querySelector("[data-keys]");
  if (keys) {
    const typed = keys.closest("form").querySelector("input");
    keys.addEventListener("click", (event) => {
      const key = event.target.closest("[data-key]");
      if (key) typed.value = key.dataset.key ? (typed.value + key.dataset.key).slice(0, 8) : typed.value.slice(0, -1);
    });
  }

  document.querySelectorAll("[data-print]").forEach((button) => {
    button.hidden = false;
    button.addEventListener("click", () => window.print());
  });
})();
