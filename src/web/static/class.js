// A class teacher's pages: one question for every pupil, and handing all of them in. Answers are queued pupil
// by pupil under each one's own grant, as a questionnaire's pages are.
import { open_keeper, send_entry } from "/static/keep.js";

const NOT_SEEN = "ff", RETRY_MS = 5000;
const all = (selector, root = document) => [...root.querySelectorAll(selector)];
const { id, page, at, n } = document.body.dataset;
let revision = Date.now(), sending = false;

const say = state => { for (const element of all("[data-when]")) element.hidden = element.dataset.when !== state; };

// Only the question at hand: the others of its page are sent as not seen, which leaves what is there.
function body_of(grant, code) {
  const codes = Array(Number(n)).fill(NOT_SEEN);
  codes[at] = Number(code).toString(16).padStart(2, "0");
  return new URLSearchParams({ grant, act: "save", page, revision: String(++revision), codes: codes.join("") }).toString();
}

async function send(keeper) {
  if (sending) return;
  sending = true;
  let next;
  for (; (next = await keeper.first()); ) {
    say("saving");
    const outcome = await send_entry(next);
    if (!outcome) {
      say("offline");
      setTimeout(() => send(keeper), RETRY_MS);
      break;
    }
    await keeper.drop(next);
  }
  sending = false;
  if (!next) say("kept");
}

const rows = all("fieldset.row");
for (const [index, row] of rows.entries()) {
  const keeper = await open_keeper(row.dataset.key);
  const kept = (await keeper.answers())[id];
  const chosen = kept !== undefined && row.querySelector(`input[value="${kept}"]`);
  if (chosen) chosen.checked = true;
  row.addEventListener("change", async event => {
    await keeper.put_answers({ ...(await keeper.answers()), [id]: event.target.value });
    await keeper.queue(`page.${page}.${at}`, body_of(row.dataset.grant, event.target.value));
    send(keeper);
  });
  row.addEventListener("keydown", event => {
    const wanted = row.querySelector(`input[data-number="${event.key}"]`);
    if (!wanted) return;
    event.preventDefault();
    if (!wanted.checked) wanted.click();
    const below = rows[index + 1];
    (below ? below.querySelector("input:checked") || below.querySelector("input") : document.querySelector("a.go")).focus();
  });
}
addEventListener("online", async () => send(await open_keeper("")));

const button = document.getElementById("send-all");
if (button) button.onclick = async () => {
  button.disabled = true;
  let keeper;
  for (const pupil of all("li[data-open]")) {
    keeper = await open_keeper(pupil.dataset.key);
    await keeper.queue("end", new URLSearchParams({ grant: pupil.dataset.grant, act: "submit" }).toString(), "submit");
  }
  if (keeper) await send(keeper);
  location.reload();
};
(rows[0]?.querySelector("input:checked") || rows[0]?.querySelector("input"))?.focus();
