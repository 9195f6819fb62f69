/* WeChat's own script on a page of ours, loaded only inside WeChat. `element` says where it is (data-script) and where
   the page's signature is (data-sdk); `ready` is called with it once WeChat agrees. The page is whole without it. */
"use strict";

window.withWeChat = function (element, wants, ready) {
  // The sandbox's phone shows our pages in a frame; anywhere else they are never in one.
  const inside = /MicroMessenger/.test(navigator.userAgent) || window.parent !== window;
  if (!element || !inside) return;

  const script = document.createElement("script");
  script.src = element.dataset.script;
  script.addEventListener("load", () => {
    const wx = window.wx || window.jWeixin;
    if (!wx) return;
    const page = encodeURIComponent(location.href.split("#")[0]);
    fetch(element.dataset.sdk + "?page=" + page, { cache: "no-store" })
      .then((answer) => (answer.ok ? answer.json() : Promise.reject(answer.status)))
      .then((signed) => wx.config(Object.assign({ debug: false, jsApiList: [], openTagList: [] }, wants, signed)))
      .catch(() => undefined);
    wx.ready(() => ready(wx));
  });
  document.head.append(script);
};
