// A leader and a teacher in a real browser: from the login to a profile, on a phone and on a desktop. No
// sideways scrolling, no faults in the console, nothing that the Content-Security-Policy had to stop, nothing
// that axe finds. Screenshots of all of it are saved beside the build (screenshots/).
import { spawn, execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const here = path.dirname(fileURLToPath(import.meta.url));
const laerke = path.resolve(process.env.LAERKE ?? 'build/laerke');
const shots = path.join(path.dirname(laerke), 'screenshots');
const PHONE = { width: 390, height: 844 }, DESKTOP = { width: 1280, height: 900 };

const missing = !existsSync('/usr/bin/chromium') ? 'Chromium is absent'
  : !existsSync(path.join(here, 'node_modules/playwright-core')) ? 'tools/browser.sh has not been run' : null;
if (missing) {
  console.log(process.env.CI ? `1..1\nnot ok 1 - ${missing}, and this is CI` : `1..0 # SKIP ${missing}`);
  process.exit(process.env.CI ? 1 : 0);
}
const { chromium } = await import('playwright-core');
const axe = readFileSync(path.join(here, 'node_modules/axe-core/axe.min.js'), 'utf8');

function check(truth, message) {
  if (!truth) throw new Error(message);
}

// ---- the programme, its server, the browser

const folder = mkdtempSync(path.join(tmpdir(), 'laerke-browser-'));
execFileSync(laerke, ['demo', `${folder}/p`, '--pupils', '3000', '--schools', '15'], { stdio: 'ignore' });
const server = spawn(laerke, ['-C', `${folder}/p`, '--json', 'serve', '--listen', '127.0.0.1:0', '--demo', '--quiet'],
  { stdio: ['ignore', 'pipe', 'inherit'] });
const base = await new Promise((resolve, reject) => {
  let text = '';
  server.stdout.on('data', part => {
    text += part;
    if (text.includes('}')) resolve(JSON.parse(text).url);
  });
  server.on('exit', code => reject(new Error(`serve ended with ${code}`)));
});
const browser = await chromium.launch({
  executablePath: '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking', '--disable-component-update',
    '--disable-sync', '--no-first-run', '--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1'],
});
mkdirSync(shots, { recursive: true });

// A browser of its own, which remembers everything that went wrong in it.
async function visitor(viewport, options = {}) {
  const context = await browser.newContext({ viewport, locale: 'da-DK', ...options });
  const page = await context.newPage();
  page.faults = [];
  page.on('console', message => { if (message.type() === 'error') page.faults.push(message.text()); });
  page.on('pageerror', error => page.faults.push(String(error)));
  page.on('requestfailed', request => page.faults.push(`${request.url()}: ${request.failure().errorText}`));
  await page.addInitScript(() => document.addEventListener('securitypolicyviolation',
    event => console.error(`policy: ${event.violatedDirective} ${event.blockedURI}`)));
  return page;
}

async function logIn(page, login) {
  await page.goto(`${base}/login`);
  await page.getByLabel('Brugernavn').fill(login);
  await page.getByLabel('Adgangskode').fill('laerke-demo');
  await page.getByRole('button', { name: 'Log ind' }).click();
  await page.waitForURL(`${base}/`);
}

// What holds for every page.
async function inspect(page, name, expected = 200) {
  const width = await page.evaluate(() => [document.documentElement.scrollWidth, document.documentElement.clientWidth]);
  check(width[0] <= width[1], `${name}: ${width[0]} px wide on a screen of ${width[1]}`);
  await page.evaluate(() => document.fonts.ready);
  const fonts = await page.evaluate(() => document.fonts.check('17px Inter'));
  check(fonts, `${name}: Inter is not there`);
  await page.screenshot({ path: path.join(shots, `${name}-${page.viewportSize().width}.png`), fullPage: true });
  // Folded parts are read too.
  await page.evaluate(() => document.querySelectorAll('details').forEach(details => { details.open = true; }));
  await page.evaluate(axe);
  const found = await page.evaluate(() => axe.run(document, { resultTypes: ['violations'] }));
  check(found.violations.length === 0, `${name}: ${found.violations.map(v =>
    `${v.id} (${v.impact}): ${v.nodes.slice(0, 3).map(n => n.html.slice(0, 160)).join(' | ')}`).join('\n')}`);
  const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  check(wide <= 0, `${name}: with everything unfolded ${wide} px too wide`);
  const faults = page.faults.filter(text => expected === 200 || !text.includes(`status of ${expected}`));
  check(faults.length === 0, `${name}: ${faults.join('\n')}`);
  page.faults.length = 0;
}

const heading = page => page.locator('h1').innerText();
const cases = [];
const both = (name, run) => {
  for (const viewport of [PHONE, DESKTOP]) cases.push([`${name}, ${viewport.width} px`, () => run(viewport)]);
};

both('who is not signed in: front page, login, explanation, wrong address', async viewport => {
  const page = await visitor(viewport);
  await page.goto(base);
  await inspect(page, 'welcome');
  await page.goto(`${base}/login`);
  await inspect(page, 'login');
  await page.getByLabel('Brugernavn').fill('leder');
  await page.getByLabel('Adgangskode').fill('forkert kode');
  await page.getByRole('button', { name: 'Log ind' }).click();
  check(await page.getByRole('alert').isVisible(), 'no word of the wrong password');
  await inspect(page, 'login-wrong', 403);
  await page.goto(`${base}/help/points`);
  await inspect(page, 'points');
  await page.goto(`${base}/nowhere`);
  await inspect(page, 'not-found', 404);
});

both('a leader: own school, a class of it, no other', async viewport => {
  const page = await visitor(viewport);
  await logIn(page, 'leder');
  await inspect(page, 'leader-front');
  await page.locator('main li a').first().click();
  await page.waitForURL(/unit/);
  const school = await heading(page);
  await inspect(page, 'leader-school');
  const classes = page.locator('nav.units a');
  check(await classes.count() > 0, 'no way to the classes');
  await classes.first().click();
  check(await heading(page) !== school, 'the class is the school');
  await inspect(page, 'leader-class');
  // Up again along the path; the municipality is a name there, and no link.
  const path = page.getByRole('navigation', { name: 'Her er du' });
  check(await path.getByRole('link').count() === 1, 'links to what a leader may not see');
  await path.getByRole('link').click();
  check(await heading(page) === school, 'the path leads elsewhere');
  await page.goto(`${base}/unit/1`);
  await inspect(page, 'forbidden', 403);
});

both('a teacher: own class and school', async viewport => {
  const page = await visitor(viewport);
  await logIn(page, 'laerer');
  await inspect(page, 'teacher-front');
  check(await page.locator('main li a').count() === 2, 'not the class and the school');
  await page.locator('main li a').last().click();
  await page.waitForURL(/unit/);
  await inspect(page, 'teacher-class');
  // What belongs to the team is here, and was not on the leader's page of a class.
  check((await page.locator('main').innerText()).includes('Ro og struktur'), 'no scale about teaching');
});

both('the municipality and the programme', async viewport => {
  for (const login of ['horsens-kommune', 'programme']) {
    const page = await visitor(viewport);
    await logIn(page, login);
    await page.locator('main li a').first().click();
    await page.waitForURL(/unit/);
    await inspect(page, login);
    await page.context().close();
  }
});

cases.push(['with the keyboard alone from the front page to a profile and its table', async () => {
  const page = await visitor(DESKTOP);
  await page.goto(`${base}/login`);
  const focused = () => page.evaluate(() => {
    const at = document.activeElement;
    const style = getComputedStyle(at);
    return { id: at.id, text: at.innerText ?? '', href: at.getAttribute?.('href'), outline: style.outlineStyle, tag: at.tagName };
  });
  const tabTo = async what => {
    for (let i = 0; i < 60; i++) {
      await page.keyboard.press('Tab');
      const at = await focused();
      if (what(at)) {
        check(at.outline !== 'none', `${at.tag} ${at.text}: the focus is not seen`);
        return at;
      }
    }
    throw new Error(`never reached ${what}`);
  };
  await page.keyboard.press('Tab');
  check((await focused()).href === '#main', 'the first stop is not the skip link');
  await page.keyboard.press('Enter');
  await tabTo(at => at.id === 'login');
  await page.keyboard.type('leder');
  await tabTo(at => at.id === 'password');
  await page.keyboard.type('laerke-demo');
  await page.keyboard.press('Enter');
  await page.waitForURL(`${base}/`);
  await tabTo(at => at.href?.startsWith('/unit/'));
  await page.keyboard.press('Enter');
  await page.waitForURL(/unit/);
  await tabTo(at => at.tag === 'SUMMARY' && at.text.includes('tabel'));
  await page.keyboard.press('Enter');
  check(await page.locator('details[open] table').count() > 0, 'the table does not unfold');
}]);

cases.push(['Danish and English, and the choice is kept', async () => {
  const page = await visitor(DESKTOP);
  await logIn(page, 'leder');
  await page.locator('main li a').first().click();
  await page.waitForURL(/unit/);
  const address = page.url(), danish = await page.locator('main').innerText();
  await page.getByRole('button', { name: 'English' }).click();
  check(page.url() === address, 'the page was lost');
  check(await page.locator('html').getAttribute('lang') === 'en', 'not in English');
  check(await page.locator('main').innerText() !== danish, 'the profile is the same');
  await inspect(page, 'leader-school-english');
  await page.getByRole('link', { name: 'Lærke' }).click();
  check(await page.locator('html').getAttribute('lang') === 'en', 'forgotten');
  await page.getByRole('button', { name: 'Dansk' }).click();
  check(await page.locator('html').getAttribute('lang') === 'da', 'no way back');
}]);

cases.push(['a PDF comes by its link; after logging out nothing is left', async () => {
  const page = await visitor(DESKTOP);
  await logIn(page, 'leder');
  await page.locator('main li a').first().click();
  await page.waitForURL(/unit/);
  const profile = page.url();
  const href = await page.getByRole('link', { name: 'Hent som PDF' }).getAttribute('href');
  const reply = await page.context().request.get(base + href);
  check(reply.status() === 200 && (await reply.body()).subarray(0, 5).toString() === '%PDF-', 'no PDF');
  await page.getByRole('button', { name: 'Log ud' }).click();
  await page.waitForURL(`${base}/`);
  check((await page.context().cookies()).every(cookie => cookie.name !== 'laerke_session'), 'the cookie stays');
  await page.goBack();
  check(page.url() !== profile || !(await page.locator('main').innerText()).includes('Ro og struktur'),
    'the back button shows the profile');
}]);

cases.push(['without pictures, style or script the page reads in order', async () => {
  const page = await visitor(DESKTOP, { javaScriptEnabled: false });
  await page.route(/\/static\//, route => route.abort());
  await page.goto(`${base}/login`);
  await page.getByLabel('Brugernavn').fill('leder');
  await page.getByLabel('Adgangskode').fill('laerke-demo');
  await page.getByRole('button', { name: 'Log ind' }).click();
  await page.locator('main li a').first().click();
  const levels = await page.locator('h1, h2, h3').evaluateAll(all => all.map(h => Number(h.tagName[1])));
  check(levels[0] === 1 && levels.filter(l => l === 1).length === 1, `headings ${levels}`);
  levels.forEach((level, i) => check(i === 0 || level <= levels[i - 1] + 1, `headings ${levels}`));
}]);

// ---- TAP

console.log(`1..${cases.length}`);
let failed = 0;
try {
  for (const [i, [name, run]] of cases.entries()) {
    try {
      await run();
      console.log(`ok ${i + 1} - ${name}`);
    } catch (error) {
      failed++;
      console.log(`not ok ${i + 1} - ${name}\n${String(error.stack).replace(/^/gm, '# ')}`);
    }
    for (const context of browser.contexts()) await context.close();
  }
} finally {
  await browser.close();
  server.removeAllListeners('exit');
  server.kill('SIGTERM');
  rmSync(folder, { recursive: true, force: true });
}
process.exit(failed ? 1 : 0);
