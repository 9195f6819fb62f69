/* The leader's page without a network: who came, who left, by name or by four digits; what waits to be brought; and how it
   stands with the network. Everything shown comes from leader_kept.js and leader_sync.js. */
"use strict";

(function () {
  const part = (id) => document.getElementById(id);
  const body = document.body;
  const number = Number(body.dataset.number);
  const NET = { online: "在线", offline: "没有网络", sending: "正在上传", busy: "有网,等一会儿再传" };
  const WAYS = { in: "到了", out: "走了", undo: "撤回" };
  const GONE_AFTER = 7 * 24 * 3600 * 1000;
  let kept, sync, pageHeld = false, over = false;

  const clock = (at) => new Date(at + 8 * 3600 * 1000).toISOString().slice(11, 16); // the community's hours everywhere
  const day = (at) => new Date(at + 8 * 3600 * 1000).toISOString().slice(5, 10).replace("-", "月") + "日";

  function make(tag, words, more) {
    return Object.assign(document.createElement(tag), { textContent: words, ...more });
  }

  function say(words) {
    part("said").textContent = words;
  }

  function trouble(words) {
    part("trouble").textContent = words;
    part("trouble").hidden = !words;
  }

  /* ---- how it stands with somebody ---- */

  const nonceOf = (one) => one.told.of || one.nonce;
  const refused = (one) => one.result !== null && one.result.kind === "refused";
  const idle = (one) => refused(one) || (one.told.way !== "undo" && one.result !== null && one.result.kind === "undone");

  /* Their records on this phone that count: not taken back, not refused. */
  function own(mine) {
    const back = new Set(sync.records.filter((one) => one.told.way === "undo" && !refused(one)).map((one) => one.told.of));
    return sync.records.filter((one) => mine(one) && one.told.way !== "undo" && !idle(one) && !back.has(one.nonce));
  }

  /* What the list says, and what was noted here since. */
  function standing(entry) {
    const at = { came: entry.came, left: entry.left };
    const mine = sync.records.filter((one) => one.told.person === entry.person && !one.shown && !idle(one));
    const back = new Set(mine.filter((one) => one.told.way === "undo").map((one) => one.told.of));
    for (const one of mine) {
      const when = one.told.at + one.told.off;
      if (one.told.way === "undo") {
        const was = sync.records.find((other) => other.nonce === one.told.of);
        if (was && was.shown) {
          Object.assign(at, was.told.way === "in" ? { came: null, left: null } : { left: null });
        }
      } else if (!back.has(one.nonce)) {
        move(at, one.told.way, when);
      }
    }
    return { ...at, waits: mine.some((one) => one.state !== "done") };
  }

  function move(at, way, when) {
    if (way === "in" && (!at.came || at.left)) {
      Object.assign(at, { came: when, left: null });
    } else if (way === "out" && at.came && !at.left) {
      at.left = when;
    }
  }

  function words(at) {
    const came = at.came ? `${clock(at.came)}到` : "";
    const left = at.left ? `,${clock(at.left)}走` : "";
    return `${came}${left}${at.waits ? " · 待上传" : ""}`;
  }

  /* ---- the list ---- */

  const rows = new Map();

  function row(key, name, marks, list) {
    const li = make("li", "", { className: "cell person" });
    const head = make("p", "", { className: "who" });
    head.append(make("b", name), ...marks.map((one) => make("span", one, { className: "soft" })));
    const state = make("p", "", { className: "state" });
    const buttons = make("p", "", { className: "ways" });
    li.append(head, state, buttons);
    list.append(li);
    const made = { li, state, buttons, name, shown: "" };
    rows.set(key, made);
    return made;
  }

  /* Only what is different is made anew: a finger is on its way to a button, a screen reader reads. */
  function fill(made, at, mine, tick) {
    const last = mine.length ? mine[mine.length - 1] : null;
    const now = JSON.stringify([at, last && last.nonce]);
    if (made.shown === now) {
      return;
    }
    made.shown = now;
    made.state.textContent = words(at);
    made.li.classList.toggle("came", Boolean(at.came && !at.left));
    const held = document.activeElement && made.buttons.contains(document.activeElement);
    made.buttons.replaceChildren();
    const inside = at.came && !at.left;
    const way = inside ? "out" : "in";
    const first = make("button", at.left ? "又来了" : WAYS[way], { type: "button", className: at.came ? "button plain" : "button" });
    first.setAttribute("aria-label", `${made.name}${first.textContent}`);
    first.onclick = () => tick(way);
    made.first = first;
    made.buttons.append(first);
    if (last && (last.told.person || last.told.way === "in" || last.state === "waiting")) {
      const back = make("button", "撤回", { type: "button", className: "button plain" });
      back.setAttribute("aria-label", `${made.name}:撤回“${WAYS[last.told.way]}”`);
      back.onclick = () => sync.takeBack(last).then(() => say(`${made.name}:撤回了`));
      made.buttons.append(back);
    }
    if (held) {
      first.focus();
    }
  }

  function ticking(name, told) {
    return (way) => sync.note({ ...told, way }).then(() => say(`${name}${WAYS[way]}`));
  }

  function showPeople() {
    let came = 0, here = 0;
    for (const entry of sync.roster.people) {
      const made = rows.get(entry.person) || row(entry.person, entry.name, [entry.digits, ...entry.marks], part("people"));
      made.entry = entry;
      const at = standing(entry);
      came += at.came ? 1 : 0;
      here += at.came && !at.left ? 1 : 0;
      fill(made, at, own((one) => one.told.person === entry.person), ticking(entry.name, { person: entry.person }));
    }
    for (const [key, made] of rows) {
      if (typeof key === "number" && !sync.roster.people.some((one) => one.person === key)) {
        made.li.remove();
        rows.delete(key);
      }
    }
    return [came, here];
  }

  function showUnlisted() {
    let came = 0, here = 0;
    const firsts = sync.records.filter((one) => one.told.name && !refused(one));
    for (const first of firsts) {
      const mine = own((one) => !one.told.person && nonceOf(one) === first.nonce);
      const made = rows.get(first.nonce) || row(first.nonce, first.told.name, [first.told.phone].filter(Boolean), part("unlisted"));
      const at = { came: null, left: null, waits: mine.some((one) => one.state !== "done") };
      mine.forEach((one) => move(at, one.told.way, one.told.at + one.told.off));
      made.li.hidden = !at.came;
      came += at.came ? 1 : 0;
      here += at.came && !at.left ? 1 : 0;
      fill(made, at, mine, (way) => (way === "out" ? ticking(first.told.name, { of: first.nonce })(way) : undefined));
      made.buttons.firstChild.hidden = Boolean(at.left);
    }
    part("others").hidden = came === 0;
    return [came, here];
  }

  function showRefused() {
    const list = sync.records.filter(refused);
    part("refused").hidden = !list.length;
    const lines = list.map((one) => {
      const entry = sync.roster.people.find((other) => other.person === one.told.person);
      const who = one.told.name || (entry ? entry.name : "名单外的人");
      return make("li", `${who} ${clock(one.told.at + one.told.off)}${WAYS[one.told.way]}:${one.result.why}`, { className: "cell" });
    });
    part("reasons").replaceChildren(...lines);
  }

  function showBar() {
    const waiting = sync.waiting.length;
    part("net").textContent = sync.stopped ? "没有收" : NET[sync.state];
    body.dataset.net = sync.stopped ? "stopped" : sync.state;
    part("badge").textContent = waiting ? `${waiting}条待上传` : sync.records.length ? "都传好了" : "";
    body.dataset.waiting = waiting;
    part("clock").textContent = clock(sync.now());
    part("send").hidden = !waiting;
    trouble(sync.stopped);
  }

  function show() {
    if (over) {
      return;
    }
    showBar();
    if (!sync.roster) {
      return;
    }
    const { title, place, starts, ends, people } = sync.roster;
    part("title").textContent = title;
    part("when").textContent = `${day(starts)} ${clock(starts)}到${clock(ends)},${place}`;
    part("work").hidden = false;
    part("ready").hidden = !pageHeld;
    const [came, here] = showPeople(), [more, there] = showUnlisted();
    part("came").textContent = came + more;
    part("here").textContent = here + there;
    part("all").textContent = people.length + more;
    showRefused();
    search();
    letGo();
  }

  /* ---- finding somebody ---- */

  /* A covered name ("马*兰") fits what is typed when every sign that is shown does. */
  function fits(entry, typed) {
    if (/^[0-9]+$/.test(typed)) {
      return entry.digits.startsWith(typed);
    }
    return [...typed].every((sign, at) => at >= entry.name.length || [sign, "*"].includes(entry.name[at]));
  }

  function search() {
    const typed = part("words").value.normalize("NFKC").replace(/\s/g, "");
    const found = sync.roster.people.filter((entry) => !typed || fits(entry, typed));
    const keys = new Set(found.map((entry) => entry.person));
    for (const [key, made] of rows) {
      if (typeof key === "number") {
        made.li.hidden = !keys.has(key);
      }
    }
    const words = found.length === 1 ? `按回车:${rows.get(found[0].person).first.textContent}` : found.length ? `${found.length}个人` : "没有这个人。没在名单上的,在下面加。";
    part("found").textContent = typed ? words : "";
    return typed ? found : [];
  }

  part("words").oninput = search;
  part("find").onsubmit = (event) => {
    event.preventDefault();
    const found = search();
    if (found.length === 1) {
      rows.get(found[0].person).first.click();
      part("words").value = "";
      search();
    }
  };

  part("add").onsubmit = (event) => {
    event.preventDefault();
    const name = part("name").value.trim();
    if (name) {
      sync.note({ way: "in", name, phone: part("phone").value.trim() }).then(() => say(`${name}到了`));
      part("add").reset();
      part("more").open = false;
    }
  };

  /* ---- opening, and letting go ---- */

  async function worker(asked) {
    const registration = await navigator.serviceWorker.ready;
    const { port1, port2 } = new MessageChannel();
    const answer = new Promise((resolve) => (port1.onmessage = (event) => resolve(event.data)));
    registration.active.postMessage(asked, [port2]);
    return (await answer) === "done";
  }

  async function keepPage() {
    await navigator.serviceWorker.register(body.dataset.worker, { scope: location.pathname });
    const own = [...document.querySelectorAll("link[rel=stylesheet], script[src]")].map((one) => one.href || one.src);
    const version = own.map((one) => new URL(one).searchParams.get("v")).join("-");
    const held = await worker({ name: `leader:${number}:${version}`, keep: [location.pathname, ...own] });
    pageHeld = Boolean(held || (await caches.match(location.pathname)));
    show();
  }

  /* A day after the end, or when the link was let go, the list goes from here. What was not taken is shown once more, to
     be copied by hand. */
  function letGo() {
    const now = sync.now(), until = kept.session.until, gone = sync.code === "volunteers.offline_let_go";
    if (!gone && (!until || now < until)) {
      return;
    }
    const left = sync.records.filter((one) => (one.state === "done" ? refused(one) : !gone || sync.state !== "offline"));
    if (left.length && now < until + GONE_AFTER) {
      trouble(`${sync.stopped || "上传的时间过了。"}还有${left.length}条没有收,请抄下来告诉社区(电话 ${body.dataset.phone}),再删掉。`);
      part("wipe").hidden = false;
      return;
    }
    wipe();
  }

  async function wipe() {
    over = true;
    clearTimeout(sync.timer);
    await kept.forget();
    await worker({ forget: `leader:${number}:` });
    const registration = await navigator.serviceWorker.getRegistration(location.pathname);
    await registration.unregister();
    document.querySelectorAll("main > *").forEach((one) => (one.hidden = true));
    part("badge").textContent = "";
    trouble("这一场的名单已经从这部手机上删掉了。");
  }

  /* The page that was opened last is the one: two would each show half of what was noted. */
  function onlyHere() {
    if (navigator.locks) {
      const forever = () => new Promise(() => undefined);
      navigator.locks.request(`leader:${number}`, { steal: true }, forever).catch(() => {
        clearTimeout(sync && sync.timer);
        over = true;
        part("work").hidden = true;
        trouble("这个点名页已经在另一个窗口打开了,请用那一个。");
      });
    }
  }

  async function start() {
    onlyHere();
    kept = await Kept.open(number);
    sync = new Sync(kept, await kept.records(), show);
    sync.link = decodeURIComponent(location.hash.slice(1)) || kept.session.link;
    sync.roster = kept.session.roster && (await kept.unseal(kept.session.roster));
    if (!sync.link) {
      trouble("这个链接不完整。请在微信里重新打开“没有网也能签到”,再换到浏览器。");
      return;
    }
    show();
    sync.run();
    setInterval(show, 10000);
    window.addEventListener("online", () => sync.run());
    window.addEventListener("offline", show);
    document.addEventListener("visibilitychange", () => document.hidden || sync.run());
    part("send").onclick = () => sync.run();
    part("wipe").onclick = wipe;
    if (navigator.storage && navigator.storage.persist) {
      navigator.storage.persist();
    }
    keepPage().catch(() => undefined); // then "没有网也能用了" is not said
  }

  if (!window.isSecureContext || !navigator.serviceWorker || !window.indexedDB || !window.crypto.subtle) {
    trouble("这个浏览器不能断网用。请换手机自带的浏览器,或 Chrome、Safari,不要用无痕模式。");
  } else {
    start().catch(() => trouble("手机上存不下。请关掉无痕模式,或换一个浏览器再打开。"));
  }
})();
