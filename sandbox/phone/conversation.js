// What this browser knows of each neighbour's chat: bubbles by number, what is still on its way, what was read.

import { phone } from "./api.js";

const READ_KEY = "sandbox.read";

function loadRead() {
  try {
    return JSON.parse(localStorage.getItem(READ_KEY)) ?? {};
  } catch {
    return {};
  }
}

const read = loadRead();

export class Conversation {
  constructor(who, account) {
    Object.assign(this, { who, account, bubbles: [], numbers: new Set(), last: 0, pending: [], waiting: 0 });
    Object.assign(this, { loaded: false, following: false, profile: null, menu: null });
  }

  get readKey() {
    return `${this.account}/${this.who}`;
  }

  get unread() {
    const mark = read[this.readKey] ?? 0;
    return this.bubbles.filter((bubble) => bubble.from === "account" && bubble.seq > mark).length;
  }

  markRead() {
    const newest = this.bubbles.at(-1)?.seq ?? 0;
    // A wiped sandbox counts from one again, so the mark may also fall.
    if (read[this.readKey] === newest) return;
    read[this.readKey] = newest;
    localStorage.setItem(READ_KEY, JSON.stringify(read));
  }

  /** Take in new bubbles, whichever of the poll and the answer brings them first; true when any was new. */
  add(bubbles) {
    const fresh = bubbles.filter(({ seq }) => !this.numbers.has(seq));
    for (const bubble of fresh) this.numbers.add(bubble.seq);
    this.bubbles.push(...fresh);
    this.bubbles.sort((one, other) => one.seq - other.seq);
    this.settle(fresh.filter(({ from }) => from === "me").length);
    return fresh.length > 0;
  }

  settle(count) {
    const alive = this.pending.filter((item) => !item.failed);
    const gone = new Set(alive.slice(0, count));
    this.pending = this.pending.filter((item) => !gone.has(item));
  }

  /** Ask the platform for what is new; true when something changed. */
  async refresh() {
    const answer = await phone.chat(this.who, this.account, this.last);
    const before = JSON.stringify([this.loaded, this.following, this.menu]);
    Object.assign(this, {
      loaded: true,
      following: answer.following,
      menu: answer.menu,
      profile: answer.account,
    });
    // `last` moves only here: bubbles that an answer brought may have older ones beside them that are not here yet.
    this.last = answer.last ?? this.last;
    const grew = this.add(answer.bubbles);
    return grew || before !== JSON.stringify([this.loaded, this.following, this.menu]);
  }

  /** Do something that the account answers. Resolves to the platform's answer; `waiting` says that we wait. */
  async act(what, body) {
    this.waiting += 1;
    try {
      const answer = await phone.act(this.who, this.account, what, body);
      if (answer?.bubbles) this.add(answer.bubbles);
      return answer;
    } finally {
      this.waiting -= 1;
    }
  }

  forget(item) {
    this.pending = this.pending.filter((other) => other !== item);
  }
}
