// The page of alerts: what is open, what is held back and why, what is over.
// @ts-check
import { drawTable } from './alerttable.js';
import { Refused, get, inTurn } from './ask.js';
import { byId, el, keep, set, write } from './dom.js';
import { levelText, span, when } from './format.js';
import { focusedRow } from './keys.js';
import { OPEN_ALERTS, sorted } from './open.js';
import { byInstance, closed, keyOf, stretches } from './past.js';
import { ago, setAgo, start } from './shell.js';
import { onBack, param, setParams, to } from './url.js';

const DAY = 86_400;
/** What the stream does not tell (silences, what mutes) is asked for so often, and at once when an alert changes. */
const EVERY_MS = 10_000;
/** Closed alerts that are listed. */
const MOST_CLOSED = 100;

/** @typedef {import('./alerttable.js').Open} Open */
/** @typedef {{id: string, where: string, until: string | null, every: string | null, why: string, author: string, active: boolean, disables: string | null}} Silence */

/** @type {any[]} as /api/v1/alerts has them */
let open = [];
/** @type {Silence[]} */
let silences = [];
/** @type {Map<string, import('./past.js').Change[]>} */
let past = new Map();
let loaded = false;
let wrong = '';
/** @type {Set<string> | null} host and service of those that the query of the filter finds */
let found = null;

const filter = /** @type {HTMLInputElement} */ (byId('filter'));
filter.value = param('q');
let selected = param('row');

const shell = start({
  title: 'Alerts', nav: 'alerts', paint,
  queries: { changes: OPEN_ALERTS },
  snapshot: () => void load(),
  change: (_, row) => known(row) || later(),
  gone: () => later(),
  keys: [
    { key: 's', about: 'silence the alert', run: () => withFocused(doSilence) },
    { key: 'a', about: 'acknowledge the alert', run: () => withFocused(doAcknowledge) },
    { key: 'e', about: 'explain the alert', run: () => focusedRow()?.querySelector('a')?.click() },
  ],
});

/** Whether a row says nothing new but its number. @param {import('./live.js').Row} row */
function known(row) {
  const one = open.find(alert => alert.service === row.service && alert.host === row.host);
  if (one) one.value = row.metric;
  return one?.state === row.state;
}

let timer = 0;
function later() {
  clearTimeout(timer);
  timer = setTimeout(load, 200);
}

const [loads, searches] = [inTurn(), inTurn()];

async function load() {
  const isNews = loads();
  try {
    const now = Math.floor(Date.now() / 1000);
    const [alerts, quiet, history] = await Promise.all([get('/api/v1/alerts'), get('/api/v1/silences'), get('/api/v1/alerts/history', { from: now - DAY }).catch(() => [])]);
    if (!isNews()) return;
    open = alerts;
    silences = quiet;
    past = byInstance(history);
    await search();
    [loaded, wrong] = [true, ''];
  } catch (error) {
    if (isNews()) wrong = error instanceof Refused ? error.message : '';
  }
  shell.ask();
}

/** A filter that is a query is asked of the server, words are looked for here. */
async function search() {
  const text = filter.value.trim();
  const isQuery = /[=<>~]/.test(text);
  const isNews = searches();
  let mistake = '';
  /** @type {Set<string> | null} */
  let fitting = null;
  try {
    if (isQuery) fitting = new Set((await get('/api/v1/index', { query: `(${OPEN_ALERTS}) and (${text})` })).map((/** @type {any} */ event) => `${event.host} ${event.service}`));
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    mistake = `${error.message}${error.body?.help ? ` (${error.body.help})` : ''}`;
  }
  // Meanwhile somebody may have typed on.
  if (text !== filter.value.trim() || !isNews()) return;
  found = fitting;
  write(byId('filter-wrong'), mistake);
  set(filter, 'aria-invalid', mistake ? 'true' : null);
}

filter.addEventListener('input', () => {
  setParams({ q: filter.value.trim() });
  void search().finally(() => shell.ask());
});
byId('filter-form').addEventListener('submit', event => event.preventDefault());
shell.main.addEventListener('focusin', () => {
  const row = focusedRow();
  if (!row?.dataset.key || !row.closest('#open, #silenced, #muted')) return;
  selected = row.dataset.key;
  setParams({ row: selected });
  shell.ask();
});
onBack(() => {
  [filter.value, selected] = [param('q'), param('row')];
  void search().finally(() => shell.ask());
});
setInterval(() => document.hidden || void load(), EVERY_MS);

/** @param {any} alert @param {number} now @returns {Open} */
function dressed(alert, now) {
  const key = keyOf(alert);
  const { fields } = alert;
  const where = [alert.host, ...Object.entries(fields ?? {}).filter(([name]) => name !== 'host').map(([name, value]) => `${name} ${value ?? '–'}`)].filter(Boolean);
  const ack = alert.acknowledged;
  return {
    key, alert: alert.alert, instance: alert.instance, host: alert.host, where: where.join(', ') || alert.instance, state: alert.state, since: alert.since, value: alert.value,
    message: alert.message, runbook: alert.runbook, team: alert.team, fields, query: alert.query, why: alert.why.filter((/** @type {string} */ line) => !line.startsWith('muted by')),
    held: alert.muted.map(mutedWords).filter(Boolean).join(', and '),
    note: ack ? `acknowledged${ack.author ? ` by ${ack.author}` : ''}: ${ack.note}` : '',
    stretches: stretches(past.get(key) ?? [], now - DAY, now, alert),
  };
}

/** What keeps an alert quiet; who looks after it is told by its note. @param {{by: string, id?: string, alert?: string, instance?: string}} muted */
function mutedWords({ by, id = '', alert = '', instance = '' }) {
  if (by === 'acknowledgement') return '';
  return by === 'alert' ? `muted by ${alert} ${instance}`.trim() : silencedWords(id, silences.find(one => one.id === id));
}

/** @param {string} id @param {Silence | undefined} by */
function silencedWords(id, by) {
  if (!by) return `silenced by ${id}`;
  return `${by.disables ? 'disabled' : 'silenced'}${by.until ? ` until ${when(by.until)}` : by.every ? ` each ${by.every}` : ''}${by.author ? ` by ${by.author}` : ''}${by.why ? `: ${by.why}` : ''}`;
}

/** @param {Open} one @param {any} alert */
function isWanted(one, alert) {
  const text = filter.value.trim().toLowerCase();
  if (!text) return true;
  if (found) return found.has(`${alert.host} ${alert.service}`);
  const all = `${one.alert} ${one.where} ${one.state} ${one.message} ${one.team ?? ''} ${one.note}`.toLowerCase();
  return text.split(/\s+/).every(word => all.includes(word));
}

function paint() {
  const now = Date.now() / 1000;
  byId('loading').hidden = loaded || wrong !== '';
  const pairs = sorted(open).map(alert => ({ alert, one: dressed(alert, now) }));
  const shown = pairs.filter(({ alert, one }) => isWanted(one, alert));
  const held = (/** @type {boolean} */ silenced) => shown.filter(({ alert, one }) => (silenced ? alert.silenced : !alert.silenced && one.held)).map(({ one }) => one);
  const list = shown.filter(({ alert, one }) => !alert.silenced && !one.held).map(({ one }) => one);
  part('open', list);
  part('silenced', held(true));
  part('muted', held(false));
  write(byId('total'), loaded && open.length ? (shown.length === open.length ? `${open.length} open` : `${shown.length} of ${open.length} open`) : '');
  nothing(list.length, shown.length);
  drawSilences();
  drawClosed();
  restore();
}

/** @param {'open' | 'silenced' | 'muted'} name @param {Open[]} list */
function part(name, list) {
  byId(`${name}-box`).hidden = list.length === 0;
  const count = byId(`${name}-box`).querySelector('.count');
  if (count) write(count, String(list.length));
  drawTable(/** @type {HTMLTableElement} */ (byId(name)), list, { silence: doSilence, acknowledge: doAcknowledge }, { readOnly: shell.readOnly, selected });
}

/** @param {number} loud @param {number} shown */
function nothing(loud, shown) {
  const text = wrong || (!loaded || loud ? '' : shown ? 'Nothing is open that nobody explains.' : open.length ? 'No open alert fits the filter.' : '● Nothing is wrong. Rules look at every sample; an alert shows here the moment it opens.');
  byId('nothing').hidden = text === '';
  write(byId('nothing'), text);
}

function drawSilences() {
  byId('silences-box').hidden = silences.length === 0;
  write(/** @type {Element} */ (byId('silences-box').querySelector('.count')), String(silences.length));
  keep(/** @type {HTMLTableElement} */ (byId('silences')).tBodies[0], silences, one => one.id, one => el('tr', { 'data-row': true, tabindex: '0' },
    el('td.title', {}, el('code', {}, one.where)), el('td', { 'data-th': 'Until' }), el('td.text', {}, one.why), el('td', { 'data-th': 'Who' }, one.author || '–'),
    el('td', {}, el('div.actions', {}, el('button.small', { type: 'button', 'aria-label': `End silence ${one.id}`, onclick: () => end(one.id) }, 'End')))), (row, one) => {
    write(row.children[1], `${one.every ? `each ${one.every}${one.until ? ', ' : ''}` : ''}${one.until ? when(one.until) : ''}${one.disables ? 'the alert is enabled' : ''}${one.active ? '' : ' (not now)'}`);
    /** @type {HTMLElement} */ (row.children[4].firstElementChild).hidden = shell.readOnly || one.id.includes(':');
  });
}

function drawClosed() {
  const all = closed(past, Date.now() / 1000 - DAY);
  const list = all.filter(one => !filter.value.trim() || found || `${one.alert} ${one.instance} ${one.host} ${one.message}`.toLowerCase().includes(filter.value.trim().toLowerCase())).slice(0, MOST_CLOSED);
  byId('closed-box').hidden = list.length === 0;
  write(/** @type {Element} */ (byId('closed-box').querySelector('.count')), all.length > list.length ? `${list.length} of ${all.length}` : String(all.length));
  keep(/** @type {HTMLTableElement} */ (byId('closed')).tBodies[0], list, one => `${keyOf(one)} ${one.to}`, one => el('tr', { 'data-row': true, tabindex: '0' },
    el('td.level', { class: `level ${one.worst}`, 'data-th': 'Was' }, levelText(one.worst)), el('td', { 'data-th': 'Alert' }, el('a', { href: to.alert(one.alert) }, one.alert)),
    el('td.where', { 'data-th': 'Where' }, [...new Set([one.host, one.instance])].filter(Boolean).join(', ')), el('td.number', { 'data-th': 'Open for' }, `${one.begun ? '' : 'over '}${span(one.to - one.from)}`),
    el('td.number', { 'data-th': 'Ended' }, ago(one.to)), el('td.message', {}, one.ended === 'expired' ? `○ gone: ${one.message}` : one.message)),
    (row, one) => setAgo(/** @type {Element} */ (row.children[4].firstElementChild), one.to));
}

let restored = false;
/** The row that the address names gets the focus, once. */
function restore() {
  if (restored || !loaded) return;
  restored = true;
  const row = selected && [...document.querySelectorAll('tr[data-row]')].find(one => /** @type {HTMLElement} */ (one).dataset.key === selected);
  if (row instanceof HTMLElement) row.focus();
}

/** @param {(open: Open) => void} run */
function withFocused(run) {
  const key = focusedRow()?.dataset.key;
  const alert = open.find(one => keyOf(one) === key);
  if (alert && !shell.readOnly) run(dressed(alert, Date.now() / 1000));
}

/** @param {Open} one */
const target = one => ({ alert: one.alert, query: one.query, host: one.host, fields: one.fields ?? {} });

/** Fetched when the first is opened. */
const dialogs = () => import('./dialogs.js');

/** @param {Promise<string | null>} done */
async function after(done) {
  try {
    const said = await done;
    if (said) shell.say(said);
  } catch (error) {
    shell.say(error instanceof Error ? error.message : String(error), { urgent: true });
  }
  void load();
}

/** @param {Open} one */
function doSilence(one) {
  void after(dialogs().then(({ silence }) => silence(target(one))));
}

/** @param {Open} one */
function doAcknowledge(one) {
  void after(dialogs().then(({ acknowledge }) => acknowledge(target(one))));
}

/** @param {string} id */
function end(id) {
  void after(dialogs().then(({ endSilence }) => endSilence(id)));
}
