// The search of the header: fetched when somebody goes there, once; opened by its key or a click; finds by name, goes there by Enter, closes by Escape.
import assert from 'node:assert/strict';
import { axe, live, open, play, until } from './harness.mjs';

const RULES = 'alerts:\n  web-slow:\n    where: service = "app/latency"\n    by: [host]\n    crit: metric > 1\n';
const SAMPLE = { ttl: 600, tags: ['skep'] };

await play(async ({ browser, start }) => {
  const skep = await start({ rules: RULES, role: 'process' });
  await skep.tell(
    { ...SAMPLE, host: 'webnode', service: 'cpu/usage_active', metric: 4, cpu: 'cpu-total' },
    { ...SAMPLE, host: 'other', service: 'cpu/usage_active', metric: 4, cpu: 'cpu-total' },
    { ...SAMPLE, host: 'swarm', service: 'docker_swarm/shop_web/tasks_desired', metric: 1, swarm_service: 'shop_web' },
    { ...SAMPLE, host: 'webnode', service: 'docker_container_status/shop_web.1/pids_current', metric: 1, container_name: 'shop_web.1', swarm_service: 'shop_web' },
  );
  const { page, clean } = await open(browser, skep, '/');
  /** @type {string[]} */
  const fetched = [];
  page.on('request', request => fetched.push(new URL(request.url()).pathname));
  await live(page);
  const [box, options] = [page.locator('#search'), page.locator('#search-results li')];
  const names = () => options.locator('span:first-child').allInnerTexts();
  const isOpen = () => box.getAttribute('aria-expanded').then(expanded => expanded === 'true');
  const times = path => fetched.filter(one => one === path).length;
  assert.equal(times('/search.js'), 0, 'nobody went there');

  // By its key: the slash opens it and is not written into it.
  await page.keyboard.press('/');
  await until('it is fetched', () => times('/search.js') === 1);
  assert.equal(await box.evaluate(input => input === document.activeElement), true);
  await page.keyboard.type('web');
  await until('all that is named so', async () => (await names()).length === 5);
  assert.deepEqual(await options.allInnerTexts().then(all => all.map(text => text.replace(/\s+/g, ' '))),
    ['webnode node', 'web-slow alert', 'shop_web service', 'shop_web.1 container', 'Look for “web” in the index index']);
  assert.deepEqual(await axe(page), [], 'with results');

  // Escape closes it, and again leaves it.
  await page.keyboard.press('Escape');
  assert.equal(await isOpen(), false);
  assert.equal(await options.first().isVisible(), false);
  await page.keyboard.press('Escape');
  assert.equal(await box.evaluate(input => input === document.activeElement), false);

  // By a click, in the same window: nothing is fetched again.
  await box.fill('');
  await page.locator('footer').click();
  await box.click();
  await page.keyboard.type('shop');
  await until('it is open', isOpen);
  assert.deepEqual((await names()).slice(0, 2), ['shop_web', 'shop_web.1']);
  assert.equal(times('/search.js'), 1, 'it is fetched once');
  assert.equal(times('/api/v1/rules'), 1, 'and so are the names, for half a minute');

  // Arrows choose, Enter goes there.
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('ArrowDown');
  assert.equal(await box.getAttribute('aria-activedescendant'), 'found-1');
  assert.deepEqual(await page.locator('#search-results [aria-selected=true]').allInnerTexts().then(all => all.map(text => text.split(/\s/)[0])), ['shop_web.1']);
  await page.keyboard.press('Enter');
  await page.waitForURL('**/containers/shop_web.1');
  await live(page);

  // The first is taken where none is chosen; a click goes where it points; what is no name is looked for in the index.
  await page.keyboard.press('/');
  await page.keyboard.type('webn');
  await until('it is found', async () => (await names())[0] === 'webnode');
  await page.keyboard.press('Enter');
  await page.waitForURL('**/nodes/webnode');
  await live(page);
  await page.locator('#search').click();
  await page.keyboard.type('slow');
  await options.filter({ hasText: 'web-slow' }).click();
  await page.waitForURL('**/alerts/web-slow');
  await live(page);
  await page.keyboard.press('/');
  await page.keyboard.type('no such thing');
  await until('nothing has that name', async () => (await names()).join() === 'Look for “no such thing” in the index');
  await page.keyboard.press('Enter');
  await page.waitForURL('**/explore?**');
  assert.equal(new URL(page.url()).searchParams.get('query'), 'service =~ "%no such thing%" or host =~ "%no such thing%"');
  clean();
});
