/* A stand-in for WeChat's own script (jweixin-1.6.0.js), as much of it as our pages need: subscription notices, scanning
   and the place. It asks the phone around the page; outside of that phone it is never ready, as the real one is not
   outside WeChat, and it does nothing that the page has not named in `jsApiList`. */
"use strict";

(function () {
  const waiting = [];
  const asked = {};
  let ready = false;
  let allowed = [];
  const phone = window.parent !== window ? window.parent : null;
  const NEEDED = ["appId", "timestamp", "nonceStr", "signature"];

  window.wx = window.jWeixin = {
    config(signed) {
      if (!phone || !NEEDED.every((name) => signed[name])) return;
      ready = true;
      allowed = signed.jsApiList ?? [];
      waiting.splice(0).forEach((done) => done());
    },
    ready(done) {
      if (ready) done();
      else waiting.push(done);
    },
    error() {},
    scanQRCode(how) {
      ask("scanQRCode", how);
    },
    getLocation(how) {
      ask("getLocation", how);
    },
  };

  function ask(api, how) {
    if (!ready || !allowed.includes(api)) {
      how.fail?.({ errMsg: `${api}:the permission value is offline verifying` });
      return;
    }
    asked[api] = how;
    phone.postMessage({ sandbox: api }, "*");
  }

  /* The phone's answer: `result` is what the real script gives. Who closes the sheet is asked again by the next tap. */
  window.addEventListener("message", (event) => {
    const { sandbox, result } = event.data ?? {};
    const how = event.source === phone && asked[sandbox];
    if (!how) return;
    delete asked[sandbox];
    how.success?.({ ...result, errMsg: `${sandbox}:ok` });
  });

  class Subscribe extends HTMLElement {
    connectedCallback() {
      const drawn = this.querySelector("template:not([slot])");
      this.attachShadow({ mode: "open" }).append(drawn ? drawn.content.cloneNode(true) : "订阅");
      this.tabIndex = 0;
      this.setAttribute("role", "button");
      this.addEventListener("click", () => this.ask());
      this.addEventListener("keydown", (event) => event.key === "Enter" && this.ask());
    }

    ask() {
      const templates = this.getAttribute("template").split(",");
      if (ready) phone.postMessage({ sandbox: "subscribe", templates }, "*");
    }
  }
  customElements.define("wx-open-subscribe", Subscribe);

  window.addEventListener("message", (event) => {
    if (event.source !== phone || event.data?.sandbox !== "subscribed") return;
    const { template_id, answer } = event.data;
    const status = answer === "reject" ? "reject" : "accept";
    const subscribeDetails = JSON.stringify({ [template_id]: JSON.stringify({ status }) });
    const told = new CustomEvent("success", { detail: { errMsg: "subscribe:ok", subscribeDetails } });
    document.querySelector("wx-open-subscribe")?.dispatchEvent(told);
  });
})();
