{% load static %}// Caches one page without personal data, for offline use. A form that could not be sent is kept on that page, and only there.
const CALM = "{{ offline_url }}", LOOK = "{% static 'academy/css/site.css' %}";

addEventListener("install", (event) => {
  const asked = [CALM, LOOK].map((address) => new Request(address, { credentials: "omit", cache: "reload" }));
  event.waitUntil(caches.open("{{ room }}").then((kept) => kept.addAll(asked)).then(() => skipWaiting()));
});
addEventListener("activate", (event) => event.waitUntil(clients.claim()));
addEventListener("fetch", (event) => {
  const { request } = event;
  // Back to the answer of a form: the browser asks before it sends anything again.
  if (request.isHistoryNavigation && request.method === "POST") return;
  if (request.mode === "navigate" && request.method === "POST") event.respondWith(send(request));
  else if (request.mode === "navigate") event.respondWith(fetch(request).catch(() => caches.match(CALM)));
  else if (new URL(request.url).pathname === LOOK) event.respondWith(fetch(request).catch(() => caches.match(LOOK)));
});

const quoted = (text) => `"${text.replace(/[&"<>]/g, (mark) => `&#${mark.charCodeAt()};`)}"`;

async function send(request) {
  const copy = request.clone();
  try {
    return await fetch(request);
  } catch {
    const calm = await caches.match(CALM), { pathname, search } = new URL(request.url);
    const typed = [...(await copy.formData())].filter(([name, value]) => typeof value === "string" && !name.includes("password"));
    const boxes = typed.map(([name, value]) => `<input type="hidden" name=${quoted(name)} value=${quoted(value)}>`).join("");
    const page = (await calm.text())
      .replace(/<div data-offline="page"[^]*?<div data-offline="form" hidden>/, "<div>")
      .replace('action="#kept"', () => `action=${quoted(pathname + search)}`)
      .replace('<input type="hidden" name="kept">', () => boxes);
    return new Response(page, { status: 503, headers: new Headers([...calm.headers].filter(([name]) => !/^content-(enc|len)/.test(name))) });
  }
}
