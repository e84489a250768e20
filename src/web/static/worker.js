// Keeps the questionnaire that was opened last, so that it can be loaded again without a network. Answers
// are not its business: the page keeps and sends them.
const KEPT = "form-1";
self.addEventListener("install", event => event.waitUntil(self.skipWaiting()));
self.addEventListener("activate", event => event.waitUntil(self.clients.claim()));
self.addEventListener("message", event => {
  if (event.data === "forget") event.waitUntil(caches.delete(KEPT));
});
async function answer(request, page) {
  try {
    const reply = await fetch(request);
    if (reply.ok && !reply.redirected) {
      const cache = await caches.open(KEPT);
      if (page) for (const old of await cache.keys()) if (new URL(old.url).pathname === "/a/form") await cache.delete(old);
      await cache.put(request, reply.clone());
    }
    return reply;
  } catch (error) {
    const kept = await (await caches.open(KEPT)).match(request, { ignoreSearch: page });
    if (kept) return kept;
    throw error;
  }
}
self.addEventListener("fetch", event => {
  const { pathname } = new URL(event.request.url);
  if (event.request.method !== "GET") return;
  if (pathname === "/a/form") event.respondWith(answer(event.request, true));
  else if (pathname.startsWith("/static/")) event.respondWith(answer(event.request, false));
});
