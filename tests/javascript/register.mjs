// The queue of the register, its page played by a list, its server by a table, its clock by hand.

import { readFile } from "node:fs/promises";

const file = new URL("../../academy/static/academy/js/register.js", import.meta.url);
// The file is served as a module but has no .mjs name, which Node would ask for.
export const { keptTaps, tapQueue, uuid } = await import(`data:text/javascript,${encodeURIComponent(await readFile(file, "utf8"))}`);

export const BUSY = { status: 503, ok: false, type: "basic" };
export const LOGIN_OVER = { status: 0, ok: false, type: "opaqueredirect" };
export const FORBIDDEN = { status: 403, ok: false, type: "basic" };
export const GONE = { status: 404, ok: false, type: "basic" };

/**
 * What the server does with marks: a version for each child; a mark on an older one is a conflict; a key that is known changes
 * nothing.
 */
export class Server {
  rows = {}; // child: {mark, minutes, remark, version}
  keys = new Set();
  written = []; // [child, mark], in the order of writing
  asked = []; // the marks of each request that arrived

  row(child) {
    return (this.rows[child] ??= { mark: "", minutes: null, remark: "", version: 0 });
  }

  write({ child, mark, minutes, remark, seen, key }) {
    const row = this.row(child);
    if (this.keys.has(key)) return { ...row, status: "saved" };
    if (Number(seen) !== row.version) return { ...row, status: "conflict" };
    this.rows[child] = { mark, minutes, remark: remark ?? row.remark, version: row.version + 1 };
    this.written.push([child, mark]);
    this.keys.add(key);
    return { ...this.rows[child], status: "saved" };
  }

  answer(marks) {
    this.asked.push(marks);
    const told = marks.map((mark) => this.write(mark));
    return { status: 200, ok: true, type: "basic", json: async () => ({ marks: told }) };
  }
}

/** What a tab keeps from one page to the next. */
export class Store {
  items = {};
  getItem = (name) => this.items[name] ?? null;
  setItem = (name, value) => (this.items[name] = value);
  removeItem = (name) => delete this.items[name];
}

/** A register on a telephone. `network` holds what becomes of the next requests, one function each; then all goes well. */
export class Telephone {
  network = [];
  shown = []; // [what, child or value], as the page was told
  posts = []; // the marks of each request that left
  seen = {};
  number = 0;

  constructor(server, store = new Store()) {
    this.server = server;
    const say = (what) => (child) => this.shown.push([what, child]);
    this.queue = tapQueue({
      post: async (marks) => {
        this.posts.push(marks);
        const fate = this.network.shift();
        return fate ? fate(marks) : server.answer(marks);
      },
      kept: keptTaps("register", store),
      page: {
        seen: (child) => this.seen[child] ?? server.row(child).version,
        version: (child, told) => (this.seen[child] = told.version),
        pending: say("pending"),
        saved: say("saved"),
        conflict: say("conflict"),
        refused: say("refused"),
        offline: say("offline"),
        login: say("login"),
        renew: async () => this.shown.push(["renew"]),
        reload: () => this.shown.push(["reload"]),
      },
    });
  }

  /** The page as it was opened: what the reader saw then. */
  open(...children) {
    children.forEach((child) => (this.seen[child] = this.server.row(child).version));
    return this;
  }

  /** A tap that waits until `queue.send()`. */
  tap(child, mark, { minutes = null, remark = null } = {}) {
    const key = `key-${++this.number}`;
    this.queue.add({ child, mark, minutes, remark, key });
    return key;
  }

  told(what) {
    return this.shown.filter(([name]) => name === what).map(([, value]) => value);
  }

  /** Whether closing the page now would be asked about. */
  asksToStay() {
    const event = { prevented: false, preventDefault() { this.prevented = true; }, returnValue: "" };
    this.queue.askToStay(event, "Some marks have not been sent yet.");
    return event.prevented && event.returnValue !== "";
  }
}

export const offline = () => Promise.reject(new TypeError("Failed to fetch"));
export const gives = (answer) => async () => answer;
/** The server writes, and the answer is lost on the way back. */
export const lost = (server) => async (marks) => {
  server.answer(marks);
  throw new TypeError("network connection was lost");
};

/** Let every promise that can go on do so. */
export const settled = async () => {
  for (let turn = 0; turn < 50; turn++) await Promise.resolve();
};
