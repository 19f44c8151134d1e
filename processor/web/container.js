// One container, by its name or Docker's id: what it is, what it takes of its limits, how it started and ended.
// @ts-check
import { get } from './ask.js';
import { Board } from './board.js';
import { el, keep, set, write } from './dom.js';
import { format, shortSpan, when } from './format.js';
import { linkGrafana } from './grafana.js';
import { HAPPENED, Happenings } from './happened.js';
import { loud } from './open.js';
import { Alerts, Figures, happenedBox, heading, section, showLevel, worst } from './place.js';
import { start } from './shell.js';
import { containers } from './sources.js';
import { stateOf } from './tasks.js';
import { influxText, nameInPath, param, quoted, to } from './url.js';

/** @typedef {import('./live.js').Row} Row */

const name = nameInPath('/containers/');
const main = /** @type {HTMLElement} */ (document.querySelector('main'));
const head = heading('Container', name);
const figures = new Figures();
const alerts = new Alerts('● Nothing is wrong with it.');
const facts = el('dl.facts');
const known = el('div.panel', {}, facts);
const unknown = el('p.empty', {}, 'No collector tells of a container of this name.');
const charts = el('div');
const happenings = new Happenings(25);
const happened = happenedBox('Nothing yet: its starts, ends and health checks show here.');
/** By measurement and field, without the name between. @type {Map<string, Row>} */
const rows = new Map();
main.append(head.element, figures.element, alerts.element, section('What it is', known, unknown), section('Lately', charts), happened.element);

// Two nodes may have containers of one name: `host` in the address picks one.
const host = param('host');
const mine = `container_name = ${quoted(name)}${host ? ` and host = ${quoted(host)}` : ''}`;
const condition = `container_name = ${influxText(name)}${host ? ` AND host = ${influxText(host)}` : ''}`;
const board = new Board(charts, containers(true), { choice: { container_name: name, ...(host && { host }) }, alerts: host ? { host } : {}, concerns: change => change.service.split('/').includes(name), events: condition });
const shell = start({
  title: name, nav: 'swarm',
  queries: { container: mine, happened: `${HAPPENED} and ${mine}` },
  snapshot(query, all) {
    if (query === 'container') rows.clear();
    for (const row of all) take(query, row);
    if (query === 'happened') happenings.fill(condition).catch(() => {}).then(() => shell.ask());
    else if (all.length === 0 && /^[0-9a-f]{12,64}$/.test(name)) void findById();
  },
  change: take,
  gone: (query, row) => query === 'container' && rows.delete(`${row.measurement}/${row.field}`),
  status: status => (linkGrafana(head.grafana, status, 'swarm-container', { container: name, ...(host && { host }) }), board.know()),
  paint,
  keys: [{ key: 'x', about: 'this container in Explore', run: () => location.assign(to.explore(mine)) }],
});

/** Docker's id in the address leads to the name. */
async function findById() {
  const found = await get('/api/v1/index', { query: 'service =~ "docker_container_status/%/container_id"' }).catch(() => []);
  const one = found.find((/** @type {any} */ event) => event.state?.startsWith(name));
  if (one) location.replace(to.container(one.container_name));
}

/** @param {string} query @param {Row} row */
function take(query, row) {
  if (query === 'happened') {
    happenings.take(row);
    board.takeEvent(row);
    return;
  }
  // Interfaces and devices stand below the container's own rows.
  if (row.instance === row.container_name) rows.set(`${row.measurement}/${row.field}`, row);
  board.take(row);
}

/** @param {string} key */
const number = key => rows.get(key)?.metric ?? null;
/** @param {string} key */
const text = key => rows.get(key)?.state ?? '';

function state() {
  return { status: text('docker_container_status/container_status'), health: text('docker_container_health/health_status'), oom: number('docker_container_status/oomkilled') === 1, exit: number('docker_container_status/exitcode') };
}

function paint() {
  const here = shell.alerts().filter(row => row.container_name === name && (!host || row.host === host));
  const [word, level] = stateOf(state());
  if (!shell.live.wasOpen) showLevel(head.level, '', '');
  else if (loud(here).length) showLevel(head.level, worst(here));
  else showLevel(head.level, level, word);
  const any = rows.values().next().value;
  write(head.about, [any?.swarm_stack && `stack ${any.swarm_stack}`, image()].filter(Boolean).join(' · ') || '\u00a0');
  figures.draw(atFirstSight());
  alerts.draw(here);
  showFacts(any);
  board.paint();
  happenings.draw(happened.list);
  happened.list.hidden = happenings.all.size === 0;
  happened.empty.hidden = happenings.all.size > 0;
}

function image() {
  const [made, version] = [text('docker_container_status/container_image'), text('docker_container_status/container_version')];
  return made && `${made}${version ? `:${version}` : ''}`;
}

/** @returns {import('./place.js').Figure[]} */
function atFirstSight() {
  const [quota, stopped, mem, limit, share] = ['docker_container_cpu/usage_limit_percent', 'docker_container_cpu/throttling_percent', 'docker_container_mem/working_set', 'docker_container_mem/limit', 'docker_container_mem/usage_percent'].map(number);
  const { status, exit } = state();
  const started = number('docker_container_status/started_at');
  const isUp = status === 'running' && started;
  const restarts = number('docker_container_status/restart_count');
  const [pids, most] = ['docker_container_status/pids_current', 'docker_container_status/pids_limit'].map(number);
  return [
    { label: 'CPU', figure: format(number('docker_container_cpu/usage_percent'), '%'), note: quota === null ? (rows.size ? 'no quota' : '') : `${format(quota, '%')} of its quota${stopped ? `, stopped ${format(stopped, '%')}` : ''}`, kind: (quota ?? 0) >= 95 ? 'warning' : 'quiet' },
    { label: 'Memory', figure: format(mem, 'bytes'), note: limit === null ? '' : `${format(share, '%')} of ${format(limit, 'bytes')}`, kind: (share ?? 0) >= 90 ? 'warning' : 'quiet' },
    { label: 'Up', figure: isUp ? shortSpan(Date.now() / 1000 - started / 1e9) : '–', note: isUp ? '' : exit === null || status === 'created' ? '' : `ended with ${exit}`, kind: exit ? 'critical' : 'quiet' },
    { label: 'Restarts', figure: format(restarts), note: 'by its restart policy', kind: (restarts ?? 0) > 0 ? 'warning' : 'quiet' },
    { label: 'Processes', figure: format(pids), of: most === null ? '' : `of ${most}`, note: '' },
  ];
}

/** @param {Row | undefined} any */
function showFacts(any) {
  const started = number('docker_container_status/started_at');
  const [word] = stateOf(state());
  /** @type {[string, string, string | null][]} */
  const all = [
    ['node', any?.host ?? '', any?.host ? to.node(any.host) : null], ['service', any?.swarm_service ?? '', any?.swarm_service ? to.service(any.swarm_service) : null], ['slot', any?.task_slot ?? '', null],
    ['state', any ? word : '', null], ['image', image(), null], ['id', text('docker_container_status/container_id').slice(0, 12), null], ['started', started ? when(started / 1e9) : '', null],
    ['writable layer', number('docker_disk_usage/size_rw') === null ? '' : format(number('docker_disk_usage/size_rw'), 'bytes'), null],
  ];
  known.hidden = !any;
  unknown.hidden = Boolean(any);
  keep(facts, all.filter(([, value]) => value), ([key]) => key, ([key, , href]) => el('div', {}, el('dt', {}, key), el('dd', {}, href ? el('a', { href }) : el('span'))), (item, [, value, href]) => {
    const shown = /** @type {Element} */ (item.lastElementChild?.firstElementChild);
    write(shown, value);
    if (href) set(shown, 'href', href);
  });
}
