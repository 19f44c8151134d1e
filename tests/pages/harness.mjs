// A skep, a browser, and what every page must keep to: no error, no request to another origin, nothing that axe finds.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { createRequire } from 'node:module';
import { chromium } from 'playwright-core';

const { SKEP, CHROMIUM, DOCKER_SOCKET, SHOTS } = process.env;
const AXE = fs.readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
/** How long a test may take on a busy machine; pictures, cut to a palette, take longer. */
const WITHIN_MS = (process.env.PICTURES ? 1_200_000 : 400_000) + Number(process.env.SKEP_PAGE_SECONDS ?? 0) * 1000;
export const sleep = ms => new Promise(resolve => setTimeout(resolve, ms));

/** Waits until something holds, and gives what it gave. */
export async function until(what, holds, ms = 30_000) {
  const end = performance.now() + ms;
  for (;;) {
    const found = await holds();
    if (found) return found;
    if (performance.now() > end) assert.fail(`not within ${ms} ms: ${what}`);
    await sleep(50);
  }
}

/** A running skep with a folder of its own. */
export class Skep {
  /** `rules` and `settings` are texts of YAML. */
  static async start({ rules = '', settings = '', role = 'run', more = [] } = {}) {
    const skep = new Skep();
    skep.folder = fs.mkdtempSync(path.join(os.tmpdir(), 'skep-pages-'));
    fs.mkdirSync(path.join(skep.folder, 'rules'));
    fs.writeFileSync(path.join(skep.folder, 'rules', 'test.yaml'), rules || '{}\n');
    const docker = role === 'run' && DOCKER_SOCKET ? `collector:\n  docker: ${DOCKER_SOCKET}\n` : '';
    fs.writeFileSync(path.join(skep.folder, 'skep.yaml'), `${docker}${settings}` || '{}\n');
    [skep.role, skep.more, skep.rules] = [role, more, rules];
    await skep.launch('127.0.0.1:0');
    return skep;
  }

  async launch(http) {
    const rules = this.rules ? ['--rules', path.join(this.folder, 'rules')] : [];
    const settings = ['--config', path.join(this.folder, 'skep.yaml')];
    const process = spawn(SKEP, [this.role, '--http', http, '--riemann', '127.0.0.1:0', '--data-dir', path.join(this.folder, 'data'), ...settings, ...rules, ...this.more], { stdio: ['ignore', 'pipe', 'pipe'] });
    this.process = process;
    this.log = '';
    for (const stream of [process.stdout, process.stderr]) stream.on('data', text => (this.log += text));
    const line = await until('skep comes up', () => process.exitCode === null ? this.log.match(/^http=(\S+)/m) : assert.fail(`skep ended:\n${this.log}`), 60_000);
    this.http = line[1];
    this.url = `http://${this.http}`;
    await until('skep is ready', () => fetch(`${this.url}/healthz`).then(answer => answer.ok, () => false));
  }

  /** Ends it at once, as a crash does. */
  async kill() {
    const ended = once(this.process, 'exit');
    this.process.kill('SIGKILL');
    await ended;
  }

  /** Starts it again, at the same address and with the same data. */
  async again() {
    await this.launch(this.http);
  }

  async end() {
    if (this.process.exitCode === null && this.process.signalCode === null) await this.kill();
    fs.rmSync(this.folder, { recursive: true, force: true });
  }

  /** Tells events; a time is filled in. */
  async tell(...events) {
    const time = new Date().toISOString();
    const answer = await fetch(`${this.url}/events`, { method: 'POST', body: events.map(event => JSON.stringify({ time, ...event })).join('\n') });
    assert.equal(answer.status, 200, await answer.text());
  }

  async json(address) {
    const answer = await fetch(`${this.url}${address}`);
    assert.equal(answer.status, 200, address);
    return answer.json();
  }
}

/** Opens a page and watches it. `expected` are patterns of console errors that belong to the test, as when the server is taken away. */
export async function open(browser, skep, address, { theme = 'light', width = 1366, height = 900, expected = [] } = {}) {
  const context = await browser.newContext({ viewport: { width, height }, colorScheme: theme });
  const page = await context.newPage();
  const problems = [];
  page.on('pageerror', error => problems.push(`error: ${error.message} ${error.stack?.split('\n')[1] ?? ''}`));
  page.on('console', message => {
    const text = `${message.text()} ${message.location().url}`;
    if (['error', 'warning'].includes(message.type()) && !expected.some(pattern => pattern.test(text))) problems.push(`console: ${text}`);
  });
  page.on('request', request => {
    if (!request.url().startsWith(`${skep.url}/`)) problems.push(`another origin: ${request.url()}`);
  });
  await page.goto(skep.url + address);
  return { page, problems, context, clean: () => assert.deepEqual(problems, [], address) };
}

/** Waits until the page shows that it is live. */
export async function live(page) {
  await page.waitForFunction(() => document.getElementById('connection')?.textContent === 'live', null, { timeout: 30_000 });
}

/** What axe finds, by WCAG 2.1 A and AA and its best practices. The page's own policy forbids scripts from elsewhere, so it is given by the debugger. */
export async function axe(page) {
  const debuggerOfPage = await page.context().newCDPSession(page);
  await debuggerOfPage.send('Runtime.evaluate', { expression: AXE });
  const found = await page.evaluate(() => globalThis.axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'best-practice'] }));
  await debuggerOfPage.detach();
  return found.violations.map(({ id, nodes }) => `${id}: ${nodes.slice(0, 3).map(node => `${node.html.slice(0, 160)} ${node.failureSummary.split('\n').slice(1, 3).join(' ')}`).join(' | ')}`);
}

/** What hangs out of the window at the right. */
export async function overhang(page) {
  return page.evaluate(() => (document.documentElement.scrollWidth <= innerWidth ? [] : [...document.querySelectorAll('body *')].filter(element => element.getBoundingClientRect().right > innerWidth + 1)
    .slice(0, 5).map(element => `${element.tagName}.${element.className}#${element.id}`)));
}

export async function shot(page, name) {
  if (SHOTS) await page.screenshot({ path: path.join(SHOTS, `${name}.png`), fullPage: true });
}

/** Runs a test with a browser, and ends what it began. `body` is given a function that begins a skep. */
export async function play(body) {
  const begun = [];
  const timer = setTimeout(() => {
    console.error(`not done within ${WITHIN_MS} ms`);
    process.exit(1);
  }, WITHIN_MS);
  const browser = await chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox', '--disable-dev-shm-usage'] });
  const start = async how => {
    const skep = await Skep.start(how);
    begun.push(skep);
    return skep;
  };
  try {
    await body({ browser, start });
    console.log('ok');
  } catch (error) {
    console.error(error);
    for (const skep of begun) console.error(`skep said:\n${skep.log.slice(-4000)}`);
    process.exitCode = 1;
  } finally {
    clearTimeout(timer);
    await browser.close().catch(() => {});
    for (const skep of begun) await skep.end();
  }
}
