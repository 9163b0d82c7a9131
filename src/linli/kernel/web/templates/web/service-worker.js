{% autoescape off %}// The shell only: styles, scripts, the page "no connection". Pages with people's data are never kept.
const CACHE = "linli-shell {{ release }}";
const SHELL = [{% for file in shell %}"{{ file }}", {% endfor %}"{% url 'web:offline' %}"];

self.addEventListener("install", (event) => {
  event.waitUntil(caches.open(CACHE).then((cache) => cache.addAll(SHELL)).then(() => self.skipWaiting()));
});
self.addEventListener("activate", (event) => {
  event.waitUntil(
    caches.keys()
      .then((names) => Promise.all(names.filter((name) => name.startsWith("linli-shell") && name !== CACHE).map((name) => caches.delete(name))))
      .then(() => self.clients.claim()),
  );
});
self.addEventListener("fetch", (event) => {
  const { request } = event;
  if (request.method !== "GET") return;
  const path = new URL(request.url).pathname;
  if (SHELL.includes(path)) event.respondWith(caches.match(path).then((kept) => kept || fetch(request)));
  else if (request.mode === "navigate") event.respondWith(fetch(request).catch(() => caches.match("{% url 'web:offline' %}")));
});
{% endautoescape %}
