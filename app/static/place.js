/* Telling where the phone is, after a check-in and only with a tick (wechat.js must be there). */
"use strict";

(function () {
  const form = document.querySelector("[data-place]");
  if (!form) return;

  window.withWeChat(form, { jsApiList: ["getLocation"] }, (wx) => {
    form.hidden = false;
    form.querySelector("button").addEventListener("click", () => {
      if (!form.reportValidity()) return;
      wx.getLocation({
        type: "gcj02",
        success: (place) => {
          form.querySelector("[name=lat]").value = place.latitude;
          form.querySelector("[name=lng]").value = place.longitude;
          form.querySelector("[name=accuracy]").value = place.accuracy;
          form.submit();
        },
      });
    });
  });
})();
