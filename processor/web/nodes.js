// The cards of the nodes: processor, memory, fullest disk, load, and the last five minutes.
// @ts-check
import { format } from './format.js';
import { History, draw } from './spark.js';

/** The query whose rows this module shows. */
export const NODES = 'service = "cpu/usage_active" or service = "mem/used_percent" or service = "system/load1" or service =~ "disk/%/used_percent"';

/** @typedef {{card: HTMLElement, fills: Record<string, HTMLElement>, texts: Record<string, HTMLElement>, canvas: HTMLCanvasElement,
 *   history: History, disks: Map<string, number>}} Node */

export class Nodes {
  /** @param {HTMLElement} box */
  constructor(box) {
    this.box = box;
    /** @type {Map<string, Node>} */
    this.nodes = new Map();
  }

  /** @param {import('./live.js').Row} row */
  take(row) {
    if (row.metric === null) return;
    const node = this.node(row.host);
    if (row.measurement === 'cpu') {
      this.gauge(node, 'CPU', row.metric);
      node.history.push(row.time, row.metric);
    } else if (row.measurement === 'mem') this.gauge(node, 'Memory', row.metric);
    else if (row.measurement === 'disk') {
      node.disks.set(row.path, row.metric);
      const [path, used] = [...node.disks].reduce((worst, disk) => (disk[1] > worst[1] ? disk : worst));
      this.gauge(node, 'Disk', used);
      node.texts.Disk.title = path;
    } else node.texts.Load.textContent = `load ${format(row.metric, 'number')}`;
  }

  /** @param {import('./live.js').Row} row */
  drop(row) {
    const node = this.nodes.get(row.host);
    if (row.measurement === 'cpu' && node) {
      node.card.remove();
      this.nodes.delete(row.host);
    }
  }

  clear() {
    this.nodes.clear();
    this.box.replaceChildren();
  }

  draw() {
    for (const node of this.nodes.values()) draw(node.canvas, node.history, 100);
  }

  /** @param {Node} node @param {string} label @param {number} percent */
  gauge(node, label, percent) {
    node.fills[label].style.width = `${Math.min(100, percent)}%`;
    node.fills[label].parentElement?.setAttribute('aria-valuenow', percent.toFixed(0));
    node.texts[label].textContent = format(percent, 'percent');
  }

  /** @param {string} host @returns {Node} */
  node(host) {
    const known = this.nodes.get(host);
    if (known) return known;
    const card = element('article', 'card');
    const title = element('h3', '');
    const link = /** @type {HTMLAnchorElement} */ (element('a', ''));
    link.href = `/charts?host=${encodeURIComponent(host)}`;
    link.textContent = host;
    const load = element('span', 'quiet');
    title.append(link, load);
    const canvas = /** @type {HTMLCanvasElement} */ (element('canvas', 'spark'));
    canvas.setAttribute('role', 'img');
    canvas.setAttribute('aria-label', `CPU of ${host} over the last minutes`);
    /** @type {Node} */
    const node = { card, fills: {}, texts: { Load: load }, canvas, history: new History(), disks: new Map() };
    card.append(title, ...['CPU', 'Memory', 'Disk'].map(label => row(node, label)), canvas);
    this.nodes.set(host, node);
    const after = [...this.nodes.keys()].filter(other => other > host).sort()[0];
    this.box.insertBefore(card, after ? this.nodes.get(after)?.card ?? null : null);
    return node;
  }
}

/** @param {Node} node @param {string} label */
function row(node, label) {
  const line = element('div', 'gauge');
  const track = element('div', 'track');
  for (const [name, value] of [['role', 'meter'], ['aria-label', label], ['aria-valuemin', '0'], ['aria-valuemax', '100']]) track.setAttribute(name, value);
  const fill = element('div', 'fill');
  const text = element('span', 'number');
  const name = element('span', 'label');
  name.textContent = label;
  text.textContent = '–';
  track.append(fill);
  line.append(name, track, text);
  node.fills[label] = fill;
  node.texts[label] = text;
  return line;
}

/** @param {string} name @param {string} className */
function element(name, className) {
  const made = document.createElement(name);
  if (className) made.className = className;
  return made;
}
