/* WeChat's own button on 通知设置 (wechat.js must be there). It appears only when WeChat's script is ready, and what was
   answered there goes to us by an ordinary form, once. */
"use strict";

(function () {
  const form = document.querySelector("[data-subscribe]");
  const button = form && form.querySelector("wx-open-subscribe");
  if (!button) return;

  window.withWeChat(form, { openTagList: ["wx-open-subscribe"] }, () => {
    form.hidden = false;
    document.querySelectorAll("[data-no-button]").forEach((words) => { words.hidden = true; });
  });

  button.addEventListener("success", (event) => {
    const told = event.detail.subscribeDetails;
    form.querySelector("[name=details]").value = typeof told === "string" ? told : JSON.stringify(told);
    form.requestSubmit ? form.requestSubmit() : form.submit();
  });
})();
