// Keeps the pages of whoever answers just now, so that they can be loaded again without a network. Answers are
// not its business: the page keeps and sends them. When a code is typed, the pages of the one before go.
const PAGES = "pages-2", FILES = "files-2", PATIENCE_MS = 8000;
self.addEventListener("install", event => event.waitUntil(self.skipWaiting()));
self.addEventListener("activate", event => event.waitUntil(caches.keys()
  .then(names => Promise.all(names.filter(name => name !== PAGES && name !== FILES).map(name => caches.delete(name))))
  .then(() => self.clients.claim())));

// A page is the same in whatever language; about whom and about what it is makes another one.
function name_of(address) {
  const url = new URL(address);
  if (url.pathname === "/a/form") url.searchParams.delete("lang");
  url.hash = "";
  return url.href;
}
const is_page = address => new URL(address).pathname === "/a/form";

async function store(address, reply) {
  const cache = await caches.open(is_page(address) ? PAGES : FILES);
  // Of a file the newest version alone.
  if (!is_page(address))
    for (const old of await cache.keys())
      if (new URL(old.url).pathname === new URL(address).pathname) await cache.delete(old);
  await cache.put(name_of(address), reply);
}
const kept = async address => (await caches.open(is_page(address) ? PAGES : FILES)).match(name_of(address));

async function answer(event) {
  const address = event.request.url, there = await kept(address);
  const loaded = fetch(event.request).then(reply => {
    if (reply.ok && !reply.redirected) event.waitUntil(store(address, reply.clone()));
    return reply;
  });
  if (!there) return loaded;
  // A network that is there, but says nothing, is none.
  const late = new Promise(done => setTimeout(() => done(there.clone()), PATIENCE_MS));
  return Promise.race([loaded.catch(() => there.clone()), late]);
}

async function keep(addresses) {
  for (const address of addresses.map(address => new URL(address, self.location).href)) {
    if (new URL(address).origin !== self.location.origin || await kept(address)) continue;
    const reply = await fetch(address, { credentials: "same-origin" });
    if (reply.ok && !reply.redirected) await store(address, reply);
  }
}
self.addEventListener("message", event => {
  if (event.data.keep) event.waitUntil(keep(event.data.keep).catch(() => {}));
});
self.addEventListener("fetch", event => {
  const { pathname } = new URL(event.request.url);
  if (event.request.method === "GET" && (pathname === "/a/form" || pathname.startsWith("/static/")))
    event.respondWith(answer(event));
});
