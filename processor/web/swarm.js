// The first page: is anything wrong, are all nodes and services there, who takes what, what happened.
// @ts-check
import { get } from './ask.js';
import { CONTAINERS, Containers } from './containers.js';
import { byId, el, keep, set, write } from './dom.js';
import { format, levelText, rank } from './format.js';
import { HAPPENED, Happenings } from './happened.js';
import { NODES, Nodes } from './nodes.js';
import { counts, loud, messageOf, sorted, whereOf } from './open.js';
import { SERVICES, Services } from './services.js';
import { ago, setAgo, start } from './shell.js';
import { onBack, to } from './url.js';

/** Open alerts that the page lists itself. */
const MOST_ALERTS = 8;

const nodes = new Nodes(byId('node-cards'));
const containers = new Containers(/** @type {HTMLTableElement} */ (byId('containers')), byId('no-containers'));
const services = new Services(/** @type {HTMLTableElement} */ (byId('services')));
const happenings = new Happenings(20);
/** @type {number | null} */
let rate = null;

/** @typedef {import('./live.js').Row} Row */
/** @type {Record<string, {clear: () => void, take: (row: Row) => void, drop: (row: Row) => void}>} */
const parts = {
  nodes, containers, services,
  happened: { clear() {}, take: row => happenings.take(row), drop() {} },
  rate: { clear() {}, take: row => (rate = row.metric), drop: () => (rate = null) },
};

const shell = start({
  title: 'Swarm', nav: 'swarm',
  queries: { nodes: NODES, services: SERVICES, containers: CONTAINERS, happened: HAPPENED, rate: 'service = "skep_processor/events_rate"' },
  snapshot(name, rows) {
    parts[name].clear();
    for (const row of rows) parts[name].take(row);
    if (name === 'nodes' || name === 'containers') fillPast(name).catch(() => {});
    if (name === 'happened') happenings.fill().catch(() => {}).then(() => shell.ask());
  },
  change: (name, row) => parts[name].take(row),
  gone: (name, row) => parts[name].drop(row),
  paint,
});

onBack(() => {
  containers.fromUrl();
  containers.markSort();
  shell.ask();
});

function paint() {
  const alerts = sorted(shell.alerts());
  /** @type {Map<string, string>} */
  const worst = new Map();
  for (const { host, state } of loud(alerts)) if (state && rank(state) < rank(worst.get(host) ?? null)) worst.set(host, state);
  services.addUp(containers.figures());
  tiles(alerts);
  byId('wrong').hidden = alerts.length === 0;
  keep(/** @type {HTMLTableElement} */ (byId('alerts')).tBodies[0], alerts.slice(0, MOST_ALERTS), row => `${row.host} ${row.service}`, line, dress);
  byId('more-alerts').hidden = alerts.length <= MOST_ALERTS;
  byId('no-nodes').hidden = nodes.nodes.size > 0;
  nodes.draw(worst);
  byId('swarm').hidden = services.services.size === 0;
  services.draw();
  containers.draw();
  happenings.draw(byId('happened'));
  byId('happened').hidden = happenings.all.size === 0;
  byId('nothing-happened').hidden = happenings.all.size > 0;
}

/** @typedef {{label: string, href: string, figure: string, of: string, note: string, kind: string}} Tile */

/** @param {Row[]} alerts */
function tiles(alerts) {
  const open = loud(alerts);
  const silenced = alerts.length - open.length;
  const [node, service, found] = [nodes.counts(), services.counts(), counts(open)];
  const live = shell.live.wasOpen;
  /** @type {Tile[]} */
  const all = [
    { label: 'Nodes up', href: '/#nodes', figure: String(node.up), of: `of ${node.all}`, note: node.silent.length ? `■ ${node.silent.join(', ')}` : node.all ? '● all are heard of' : '', kind: node.silent.length ? 'critical' : 'ok' },
    { label: 'Services whole', href: '/#services-title', figure: service.all ? String(service.ok) : '–', of: service.all ? `of ${service.all}` : '', note: service.short.length ? `▲ short: ${service.short.map(one => one.name).join(', ')}` : service.all ? '● all tasks run' : 'no swarm is seen', kind: service.short.length ? 'warning' : service.all ? 'ok' : 'quiet' },
    { label: 'Alerts open', href: '/alerts', figure: live ? String(open.length) : '–', of: silenced ? `and ${silenced} silenced` : '', note: found.length ? found.map(([level, count]) => `${levelText(level)} ${count}`.replaceAll(' ', '\u00a0')).join('  ') : live ? '● nothing is wrong' : '', kind: found[0]?.[0] ?? 'ok' },
    { label: 'Events a second', href: '/status', figure: rate === null ? '–' : format(Math.round(rate)), of: '', note: `${containers.running().length} containers`, kind: 'quiet' },
  ];
  keep(byId('tiles'), all, tile => tile.label, tile => el('li', {}, el('a.tile', { href: tile.href }, el('span.label', {}, tile.label), el('span.figure', {}, el('span'), ' ', el('small')), el('span.note'))), (item, tile) => {
    const [, figure, note] = /** @type {Element} */ (item.firstElementChild).children;
    write(figure.children[0], tile.figure);
    write(figure.children[1], tile.of);
    write(note, tile.note);
    set(note, 'class', `note ${tile.kind}`);
  });
}

/** @param {Row} row */
function line(row) {
  return el('tr', { 'data-row': true, tabindex: '0' }, el('td.level', { 'data-th': 'Level' }), el('td', { 'data-th': 'Alert' }, el('a', { href: to.alert(row.alert) }, row.alert)),
    el('td.wide.where', { 'data-th': 'Where' }), el('td.number', { 'data-th': 'Since' }, ago(row.since, '')), el('td.message'));
}

/** @param {HTMLElement} tr @param {Row} row */
function dress(tr, row) {
  const [level, , where, since, message] = tr.children;
  set(tr, 'class', `is-${row.state}`);
  write(level, levelText(row.state));
  set(level, 'class', `level ${row.state}`);
  write(where, whereOf(row));
  setAgo(/** @type {Element} */ (since.firstElementChild), row.since);
  write(message, messageOf(row));
}

/** Lines start with what the store knows of the last five minutes. @param {'nodes' | 'containers'} name */
async function fillPast(name) {
  /** @type {Record<string, string>} */
  const choice = name === 'nodes' ? { measurement: 'cpu', field: 'usage_active', cpu: 'cpu-total' } : { measurement: 'docker_container_cpu', field: 'usage_percent' };
  const now = Math.floor(Date.now() / 1000);
  for (const { tags, points } of await get('/api/v1/series', { ...choice, from: now - 300, to: now, step: '2s' })) {
    const history = name === 'nodes' ? nodes.nodes.get(tags.host)?.history : containers.containers.get(`${tags.host}\n${tags.container_name}`)?.history;
    if (!history) continue;
    const newer = history.points;
    history.points = [];
    for (const [time, value] of [...points, ...newer]) if (value !== null) history.push(time, value);
  }
  shell.ask();
}
