// `skep top` asks for what the first page asks, in the very same words: the engine answers both from one subscription.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import http from 'node:http';
import { live, open, play } from './harness.mjs';

/** Named queries of an address of the stream. */
const queries = address => Object.fromEntries(new URL(address, 'http://any').searchParams.getAll('s').map(text => [text.slice(0, text.indexOf(':')), text.slice(text.indexOf(':') + 1)]));

/** What `skep top` asks of a server, which then hangs up. */
async function askedByTop() {
  let address = '';
  const server = http.createServer((request, answer) => {
    address = request.url;
    answer.end();
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const top = spawn(process.env.SKEP, ['top', '--once', '--url', `http://127.0.0.1:${server.address().port}`], { stdio: ['ignore', 'ignore', 'pipe'] });
  let said = '';
  top.stderr.on('data', text => (said += text));
  const [code] = await once(top, 'exit');
  server.close();
  assert.deepEqual([code, /the server ended the stream/.test(said)], [2, true], said);
  return queries(address);
}

await play(async ({ browser, start }) => {
  const skep = await start({ role: 'process' });
  const { page, clean } = await open(browser, skep, '/');
  const [stream] = await Promise.all([page.waitForRequest(request => request.url().includes('/api/v1/live?')), page.reload()]);
  await live(page);
  const [ofPage, ofTop] = [queries(stream.url()), await askedByTop()];
  const same = Object.keys(ofTop).filter(name => name in ofPage);
  assert.deepEqual(same.sort(), ['alerts', 'containers', 'nodes', 'rate', 'services'], `${Object.keys(ofPage)} and ${Object.keys(ofTop)}`);
  for (const name of same) assert.equal(ofTop[name], ofPage[name], name);
  clean();
});
