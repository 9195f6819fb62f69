/* Keeps the leader's page openable without a network, and nothing else: the page itself (which holds no name) and its
   own styles and scripts, for as long as the page says. It rules only what is below /h5/offline/<number>/. */
"use strict";

const PATIENCE = 4000;

self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));

/* { keep: [addresses], name } holds these under this name and drops older versions; { forget: prefix } drops all. */
self.addEventListener("message", (event) => {
  const asked = event.data;
  const work = asked.keep ? hold(asked.name, asked.keep) : drop(asked.forget, "");
  const tell = (words) => event.ports[0].postMessage(words);
  event.waitUntil(work.then(() => tell("done"), () => tell("failed")));
});

async function hold(name, addresses) {
  const cache = await caches.open(name);
  await cache.addAll(addresses);
  await drop(name.slice(0, name.lastIndexOf(":") + 1), name);
}

async function drop(prefix, but) {
  for (const name of await caches.keys()) {
    if (name.startsWith(prefix) && name !== but) {
      await caches.delete(name);
    }
  }
}

self.addEventListener("fetch", (event) => {
  const request = event.request;
  const address = new URL(request.url);
  if (request.method !== "GET" || address.origin !== location.origin) {
    return;
  }
  if (request.mode === "navigate") {
    event.respondWith(newest(request));
  } else if (address.pathname.startsWith("/static/")) {
    event.respondWith(caches.match(request).then((found) => found || fetch(request)));
  }
});

/* The page from the house, so that a mended one comes through; the kept one when the house does not answer in time. */
async function newest(request) {
  const late = new Promise((resolve) => setTimeout(resolve, PATIENCE));
  const answer = await Promise.race([fetch(request).catch(() => undefined), late]);
  if (answer && answer.status < 500) {
    return answer;
  }
  return (await caches.match(request.url)) || answer || fetch(request);
}
