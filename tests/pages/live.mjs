// What happens is seen: a row within two seconds, an alert at its time, a silence as soon as it is made.
import assert from 'node:assert/strict';
import { live, open, play, sleep, until } from './harness.mjs';

const RULES = `alerts:
  app-slow:
    where: service = "app/latency"
    by: [host]
    crit: {when: metric > 1, for: 2s}
    message: "{{host}} answers in {{metric}} s"
  app-fails:
    where: service =~ "shop/%/errors"
    by: [host, service]
    crit: metric > 5
    message: "{{service}} of {{host}} has {{metric}} errors"
`;
/** Nodes that come one after the other; the middle one's time counts, so that a machine that stops for a moment fails nothing. */
const NODES = ['new1', 'new2', 'new3', 'new4', 'new5'];
const SLOW = { host: 'n7', service: 'app/latency', metric: 3, ttl: 600 };

await play(async ({ browser, start }) => {
  const skep = await start({ rules: RULES });
  const { page, clean } = await open(browser, skep, '/');
  await live(page);
  assert.match(await page.title(), /^Swarm · skep$/);

  const times = [];
  for (const host of NODES) {
    const told = performance.now();
    await skep.tell({ host, service: 'cpu/usage_active', metric: 42, ttl: 600 });
    await page.getByRole('article', { name: `Node ${host}` }).waitFor();
    times.push(Math.round(performance.now() - told));
  }
  console.log(`new nodes were seen after ${times.join(', ')} ms`);
  assert.ok(times.sort((a, b) => a - b)[2] < 2000, `rows took ${times.join(', ')} ms`);

  // Its two seconds begin when skep has the event, which is after this.
  const begun = performance.now();
  await skep.tell(SLOW);
  await page.locator('#alerts tr', { hasText: 'app-slow' }).waitFor();
  assert.ok(performance.now() - begun > 1500, 'the alert opened before its time');
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

  // A field of the rule that the alert's own event has too has another name there: the silence is about this instance all the same, and no other.
  await skep.tell(...['web', 'db'].map(part => ({ host: 'n9', service: `shop/${part}/errors`, metric: 7, ttl: 600 })));
  const failing = () => skep.json('/api/v1/alerts').then(all => all.filter(one => one.alert === 'app-fails'));
  await until('both are open', async () => (await failing()).length === 2);
  await page.goto(`${skep.url}/alerts`);
  await page.locator('#open tr', { hasText: 'shop/web/errors of n9 has 7 errors' }).focus();
  await page.keyboard.press('s');
  const about = page.getByRole('dialog', { name: 'Silence app-fails' });
  assert.equal(await about.locator('select[name=scope] option:checked').textContent(), 'This instance');
  await about.getByLabel('Why').fill('known');
  await page.keyboard.press('Enter');
  await about.waitFor({ state: 'detached' });
  await until('it is silenced', async () => (await failing()).some(one => one.silenced));
  assert.deepEqual((await failing()).filter(one => one.silenced).map(one => one.fields.service), ['shop/web/errors']);

  // What is silenced is told of, but not counted.
  await page.goto(skep.url);
  await page.locator('#alerts tr', { hasText: 'silenced: shop/web/errors of n9' }).waitFor();
  await until('the tile counts the other', async () => /^1\s+and 1 silenced$/.test(await page.locator('#tiles li', { hasText: 'Alerts open' }).locator('.figure').innerText()));
  assert.match(await page.locator('#levels').innerText(), /■ critical 1/);

  // Charts of instances that were looked at before ask for nothing more.
  let asked = 0;
  page.on('request', request => /\/alerts\/history\?.*\bto=/.test(request.url()) && (asked += 1));
  await page.goto(`${skep.url}/alerts/app-fails`);
  await until('the first chart', () => asked > 0);
  // By what the alert told: a service that is no sample's is in no store.
  await page.locator('#chart .chart:visible').waitFor();
  assert.match(await page.locator('#chart .chart').innerText(), /while it was open/);
  for (const at of [1, 0, 1, 0, 1, 0]) {
    const before = asked;
    await page.locator('#instances tbody a').nth(at).click();
    await until('a chart of the instance', () => asked > before);
  }
  asked = 0;
  await page.goBack();
  await until('the chart of the one before', () => asked > 0);
  await sleep(1000);
  assert.ok(asked <= 3, `${asked} charts asked for what was open`);

  // An address of an instance that is not there shows no other in its place.
  await page.goto(`${skep.url}/alerts/app-fails?instance=gone`);
  await page.getByText('There is no instance “gone” now.').waitFor();
  await page.locator('#instances tbody tr').first().waitFor();
  assert.equal(await page.locator('#one-actions button:visible').count(), 0);
  clean();
});
