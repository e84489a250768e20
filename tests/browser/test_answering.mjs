// Questionnaires in a real browser: every form answered whole on a phone and on a desktop, by touch, by
// keyboard and in Arabic; with the network cut, the tab killed, two tabs, two devices and one tablet for all.
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { DESKTOP, IPAD, PASSWORD, PHONE, check, inspect, need_browser, new_page, open_browser, open_school, run_cases, shots } from './site.mjs';

need_browser();
const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..');
const range = n => [...Array(n).keys()];
// No form of ours has a text or a required question; a newer version of the pedagogues' has both.
const pedagogue = JSON.parse(readFileSync(path.join(root, 'instruments/pedagogue.json'), 'utf8'));
pedagogue.items.push({ id: 'remark', kind: 'text', limit: 200, text: { da: 'Hvad skal vi ellers vide?', en: 'What else should we know?' } });
pedagogue.scales.push({ code: 'words', use: 'background', goal: 'S', items: ['remark'], name: { da: 'Ord', en: 'Words' }, meaning: { da: 'Ord.', en: 'Words.' } });
pedagogue.items.find(item => item.id === pedagogue.pages[0].items[0]).required = true;
pedagogue.pages[pedagogue.pages.length - 1].items.push('remark');
const lines = (head, rows) => [head, ...rows].join('\n') + '\n';

// 2.a: 25 pupils, a teacher who rates them, parents of the first eight; 5.a: 24 pupils.
const school = await open_school({
  'elever.csv': lines('kommune;skole;skolenavn;klasse;klassetrin;elev;fornavn;efternavn;køn', [
    ...range(25).map(i => `A;A1;Skole A1;2.a;2;y${i};${['Anna', 'Bo', 'Carla', 'Dan', 'Eva'][i % 5]};Prøve${i};f`),
    ...range(24).map(i => `A;A1;Skole A1;5.a;5;p${i};${['Ask', 'Ida', 'Liv'][i % 3]};Prøve${i};m`)]),
  'voksne.csv': lines('barn;forælder;fornavn;efternavn;forældremyndighed;adressebeskyttelse;adresse',
    range(8).map(i => `y${i};f${i};Forælder;Nr${i};ja;nej;Vej ${i}`)),
  'ansatte.csv': lines('medarbejder;rolle;kommune;skole;klasse;fornavn;efternavn', [
    'l0;klasselærer;A;A1;2.a;Lærer;Nr0', 'l1;klasselærer;A;A1;5.a;Lærer;Nr1',
    ...range(10).map(i => `l${i};lærer;A;A1;;Lærer;Nr${i}`), ...range(4).map(i => `p${i};pædagog;A;A1;;Pædagog;Nr${i}`),
    ...range(8).map(i => `h${i};leder;A;A1;;Leder;Nr${i}`)]),
}, [pedagogue]);
const { base } = school;
const browser = await open_browser();

const device = (viewport, options = {}) => browser.newContext({ viewport, locale: 'da-DK', ...options });
const SERVER_GONE = text => text.includes('ERR_INTERNET_DISCONNECTED') || text.includes('Failed to load resource');

// ---- what a respondent does

async function enter(page, code, lang = 'da') {
  await page.goto(`${base}/a?lang=${lang}`);
  await page.locator('#code').fill(code);
  await page.locator('button.go').click();
  await page.waitForURL(/\/a\/form/);
  await page.locator('body').waitFor();
}
const begin = page => page.locator('#next').click();
const place = page => page.locator('#place').innerText();
const heading = page => page.evaluate(() => {
  const section = document.querySelector('section.page:not([hidden])');
  return section.querySelector('h1, h2')?.textContent ?? '';
});
const at_end = page => page.locator('section.last').isVisible();
const choose_all = (page, which) => page.evaluate(which => {
  for (const item of document.querySelectorAll('section.page:not([hidden]) fieldset:not([hidden])')) {
    const inputs = item.querySelectorAll('input');
    if (inputs.length) inputs[which % inputs.length].click();
    const text = item.querySelector('textarea');
    if (text) {
      text.value = 'Det går godt.';
      text.dispatchEvent(new Event('change', { bubbles: true }));
    }
  }
}, which);
const saved = (page, state = 'kept') => page.waitForFunction(
  state => [...document.querySelectorAll('header [data-when]')].every(e => e.hidden === (e.dataset.when !== state)), state);
const done = page => page.locator('section.done [data-when=kept]').waitFor();

// From the front to the end, looking at each page.
async function answer_whole(page, name, which = 1, look = () => {}) {
  await look(page, `${name}-front`);
  await begin(page);
  for (let step = 1; !await at_end(page); step++) {
    check(step < 120, `${name}: no end`);
    await choose_all(page, which);
    await look(page, `${name}-${String(step).padStart(2, '0')}`);
    await page.locator('#next').click();
  }
  await look(page, `${name}-last`);
  await page.locator('#next').click();
  await done(page);
  await look(page, `${name}-thanks`);
}
const ours = page => {
  const strangers = page.asked.filter(address => !address.startsWith(base + '/'));
  check(strangers.length === 0, `asked elsewhere: ${strangers}`);
};
const state_of = code => school.sql(`SELECT a.state FROM assignment a WHERE a.id = ${code}`)[0][0];
const vector_of = id => school.sql(`SELECT vector FROM answer WHERE assignment = ${id}`)[0][0].match(/../g).map(h => parseInt(h, 16));
const pages_of = id => school.sql(`SELECT page, codes FROM answer_page WHERE assignment = ${id} ORDER BY page`);
const id_of = async page => Number((await page.locator('body').getAttribute('data-key')).split('.')[0]);

const cases = [];

for (const respondent of ['pupil_young', 'pupil', 'parent', 'teacher', 'pedagogue', 'leader'])
  for (const viewport of [PHONE, DESKTOP])
    cases.push([`${respondent}: the whole form, ${viewport.width} px`, async () => {
      const page = await new_page(await device(viewport));
      await page.goto(`${base}/a?lang=da`);
      await inspect(page, 'code');
      await enter(page, school.code(respondent));
      const id = await id_of(page);
      await answer_whole(page, `form-${respondent}`, 1, (page, name) => inspect(page, name, { with_axe: viewport === PHONE }));
      check(state_of(id) === 'submitted', `the form is ${state_of(id)}`);
      check(vector_of(id).filter(code => code < 200).length > 10, `few answers: ${vector_of(id)}`);
      ours(page);
      const left = await page.evaluate(async () => {
        const database = await new Promise(found => { indexedDB.open('laerke').onsuccess = event => found(event.target.result); });
        const count = name => new Promise(found => { database.transaction(name).objectStore(name).count().onsuccess = event => found(event.target.result); });
        return [await count('kept'), await count('queue'), (await caches.keys()).filter(name => name.startsWith('pages')).length];
      });
      check(String(left) === '0,0,0', `left in the browser: ${left}`);
    }]);

for (const lang of ['en', 'ar', 'tr'])
  cases.push([`a parent in ${lang}, on a phone`, async () => {
    const page = await new_page(await device(PHONE));
    await enter(page, school.code('parent'), lang);
    check(await page.locator('html').getAttribute('lang') === lang, 'another language');
    if (lang === 'ar') {
      const sides = await page.evaluate(() => {
        document.querySelector('section.page[data-page]').hidden = false;
        const option = document.querySelector('section.page[data-page] .option');
        const edges = [option.querySelector('input'), option.querySelector('span')].map(e => e.getBoundingClientRect().left);
        document.querySelector('section.page[data-page]').hidden = true;
        return [document.documentElement.dir, edges[0] > edges[1]];
      });
      check(String(sides) === 'rtl,true', `not from the right: ${sides}`);
    }
    await answer_whole(page, `form-parent-${lang}`, 1, (page, name) => inspect(page, name));
  }]);

cases.push(['every form can be read beforehand, in every language, and axe finds nothing', async () => {
  const page = await new_page(await device(IPAD));
  await page.goto(`${base}/forms`);
  const forms = await page.locator('main li a').evaluateAll(links => links.map(link => link.href));
  check(forms.length === 7, `${forms.length} forms`);
  for (const form of forms) {
    await page.goto(form);
    const languages = await page.locator('.languages > *').evaluateAll(all => all.map(e => e.lang));
    for (const lang of languages) {
      await page.goto(`${form}?lang=${lang}`);
      // All of it at once: axe is slow, and a preview has nothing that only one step shows.
      await page.evaluate(() => { for (const e of document.querySelectorAll('section.page[data-page], fieldset')) e.hidden = false; });
      await inspect(page, `preview-${form.split('/').pop()}-${lang}`, { shot: false });
    }
  }
}]);

// ---- offline

cases.push(['the network is cut in the middle and comes back', async () => {
  const context = await device(PHONE), page = await new_page(context);
  await enter(page, school.code('pupil'));
  const id = await id_of(page);
  await begin(page);
  await choose_all(page, 1);
  await page.locator('#next').click();
  await saved(page);
  await context.setOffline(true);
  const before = pages_of(id).length;
  for (let i = 0; i < 2; i++) {
    await choose_all(page, 2);
    await page.locator('#next').click();
  }
  await saved(page, 'offline');
  check((await page.locator('#saved').innerText()).includes('Venter på net'), await page.locator('#saved').innerText());
  check(pages_of(id).length === before, 'saved without a network?');
  await page.screenshot({ path: path.join(shots, 'form-offline-390.png') });
  const there = await place(page);

  // Loaded again without a network: it is all there, and goes on where it was.
  await page.reload();
  await page.locator('#begun').waitFor();
  await begin(page);
  check(await place(page) === there, `${await place(page)} instead of ${there}`);
  await page.locator('#back').click();
  check(await page.locator('section.page:not([hidden]) input:checked').count() > 0, 'own answers are gone');
  await page.locator('#next').click();

  await context.setOffline(false);
  await saved(page);
  check(pages_of(id).length === before + 2, `${pages_of(id).length} pages`);
  const waiting = await page.evaluate(() => new Promise(found => {
    indexedDB.open('laerke').onsuccess = event => {
      event.target.result.transaction('queue').objectStore('queue').count().onsuccess = counted => found(counted.target.result);
    };
  }));
  check(waiting === 0, `${waiting} pages wait still`);
  await inspect(page, 'form-network-back', { shot: false, allow: SERVER_GONE });
}]);

cases.push(['handed in without a network, loaded again, and sent when it is back', async () => {
  const context = await device(PHONE), page = await new_page(context);
  await enter(page, school.code('pupil'));
  const id = await id_of(page);
  await begin(page);
  await context.setOffline(true);
  while (!await at_end(page)) {
    await choose_all(page, 1);
    await page.locator('#next').click();
  }
  await page.locator('#next').click();
  await page.locator('section.done [data-when=offline]').waitFor();
  await page.reload();
  await page.locator('section.done [data-when=offline]').waitFor();
  check(state_of(id) === 'open', 'handed in without a network?');
  await context.setOffline(false);
  await done(page);
  check(state_of(id) === 'submitted', state_of(id));
}]);

cases.push(['one tablet for all: what one pupil could not send goes under the own name, and the next sees none of it', async () => {
  const context = await device(IPAD), page = await new_page(context);
  await enter(page, school.code('pupil'));
  const first = await id_of(page);
  await begin(page);
  await context.setOffline(true);
  await choose_all(page, 2);
  await page.locator('#next').click();
  await saved(page, 'offline');
  await page.goto('about:blank');
  await context.setOffline(false);
  await enter(page, school.code('pupil'));
  const second = await id_of(page);
  check(first !== second, 'the same pupil');
  check(!await page.locator('#begun').isVisible(), 'the second goes on with the first one\'s');
  check(await page.locator('input:checked').count() === 0, 'the second sees answers');
  await begin(page);
  await choose_all(page, 0);
  await page.locator('#next').click();
  await saved(page);
  const [one, other] = [pages_of(first), pages_of(second)];
  check(one.length === 1 && other.length === 1, `${one.length} and ${other.length} pages`);
  check(one[0][1] !== other[0][1], 'the answers of the first under the second');
  // And what is cached is the second one's page alone.
  const kept = await page.evaluate(async () => {
    const found = [];
    for (const name of await caches.keys())
      for (const request of await (await caches.open(name)).keys()) {
        const reply = await (await caches.open(name)).match(request);
        if (request.url.includes('/a/form')) found.push(/data-key="(\d+)/.exec(await reply.text())[1]);
      }
    return found;
  });
  check(kept.every(key => Number(key) === second), `kept for offline: ${kept}`);
}]);

// ---- tabs and devices

cases.push(['the tab is killed and the code typed again: the same page, own answers here, none on another device', async () => {
  const context = await device(PHONE), page = await new_page(context), code = school.code('pupil');
  await enter(page, code);
  await begin(page);
  for (let i = 0; i < 3; i++) {
    await choose_all(page, 1);
    await page.locator('#next').click();
  }
  const there = await heading(page);
  // Begun, kept in the browser, and not sent.
  await page.locator('section.page:not([hidden]) input').first().check();
  await page.waitForFunction(() => new Promise(found => {
    indexedDB.open('laerke').onsuccess = event => {
      event.target.result.transaction('queue').objectStore('queue').count().onsuccess = counted => found(counted.target.result > 0);
    };
  }));
  await page.close();

  const again = await new_page(context);
  await enter(again, code);
  await again.locator('#begun').waitFor();
  await begin(again);
  check(await heading(again) === there, `${await heading(again)} instead of ${there}`);
  check(await again.locator('section.page:not([hidden]) input:checked').count() === 1, 'the last answer is gone');
  await saved(again);
  const id = await id_of(again), before = pages_of(id);

  const elsewhere = await new_page(await device(DESKTOP));
  await elsewhere.goto(`${base}/a?lang=da`);
  await elsewhere.locator('#code').fill(code);
  await elsewhere.locator('button.go').click();
  check((await elsewhere.locator('main').innerText()).includes('anden enhed'), 'no choice');
  await inspect(elsewhere, 'conflict');
  await elsewhere.locator('button.go').click();
  await elsewhere.waitForURL(/\/a\/form/);
  await begin(elsewhere);
  check(await elsewhere.locator('input:checked').count() === 0, 'answers are shown on another device');
  check(await heading(elsewhere) === there, `${await heading(elsewhere)} instead of ${there}`);
  // Back over pages that are blank here only: nothing is overwritten.
  for (let i = 0; i < 3; i++) await elsewhere.locator('#back').click();
  for (let i = 0; i < 4; i++) await elsewhere.locator('#next').click();
  await saved(elsewhere);
  const after = pages_of(id);
  for (const [number, codes] of before) {
    const now = after.find(row => row[0] === number)[1];
    codes.match(/../g).forEach((code, i) => check(code === 'ff' || code === now.slice(2 * i, 2 * i + 2), `page ${number}: ${codes} became ${now}`));
  }
  // The first device is told, and does not overwrite.
  await choose_all(again, 0);
  await again.locator('#next').click();
  await again.locator('[data-why=elsewhere]').waitFor();
  await inspect(again, 'stopped');
}]);

cases.push(['a page that an earlier answer opens is asked on another device too, where that answer is not shown', async () => {
  const page = await new_page(await device(PHONE)), code = school.code('teacher');
  await enter(page, code);
  await begin(page);
  const asks = 'fieldset[data-id=works_with]:visible';
  for (let i = 0; await page.locator(asks).count() === 0; i++) {
    check(i < 20, 'no such question');
    await page.locator('#next').click();
  }
  const without = await place(page);
  await page.locator(`${asks} input[value="1"]`).check();
  check(await place(page) !== without, 'no page more');
  await page.locator('#next').click();
  await saved(page);
  const there = await place(page), title = await heading(page);
  const other = await new_page(await device(DESKTOP));
  await other.goto(`${base}/a?lang=da`);
  await other.locator('#code').fill(code);
  await other.locator('button.go').click();
  await other.locator('button.go').click();
  await other.waitForURL(/\/a\/form/);
  await begin(other);
  check(await other.locator('input:checked').count() === 0, 'the answer is shown');
  check(await heading(other) === title && await place(other) === there, `${await heading(other)} (${await place(other)}) instead of ${title} (${there})`);
}]);

cases.push(['two tabs of one browser: the newest answer stands, and nothing is lost', async () => {
  const context = await device(DESKTOP), left = await new_page(context);
  await enter(left, school.code('pupil'));
  const id = await id_of(left), right = await new_page(context);
  await right.goto(left.url());
  await begin(left);
  await begin(right);
  await choose_all(left, 1);
  await left.locator('#next').click();
  await saved(left);
  await choose_all(right, 2);
  await right.locator('#next').click();
  await saved(right);
  const newest = pages_of(id)[0][1];
  // Back in the first tab: it shows what the second has kept, and passing on leaves it.
  await left.bringToFront();
  await left.evaluate(() => dispatchEvent(new Event('focus')));
  await left.locator('#back').click();
  await left.waitForFunction(() => [...document.querySelectorAll('section.page:not([hidden]) fieldset:not([hidden])')]
    .every(item => item.querySelectorAll('input')[2 % item.querySelectorAll('input').length].checked));
  await left.locator('#next').click();
  await saved(left);
  check(pages_of(id)[0][1] === newest, `${newest} became ${pages_of(id)[0][1]}`);
  // The older tab is the newer hand.
  await left.locator('#back').click();
  await choose_all(left, 0);
  await left.locator('#next').click();
  await saved(left);
  check(pages_of(id)[0][1] !== newest, 'the newest answer was not taken');
}]);

cases.push(['a clock that is set back loses nothing', async () => {
  const page = await new_page(await device(PHONE));
  await enter(page, school.code('teacher'));
  const id = await id_of(page);
  await begin(page);
  await choose_all(page, 1);
  await page.locator('#next').click();
  await saved(page);
  const before = pages_of(id)[0][1];
  await page.evaluate(() => { Date.now = () => 1000; });
  await page.locator('#back').click();
  await choose_all(page, 2);
  await page.locator('#next').click();
  await saved(page);
  check(pages_of(id)[0][1] !== before, 'the later answer is not kept');
}]);

// ---- hands

cases.push(['keyboard alone: from the code to the thanks', async () => {
  const page = await new_page(await device(DESKTOP));
  await page.goto(`${base}/a?lang=da`);
  check(await page.evaluate(() => document.activeElement.id) === 'code', 'the field has not the focus');
  await page.keyboard.type(school.code('leader'));
  await page.keyboard.press('Enter');
  await page.waitForURL(/\/a\/form/);
  await page.locator('#next').waitFor();
  const focused = () => page.evaluate(() => {
    const at = document.activeElement, ring = at.closest('.option') ?? at, style = getComputedStyle(ring);
    return { id: at.id, tag: at.tagName, type: at.type, name: at.name, heading: at.matches('h1, h2, legend'), outline: style.outlineStyle };
  });
  const tab_to = async what => {
    for (let i = 0; i < 80; i++) {
      await page.keyboard.press('Tab');
      const at = await focused();
      if (what(at)) {
        check(at.outline !== 'none', `${at.tag} ${at.id}: the focus is not seen`);
        return at;
      }
    }
    throw new Error(`never reached ${what}`);
  };
  check((await focused()).heading, 'the heading of the front has not the focus');
  await tab_to(at => at.id === 'next');
  await page.keyboard.press('Enter');
  for (let step = 0; !await at_end(page); step++) {
    check(step < 40, 'no end');
    check((await focused()).heading, `page ${step}: the focus is not at its heading`);
    const items = await page.locator('section.page:not([hidden]) fieldset:not([hidden])').evaluateAll(all => all.map(item => item.querySelector('input')?.name ?? null));
    for (const name of items.filter(Boolean)) {
      const at = await tab_to(at => at.name === name);
      check(at.type === 'radio', at.type);
      await page.keyboard.press('ArrowDown');
      const chosen = page.locator(`input[name=${name}]:checked`);
      check(await chosen.count() === 1, `${name}: the arrow does not choose`);
    }
    await tab_to(at => at.id === 'next');
    await page.keyboard.press('Enter');
  }
  await tab_to(at => at.id === 'next');
  await page.keyboard.press('Space');
  await done(page);
  check((await focused()).heading, 'the thanks have not the focus');
}]);

cases.push(['names for a screen reader: groups, options, progress', async () => {
  const page = await new_page(await device(PHONE));
  await enter(page, school.code('pupil'));
  await begin(page);
  const first = page.locator('section.page:not([hidden]) fieldset:not([hidden])').first();
  const question = await first.locator('.question').innerText();
  check(await page.getByRole('group', { name: question }).count() === 1, 'the question is no name of its group');
  const label = await first.locator('.option span').first().innerText();
  check(await page.getByRole('group', { name: question }).getByRole('radio', { name: label, exact: true }).count() === 1, 'an option has no name');
  check(await page.getByRole('status').filter({ hasText: 'Side 1 af' }).count() === 1, 'the progress is not told');
  check(await page.locator('#saved').getAttribute('role') === 'status', '"gemt" is not told');
}]);

cases.push(['a pupil of grades 0–3 by touch', async () => {
  const page = await new_page(await device(IPAD, { hasTouch: true, isMobile: true }));
  await enter(page, school.code('pupil_young'));
  await page.locator('#next').tap();
  for (let step = 0; !await at_end(page); step++) {
    check(step < 60, 'no end');
    check(await page.locator('fieldset:not([hidden]) >> visible=true').count() === 1, 'more than one question at a time');
    const faces = page.locator('fieldset .option:visible');
    for (const box of await faces.evaluateAll(all => all.map(e => e.getBoundingClientRect().toJSON())))
      check(box.width >= 48 && box.height >= 48, `a target of ${box.width} × ${box.height}`);
    if (step === 3) await page.locator('#skip').tap();
    else {
      await faces.nth(step % 3).tap();
      check(await page.locator('fieldset .option.chosen:visible').count() === 1, 'a tap does not choose');
      await page.locator('#next').tap();
    }
  }
  const id = await id_of(page);
  await page.locator('#next').tap();
  await done(page);
  check(vector_of(id).filter(code => code === 254).length >= 1 && vector_of(id).filter(code => code < 3).length > 10, String(vector_of(id)));
}]);

cases.push(['a class teacher rates 25 pupils by keyboard, loses the network, and hands them in', async () => {
  const context = await device(DESKTOP), page = await new_page(context), code = school.code('class_teacher');
  await enter(page, code);
  await inspect(page, 'class');
  check(await page.locator('li[data-open]').count() === 25, 'not 25 pupils');
  await page.locator('ol.list a').first().click();
  await page.locator('fieldset.row').first().waitFor();
  await inspect(page, 'class-question');
  for (let question = 0; question < 2; question++) {
    await page.waitForFunction(() => document.activeElement.matches('fieldset.row input'));
    for (let pupil = 0; pupil < 25; pupil++) await page.keyboard.press(String(1 + pupil % 4));
    check(await page.locator('.row input:checked').count() === 25, `${await page.locator('.row input:checked').count()} chosen`);
    check(await page.evaluate(() => document.activeElement.matches('a.go')), 'not on to the next question');
    await saved(page);
    await page.keyboard.press('Enter');
    await page.waitForURL(/question/);
    await page.waitForFunction(question => document.body.dataset.at !== String(question) || document.querySelectorAll('.row input:checked').length === 0, question);
  }
  check(school.sql('SELECT COUNT(*) FROM answer_page p JOIN assignment a ON a.id = p.assignment JOIN instrument i ON i.id = a.instrument WHERE i.respondent = \'class_teacher\'')[0][0] === 25, 'pages');

  // Without a network the next question is there all the same.
  await page.waitForTimeout(1500);
  await context.setOffline(true);
  await page.waitForFunction(() => document.activeElement.matches('fieldset.row input'));
  for (let pupil = 0; pupil < 25; pupil++) await page.keyboard.press('2');
  await saved(page, 'offline');
  const was = await heading_of_question(page);
  await page.keyboard.press('Enter');
  await page.waitForFunction(was => document.querySelector('h1').textContent !== was, was);
  await context.setOffline(false);
  await saved(page);

  // Another device: a choice, then go on there.
  const other = await new_page(await device(PHONE));
  await enter(other, code);
  await inspect(other, 'class-elsewhere');
  await other.locator('form.alert button').click();
  check(await other.locator('li[data-open]').count() === 25, 'not taken over');
  await other.locator('ol.list a').nth(5).click();
  await inspect(other, 'class-question-phone');
  await other.locator('.row input').first().check();
  await saved(other);
  // The first one is told, and calls nothing saved.
  await page.locator('.row input').first().check();
  await page.locator('[data-why=elsewhere]').waitFor();
  check(!await page.locator('[data-when=kept]').isVisible(), 'called saved');

  await other.goto(`${base}/a/form`);
  await other.locator('ul.list a').first().click();
  await other.waitForURL(/about/);
  await inspect(other, 'class-pupil-front');
  await begin(other);
  await inspect(other, 'class-pupil');
  await other.goto(`${base}/a/form`);
  await other.locator('#send-all').click();
  await other.waitForFunction(() => document.querySelectorAll('li[data-open]').length === 0 && document.querySelectorAll('.list li').length > 0);
  const states = school.sql('SELECT a.state, COUNT(*) FROM assignment a JOIN instrument i ON i.id = a.instrument WHERE i.respondent = \'class_teacher\' GROUP BY a.state ORDER BY a.state');
  check(JSON.stringify(states.find(row => row[0] === 'submitted')) === '["submitted",25]', JSON.stringify(states));
  await inspect(other, 'class-done');
}]);
const heading_of_question = page => page.locator('h1').innerText();

// ---- reading aloud

async function log_in(page, login) {
  await page.goto(`${base}/login`);
  await page.getByLabel('Brugernavn').fill(login);
  await page.getByLabel('Adgangskode').fill(PASSWORD);
  await page.getByRole('button', { name: 'Log ind' }).click();
  await page.waitForURL(`${base}/`);
}

cases.push(['the office reads a question and an option aloud, and who answers hears both', async () => {
  const context = await device(DESKTOP, { permissions: ['microphone'] }), page = await new_page(context);
  await log_in(page, 'kontor');
  await page.goto(`${base}/recordings`);
  await page.getByRole('navigation', { name: 'Spørgeskemaer' }).getByRole('link', { name: 'elever i 0' }).click();
  await inspect(page, 'recordings');
  await page.setViewportSize(PHONE);
  await inspect(page, 'recordings');
  await page.setViewportSize(DESKTOP);
  const row = text => page.locator('.recordings li').filter({ hasText: text }).first();
  const question = await page.locator('.recordings li.question span').first().innerText();
  for (const text of [question, 'Nogle gange']) {
    await row(text).locator('.record').click();
    await row(text).locator('.stop').waitFor();
    await page.waitForTimeout(700);
    await row(text).locator('.stop').click();
    await row(text).locator('.listen').waitFor();
  }
  const sound = await row(question).getAttribute('data-sound');
  const reply = await context.request.get(`${base}/a/sound/${sound}`), part = await context.request.get(`${base}/a/sound/${sound}`, { headers: { Range: 'bytes=0-1' } });
  check(/^audio\/(webm|mp4)$/.test(reply.headers()['content-type']) && (await reply.body()).length > 500, 'no sound');
  check(part.status() === 206 && (await part.body()).length === 2, `a part: ${part.status()}`);
  check((await context.request.get(`${base}/a/sound/${sound.replace(/./g, '0')}`)).status() === 404, 'another sound');
  await page.reload();
  check(await row(question).getAttribute('data-sound') === sound, 'not kept');
  check((await page.locator('main [role=status]').innerText()).startsWith('2 af'), await page.locator('main [role=status]').innerText());

  // What is no sound, too long, or from somebody else.
  const csrf = await page.locator('.recordings').getAttribute('data-csrf');
  const send = (form, from = context) => from.request.post(`${base}/recordings`, { form: { csrf, language: 'da', text: question, ...form } });
  check((await send({ sound: Buffer.from('<script>alert(1)</script>').toString('base64') })).status() === 422, 'no sound was taken');
  const long = Buffer.alloc(1024 * 1024 + 1);
  long.writeUInt32BE(0x1a45dfa3);
  check([400, 422].includes((await send({ sound: long.toString('base64') })).status()), 'more than 1 MB was taken');
  check((await send({ sound: '!' })).status() === 400, 'no base64');
  const leader = await new_page(await device(DESKTOP));
  await log_in(leader, 'leder');
  check((await leader.goto(`${base}/recordings`)).status() === 403, 'a leader may');
  // A stranger's long body is not read to its end: 413, or the line is cut while it is still being sent.
  check(await send({ sound: long.toString('base64') }, await device(PHONE)).then(reply => reply.status() === 413, () => true), 'a long body of a stranger');

  const pupil = await new_page(await device(IPAD));
  const played = [];
  pupil.on('response', reply => { if (reply.url().includes('/a/sound/')) played.push(reply.status()); });
  await enter(pupil, school.code('pupil_young'));
  await begin(pupil);
  const speak = pupil.locator('fieldset:not([hidden]) .speak');
  check(await speak.isVisible(), 'no button to hear the question');
  await inspect(pupil, 'form-read-aloud');
  await speak.click();
  await pupil.waitForFunction(() => performance.getEntriesByType('resource').filter(entry => entry.name.includes('/a/sound/')).length === 2, null, { timeout: 15000 });
  check(played.every(status => status === 200 || status === 206), String(played));
  check(pupil.faults.length === 0, pupil.faults.join());
}]);

cases.push(['where nothing is recorded, the browser reads in its own voice of the language, question and options', async () => {
  const page = await new_page(await device(PHONE));
  await page.addInitScript(() => {
    window.said = [];
    window.SpeechSynthesisUtterance = function (text) { this.text = text; };
    Object.defineProperty(window, 'speechSynthesis', { value: {
      getVoices: () => [{ lang: 'sv-SE' }, { lang: 'da-DK' }],
      cancel() {},
      speak(words) { said.push(`${words.lang}: ${words.text}`); setTimeout(() => words.onend(), 5); },
    } });
  });
  await enter(page, school.code('pupil'));
  await begin(page);
  const first = page.locator('section.page:not([hidden]) fieldset:not([hidden])').nth(1);
  await inspect(page, 'form-voice');
  await first.locator('.speak').click();
  const words = [await first.locator('.question').innerText(), ...await first.locator('.option span').allInnerTexts()];
  await page.waitForFunction(n => said.length === n, words.length);
  check(JSON.stringify(await page.evaluate(() => said)) === JSON.stringify(words.map(word => `da-DK: ${word}`)), JSON.stringify(await page.evaluate(() => said)));
}]);

// ---- choices

cases.push(['every question may be passed, and "deltager ikke" forgets all', async () => {
  const page = await new_page(await device(PHONE));
  await enter(page, school.code('pupil'));
  const id = await id_of(page);
  await begin(page);
  while (!await at_end(page)) await page.locator('#next').click();
  await saved(page);
  check(pages_of(id).every(([, codes]) => /^(fe|ff)+$/.test(codes)), JSON.stringify(pages_of(id)));
  await page.reload();
  await page.locator('.decline summary').click();
  await inspect(page, 'decline');
  await page.locator('#decline').click();
  await page.locator('[data-why=withdrawn]').waitFor();
  await inspect(page, 'declined');
  check(pages_of(id).length === 0 && state_of(id) === 'declined', state_of(id));
}]);

cases.push(['a question that is required is asked for twice, then let go; a CPR number is not', async () => {
  const page = await new_page(await device(PHONE));
  await enter(page, school.code('pedagogue'));
  const id = await id_of(page);
  await begin(page);
  const there = await place(page);
  await page.locator('#next').click();
  check(await page.locator('#ask').isVisible() && await place(page) === there, 'not asked again');
  check(await page.evaluate(() => document.activeElement.matches('fieldset input')), 'the focus is not at the question');
  await inspect(page, 'asked-again');
  await page.locator('#next').click();
  check(await place(page) !== there, 'not let go');
  const field = page.locator('textarea:visible');
  while (await field.count() === 0) await page.locator('#next').click();
  // Typed, and kept before the field is left.
  await field.fill('Barnet er gl');
  await page.waitForTimeout(1200);
  await page.reload();
  await begin(page);
  check(await field.inputValue() === 'Barnet er gl', `kept: ${await field.inputValue()}`);
  check(await field.getAttribute('maxlength') === '200', 'no limit');
  await field.fill('Barnet har 010203-1234 og er glad');
  await page.locator('#next').click();
  check(await page.locator('#no-cpr').isVisible(), 'a CPR number goes through');
  await inspect(page, 'cpr');
  await field.fill('Barnet er glad');
  await page.locator('#next').click();
  check(await at_end(page), 'not let go without the number');
  await saved(page);
  check(JSON.stringify(school.sql(`SELECT text FROM answer_text WHERE assignment = ${id}`)) === '[["Barnet er glad"]]', 'the text');
}]);

cases.push(['a QR: the code is in no address and no history', async () => {
  const page = await new_page(await device(PHONE)), code = school.code('parent');
  await page.goto(`${base}/a?lang=da#${code}`);
  await page.waitForURL(/\/a\/form/);
  check(page.asked.every(address => !address.includes(code)), 'the code went out in an address');
  await page.goBack().catch(() => {});
  check(!page.url().includes(code), page.url());
}]);

// ---- eyes

cases.push(['400 % zoom, large text, reduced motion, forced colours: nothing is cut off', async () => {
  for (const respondent of ['pupil_young', 'pupil'])
    for (const options of [{}, { forcedColors: 'active', reducedMotion: 'reduce' }]) {
      const page = await new_page(await device({ width: 320, height: 640 }, options));
      await enter(page, school.code(respondent));
      await begin(page);
      const name = `narrow-${respondent}${options.forcedColors ? '-forced' : ''}`;
      await page.locator('fieldset:not([hidden]) input >> visible=true').first().check({ force: true });
      await inspect(page, name);
      const cut = await page.evaluate(() => [...document.querySelectorAll('.option span, .question, button, h2')]
        .filter(e => e.offsetParent && (e.scrollWidth > e.clientWidth + 1 && getComputedStyle(e).display !== 'inline' || e.getBoundingClientRect().right > innerWidth + 1 || e.getBoundingClientRect().left < -1))
        .map(e => e.textContent.trim()));
      check(cut.length === 0, `${name}: cut off: ${cut}`);
      if (options.reducedMotion)
        check(await page.evaluate(() => parseFloat(getComputedStyle(document.querySelector('.progress span')).transitionDuration)) === 0, 'moves');
      await page.evaluate(() => { document.documentElement.style.fontSize = '200%'; document.body.style.fontSize = '36px'; });
      const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
      check(wide <= 0, `${name}: with large text ${wide} px too wide`);
      await page.context().close();
    }
}]);

// ---- the end

cases.push(['a code that is wrong, one that was used, and a wave that has closed: what happened and what to do', async () => {
  const page = await new_page(await device(PHONE)), code = school.code('leader');
  const type = async code => {
    await page.goto(`${base}/a?lang=da`);
    await page.locator('#code').fill(code);
    await page.locator('button.go').click();
    await page.locator('h1').waitFor();
  };
  const refused = text => text.includes('status of 403');
  await type('ABCD');
  check((await page.getByRole('alert').filter({ visible: true }).innerText()).includes('ikke helt rigtig'), 'no word of the slip');
  await inspect(page, 'code-slip', { allow: refused });
  await enter(page, code);
  await begin(page);
  while (!await at_end(page)) await page.locator('#next').click();
  await page.locator('#next').click();
  await done(page);
  await type(code);
  check((await page.locator('main').innerText()).includes('sendt'), await page.locator('main').innerText());
  await inspect(page, 'code-used', { allow: refused });

  const late = await new_page(await device(PHONE)), later = school.code('leader');
  await enter(late, later);
  await begin(late);
  school.laerke('wave', 'close', '1');
  await choose_all(late, 1);
  await late.locator('#next').click();
  await late.locator('[data-why=closed]').waitFor();
  check(!await late.locator('[data-when=kept]').first().isVisible(), 'called saved');
  await inspect(late, 'closed');
  await type(later);
  check((await page.locator('main').innerText()).includes('forbi'), await page.locator('main').innerText());
  await inspect(page, 'code-closed', { allow: refused });
}]);

// ---- the files

const files = Object.fromEntries(['form.js', 'keep.js', 'class.js', 'code.js', 'worker.js', 'form.css']
  .map(name => [name, readFileSync(path.join(root, 'src/web/static', name), 'utf8')]));

cases.push(['script and style are under 60 kB before compression', async () => {
  const bytes = Object.values(files).reduce((sum, text) => sum + Buffer.byteLength(text), 0);
  check(bytes < 60 * 1000, `${bytes} bytes`);
}]);

cases.push(['scripts and style are what Safari 12 can read', async () => {
  const { parse } = await import('acorn');
  const young = ['.flat(', '.replaceAll(', '.at(', '.allSettled(', '.any(', 'Object.fromEntries', 'structuredClone', 'BroadcastChannel',
    'navigator.locks', 'globalThis', 'ResizeObserver', '.matchAll(', 'queueMicrotask', 'crypto.randomUUID', '.toSorted(', '.findLast(', '.replaceChildren('];
  for (const [name, text] of Object.entries(files)) {
    if (!name.endsWith('.js')) continue;
    try {
      parse(text, { ecmaVersion: 2018, sourceType: 'module' });
    } catch (error) {
      throw new Error(`${name}: ${error.message}`);
    }
    for (const word of young) check(!text.includes(word), `${name}: ${word}`);
    check(!/catch\s*\{/.test(text) && !/\?\.|\?\?/.test(text), `${name}: newer syntax`);
  }
  const css = files['form.css'].replace(/\/\*[\s\S]*?\*\//g, '');
  for (const [word, why] of [[/:(has|is|where)\(/, 'selector'], [/\b(padding|margin|border)-(inline|block)\s*:/, 'logical shorthand'], [/\binset(-\w+)*\s*:/, 'inset'],
    [/\b(min|max|clamp)\(/, 'function'], [/aspect-ratio|@layer|@container|float:\s*inline/, 'property']])
    check(!word.test(css.replace(/minmax\(/g, '')), `form.css: ${why} ${word.exec(css)?.[0]}`);
  for (const [rule] of css.matchAll(/[^{}]+\{[^{}]*\}/g))
    check(!(/display:\s*(inline-)?flex/.test(rule) && /(^|[;{\s])gap:/.test(rule)), `form.css: a gap in a flex box: ${rule.trim().slice(0, 60)}`);
}]);

await run_cases(cases, async () => {
  for (const context of browser.contexts()) await context.close();
}, async () => {
  await browser.close();
  school.close();
});
