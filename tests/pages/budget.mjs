// What the pages may cost: bytes of a first load, the main thread and its memory under 5,000 rows that all change each second.
// Time is that of the main thread's own processor, so that a busy machine is no excuse and no fault.
import assert from 'node:assert/strict';
import { live, open, play, sleep, until } from './harness.mjs';

const ROWS = 5000;
const FIRST_LOAD = 60_000;
const SHARE = 0.1;
const GROWTH = 1 << 20;
/** Ten minutes in `make soak`. */
const SECONDS = Number(process.env.SKEP_PAGE_SECONDS ?? 60);

/** One that is open as soon as there is a sample: its page has a chart. */
const RULES = `alerts:
  always:
    where: service = "cpu/usage_active"
    crit: metric >= 0
`;

/** Packed bytes of all that a page fetches until it stands, its charts and their library among it: as gzip, which is what a browser is sent over http and https alike. */
async function firstLoad(browser, skep, address, withCharts) {
  const context = await browser.newContext({ viewport: { width: 1366, height: 900 } });
  const page = await context.newPage();
  const debuggerOfPage = await context.newCDPSession(page);
  await debuggerOfPage.send('Network.enable');
  const heads = new Map();
  let bytes = 0;
  /** @type {string[]} */
  const fetched = [];
  debuggerOfPage.on('Network.responseReceived', ({ requestId, response }) => heads.set(requestId, [new URL(response.url).pathname, response.encodedDataLength]));
  debuggerOfPage.on('Network.loadingFinished', ({ requestId, encodedDataLength }) => {
    const [path, head] = heads.get(requestId) ?? ['/api/', 0];
    // What it asks about the swarm depends on the swarm.
    if (/^\/(api|query)\b/.test(path)) return;
    bytes += encodedDataLength - head;
    fetched.push(path);
  });
  await page.goto(skep.url + address);
  await live(page);
  if (withCharts) await page.locator('.uplot canvas').first().waitFor();
  await sleep(1500);
  await context.close();
  assert.equal(fetched.includes('/vendor/uplot.js'), withCharts, `${address} fetched ${fetched}`);
  return bytes;
}

/** Holds a page to its budget. */
async function within(browser, skep, address, withCharts) {
  const bytes = await firstLoad(browser, skep, address, withCharts);
  console.log(`${address}: ${bytes} bytes${withCharts ? ' with its charts' : ''}`);
  assert.ok(bytes > 10_000 && bytes < FIRST_LOAD, `${address} takes ${bytes} bytes at first`);
}

await play(async ({ browser, start }) => {
  const skep = await start({ rules: RULES });
  const host = (await until('a first sample', async () => (await skep.json(`/api/v1/index?query=${encodeURIComponent('service = "cpu/usage_active"')}`))[0])).host;
  const web = { host: 'n1', ttl: 600, tags: ['skep'], container_name: 'web.1', swarm_service: 'shop_web' };
  await skep.tell({ ...web, service: 'docker_container_cpu/web.1/usage_percent', metric: 3 }, { ...web, service: 'docker_container_mem/web.1/working_set', metric: 1e7 }, { ...web, service: 'docker_container_status/web.1/pids_current', metric: 2 });
  await until('the alert is open', async () => (await skep.json('/api/v1/alerts')).length);
  for (const address of ['/', '/alerts', '/explore', '/rules', '/status']) await within(browser, skep, address, false);
  for (const address of ['/alerts/always', `/nodes/${host}`, '/services/shop_web', '/containers/web.1']) await within(browser, skep, address, true);

  let isOver = false;
  let told = 0;
  const feed = (async () => {
    for (let second = 0; !isOver; second += 1) {
      const begun = performance.now();
      await skep.tell(...Array.from({ length: ROWS }, (_, index) => ({ host: `h${index % 50}`, service: `app/${index}/requests`, metric: (index * 7 + second * 13) % 1000, state: index % 500 ? 'ok' : 'warning', ttl: 60, tags: ['skep'] })));
      told += ROWS;
      await sleep(Math.max(0, 1000 - (performance.now() - begun)));
    }
  })();
  const { page, clean, context } = await open(browser, skep, '/explore?query=service+%3D~+%22app%2F%25%22&sort=metric&order=desc');
  await live(page);
  await until('all rows are there', async () => (await page.locator('#count').innerText()) === '5,000 events', 60_000);
  const debuggerOfPage = await context.newCDPSession(page);
  await debuggerOfPage.send('Performance.enable', { timeDomain: 'threadTicks' });
  const busy = async () => Object.fromEntries((await debuggerOfPage.send('Performance.getMetrics')).metrics.map(({ name, value }) => [name, value])).TaskDuration;
  const heap = async () => {
    await debuggerOfPage.send('HeapProfiler.collectGarbage');
    return (await debuggerOfPage.send('Runtime.getHeapUsage')).usedSize;
  };
  // Lines of the last minute are full and code is compiled when it counts.
  await sleep(10_000);
  const [heapBefore, busyBefore, toldBefore, begun] = [await heap(), await busy(), told, performance.now()];
  await sleep(SECONDS * 1000);
  const seconds = (performance.now() - begun) / 1000;
  const [share, changes] = [((await busy()) - busyBefore) / seconds, (told - toldBefore) / seconds];
  const growth = (await heap()) - heapBefore;
  isOver = true;
  await feed;
  console.log(`${Math.round(changes)} changes a second: main thread ${(share * 100).toFixed(1)} %, heap ${(heapBefore / 1e6).toFixed(1)} MB and ${(growth / 1e3).toFixed(0)} kB more after ${seconds.toFixed(0)} s`);
  assert.ok(changes > ROWS * 0.5, `only ${changes} changes a second were told`);
  assert.ok(share < SHARE, `the main thread is busy for ${(share * 100).toFixed(1)} %`);
  assert.ok(growth < GROWTH, `the heap grew by ${growth} bytes`);
  clean();
});
