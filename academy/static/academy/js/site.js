// Enhancements. Every page works without this file.

const root = document.documentElement;
const status = document.getElementById("status");

/** Announce one sentence to screen readers. */
function announce(words) {
  if (!status || !words) return;
  status.textContent = "";
  setTimeout(() => (status.textContent = words.trim()), 50);
}

// Light and dark. The server prints data-theme from the cookie; the switch changes both.
const wish = matchMedia("(prefers-color-scheme: dark)");
const kept = () => document.cookie.match(/(?:^|; )theme=(light|dark|auto)/)?.[1] || "auto";
const secure = location.protocol === "https:" ? "; Secure" : "";

function dress(theme) {
  root.dataset.theme = theme;
  const colour = getComputedStyle(root).getPropertyValue("--night").trim();
  document.querySelectorAll('meta[name="theme-color"]').forEach((meta) => (meta.content = colour));
}

document.querySelectorAll("[data-theme-switch]").forEach((link) => {
  link.setAttribute("role", "button");
  link.addEventListener("keydown", (event) => {
    if (event.key !== " ") return;
    event.preventDefault();
    link.click();
  });
  link.addEventListener("click", (event) => {
    event.preventDefault();
    const next = link.dataset.themeSwitch;
    const theme = (next === "dark") === wish.matches ? "auto" : next; // same as the system preference: follow it again
    document.cookie = `theme=${theme}; Path=/; Max-Age=31536000; SameSite=Lax${secure}`;
    dress(theme);
    link.parentElement.querySelector(`[data-theme-switch="${next === "dark" ? "light" : "dark"}"]`)?.focus();
  });
});
if (document.querySelector("[data-theme-switch]")) dress(kept());
addEventListener("pageshow", (event) => {
  if (!event.persisted) return;
  dress(kept());
  document.querySelectorAll("form[data-sent]").forEach(release);
});

// The basket in the header, and a team member's way to the team's rooms. A private page prints them; a public one is the
// same for everybody and fetches them, if the last private page had one or was such a room. A visitor fetches nothing.
const basket = document.querySelector("[data-basket]");

async function fetchBasket() {
  try {
    const answer = await fetch(basket.dataset.basket, { headers: { Accept: "text/html" } });
    if (!answer.ok || answer.redirected) return;
    const words = (await answer.text()).trim();
    if (!words) localStorage.removeItem("basket");
    basket.innerHTML = words; // our own template: a link, without script
  } catch {
    // offline, or no storage: the page has everything else
  }
}
try {
  if (basket && basket.dataset.basketKnown === undefined) {
    if (localStorage.getItem("basket")) fetchBasket();
    addEventListener("pageshow", (event) => event.persisted && fetchBasket());
  } else if (basket?.querySelector("a") || document.querySelector(".page--staff")) localStorage.setItem("basket", "full");
  else if (basket) localStorage.removeItem("basket");
} catch {
  // no storage in this browser: My family leads to the basket
}

// Offline: a page of our own instead of the browser's, which also keeps a form that could not be sent.
const worker = document.querySelector("nav[data-worker]");
if (worker) navigator.serviceWorker?.register(worker.dataset.worker).catch(() => {});

// Close the mobile menu with Escape or a tap outside.
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  const open = event.target.closest?.("details.menu[open]");
  if (!open) return;
  open.open = false;
  open.querySelector("summary").focus();
});
document.addEventListener("click", (event) => {
  document.querySelectorAll("details.menu[open]").forEach((menu) => {
    if (!menu.contains(event.target)) menu.open = false;
  });
});

// Submit a form only once. The server ensures it too; this avoids a second wait.
function release(form) {
  delete form.dataset.sent;
  form.querySelectorAll('[aria-disabled="true"][data-held]').forEach((button) => {
    button.removeAttribute("aria-disabled");
    delete button.dataset.held;
  });
}
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (event.defaultPrevented || form.method !== "post" || form.dataset.twice !== undefined) return;
  if (form.dataset.sent) {
    event.preventDefault();
    return;
  }
  form.dataset.sent = "yes";
  const buttons = new Set([...form.querySelectorAll('button:not([type="button"])'), event.submitter].filter(Boolean));
  buttons.forEach((button) => {
    button.setAttribute("aria-disabled", "true");
    button.dataset.held = "";
  });
  setTimeout(() => release(form), 8000); // silent network failure: allow another attempt
});

// Click actions: share, copy, print.
document.addEventListener("click", async (event) => {
  const target = event.target.closest("[data-share], [data-copy], [data-print]");
  if (!target) return;
  if (target.matches("[data-print]")) {
    event.preventDefault();
    print();
  } else if (target.matches("[data-copy]")) {
    event.preventDefault();
    const source = document.querySelector(target.dataset.copy);
    try {
      await navigator.clipboard.writeText((source?.value ?? source?.textContent ?? "").trim());
      announce(target.dataset.copied);
      target.classList.add("is-copied");
    } catch {
      source?.select?.();
    }
  } else if (navigator.share) {
    event.preventDefault(); // without it, the link itself opens WhatsApp
    navigator.share({ title: target.dataset.title || document.title, text: target.dataset.text, url: target.dataset.url || location.href }).catch(() => {});
  }
});
// A button that says whom the ticked boxes of its form name: data-names="Enroll %s".
document.querySelectorAll("button[data-names]").forEach((button) => {
  const words = button.querySelector("span") ?? button;
  const plain = words.textContent;
  const together = new Intl.ListFormat(root.lang, { type: "conjunction" });
  const tell = () => {
    const names = [...button.form.querySelectorAll("[data-name]:checked")].map((box) => box.dataset.name);
    words.textContent = names.length ? button.dataset.names.replace("%s", () => together.format(names)) : plain;
  };
  button.form.addEventListener("change", tell);
  addEventListener("pageshow", tell); // ticks restored by "back"
});
document.querySelectorAll("[data-needs-script][hidden]").forEach((element) => (element.hidden = false));

// Birth date boxes: move on when full, move back when empty.
document.addEventListener("input", (event) => {
  const box = event.target.closest("[data-date-boxes] input");
  if (!box || event.inputType?.startsWith("delete") || box.value.length < box.maxLength) return;
  const boxes = [...box.closest("[data-date-boxes]").querySelectorAll("input")];
  const next = boxes[boxes.indexOf(box) + 1];
  if (next && !next.value) next.focus();
});
document.addEventListener("keydown", (event) => {
  const box = event.key === "Backspace" && event.target.closest("[data-date-boxes] input");
  if (!box || box.value) return;
  const boxes = [...box.closest("[data-date-boxes]").querySelectorAll("input")];
  boxes[boxes.indexOf(box) - 1]?.focus();
});

// After a failed submission, focus the error summary.
document.querySelector("[data-focus-now]")?.focus();

// After replacing part of the page, move the focus or announce it politely.
document.addEventListener("htmx:afterSwap", (event) => {
  const part = event.target;
  const focus = part.matches?.("[data-focus]") ? part : part.querySelector?.("[data-focus]");
  if (focus) {
    if (!focus.matches("a[href], button, input, select, textarea, [tabindex]")) focus.tabIndex = -1;
    focus.focus();
    return;
  }
  const words = part.matches?.("[data-announce]") ? part : part.querySelector?.("[data-announce]");
  if (words) announce(words.dataset.announce || words.textContent);
});
document.addEventListener("htmx:afterRequest", (event) => {
  const form = event.detail.elt?.closest?.("form[data-sent]");
  if (form) release(form);
});
