// The pages of a node, a service and a container: nothing for axe to find, nothing that hangs out; and charts that zoom, point and tell their values.
import assert from 'node:assert/strict';
import { axe, live, open, overhang, play, shot, until } from './harness.mjs';

await play(async ({ browser, start }) => {
  const skep = await start();
  const index = query => skep.json(`/api/v1/index?query=${encodeURIComponent(query)}`);
  const { host } = await until('a first sample', async () => (await index('service = "cpu/usage_active"'))[0]);
  const [container] = await until('a container', () => index('service =~ "docker_container_status/%/pids_current"').then(found => found.length && found));
  const node = `/nodes/${encodeURIComponent(host)}`;
  const places = [[node, 'node'], ['/services/nobody', 'service'], [`/containers/${encodeURIComponent(container.container_name)}`, 'container'], ['/explore?down=measurement&across=host', 'grid']];
  for (const [look, how] of [['light', {}], ['dark', { theme: 'dark' }], ['phone', { width: 390, height: 844 }]]) {
    for (const [address, name] of places.slice(0, look === 'dark' ? 3 : 4)) {
      const { page, clean, context } = await open(browser, skep, address, how);
      await live(page);
      if (name === 'node' || name === 'container') await page.locator('.plot canvas').first().waitFor();
      assert.deepEqual(await axe(page), [], `${look} ${name}`);
      assert.deepEqual(await overhang(page), [], `${look} ${name}: nothing may hang out`);
      assert.equal(await page.locator('h1').count(), 1, `${look} ${name}: one heading`);
      await shot(page, `${name}-${look}`);
      clean();
      await context.close();
    }
  }

  const { page, clean } = await open(browser, skep, `${node}?range=300`);
  await live(page);
  const chart = page.getByRole('region', { name: 'CPU', exact: true });
  await chart.locator('.plot canvas').waitFor();
  assert.equal(await page.getByRole('button', { name: '5 min', exact: true }).getAttribute('aria-pressed'), 'true');
  assert.match(await chart.locator('.plot').getAttribute('aria-label'), /^CPU over 5 min\. .*all of it: last [\d.]+ %, min [\d.]+ %, mean [\d.]+ %, max [\d.]+ %/);

  // It goes on by itself, from the live stream.
  const drawn = () => chart.locator('.plot').getAttribute('aria-label');
  const before = await drawn();
  await until('new samples are drawn', async () => (await drawn()) !== before);

  // The pointer is one for all charts: each names the same moment.
  const box = await chart.locator('.u-over').boundingBox();
  await page.mouse.move(box.x + box.width - 6, box.y + 40);
  const moment = async name => (await page.getByRole('region', { name, exact: true }).locator('.under').innerText()).slice(0, 19);
  await until('both charts point', async () => /^\d{4}-/.test(await moment('CPU')) && (await moment('CPU')) === (await moment('Memory')));

  // Dragging shows a stretch; the address has it, and "back" leaves it.
  await page.mouse.move(box.x + box.width * 0.5, box.y + 40);
  await page.mouse.down();
  await page.mouse.move(box.x + box.width * 0.8, box.y + 40, { steps: 4 });
  await page.mouse.up();
  await page.waitForURL(/from=\d+&to=\d+/);
  await page.getByRole('button', { name: 'Back to now' }).waitFor();
  const { from, to } = Object.fromEntries(new URL(page.url()).searchParams);
  assert.ok(to - from > 60 && to - from < 120, `${to - from} s of 300 were picked by 0.3 of the width`);
  await page.goBack();
  await page.waitForURL(url => !url.search.includes('from='));
  await page.getByRole('button', { name: 'Back to now' }).waitFor({ state: 'hidden' });

  // All values, as a table.
  await chart.getByText('Values', { exact: true }).click();
  await chart.locator('.values tbody tr').first().waitFor();
  assert.match(await chart.locator('.values tbody tr').first().innerText(), /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\s+[\d.–]+/);
  assert.deepEqual(await axe(page), [], 'with values open');

  // All that the index holds of the node, in the same table as Explore's.
  await page.getByText('Show all that the index holds of this node').click();
  await page.locator('table.rows tr[data-id]').first().waitFor();
  clean();
});
