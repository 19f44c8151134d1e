// What skep itself is doing: what comes in, what goes out, what waits, what is dropped.
// @ts-check
import { Refused, get } from './ask.js';
import { byId, el, keep, set, write } from './dom.js';
import { format, span, when } from './format.js';
import { start } from './shell.js';
import { quoted, to } from './url.js';

const EVERY_MS = 2_000;
/** Counting series looks at the whole index. */
const COUNT_EVERY_MS = 60_000;

/** @typedef {Record<string, any>} Facts */

/** @type {Facts | null} as /api/v1/status has it */
let told = null;
let wrong = '';
let counted = -COUNT_EVERY_MS;

const shell = start({ title: 'Status', nav: 'status', paint, queries: { rate: 'service = "skep_processor/events_rate"' } });

async function load() {
  try {
    const whole = performance.now() - counted > COUNT_EVERY_MS;
    if (whole) counted = performance.now();
    const fresh = await get('/api/v1/status', whole ? { cardinality: 'true' } : {});
    told = { ...fresh, cardinality: fresh.cardinality ?? told?.cardinality };
    wrong = '';
  } catch (error) {
    if (error instanceof Refused) wrong = error.message;
  }
  shell.ask();
}
void load();
setInterval(() => document.hidden || void load(), EVERY_MS);

/** How a fact is shown, by what its name says; others are numbers or texts. @param {string} name @param {any} value @returns {string} */
function fact(name, value) {
  if (value === null || value === undefined || value === '') return '–';
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  if (/(^|_)(at|oldest|since|until)$/.test(name)) return when(value);
  if (typeof value !== 'number') return Array.isArray(value) ? value.join(', ') || '–' : String(value);
  if (/bytes|memory/.test(name)) return format(value, 'bytes');
  if (/(_s|seconds|_age)$/.test(name)) return span(value);
  return format(value);
}

/** Keys as words. @param {string} key */
const words = key => key.replace(/_s$/, '').replace(/_at$/, '').replaceAll('_', ' ');

/** Names of facts that are bad when they are not 0. */
const BAD = /dropped|refused|rejected|failed|lost|expired_early/;

function paint() {
  byId('nothing').hidden = told !== null;
  write(byId('nothing'), wrong || 'Loading…');
  if (!told) return;
  tiles(told);
  table('inputs', told.inputs);
  table('outputs', told.outputs);
  table('queues', told.queues);
  cardinality(told.cardinality ?? []);
  facts(told);
}

/** @param {Facts[]} rows */
const dropped = rows => rows.reduce((sum, row) => sum + Object.entries(row).reduce((all, [name, value]) => all + (BAD.test(name) && typeof value === 'number' ? value : 0), 0), 0);

/** @param {Facts} status */
function tiles(status) {
  const rate = shell.rows('rate')[0]?.metric ?? null;
  const { index, store, journal } = status;
  const lost = dropped([...(status.inputs ?? []), ...(status.outputs ?? []), ...(status.queues ?? []), ...(store ? [store] : [])]);
  const share = index?.bound ? (100 * index.series) / index.bound : null;
  /** @type {[string, string, string, string][]} label, figure, note, class of the note */
  const all = [
    ['Events a second', rate === null ? '–' : format(Math.round(rate)), `up ${span(status.uptime_s ?? 0)}`, 'quiet'],
    ['Series in the index', format(index?.series), share === null ? '' : `${share >= 90 ? '▲ ' : ''}${format(share, '%')} of ${format(index.bound)}`, (share ?? 0) >= 90 ? 'warning' : 'quiet'],
    ['Dropped or refused', format(lost), lost ? '▲ since the start' : '● nothing', lost ? 'warning' : 'ok'],
    ['Store', store ? format(store.bytes, 'bytes') : 'off', store?.oldest ? `since ${when(store.oldest)}` : journal?.bytes ? `journal ${format(journal.bytes, 'bytes')}` : '', 'quiet'],
  ];
  keep(byId('tiles'), all, ([label]) => label, ([label]) => el('li.tile', {}, el('span.label', {}, label), el('span.figure'), el('span.note')), (tile, [, figure, note, kind]) => {
    write(tile.children[1], figure);
    write(tile.children[2], note);
    set(tile.children[2], 'class', `note ${kind}`);
  });
}

/** A table of whatever the server tells of each. @param {string} name @param {Facts[] | undefined} rows */
function table(name, rows) {
  byId(`${name}-box`).hidden = !rows?.length;
  if (!rows?.length) return;
  const keys = [...new Set(['name', 'kind', ...rows.flatMap(row => Object.keys(row))])].filter(key => rows.some(row => row[key] !== null && row[key] !== undefined && row[key] !== ''));
  const box = /** @type {HTMLTableElement} */ (byId(name));
  const isNumber = (/** @type {string} */ key) => rows.every(row => row[key] === null || row[key] === undefined || typeof row[key] === 'number');
  if (box.dataset.keys !== keys.join()) {
    box.dataset.keys = keys.join();
    box.tHead?.replaceChildren(el('tr', {}, ...keys.map(key => el('th', { scope: 'col', class: isNumber(key) ? 'number' : null }, words(key)[0].toUpperCase() + words(key).slice(1)))));
    box.tBodies[0].replaceChildren();
  }
  keep(box.tBodies[0], rows, row => `${box.dataset.keys} ${row.name} ${row.kind ?? ''}`, row => el('tr', { 'data-row': true, tabindex: '0' }, ...keys.map(key =>
    (key === 'name' ? el('th', { scope: 'row' }, String(row.name)) : el('td', { 'data-th': words(key), class: isNumber(key) ? 'number' : key === 'last_error' ? 'text' : null })))), (tr, row) => {
    keys.forEach((key, index) => {
      if (key === 'name') return;
      const cell = tr.children[index];
      const bad = (BAD.test(key) && Number(row[key]) > 0) || (key === 'last_error' && row[key]);
      write(cell, row[key] === undefined ? '' : `${bad && typeof row[key] === 'number' ? '▲ ' : ''}${fact(key, row[key])}`);
      cell.classList.toggle('warning', Boolean(bad));
    });
  });
}

/** @param {{measurement: string, series: number}[]} list */
function cardinality(list) {
  byId('cardinality-box').hidden = list.length === 0;
  const most = Math.max(1, ...list.map(one => one.series));
  keep(byId('cardinality'), list, one => one.measurement, one => el('div.gauge.wide', {}, el('a.label', { href: to.explore(`service =~ ${quoted(`${one.measurement}/%`)}`), title: one.measurement }, one.measurement),
    el('div.track', { 'aria-hidden': 'true' }, el('div.fill')), el('span.number')), (line, one) => {
    /** @type {HTMLElement} */ (line.children[1].firstElementChild).style.width = `${((100 * one.series) / most).toFixed(1)}%`;
    write(line.children[2], format(one.series));
  });
}

/** Streams of pages and others: how many there are, how many are behind, how many frames were lost to slow ones. @param {Facts | undefined} streams @returns {[string, string][]} */
function live(streams) {
  return streams ? [['live streams', `${format(streams.clients)} of ${format(streams.bound)}`], ['queries behind', format(streams.behind)], ['frames lost', `${streams.lost > 0 ? '▲ ' : ''}${format(streams.lost)}`]] : [];
}

/** @param {Facts} status */
function facts(status) {
  byId('facts-box').hidden = false;
  const flat = (/** @type {string} */ group) => Object.entries(status[group] ?? {}).filter(([, value]) => typeof value !== 'object' || value === null).map(([key, value]) => /** @type {[string, string]} */ ([`${group === 'web' ? 'pages' : group}: ${words(key)}`, fact(key, value)]));
  /** @type {[string, string][]} */
  const all = [
    ['version', `${status.version ?? '–'}${status.commit ? ` (${status.commit})` : ''}`], ['started', fact('at', status.started_at)],
    ['settings file', status.config?.settings ?? 'none'], ['rule files', fact('files', status.config?.rules ?? [])],
    ...flat('store'), ...flat('journal'), ...flat('web'), ...live(status.web?.live),
  ];
  keep(byId('facts'), all.flatMap(([key, value]) => [{ key: `${key} t`, text: key, tag: 'dt' }, { key: `${key} d`, text: value, tag: 'dd' }]), ({ key }) => key, ({ tag }) => el(tag === 'dt' ? 'dt' : 'dd'), (element, { text }) => write(element, text));
}
