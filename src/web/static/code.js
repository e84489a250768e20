// The page where a code is typed. A QR carries the code in the address's fragment, which the browser
// never sends: it is taken out of the address bar at once and posted as if it had been typed.
import { open_keeper, send_entry } from "/static/keep.js";

const form = document.getElementById("code-form"), field = document.getElementById("code");
const scanned = decodeURIComponent(location.hash.slice(1));
if (scanned) {
  history.replaceState(null, "", location.pathname + location.search);
  field.value = scanned;
  if (!document.getElementById("school")) form.submit();
}
if ("serviceWorker" in navigator) navigator.serviceWorker.register("/a/worker.js", { scope: "/a/" }).catch(() => {});

// What the last one at this device could not send.
const keeper = await open_keeper("");
for (let next, outcome = "kept"; outcome && (next = await keeper.first()); ) {
  outcome = await send_entry(next);
  if (outcome) await keeper.drop(next);
}
