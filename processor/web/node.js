// One node: is it well, what does it do, what runs on it, what happened, and is its collector well.
// @ts-check
import { Board } from './board.js';
import { CONTAINERS, Containers } from './containers.js';
import { el, keep, set, write } from './dom.js';
import { format, shortSpan } from './format.js';
import { linkGrafana } from './grafana.js';
import { HAPPENED, Happenings } from './happened.js';
import { Alerts, Figures, happenedBox, heading, metric, section, showLevel, worst } from './place.js';
import { start } from './shell.js';
import { NODE } from './sources.js';
import { metricText, unitOf } from './units.js';
import { influxText, nameInPath, onBack, quoted, to } from './url.js';

/** @typedef {import('./live.js').Row} Row */

const host = nameInPath('/nodes/');
const main = /** @type {HTMLElement} */ (document.querySelector('main'));
/** The node's own rows by service. @type {Map<string, Row>} */
const rows = new Map();
/** What the swarm says of it. @type {Map<string, Row>} */
const swarm = new Map();
const head = heading('Node', host);
const figures = new Figures();
const alerts = new Alerts('● Nothing is wrong here.');
const charts = el('div');
const containerTable = el('table.stack', {}, el('caption.hidden', {}, 'Running containers; the buttons in the head sort'), el('thead'), el('tbody'));
const noContainers = el('p.empty', {}, 'No container runs here, or the collector may not read the socket of Docker.');
const happenings = new Happenings(15);
const happened = happenedBox('Nothing yet: starts and ends of containers on this node show here.');
const health = el('dl.facts.health');
const raw = el('div');
const rawCount = el('span.count');
const rawBox = el('details', { ontoggle: () => void openRaw() }, el('summary', {}, 'Show all that the index holds of this node ', rawCount), raw);
/** @type {import('./rowtable.js').RowTable | null} */
let table = null;

main.append(head.element, figures.element, alerts.element, section('Lately', charts), section('Containers', noContainers, el('div.scroll', { hidden: true }, containerTable)),
  happened.element, section('Its collector', health), section('Raw events', rawBox));

const containers = new Containers(containerTable, noContainers);
const condition = `host = ${influxText(host)}`;
const board = new Board(charts, NODE, { choice: { host }, alerts: { host }, events: condition });
const mine = `host = ${quoted(host)}`;
const shell = start({
  title: host, nav: 'swarm',
  queries: { host: mine, containers: `(${CONTAINERS}) and ${mine}`, swarm: `service =~ "docker_node/%" and node = ${quoted(host)}`, happened: `${HAPPENED} and ${mine}` },
  snapshot(name, all) {
    if (name === 'host') {
      rows.clear();
      table?.setSource(shell.live.rows.get('host') ?? new Map());
    }
    if (name === 'containers') containers.clear();
    for (const row of all) take(name, row);
    if (name === 'happened') happenings.fill(condition).catch(() => {}).then(() => shell.ask());
  },
  change: take,
  gone(name, row) {
    if (name === 'host') {
      rows.delete(row.service);
      table?.gone(row);
    }
    if (name === 'containers') containers.drop(row);
    if (name === 'swarm') swarm.delete(row.field ?? '');
  },
  status: status => (linkGrafana(head.grafana, status, 'swarm-node', { host }), board.know()),
  paint,
  keys: [{ key: 'x', about: 'this node in Explore', run: () => location.assign(to.explore(mine)) }],
});

onBack(() => {
  containers.fromUrl();
  containers.markSort();
});

/** @param {string} name @param {Row} row */
function take(name, row) {
  if (name === 'host') {
    rows.set(row.service, row);
    board.take(row);
    table?.change(row);
  } else if (name === 'containers') containers.take(row);
  else if (name === 'swarm') swarm.set(row.field ?? '', row);
  else {
    happenings.take(row);
    board.takeEvent(row);
  }
}

function paint() {
  const here = shell.alerts().filter(row => row.host === host || row.node === host);
  const beat = rows.get('skep_collector/heartbeat');
  const ready = swarm.get('ready')?.metric;
  if (!shell.live.wasOpen) showLevel(head.level, '', '');
  else if (!beat && rows.size === 0) showLevel(head.level, 'gone', '○ nothing is heard of it');
  else if (ready === 0) showLevel(head.level, 'critical', '■ down, says the swarm');
  else showLevel(head.level, worst(here));
  write(head.about, about());
  figures.draw(atFirstSight());
  alerts.draw(here);
  board.paint();
  containers.draw();
  happenings.draw(happened.list);
  happened.list.hidden = happenings.all.size === 0;
  happened.empty.hidden = happenings.all.size > 0;
  showHealth();
  write(rawCount, `(${rows.size})`);
  table?.paint();
}

function about() {
  const role = swarm.get('leader')?.metric === 1 ? 'leader' : swarm.get('ready')?.role;
  const availability = swarm.get('availability')?.state;
  const uptime = metric(rows, 'system/uptime');
  const parts = [role, availability && availability !== 'active' ? availability : '', uptime === null ? '' : `up ${shortSpan(uptime)}`, cpus(), total()];
  return parts.filter(Boolean).join(' · ') || '\u00a0';
}

function cpus() {
  const count = metric(rows, 'system/n_cpus');
  return count === null ? '' : `${count} processor${count === 1 ? '' : 's'}`;
}

function total() {
  const bytes = metric(rows, 'mem/total');
  return bytes === null ? '' : `${format(bytes, 'bytes')} memory`;
}

/** @returns {import('./place.js').Figure[]} */
function atFirstSight() {
  const high = (/** @type {number | null} */ value, /** @type {number} */ limit) => (value !== null && value >= limit ? 'warning' : 'quiet');
  const told = (/** @type {string} */ service, /** @type {(value: number) => string} */ words) => {
    const value = metric(rows, service);
    return value === null ? '' : words(value);
  };
  const [cpu, mem, load, count] = ['cpu/usage_active', 'mem/used_percent', 'system/load1', 'system/n_cpus'].map(service => metric(rows, service));
  const disks = [...rows.values()].filter(row => row.measurement === 'disk' && row.field === 'used_percent').sort((a, b) => (b.metric ?? 0) - (a.metric ?? 0));
  const fullest = disks[0];
  const iowait = metric(rows, 'cpu/usage_iowait');
  return [
    { label: 'CPU', figure: format(cpu, '%'), note: iowait === null ? '' : `${format(iowait, '%')} wait for disks`, kind: high(cpu, 90) },
    { label: 'Memory', figure: format(mem, '%'), note: told('mem/available', free => `${format(free, 'bytes')} free`), kind: high(mem, 90) },
    { label: 'Load', figure: format(load), of: count === null ? '' : `of ${count}`, note: told('system/load15', load15 => `${format(load15)} over 15 min`), kind: high(load !== null && count ? load / count : null, 2) },
    { label: 'Fullest disk', figure: format(fullest?.metric, '%'), note: fullest?.path ?? '', kind: high(fullest?.metric ?? null, 90) },
    { label: 'Containers', figure: rows.size ? String(containers.containers.size) : '–', note: told('processes/total', all => `${format(all)} processes`) },
  ];
}

/** Fields that say how the collector is, and what is too much of one. @type {[string, number][]} */
const HEALTH = [['turn_us', 500_000], ['lateness_us', 500_000], ['turns_missed', Infinity], ['samples', Infinity], ['read_errors', Infinity], ['batches_failed', Infinity], ['batches_dropped', 1], ['waiting_bytes', 50e6],
  ['backlog_bytes', 1], ['backlog_age', 10], ['reconnects', Infinity], ['containers', Infinity], ['containers_open', Infinity], ['samplers_missing', Infinity], ['sees_only_itself', 1], ['open_files', Infinity], ['cpu_seconds', Infinity], ['resident_bytes', 200e6], ['clock_offset', 5]];

function showHealth() {
  const beat = rows.get('skep_collector/heartbeat');
  const silent = beat ? Date.now() / 1000 - beat.time : null;
  /** @type {{name: string, text: string, title: string, level: string}[]} */
  const all = [{ name: 'heard', text: silent === null ? '○ not heard of' : `${silent < 15 ? '●' : '▲'} ${shortSpan(silent)} ago`, title: 'When its last heartbeat came.', level: silent === null ? 'gone' : silent < 15 ? 'ok' : 'warning' }];
  for (const [field, most] of HEALTH) {
    const row = rows.get(`skep_collector/${field}`);
    if (!row) continue;
    const isMuch = (row.metric ?? 0) >= most;
    all.push({ name: field.replaceAll('_', ' ').replace(/ us$/, ''), text: `${isMuch ? '▲ ' : ''}${metricText(row)}`, title: unitOf(row.measurement, row.field)?.sentence ?? '', level: isMuch ? 'warning' : '' });
  }
  keep(health, all, one => one.name, one => el('div', {}, el('dt', {}, one.name), el('dd')), (item, one) => {
    set(item, 'title', one.title || null);
    write(/** @type {Element} */ (item.lastElementChild), one.text);
    set(/** @type {Element} */ (item.lastElementChild), 'class', one.level || null);
  });
}

/** The table of all rows is for who looks into a thing: it comes when it is opened. */
async function openRaw() {
  if (!rawBox.open || table) return;
  document.head.append(el('link', { rel: 'stylesheet', href: '/explore.css' }));
  const { RowTable } = await import('./rowtable.js');
  table = new RowTable(raw, { caption: `Events of ${host}`, open: row => location.assign(`${to.explore(mine)}&${new URLSearchParams({ event: `${row.host} ${row.service}` })}`), sorted: () => {} });
  table.setColumns(['state', 'service', 'metric', 'spark', 'time', 'ttl']);
  table.setSource(shell.live.rows.get('host') ?? new Map());
  shell.ask();
}
