// A lesson, in a real browser: what the teacher sees, and a tablet that the class shares, on which the code is pressed,
// one pupil after the other, and nothing of one is left for the next.
import { DESKTOP, IPAD, PASSWORD, PHONE, check, inspect, need_browser, new_page, open_browser, open_school, run_cases } from './site.mjs';

need_browser();
const range = n => [...Array(n).keys()];
const lines = (head, rows) => [head, ...rows].join('\n') + '\n';
const school = await open_school({
  'elever.csv': lines('kommune;skole;skolenavn;klasse;klassetrin;elev;fornavn;efternavn;køn', [
    ...range(3).map(i => `A;A1;Skole A1;2.a;2;y${i};Anna;Prøve${i};f`),
    ...range(4).map(i => `A;A1;Skole A1;5.a;5;p${i};Ask;Prøve${i};m`)]),
  'voksne.csv': lines('barn;forælder;fornavn;efternavn;forældremyndighed;adressebeskyttelse;adresse', ['y0;f0;Mor;Et;ja;nej;Vej 1']),
  'ansatte.csv': lines('medarbejder;rolle;kommune;skole;klasse;fornavn;efternavn', ['l0;klasselærer;A;A1;5.a;Lærer;Nr0']),
});
const { base } = school;
const browser = await open_browser();
const tablet = () => browser.newContext({ viewport: IPAD, locale: 'da-DK', hasTouch: true });
const kept = page => page.evaluate(async () => {
  const open = indexedDB.open('laerke');
  await new Promise(done => { open.onsuccess = done; });
  const count = name => new Promise(done => {
    const asked = open.result.transaction(name).objectStore(name).count();
    asked.onsuccess = () => done(asked.result);
  });
  return [await count('kept'), await count('queue')];
});

async function start(page) {
  await page.goto(`${base}/a?kiosk=1&lang=da`);
}
async function press(page, code) {
  for (const letter of code.replaceAll('-', '')) await page.locator('#keypad button', { hasText: letter }).tap();
  check(await page.locator('#code').inputValue() === code.replaceAll('-', ''), 'the keypad writes something else');
  await page.locator('button.go').tap();
  await page.waitForURL(/\/a\/form/);
}
async function answer(page, which) {
  for (let guard = 0; guard < 200 && !await page.locator('section.last').isVisible(); guard++) {
    await page.evaluate(which => {
      for (const item of document.querySelectorAll('section.page:not([hidden]) fieldset:not([hidden])')) {
        const inputs = item.querySelectorAll('input');
        if (inputs.length) inputs[which % inputs.length].click();
      }
    }, which);
    await page.locator('#next').tap();
  }
}

const cases = [
  ['the page with the code: large, in one language, without ways out', async () => {
    const context = await tablet(), page = await new_page(context);
    await start(page);
    check(await page.locator('.languages').count() === 0 && await page.locator('a').count() === 0, 'a way out');
    check(await page.locator('#keypad button').count() === 33, 'keys');
    check(await page.locator('#code').evaluate(field => field.inputMode) === 'none', 'the tablet\'s own keyboard comes');
    await page.locator('#keypad button', { hasText: 'K' }).tap();
    await page.getByRole('button', { name: 'Slet' }).tap();
    check(await page.locator('#code').inputValue() === '', 'erasing');
    await inspect(page, 'kiosk-code');
    await page.goto(`${base}/a?kiosk=0`);
    check(await page.locator('.languages').count() === 1 && await page.locator('#keypad').count() === 0, 'it stays a kiosk');
    await context.close();
  }],
  ['one pupil after the other: back by itself, and nothing is left of the one before', async () => {
    const context = await tablet(), page = await new_page(context);
    await start(page);
    for (const respondent of ['pupil', 'pupil_young', 'pupil']) {
      await press(page, school.code(respondent));
      check(await page.locator('#begun').isHidden() && await page.locator('input:checked').count() === 0, 'something of the one before');
      check(await page.locator('.languages').count() === 0, 'languages');
      await answer(page, 1);
      await page.locator('#next').tap();
      await page.locator('section.done').first().waitFor();
      await page.waitForURL(/\/a$/, { timeout: 15000 });
      check(JSON.stringify(await kept(page)) === '[0,0]', `left in the browser: ${await kept(page)}`);
      check(!(await context.cookies()).some(cookie => cookie.name === 'laerke_answer'), 'the grant is left');
      check(await page.evaluate(() => caches.has('pages-2')) === false || await page.evaluate(async () => (await (await caches.open('pages-2')).keys())
        .every(request => !request.url.includes('/a/form'))), 'the page is left');
      await page.goto(`${base}/a/form`);
      check(new URL(page.url()).pathname === '/a', 'the last form opens again');
    }
    const states = school.sql("SELECT state, COUNT(*) FROM assignment WHERE state <> 'open' GROUP BY state");
    check(JSON.stringify(states) === '[["submitted",3]]', JSON.stringify(states));
    await context.close();
  }],
  ['who walks off: what was answered is sent, the page with the code comes back, and the same code goes on without asking', async () => {
    const context = await tablet(), page = await new_page(context), code = school.code('pupil');
    await page.clock.install();
    await start(page);
    await press(page, code);
    await page.locator('#next').tap();
    await page.evaluate(() => document.querySelector('section.page:not([hidden]) fieldset:not([hidden]) input').click());
    await page.clock.fastForward('11:00');
    await page.waitForURL(/\/a$/, { timeout: 15000 });
    check(JSON.stringify(await kept(page)) === '[0,0]', `left in the browser: ${await kept(page)}`);
    check(school.sql('SELECT COUNT(*) FROM answer_page')[0][0] === 1, 'what was answered');
    await press(page, code);
    // It goes on by itself: the form says so as soon as its script has begun.
    await page.locator('#next').waitFor({ timeout: 15000 });
    await page.locator('#begun').waitFor({ timeout: 15000 });
    check(await page.locator('input:checked').count() === 0, 'answers are shown');
    await context.close();
  }],
  ['the teacher\'s pages: on a phone and on a desktop, for all who read them', async () => {
    school.laerke('account', 'add', 'laerer', '--password-stdin', '--role', 'teacher', '--unit', 'A/A1/5.a');
    for (const viewport of [PHONE, DESKTOP]) {
      const context = await browser.newContext({ viewport, locale: 'da-DK' }), page = await new_page(context);
      await page.goto(`${base}/login`);
      await page.locator('[name=login]').fill('laerer');
      await page.locator('[name=password]').fill(PASSWORD);
      await page.locator('.form .button').click();
      await page.getByRole('link', { name: /Målingen er åben/ }).click();
      await inspect(page, 'lesson');
      await page.getByRole('button', { name: 'Ny kode til Ask Prøve3' }).click();
      check(/^[2-9A-Z]{4}-[2-9A-Z]{5}$/.test(await page.locator('.new-code .big-code').innerText()), 'the new code');
      await inspect(page, 'lesson-new');
      await page.getByRole('link', { name: 'Start timen' }).click();
      await inspect(page, 'lesson-wall');
      await page.getByRole('link', { name: 'Vis koder' }).click();
      await inspect(page, 'lesson-codes');
      await page.getByRole('link', { name: 'Tilbage til klassen' }).click();
      await page.waitForURL(/\/lesson$/);
      await context.close();
    }
  }],
];
await run_cases(cases, async () => {}, async () => {
  await browser.close();
  school.close();
});
