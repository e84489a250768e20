// A questionnaire in the browser: one page (or one question) at a time, answers kept here at once and
// sent with their page. Every text is in the document; this script only shows, hides and sends.
import { open_keeper, send_entry } from "/static/keep.js";

const NOT_SEEN = 255, SKIPPED = 254, REST_MS = 4000, RETRY_MS = [2000, 5000, 15000, 30000];
const body = document.body, grant = body.dataset.grant, preview = !grant;
const one = (selector, root = document) => root.querySelector(selector);
const all = (selector, root = document) => [...root.querySelectorAll(selector)];
const pages = all("section[data-page]"), single = body.classList.contains("single");
const keeper = preview ? null : await open_keeper(body.dataset.key);

// ---- what is answered --------------------------------------------------------------------------

const code_of = item => {
  const text = one("textarea", item);
  if (text) return text.value.trim() ? 0 : SKIPPED;
  const chosen = one("input:checked", item);
  return chosen ? Number(chosen.value) : SKIPPED;
};
const holds = element => {
  if (!element.dataset.if) return true;
  const asked = one(`fieldset[data-item="${element.dataset.if}"]`);
  return !!asked && shown(asked) && element.dataset.is.split(",").includes(String(code_of(asked)));
};
const shown = item => holds(item) && holds(item.closest("section"));

function codes_of(page) {
  const codes = new Uint8Array(Number(page.dataset.n)).fill(NOT_SEEN);
  for (const item of all("fieldset", page)) if (shown(item)) codes[item.dataset.at] = code_of(item);
  return [...codes].map(code => code.toString(16).padStart(2, "0")).join("");
}

function restore(answers) {
  for (const item of all("fieldset")) {
    const value = answers[item.dataset.id];
    if (value === undefined) continue;
    const text = one("textarea", item), choice = one(`input[value="${value}"]`, item);
    if (text) text.value = value;
    else if (choice) choice.checked = true;
  }
}
function answers_now() {
  const answers = {};
  for (const item of all("fieldset")) {
    const text = one("textarea", item), chosen = one("input:checked", item);
    if (text && text.value) answers[item.dataset.id] = text.value;
    else if (chosen) answers[item.dataset.id] = chosen.value;
  }
  return answers;
}

// ---- sending -----------------------------------------------------------------------------------

let revision = Date.now(), sending = false, tries = 0, retry, rest, stopped = false;

function say(state) {
  for (const element of all("[data-when]")) element.hidden = element.dataset.when !== state;
}
function stop(why) {
  stopped = true;
  for (const element of all("[data-why]")) element.hidden = element.dataset.why !== why;
  steps = [one("[data-stopped]")];
  go(0);
}

function fields(act, page) {
  const form = new URLSearchParams({ grant, act });
  if (page) {
    form.set("page", page.dataset.page);
    form.set("revision", String(++revision));
    form.set("codes", codes_of(page));
    for (const text of all("textarea", page))
      if (shown(text.closest("fieldset"))) form.set("text." + text.closest("fieldset").dataset.id, text.value.trim());
  }
  return form.toString();
}

// Into the queue first, then out of it: what the server has not acknowledged stays, also when the tab dies.
async function save(page) {
  clearTimeout(rest);
  if (preview || stopped) return;
  await keeper.put_answers(answers_now());
  await keeper.queue("page." + page.dataset.page, fields("save", page));
  send();
}

async function send() {
  if (sending || stopped) return;
  sending = true;
  clearTimeout(retry);
  for (let next; (next = await keeper.first()) && !stopped; ) {
    if (next.mine) say("saving");
    const outcome = await send_entry(next);
    if (!outcome) {
      say("offline");
      retry = setTimeout(send, RETRY_MS[Math.min(tries++, RETRY_MS.length - 1)]);
      break;
    }
    tries = 0;
    await keeper.drop(next);
    if (next.mine && (outcome !== "kept" || next.name === "end")) await finish(outcome === "kept" ? next.act : outcome);
  }
  sending = false;
  if (!stopped && !(await keeper.first())) say("kept");
}

// The form is over here: handed in, or somebody else's now. Nothing stays in the browser.
async function finish(outcome) {
  if (outcome === "cpr" || outcome === "refused") return stop("refused");
  await keeper.forget();
  navigator.serviceWorker?.controller?.postMessage("forget");
  if (outcome === "submit") return say("kept");
  stop(outcome === "decline" ? "withdrawn" : outcome);
}

// ---- steps -------------------------------------------------------------------------------------

// A step is what is shown at a time: the front, a page or a question, the end.
function plan() {
  const middle = pages.flatMap(page => (single ? all("fieldset", page) : [page]));
  return [one("[data-front]"), ...middle, ...(preview ? [] : [one("[data-last]"), one("[data-done]")])];
}
let steps = plan(), at = 0, asked_twice = null;
const page_of = step => step.closest("section[data-page]");
const visible = step => (step.matches("fieldset") ? shown(step) : !step.dataset.page || (holds(step) && all("fieldset", step).some(shown)));

function place() {
  const middle = steps.filter(step => page_of(step) && visible(step)), index = middle.indexOf(steps[at]);
  one("#place").textContent = index < 0 ? "" : body.dataset.pageOf.replace("{n}", index + 1).replace("{all}", middle.length);
  const share = index >= 0 ? (index + 1) / middle.length : at > 0 ? 1 : 0;
  one(".progress span").style.inlineSize = `${100 * share}%`;
}

function refresh() {
  for (const item of all("fieldset")) item.hidden = !shown(item) || (single && item !== steps[at]);
}

function go(to) {
  at = Math.max(0, Math.min(to, steps.length - 1));
  const step = steps[at], page = page_of(step), first = step.dataset.front !== undefined;
  for (const section of all("section.page")) section.hidden = section !== (page || step);
  const over = step.dataset.done !== undefined || step.dataset.stopped !== undefined, last = step.dataset.last !== undefined;
  refresh();
  place();
  one("#actions").hidden = over;
  one("#back").hidden = first;
  one("#skip").hidden = !(single && page);
  one("#next").hidden = preview && at === steps.length - 1;
  for (const label of all("[data-label]")) label.hidden = label.dataset.label !== (first ? "begin" : last ? "send" : "next");
  one(".ask").hidden = true;
  const decline = one(".decline");
  if (decline) decline.hidden = !first || preview;
  one("header").classList.toggle("quiet", first || over);
  scrollTo(0, 0);
  const focus = one("h1, h2", page || step);
  if (single && page) one(".question", step).closest("legend").setAttribute("tabindex", "-1");
  (single && page ? one("legend", step) : focus)?.focus({ preventScroll: true });
}

function move(by) {
  let to = at + by;
  while (to > 0 && to < steps.length - 1 && !visible(steps[to])) to += by;
  go(to);
}

async function next() {
  const step = steps[at], page = page_of(step);
  const open = page && all("fieldset[data-required]", single ? step.parentNode : page).find(item => !item.hidden && code_of(item) === SKIPPED);
  if (open && asked_twice !== step) {
    asked_twice = step;
    one(".ask").hidden = false;
    one("input, textarea", open).focus();
    return;
  }
  if (page && !preview) save(page);
  if (step.dataset.last !== undefined) {
    await keeper.queue("end", fields("submit", null), "submit");
    say("offline");
    send();
  }
  move(1);
}

// ---- reading aloud -----------------------------------------------------------------------------

function speakers() {
  const synth = window.speechSynthesis, lang = document.documentElement.lang;
  const voice = synth?.getVoices().find(voice => voice.lang.toLowerCase().startsWith(lang));
  for (const button of all(".speak")) {
    button.hidden = !voice;
    button.onclick = () => {
      const item = button.closest("fieldset");
      const words = [one(".question", item).textContent, ...all(".option span", item).map(option => option.textContent)];
      synth.cancel();
      for (const sentence of words) {
        const said = new SpeechSynthesisUtterance(sentence);
        said.voice = voice;
        said.lang = voice.lang;
        synth.speak(said);
      }
    };
  }
}

// ---- begin -------------------------------------------------------------------------------------

one("form").addEventListener("submit", event => event.preventDefault());
one("form").addEventListener("change", event => {
  const page = page_of(event.target);
  refresh();
  place();
  one(".ask").hidden = true;
  if (!page || preview || stopped) return;
  keeper.put_answers(answers_now());
  clearTimeout(rest);
  rest = setTimeout(() => save(page), REST_MS);
});
one("#next").onclick = next;
one("#back").onclick = () => move(-1);
one("#skip").onclick = () => {
  for (const chosen of all("input:checked", steps[at])) chosen.checked = false;
  next();
};
const decline = one("#decline");
if (decline) decline.onclick = async () => {
  await keeper.queue("end", fields("decline", null), "decline");
  say("saving");
  send();
};
addEventListener("online", send);
addEventListener("pagehide", () => { if (rest && page_of(steps[at]) && !preview) save(page_of(steps[at])); });
if (window.speechSynthesis) {
  speakers();
  speechSynthesis.onvoiceschanged = speakers;
}
if (keeper) restore(await keeper.answers());
go(0);
if (keeper && (await keeper.first())) send();
// Where it was left: the first page that the server has not seen.
if (Number(body.dataset.kept)) {
  const start = steps.findIndex(step => page_of(step) && Number(page_of(step).dataset.page) >= Number(body.dataset.next));
  one("#next").onclick = () => {
    one("#next").onclick = next;
    go(start < 0 ? steps.findIndex(step => step.dataset.last !== undefined) : start);
    if (!visible(steps[at])) move(1);
  };
}
