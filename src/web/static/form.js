// A questionnaire in the browser: one page (or one question) at a time, answers kept here at once and
// sent with their page. Every text is in the document; this script only shows, hides and sends.
import { forget_pages, keep_pages, next_revision, open_keeper, send_entry } from "/static/keep.js";

const NOT_SEEN = 255, SKIPPED = 254, REST_MS = 4000, TYPING_MS = 700, RETRY_MS = [2000, 5000, 15000, 30000];
const KIOSK_MS = 6000, IDLE_MS = 10 * 60 * 1000;
const body = document.body, grant = body.dataset.grant, preview = !grant;
const one = (selector, root = document) => root.querySelector(selector);
const all = (selector, root = document) => [...root.querySelectorAll(selector)];
const kiosk = body.classList.contains("kiosk"); // a tablet that a class shares
const pages = all("section[data-page]"), single = body.classList.contains("single");
const numbers = text => new Set(text.split(" ").filter(Boolean));
const whole = numbers(body.dataset.whole), part = numbers(body.dataset.part); // pages that the server has

// ---- what is answered --------------------------------------------------------------------------

// What this browser knows of the form: under an item's id its answer ("": passed over), under "/3" that page 3
// was passed, under "~3" that another browser had answered on it before this one came. What was answered
// there is not shown here, and not overwritten by what is only blank here.
let draft = {}, keeper = null, turn = Promise.resolve();

const page_of = step => step.closest("section[data-page]");
const text_of = item => one("textarea", item);
const code_of = item => {
  const text = text_of(item);
  if (text) return text.value.trim() ? 0 : SKIPPED;
  const chosen = one("input:checked", item);
  return chosen ? Number(chosen.value) : SKIPPED;
};
// An earlier answer decides; where it is not known here, the server told whether its own does.
const holds = element => {
  if (!element.dataset.if) return true;
  const asked = one(`fieldset[data-item="${element.dataset.if}"]`);
  if (!asked || (code_of(asked) === SKIPPED && draft[asked.dataset.id] === undefined)) return element.dataset.held === "1";
  return shown(asked) && element.dataset.is.split(",").includes(String(code_of(asked)));
};
const shown = item => holds(item) && holds(item.closest("section"));

// What is not shown counts as passed over once the page is; the server tells what was not to be seen.
function codes_of(page) {
  const number = page.dataset.page, rest = draft["/" + number] && !draft["~" + number] ? SKIPPED : NOT_SEEN;
  const codes = new Uint8Array(Number(page.dataset.n)).fill(rest);
  for (const item of all("fieldset", page)) {
    if (!shown(item)) continue;
    const code = code_of(item);
    codes[item.dataset.at] = code === SKIPPED && draft[item.dataset.id] !== "" ? NOT_SEEN : code;
  }
  return [...codes].map(code => code.toString(16).padStart(2, "0")).join("");
}

function restore() {
  for (const item of all("fieldset")) {
    const value = draft[item.dataset.id], text = text_of(item);
    if (value === undefined) continue;
    if (text && text !== document.activeElement) text.value = value;
    else if (!text) for (const input of all("input", item)) input.checked = input.value === value;
  }
}
function read_item(item) {
  const text = text_of(item), chosen = one("input:checked", item);
  return text ? text.value.trim() : chosen ? chosen.value : "";
}

// One after the other, and onto what another tab has kept meanwhile.
function keep(changes) {
  Object.assign(draft, changes);
  if (preview || stopped) return turn;
  turn = turn.then(async () => {
    draft = Object.assign(await keeper.answers(), draft, changes);
    await keeper.put_answers(draft);
  }).catch(() => {});
  return turn;
}

// ---- sending -----------------------------------------------------------------------------------

let sending = false, tries = 0, retry, rest, typing, stopped = false;

function say(state) {
  for (const element of all("[data-when]")) element.hidden = element.dataset.when !== state;
}
function show(why) {
  for (const element of all("[data-why]")) element.hidden = element.dataset.why !== why;
  steps = [one("[data-stopped]")];
  go(0);
}
function stop(why) {
  stopped = true;
  clearTimeout(rest);
  show(why);
}

function fields(act, page) {
  const form = new URLSearchParams({ grant, act }), revision = next_revision(Number(body.dataset.revision) || 0);
  if (page) {
    form.set("page", page.dataset.page);
    form.set("revision", String(revision));
    form.set("codes", codes_of(page));
    for (const item of all("fieldset", page))
      if (text_of(item) && shown(item) && draft[item.dataset.id] !== undefined) form.set("text." + item.dataset.id, draft[item.dataset.id]);
  }
  return { revision, body: form.toString() };
}

// Into the queue first, then out of it: what the server has not acknowledged stays, also when the tab dies.
function queue(page) {
  if (preview || stopped) return turn;
  const { revision, body } = fields("save", page);
  turn = turn.then(() => keeper.queue("page." + page.dataset.page, revision, body)).catch(() => {});
  return turn;
}
async function end(act) {
  const { revision, body } = fields(act, null);
  await turn;
  await keeper.queue("end", revision, body, act);
  send();
}

async function send() {
  clearTimeout(rest);
  rest = 0;
  if (sending || stopped || preview) return;
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
  if (outcome === "cpr") return refuse_text();
  if (outcome === "refused") return stop("refused");
  await turn;
  await keeper.forget();
  forget_pages();
  if (kiosk) setTimeout(() => location.replace("/a"), KIOSK_MS);
  if (outcome === "submit") return say("kept");
  stop(outcome === "decline" ? "withdrawn" : outcome);
}

// ---- steps -------------------------------------------------------------------------------------

// A step is what is shown at a time: the front, a page or a question, the end.
function plan() {
  const middle = pages.reduce((before, page) => before.concat(single ? all("fieldset", page) : [page]), []);
  return [one("[data-front]"), ...middle, ...(preview ? [] : [one("[data-last]"), one("[data-done]")])];
}
let steps = plan(), at = 0, asked_twice = null;
const visible = step => (step.matches("fieldset") ? shown(step) : !step.dataset.page || (holds(step) && all("fieldset", step).some(shown)));

function place() {
  const middle = steps.filter(step => page_of(step) && visible(step)), index = middle.indexOf(steps[at]);
  const words = index < 0 ? "" : body.dataset.pageOf.replace("{n}", index + 1).replace("{all}", middle.length);
  if (one("#place").textContent !== words) one("#place").textContent = words;
  const share = index >= 0 ? (index + 1) / middle.length : at > 0 ? 1 : 0;
  one(".progress span").style.width = `${100 * share}%`;
}

function refresh() {
  for (const item of all("fieldset")) {
    item.hidden = !shown(item) || (single && item !== steps[at]);
    for (const option of all(".option", item)) option.classList.toggle("chosen", one("input", option).checked);
  }
}

// For those who hear the page: what it begins with has the focus.
function focus_on(step) {
  const page = page_of(step);
  let target = single && page ? one("legend", step) : one("h1, h2", page || step);
  if (!target || !target.textContent) target = page ? one("fieldset:not([hidden]) legend", page) : step;
  if (!target) return;
  target.setAttribute("tabindex", "-1");
  target.focus({ preventScroll: true });
}

function go(to) {
  at = Math.max(0, Math.min(to, steps.length - 1));
  const step = steps[at], page = page_of(step), first = step.dataset.front !== undefined;
  for (const section of all("section.page")) section.hidden = section !== (page || step);
  const over = step.dataset.done !== undefined || step.dataset.stopped !== undefined, last = step.dataset.last !== undefined;
  refresh();
  place();
  hush();
  one("#actions").hidden = over;
  one("#back").hidden = first;
  one("#skip").hidden = !(single && page);
  one("#next").hidden = preview && at === steps.length - 1;
  for (const label of all("[data-label]")) label.hidden = label.dataset.label !== (first ? "begin" : last ? "send" : "next");
  unwarn();
  const decline = one(".decline");
  if (decline) decline.hidden = !first || preview;
  one("header").classList.toggle("quiet", first || over);
  scrollTo(0, 0);
  focus_on(step);
}

function move(by) {
  let to = at + by;
  while (to > 0 && to < steps.length - 1 && !visible(steps[to])) to += by;
  go(to);
}

// What looks like a CPR number is stopped here already; the server refuses it too.
const has_cpr = text => /(^|\D)([0-2]\d|3[01]|[6-8]\d|9[01])(0[1-9]|1[0-2])\d\d[- ]?\d{4}(?!\d)/.test(text);
function refuse_text(item) {
  item = item || all("fieldset").find(other => text_of(other) && has_cpr(text_of(other).value));
  if (!item) return stop("refused");
  const to = steps.findIndex(step => step === item || step === page_of(item));
  if (to !== at) go(to);
  one("#no-cpr").hidden = false;
  const text = text_of(item);
  text.setAttribute("aria-invalid", "true");
  text.setAttribute("aria-describedby", "no-cpr");
  text.focus();
}

// The first question that is asked for a second time before it is let go, or that may not go as it is.
function held_back(step, items) {
  const cpr = items.find(item => text_of(item) && has_cpr(text_of(item).value));
  if (cpr) {
    refuse_text(cpr);
    return true;
  }
  const open = items.find(item => item.dataset.required && code_of(item) === SKIPPED);
  if (!open || asked_twice === step) return false;
  asked_twice = step;
  one("#ask").hidden = false;
  one("input, textarea", open).focus();
  return true;
}

function pass(step, page, items) {
  const number = page.dataset.page, changes = {};
  for (const item of items)
    if (code_of(item) === SKIPPED && !draft["~" + number]) changes[item.dataset.id] = "";
  const left = steps.slice(at + 1).some(other => page_of(other) === page && visible(other));
  if (!left) changes["/" + number] = 1;
  keep(changes);
  queue(page).then(send);
}

function next() {
  const step = steps[at], page = page_of(step);
  const items = page ? all("fieldset", single ? step.parentNode : page).filter(item => !item.hidden) : [];
  if (page && held_back(step, items)) return;
  if (page && !preview) pass(step, page, items);
  if (step.dataset.last !== undefined) {
    say("saving");
    end("submit");
  }
  if (step.dataset.front !== undefined && started()) return go(start_at());
  move(1);
}

// Where it was left: the first page (or question) that neither the server nor this browser has.
const started = () => !preview && (whole.size + part.size > 0 || Object.keys(draft).length > 0);
function start_at() {
  const open = step => {
    const page = page_of(step);
    if (!page || !visible(step)) return false;
    if (draft["/" + page.dataset.page] || whole.has(page.dataset.page)) return false;
    return !single || draft[step.dataset.id] === undefined;
  };
  const found = steps.findIndex(open);
  return found < 0 ? steps.findIndex(step => step.dataset.last !== undefined) : found;
}

// ---- reading aloud -----------------------------------------------------------------------------

// A recording where there is one (recordings.js), else the browser's voice, if it has one in the language.
const player = new Audio();
let to_say = [];

function hush() {
  to_say = [];
  player.pause();
  if (window.speechSynthesis) speechSynthesis.cancel();
}
function voice_of_page() {
  const lang = document.documentElement.lang;
  return window.speechSynthesis && speechSynthesis.getVoices().find(voice => voice.lang.toLowerCase().startsWith(lang));
}
function say_next() {
  const next = to_say.shift();
  if (!next) return;
  const aloud = () => {
    const voice = voice_of_page();
    if (!voice) return say_next();
    const said = new SpeechSynthesisUtterance(next.words);
    said.voice = voice;
    said.lang = voice.lang;
    said.onend = say_next;
    speechSynthesis.speak(said);
  };
  if (!next.sound) return aloud();
  player.onended = say_next;
  player.src = "/a/sound/" + next.sound;
  const played = player.play();
  // One that cannot be fetched or played; not one that was cut short.
  if (played) played.catch(error => { if (error.name !== "AbortError") aloud(); });
}
function speakers() {
  const voice = voice_of_page();
  for (const button of all(".speak")) {
    const item = button.closest("fieldset");
    button.hidden = !voice && !item.dataset.sound;
    button.onclick = () => {
      hush();
      to_say = [{ words: one(".question", item).textContent, sound: item.dataset.sound }]
        .concat(all(".option", item).map(option => ({ words: one("span", option).textContent, sound: option.dataset.sound })));
      say_next();
    };
  }
}

// Whoever walks off from a shared tablet: once all of it is with the server, the next one may begin.
let idle;
function touched() {
  clearTimeout(idle);
  idle = setTimeout(leave, IDLE_MS);
}
async function leave() {
  await turn;
  await send();
  if (await keeper.first()) {
    idle = setTimeout(leave, RETRY_MS[1]);
    return;
  }
  stopped = true;
  await keeper.forget();
  forget_pages();
  location.replace("/a");
}

// ---- begin -------------------------------------------------------------------------------------

function unwarn() {
  for (const warning of all(".ask")) warning.hidden = true;
}

// A text is changed when it is left too, which is when the button below is pressed: nothing may move then.
function changed(event) {
  const item = event.target.closest("fieldset"), page = page_of(event.target);
  refresh();
  place();
  if (!item || !text_of(item)) unwarn();
  if (!item || !page) return;
  if (text_of(item)) {
    text_of(item).removeAttribute("aria-invalid");
    if (has_cpr(text_of(item).value)) return;
  }
  keep({ [item.dataset.id]: read_item(item) });
  if (preview || stopped) return;
  queue(page);
  clearTimeout(rest);
  rest = setTimeout(send, REST_MS);
}

// Another tab may have gone on with the form: what it kept is shown here too.
async function look_again() {
  if (document.visibilityState === "hidden") {
    if (rest) send();
    return;
  }
  await turn;
  if (stopped || preview) return;
  draft = Object.assign(draft, await keeper.answers());
  restore();
  refresh();
}

function listen() {
  one("form").addEventListener("submit", event => event.preventDefault());
  one("form").addEventListener("change", changed);
  one("form").addEventListener("input", event => {
    if (!event.target.matches("textarea")) return;
    unwarn();
    clearTimeout(typing);
    typing = setTimeout(() => changed(event), TYPING_MS);
  });
  one("#next").onclick = next;
  one("#back").onclick = () => move(-1);
  one("#skip").onclick = () => {
    for (const chosen of all("input:checked", steps[at])) chosen.checked = false;
    keep({ [steps[at].dataset.id]: "" });
    asked_twice = steps[at];
    next();
  };
  const decline = one("#decline");
  if (decline) decline.onclick = () => {
    show("declining");
    end("decline");
  };
  if (kiosk && !preview) for (const sign of ["pointerdown", "keydown", "pageshow"]) addEventListener(sign, touched);
  addEventListener("online", () => send());
  document.addEventListener("visibilitychange", look_again);
  addEventListener("focus", look_again);
  addEventListener("pagehide", () => { if (rest) send(); });
  speakers();
  if (window.speechSynthesis) speechSynthesis.onvoiceschanged = speakers;
}

async function begin() {
  listen();
  if (preview) return go(0);
  keeper = await open_keeper(body.dataset.key);
  draft = await keeper.answers();
  const strange = {};
  for (const page of pages) {
    const number = page.dataset.page, own = all("fieldset", page).some(item => draft[item.dataset.id] !== undefined);
    if ((whole.has(number) || part.has(number)) && !own && !draft["/" + number] && !draft["~" + number]) strange["~" + number] = 1;
  }
  if (Object.keys(strange).length) keep(strange);
  restore();
  one("#begun").hidden = !started();
  if (await keeper.ended()) go(steps.length - 1);
  else go(0);
  send();
  keep_pages([location.href]);
}
begin();
