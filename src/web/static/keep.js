// What a questionnaire keeps in the browser: the answers of one form, and what waits to be sent. Encrypted
// with a key that cannot leave the browser; kept under the form, so that the next one to use the tablet never
// meets it. Without IndexedDB or WebCrypto (an old browser, a page without HTTPS) it is kept in memory.

const DRAFT_MS = 30 * 24 * 3600 * 1000;
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

function in_memory() {
  let answers = {}, waiting = [];
  return {
    answers: async () => answers,
    put_answers: async value => { answers = value; },
    queue: async (name, body, act) => { waiting = waiting.filter(entry => entry.name !== name).concat({ name, body, act, mine: true }); },
    first: async () => waiting[0],
    drop: async entry => { waiting = waiting.filter(other => other !== entry); },
    forget: async () => { answers = {}; waiting = []; },
  };
}

function in_database(database, key, form) {
  const store = (name, mode) => database.transaction(name, mode).objectStore(name);
  // This form's pages in their order, its end last; then what others left waiting on this device. Each carries
  // the grant of its own form, so nobody's answers can be sent as another's.
  const waiting = async () => (await wait(store("queue").getAll()))
    .map(entry => ({ ...entry, mine: entry.form === form }))
    .sort((a, b) => b.mine - a.mine || (a.form < b.form ? -1 : a.form > b.form ? 1 : a.order - b.order));
  return {
    answers: async () => {
      const sealed = await wait(store("kept").get(form));
      return sealed ? unseal(key, sealed).catch(() => ({})) : {};
    },
    put_answers: async value => {
      const sealed = { at: Date.now(), ...(await seal(key, value)) };
      await wait(store("kept", "readwrite").put(sealed, form));
    },
    // A page that waits already is replaced: only its newest answers are sent.
    queue: async (name, body, act) => {
      const sealed = await seal(key, { body, act });
      await wait(store("queue", "readwrite").put({ id: `${form}/${name}`, form, name, order: name === "end" ? Infinity : Date.now(), sealed }));
    },
    first: async () => {
      for (const entry of await waiting()) {
        try {
          return { ...entry, ...(await unseal(key, entry.sealed)) };
        } catch (error) { // of a key that is gone: nobody can read it any more
          await wait(store("queue", "readwrite").delete(entry.id));
        }
      }
      return undefined;
    },
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

// Sends one entry; null: no network, or a server that cannot just now.
export async function send_entry(entry) {
  try {
    const reply = await fetch("/a/save", { method: "POST", body: entry.body, headers: { "Content-Type": "application/x-www-form-urlencoded" } });
    return reply.status < 500 ? (await reply.json()).outcome : null;
  } catch (error) {
    return null;
  }
}

export async function open_keeper(form) {
  try {
    const database = await open_database();
    await clear_old(database);
    return in_database(database, await open_key(database), form);
  } catch (error) {
    return in_memory();
  }
}
