// What the browser tests of questionnaires stand on: a school whose wave is open, its codes, its server, and
// browsers that remember everything that went wrong in them. Nobody in it exists.
import { execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const here = path.dirname(fileURLToPath(import.meta.url));
const laerke = path.resolve(process.env.LAERKE ?? 'build/laerke');
export const shots = path.join(path.dirname(laerke), 'screenshots');
export const PASSWORD = 'en god adgangskode';
export const PHONE = { width: 390, height: 844 }, DESKTOP = { width: 1280, height: 900 }, IPAD = { width: 768, height: 1024 };

export function check(truth, message) {
  if (!truth) throw new Error(message);
}

/** Ends the test where a browser is absent: skipped, but never in CI. */
export function need_browser() {
  const missing = !existsSync('/usr/bin/chromium') ? 'Chromium is absent'
    : !existsSync(path.join(here, 'node_modules/playwright-core')) ? 'tools/browser.sh has not been run' : null;
  if (!missing) return;
  console.log(process.env.CI ? `1..1\nnot ok 1 - ${missing}, and this is CI` : `1..0 # SKIP ${missing}`);
  process.exit(process.env.CI ? 1 : 0);
}

const BUILD = `
import json, sqlite3, sys
import answering
job = json.load(sys.stdin)
answering.ROSTER.update(job["roster"])
school = answering.School(job["folder"], more=job["more"])
answering.must("-C", school.folder, "instrument", "approve", "parent", "--language", "tr", "--reviewer", "Prøve Læser")
units = dict(sqlite3.connect(school.folder + "/study.db").execute("SELECT kind, MIN(id) FROM unit GROUP BY kind"))
for login, role, unit in (("kontor", "programme", units["programme"]), ("leder", "leader", units["school"])):
    answering.must("-C", school.folder, "account", "add", login, "--name", login, "--role", role, "--unit", unit, "--password-stdin", input=job["password"] + "\\n")
print(json.dumps(school.codes))
`;
const QUERY = 'import sqlite3, sys, json; print(json.dumps(sqlite3.connect(sys.argv[1], timeout=20).execute(sys.argv[2]).fetchall(), default=lambda b: b.hex()))';
const python = (script, args, input) => execFileSync('python3', ['-c', script, ...args],
  { input, encoding: 'utf8', stdio: ['pipe', 'pipe', 'pipe'], env: { ...process.env, PYTHONPATH: path.dirname(here), LAERKE: laerke } });

/** A school with that roster, served; more: newer versions of forms, as objects. code(respondent) takes the next unused one. */
export async function open_school(roster, more = []) {
  const folder = mkdtempSync(path.join(tmpdir(), 'laerke-answering-'));
  const files = more.map((form, i) => `${folder}/form${i}.json`);
  more.forEach((form, i) => writeFileSync(files[i], JSON.stringify(form)));
  const remove = () => rmSync(folder, { recursive: true, force: true });
  let codes;
  try {
    codes = JSON.parse(python(BUILD, [], JSON.stringify({ folder: `${folder}/p`, roster, more: files, password: PASSWORD })));
  } catch (error) {
    remove();
    console.log(`1..1\nnot ok 1 - the school\n${String(error.stderr).replace(/^/gm, '# ')}`);
    process.exit(1);
  }
  const server = spawn(laerke, ['-C', `${folder}/p`, '--json', 'serve', '--listen', '127.0.0.1:0', '--quiet'],
    { stdio: ['ignore', 'pipe', 'inherit'] });
  const base = await new Promise((resolve, reject) => {
    let text = '';
    server.stdout.on('data', part => {
      text += part;
      if (text.includes('}')) resolve(JSON.parse(text).url);
    });
    server.on('exit', code => reject(new Error(`serve ended with ${code}`)));
  });
  return {
    base,
    code(respondent) {
      const at = codes.findIndex(row => row.respondent === respondent);
      check(at >= 0, `no code of ${respondent} is left`);
      return codes.splice(at, 1)[0].code;
    },
    /** A command in the programme's folder; where it asks for a password, it gets PASSWORD. */
    laerke: (...words) => execFileSync(laerke, ['-C', `${folder}/p`, ...words], { input: `${PASSWORD}\n`, stdio: ['pipe', 'ignore', 'ignore'] }),
    sql: query => JSON.parse(python(QUERY, [`${folder}/p/study.db`, query])),
    close() {
      server.removeAllListeners('exit');
      server.kill('SIGTERM');
      remove();
    },
  };
}

export async function open_browser() {
  const { chromium } = await import('playwright-core');
  mkdirSync(shots, { recursive: true });
  return chromium.launch({
    executablePath: '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking', '--disable-component-update',
      '--disable-sync', '--use-fake-ui-for-media-stream', '--use-fake-device-for-media-stream', '--no-first-run', '--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1'],
  });
}

/** A page that keeps what went wrong in it (faults) and where it asked (asked). */
export async function new_page(context) {
  const page = await context.newPage();
  page.faults = [];
  page.asked = [];
  page.on('console', message => { if (message.type() === 'error') page.faults.push(message.text()); });
  page.on('pageerror', error => page.faults.push(String(error)));
  page.on('request', request => page.asked.push(request.url()));
  await page.addInitScript(() => document.addEventListener('securitypolicyviolation',
    event => console.error(`policy: ${event.violatedDirective} ${event.blockedURI}`)));
  return page;
}

let axe;
/** What holds for every page: nothing too wide, no fault in the console, and nothing that axe finds (which is
 * slow, and finds on a phone what it would on a desktop: with_axe false leaves it out). */
export async function inspect(page, name, { shot = true, with_axe = true, allow = () => false } = {}) {
  axe = axe ?? readFileSync(path.join(here, 'node_modules/axe-core/axe.min.js'), 'utf8');
  const width = await page.evaluate(() => [document.documentElement.scrollWidth, document.documentElement.clientWidth]);
  check(width[0] <= width[1], `${name}: ${width[0]} px wide on a screen of ${width[1]}`);
  if (shot) await page.screenshot({ path: path.join(shots, `${name}-${page.viewportSize().width}.png`), fullPage: true });
  if (with_axe && !await page.evaluate(() => !!window.axe)) await page.evaluate(axe);
  const found = with_axe ? await page.evaluate(() => window.axe.run(document, { resultTypes: ['violations'] })) : { violations: [] };
  check(found.violations.length === 0, `${name}: ${found.violations.map(v =>
    `${v.id} (${v.impact}): ${v.nodes.slice(0, 3).map(n => n.html.slice(0, 160) + ' ' + n.failureSummary.slice(0, 200)).join(' | ')}`).join('\n')}`);
  const faults = page.faults.filter(text => !allow(text));
  check(faults.length === 0, `${name}: ${faults.join('\n')}`);
}

/** Runs cases [name, run] one after the other and speaks TAP. ONLY=word runs those whose names have it. */
export async function run_cases(cases, after_each, at_end) {
  const chosen = cases.filter(([name]) => name.includes(process.env.ONLY ?? ''));
  console.log(`1..${chosen.length}`);
  let failed = 0;
  try {
    for (const [i, [name, run]] of chosen.entries()) {
      try {
        await run();
        console.log(`ok ${i + 1} - ${name}`);
      } catch (error) {
        failed++;
        console.log(`not ok ${i + 1} - ${name}\n${String(error.stack).replace(/^/gm, '# ')}`);
      }
      await after_each();
    }
  } finally {
    await at_end();
  }
  process.exit(failed ? 1 : 0);
}
