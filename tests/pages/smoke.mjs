// Every page, dark and light, and on a telephone: it comes up, breaks no rule of its own, and asks nobody else.
import assert from 'node:assert/strict';
import { axe, live, open, overhang, play, shot, until } from './harness.mjs';

const PAGES = ['/', '/alerts', '/alerts/app-slow', '/alerts/no-such-alert', '/rules', '/status', '/explore', `/explore?query=${encodeURIComponent('service =~ "cpu/%"')}`];
const RULES = `alerts:
  app-slow:
    where: service = "app/latency"
    by: [host]
    warn: metric > 0.2
    crit: metric > 1
    message: "{{host}} answers in {{metric}} s"
silences:
  - where: host = "n2"
    every: Mon,Tue,Wed,Thu,Fri,Sat,Sun 00:00-24:00 UTC
    why: it is being moved
`;

await play(async ({ browser, start }) => {
  const skep = await start({ rules: RULES });
  await skep.tell({ host: 'n1', service: 'app/latency', metric: 1.5, ttl: 600 }, { host: 'n2', service: 'app/latency', metric: 0.5, ttl: 600 });
  const host = (await until('a first sample', async () => (await skep.json(`/api/v1/index?query=${encodeURIComponent('service = "cpu/usage_active"')}`))[0])).host;
  const containers = await skep.json(`/api/v1/index?query=${encodeURIComponent('service =~ "docker_container_status/%/pids_current"')}`);
  const names = { HOST: host, NAME: containers[0]?.container_name ?? 'none' };
  for (const [look, how] of [['light', {}], ['dark', { theme: 'dark' }], ['phone', { width: 390, height: 844 }]]) {
    for (const address of PAGES) {
      const filled = address.replace(/HOST|NAME/, word => encodeURIComponent(names[word]));
      const expected = filled.includes('no-such') ? [/404/] : [];
      const { page, clean, context } = await open(browser, skep, filled, { ...how, expected });
      await live(page);
      await page.waitForTimeout(400);
      const place = `${look} ${filled}`;
      if (look !== 'phone') assert.deepEqual(await axe(page), [], place);
      assert.deepEqual(await overhang(page), [], `${place}: nothing may hang out`);
      assert.equal(await page.locator('h1').count(), 1, `${place}: one heading`);
      await shot(page, `${address.replace(/\?.*/, '_query').replaceAll('/', '_')}-${look}`);
      clean();
      await context.close();
    }
  }
});
