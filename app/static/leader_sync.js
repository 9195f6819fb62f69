/* Brings what the phone has noted to the house, and the newest list back. A record is sent until the house has said what
   became of it: it knows each one by its nonce, so that sending twice is sending once. */
"use strict";

class Sync {
  /* `told` is called whenever something has changed. */
  constructor(kept, records, told) {
    Object.assign(this, { kept, records, told });
    this.state = "offline"; // online, offline, sending, busy
    this.stopped = ""; // why the house takes nothing from this phone, in its words
    this.load = hex(4); // `steady` counts from the opening of this page
    this.tries = 0;
    this.rosterAt = 0;
  }

  get waiting() {
    return this.records.filter((one) => one.state !== "done");
  }

  now() {
    return Date.now() + this.kept.session.off;
  }

  async note(told) {
    const clocks = { at: Date.now(), steady: Math.round(performance.now()), load: this.load };
    const last = this.records[this.records.length - 1];
    const record = { nonce: hex(16), order: last ? last.order + 1 : 1, state: "waiting", sealed: null, result: null };
    record.told = { ...told, ...clocks, off: this.kept.session.off };
    await this.kept.put([record]);
    this.records.push(record);
    this.told();
    if (this.state === "online") {
      this.run();
    }
  }

  /* What was never sent is simply taken away; what may have arrived is taken back by a record of its own. */
  async takeBack(record) {
    if (record.state === "waiting") {
      await this.kept.remove(record);
      this.records.splice(this.records.indexOf(record), 1);
      this.told();
    } else {
      const { person } = record.told;
      await this.note({ way: "undo", of: record.nonce, ...(person ? { person } : {}) });
    }
  }

  /* ---- the way to the house ---- */

  async run() {
    if (this.running) {
      this.again = true;
      return;
    }
    this.running = true;
    clearTimeout(this.timer);
    try {
      do {
        this.again = false;
        await this._round();
      } while (this.again);
    } finally {
      this.running = false;
    }
    this.timer = setTimeout(() => this.run(), this._pause());
  }

  async _round() {
    try {
      if (this.state === "offline") {
        await this._list(); // finds out whether there is a network, before a record counts as sent
      }
      let took = 0;
      while (this.waiting.length && took !== null) {
        await new Promise((resolve) => setTimeout(resolve, took)); // neighbours check in meanwhile: a third of the time is theirs
        const began = performance.now();
        const taken = await this._bring(this.waiting.slice(0, Sync.AT_ONCE));
        took = taken ? Math.min(1000, (performance.now() - began) / 2) : null;
      }
      if (!this.waiting.length && Date.now() - this.rosterAt > Sync.ROSTER_EVERY) {
        await this._list();
      }
    } catch (fault) {
      if (!(fault instanceof NoNetwork)) {
        throw fault;
      }
      this._is("offline");
    }
  }

  async _bring(records) {
    this._is("sending");
    records.forEach((one) => (one.state = "tried"));
    await this.kept.put(records);
    const clocks = { now: Date.now(), steady: Math.round(performance.now()), load: this.load };
    const sent = records.map((one) => ({ nonce: one.nonce, ...one.told }));
    const answer = await this._ask("sync", { ...clocks, records: sent });
    if (!answer) {
      return false;
    }
    const results = new Map(answer.results.map((one) => [one.nonce, one]));
    const settled = records.filter((one) => results.has(one.nonce));
    settled.forEach((one) => Object.assign(one, { state: "done", result: results.get(one.nonce) }));
    await this.kept.put(settled);
    this.rosterAt = 0;
    this._is(settled.length ? "online" : "busy");
    return settled.length > 0;
  }

  async _list() {
    const answer = await this._ask("roster", {});
    if (!answer) {
      return;
    }
    const { now, until, ...roster } = answer;
    const shown = this.records.filter((one) => one.state === "done" && !one.shown);
    shown.forEach((one) => (one.shown = true)); // the list says what became of them
    await this.kept.put(shown);
    const off = Math.abs(now - Date.now()) < 2000 ? 0 : now - Date.now();
    await this.kept.save({ link: this.link, until, off, roster: await this.kept.seal(roster) });
    history.replaceState(null, "", location.pathname); // nobody reads the link off the screen
    this.roster = roster;
    this.rosterAt = Date.now();
    this._is("online");
  }

  /* The answer, or nothing when the house says no; NoNetwork when it does not answer at all. */
  async _ask(what, body) {
    if (!navigator.onLine) {
      throw new NoNetwork();
    }
    const stop = new AbortController();
    const timer = setTimeout(() => stop.abort(), Sync.PATIENCE);
    const headers = { Authorization: `Leader ${this.link} ${this.kept.secret}`, "Content-Type": "application/json" };
    let answer, said;
    try {
      answer = await fetch(what, { method: "POST", body: JSON.stringify(body), headers, signal: stop.signal });
      said = await answer.json().catch(() => null);
    } catch {
      throw new NoNetwork();
    } finally {
      clearTimeout(timer);
    }
    if (answer.ok && said) {
      this.stopped = "";
      this.tries = 0;
      return said;
    }
    if ([403, 409, 410].includes(answer.status) && said) {
      this.stopped = said.words;
      this.code = said.code;
    }
    this._is("busy");
    return null;
  }

  _is(state) {
    this.state = state;
    this.told();
  }

  _pause() {
    if (this.stopped) {
      return Sync.ROSTER_EVERY * 5;
    }
    if (this.state === "online") {
      return Sync.ROSTER_EVERY;
    }
    this.tries += 1;
    return Math.min(60000, 1000 * 2 ** this.tries) * (0.75 + Math.random() / 2);
  }
}

Sync.AT_ONCE = 20;
Sync.PATIENCE = 30000;
Sync.ROSTER_EVERY = 60000;

class NoNetwork extends Error {}

function hex(bytes) {
  return [...crypto.getRandomValues(new Uint8Array(bytes))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}
