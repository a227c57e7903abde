import assert from "node:assert/strict";
import { beforeEach, describe, mock, test } from "node:test";

import { BUSY, FORBIDDEN, GONE, LOGIN_OVER, Server, Store, Telephone, gives, lost, offline, settled, uuid } from "./register.mjs";

let server, phone;

beforeEach(() => {
  mock.timers.reset();
  mock.timers.enable({ apis: ["setTimeout"] });
  server = new Server();
  phone = new Telephone(server).open("1", "2", "3");
});

/** Time passes, and what was waiting for it happens. */
async function after(milliseconds) {
  mock.timers.tick(milliseconds);
  await settled();
}

describe("with a network", () => {
  test("taps on several children leave in one request, in order", async () => {
    phone.tap("2", "present");
    phone.tap("1", "absent");
    phone.tap("3", "late", { minutes: "8" });
    await phone.queue.send();
    assert.deepEqual(server.written, [["2", "present"], ["1", "absent"], ["3", "late"]]);
    assert.equal(phone.posts.length, 1);
    assert.deepEqual(phone.told("saved"), ["2", "1", "3"]);
    assert.equal(phone.asksToStay(), false);
  });

  test("a tap carries the version its reader saw and a key", async () => {
    const key = phone.tap("1", "late", { minutes: "5", remark: "bus" });
    await phone.queue.send();
    assert.deepEqual(phone.posts, [[{ child: "1", mark: "late", minutes: "5", remark: "bus", key, seen: 0 }]]);
  });

  test("nothing is asked when nothing waits", async () => {
    await phone.queue.send();
    assert.deepEqual(phone.posts, []);
  });

  test("a tap made while another is on its way follows it, and never leaves twice", async () => {
    let arrive;
    phone.network = [(marks) => new Promise((resolve) => (arrive = () => resolve(server.answer(marks))))];
    phone.tap("1", "present");
    phone.queue.send();
    await settled();
    phone.tap("2", "absent");
    phone.queue.send();
    phone.queue.send();
    await settled();
    assert.equal(phone.posts.length, 1, "one request at a time");
    arrive();
    await settled();
    assert.deepEqual(phone.posts.map((marks) => marks.map(({ child }) => child)), [["1"], ["2"]]);
    assert.deepEqual(server.written, [["1", "present"], ["2", "absent"]]);
  });
});

describe("without a network", () => {
  test("two taps on one child are sent one after the other, the second on the version of the first", async () => {
    phone.network = [offline];
    phone.tap("1", "absent");
    await phone.queue.send();
    phone.tap("1", "late");
    await after(1000);
    assert.deepEqual(server.written, [["1", "absent"], ["1", "late"]]);
    const again = phone.posts.slice(1).map((marks) => marks.map(({ mark, seen }) => [mark, seen]));
    assert.deepEqual(again, [[["absent", 0]], [["late", 1]]]);
    assert.deepEqual(phone.told("saved"), ["1"], "shown as saved once, when the last of them is");
    assert.deepEqual(phone.told("conflict"), []);
  });

  test("taps on several children keep their order across failures", async () => {
    phone.network = [offline, offline];
    const taps = [["1", "present"], ["2", "present"], ["1", "absent"], ["3", "late"], ["1", "late"]];
    for (const [child, mark] of taps) phone.tap(child, mark);
    await phone.queue.send();
    await after(1000);
    await after(2000);
    assert.deepEqual(server.written, [["1", "present"], ["2", "present"], ["3", "late"], ["1", "absent"], ["1", "late"]]);
  });

  test("every tap that waits is shown as waiting, and the page says why", async () => {
    phone.network = [offline];
    phone.tap("1", "absent");
    phone.tap("2", "late");
    await phone.queue.send();
    assert.deepEqual(phone.told("pending"), ["1", "2"]);
    assert.deepEqual(phone.told("offline"), [true]);
    await after(1000);
    assert.deepEqual(phone.told("offline"), [true, false]);
  });

  test("pauses double up to sixteen seconds, and begin anew after a success", async () => {
    phone.network = Array(7).fill(offline);
    phone.tap("1", "absent");
    await phone.queue.send();
    for (const [at, pause] of [1000, 2000, 4000, 8000, 16000, 16000].entries()) {
      await after(pause - 1);
      assert.equal(phone.posts.length, at + 1, `not before ${pause} ms`);
      await after(1);
      assert.equal(phone.posts.length, at + 2);
    }
    await after(16000);
    assert.deepEqual(server.written, [["1", "absent"]]);
    phone.network = [offline];
    phone.tap("1", "late");
    await phone.queue.send();
    await after(1000);
    assert.deepEqual(server.written, [["1", "absent"], ["1", "late"]]);
  });

  test("the network's return sends at once, in place of the timer", async () => {
    phone.network = [offline, offline];
    phone.tap("1", "absent");
    await phone.queue.send();
    await phone.queue.send(); // the event "online", too early
    await after(1000);
    assert.equal(phone.posts.length, 2, "the first timer is gone");
    await phone.queue.send(); // "online" again
    assert.deepEqual(server.written, [["1", "absent"]]);
    await after(60000);
    assert.equal(phone.posts.length, 3);
  });
});

describe("an answer that is lost", () => {
  test("a send that fails midway is repeated with the same keys and versions, and each mark is written once", async () => {
    phone.network = [lost(server)];
    phone.tap("1", "present");
    phone.tap("2", "absent");
    await phone.queue.send();
    assert.deepEqual(server.written, [["1", "present"], ["2", "absent"]], "the server had it");
    assert.deepEqual(phone.told("saved"), []);
    await after(1000);
    assert.deepEqual(phone.posts[1], phone.posts[0]);
    assert.deepEqual(server.written, [["1", "present"], ["2", "absent"]], "and did not write it again");
    assert.deepEqual(phone.told("saved"), ["1", "2"]);
    assert.deepEqual(phone.told("conflict"), []);
  });

  test("a tap made in between waits for the answer to the first and is no conflict", async () => {
    phone.network = [lost(server)];
    const first = phone.tap("1", "present");
    await phone.queue.send();
    const second = phone.tap("1", "absent");
    await after(1000);
    assert.deepEqual(phone.posts.map((marks) => marks.map(({ key }) => key)), [[first], [first], [second]]);
    assert.deepEqual(server.written, [["1", "present"], ["1", "absent"]]);
    assert.deepEqual(phone.told("conflict"), []);
  });

  test("a body that is no JSON counts as lost", async () => {
    phone.network = [gives({ status: 200, ok: true, type: "basic", json: async () => JSON.parse("<html>") })];
    phone.tap("1", "present");
    await phone.queue.send();
    await after(1000);
    assert.deepEqual(server.written, [["1", "present"]]);
  });

  for (const status of [502, 503, 504]) {
    test(`a server that answers ${status} is asked again`, async () => {
      phone.network = [gives({ ...BUSY, status })];
      phone.tap("1", "present");
      await phone.queue.send();
      assert.deepEqual(phone.told("offline"), [true]);
      await after(1000);
      assert.deepEqual(server.written, [["1", "present"]]);
    });
  }
});

describe("two telephones", () => {
  test("a mark on an older version changes nothing and shows what stands", async () => {
    const other = new Telephone(server).open("1");
    other.number = 100; // its keys are its own
    other.tap("1", "late");
    await other.queue.send();
    phone.tap("1", "absent");
    await phone.queue.send();
    assert.equal(server.row("1").mark, "late");
    assert.deepEqual(phone.told("conflict"), ["1"]);
    assert.deepEqual(phone.told("saved"), []);
    assert.equal(phone.asksToStay(), false, "it is not sent again by itself");
    phone.tap("1", "absent");
    await phone.queue.send();
    assert.equal(server.row("1").mark, "absent", "said again, knowing");
  });

  test("what was tapped on top of a conflict is dropped, for that child only", async () => {
    phone.network = [offline];
    phone.tap("1", "absent");
    phone.tap("1", "present");
    phone.tap("2", "absent");
    phone.tap("2", "late");
    await phone.queue.send();
    server.write({ child: "1", mark: "late", minutes: 8, remark: null, seen: 0, key: "from elsewhere" });
    await after(1000);
    assert.equal(server.row("1").mark, "late");
    assert.equal(server.row("2").mark, "late");
    assert.deepEqual(server.written, [["1", "late"], ["2", "absent"], ["2", "late"]]);
    assert.deepEqual(phone.told("conflict"), ["1"]);
    assert.deepEqual(phone.told("saved"), ["2"]);
  });

  test("a mark that arrived, whose answer was lost and that was changed elsewhere since, is shown as a conflict", async () => {
    phone.network = [lost(server)];
    phone.tap("1", "absent");
    await phone.queue.send();
    server.write({ child: "1", mark: "late", minutes: 8, remark: null, seen: 1, key: "from elsewhere" });
    await after(1000);
    assert.deepEqual(server.written, [["1", "absent"], ["1", "late"]]);
    assert.deepEqual([phone.told("conflict"), phone.told("saved")], [["1"], []]);
    assert.equal(phone.seen["1"], 2);
  });

  test("a refused mark is told, what follows it for that child is dropped, the version stays", async () => {
    phone.network = [
      gives({ status: 200, ok: true, type: "basic", json: async () => ({ marks: [{ status: "refused", words: "-" }] }) }),
    ];
    phone.tap("1", "absent");
    phone.tap("1", "late");
    await phone.queue.send();
    assert.deepEqual(phone.told("refused"), ["1"]);
    assert.equal(phone.posts.length, 1);
    assert.equal(phone.seen["1"], 0);
    assert.equal(phone.asksToStay(), false);
  });
});

describe("a login that ended", () => {
  test("the marks wait, the page offers the login and does not blame the network", async () => {
    phone.network = [gives(LOGIN_OVER)];
    phone.tap("1", "late");
    await phone.queue.send();
    assert.deepEqual([phone.told("login"), phone.told("offline")], [[true], [false]]);
    assert.deepEqual(phone.told("pending"), ["1"]);
    assert.equal(phone.asksToStay(), true);
  });

  test("after the new login its token is fetched and the mark is sent with the same key", async () => {
    phone.network = [gives(LOGIN_OVER), gives(FORBIDDEN)];
    const key = phone.tap("1", "late");
    await phone.queue.send();
    await after(1000);
    assert.equal(phone.told("renew").length, 1);
    assert.deepEqual(server.written, []);
    await after(2000);
    assert.deepEqual(phone.posts.map(([mark]) => mark.key), [key, key, key]);
    assert.deepEqual(server.written, [["1", "late"]]);
    assert.deepEqual([phone.told("login").at(-1), phone.told("offline").at(-1)], [false, false]);
  });

  test("no network while logged out still offers the login", async () => {
    phone.network = [gives(LOGIN_OVER), offline];
    phone.tap("1", "late");
    await phone.queue.send();
    await after(1000);
    assert.deepEqual(phone.told("login"), [true]);
    assert.deepEqual(phone.told("offline"), [false, false]);
  });

  test("a token that cannot be renewed is tried again later", async () => {
    phone.network = [gives(FORBIDDEN), gives(FORBIDDEN)];
    phone.tap("1", "late");
    await phone.queue.send();
    await after(1000);
    assert.equal(phone.told("renew").length, 2);
    await after(2000);
    assert.deepEqual(server.written, [["1", "late"]]);
  });

  test("a register that is no longer ours is loaded again and nothing more is sent", async () => {
    phone.network = [gives(GONE)];
    phone.tap("1", "late");
    await phone.queue.send();
    phone.tap("2", "late");
    await phone.queue.send();
    await after(60000);
    assert.equal(phone.told("reload").length, 1);
    assert.equal(phone.posts.length, 1);
  });
});

describe("a page that is left", () => {
  test("a reload with marks that wait is asked about; the page after it starts from what the server has", async () => {
    phone.network = [offline];
    phone.tap("1", "absent");
    await phone.queue.send();
    assert.equal(phone.asksToStay(), true);
    const again = new Telephone(server).open("1", "2", "3");
    assert.equal(again.asksToStay(), false, "nothing is kept in the browser");
    await again.queue.send();
    assert.deepEqual(server.written, []);
  });

  test("what is chosen on the page before the script arrives is sent by the same queue", async () => {
    server.write({ child: "1", mark: "present", minutes: null, remark: null, seen: 0, key: "an hour ago" });
    phone.open("1");
    phone.tap("1", "absent");
    await phone.queue.send();
    assert.deepEqual(server.written, [["1", "present"], ["1", "absent"]]);
  });

  test("closing while a mark is on its way is asked about, until its answer is there", async () => {
    let arrive;
    phone.network = [(marks) => new Promise((resolve) => (arrive = () => resolve(server.answer(marks))))];
    phone.tap("1", "absent");
    phone.queue.send();
    await settled();
    assert.equal(phone.asksToStay(), true);
    arrive();
    await settled();
    assert.equal(phone.asksToStay(), false);
  });

  test("closed in flight: the mark is written once, and the page opened again makes no conflict", async () => {
    phone.network = [(marks) => (server.answer(marks), new Promise(() => {}))]; // the answer meets no page
    phone.tap("1", "absent");
    phone.queue.send();
    await settled();
    const again = new Telephone(server).open("1");
    again.number = 100;
    again.tap("1", "late");
    await again.queue.send();
    assert.deepEqual(server.written, [["1", "absent"], ["1", "late"]]);
    assert.deepEqual(again.told("conflict"), []);
  });
});

describe("keys", () => {
  const SHAPE = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

  test("a key is a random UUID, also where the origin is not secure", () => {
    const own = Object.getOwnPropertyDescriptor(crypto, "randomUUID");
    const keys = new Set(Array.from({ length: 200 }, uuid));
    Object.defineProperty(crypto, "randomUUID", { value: undefined, configurable: true });
    try {
      for (let count = 0; count < 200; count++) keys.add(uuid());
    } finally {
      if (own) Object.defineProperty(crypto, "randomUUID", own);
      else delete crypto.randomUUID;
    }
    assert.equal(keys.size, 400);
    for (const key of keys) assert.match(key, SHAPE);
  });
});

describe("when the page is left before the marks are sent", () => {
  test("the next page of the tab sends them, in order and with their keys", async () => {
    const store = new Store();
    phone = new Telephone(server, store).open("1", "2");
    phone.network = [offline];
    const keys = [phone.tap("1", "present"), phone.tap("2", "absent"), phone.tap("1", "late", { minutes: "8" })];
    await phone.queue.send();
    const again = new Telephone(server, store).open("1", "2");
    await again.queue.send();
    assert.deepEqual(server.written, [["1", "present"], ["2", "absent"], ["1", "late"]]);
    assert.deepEqual(again.posts.flat().map(({ key }) => key), keys);
    assert.deepEqual(store.items, {}, "nothing stays once it is sent");
  });

  test("no name and no remark is kept", async () => {
    const store = new Store();
    phone = new Telephone(server, store).open("1");
    phone.tap("1", "late", { minutes: "5", remark: "with Karim" });
    assert.deepEqual(Object.keys(JSON.parse(store.items.register)[0]).sort(), ["child", "key", "mark", "minutes", "remark", "seen"]);
    assert.equal(JSON.parse(store.items.register)[0].remark, null);
  });

  test("a mark that a colleague made meanwhile is not overwritten", async () => {
    const store = new Store();
    phone = new Telephone(server, store).open("1");
    phone.tap("1", "absent");
    server.write({ child: "1", mark: "present", minutes: null, remark: null, seen: 0, key: "colleague" });
    const again = new Telephone(server, store).open("1");
    await again.queue.send();
    assert.deepEqual(again.told("conflict"), ["1"]);
    assert.equal(server.row("1").mark, "present");
    assert.deepEqual(store.items, {});
  });

  test("a mark whose answer was lost is written once", async () => {
    const store = new Store();
    phone = new Telephone(server, store).open("1");
    phone.network = [lost(server)];
    phone.tap("1", "present");
    await phone.queue.send();
    const again = new Telephone(server, store).open("1");
    await again.queue.send();
    assert.deepEqual(server.written, [["1", "present"]]);
    assert.deepEqual(again.told("saved"), ["1"]);
  });

  test("a page that may no longer write is reloaded once, not for ever", async () => {
    const store = new Store();
    phone = new Telephone(server, store).open("1");
    phone.network = [gives(GONE)];
    phone.tap("1", "present");
    await phone.queue.send();
    assert.deepEqual(phone.told("reload"), [undefined]);
    assert.deepEqual(store.items, {});
  });

  test("a store that is full or forbidden stops nobody", async () => {
    const refuse = () => {
      throw new Error("QuotaExceededError");
    };
    phone = new Telephone(server, { getItem: refuse, setItem: refuse, removeItem: refuse }).open("1");
    phone.tap("1", "present");
    await phone.queue.send();
    assert.deepEqual(server.written, [["1", "present"]]);
  });
});
