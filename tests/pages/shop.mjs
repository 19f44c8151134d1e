// Every page of a real swarm, dark and light and on a telephone: whole, with nothing for axe to find and nothing that hangs out.
// SKEP_URL is the skep; SEEN is what is expected, `quiet` or `trouble`. With PICTURES the pages are drawn into that folder.
import assert from 'node:assert/strict';
import path from 'node:path';
import { axe, live, open, overhang, play, shot } from './harness.mjs';
import { draw } from './picture.mjs';

const { SKEP_URL, SEEN, PICTURES } = process.env;
const skep = { url: SKEP_URL };
const LOOKS = [['light', {}], ['dark', { theme: 'dark' }], ['phone', { width: 390, height: 844 }]];

async function json(address) {
  const answer = await fetch(SKEP_URL + address);
  assert.equal(answer.status, 200, address);
  return answer.json();
}

/** Name of the picture, address, what must be there. */
async function pages() {
  const [container] = await json(`/api/v1/index?query=${encodeURIComponent('service =~ "docker_container_mem/%/usage" and swarm_service = "shop_api"')}`);
  const explore = `/explore?query=${encodeURIComponent('service =~ "docker_container_%" and swarm_service = "shop_api"')}`;
  return [
    ['swarm', '/', '#services tr:has-text("shop_worker")'],
    ['alerts', '/alerts', '#open tr:has-text("restart-loop")'],
    ['alert', '/alerts/container-memory?range=900', '.plot canvas'],
    ['explore', explore, 'table.rows tr[data-id]'],
    ['node', `/nodes/${container.host}?range=300`, '.plot canvas'],
    ['service', '/services/shop_api?range=300', '.plot canvas'],
    ['container', `/containers/${container.container_name}?range=300`, '.plot canvas'],
    ['rules', '/rules', 'main tbody tr'],
    ['status', '/status', 'main tbody tr'],
  ];
}

async function look(browser, [name, address, there], [look, how]) {
  const place = `${name} ${look}`;
  const { page, clean, context } = await open(browser, skep, address, { width: 1280, height: 900, ...how });
  await live(page);
  await page.locator(there).first().waitFor();
  await page.waitForTimeout(1000);
  assert.equal(await page.locator('h1').count(), 1, `${place}: one heading`);
  assert.deepEqual(await overhang(page), [], `${place}: nothing may hang out`);
  if (look !== 'phone') assert.deepEqual(await axe(page), [], place);
  if (PICTURES) await draw(page, path.join(PICTURES, `${name}-${look}.png`));
  else await shot(page, `shop-${name}-${look}`);
  clean();
  await context.close();
}

await play(async ({ browser }) => {
  if (SEEN === 'quiet') {
    const { page, context } = await open(browser, skep, '/');
    const is = (what, element, wanted) => page.locator(element).filter({ hasText: wanted }).waitFor({ timeout: 60_000 })
      .catch(async () => assert.fail(`${what}, but ${JSON.stringify(await json('/api/v1/alerts'))}\n${await page.locator('main').innerText()}`));
    await is('every service is whole', '#tiles li:nth-child(2)', /3\s+of 3/);
    await is('nothing is wrong', '#levels', '● no alert');
    await context.close();
    return look(browser, ['swarm-quiet', '/', '#services tr:has-text("shop_worker")'], LOOKS[0]);
  }
  for (const one of await pages()) {
    for (const how of LOOKS) if (!PICTURES || how[0] !== 'phone' || one[0] === 'swarm') await look(browser, one, how);
  }
});
