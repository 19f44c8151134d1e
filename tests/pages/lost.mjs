// The processor goes, and comes back: the page says so, goes pale, and then has everything once.
import assert from 'node:assert/strict';
import { live, open, play, until } from './harness.mjs';

/** What a browser logs of a server that is not there. */
const GONE = [/ERR_CONNECTION_REFUSED|ERR_INCOMPLETE_CHUNKED_ENCODING|ERR_CONNECTION_RESET|ERR_EMPTY_RESPONSE|503|Failed to load resource/];

await play(async ({ browser, start }) => {
  const skep = await start({ settings: '', rules: 'alerts:\n  app-slow:\n    where: service = "app/latency"\n    by: [host]\n    crit: metric > 1\n' });
  await skep.tell({ host: 'n1', service: 'app/latency', metric: 2, ttl: 3600 });
  const { page, problems } = await open(browser, skep, '/', { expected: GONE });
  await live(page);
  await page.locator('#alerts tr', { hasText: 'app-slow' }).waitFor();
  await page.locator('article.card').first().waitFor();
  const cards = await page.locator('article.card').count();

  await skep.kill();
  const gone = performance.now();
  await page.waitForFunction(() => document.getElementById('connection')?.textContent?.startsWith('connection lost'), null, { timeout: 10_000, polling: 50 });
  const noticed = performance.now() - gone;
  console.log(`the loss was told after ${Math.round(noticed)} ms`);
  assert.ok(noticed < 3000, `it took ${noticed} ms`);
  await page.waitForFunction(() => document.querySelector('main')?.classList.contains('stale-rows'));
  assert.equal(await page.locator('article.card').count(), cards, 'what was known stays');

  await skep.again();
  const back = performance.now();
  await live(page);
  console.log(`live again after ${Math.round(performance.now() - back)} ms`);
  await until('it is no longer pale', () => page.evaluate(() => !document.querySelector('main')?.classList.contains('stale-rows')));
  await until('the nodes are back', async () => (await page.locator('article.card').count()) === cards);
  assert.equal(await page.locator('#alerts tbody tr', { hasText: 'app-slow' }).count(), 1, 'no duplicates');
  const keys = await page.evaluate(() => [...document.querySelectorAll('main [data-key]')].map(element => `${element.parentElement?.id} ${element.closest('article')?.dataset.key} ${element.dataset.key}`));
  assert.equal(new Set(keys).size, keys.length, 'no duplicates');
  assert.deepEqual(problems, []);
});
