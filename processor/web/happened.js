// What happened lately: starts, ends, deploys, nodes that came and went. The store tells of the past, the stream of now.
// @ts-check
import { get } from './ask.js';
import { el, keep } from './dom.js';
import { clock, when } from './format.js';

import { to } from './url.js';

/** The query whose rows are such events. */
export const HAPPENED = 'service =~ "docker_event/%"';

/** @typedef {{key: string, time: number, action: string, who: string, href: string | null, note: string, bad: boolean}} Happened */

/** What an action is called, where its own name is not plain. @type {Record<string, string>} */
const WORDS = {
  die: 'ended', oom: 'ran out of memory', kill: 'was sent a signal', destroy: 'was taken away', create: 'was made', start: 'started', health_status: 'health',
  pause: 'was frozen', unpause: 'was thawed', task_failed: 'a task failed', image_pull_failed: 'image is not to be had',
  service_create: 'was made', service_update: 'was changed', service_update_state: 'update', service_remove: 'was taken away',
  node_create: 'joined', node_remove: 'left the list', node_ready: 'is heard of', node_down: 'is not heard of',
};

/** @param {Record<string, any>} tags @param {number} time @param {string | null} [note] @returns {Happened} */
function happened(tags, time, note) {
  const action = tags.action ?? '';
  const crashed = action === 'die' && tags.planned === 'false' && tags.exit_code !== '0';
  const notes = [action === 'die' && tags.exit_code !== undefined ? `exit ${tags.exit_code}${tags.planned === 'true' ? ', asked to' : ''}` : '', action === 'kill' ? `signal ${tags.signal}` : '', /^container [0-9a-f]{64}$/.test(note ?? '') ? '' : note ?? ''];
  const [who, href] = tags.container_name ? [tags.container_name, to.container(tags.container_name)]
    : tags.swarm_service ? [tags.swarm_service, to.service(tags.swarm_service)]
    : [tags.node ?? tags.host, tags.node ? to.node(tags.node) : null];
  const bad = crashed || ['oom', 'task_failed', 'image_pull_failed', 'node_down'].includes(action);
  return { key: `${Math.floor(time)} ${who} ${action}`, time, action, who, href, note: notes.filter(Boolean).join(', '), bad };
}

export class Happenings {
  /** @param {number} most how many to keep */
  constructor(most) {
    this.most = most;
    /** @type {Map<string, Happened>} */
    this.all = new Map();
  }

  /** @param {import('./live.js').Row} row */
  take(row) {
    this.put(happened(row, row.time, row.description ?? row.state));
  }

  /** @param {Happened} one */
  put(one) {
    if (one.action === 'create' || one.action === 'destroy') return;
    const known = this.all.get(one.key);
    if (!known || one.note.length > known.note.length) this.all.set(one.key, one);
    if (this.all.size > this.most * 4) this.all = new Map(this.newest().map(event => [event.key, event]));
  }

  /** Asks the store for the last day. @param {string} [where] a further condition, in InfluxQL */
  async fill(where = '') {
    const q = `SELECT * FROM docker_event WHERE time > now() - 1d${where ? ` AND ${where}` : ''} ORDER BY time DESC LIMIT ${this.most * 3}`;
    const found = await get('/query', { q, epoch: 'ms' });
    const series = found.results?.[0]?.series?.[0];
    for (const values of series?.values ?? []) {
      const tags = Object.fromEntries(series.columns.map((/** @type {string} */ name, /** @type {number} */ index) => [name, values[index] ?? undefined]));
      this.put(happened(tags, tags.time / 1000));
    }
  }

  /** @returns {Happened[]} */
  newest() {
    return [...this.all.values()].sort((a, b) => b.time - a.time).slice(0, this.most);
  }

  /** @param {HTMLElement} list */
  draw(list) {
    keep(list, this.newest(), one => one.key, one => el('li', {},
      el('time.quiet', { datetime: new Date(one.time * 1000).toISOString(), title: when(one.time) }, clock(one.time)),
      el('span', {}, one.bad ? el('span.critical', {}, '■ ') : null, one.href ? el('a', { href: one.href }, one.who) : one.who, ` ${WORDS[one.action] ?? one.action.replaceAll('_', ' ')}`),
      el('span.quiet.note')), (item, one) => {
      const [time, , note] = item.children;
      const text = clock(one.time);
      if (time.textContent !== text) time.textContent = text;
      if (note.textContent !== one.note) note.textContent = one.note;
    });
  }
}

