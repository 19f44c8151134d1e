// A page whose way to skep is narrow: it costs skep no memory, holds nobody else up, and is right again when the way is wide.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import { live, open, play, sleep, until } from './harness.mjs';

const ROWS = 5000;
/** Bytes a second: a small part of what the page is told. */
const NARROW = 8_000;
const GROWTH = 8 << 20;
const ADDRESS = '/explore?query=service+%3D~+%22app%2F%25%22&sort=metric&order=desc';

await play(async ({ browser, start }) => {
  const skep = await start({ role: 'process' });
  /** Bytes of its own, files left out. */
  const memory = () => Number(fs.readFileSync(`/proc/${skep.process.pid}/status`, 'utf8').match(/^RssAnon:\s+(\d+)/m)[1]) * 1024;
  const behind = async () => (await skep.json('/api/v1/status')).web.live;
  let [isOver, second] = [false, 0];
  const feed = (async () => {
    for (; !isOver; second += 1) {
      const begun = performance.now();
      await skep.tell(...Array.from({ length: ROWS }, (_, index) => ({ host: `h${index % 50}`, service: `app/${index}/requests`, metric: index ? (index * 7 + second * 13) % 1000 : 1e6, state: index ? 'ok' : `s${second}`, ttl: 600 })));
      await sleep(Math.max(0, 1000 - (performance.now() - begun)));
    }
  })();
  /** How many seconds behind the first row is: its state tells. */
  const late = async page => second - Number((await page.locator('tr[data-id]').first().innerText()).match(/\bs(\d+)\b/)?.[1]);
  const { page: quick, clean } = await open(browser, skep, ADDRESS);
  const narrow = bytes => ({ offline: false, latency: 0, downloadThroughput: bytes, uploadThroughput: -1 });
  const context = await browser.newContext();
  const slow = await context.newPage();
  const network = await context.newCDPSession(slow);
  await network.send('Network.enable');
  // Chromium holds back what is asked for from now on.
  await network.send('Network.emulateNetworkConditions', narrow(NARROW));
  await slow.goto(skep.url + ADDRESS);
  const { lost } = await behind();
  const leftOut = n => until(`skep leaves ${n} frames out for the slow page`, async () => (await behind()).lost >= lost + n, 120_000);
  await leftOut(1);
  const before = memory();
  await leftOut(5);
  await sleep(5000);
  const growth = memory() - before;
  console.log(`${(growth / 1e3).toFixed(0)} kB more of ${(before / 1e6).toFixed(1)} MB beside a slow page, for which ${(await behind()).lost - lost} frames were left out`);
  assert.ok(growth < GROWTH, `skep grew by ${growth} bytes`);
  assert.ok(await late(quick) <= 3, `its neighbour is ${await late(quick)} s behind`);
  await network.send('Network.emulateNetworkConditions', narrow(-1));
  await live(slow);
  await until('the slow page is up to date', async () => await late(slow) <= 3, 60_000);
  assert.equal(await slow.locator('#count').innerText(), '5,000 events');
  isOver = true;
  await feed;
  clean();
});
