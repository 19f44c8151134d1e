// The index: a query that is right, one that is wrong, one that finds nothing; order, filter, grid; an address that holds it all; the keyboard alone.
import assert from 'node:assert/strict';
import { axe, live, open, play, until } from './harness.mjs';

/** A stream with a wrong query is refused, which a browser logs. */
const REFUSED = [/400/];

await play(async ({ browser, start }) => {
  const skep = await start();
  const events = Array.from({ length: 300 }, (_, index) => ({
    host: `web${index % 6}`, service: `app/part${Math.floor(index / 6)}/latency`, metric: index, state: index === 299 ? 'critical' : index % 50 === 0 ? 'warning' : 'ok', ttl: 600, tags: ['skep'], path: `/part${Math.floor(index / 6)}`,
  }));
  await skep.tell(...events);
  const { page, context, clean, problems } = await open(browser, skep, '/explore?query=service+%3D~+%22app%2F%25%22', { expected: REFUSED });
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  await live(page);
  const count = page.locator('#count');
  const box = page.locator('#query');
  const says = text => until(`the count says ${text}`, async () => (await count.innerText()) === text);
  const rows = page.locator('table.rows tr[data-id]:not([hidden])');
  const column = (name, most = 5) => page.locator(`table.rows tr[data-id]:not([hidden]) .c-${name}`).evaluateAll((cells, n) => cells.slice(0, n).map(cell => cell.textContent), most);

  // All rows are told of, some forty are in the page.
  await says('300 events');
  assert.equal(await page.locator('table.rows').getAttribute('aria-rowcount'), '301');
  const inPage = await rows.count();
  assert.ok(inPage > 10 && inPage < 60, `${inPage} rows are in the page`);

  // Order: by a press, and in the address.
  const head = page.locator('th[data-key=metric]');
  await head.getByRole('button').click();
  assert.equal(await head.getAttribute('aria-sort'), 'descending');
  assert.deepEqual(await column('metric', 3), ['299', '298', '297']);
  assert.match(page.url(), /sort=metric&order=desc/);
  await head.getByRole('button').click();
  assert.equal(await head.getAttribute('aria-sort'), 'ascending');
  assert.deepEqual(await column('metric', 2), ['0', '1']);
  await page.locator('th[data-key=state] button').click();
  assert.deepEqual(await column('state', 2), ['■ critical', '▲ warning']);
  await page.locator('.scroller').evaluate(box => (box.scrollTop = box.scrollHeight));
  await until('the last row is there', async () => (await rows.last().getAttribute('aria-rowindex')) === '301');
  await page.locator('.scroller').evaluate(box => (box.scrollTop = 0));

  // Filter.
  await page.locator('#filter').fill('part7/');
  await says('6 of 300 events');
  assert.match(page.url(), /filter=part7/);
  await page.locator('#filter').fill('no such thing');
  await page.getByText('No row has “no such thing” in it.').waitFor();
  await page.locator('#filter').fill('critical');
  await says('1 of 300 events');
  await skep.tell({ ...events[1], state: 'critical' });
  await says('2 of 300 events');
  await skep.tell(events[1]);
  await says('1 of 300 events');
  await page.locator('#filter').fill('');
  await says('300 events');

  // A query by completion: field, operator, value that was seen; the keyboard alone.
  await page.keyboard.press('Escape');
  await page.evaluate(() => document.activeElement.blur());
  await page.keyboard.press('q');
  await page.keyboard.press('Control+a');
  await page.keyboard.type('ho');
  await page.keyboard.press('Tab');
  await page.keyboard.type('= ');
  const options = page.locator('#query-options li');
  assert.equal(await options.first().locator('code').innerText(), '"web0"');
  await page.keyboard.press('ArrowDown');
  assert.equal(await box.getAttribute('aria-activedescendant'), 'option-0');
  await page.keyboard.press('Enter');
  await page.keyboard.type('and metric > 200');
  await page.keyboard.press('Escape');
  await page.keyboard.press('Enter');
  assert.equal(await box.inputValue(), 'host = "web0" and metric > 200');
  await says('16 events');
  assert.equal(new URL(page.url()).searchParams.get('query'), 'host = "web0" and metric > 200');

  // A wrong one: the caret stands where the mistake is, and what was seen is gone.
  await box.fill('host = "web0" and metric >> 200');
  await page.keyboard.press('Enter');
  const mistake = page.locator('#query-mistake');
  await mistake.waitFor();
  const [line, carets] = (await mistake.locator('pre').first().textContent()).split('\n');
  assert.equal(line.slice(carets.indexOf('^'), carets.length), '>>');
  assert.match(await mistake.innerText(), /■ `>>` is not an operator/);
  assert.equal(await box.getAttribute('aria-invalid'), 'true');
  assert.equal(await rows.count(), 0);
  assert.deepEqual(await axe(page), [], 'with a mistake');

  // One that finds nothing says why, and shows what comes.
  await box.fill('host = "wbe0"');
  await page.keyboard.press('Enter');
  await page.getByText('Nothing in the index matches just now.').waitFor();
  assert.equal(await mistake.isVisible(), false);
  await page.getByText('Nothing fits host = "wbe0"').waitFor();
  await skep.tell({ host: 'wbe0', service: 'late', metric: 1, ttl: 60 });
  await says('1 event');

  // Back and forth: each query was a step.
  await page.goBack();
  await mistake.waitFor();
  await page.goBack();
  await says('16 events');
  assert.equal(await box.inputValue(), 'host = "web0" and metric > 200');

  // The keyboard: to a row, open it, all that it has, copy it, and back to the row.
  await page.evaluate(() => document.activeElement.blur());
  await page.keyboard.press('j');
  await page.keyboard.press('j');
  const name = await page.evaluate(() => document.activeElement.querySelector('.name').textContent);
  await page.keyboard.press('Enter');
  const event = page.getByRole('dialog');
  await event.waitFor();
  assert.match(await event.innerText(), new RegExp(`${name} on web0`));
  await event.getByText('/part', { exact: false }).first().waitFor();
  await event.locator('.plot canvas').waitFor({ timeout: 20_000 });
  assert.match(await event.locator('.plot').getAttribute('aria-label'), /last \d+, min \d+, mean \d+, max \d+/);
  assert.equal(new URL(page.url()).searchParams.get('event'), `web0 ${name}`);
  assert.deepEqual(await axe(page), [], 'with an event open');
  await event.getByRole('button', { name: 'Make an alert from this' }).click();
  assert.match(await event.locator('.rule pre').innerText(), /^alerts:\n {2}my-app-latency:\n[^]*where: service =~ "app\/%\/latency"\n {4}by: \[host, path\]/);
  await page.keyboard.press('y');
  await page.getByText('Copied: ').first().waitFor();
  assert.equal(await page.evaluate(() => navigator.clipboard.readText()), `host = "web0" and service = "${name}"`);
  const linked = page.url();
  await page.keyboard.press('Escape');
  await event.waitFor({ state: 'hidden' });
  await until('the row has the focus again', () => page.evaluate(wanted => document.activeElement?.querySelector('.name')?.textContent === wanted, name));
  // The address goes back by a step of the history, which takes its time.
  await until('the address names no event', () => !new URL(page.url()).searchParams.has('event'));
  clean();

  // A deep link shows the very same, in another window.
  const other = await open(browser, skep, linked.slice(skep.url.length));
  await other.page.getByRole('dialog').getByText(name).first().waitFor();
  assert.equal(await other.page.locator('#query').inputValue(), 'host = "web0" and metric > 200');
  await other.page.getByRole('button', { name: 'only these, by service' }).click();
  await until('it is narrowed', async () => (await other.page.locator('#count').innerText()) === '1 event');
  other.clean();
  await other.context.close();

  // The grid: a line a host, a column a state; a square opens what is in it.
  await box.fill('service =~ "app/%"');
  await page.keyboard.press('Enter');
  await says('300 events');
  await page.locator('#down').selectOption('host');
  await page.locator('#across').selectOption('state');
  const grid = page.locator('table.grid');
  await grid.waitFor();
  await until('its columns are the states', async () => (await grid.locator('thead th').allInnerTexts()).join() === 'host × state,critical,ok,warning');
  assert.equal(await grid.locator('tbody tr').count(), 6);
  const square = grid.locator('td.is-critical');
  assert.equal(await square.innerText(), '■ 299');
  assert.match(page.url(), /down=host&across=state/);
  assert.deepEqual(await axe(page), [], 'as a grid');
  await grid.locator('tbody tr').first().locator('td.is-ok button').click();
  await until('the square is a query', async () => (await box.inputValue()) === 'service =~ "app/%" and host = "web0" and state = "ok"');
  await page.goBack();
  await until('the grid is back', () => grid.isVisible());
  await page.locator('#down').selectOption('');
  await until('the table is back', () => rows.first().isVisible());

  // Columns.
  await page.getByText('Columns', { exact: true }).click();
  await page.locator('.columnlist').getByLabel('path', { exact: true }).check();
  assert.match(page.url(), /columns=[^&]*path/);
  assert.match((await column('path', 1))[0], /^\/part/);
  assert.deepEqual(problems, []);
});
