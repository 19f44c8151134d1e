// One service of the swarm: is it whole, where do its tasks run, what do they take of their limits, what happened.
// @ts-check
import { Board } from './board.js';
import { el } from './dom.js';
import { format } from './format.js';
import { linkGrafana } from './grafana.js';
import { HAPPENED, Happenings } from './happened.js';
import { Alerts, Figures, happenedBox, heading, section, showLevel, worst } from './place.js';
import { start } from './shell.js';
import { containers } from './sources.js';
import { Tasks } from './tasks.js';
import { influxText, nameInPath, quoted, to } from './url.js';

/** @typedef {import('./live.js').Row} Row */

const name = nameInPath('/services/');
const main = /** @type {HTMLElement} */ (document.querySelector('main'));
const head = heading('Service', name);
const figures = new Figures();
const alerts = new Alerts('● Nothing is wrong with it.');
const tasks = new Tasks();
const charts = el('div');
const happenings = new Happenings(25);
const happened = happenedBox('Nothing yet: starts, ends and updates show here.');
/** What the swarm says of it, by field. @type {Map<string, Row>} */
const swarm = new Map();
main.append(head.element, figures.element, alerts.element, tasks.element, section('Lately', charts), happened.element);

const condition = `swarm_service = ${influxText(name)}`;
const mine = `swarm_service = ${quoted(name)}`;
/** Some alerts name the service, some only a container of it. @param {Record<string, any>} row */
const isMine = row => row.swarm_service === name || tasks.tasks.has(`${row.host} ${row.container_name}`);
const board = new Board(charts, containers(false), { choice: { swarm_service: name }, alerts: {}, concerns: change => change.service.split('/').some((/** @type {string} */ part) => part === name || tasks.names().has(part)), events: condition });
const shell = start({
  title: name, nav: 'swarm',
  queries: { service: mine, happened: `${HAPPENED} and ${mine}` },
  snapshot(query, rows) {
    if (query === 'service') {
      tasks.clear();
      swarm.clear();
    }
    for (const row of rows) take(query, row);
    if (query === 'happened') happenings.fill(condition).catch(() => {}).then(() => shell.ask());
  },
  change: take,
  gone(query, row) {
    if (query !== 'service') return;
    tasks.drop(row);
    if (row.measurement === 'docker_swarm') swarm.delete(row.field ?? '');
  },
  status: status => (linkGrafana(head.grafana, status, 'swarm-service', { service: name }), board.know()),
  paint,
  keys: [{ key: 'x', about: 'this service in Explore', run: () => location.assign(to.explore(mine)) }],
});

/** @param {string} query @param {Row} row */
function take(query, row) {
  if (query === 'happened') {
    happenings.take(row);
    board.takeEvent(row);
    return;
  }
  if (row.measurement === 'docker_swarm') swarm.set(row.field ?? '', row);
  tasks.take(row);
  board.take(row);
}

function paint() {
  const here = shell.alerts().filter(isMine);
  const [wanted, running] = ['tasks_desired', 'tasks_running'].map(field => swarm.get(field)?.metric ?? null);
  const isShort = wanted !== null && running !== null && running < wanted;
  if (!shell.live.wasOpen) showLevel(head.level, '', '');
  else if (swarm.size === 0 && tasks.tasks.size === 0) showLevel(head.level, 'gone', '○ nothing is heard of it');
  else if (isShort) showLevel(head.level, running === 0 ? 'critical' : 'warning', running === 0 ? '■ none runs' : `▲ ${wanted - running} short`);
  else showLevel(head.level, worst(here));
  const told = swarm.get('tasks_desired');
  head.about.textContent = [told?.swarm_stack && `stack ${told.swarm_stack}`, told?.service_mode].filter(Boolean).join(' · ') || '\u00a0';
  figures.draw(atFirstSight(wanted, running, isShort));
  alerts.draw(here);
  tasks.draw();
  board.paint();
  happenings.draw(happened.list);
  happened.list.hidden = happenings.all.size === 0;
  happened.empty.hidden = happenings.all.size > 0;
}

/** @param {number | null} wanted @param {number | null} running @param {boolean} isShort @returns {import('./place.js').Figure[]} */
function atFirstSight(wanted, running, isShort) {
  const sums = tasks.sums();
  const waits = ['pending', 'preparing', 'starting'].map(word => [word, swarm.get(`tasks_${word}`)?.metric ?? 0]).filter(([, count]) => count);
  const update = swarm.get('update_state')?.state ?? '';
  const isBad = /paused|rollback/.test(update);
  return [
    { label: 'Tasks running', figure: running === null ? String(sums.count) : String(running), of: wanted === null ? '' : `of ${wanted}`, note: waits.length ? `${isShort ? '▲' : '◆'} ${waits.map(([word, count]) => `${count} ${word}`).join(', ')}` : isShort ? '▲ short of tasks' : '● all run', kind: isShort ? 'warning' : waits.length ? 'info' : 'ok' },
    { label: 'Last update', figure: update && update !== 'none' ? update.replaceAll('_', ' ') : '–', note: isBad ? '▲ did not go through' : '', kind: isBad ? 'warning' : 'quiet' },
    { label: 'Failed tasks', figure: format(swarm.get('tasks_failed')?.metric), note: 'since the leader counts' },
    { label: 'CPU', figure: format(sums.cpu, '%'), note: 'of one processor, all tasks' },
    { label: 'Memory', figure: format(sums.mem, 'bytes'), note: `on ${sums.nodes} node${sums.nodes === 1 ? '' : 's'}` },
  ];
}
