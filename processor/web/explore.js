// The index: any query, as a table in any order or as a grid by any two fields; the address holds it all.
// @ts-check
import { get } from './ask.js';
import { onTurn } from './colour.js';
import { el, set, write } from './dom.js';
import { GridView } from './gridview.js';
import { valueOf } from './order.js';
import { FIELDS, condition, narrowed, tokens, unmatched, valuesQuery } from './query.js';
import { QueryBox } from './querybox.js';
import { COLUMNS, RowTable } from './rowtable.js';
import { start } from './shell.js';
import { onBack, param, quoted, setParams } from './url.js';

/** @typedef {import('./live.js').Row} Row */

const USUAL = ['state', 'host', 'service', 'metric', 'spark', 'time', 'tags'];
const EXAMPLES = ['state = "critical" or state = "warning"', 'service = "cpu/usage_active"', 'service =~ "docker_container_mem/%/usage_percent" and metric > 50', 'service =~ "alert/%"', 'tagged "skep"'];
/** Values of one field that are offered. */
const MAX_VALUES = 500;
/** The server shows no more rows of one query. */
const MAX_ROWS = 10_000;

const main = /** @type {HTMLElement} */ (document.querySelector('main'));
/** @type {{fields: Map<string, number>, services: string[], values: Map<string, string[]>}} what the whole index holds, whatever the query; fields with the number of their events, 0 where it is not known */
const known = { fields: new Map(), services: [], values: new Map() };
let query = '';
let heard = false;
let hasMistake = false;
let eventWanted = '';
/** The box was opened by a step that "back" undoes: closing it takes that step back. */
let wentThere = false;
/** When the grid was painted last: twice a second is enough to read. */
let paintedAt = -Infinity;

const box = new QueryBox(main, { seen, run: text => choose(text), wants: field => void learn(field) });
const count = el('span', { id: 'count', role: 'status' });
const filter = el('input', { type: 'search', id: 'filter', placeholder: 'Filter', 'aria-label': 'Filter the rows by a text', autocomplete: 'off', spellcheck: 'false', oninput: () => onFilter() });
const down = el('select', { id: 'down', onchange: () => onGroup() });
const across = el('select', { id: 'across', onchange: () => onGroup() });
const columnList = el('div.columnlist');
const chooser = el('details.chooser', {}, el('summary', {}, 'Columns'), columnList);
main.append(
  el('div.choices', {}, filter, el('label', {}, 'Grid by ', down), el('label', {}, 'and ', across), chooser, count),
  el('p.empty', { id: 'nothing', role: 'status' }, 'Waiting for the index…'));
const nothing = /** @type {HTMLElement} */ (document.getElementById('nothing'));
const tableBox = el('div');
const gridBox = el('div', { hidden: true });
main.append(tableBox, gridBox, el('p.small.quiet.examples', {}, 'Try: ', ...EXAMPLES.flatMap((example, index) => [index ? ', ' : '', el('a', { href: `/explore?${new URLSearchParams({ query: example })}`, onclick: (/** @type {MouseEvent} */ event) => onExample(event, example) }, el('code', {}, example))]), '.'));

const table = new RowTable(tableBox, { caption: 'Events of the index', open: openRow, sorted: (key, descending) => setParams({ sort: key === 'service' ? null : key, order: descending ? 'desc' : key === 'service' ? null : 'asc' }) });
const grid = new GridView(gridBox, onSquare);
const shell = start({
  title: 'Explore', nav: 'explore',
  snapshot(_, rows) {
    heard = true;
    table.setSource(shell.live.rows.get('index') ?? new Map());
    for (const row of rows) note(row);
    showChoices();
    openWanted();
  },
  change(_, row) {
    table.change(row);
    eventBox?.change(row);
  },
  gone: (_, row) => table.gone(row),
  paint,
  keys: [
    { key: 'q', about: 'to the query', run: event => (event.preventDefault(), box.input.focus()) },
    { key: 'j', about: '', run: () => table.step(1) }, { key: 'k', about: '', run: () => table.step(-1) },
    { key: 'ArrowDown', about: '', run: event => (event.preventDefault(), table.step(1)) }, { key: 'ArrowUp', about: '', run: event => (event.preventDefault(), table.step(-1)) },
    { key: 'y', about: 'copy the row as a query', run: () => void copyRow() },
  ],
});
/** The box for one event, and with it charts: fetched when the first is opened. @type {import('./eventbox.js').EventBox | null} */
let eventBox = null;
const events = () => import('./eventbox.js');

onBack(readUrl);
onTurn(() => table.turn());
readUrl();
void get('/api/v1/services').then(found => {
  known.services = found.services.map((/** @type {{service: string}} */ one) => one.service);
  known.fields = new Map(Object.entries(found.attributes));
  showChoices();
}, () => {});

/** Attributes of a row become known; how many events have them is not. @param {Row} row */
function note(row) {
  for (const name of Object.keys(row.attributes ?? {})) if (!known.fields.has(name)) known.fields.set(name, 0);
}

/** @returns {import('./query.js').Seen} */
function seen() {
  const fields = [...known.fields].sort((a, b) => b[1] - a[1]).map(([name]) => name);
  return { fields, values, marks: [...new Set([...table.source.values()].flatMap(row => row.tags ?? []))] };
}

/** Values of a field: of the whole index where they were asked for, else of the rows shown. @param {string} field @returns {string[]} */
function values(field) {
  if (field === 'service' && known.services.length) return known.services;
  const whole = known.values.get(field);
  if (whole) return whole;
  /** @type {Map<string, number>} */
  const counts = new Map();
  for (const row of table.source.values()) {
    const value = valueOf(row, field);
    if (typeof value === 'string') counts.set(value, (counts.get(value) ?? 0) + 1);
  }
  if (field === 'state') for (const level of ['ok', 'warning', 'critical', 'expired']) if (!counts.has(level)) counts.set(level, 0);
  return [...counts].sort((a, b) => b[1] - a[1] || a[0].localeCompare(b[0], 'en', { numeric: true })).slice(0, MAX_VALUES).map(([value]) => value);
}

/** Asks once what values an attribute has anywhere. @param {string} field */
async function learn(field) {
  if (known.values.has(field) || query === 'true' || hasMistake || (field !== 'host' && !known.fields.has(field)) || FIELDS.slice(2).includes(field)) return;
  known.values.set(field, values(field));
  const found = await get('/api/v1/index', { query: valuesQuery(field, known.fields.get(field) ?? 0) }).catch(() => []);
  const all = new Set([...values(field), ...found.map((/** @type {any} */ event) => event[field]).filter((/** @type {unknown} */ value) => typeof value === 'string')]);
  known.values.set(field, [...all].slice(0, MAX_VALUES));
  box.again();
  shell.ask();
}

function readUrl() {
  eventWanted = param('event');
  table.setColumns((param('columns') || USUAL.join(',')).split(',').filter(Boolean));
  table.setOrder(param('sort', 'service'), param('order') === 'desc');
  filter.value = param('filter');
  setFilter();
  const wanted = param('query', 'true');
  if (wanted !== query || hasMistake) void watch(wanted);
  else openWanted();
  showChoices();
  shell.ask();
}

/** A reader's new query, one step for "back" with what else changes. @param {string} text @param {Record<string, null>} [more] */
function choose(text, more = {}) {
  const wanted = text || 'true';
  setParams({ query: wanted === 'true' ? null : wanted, event: null, ...more }, { push: true });
  eventWanted = '';
  showChoices();
  void watch(wanted);
}

/** @param {MouseEvent} event @param {string} example */
function onExample(event, example) {
  if (event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  choose(example);
}

/** Asks the server whether the query is one, and then listens. @param {string} wanted */
async function watch(wanted) {
  query = wanted;
  box.value = wanted === 'true' ? '' : wanted;
  // What a stream is refused for a page cannot read, so it is asked for once as any other answer, and left at once.
  const stop = new AbortController();
  const answer = await fetch(`/api/v1/live?${new URLSearchParams({ s: `check:${wanted}`, rate: '5000' })}`, { signal: stop.signal }).catch(() => null);
  const refused = answer && !answer.ok ? await answer.json().catch(() => ({})) : null;
  stop.abort();
  if (wanted !== query) return;
  hasMistake = Boolean(refused);
  heard = false;
  const mistakes = refused?.mistakes ?? (refused ? [{ message: refused.error ?? `the server answered ${answer?.status}`, help: null, position: 0, end: 0 }] : []);
  box.show(wanted, mistakes);
  if (refused) shell.polite.textContent = `Mistake: ${mistakes[0]?.message}`;
  table.setSource(new Map());
  shell.watch(refused ? {} : { index: wanted });
  shell.ask();
}

function setFilter() {
  const text = filter.value.trim().toLowerCase();
  const has = (/** @type {unknown} */ value) => typeof value === 'string' && value.toLowerCase().includes(text);
  table.filter = text ? row => has(row.service) || has(row.host) || has(row.state) || has(row.description) || Object.values(row.attributes ?? {}).some(has) || (row.tags ?? []).some(has) : () => true;
  table.stale();
}

function onFilter() {
  setFilter();
  setParams({ filter: filter.value.trim() });
  shell.ask();
}

function onGroup() {
  setParams({ down: down.value, across: across.value }, { push: true });
  paintedAt = -Infinity;
  shell.ask();
}

/** Fields that rows may be grouped and shown by. */
function fields() {
  return ['host', 'service', 'state', 'measurement', 'instance', 'field', ...[...known.fields].sort((a, b) => b[1] - a[1]).map(([name]) => name).filter(name => name !== 'host')];
}

function showChoices() {
  const all = fields();
  for (const [select, name, none] of /** @type {[HTMLSelectElement, string, string][]} */ ([[down, 'down', 'no field: a table'], [across, 'across', 'one column']])) {
    const wanted = param(name);
    const names = wanted && !all.includes(wanted) ? [...all, wanted] : all;
    if (select.options.length !== names.length + 1) select.replaceChildren(new Option(none, ''), ...names.map(field => new Option(field, field)));
    select.value = wanted;
  }
  const shown = table.columns.map(column => column.key);
  const columns = [...new Set([...Object.keys(COLUMNS), ...shown, ...all.slice(3)])];
  if (columnList.dataset.of === `${columns}|${shown}`) return;
  columnList.dataset.of = `${columns}|${shown}`;
  const focused = document.activeElement instanceof HTMLInputElement ? document.activeElement.value : '';
  columnList.replaceChildren(...columns.map(key => el('label', {}, el('input', { type: 'checkbox', value: key, checked: shown.includes(key), disabled: key === 'service', onchange: () => onColumns() }), COLUMNS[key]?.title ?? key)));
  if (focused) /** @type {HTMLElement | null} */ (columnList.querySelector(`input[value="${CSS.escape(focused)}"]`))?.focus();
}

function onColumns() {
  const wanted = [...columnList.querySelectorAll('input')].filter(input => input.checked).map(input => input.value);
  const kept = [...table.columns.map(column => column.key).filter(key => wanted.includes(key)), ...wanted.filter(key => !table.columns.some(column => column.key === key))];
  setParams({ columns: kept.join() === USUAL.join() ? null : kept.join() });
  table.setColumns(kept);
  showChoices();
}

/** @param {Row} row */
function openRow(row) {
  eventWanted = nameOf(row);
  wentThere = param('event') !== eventWanted;
  setParams({ event: eventWanted }, { push: true });
  void showEvent(row);
}

/** @param {Row} row */
async function showEvent(row) {
  const { EventBox } = await events();
  eventBox ??= new EventBox({ say: text => shell.say(text), narrow, closed: onClosed });
  eventBox.hasRules = 'version' in shell.status;
  // Meanwhile the reader may have gone on.
  if (eventWanted === nameOf(row)) eventBox.open(row);
}

/** Only events of which this holds, too. @param {string} more */
function narrow(more) {
  eventWanted = '';
  eventBox?.close();
  choose(narrowed(query, more));
}

async function copyRow() {
  const row = table.focused();
  if (row) await (await events()).copyQuery(row, text => shell.say(text));
}

function onClosed() {
  table.wantsFocus = true;
  shell.ask();
  // Closed by "back", or by a condition that was picked: the address is right already, or will be.
  if (!eventWanted || param('event') !== eventWanted) return;
  eventWanted = '';
  if (wentThere) history.back();
  else setParams({ event: null });
}

/** @param {Row} row */
function nameOf(row) {
  return `${row.host ?? ''} ${row.service ?? ''}`;
}

/** The event that the address names, once it is there. */
function openWanted() {
  if (!eventWanted) return eventBox?.close();
  if (eventBox?.row && nameOf(eventBox.row) === eventWanted) return;
  for (const row of table.source.values()) if (nameOf(row) === eventWanted) return void showEvent(row);
}

/** @param {string} line @param {string} column @param {number} n @param {Row} row */
function onSquare(line, column, n, row) {
  if (n === 1) return openRow(row);
  const parts = [[param('down'), line], [param('across'), column]].filter(([field]) => field);
  const more = parts.map(([field, value]) => conditionOf(field, value)).join(' and ');
  choose(narrowed(query, more), { down: null, across: null });
}

/** Parts of a name are no fields of the language: they become forms of the service. @param {string} field @param {string} value */
function conditionOf(field, value) {
  if (field === 'measurement') return `service =~ ${quoted(`${value}/%`)}`;
  if (field === 'field') return `service =~ ${quoted(`%/${value}`)}`;
  if (field === 'instance') return `service =~ ${quoted(`%/${value}/%`)}`;
  return condition(field, value === '–' ? null : value);
}

function paint() {
  const isGrid = param('down') !== '';
  const rows = shell.live.rows.get('index');
  gridBox.hidden = !isGrid;
  tableBox.hidden = isGrid || !rows || rows.size === 0;
  chooser.hidden = isGrid;
  if (!isGrid) table.paint();
  else if (rows && performance.now() - paintedAt > 450) {
    paintedAt = performance.now();
    grid.paint([...rows.values()].filter(table.filter), param('down'), param('across'));
  }
  eventBox?.show();
  const total = rows?.size ?? 0;
  const shown = isGrid ? total : table.count;
  write(count, heard ? `${shown === total ? '' : `${shown.toLocaleString('en')} of `}${total.toLocaleString('en')}${total >= MAX_ROWS ? ' or more' : ''} event${total === 1 ? '' : 's'}` : '');
  showNothing(total, shown);
}

/** Why there is nothing to see. @param {number} total @param {number} shown */
function showNothing(total, shown) {
  nothing.hidden = shown > 0 && !hasMistake;
  if (nothing.hidden) return;
  const lines = hasMistake ? ['The query has a mistake: see above.']
    : !heard ? ['Waiting for the index…']
    : total > 0 ? [`No row has “${filter.value.trim()}” in it.`]
    : ['Nothing in the index matches just now.', ...hints()];
  if (heard && total === 0) for (const { kind, text: field } of tokens(query)) if (kind === 'field') void learn(field);
  const text = lines.join('\n');
  if (nothing.dataset.of === text) return;
  nothing.dataset.of = text;
  nothing.replaceChildren(el('strong', {}, lines[0]), ...lines.slice(1).map(line => el('span.hint', {}, line)));
}

function hints() {
  const found = unmatched(query, seen()).map(({ condition: part, field, near }) => {
    const like = near.length ? `; there is ${near.join(', ')}` : '';
    return field ? `No event has a field ${field}${like}.` : `Nothing fits ${part}${like}.`;
  });
  return found.length ? found : ['An event leaves the index when its TTL is over. The query is right; it shows events as soon as some match.'];
}

set(box.input, 'aria-label', 'Query in Riemann’s language');
