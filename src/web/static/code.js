// The page where a code is typed. A QR carries the code in the address's fragment, which the browser
// never sends: it is taken out of the address bar at once and posted as if it had been typed.
import { forget_pages, keep_pages, open_keeper, send_entry } from "/static/keep.js";

const form = document.getElementById("code-form"), field = document.getElementById("code");

form.addEventListener("submit", event => {
  if (navigator.onLine !== false) return;
  event.preventDefault();
  document.getElementById("no-network").hidden = false;
});
addEventListener("online", () => { document.getElementById("no-network").hidden = true; });

// What the last one at this device could not send.
async function send_waiting() {
  const keeper = await open_keeper("");
  for (let next, outcome = "kept"; outcome && (next = await keeper.first()); ) {
    outcome = await send_entry(next);
    if (outcome) await keeper.drop(next);
  }
}

forget_pages();
let scanned = location.hash.slice(1);
try { scanned = decodeURIComponent(scanned); } catch (error) { /* then as it stands: it is no code of ours */ }
if (scanned) {
  history.replaceState(null, "", location.pathname + location.search);
  field.value = scanned;
  if (!document.getElementById("school") && navigator.onLine !== false) form.submit();
}
keep_pages([]);
send_waiting();
