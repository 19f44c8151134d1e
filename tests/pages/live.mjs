// What happens is seen: a row within two seconds, an alert at its time, a silence as soon as it is made.
import assert from 'node:assert/strict';
import { live, open, play, until } from './harness.mjs';

const RULES = `alerts:
  app-slow:
    where: service = "app/latency"
    by: [host]
    crit: {when: metric > 1, for: 2s}
    message: "{{host}} answers in {{metric}} s"
`;
const SLOW = { host: 'n7', service: 'app/latency', metric: 3, ttl: 600 };

await play(async ({ browser, start }) => {
  const skep = await start({ rules: RULES });
  const { page, clean } = await open(browser, skep, '/');
  await live(page);
  assert.match(await page.title(), /^Swarm · skep$/);

  const told = performance.now();
  await skep.tell({ host: 'n7', service: 'cpu/usage_active', metric: 42, ttl: 600 });
  await page.getByRole('article', { name: 'Node n7' }).waitFor({ timeout: 10_000 });
  const seen = performance.now() - told;
  console.log(`a new node was seen after ${Math.round(seen)} ms`);
  assert.ok(seen < 2000, `a row took ${seen} ms`);

  await skep.tell(SLOW);
  const begun = Date.now();
  await page.locator('#alerts tr', { hasText: 'app-slow' }).waitFor({ timeout: 15_000 });
  assert.ok(Date.now() - begun > 1500, 'the alert opened before its time');
  await until('the title counts it', async () => /^\(■1\) Swarm/.test(await page.title()));
  assert.match(await page.locator('#levels').innerText(), /■ critical 1/);
  clean();

  await page.keyboard.press('g');
  await page.keyboard.press('a');
  await page.waitForURL('**/alerts');
  const row = page.locator('#open tr', { hasText: 'n7 answers in 3 s' });
  await row.waitFor();
  await row.focus();
  await page.waitForURL(/row=app-slow/);
  await page.keyboard.press('s');
  const dialog = page.getByRole('dialog', { name: 'Silence app-slow' });
  await dialog.waitFor();
  assert.equal(await dialog.getByLabel('As a query over the alert').inputValue(), 'alert = "app-slow" and host = "n7"');
  await dialog.getByLabel('4 hours').check();
  await dialog.getByLabel('Why').fill('the disk is being changed');
  await dialog.getByLabel('Who').fill('mara');
  await page.keyboard.press('Enter');
  await page.locator('#silenced tr', { hasText: 'the disk is being changed' }).waitFor();
  assert.equal(await page.locator('#open tbody tr').count(), 0, 'a silenced alert stands apart');
  const [silence] = await skep.json('/api/v1/silences');
  assert.deepEqual([silence.where, silence.why, silence.author], ['alert = "app-slow" and host = "n7"', 'the disk is being changed', 'mara']);
  assert.ok(Math.abs(Date.parse(silence.until) - Date.now() - 4 * 3600e3) < 60_000, silence.until);

  await page.locator('#silenced').getByRole('button', { name: 'Acknowledge app-slow n7' }).click();
  await page.getByRole('dialog').getByLabel('Note').fill('on my way');
  await page.getByRole('dialog').getByRole('button', { name: 'Acknowledge' }).click();
  await page.locator('#silenced tr', { hasText: 'acknowledged by mara: on my way' }).waitFor();
  await page.getByRole('button', { name: `End silence ${silence.id}` }).click();
  await page.locator('#open tr', { hasText: 'n7' }).waitFor();
  assert.equal((await skep.json('/api/v1/silences')).length, 0);

  await page.locator('#open').getByRole('link', { name: 'app-slow' }).click();
  await page.waitForURL('**/alerts/app-slow?instance=n7');
  await page.getByText('■ critical since').waitFor();
  await page.getByText('crit: metric > 1').first().waitFor();
  await skep.tell({ ...SLOW, metric: 0.1 });
  await page.locator('#changes tr', { hasText: '● ok' }).first().waitFor({ timeout: 10_000 });
  await page.goBack();
  await page.waitForURL(/alerts\?row=/);
  await page.locator('#closed tr', { hasText: 'app-slow' }).waitFor();
  clean();
});
