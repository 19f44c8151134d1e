// All rules: what they match, what is open, whether they match nothing; when they were read and how that went.
// @ts-check
import { Refused, get, inTurn, send } from './ask.js';
import { disabledWords, turn } from './disabled.js';
import { byId, el, keep, set, ticked, write } from './dom.js';
import { format, levelText, rank, when } from './format.js';
import { focusedRow } from './keys.js';
import { start } from './shell.js';
import { onBack, param, setParams, to } from './url.js';
import { fill, place } from './written.js';

const EVERY_MS = 15_000;

/** @typedef {{name: string, words: [string, string][], disabled: import('./disabled.js').Disabled | null, instances: number, matches_nothing: boolean, open: Record<string, number>, pending: number, file: string | null, line: number | null}} Rule */
/** @typedef {{name: string, enabled: boolean, file: string, line: number}} Stream */

/** @type {[string, string][]} key and title of what sorts */
const HEADS = [['name', 'Rule'], ['open', 'Open'], ['instances', 'Instances'], ['', 'State'], ['', 'What it says'], ['', '']];
/** Those of them that are numbers. */
const NUMBERS = ['open', 'instances'];
/** @type {[string, string, (rule: Rule) => boolean][]} */
const KINDS = [['', 'All', () => true], ['open', 'Open', rule => opened(rule) > 0], ['nothing', 'Match nothing', rule => rule.matches_nothing], ['off', 'Disabled', rule => rule.disabled !== null]];

/** @type {{last_reload: import('./written.js').Reading, rules: Rule[], streams: Stream[]} | null} */
let told = null;
let wrong = '';
const filter = /** @type {HTMLInputElement} */ (byId('filter'));

/** @param {Rule} rule */
const opened = rule => Object.values(rule.open ?? {}).reduce((sum, count) => sum + count, 0);

const shell = start({ title: 'Rules', nav: 'rules', paint, change: () => {}, keys: [
  { key: 'r', about: 'read the rules anew', run: () => void reload() },
  { key: 'd', about: 'disable the rule, or enable it', run: () => turnOf(focusedRow()?.dataset.rule ?? '') },
] });

const loads = inTurn();
async function load() {
  const isNews = loads();
  try {
    const found = await get('/api/v1/rules');
    if (isNews()) [told, wrong] = [found, ''];
  } catch (error) {
    if (error instanceof Refused && isNews()) wrong = error.message;
  }
  shell.ask();
}
void load();
setInterval(() => document.hidden || void load(), EVERY_MS);
filter.value = param('q');
filter.addEventListener('input', () => {
  setParams({ q: filter.value.trim() });
  shell.ask();
});
byId('filter-form').addEventListener('submit', event => event.preventDefault());
onBack(() => {
  filter.value = param('q');
  shell.ask();
});
byId('kinds').append(...KINDS.map(([key, title]) => el('button', { type: 'button', 'data-kind': key, onclick: () => {
  setParams({ kind: key }, { push: true });
  shell.ask();
} }, title)));
byId('rules').querySelector('thead')?.append(el('tr', {}, ...HEADS.map(([key, title]) => el('th', { scope: 'col', 'data-sort': key || null, class: NUMBERS.includes(key) ? 'number' : null },
  key ? el('button.plain', { type: 'button', onclick: () => sortBy(key) }, title) : title || el('span.hidden', {}, 'Actions')))));

/** What the rules are put in order of; until somebody chooses, those with the most open come first. */
function order() {
  return { key: param('sort', 'open'), descending: param('order', param('sort') ? 'asc' : 'desc') === 'desc' };
}

/** @param {string} key */
function sortBy(key) {
  const now = order();
  const descending = now.key === key ? !now.descending : NUMBERS.includes(key);
  setParams({ sort: key, order: descending ? 'desc' : 'asc' }, { push: true });
  shell.ask();
}

/** @param {Rule} rule @param {string} key */
function value(rule, key) {
  return key === 'open' ? opened(rule) : key === 'instances' ? rule.instances : rule.name;
}

/** @param {Rule[]} rules */
function shown(rules) {
  const words = filter.value.toLowerCase().split(/\s+/).filter(Boolean);
  const isWanted = KINDS.find(([key]) => key === param('kind'))?.[2] ?? (() => true);
  const { key, descending } = order();
  const compare = (/** @type {Rule} */ a, /** @type {Rule} */ b) => {
    const [x, y] = [value(a, key), value(b, key)];
    return (descending ? -1 : 1) * (typeof x === 'number' && typeof y === 'number' ? x - y : String(x).localeCompare(String(y))) || a.name.localeCompare(b.name);
  };
  return rules.filter(rule => isWanted(rule) && words.every(word => `${rule.name} ${rule.words.map(([, text]) => text).join(' ')}`.toLowerCase().includes(word))).sort(compare);
}

function paint() {
  const rules = told?.rules ?? [];
  const list = shown(rules);
  const { key, descending } = order();
  for (const th of document.querySelectorAll('th[data-sort]')) set(th, 'aria-sort', th.getAttribute('data-sort') === key ? (descending ? 'descending' : 'ascending') : null);
  for (const button of byId('kinds').children) set(button, 'aria-pressed', String(button.getAttribute('data-kind') === param('kind')));
  write(byId('total'), told ? (list.length === rules.length ? String(rules.length) : `${list.length} of ${rules.length}`) : '');
  const text = wrong || (!told ? 'Loading…' : list.length ? '' : 'No rule fits the filter.');
  byId('nothing').hidden = text === '';
  write(byId('nothing'), text);
  byId('box').hidden = list.length === 0;
  drawReload();
  drawStreams(told?.streams ?? []);
  keep(/** @type {HTMLTableElement} */ (byId('rules')).tBodies[0], list, rule => rule.name, line, dress);
}

function drawReload() {
  const last = told?.last_reload;
  byId('reload').hidden = !told;
  const kind = `${last?.ok} ${last?.error} ${last?.at} ${last?.since} ${shell.readOnly}`;
  if (!told || byId('reload').dataset.kind === kind) return;
  byId('reload').dataset.kind = kind;
  byId('reload').replaceChildren(...[
    last?.ok === false ? el('p.critical', {}, '■ The rule files have mistakes, and the rules from before go on:') : el('p.quiet', {}, '● The rule files hold no mistake; what is on is what they say. They are looked at every two seconds.'),
    last?.since ? el('p.quiet', {}, `What is on was read at ${when(last.since)}${last.at && last.at !== last.since ? `; the last try to read it anew was at ${when(last.at)}` : ''}.`) : null,
    last?.ok === false && last.error ? el('pre', { tabindex: '0' }, last.error) : null,
    shell.readOnly ? null : el('button.small', { type: 'button', onclick: () => void reload() }, 'Read them anew'),
  ].filter(part => part !== null));
}

/** @param {Rule} rule */
function line(rule) {
  return el('tr', { 'data-row': true, tabindex: '0', 'data-rule': rule.name },
    el('th', { scope: 'row' }, el('a', { href: to.alert(rule.name) }, rule.name)), el('td.number', { 'data-th': 'Open' }), el('td.number', { 'data-th': 'Instances' }), el('td', { 'data-th': 'State' }),
    el('td.text', {}, el('div.small'), el('details', { ontoggle: (/** @type {Event} */ event) => opens(event, 'alert', rule.name) }, el('summary', {}, summary(rule)),
      el('dl.facts', {}, ...rule.words.flatMap(([about, text]) => [el('dt', {}, about), el('dd', {}, ...ticked(text))])), el('div')), el('code.quiet')),
    el('td', {}, el('div.actions', {}, el('button.small', { type: 'button', onclick: () => turnOf(rule.name) }))));
}

/** The text is asked for each time that it is looked at. @param {Event} event @param {'alert' | 'stream'} kind @param {string} name */
function opens({ target }, kind, name) {
  if (target instanceof HTMLDetailsElement && target.open && target.lastElementChild) fill(target.lastElementChild, kind, name);
}

/** @param {Stream[]} streams */
function drawStreams(streams) {
  byId('streams-box').hidden = streams.length === 0;
  write(/** @type {Element} */ (byId('streams-box').querySelector('.count')), String(streams.length));
  keep(/** @type {HTMLTableElement} */ (byId('streams')).tBodies[0], streams, stream => stream.name, stream => el('tr', { 'data-row': true, tabindex: '0' },
    el('th', { scope: 'row' }, stream.name), el('td', { 'data-th': 'State' }),
    el('td.text', {}, el('details', { ontoggle: (/** @type {Event} */ event) => opens(event, 'stream', stream.name) }, el('summary', {}, el('code')), el('div')))), (row, stream) => {
    write(row.children[1], stream.enabled ? '● on' : '○ off');
    set(row.children[1], 'class', stream.enabled ? 'ok' : 'gone');
    write(/** @type {Element} */ (row.querySelector('summary code')), place(stream));
  });
}

/** @param {string} name */
function turnOf(name) {
  const rule = told?.rules.find(one => one.name === name);
  if (rule) turn(shell, name, rule.disabled !== null, load);
}

/** What opens it, the worst level first. @param {Rule} rule */
function summary(rule) {
  const word = (/** @type {string} */ wanted) => rule.words.find(([about]) => about === wanted)?.[1];
  const levels = ['critical', 'warning', 'info'].filter(level => word(level)).map(level => `${level} ${word(level)}`);
  return levels.join('; ') || word('absent') || word('picks') || 'its words';
}

/** @param {HTMLElement} row @param {Rule} rule */
function dress(row, rule) {
  const [, open, instances, state, says, doing] = row.children;
  const levels = Object.entries(rule.open ?? {}).filter(([, count]) => count > 0).sort(([a], [b]) => rank(a) - rank(b));
  set(row, 'class', levels.length ? `is-${levels[0][0]}` : null);
  const text = levels.map(([level, count]) => `${levelText(level)} ${count}`).join('  ');
  write(open, `${text}${rule.pending ? `${text ? ', ' : ''}${rule.pending} about to` : ''}` || '–');
  set(open, 'class', `number ${levels[0]?.[0] ?? 'quiet'}`);
  write(instances, format(rule.instances));
  const [word, kind] = rule.disabled ? ['○ disabled', 'gone'] : rule.matches_nothing ? ['○ matches nothing', 'gone'] : ['● on', 'ok'];
  write(state, word);
  set(state, 'class', kind);
  write(says.children[2], place(rule));
  write(says.children[0], rule.disabled ? disabledWords(rule.disabled) : '');
  const button = /** @type {HTMLElement} */ (doing.firstElementChild?.firstElementChild);
  write(button, rule.disabled ? 'Enable' : 'Disable');
  set(button, 'aria-label', `${rule.disabled ? 'Enable' : 'Disable'} ${rule.name}`);
  button.hidden = shell.readOnly;
}

async function reload() {
  if (shell.readOnly) return;
  try {
    const { added, changed, removed } = await send('POST', '/reload');
    const parts = [['added', added], ['changed', changed], ['removed', removed]].filter(([, names]) => names.length).map(([what, names]) => `${what} ${names.join(', ')}`);
    shell.say(`The rules are read. ${parts.join('; ') || 'Nothing changed.'}`);
  } catch (error) {
    shell.say(error instanceof Error ? error.message : String(error), { urgent: true });
  }
  void load();
}
