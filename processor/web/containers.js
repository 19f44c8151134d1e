// The table of containers, sortable, one row each, with the last minutes of its processor time.
// @ts-check
import { el } from './dom.js';
import { format, shortSpan } from './format.js';
import { History, draw } from './spark.js';
import { param, setParams, to } from './url.js';

/** The query whose rows this module shows. */
export const CONTAINERS = [
  'service =~ "docker_container_cpu/%/usage_percent"', 'service =~ "docker_container_mem/%/usage"',
  'service =~ "docker_container_mem/%/usage_percent"', 'service =~ "docker_container_status/%/pids_current"', 'service =~ "docker_container_status/%/started_at"',
  'service =~ "docker_container_net/%/rx_bytes"', 'service =~ "docker_container_net/%/tx_bytes"',
  'service =~ "docker_container_blkio/%/io_service_bytes_recursive_read"', 'service =~ "docker_container_blkio/%/io_service_bytes_recursive_write"',
].join(' or ');

/** @typedef {{key: string, title: string, unit: string | null, measurement?: string, field?: string, rate?: boolean}} Column */

/** @type {Column[]} */
const COLUMNS = [
  { key: 'name', title: 'Container', unit: null },
  { key: 'host', title: 'Node', unit: null },
  { key: 'cpu', title: 'CPU', unit: 'percent', measurement: 'docker_container_cpu', field: 'usage_percent' },
  { key: 'spark', title: 'Last minutes', unit: null },
  { key: 'mem', title: 'Memory', unit: 'bytes', measurement: 'docker_container_mem', field: 'usage' },
  { key: 'limit', title: 'of limit', unit: 'percent', measurement: 'docker_container_mem', field: 'usage_percent' },
  { key: 'rx', title: 'Received', unit: 'bytes/s', measurement: 'docker_container_net', field: 'rx_bytes', rate: true },
  { key: 'tx', title: 'Sent', unit: 'bytes/s', measurement: 'docker_container_net', field: 'tx_bytes', rate: true },
  { key: 'read', title: 'Read', unit: 'bytes/s', measurement: 'docker_container_blkio', field: 'io_service_bytes_recursive_read', rate: true },
  { key: 'write', title: 'Written', unit: 'bytes/s', measurement: 'docker_container_blkio', field: 'io_service_bytes_recursive_write', rate: true },
  { key: 'pids', title: 'Processes', unit: 'number', measurement: 'docker_container_status', field: 'pids_current' },
  { key: 'started', title: 'Up', unit: 'age', measurement: 'docker_container_status', field: 'started_at' },
];

/** How long ago, of nanoseconds since 1970. @param {number | string | undefined} started */
const age = started => (typeof started === 'number' ? shortSpan(Date.now() / 1000 - started / 1e9) : '–');

/** @typedef {{service: string | undefined, values: Record<string, number | string>, last: Map<string, {time: number, value: number}>, tr: HTMLTableRowElement,
 *   cells: Record<string, HTMLElement>, history: History}} Container */

export class Containers {
  /** @param {HTMLTableElement} table @param {HTMLElement} empty */
  constructor(table, empty) {
    this.table = table;
    this.empty = empty;
    /** @type {Map<string, Container>} */
    this.containers = new Map();
    this.fromUrl();
    this.heads();
  }

  /** Takes the order from the address. */
  fromUrl() {
    /** @type {string} */
    this.sortKey = COLUMNS.some(column => column.key === param('sort')) ? param('sort') : 'cpu';
    this.descending = param('order', 'desc') === 'desc';
  }

  heads() {
    const tr = document.createElement('tr');
    for (const column of COLUMNS) {
      const th = document.createElement('th');
      th.scope = 'col';
      if (column.unit) th.className = 'number';
      if (column.key === 'spark') th.textContent = column.title;
      else {
        th.append(el('button.plain', { type: 'button', onclick: () => this.sortBy(column) }, column.title));
        th.dataset.key = column.key;
      }
      tr.append(th);
    }
    this.table.tHead?.replaceChildren(tr);
    this.markSort();
  }

  /** @param {Column} column */
  sortBy(column) {
    this.descending = this.sortKey === column.key ? !this.descending : column.unit !== null;
    this.sortKey = column.key;
    setParams({ sort: this.sortKey, order: this.descending ? 'desc' : 'asc' }, { push: true });
    this.markSort();
    this.draw();
  }

  markSort() {
    for (const th of this.table.tHead?.rows[0].cells ?? []) {
      th.ariaSort = th.dataset.key !== this.sortKey ? null : this.descending ? 'descending' : 'ascending';
    }
  }

  /** @param {import('./live.js').Row} row */
  take(row) {
    // Rows of one interface or device stand under the container's own; the table shows the container's total.
    if (row.metric === null || row.instance !== row.container_name) return;
    const column = COLUMNS.find(found => found.measurement === row.measurement && found.field === row.field);
    if (!column) return;
    const container = this.container(row);
    container.values[column.key] = column.rate ? rate(container, column.key, row) : row.metric;
    if (column.key === 'cpu') container.history.push(row.time, row.metric);
  }

  /** @param {import('./live.js').Row} row */
  drop(row) {
    if (row.measurement !== 'docker_container_cpu') return;
    const key = `${row.host}\n${row.container_name}`;
    this.containers.get(key)?.tr.remove();
    this.containers.delete(key);
  }

  clear() {
    this.containers.clear();
    this.table.tBodies[0].replaceChildren();
  }

  /** @param {import('./live.js').Row} row @returns {Container} */
  container(row) {
    const key = `${row.host}\n${row.container_name}`;
    const known = this.containers.get(key);
    if (known) return known;
    const tr = el('tr', { 'data-row': true, tabindex: '0' });
    /** @type {Record<string, HTMLElement>} */
    const cells = {};
    for (const column of COLUMNS) {
      if (column.key === 'name') {
        cells.name = el('a', { href: to.container(row.container_name) });
        tr.append(el('th', { scope: 'row' }, cells.name));
      } else if (column.key === 'spark') {
        cells.spark = el('canvas.spark', { 'aria-hidden': 'true' });
        tr.append(el('td.wide', { 'data-th': column.title }, cells.spark));
      } else {
        cells[column.key] = el('td', { 'data-th': column.title, class: column.unit ? 'number' : null });
        tr.append(cells[column.key]);
      }
    }
    /** @type {Container} */
    const container = { service: row.swarm_service, values: { name: row.container_name, host: row.host }, last: new Map(), tr, cells, history: new History() };
    this.containers.set(key, container);
    return container;
  }

  draw() {
    const list = this.running().sort((a, b) => this.compare(a, b));
    for (const container of this.containers.values()) if (!isRunning(container)) container.tr.remove();
    /** @type {HTMLElement} */ (this.table.parentElement).hidden = list.length === 0;
    this.empty.hidden = list.length > 0;
    const body = this.table.tBodies[0];
    list.forEach((container, index) => {
      if (body.rows[index] !== container.tr) body.insertBefore(container.tr, body.rows[index] ?? null);
      for (const column of COLUMNS) {
        if (column.key === 'spark') continue;
        const value = container.values[column.key];
        const text = column.unit === 'age' ? age(value) : column.unit ? format(/** @type {number | undefined} */ (value), column.unit) : String(value ?? '–');
        if (container.cells[column.key].textContent !== text) container.cells[column.key].textContent = text;
      }
      draw(/** @type {HTMLCanvasElement} */ (container.cells.spark), container.history, null);
    });
  }

  /** Those that run: what Docker says of one that has ended stays for a while. */
  running() {
    return [...this.containers.values()].filter(isRunning);
  }

  /** What each takes, for the sums of its service. */
  *figures() {
    for (const { service, values } of this.running()) {
      const started = typeof values.started === 'number' ? values.started / 1e9 : null;
      yield { service, cpu: Number(values.cpu), mem: Number(values.mem), started };
    }
  }

  /** @param {Container} a @param {Container} b */
  compare(a, b) {
    const key = this.sortKey ?? 'cpu';
    const [x, y] = [a.values[key], b.values[key]];
    const order = typeof x === 'string' || typeof y === 'string' ? String(x).localeCompare(String(y)) : (x ?? -1) - (y ?? -1);
    return (this.descending ? -order : order) || String(a.values.name).localeCompare(String(b.values.name));
  }
}

/** @param {Container} container */
function isRunning({ values }) {
  return values.cpu !== undefined || values.mem !== undefined;
}

/** What a counter gains a second since its last sample; a fall is a restart from 0. @param {Container} container @param {string} key @param {import('./live.js').Row} row */
function rate(container, key, row) {
  const last = container.last.get(key);
  const value = row.metric ?? 0;
  container.last.set(key, { time: row.time, value });
  if (!last || row.time <= last.time) return /** @type {number} */ (container.values[key] ?? NaN);
  return (value >= last.value ? value - last.value : value) / (row.time - last.time);
}
