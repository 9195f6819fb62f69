/* A stand-in for WeChat's own script (jweixin-1.6.0.js), as much of it as a page needs to ask for subscription notices.
   It asks the phone around the page; outside of that phone it is never ready, as the real one is not outside WeChat. */
"use strict";

(function () {
  const waiting = [];
  let ready = false;
  const phone = window.parent !== window ? window.parent : null;
  const NEEDED = ["appId", "timestamp", "nonceStr", "signature"];

  window.wx = window.jWeixin = {
    config(signed) {
      if (!phone || !NEEDED.every((name) => signed[name])) return;
      ready = true;
      waiting.splice(0).forEach((done) => done());
    },
    ready(done) {
      if (ready) done();
      else waiting.push(done);
    },
    error() {},
  };

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
