/* What the leader's phone keeps of one session, in IndexedDB: the list and every record, sealed by AES-GCM. The key is
   derived from a secret that is made here, never leaves the phone and cannot be read out again, not even by this page;
   so is the word by which the house knows the phone. It protects the phone's storage when somebody copies it, not
   against whoever opens this page on the unlocked phone. */
"use strict";

class Kept {
  static async open(number) {
    const kept = new Kept();
    kept.number = number;
    kept.base = await kept._database();
    kept.session = (await kept._do("sessions", "readonly", (store) => store.get(number))) || (await kept._new());
    kept.sealer = await kept._derive("list");
    kept.secret = await kept._word();
    return kept;
  }

  /* All records in the order in which they were made, opened. */
  async records() {
    const rows = await this._do("records", "readonly", (store) =>
      store.index("number").getAll(IDBKeyRange.only(this.number)));
    const opened = await Promise.all(rows.map(async (row) => ({ ...row, told: await this.unseal(row.sealed) })));
    return opened.sort((one, other) => one.order - other.order);
  }

  /* Written down, on the disk, before anybody is told that it was. */
  async put(records) {
    const rows = await Promise.all(records.map(async (one) => {
      one.sealed = one.sealed || (await this.seal(one.told));
      const { told, ...row } = one;
      return { ...row, number: this.number };
    }));
    await this._do("records", "readwrite", (store) => rows.forEach((row) => store.put(row)));
  }

  async remove(record) {
    await this._do("records", "readwrite", (store) => store.delete(record.nonce));
  }

  async save(changes) {
    Object.assign(this.session, changes);
    await this._do("sessions", "readwrite", (store) => store.put(this.session));
  }

  async forget() {
    const rows = await this._do("records", "readonly", (store) =>
      store.index("number").getAllKeys(IDBKeyRange.only(this.number)));
    await this._do("records", "readwrite", (store) => rows.forEach((nonce) => store.delete(nonce)));
    await this._do("sessions", "readwrite", (store) => store.delete(this.number));
  }

  async seal(thing) {
    const iv = crypto.getRandomValues(new Uint8Array(12));
    const plain = new TextEncoder().encode(JSON.stringify(thing));
    return { iv, data: await crypto.subtle.encrypt({ name: "AES-GCM", iv }, this.sealer, plain) };
  }

  async unseal({ iv, data }) {
    return JSON.parse(new TextDecoder().decode(await crypto.subtle.decrypt({ name: "AES-GCM", iv }, this.sealer, data)));
  }

  /* ---- inside ---- */

  _database() {
    return new Promise((resolve, reject) => {
      const asked = indexedDB.open("leader", 1);
      asked.onupgradeneeded = () => {
        asked.result.createObjectStore("sessions", { keyPath: "number" });
        asked.result.createObjectStore("records", { keyPath: "nonce" }).createIndex("number", "number");
      };
      asked.onsuccess = () => resolve(asked.result);
      asked.onerror = () => reject(asked.error);
    });
  }

  _do(name, mode, work) {
    return new Promise((resolve, reject) => {
      const unit = this.base.transaction(name, mode, { durability: "strict" });
      const asked = work(unit.objectStore(name));
      unit.oncomplete = () => resolve(asked && asked.result);
      unit.onerror = unit.onabort = () => reject(unit.error);
    });
  }

  async _new() {
    const secret = crypto.getRandomValues(new Uint8Array(32));
    const key = await crypto.subtle.importKey("raw", secret, "HKDF", false, ["deriveKey", "deriveBits"]);
    secret.fill(0);
    const made = { number: this.number, key, link: "", until: 0, off: 0, roster: null };
    await this._do("sessions", "readwrite", (store) => store.add(made));
    return made;
  }

  _from(purpose) {
    const text = new TextEncoder();
    return { name: "HKDF", hash: "SHA-256", salt: text.encode(String(this.number)), info: text.encode(purpose) };
  }

  _derive(purpose) {
    const kind = { name: "AES-GCM", length: 256 };
    return crypto.subtle.deriveKey(this._from(purpose), this.session.key, kind, false, ["encrypt", "decrypt"]);
  }

  async _word() {
    const bits = await crypto.subtle.deriveBits(this._from("phone"), this.session.key, 256);
    return [...new Uint8Array(bits)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  }
}
