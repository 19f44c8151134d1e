// A rule is disabled on the page and enabled again, by buttons and by keys, and the pages say so.
import assert from 'node:assert/strict';
import { axe, live, open, play, until } from './harness.mjs';

const RULES = `alerts:
  app-slow:
    where: service = "app/latency"
    by: [host]
    crit: metric > 1
    message: "{{host}} answers in {{metric}} s"
streams:
  loud:
    steps: [{to: [index]}]
tests:
  - name: three seconds are too slow
    alert: app-slow
    events: [{host: n1, service: app/latency, metric: 3}]
    expect: []
`;

/** Fills the dialog that disables a rule. */
async function disable(page, why) {
  const dialog = page.getByRole('dialog', { name: 'Disable app-slow' });
  await dialog.getByLabel('Why').fill(why);
  await dialog.getByLabel('Who').fill('mara');
  assert.deepEqual(await axe(page), [], 'the dialog');
  await page.keyboard.press('Enter');
  await dialog.waitFor({ state: 'detached' });
}

const told = skep => skep.log.includes('alert app-slow n7');

await play(async ({ browser, start }) => {
  const skep = await start({ rules: RULES });
  const { page, clean } = await open(browser, skep, '/rules');
  await live(page);
  const row = page.locator('#rules tr', { hasText: 'app-slow' });
  // What is open stands first; a press on another head begins with its usual way, a second one turns it round.
  const sort = key => page.locator(`#rules th[data-sort=${key}]`);
  const isSorted = (key, way) => until(`${way} by ${key}`, async () => (await sort(key).getAttribute('aria-sort')) === way);
  await isSorted('open', 'descending');
  for (const [key, way] of [['open', 'ascending'], ['name', 'ascending'], ['name', 'descending'], ['open', 'descending']]) {
    await sort(key).getByRole('button').click();
    await isSorted(key, way);
  }
  await row.locator('summary').click();
  await row.locator('pre', { hasText: 'message: "{{host}} answers' }).waitFor();
  await row.locator('li', { hasText: /^three seconds are too slow .*test\.yaml:\d+$/ }).waitFor();
  await page.locator('#streams tr', { hasText: 'loud' }).locator('summary').click();
  await page.locator('#streams pre', { hasText: 'steps: [{to: [index]}]' }).waitFor();
  await page.getByText(/What is on was read at/).waitFor();
  assert.deepEqual(await axe(page), [], 'an opened rule');
  await page.getByRole('button', { name: 'Disable app-slow' }).click();
  await disable(page, 'too loud');
  await row.getByText('○ disabled').waitFor();
  assert.match(await row.innerText(), /Disabled by mara since .*: too loud/);
  await page.locator('#kinds').getByRole('button', { name: 'Disabled' }).click();
  assert.equal(await page.locator('#rules tbody tr').count(), 1);
  assert.deepEqual(await axe(page), [], 'a disabled rule');

  await skep.tell({ host: 'n7', service: 'app/latency', metric: 3, ttl: 600 });
  await until('the alert is open', async () => (await skep.json('/api/v1/alerts')).some(one => one.alert === 'app-slow' && one.silenced));
  await row.getByRole('link', { name: 'app-slow' }).click();
  await page.waitForURL('**/alerts/app-slow');
  await page.getByText(/Disabled by mara since .*: too loud\. Nobody is told of its alerts\./).waitFor();
  await page.locator('#tests li', { hasText: 'three seconds are too slow' }).waitFor();
  await page.locator('#source-box summary').click();
  await page.locator('#source pre', { hasText: 'crit: metric > 1' }).waitFor();
  assert.deepEqual(await axe(page), [], 'a disabled alert');
  await page.goto(`${skep.url}/alerts`);
  await page.locator('#silenced tr', { hasText: 'disabled by mara: too loud' }).waitFor();
  await page.locator('#silences tr', { hasText: 'the alert is enabled' }).waitFor();
  assert.equal(told(skep), false, 'nobody is told of it');

  await page.goto(`${skep.url}/alerts/app-slow`);
  await page.getByRole('button', { name: 'Enable' }).click();
  await until('it is told', () => told(skep));
  await page.getByText('Disabled by mara').waitFor({ state: 'hidden' });
  await page.keyboard.press('d');
  await disable(page, 'once more');
  await page.getByText(/Disabled by mara since .*: once more/).waitFor();
  await page.goto(`${skep.url}/rules?q=app-slow`);
  await row.focus();
  await page.keyboard.press('d');
  await row.getByText('● on').waitFor();
  assert.deepEqual(await skep.json('/api/v1/silences'), []);
  clean();

  const shown = await start({ rules: RULES, more: ['--web.read-only'] });
  const { page: readOnly } = await open(browser, shown, '/rules?q=app-slow');
  await live(readOnly);
  await readOnly.getByText('read-only').first().waitFor();
  await until('no button', async () => (await readOnly.getByRole('button', { name: 'Disable app-slow' }).count()) === 0);
  await readOnly.locator('#rules tr', { hasText: 'app-slow' }).focus();
  await readOnly.keyboard.press('d');
  assert.equal(await readOnly.getByRole('dialog').count(), 0);
});
