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

// On a tablet that a class shares the letters are pressed on the page: its own keyboard has them on two sides.
const pad = document.getElementById("keypad");
function press(letter) {
  field.value = letter ? field.value + letter : field.value.slice(0, -1);
  field.focus();
}
if (pad) {
  field.setAttribute("inputmode", "none");
  for (const letter of [..."ABCDEFGHJKLMNPQRSTUVWXYZ23456789", ""]) {
    const key = document.createElement("button");
    key.type = "button";
    key.textContent = letter || "⌫";
    if (!letter) key.setAttribute("aria-label", pad.dataset.erase);
    key.onclick = () => press(letter);
    pad.append(key);
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
