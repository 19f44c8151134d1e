// One alert: why each of its instances is open or not, its number over time, its changes, what the rule says.
// @ts-check
import { Refused, get, inTurn } from './ask.js';
import { Board } from './board.js';
import { disabledWords, turn } from './disabled.js';
import { byId, el, keep, set, ticked, write, writeTicked } from './dom.js';
import { format, levelClass, levelText, span, when } from './format.js';
import { linkGrafana } from './grafana.js';
import { chosen, inOrder, isOpen, openWords } from './instances.js';
import { focusedRow } from './keys.js';
import { byInstance, drawRibbon, keyOf, ribbon, stretches } from './past.js';
import { ago, setAgo, start } from './shell.js';
import { unitOf } from './units.js';
import { nameInPath, onBack, param, quoted, setParams } from './url.js';
import * as writings from './written.js';

const DAY = 86_400;
const EVERY_MS = 5_000;
/** Instances and changes that are listed. */
const MOST = 200;

/** @typedef {import('./instances.js').Instance} Instance */
/** What /api/v1/explain tells; those that are open come first, and `more` are left out.
 * @typedef {{alert: string, now: string, words: [string, string][], disabled: import('./disabled.js').Disabled | null, instances: Instance[], more: number}} Told */

const name = nameInPath('/alerts/');
const address = `/api/v1/explain/${encodeURIComponent(name)}`;
/** @type {Told | null} */
let told = null;
/** @type {Instance[]} the one that is looked at, where it was left out */
let leftOut = [];
/** Fields of instances that were left out, null of those that are not open. @type {Map<string, Record<string, string | null> | null>} */
const fieldsLeftOut = new Map();
/** @type {import('./past.js').Change[]} */
let changes = [];
let problem = '';
let selected = param('instance');

/** @type {Board | null} */
let board = null;
/** What the chart is of. */
let charted = '\n';

/** Its own events; those of the metric that the chart shows come once it is known. */
const OWN = { own: `service = ${quoted(`alert/${name}`)} or service =~ ${quoted(`alert/${name}/%`)}` };

const shell = start({
  title: name, nav: 'alerts', paint,
  queries: OWN,
  status: status => linkGrafana(/** @type {HTMLAnchorElement} */ (byId('grafana')), status, 'swarm-alerts', { alert: name }),
  snapshot: query => query === 'own' && void load(),
  change: (query, row) => (query === 'metric' ? board?.take(row) : later()),
  gone: query => query === 'own' && later(),
  keys: [
    { key: 's', about: 'silence the instance', run: () => act('silence') },
    { key: 'a', about: 'acknowledge the instance', run: () => act('acknowledge') },
    { key: 'd', about: 'disable the rule, or enable it', run: turnRule },
    { key: 'e', about: 'explain the instance', run: () => choose(focusedRow()?.dataset.instance ?? selected) },
  ],
});

let timer = 0;
function later() {
  clearTimeout(timer);
  timer = setTimeout(load, 500);
}
setInterval(() => document.hidden || void load(), EVERY_MS);
onBack(() => {
  selected = param('instance');
  shell.ask();
  void load();
});

const loads = inTurn();

async function load() {
  const isNews = loads();
  try {
    /** @type {Told} */
    const fresh = await get(address);
    const others = await lookFor(selected, fresh).catch(() => []);
    const past = await get('/api/v1/alerts/history', { from: Math.floor(Date.now() / 1000) - DAY, alert: name }).catch(() => []);
    if (!isNews()) return;
    [told, leftOut, changes, problem] = [fresh, others, past, ''];
    loadWritten(JSON.stringify(fresh.words)).catch(() => (wordsThen = undefined));
  } catch (error) {
    if (error instanceof Refused && isNews()) problem = error.message;
  }
  shell.ask();
}

/** An instance that an answer leaves out, by its fields, which the list of all open alerts has. @param {string} wanted @param {Told} from @returns {Promise<Instance[]>} */
async function lookFor(wanted, { instances, more }) {
  if (!wanted || !more || instances.some(one => one.instance === wanted)) return [];
  if (!fieldsLeftOut.has(wanted)) {
    const open = await get('/api/v1/alerts');
    fieldsLeftOut.set(wanted, open.find((/** @type {any} */ one) => one.alert === name && one.instance === wanted)?.fields ?? null);
  }
  const fields = fieldsLeftOut.get(wanted);
  if (!fields) return [];
  /** @type {Told} */
  const found = await get(address, Object.fromEntries(Object.entries(fields).map(([field, value]) => [field, value ?? '-'])));
  return found.instances.filter(one => one.instance === wanted);
}

/** The words that the rule's text was asked for with. @type {string | undefined} */
let wordsThen;
/** Its text and tests, anew when its words are others. @param {string} words */
async function loadWritten(words) {
  if (wordsThen === words) return;
  wordsThen = words;
  const { last, written, tests } = await writings.ask('alert', name);
  if (wordsThen !== words) return;
  const over = written[written.length - 1];
  byId('source-box').hidden = !over;
  write(byId('file'), over ? writings.place(over) : '');
  byId('source').replaceChildren(...writings.parts(written));
  byId('tests').replaceChildren(writings.testList(tests));
  write(byId('read'), `${last.since ? `Read at ${when(last.since)}. ` : ''}${last.ok ? '' : '■ The rule files have mistakes now: what runs may be older than what they say.'}`);
}

/** @param {Instance} one */
const label = one => Object.entries(one.fields).map(([key, value]) => `${key} ${value ?? '–'}`).join(', ') || 'the one instance';

const instances = () => inOrder([...(told?.instances ?? []), ...leftOut]);

function paint() {
  write(byId('bread'), name);
  write(byId('name'), name);
  const list = instances();
  const one = chosen(list, selected);
  const text = problem || (!told ? 'Loading…' : selected && !one ? missing(told.more) : '');
  byId('problem').hidden = text === '';
  write(byId('problem'), text);
  byId('known').hidden = !told;
  if (!told) return;
  write(byId('states'), openWords(told.instances, told.more));
  set(byId('states'), 'class', `count ${levelClass(list[0] && isOpen(list[0]) ? list[0].state : 'ok')}`);
  byId('one').hidden = !one;
  byId('chart-box').hidden = !one || !board;
  if (one) {
    explain(one);
    void drawChart(one);
  }
  drawInstances(list, one);
  drawChanges();
  drawDisabled(told.disabled);
  const words = told.words;
  keep(byId('words'), words.flatMap(([about, text], index) => [{ key: `${index}t`, tag: 'dt', text: about }, { key: `${index}d`, tag: 'dd', text }]), ({ key }) => key,
    ({ tag }) => el(tag === 'dt' ? 'dt' : 'dd'), (element, { text }) => write(element, text));
}

/** Why nothing is told of the instance that the address names. @param {number} more */
function missing(more) {
  return `There is no instance “${selected}” now${more ? `, or it is one of the ${more} that are left out` : ''}.`;
}

/** @param {import('./disabled.js').Disabled | null} by */
function drawDisabled(by) {
  byId('disabled').hidden = !by;
  write(byId('disabled'), by ? `○ ${disabledWords(by)}. Nobody is told of its alerts.` : '');
  write(byId('turn'), by ? 'Enable' : 'Disable');
  byId('turn').hidden = shell.readOnly;
}

function turnRule() {
  if (told) turn(shell, name, told.disabled !== null, load);
}
byId('turn').addEventListener('click', turnRule);

/** What went in, what came out, what is missing: the rule's steps with the values of one instance. @param {Instance} one */
function explain(one) {
  write(byId('one-name'), label(one));
  const since = one.since ? `${levelText(one.state)} since ${when(one.since)}, for ${span(Date.now() / 1000 - Date.parse(one.since) / 1000)}.` : `${levelText(one.state)}.`;
  write(byId('sentence'), `${since}${one.value === null ? '' : ` Its number is ${format(one.value)}.`}`);
  set(byId('sentence'), 'class', `sentence ${levelClass(one.state)}`);
  const word = (/** @type {string} */ about) => told?.words.filter(([each]) => each === about).map(([, text]) => text) ?? [];
  /** @type {[string, string, string][]} what, rule, value */
  const steps = [
    ...word('picks').map(text => /** @type {[string, string, string]} */ (['Picks', text, ''])),
    ['Instance', word('instances')[0] ?? '', label(one)],
    ...word('number').map(text => /** @type {[string, string, string]} */ (['Number', text, format(one.value)])),
    ...one.why.map(text => /** @type {[string, string, string]} */ ([topic(text), '', text])),
    ...(isOpen(one) ? word('closes').map(text => /** @type {[string, string, string]} */ (['Closes', text, ''])) : []),
    ['State', '', levelText(one.state)],
  ];
  keep(byId('steps'), steps, step => step.join('\n'), ([what, rule, value]) => el('li', {}, el('span.what', {}, what), el('span.rule', {}, ...ticked(rule)), el('span.value', {}, ...ticked(value))), () => {});
  const open = isOpen(one) && !shell.readOnly;
  if (byId('one-actions').childElementCount === 0) {
    byId('one-actions').append(el('button', { type: 'button', onclick: () => act('silence') }, 'Silence'), el('button', { type: 'button', onclick: () => act('acknowledge') }, 'Acknowledge'));
  }
  byId('one-actions').hidden = !open;
}

/** What a sentence of `why` is about. @param {string} text */
function topic(text) {
  if (text.startsWith('muted')) return 'Muted';
  if (/expire/.test(text)) return 'Expires';
  return /^\x60|needs/.test(text) ? 'Level' : 'Also';
}

/** @param {Instance[]} list @param {Instance | undefined} shown */
function drawInstances(list, shown) {
  const now = Date.now() / 1000;
  const past = byInstance(changes);
  const n = list.length - leftOut.length + (told?.more ?? 0);
  write(byId('n-instances'), n > MOST ? `${MOST} of ${n}` : String(n));
  byId('no-instances').hidden = n > 0;
  byId('instances-box').hidden = n === 0;
  keep(/** @type {HTMLTableElement} */ (byId('instances')).tBodies[0], list.slice(0, MOST), one => one.instance, one => el('tr', { 'data-row': true, tabindex: '0', 'data-instance': one.instance },
    el('td.level', { 'data-th': 'State' }), el('td.title', {}, el('a', { href: `?instance=${encodeURIComponent(one.instance)}`, onclick: (/** @type {Event} */ event) => {
      event.preventDefault();
      choose(one.instance);
    } }, label(one))), el('td.number', { 'data-th': 'Value' }), el('td.number', { 'data-th': 'Since' }, ago(one.since ?? NaN, '')), el('td.wide.past', {}, ribbon('24 h')), el('td.text')), (row, one) => {
    const [state, , value, since, ribboned, why] = row.children;
    set(row, 'aria-selected', one === shown ? 'true' : null);
    set(row, 'class', isOpen(one) ? `is-${one.state}` : null);
    write(state, levelText(one.state));
    set(state, 'class', `level ${levelClass(one.state)}`);
    write(value, format(one.value));
    if (one.since) setAgo(/** @type {Element} */ (since.firstElementChild), one.since);
    drawRibbon(/** @type {SVGElement} */ (ribboned.firstElementChild), stretches(past.get(keyOf({ alert: name, instance: one.instance })) ?? [], now - DAY, now, one));
    writeTicked(/** @type {HTMLElement} */ (why), one.why.join('; '));
  });
}

function drawChanges() {
  const list = [...changes].reverse().slice(0, MOST);
  byId('no-changes').hidden = list.length > 0;
  byId('changes-box').hidden = list.length === 0;
  write(byId('n-changes'), changes.length > MOST ? `${MOST} of ${changes.length}` : String(changes.length));
  keep(/** @type {HTMLTableElement} */ (byId('changes')).tBodies[0], list, one => `${one.at} ${one.instance}`, one => el('tr', { 'data-row': true, tabindex: '0' },
    el('td', { 'data-th': 'When' }), el('td', { 'data-th': 'Instance' }, one.instance || '–'), el('td.level', { 'data-th': 'From', class: `level ${levelClass(one.from)}` }, levelText(one.from)),
    el('td.level', { 'data-th': 'To', class: `level ${levelClass(one.to)}` }, levelText(one.to)), el('td.number', { 'data-th': 'Value' }, format(one.value)), el('td.message', {}, one.message)),
    (row, one) => write(row.children[0], when(one.at)));
}

/** The metric that a rule over samples themselves looks at. @param {string | undefined} ofInstance its service, where the rule tells instances by it @returns {{measurement: string, field: string, cpu?: string} | null} */
function metric(ofInstance) {
  const word = (/** @type {string} */ about) => told?.words.filter(([each]) => each === about).map(([, text]) => text) ?? [];
  const picks = word('picks');
  const own = word('number')[0] === "the event's own";
  const service = !own ? undefined : ofInstance ?? (picks.length === 1 ? /^events where service =~? "([^"]+)"/.exec(picks[0])?.[1] : undefined);
  const parts = service?.split('/') ?? [];
  return parts.length >= 2 && parts.slice(1).every((part, index) => index < parts.length - 2 || !part.includes('%')) ? { measurement: parts[0], field: parts[parts.length - 1], ...(service === 'cpu/usage_active' ? { cpu: 'cpu-total' } : {}) } : null;
}

/** Its number over time, with the levels and what was open drawn in. @param {Instance} one */
async function drawChart(one) {
  if (charted === one.instance) {
    if (board) board.now = Math.max(board.now, Date.now() / 1000 - 2);
    return board?.paint();
  }
  charted = one.instance;
  const fields = Object.fromEntries(Object.entries(one.fields).filter(/** @returns {pair is [string, string]} */ pair => pair[1] !== null));
  // The service of a sample is measurement and field in the store; of what an alert told it is a tag.
  const { service, ...where } = fields;
  let of = metric(service);
  // Events that are no samples are in no store: then there is what the alert itself told.
  if (of) of = (await get('/api/v1/series', { ...where, ...of, step: '600s' }).catch(() => [])).length ? of : null;
  if (charted !== one.instance) return;
  const spec = of ? { title: `${of.measurement}/${of.field}`, unit: unitOf(of.measurement, of.field)?.unit ?? '', sources: [{ measurement: of.measurement, field: of.field, where: of.cpu ? { ...where, cpu: of.cpu } : where, label: lineName }] }
    : { title: 'The number of the rule, while it was open', unit: '', sources: [{ measurement: 'alert', field: 'value', where: { ...fields, name }, label: lineName }] };
  byId('chart-box').hidden = false;
  if (of) shell.watch({ ...OWN, metric: `service = ${quoted(`${of.measurement}/${of.field}`)} or service =~ ${quoted(`${of.measurement}/%/${of.field}`)}` });
  board?.end();
  board = new Board(byId('chart'), [spec], { alerts: { alert: name }, concerns: change => change.instance === one.instance, range: 3600 });
  board.know();
}

/** A line is named by what tells it from others. @param {Record<string, any>} tags */
function lineName(tags) {
  return Object.entries(tags).filter(([key]) => !['name', 'level'].includes(key)).map(([, value]) => value).join(' ') || name;
}

/** Shows why of another instance. @param {string} instance */
function choose(instance) {
  selected = instance;
  setParams({ instance }, { push: true });
  shell.ask();
  byId('one').scrollIntoView({ block: 'nearest' });
}

/** Its dialogs are fetched when the first is opened. @param {'silence' | 'acknowledge'} what */
function act(what) {
  const one = chosen(instances(), focusedRow()?.dataset.instance ?? selected);
  if (!one || shell.readOnly) return;
  const target = { alert: name, query: one.query, host: one.fields.host ?? null, fields: one.fields };
  import('./dialogs.js').then(dialogs => dialogs[what](target)).then(said => {
    if (said) shell.say(said);
    void load();
  }, error => shell.say(error.message, { urgent: true }));
}

