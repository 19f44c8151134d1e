// A read-only skep: each page has the badge and offers nothing that changes something, its keys do nothing, and the server refuses what comes all the same.
import assert from 'node:assert/strict';
import { axe, live, open, play, shot } from './harness.mjs';

const RULES = `alerts:
  app-slow:
    where: service = "app/latency"
    by: [host]
    crit: metric > 1
silences:
  - where: host = "n2"
    every: Mon,Tue,Wed,Thu,Fri,Sat,Sun 00:00-24:00 UTC
    why: it is being moved
`;
const PAGES = ['/', '/alerts', '/alerts/app-slow', '/rules', '/status', '/explore'];
const CHANGES = /silence|acknowledge|read them anew|^(enable|disable)$/i;

/** What a page offers to change something with. */
const offers = page => page.locator('main button:visible').filter({ hasText: CHANGES });

await play(async ({ browser, start }) => {
  const [free, bound] = [await start({ rules: RULES }), await start({ rules: RULES, more: ['--web.read-only'] })];
  const badge = page => page.locator('header .badge');

  // Without the flag there is something to press on these pages, so that their silence with it says something.
  await free.tell({ host: 'n1', service: 'app/latency', metric: 2, ttl: 600 });
  for (const address of ['/alerts', '/alerts/app-slow', '/rules']) {
    const { page, clean, context } = await open(browser, free, address);
    await live(page);
    await offers(page).first().waitFor();
    assert.equal(await badge(page).isVisible(), false, address);
    clean();
    await context.close();
  }

  await bound.tell({ host: 'n1', service: 'app/latency', metric: 2, ttl: 600 });
  for (const address of PAGES) {
    const { page, clean, context } = await open(browser, bound, address);
    await live(page);
    await badge(page).waitFor();
    assert.equal(await badge(page).innerText(), 'read-only', address);
    if (address.startsWith('/alerts')) await page.locator('main tr.is-critical').first().waitFor();
    if (address === '/rules') await page.getByText('app-slow').first().waitFor();
    assert.deepEqual(await offers(page).allInnerTexts(), [], address);
    assert.deepEqual(await axe(page), [], address);
    clean();
    await context.close();
  }

  // The keys for it are silent too.
  const { page, clean } = await open(browser, bound, '/alerts', { expected: [/403/] });
  await badge(page).waitFor();
  const row = page.locator('#open tbody tr');
  await row.focus();
  for (const key of ['s', 'a']) await page.keyboard.press(key);
  assert.equal(await page.locator('dialog[open]').count(), 0);
  await shot(page, 'readonly');

  // What a page would send is refused, with the setting that says so; asking is still answered.
  const post = (address, body) => page.evaluate(async ([address, body]) => {
    const answer = await fetch(address, { method: 'POST', headers: { 'content-type': 'application/json' }, body });
    return [answer.status, await answer.json()];
  }, [address, JSON.stringify(body)]);
  for (const [address, body] of [['/api/v1/silences', { where: 'host = "n1"', duration: '1h', why: 'no' }], ['/api/v1/alerts/ack', { alert: 'app-slow', instance: 'n1', note: 'no' }], ['/api/v1/rules/disable', { rule: 'app-slow', why: 'no' }], ['/reload', {}]]) {
    const [status, told] = await post(address, body);
    assert.deepEqual([status, told.setting], [403, 'processor.web.read_only'], address);
  }
  assert.deepEqual((await bound.json('/api/v1/silences')).filter(one => !one.id.includes(':')), []);
  assert.equal((await bound.json('/api/v1/alerts')).length, 1);
  clean();
});
