// The register and the departure list, saved at each tap. Without this file the pages are plain forms; without network the
// taps wait on the page, in order, each with a key of its own, so that one that arrives twice is one. They are kept for this
// tab (sessionStorage: numbers and marks, no name and no remark) until the server has confirmed them, so that leaving the page
// does not lose them. The queue knows no page and is tested alone (tests/javascript); it stands here, for a second file would
// be a second request.

const FIRST_PAUSE = 1000; // milliseconds before a try that failed is made again; doubled each time
const LONGEST_PAUSE = 16000;

/**
 * The taps that the server has not confirmed: {child, mark, minutes, remark, key, seen}.
 *
 * `kept` holds them while the page is away: `kept.load()` gives what an earlier page left, `kept.save(taps)` replaces it.
 * `post(marks)` sends them and gives the server's answer (a Response), or rejects where there is no network.
 * `page` says which version of a child's mark the reader saw (`seen`), shows what happens to it (`pending`, `version`, `saved`,
 * `conflict`, `refused`, and of the whole page `offline`, `login`), and fetches a new token or a new page (`renew`, `reload`).
 */
export function tapQueue({ post, page, kept }) {
  const taps = kept.load();
  let sending = false;
  let waiting = false; // an attempt failed; the timer or the next connection retries
  let loggedOut = false;
  let pause = FIRST_PAUSE;
  let timer = 0;

  const holds = (child) => taps.some((tap) => tap.child === child);
  const keep = () => kept.save(taps.map(({ child, mark, minutes, key, seen }) => ({ child, mark, minutes, key, seen, remark: null })));

  /** Queue a tap. The first of a child says which version its reader saw, even to a page opened later. */
  function add(tap) {
    taps.push(holds(tap.child) ? tap : { ...tap, seen: page.seen(tap.child) });
    keep();
  }

  function drop(child) {
    for (let at = taps.length - 1; at >= 0; at--) if (taps[at].child === child) taps.splice(at, 1);
  }

  function settle(tap, told) {
    const { child } = tap;
    taps.splice(taps.indexOf(tap), 1);
    const next = taps.find((other) => other.child === child);
    if (next) delete next.seen; // it follows this one, on the version that this one made
    if (told.status === "refused") {
      drop(child);
      page.refused(child, told);
      return;
    }
    page.version(child, told);
    if (told.status === "conflict" || told.mark !== tap.mark) {
      drop(child); // later taps were based on the old mark
      page.conflict(child, told);
    } else if (!holds(child)) {
      page.saved(child, told);
    }
  }

  async function send() {
    if (sending || !taps.length) return;
    sending = true;
    clearTimeout(timer);
    // One tap per child at a time: the next one needs this one's version.
    const first = taps.filter((tap, at) => taps.findIndex((other) => other.child === tap.child) === at);
    const marks = first.map((tap) => ({ ...tap, seen: tap.seen ?? page.seen(tap.child) }));
    try {
      const answer = await post(marks);
      if (answer.status === 503 || answer.status === 502 || answer.status === 504) throw new Error("busy");
      loggedOut = answer.type === "opaqueredirect"; // the session has ended: marks wait for the next sign-in
      page.login(loggedOut);
      if (loggedOut) throw new Error("login");
      if (answer.status === 403) {
        await page.renew(); // a new session has a new token
        throw new Error("token");
      }
      if (!answer.ok) {
        kept.save([]); // or the next page would send them again, and reload for ever
        page.reload(); // access lost: the server explains
        return;
      }
      const told = (await answer.json()).marks;
      first.forEach((tap, at) => settle(tap, told[at]));
      keep();
      pause = FIRST_PAUSE;
      waiting = false;
      page.offline(false);
    } catch {
      page.offline(!loggedOut);
      taps.forEach((tap) => page.pending(tap.child));
      waiting = true;
      timer = setTimeout(send, pause);
      pause = Math.min(pause * 2, LONGEST_PAUSE);
    }
    sending = false;
    if (taps.length && !waiting) await send();
  }

  /** Before the page closes: whoever has marks that are not confirmed is asked whether to stay. */
  function askToStay(event, words) {
    if (!taps.length) return;
    event.preventDefault();
    event.returnValue = words;
  }

  return { add, send, askToStay, waiting: () => [...taps] };
}

/** What one register's taps are kept in: this tab's own store, and nothing where there is none (private windows). */
export function keptTaps(name, store = globalThis.sessionStorage) {
  return {
    load() {
      try {
        return JSON.parse(store.getItem(name)) ?? [];
      } catch {
        return [];
      }
    },
    save(taps) {
      try {
        if (taps.length) store.setItem(name, JSON.stringify(taps));
        else store.removeItem(name);
      } catch {} // full, or forbidden: the taps still wait on the page
    },
  };
}

/** A random key for one tap. */
export function uuid() {
  if (crypto.randomUUID) return crypto.randomUUID(); // only on a secure origin
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 15) | 64;
  bytes[8] = (bytes[8] & 63) | 128;
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/(.{8})(.{4})(.{4})(.{4})(.{12})/, "$1-$2-$3-$4-$5");
}

/** On a shared tablet the taps of somebody else, who has signed out, are not sent under this reader's name. */
function forgetOthers(reader) {
  try {
    const names = Object.keys(sessionStorage).filter((name) => name.startsWith("register "));
    names.filter((name) => !name.startsWith(`register ${reader} `)).forEach((name) => sessionStorage.removeItem(name));
  } catch {} // no store here
}

/** The queue of a page: where it sends to, where it keeps its taps, and its notices about the network and the login. */
function queueOf(form, address, shows) {
  forgetOthers(form.dataset.reader);
  const hide = (selector, hidden) => (form.querySelector(selector).hidden = hidden);
  const queue = tapQueue({
    kept: keptTaps(`register ${form.dataset.reader} ${address.replace(/^\/\w+/, "")}`), // the same in each language
    post: (marks) =>
      fetch(address, {
        method: "POST",
        headers: { "Content-Type": "application/json", "X-CSRFToken": form.elements.csrfmiddlewaretoken.value },
        body: JSON.stringify({ marks, reason: form.elements.reason?.value || "" }),
        redirect: "manual",
        signal: AbortSignal.timeout?.(15000),
      }),
    page: {
      offline: (is) => hide("[data-offline]", !is),
      login: (isOver) => hide("[data-login]", !isOver),
      async renew() {
        const page = new DOMParser().parseFromString(await (await fetch(location.href)).text(), "text/html");
        const token = page.querySelector("[data-reader] [name=csrfmiddlewaretoken]");
        if (token) form.elements.csrfmiddlewaretoken.value = token.value;
      },
      reload: () => location.reload(),
      ...shows,
    },
  });
  navigator.serviceWorker?.register(form.dataset.worker).catch(() => {}); // so that an offline reload shows the offline page
  addEventListener("online", queue.send);
  addEventListener("beforeunload", (event) => queue.askToStay(event, form.querySelector("[data-words]").dataset.leave));
  return queue;
}

/** What became of a row's taps: pending, saved, conflict or refused, with a word about it. */
function tell(row, state, text) {
  if (!row) return; // of a child that has left the list meanwhile
  const chip = row.querySelector("[data-state]");
  row.dataset.state = state;
  chip.hidden = !text;
  chip.textContent = text;
  chip.classList.toggle("chip--off", state === "conflict" || state === "refused");
}

/** The register: its rows and its buttons. */
function takeRegister(form) {
  const words = form.querySelector("[data-words]").dataset;
  const rows = [...form.querySelectorAll("[data-child]")];
  let last = null; // the latest tap, for "undo"

  const rowOf = (child) => rows.find((row) => row.dataset.child === child);
  const radios = (row) => [...row.querySelectorAll('input[type="radio"]')];
  const chosenIn = (row) => radios(row).find((radio) => radio.checked)?.value ?? "";
  const field = (row, name) => row.querySelector(`[name="${name}-${row.dataset.child}"]`);
  const hide = (selector, hidden) => (form.querySelector(selector).hidden = hidden);

  function show(row, mark, minutes, remark) {
    if (!row) return; // of a child that has left the list meanwhile
    radios(row).forEach((radio) => (radio.checked = radio.value === mark));
    row.dataset.mark = mark;
    if (minutes !== undefined) field(row, "minutes").value = minutes ?? "";
    if (remark !== undefined) field(row, "remark").value = remark;
    count();
  }

  function count() {
    const number = (test) => rows.filter(test).length;
    const put = (name, value) => {
      const place = form.querySelector(`[data-count="${name}"]`);
      const words = place.parentElement.querySelector("[data-forms]");
      place.textContent = value;
      words.textContent = words.dataset.forms.split("|")[value];
      place.parentElement.hidden = !value && place.parentElement.dataset.always === undefined;
    };
    const isHere = (row) => ["present", "late"].includes(row.dataset.mark) && row.dataset.gone === undefined;
    const hasCome = (row) => ["present", "late", "left"].includes(row.dataset.mark);
    put("here", number(isHere));
    put("late", number((row) => isHere(row) && row.dataset.mark === "late"));
    put("absent", number((row) => row.dataset.mark === "absent"));
    put("excused", number((row) => row.dataset.mark === "excused"));
    put("gone", number((row) => hasCome(row) && !isHere(row)));
    put("none", number((row) => !row.dataset.mark));
    form.querySelector("[data-all]")?.classList.toggle("button--primary", rows.some((row) => !row.dataset.mark));
  }

  const queue = queueOf(form, form.dataset.register, {
    seen: (child) => rowOf(child)?.dataset.seen,
    pending: (child) => tell(rowOf(child), "pending", words.pending),
    refused: (child, told) => tell(rowOf(child), "refused", told.words || words.refused),
    version(child, told) {
      const row = rowOf(child);
      if (!row) return;
      row.dataset.seen = told.version;
      field(row, "seen").value = told.version;
      field(row, "was").value = told.mark;
    },
    saved(child, told) {
      show(rowOf(child), told.mark, told.minutes, told.remark);
      tell(rowOf(child), "saved", "");
    },
    conflict(child, told) {
      show(rowOf(child), told.mark, told.minutes, told.remark);
      tell(rowOf(child), "conflict", words.conflict);
    },
  });

  /** Queue one tap, remembering the previous mark for "undo". */
  function keep(row, mark, { minutes = null, remark = null, batch = null } = {}) {
    const before = { mark: row.dataset.mark, minutes: field(row, "minutes").value || null };
    queue.add({ child: row.dataset.child, mark, minutes, remark, key: uuid() });
    if (remark === null) {
      last = batch && last?.batch === batch ? last : { batch, rows: [] };
      last.rows.push({ row, ...before });
      hide("[data-undo]", false);
    }
    show(row, mark, minutes === null ? undefined : minutes);
    tell(row, "pending", "");
  }

  form.querySelector("[data-save]")?.setAttribute("hidden", "");
  form.addEventListener("change", (event) => {
    const row = event.target.closest("[data-child]");
    if (!row) return;
    const chosen = chosenIn(row);
    if (event.target.type === "radio") keep(row, chosen);
    else keep(row, chosen, { minutes: field(row, "minutes").value || null, remark: field(row, "remark").value });
    row.scrollIntoView({ block: "nearest" }); // "undo" has appeared in the bar below, which must not cover the row
    queue.send();
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (event.submitter?.dataset.all === undefined) return;
    const batch = uuid();
    const unmarked = form.querySelectorAll('[data-child][data-mark=""]:not([data-announced="late"])');
    unmarked.forEach((row) => keep(row, row.dataset.announced === "absent" ? "excused" : "present", { batch }));
    if (!unmarked.length) form.querySelector("[data-hint]").textContent = words.nothing;
    queue.send();
  });
  form.querySelector("[data-undo]").addEventListener("click", (event) => {
    const undone = last;
    undone?.rows.forEach(({ row, mark, minutes }) => {
      keep(row, mark, { minutes: ["late", "left"].includes(mark) ? minutes : null });
    });
    last = null; // undoing has changed which tap is the latest
    event.currentTarget.hidden = true;
    document.getElementById("status").textContent = words.undone;
    queue.send();
  });
  // Taps that an earlier page left; then those made before this file was loaded.
  const left = new Set();
  for (const { child, mark, minutes } of queue.waiting()) {
    const row = rowOf(child);
    left.add(row);
    if (row) show(row, mark, minutes ?? undefined);
    if (row) tell(row, "pending", words.pending);
  }
  rows.forEach((row) => {
    const chosen = chosenIn(row);
    if (!left.has(row) && row.dataset.held === undefined && chosen !== row.dataset.mark) keep(row, chosen); // a refused one waits
  });
  queue.send();
}

/** The departure list: one button for each way home; a row that has left offers to undo it. */
function takeDepartures(form) {
  const words = form.querySelector("[data-words]").dataset;
  const rows = [...form.querySelectorAll("[data-child]")];
  const rowOf = (child) => rows.find((row) => row.dataset.child === child);

  function show(row, isGone, text) {
    if (!row) return;
    row.toggleAttribute("data-gone", isGone);
    row.querySelector("[data-ways]").hidden = isGone;
    row.querySelector("[data-left]").hidden = !isGone;
    row.querySelector("[data-gone-words]").textContent = text;
    form.querySelector('[data-count="here"]').textContent = rows.filter((one) => !one.hasAttribute("data-gone")).length;
  }

  /** The words of a way home, as its button has them, until the server has said them. */
  function named(row, way) {
    const button = [...row.querySelectorAll("[data-way]")].find((one) => way && one.dataset.way === way);
    return button?.textContent.trim().replace(/\s+/g, " ") ?? "";
  }

  const queue = queueOf(form, form.dataset.departures, {
    seen: (child) => rowOf(child)?.dataset.seen,
    pending: (child) => tell(rowOf(child), "pending", words.pending),
    refused(child, told) {
      show(rowOf(child), false, "");
      tell(rowOf(child), "refused", told.words || words.refused);
    },
    version(child, told) {
      const row = rowOf(child);
      if (!row) return;
      row.dataset.seen = told.version;
      row.querySelector(`[name="seen-${child}"]`).value = told.version;
    },
    saved(child, told) {
      show(rowOf(child), Boolean(told.gone), told.gone);
      tell(rowOf(child), "saved", "");
    },
    conflict(child, told) {
      show(rowOf(child), Boolean(told.gone), told.gone);
      tell(rowOf(child), "conflict", words.conflict);
    },
  });

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const way = event.submitter?.dataset.way;
    const row = event.submitter?.closest("[data-child]");
    if (way === undefined || !row) return;
    queue.add({ child: row.dataset.child, mark: way, minutes: null, remark: null, key: uuid() });
    const hadFocus = row.contains(document.activeElement);
    show(row, Boolean(way), named(row, way));
    tell(row, "pending", "");
    if (hadFocus) row.querySelector("[data-ways]:not([hidden]) button, [data-left]:not([hidden]) button")?.focus();
    document.getElementById("status").textContent = way ? `${row.dataset.name}: ${named(row, way)}` : words.undone;
    queue.send();
  });
  for (const { child, mark } of queue.waiting()) {
    const row = rowOf(child);
    if (row) show(row, Boolean(mark), named(row, mark));
    tell(row, "pending", words.pending);
  }
  queue.send();
}

const register = globalThis.document?.querySelector("[data-register]");
if (register) takeRegister(register);
const departures = globalThis.document?.querySelector("[data-departures]");
if (departures) takeDepartures(departures);
