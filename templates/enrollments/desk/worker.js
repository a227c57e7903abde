{% load static %}// Caches one page without personal data, for offline use.
const CALM = "{% url 'desk_offline' %}", LOOK = "{% static 'academy/css/site.css' %}";

addEventListener("install", (event) => {
  const asked = [CALM, LOOK].map((address) => new Request(address, { credentials: "omit", cache: "reload" }));
  event.waitUntil(caches.open("desk").then((kept) => kept.addAll(asked)).then(() => skipWaiting()));
});
addEventListener("activate", (event) => event.waitUntil(clients.claim()));
addEventListener("fetch", (event) => {
  const { request } = event;
  if (request.mode === "navigate") event.respondWith(fetch(request).catch(() => caches.match(CALM)));
  else if (new URL(request.url).pathname === LOOK) event.respondWith(fetch(request).catch(() => caches.match(LOOK)));
});
