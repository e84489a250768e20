// A class teacher's pages: one question for every pupil, and handing all of them in. Answers are queued pupil
// by pupil under each one's own grant, as a questionnaire's pages are.
import { keep_pages, next_revision, open_keeper, send_entry } from "/static/keep.js";

const NOT_SEEN = "ff", RETRY_MS = 5000;
const all = (selector, root = document) => [...root.querySelectorAll(selector)];
const { id, page, at, n } = document.body.dataset;
const rows = all("fieldset.row"), button = document.getElementById("send-all");
let sending = false, retry, turn = Promise.resolve(), refused = false;

const say = state => { for (const element of all("[data-when]")) element.hidden = element.dataset.when !== state; };

// Only the question at hand: the others of its page are sent as not seen, which leaves what is there.
function body_of(grant, code, revision) {
  const codes = Array(Number(n)).fill(NOT_SEEN);
  codes[at] = Number(code).toString(16).padStart(2, "0");
  return new URLSearchParams({ grant, act: "save", page, revision: String(revision), codes: codes.join("") }).toString();
}

// What was not taken is told; it is never called saved.
function tell(outcome) {
  refused = true;
  for (const element of all("[data-why]")) if (element.dataset.why === outcome) element.hidden = false;
}

async function send() {
  if (sending) return;
  sending = true;
  clearTimeout(retry);
  const keeper = await open_keeper("");
  let next, any = false;
  while ((next = await keeper.first())) {
    any = true;
    say("saving");
    const outcome = await send_entry(next);
    if (!outcome) {
      say("offline");
      retry = setTimeout(send, RETRY_MS);
      break;
    }
    await keeper.drop(next);
    if (outcome !== "kept") tell(outcome);
    if (outcome !== "kept" || next.name === "end") await (await open_keeper(next.form)).forget();
  }
  sending = false;
  if (next) return;
  if (any) say(refused ? "" : "kept");
  if (any && button && button.disabled && !refused) location.reload();
}

const mark = row => { for (const option of all(".option", row)) option.classList.toggle("chosen", option.querySelector("input").checked); };

function chosen(row, value) {
  mark(row);
  const revision = next_revision(Number(row.dataset.revision) || 0);
  turn = turn.then(async () => {
    const keeper = await open_keeper(row.dataset.key);
    await keeper.put_answers(Object.assign(await keeper.answers(), { [id]: value }));
    await keeper.queue(`page.${page}.${at}`, revision, body_of(row.dataset.grant, value, revision));
    send();
  });
}

// A digit chooses, and goes on to the next pupil.
function by_digit(event, row, below) {
  const wanted = row.querySelector(`input[data-number="${event.key}"]`);
  if (!wanted || event.ctrlKey || event.metaKey || event.altKey) return;
  event.preventDefault();
  if (!wanted.checked) wanted.click();
  (below ? focus_of(below) : document.querySelector("a.go")).focus();
}
const focus_of = row => row.querySelector("input:checked") || row.querySelector("input");

async function restore() {
  for (const row of rows) {
    const kept = (await (await open_keeper(row.dataset.key)).answers())[id];
    const input = kept !== undefined && row.querySelector(`input[value="${kept}"]`);
    if (input && !row.querySelector("input:checked")) input.checked = true;
    mark(row);
  }
}

async function send_all() {
  button.disabled = true;
  for (const pupil of all("li[data-open]")) {
    const keeper = await open_keeper(pupil.dataset.key), revision = next_revision(0);
    await keeper.queue("end", revision, new URLSearchParams({ grant: pupil.dataset.grant, act: "submit" }).toString(), "submit");
  }
  send();
}

async function begin() {
  for (const [index, row] of rows.entries()) {
    row.addEventListener("change", event => chosen(row, event.target.value));
    row.addEventListener("keydown", event => { if (event.key >= "0" && event.key <= "9") by_digit(event, row, rows[index + 1]); });
  }
  if (button) button.onclick = send_all;
  addEventListener("online", send);
  await restore();
  if (rows.length) focus_of(rows[0]).focus();
  // Handed in without a network, and loaded again: it waits still.
  if (button)
    for (const pupil of all("li[data-open]"))
      if (await (await open_keeper(pupil.dataset.key)).ended()) button.disabled = true;
  send();
  keep_pages([location.href].concat(all("main a[href^='/a/form']").map(link => link.href)));
}
begin();
