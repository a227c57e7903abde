// The register, saved at each tap. Without this file the page is a plain form; without network the taps wait on the page, in order,
// each with a key of its own, so that one that arrives twice is one. Nothing is kept in the browser.

const form = document.querySelector("[data-register]");
const words = form?.querySelector("[data-words]").dataset;
const queue = []; // {row, mark, minutes, remark, key}
let sending = false;
let waiting = false; // a try has failed; the timer or the network's return makes the next one
let pause = 1000;
let timer = 0;
let last = null; // the latest tap, for "undo"

const rowOf = (element) => element.closest("[data-child]");
const radios = (row) => [...row.querySelectorAll('input[type="radio"]')];
const field = (row, name) => row.querySelector(`[name="${name}-${row.dataset.child}"]`);

function uuid() {
  if (crypto.randomUUID) return crypto.randomUUID(); // only on a secure origin
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 15) | 64;
  bytes[8] = (bytes[8] & 63) | 128;
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/(.{8})(.{4})(.{4})(.{4})(.{12})/, "$1-$2-$3-$4-$5");
}

function show(row, mark, minutes, remark) {
  radios(row).forEach((radio) => (radio.checked = radio.value === mark));
  row.dataset.mark = mark;
  if (minutes !== undefined) field(row, "minutes").value = minutes ?? "";
  if (remark !== undefined) field(row, "remark").value = remark;
  count();
}

function tell(row, state, text) {
  const chip = row.querySelector("[data-state]");
  row.dataset.state = state;
  chip.hidden = !text;
  chip.textContent = text;
  chip.classList.toggle("chip--off", state === "conflict" || state === "refused");
}

function count() {
  const rows = [...form.querySelectorAll("[data-child]")];
  const number = (test) => rows.filter(test).length;
  const put = (name, value) => (form.querySelector(`[data-count="${name}"]`).textContent = value);
  put("here", number((row) => ["present", "late"].includes(row.dataset.mark) && row.dataset.gone === undefined));
  put("late", number((row) => row.dataset.mark === "late"));
  put("absent", number((row) => row.dataset.mark === "absent"));
  put("none", number((row) => !row.dataset.mark));
}

/** Keep one tap; what it replaces is remembered for "undo". */
function keep(row, mark, { minutes = null, remark = null, batch = null } = {}) {
  const before = { mark: row.dataset.mark, minutes: field(row, "minutes").value || null };
  queue.push({ row, mark, minutes, remark, key: uuid() });
  if (remark === null) {
    last = batch && last?.batch === batch ? last : { batch, rows: [] };
    last.rows.push({ row, ...before });
    form.querySelector("[data-undo]").hidden = false;
  }
  show(row, mark, minutes === null ? undefined : minutes);
  tell(row, "pending", "");
}

async function send() {
  if (sending || !queue.length) return;
  sending = true;
  clearTimeout(timer);
  // One tap of a child at a time: the next one needs the version that this one makes.
  const taps = queue.filter((tap, at) => queue.findIndex((other) => other.row === tap.row) === at);
  const marks = taps.map(({ row, mark, minutes, remark, key }) => ({ child: row.dataset.child, mark, minutes, remark, seen: row.dataset.seen, key }));
  try {
    const answer = await fetch(form.dataset.register, {
      method: "POST",
      headers: { "Content-Type": "application/json", "X-CSRFToken": form.elements.csrfmiddlewaretoken.value },
      body: JSON.stringify({ marks, reason: form.elements.reason?.value || "" }),
      redirect: "manual",
      signal: AbortSignal.timeout?.(15000),
    });
    if (answer.status === 503 || answer.status === 502 || answer.status === 504) throw new Error("busy");
    if (answer.type === "opaqueredirect") {
      form.querySelector("[data-login]").hidden = false; // the login is over: the marks wait for the next one
      throw new Error("login");
    }
    form.querySelector("[data-login]").hidden = true;
    if (answer.status === 403) {
      await renew(); // a new login has a new token
      throw new Error("token");
    }
    if (!answer.ok) {
      location.reload(); // no longer ours: the server says it in words
      return;
    }
    const told = (await answer.json()).marks;
    taps.forEach((tap, at) => settle(tap, told[at]));
    pause = 1000;
    waiting = false;
    form.querySelector("[data-offline]").hidden = true;
  } catch {
    form.querySelector("[data-offline]").hidden = !form.querySelector("[data-login]").hidden;
    queue.forEach(({ row }) => tell(row, "pending", words.pending));
    waiting = true;
    timer = setTimeout(send, pause);
    pause = Math.min(pause * 2, 16000);
  }
  sending = false;
  if (queue.length && !waiting) send();
}

async function renew() {
  const page = new DOMParser().parseFromString(await (await fetch(location.href)).text(), "text/html");
  const token = page.querySelector("[data-register] [name=csrfmiddlewaretoken]");
  if (token) form.elements.csrfmiddlewaretoken.value = token.value;
}

function settle(tap, told) {
  const { row } = tap;
  queue.splice(queue.indexOf(tap), 1);
  if (told.status === "refused") {
    drop(row);
    tell(row, "refused", told.words || words.refused);
    return;
  }
  row.dataset.seen = told.version;
  field(row, "seen").value = told.version;
  field(row, "was").value = told.mark;
  const later = queue.some((other) => other.row === row);
  if (told.status === "conflict" || told.mark !== tap.mark) {
    drop(row); // what was tapped on top of it was tapped without knowing
    show(row, told.mark, told.minutes, told.remark);
    tell(row, "conflict", words.conflict);
  } else if (!later) {
    show(row, told.mark, told.minutes, told.remark);
    tell(row, "saved", "");
  }
}

function drop(row) {
  for (let at = queue.length - 1; at >= 0; at--) if (queue[at].row === row) queue.splice(at, 1);
}

if (form) {
  form.querySelector("[data-save]")?.setAttribute("hidden", "");
  form.addEventListener("change", (event) => {
    const row = rowOf(event.target);
    if (!row) return;
    const chosen = radios(row).find((radio) => radio.checked)?.value ?? "";
    if (event.target.type === "radio") keep(row, chosen);
    else keep(row, chosen, { minutes: field(row, "minutes").value || null, remark: field(row, "remark").value });
    send();
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (event.submitter?.dataset.all === undefined) return;
    const batch = uuid();
    form.querySelectorAll('[data-child][data-mark=""]').forEach((row) => {
      keep(row, row.dataset.announced === "absent" ? "excused" : "present", { batch });
    });
    send();
  });
  form.querySelector("[data-undo]").addEventListener("click", (event) => {
    const undone = last;
    undone?.rows.forEach(({ row, mark, minutes }) => {
      keep(row, mark, { minutes: ["late", "left"].includes(mark) ? minutes : null });
    });
    last = null; // keeping the taps back has made them the latest
    event.currentTarget.hidden = true;
    document.getElementById("status").textContent = words.undone;
    send();
  });
  // What was tapped before this file had arrived.
  form.querySelectorAll("[data-child]").forEach((row) => {
    const chosen = radios(row).find((radio) => radio.checked)?.value ?? "";
    if (chosen !== row.dataset.mark) keep(row, chosen);
  });
  send();
  navigator.serviceWorker?.register(form.dataset.worker).catch(() => {}); // a reload without network is then answered calmly
  addEventListener("online", send);
  addEventListener("beforeunload", (event) => {
    if (!queue.length) return;
    event.preventDefault();
    event.returnValue = words.leave;
  });
}
