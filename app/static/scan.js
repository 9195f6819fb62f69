/* The leader's scanning by WeChat's camera (wechat.js must be there): what was scanned goes to us by an ordinary form,
   and after somebody was written down the camera opens again by itself. */
"use strict";

(function () {
  const form = document.querySelector("[data-scan]");
  if (!form) return;

  window.withWeChat(form, { jsApiList: ["scanQRCode"] }, (wx) => {
    const scan = () => wx.scanQRCode({
      needResult: 1,
      scanType: ["qrCode"],
      success: (found) => {
        form.querySelector("[name=code]").value = found.resultStr;
        form.requestSubmit ? form.requestSubmit() : form.submit();
      },
    });
    form.hidden = false;
    form.querySelector("button").addEventListener("click", scan);
    if ("next" in form.dataset) setTimeout(scan, 1500);
  });
})();
