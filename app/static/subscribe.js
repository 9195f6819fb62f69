/* WeChat's own button on 通知设置. The page is whole without it: nothing is loaded outside WeChat, the button appears only
   when WeChat's script is ready, and what was answered there goes to us by an ordinary form, once. */
"use strict";

(function () {
  const form = document.querySelector("[data-subscribe]");
  const button = form && form.querySelector("wx-open-subscribe");
  // The sandbox's phone shows our pages in a frame; anywhere else they are never in one.
  const inside = /MicroMessenger/.test(navigator.userAgent) || window.parent !== window;
  if (!button || !inside) return;

  const script = document.createElement("script");
  script.src = form.dataset.script;
  script.addEventListener("load", start);
  document.head.append(script);

  function start() {
    const wx = window.wx || window.jWeixin;
    if (!wx) return;

    const page = location.href.split("#")[0];
    fetch(form.dataset.subscribe + "?page=" + encodeURIComponent(page), { cache: "no-store" })
      .then((answer) => (answer.ok ? answer.json() : Promise.reject(answer.status)))
      .then((signed) => wx.config(Object.assign({ debug: false, jsApiList: [], openTagList: ["wx-open-subscribe"] }, signed)))
      .catch(() => undefined);

    wx.ready(() => {
      form.hidden = false;
      document.querySelectorAll("[data-no-button]").forEach((words) => { words.hidden = true; });
    });
  }

  button.addEventListener("success", (event) => {
    const told = event.detail.subscribeDetails;
    form.querySelector("[name=details]").value = typeof told === "string" ? told : JSON.stringify(told);
    form.requestSubmit ? form.requestSubmit() : form.submit();
  });
})();
