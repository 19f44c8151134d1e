// The table of the swarm's services: a dot for each task, processor, memory, restarts, age of the oldest and newest task.
// @ts-check
import { el, keep, set, write } from './dom.js';
import { format, shortSpan } from './format.js';
import { to } from './url.js';

/** The query whose rows say what is to run; what runs is told by the rows of containers. */
export const SERVICES = ['tasks_desired', 'tasks_running', 'tasks_failed', 'tasks_pending', 'update_state'].map(field => `service =~ "docker_swarm/%/${field}"`).join(' or ');

/** Tasks of more are told by their number alone. */
const MOST_DOTS = 24;

/** @typedef {{name: string, stack: string, mode: string, wanted: number, running: number, pending: number, failed: number, update: string, cpu: number, mem: number, starts: number[]}} Service */

export class Services {
  /** @param {HTMLTableElement} table */
  constructor(table) {
    this.table = table;
    /** @type {Map<string, Service>} */
    this.services = new Map();
  }

  clear() {
    this.services.clear();
  }

  /** @param {import('./live.js').Row} row */
  take(row) {
    const name = row.swarm_service ?? row.instance ?? '';
    const service = this.services.get(name) ?? { name, stack: '', mode: '', wanted: 0, running: 0, pending: 0, failed: 0, update: '', cpu: 0, mem: 0, starts: [] };
    this.services.set(name, service);
    service.stack = row.swarm_stack ?? '';
    service.mode = row.service_mode ?? '';
    if (row.field === 'tasks_desired') service.wanted = row.metric ?? 0;
    else if (row.field === 'tasks_running') service.running = row.metric ?? 0;
    else if (row.field === 'tasks_pending') service.pending = row.metric ?? 0;
    else if (row.field === 'tasks_failed') service.failed = row.metric ?? 0;
    else service.update = row.state ?? '';
  }

  /** @param {import('./live.js').Row} row */
  drop(row) {
    if (row.field === 'tasks_desired') this.services.delete(row.swarm_service ?? row.instance ?? '');
  }

  /** How many run whole. */
  counts() {
    const all = [...this.services.values()];
    const short = all.filter(service => service.running < service.wanted);
    return { all: all.length, ok: all.length - short.length, short };
  }

  /**
   * Adds up what the containers take.
   * @param {Iterable<{service: string | undefined, cpu: number, mem: number, started: number | null}>} containers
   */
  addUp(containers) {
    for (const service of this.services.values()) Object.assign(service, { cpu: 0, mem: 0, starts: [] });
    for (const { service: name, cpu, mem, started } of containers) {
      const service = this.services.get(name ?? '');
      if (!service) continue;
      service.cpu += cpu || 0;
      service.mem += mem || 0;
      if (started !== null) service.starts.push(started);
    }
  }

  draw() {
    const all = [...this.services.values()].sort((a, b) => Number(a.running >= a.wanted) - Number(b.running >= b.wanted) || a.name.localeCompare(b.name));
    keep(this.table.tBodies[0], all, service => service.name, line, dress);
  }
}

/** @param {Service} service */
function line(service) {
  const cell = (/** @type {string} */ title, /** @type {string} */ kind = '') => el('td', { 'data-th': title, class: kind || null });
  return el('tr', { 'data-row': true, tabindex: '0' }, el('th', { scope: 'row' }, el('a', { href: to.service(service.name) }, service.name)),
    cell('Tasks'), cell('State'), cell('CPU', 'number'), cell('Memory', 'number'), cell('Failures', 'number'), cell('Oldest, newest task', 'number'));
}

/** @param {HTMLElement} row @param {Service} service */
function dress(row, service) {
  const { wanted, running, pending, starts } = service;
  const short = running < wanted;
  const [, tasks, state, cpu, mem, failed, age] = row.children;
  set(row, 'class', short ? (running === 0 ? 'is-critical' : 'is-warning') : null);
  const dots = wanted <= MOST_DOTS ? `${'●'.repeat(Math.min(running, wanted))}${'○'.repeat(Math.max(0, wanted - running))} ` : '';
  if (tasks.textContent !== `${dots}${running}/${wanted}`) {
    const full = el('span.ok', {}, dots.trimEnd().replaceAll('○', ''));
    const empty = el('span.critical', {}, '○'.repeat(dots.split('○').length - 1));
    tasks.replaceChildren(el('span.dots', { 'aria-hidden': 'true' }, full, empty), `${dots ? ' ' : ''}${running}/${wanted}`);
  }
  const update = /paused|rollback/.test(service.update) ? `, update ${service.update.replaceAll('_', ' ')}` : service.update === 'updating' ? ', updating' : '';
  write(state, `${short ? (running === 0 && wanted > 0 ? '■ none runs' : `▲ ${wanted - running} short`) : '● ok'}${pending ? `, ${pending} wait for a node` : ''}${update}`);
  set(state, 'class', short ? (running === 0 ? 'critical' : 'warning') : 'ok');
  write(cpu, format(service.cpu, '%'));
  write(mem, format(service.mem, 'bytes'));
  write(failed, format(service.failed));
  const now = Date.now() / 1000;
  const [oldest, newest] = [Math.min(...starts), Math.max(...starts)];
  write(age, starts.length === 0 ? '–' : starts.length === 1 ? shortSpan(now - oldest) : `${shortSpan(now - oldest)}, ${shortSpan(now - newest)}`);
}
