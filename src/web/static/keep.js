// What a questionnaire keeps in the browser: the answers of one form, and what waits to be sent. Encrypted
// with a key that cannot leave the browser; kept under the form, so that the next one to use the tablet never
// meets it. Without IndexedDB or WebCrypto (an old browser, a page without HTTPS) it is kept in memory.
//
// All scripts are written for Safari 12, which the oldest iPads in schools run.

const DRAFT_MS = 30 * 24 * 3600 * 1000, PATIENCE_MS = 20000;
const wait = request => new Promise((done, failed) => {
  request.onsuccess = () => done(request.result);
  request.onerror = () => failed(request.error);
});

async function open_database() {
  const request = indexedDB.open("laerke", 1);
  request.onupgradeneeded = () => {
    request.result.createObjectStore("keys");
    request.result.createObjectStore("kept");
    request.result.createObjectStore("queue", { keyPath: "id" });
  };
  return wait(request);
}

async function open_key(database) {
  const found = await wait(database.transaction("keys").objectStore("keys").get("key"));
  if (found) return found;
  const key = await crypto.subtle.generateKey({ name: "AES-GCM", length: 256 }, false, ["encrypt", "decrypt"]);
  // Two tabs at once: the first key stays.
  const store = database.transaction("keys", "readwrite").objectStore("keys");
  const other = await wait(store.get("key"));
  if (other) return other;
  await wait(store.put(key, "key"));
  return key;
}

async function seal(key, value) {
  const iv = crypto.getRandomValues(new Uint8Array(12));
  const bytes = new TextEncoder().encode(JSON.stringify(value));
  return { iv, bytes: await crypto.subtle.encrypt({ name: "AES-GCM", iv }, key, bytes) };
}
async function unseal(key, sealed) {
  const bytes = await crypto.subtle.decrypt({ name: "AES-GCM", iv: sealed.iv }, key, sealed.bytes);
  return JSON.parse(new TextDecoder().decode(bytes));
}

// ---- revisions ---------------------------------------------------------------------------------

// The server keeps the newest revision of a page. It is the time, but never less than what this browser (in
// any of its tabs) or the server has had: a clock that is set back loses nobody's answers.
let last = 0;
export function next_revision(floor) {
  let shared = 0;
  try { shared = Number(localStorage.getItem("laerke-revision")) || 0; } catch (error) { /* not allowed here */ }
  last = Math.max(Date.now(), last + 1, shared + 1, floor + 1);
  try { localStorage.setItem("laerke-revision", String(last)); } catch (error) { /* then this tab's own */ }
  return last;
}

// ---- keepers -----------------------------------------------------------------------------------

const memory = { kept: new Map(), queue: [] };
function in_memory(form) {
  return {
    answers: async () => memory.kept.get(form) || {},
    put_answers: async value => { memory.kept.set(form, value); },
    queue: async (name, order, body, act) => {
      memory.queue = memory.queue.filter(entry => entry.form !== form || entry.name !== name).concat({ form, name, order, body, act });
    },
    first: async () => {
      const next = memory.queue.find(entry => entry.form === form) || memory.queue[0];
      return next && Object.assign(next, { mine: next.form === form });
    },
    ended: async () => memory.queue.some(entry => entry.form === form && entry.name === "end"),
    drop: async entry => { memory.queue = memory.queue.filter(other => other !== entry); },
    forget: async () => {
      memory.kept.delete(form);
      memory.queue = memory.queue.filter(entry => entry.form !== form);
    },
  };
}

function in_database(database, key, form) {
  const store = (name, mode) => database.transaction(name, mode || "readonly").objectStore(name);
  // This form's pages in their order, its end last; then what others left waiting on this device. Each carries
  // the grant of its own form, so nobody's answers can be sent as another's.
  const waiting = async () => (await wait(store("queue").getAll()))
    .map(entry => Object.assign({}, entry, { mine: entry.form === form }))
    .sort((a, b) => b.mine - a.mine || (a.form < b.form ? -1 : a.form > b.form ? 1 : (a.name === "end") - (b.name === "end") || a.order - b.order));
  return {
    answers: async () => {
      const sealed = await wait(store("kept").get(form));
      return sealed ? unseal(key, sealed).catch(() => ({})) : {};
    },
    put_answers: async value => {
      const sealed = Object.assign({ at: Date.now() }, await seal(key, value));
      await wait(store("kept", "readwrite").put(sealed, form));
    },
    // A page that waits already is replaced: only its newest answers are sent.
    queue: async (name, order, body, act) => {
      const sealed = await seal(key, { body, act });
      const objects = store("queue", "readwrite"), id = `${form}/${name}`;
      const now = await wait(objects.get(id));
      if (!now || now.order < order) await wait(objects.put({ id, form, name, order, sealed }));
    },
    first: async () => {
      for (const entry of await waiting()) {
        try {
          return Object.assign({}, entry, await unseal(key, entry.sealed));
        } catch (error) { // of a key that is gone: nobody can read it any more
          await wait(store("queue", "readwrite").delete(entry.id));
        }
      }
      return undefined;
    },
    // It is handed in, and waits.
    ended: async () => (await wait(store("queue").get(`${form}/end`))) !== undefined,
    // Not when a newer one has taken its place meanwhile.
    drop: async entry => {
      const objects = store("queue", "readwrite");
      const now = await wait(objects.get(entry.id));
      if (now && now.order === entry.order) await wait(objects.delete(entry.id));
    },
    forget: async () => {
      for (const entry of await waiting()) if (entry.mine) await wait(store("queue", "readwrite").delete(entry.id));
      await wait(store("kept", "readwrite").delete(form));
    },
  };
}

// Drafts that nobody came back to are not kept for ever.
async function clear_old(database) {
  const kept = database.transaction("kept", "readwrite").objectStore("kept");
  for (const form of await wait(kept.getAllKeys())) {
    const sealed = await wait(kept.get(form));
    if (!(sealed.at > Date.now() - DRAFT_MS)) await wait(kept.delete(form));
  }
}

let opened;
async function open_once() {
  try {
    const database = await open_database();
    await clear_old(database);
    return { database, key: await open_key(database) };
  } catch (error) {
    return null;
  }
}
export async function open_keeper(form) {
  opened = opened || open_once();
  const found = await opened;
  return found ? in_database(found.database, found.key, form) : in_memory(form);
}

// ---- sending -----------------------------------------------------------------------------------

// Sends one entry; null: no network (or one that answers in the server's place, or not at all), or a server
// that cannot just now. What arrived all the same is taken once.
export async function send_entry(entry) {
  const late = new Promise(done => setTimeout(() => done(null), PATIENCE_MS));
  const sent = async () => {
    const reply = await fetch("/a/save", {
      method: "POST", body: entry.body, keepalive: entry.body.length < 60000, credentials: "same-origin",
      headers: { "Content-Type": "application/x-www-form-urlencoded" },
    });
    return reply.status < 500 ? (await reply.json()).outcome || null : null;
  };
  return Promise.race([sent().catch(() => null), late]);
}

// ---- the page itself, for when there is no network ---------------------------------------------

// Asks the service worker to keep pages that it may not have seen loaded: the first one, which it came too
// late for, and those that a class teacher may go on to.
export async function keep_pages(addresses) {
  if (!navigator.serviceWorker) return;
  try {
    await navigator.serviceWorker.register("/a/worker.js", { scope: "/a/" });
    const ready = await navigator.serviceWorker.ready;
    const files = performance.getEntriesByType("resource").map(entry => entry.name).filter(name => name.includes("/static/"));
    ready.active.postMessage({ keep: files.concat(addresses) });
  } catch (error) { /* without one, a page cannot be loaded again offline; what it holds is kept all the same */ }
}
// The same name stands in worker.js.
export const forget_pages = async () => window.caches && caches.delete("pages-2").catch(() => false);
