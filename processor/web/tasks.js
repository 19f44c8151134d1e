// The tasks of a service: where each runs, since when, what it takes of its limits, and how the ones before it ended.
// @ts-check
import { el, keep, set, write } from './dom.js';
import { format, shortSpan } from './format.js';
import { to } from './url.js';

/** @typedef {import('./live.js').Row} Row */
/** @typedef {{name: string, host: string, slot: string, status: string, health: string, exit: number | null, oom: boolean, restarts: number, started: number | null,
 *   cpu: number | null, quota: number | null, mem: number | null, limit: number | null, ofLimit: number | null}} Task */

const HEADS = ['Task', 'Slot', 'Node', 'State', 'Exit code', 'Restarts', 'CPU', 'of quota', 'Memory', 'of limit', 'Up'];
/** Which are numbers, and so stand at the right. */
const NUMBERS = new Set(['Exit code', 'Restarts', 'CPU', 'of quota', 'Memory', 'of limit', 'Up']);

/** Where a field of a container goes. @type {Record<string, (task: Task, row: Row) => void>} */
const TAKE = {
  'docker_container_status/container_status': (task, row) => (task.status = row.state ?? ''),
  'docker_container_health/health_status': (task, row) => (task.health = row.state ?? ''),
  'docker_container_status/exitcode': (task, row) => (task.exit = row.metric),
  'docker_container_status/oomkilled': (task, row) => (task.oom = row.metric === 1),
  'docker_container_status/restart_count': (task, row) => (task.restarts = row.metric ?? 0),
  'docker_container_status/started_at': (task, row) => (task.started = row.metric ? row.metric / 1e9 : null),
  'docker_container_cpu/usage_percent': (task, row) => (task.cpu = row.metric),
  'docker_container_cpu/usage_limit_percent': (task, row) => (task.quota = row.metric),
  'docker_container_mem/working_set': (task, row) => (task.mem = row.metric),
  'docker_container_mem/limit': (task, row) => (task.limit = row.metric),
  'docker_container_mem/usage_percent': (task, row) => (task.ofLimit = row.metric),
};

export class Tasks {
  constructor() {
    /** @type {Map<string, Task>} */
    this.tasks = new Map();
    this.body = el('tbody');
    this.none = el('p.empty', {}, 'No task runs where a collector sees it.');
    this.table = el('div.scroll', { hidden: true }, el('table.stack', {}, el('caption.hidden', {}, 'Tasks that run'),
      el('thead', {}, el('tr', {}, ...HEADS.map(name => el('th', { scope: 'col', class: NUMBERS.has(name) ? 'number' : null }, name)))), this.body));
    this.element = el('section', { 'aria-labelledby': 'tasks-title' }, el('h2', { id: 'tasks-title' }, 'Tasks'), this.none, this.table);
  }

  clear() {
    this.tasks.clear();
  }

  /** @param {Row} row */
  take(row) {
    const how = row.container_name ? TAKE[`${row.measurement}/${row.field}`] : undefined;
    if (!how) return;
    const key = `${row.host} ${row.container_name}`;
    const task = this.tasks.get(key) ?? { name: row.container_name, host: row.host, slot: row.task_slot ?? '', status: '', health: '', exit: null, oom: false, restarts: 0, started: null, cpu: null, quota: null, mem: null, limit: null, ofLimit: null };
    this.tasks.set(key, task);
    how(task, row);
  }

  /** @param {Row} row */
  drop(row) {
    const key = `${row.host} ${row.container_name}`;
    const task = this.tasks.get(key);
    if (!task) return;
    if (row.field === 'container_status') this.tasks.delete(key);
    else if (row.measurement === 'docker_container_cpu' || row.measurement === 'docker_container_mem') Object.assign(task, { cpu: null, quota: null, mem: null, ofLimit: null });
  }

  /** The names of their containers. */
  names() {
    return new Set([...this.tasks.values()].map(task => task.name));
  }

  /** What all together take. */
  sums() {
    const all = [...this.tasks.values()];
    return { cpu: all.reduce((sum, task) => sum + (task.cpu ?? 0), 0), mem: all.reduce((sum, task) => sum + (task.mem ?? 0), 0), restarts: all.reduce((sum, task) => sum + task.restarts, 0), nodes: new Set(all.map(task => task.host)).size, count: all.length };
  }

  draw() {
    const all = [...this.tasks.values()].sort((a, b) => a.name.localeCompare(b.name, 'en', { numeric: true }) || a.host.localeCompare(b.host));
    this.table.hidden = all.length === 0;
    this.none.hidden = all.length > 0;
    keep(this.body, all, task => `${task.host} ${task.name}`, task => el('tr', { 'data-row': true, tabindex: '0' },
      el('th', { scope: 'row' }, el('a', { href: to.container(task.name) }, task.name)), el('td', { 'data-th': 'Slot' }, task.slot || '–'), el('td', { 'data-th': 'Node' }, el('a', { href: to.node(task.host) }, task.host)),
      ...HEADS.slice(3).map(name => el('td', { 'data-th': name, class: NUMBERS.has(name) ? 'number' : null }))), dress);
  }
}

/** Symbol, word and level of what a container does. @param {{status: string, health: string, oom: boolean, exit: number | null}} task @returns {[string, string]} */
export function stateOf({ status, health, oom, exit }) {
  if (health === 'unhealthy') return ['■ unhealthy', 'critical'];
  if (status === 'running') return [health === 'starting' ? '◆ running, health starting' : health ? `● running, ${health}` : '● running', health === 'starting' ? 'info' : 'ok'];
  if (status === 'exited' || status === 'dead') return [oom ? '■ out of memory' : exit ? `■ ${status}` : `○ ${status}`, oom || exit ? 'critical' : 'gone'];
  if (status === 'restarting') return ['▲ restarting', 'warning'];
  return [status ? `◆ ${status}` : '○ not heard of', status ? 'info' : 'gone'];
}

/** @param {HTMLElement} tr @param {Task} task */
function dress(tr, task) {
  const [, , , state, exit, restarts, cpu, quota, mem, limit, up] = tr.children;
  const [word, level] = stateOf(task);
  write(state, word);
  set(state, 'class', `level ${level}`);
  set(tr, 'class', level === 'critical' || level === 'warning' ? `is-${level}` : null);
  write(exit, task.status === 'running' || task.exit === null ? '–' : String(task.exit));
  write(restarts, String(task.restarts));
  write(cpu, format(task.cpu, '%'));
  write(quota, format(task.quota, '%'));
  write(mem, format(task.mem, 'bytes'));
  write(limit, format(task.ofLimit, '%'));
  set(limit, 'title', task.limit === null ? null : format(task.limit, 'bytes'));
  write(up, task.started === null || task.status !== 'running' ? '–' : shortSpan(Date.now() / 1000 - task.started));
}
