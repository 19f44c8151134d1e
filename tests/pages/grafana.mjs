// Where Grafana is configured, each page that is of one thing links to the board about it; elsewhere there is no link.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import { live, open, play } from './harness.mjs';

const BOARDS = new URL('../../dashboards/json/', import.meta.url);
const RULES = 'alerts:\n  app-slow:\n    where: service = "app/latency"\n    by: [host]\n    crit: metric > 1\n';
/** Page, board, what the board is told. */
const LINKS = [
  ['/nodes/n1', 'swarm-node', { host: 'n1' }],
  ['/services/shop_web', 'swarm-service', { service: 'shop_web' }],
  ['/containers/web.1', 'swarm-container', { container: 'web.1' }],
  ['/alerts/app-slow', 'swarm-alerts', { alert: 'app-slow' }],
];

await play(async ({ browser, start }) => {
  const [linked, bare] = [await start({ role: 'process', rules: RULES, settings: 'processor:\n  web: {grafana: "http://grafana.example:3000/"}\n' }), await start({ role: 'process', rules: RULES })];
  for (const [address, board, variables] of LINKS) {
    const { page, clean, context } = await open(browser, linked, address);
    await live(page);
    const link = page.getByRole('link', { name: 'Longer, in Grafana' });
    await link.waitFor();
    const href = new URL(await link.getAttribute('href'));
    assert.deepEqual([href.origin, href.pathname, Object.fromEntries(href.searchParams)],
      ['http://grafana.example:3000', `/d/${board}`, Object.fromEntries(Object.entries(variables).map(([name, value]) => [`var-${name}`, value]))], address);
    const { uid, templating } = JSON.parse(fs.readFileSync(new URL(`${board}.json`, BOARDS), 'utf8'));
    const known = templating.list.map(({ name }) => name);
    assert.equal(uid, board);
    for (const name of Object.keys(variables)) assert.ok(known.includes(name), `${board} has no variable ${name}, only ${known}`);
    clean();
    await context.close();

    const without = await open(browser, bare, address);
    await live(without.page);
    await without.page.waitForFunction(() => document.querySelector('footer')?.textContent?.includes('skep '));
    assert.equal(await without.page.getByRole('link', { name: 'Longer, in Grafana' }).count(), 0, address);
    without.clean();
    await without.context.close();
  }
});
