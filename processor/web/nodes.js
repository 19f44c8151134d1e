// The cards of the nodes: role and state in the swarm, processor, memory, disks, load, and the last five minutes.
// @ts-check
import { el, keep, set, write } from './dom.js';
import { format } from './format.js';
import { History, draw } from './spark.js';
import { to } from './url.js';

/** The query whose rows this module shows. */
export const NODES = [
  'service = "cpu/usage_active"', 'service = "mem/used_percent"', 'service = "system/load1"', 'service = "system/n_cpus"', 'service =~ "disk/%/used_percent"',
  'service =~ "docker_node/%/ready"', 'service =~ "docker_node/%/availability"', 'service =~ "docker_node/%/leader"',
].join(' or ');

/** Disks of one card: the fullest. */
const MOST_DISKS = 3;
/** From here on a gauge is drawn as too high. */
const HIGH = 90;

/** @typedef {{host: string, heard: boolean, cpu: number | null, mem: number | null, load: number | null, cpus: number | null, disks: Map<string, number>,
 *   history: History, role: string, ready: boolean | null, leader: boolean, availability: string}} Node */

export class Nodes {
  /** @param {HTMLElement} box */
  constructor(box) {
    this.box = box;
    /** @type {Map<string, Node>} */
    this.nodes = new Map();
  }

  /** @param {import('./live.js').Row} row */
  take(row) {
    if (row.measurement === 'docker_node') return this.takeOfSwarm(row);
    if (row.metric === null) return;
    const node = this.node(row.host);
    if (row.measurement === 'cpu') {
      node.heard = true;
      node.cpu = row.metric;
      node.history.push(row.time, row.metric);
    } else if (row.measurement === 'mem') node.mem = row.metric;
    else if (row.measurement === 'disk') node.disks.set(row.path ?? row.instance ?? '', row.metric);
    else if (row.field === 'load1') node.load = row.metric;
    else node.cpus = row.metric;
  }

  /** @param {import('./live.js').Row} row */
  takeOfSwarm(row) {
    const node = this.node(row.node ?? row.instance ?? '');
    node.role = row.role ?? '';
    if (row.field === 'ready') node.ready = row.metric === 1;
    else if (row.field === 'leader') node.leader = row.metric === 1;
    else node.availability = row.state ?? '';
  }

  /** @param {import('./live.js').Row} row */
  drop(row) {
    const host = row.measurement === 'docker_node' ? row.node ?? row.instance : row.host;
    const node = this.nodes.get(host);
    if (!node) return;
    if (row.measurement === 'cpu') node.heard = false;
    else if (row.measurement === 'disk') node.disks.delete(row.path ?? row.instance ?? '');
    else if (row.measurement === 'docker_node' && row.field === 'ready') node.ready = null;
    if (!node.heard && node.ready === null) this.nodes.delete(host);
  }

  clear() {
    this.nodes.clear();
  }

  /** How many are up, of how many that there should be. */
  counts() {
    const all = [...this.nodes.values()];
    return { up: all.filter(isUp).length, all: all.length, silent: all.filter(node => !isUp(node)).map(node => node.host) };
  }

  /** @param {Map<string, string>} worst the worst level of the alerts of a host */
  draw(worst) {
    const all = [...this.nodes.values()].sort((a, b) => Number(isUp(a)) - Number(isUp(b)) || a.host.localeCompare(b.host));
    keep(this.box, all, node => node.host, card, (element, node) => dress(element, node, worst.get(node.host)));
  }

  /** @param {string} host @returns {Node} */
  node(host) {
    const known = this.nodes.get(host);
    if (known) return known;
    /** @type {Node} */
    const node = { host, heard: false, cpu: null, mem: null, load: null, cpus: null, disks: new Map(), history: new History(), role: '', ready: null, leader: false, availability: '' };
    this.nodes.set(host, node);
    return node;
  }
}

/** @param {Node} node */
function isUp(node) {
  return node.heard && node.ready !== false;
}

/** @param {Node} node */
function card(node) {
  return el('article.card', { 'data-row': true, tabindex: '0', 'aria-label': `Node ${node.host}` },
    el('h3', {}, el('a', { href: to.node(node.host), title: node.host }, node.host), el('span.level')),
    el('p.quiet.small.about'),
    el('div.gauges'),
    el('canvas.spark', { role: 'img', 'aria-label': `Processor of ${node.host} over the last minutes` }));
}

/** @param {HTMLElement} element @param {Node} node @param {string | undefined} level */
function dress(element, node, level) {
  const part = (/** @type {string} */ selector) => /** @type {HTMLElement} */ (element.querySelector(selector));
  const state = part('.level');
  const [word, kind] = !node.heard ? ['○ silent', 'gone'] : node.ready === false ? ['■ down', 'critical'] : level ? [`${level === 'critical' ? '■' : level === 'warning' ? '▲' : '◆'} ${level}`, level] : ['● ok', 'ok'];
  write(state, word);
  set(state, 'class', `level ${kind}`);
  const about = [node.leader ? 'leader' : node.role, node.availability === 'active' ? '' : node.availability, node.load === null ? '' : `load ${format(node.load)}`, node.cpus === null ? '' : `${node.cpus} CPU${node.cpus === 1 ? '' : 's'}`];
  write(part('.about'), about.filter(Boolean).join(' · ') || '\u00a0');
  const disks = [...node.disks].sort((a, b) => b[1] - a[1]).slice(0, MOST_DISKS);
  /** @type {[string, number | null][]} */
  const gauges = [['CPU', node.cpu], ['Memory', node.mem], ...disks];
  keep(part('.gauges'), gauges, ([label]) => label, ([label]) => gauge(label), (line, [, value]) => fill(line, value));
  draw(/** @type {HTMLCanvasElement} */ (part('canvas')), node.history, 100);
}

/** @param {string} label */
function gauge(label) {
  return el('div.gauge', {}, el('span.label', { title: label }, label),
    el('div.track', { role: 'meter', 'aria-label': label, 'aria-valuemin': 0, 'aria-valuemax': 100, 'aria-valuenow': 0 }, el('div.fill')), el('span.number'));
}

/** @param {HTMLElement} line @param {number | null} value */
function fill(line, value) {
  const track = line.children[1];
  const bar = /** @type {HTMLElement} */ (track.firstElementChild);
  bar.style.width = `${Math.min(100, value ?? 0).toFixed(1)}%`;
  bar.classList.toggle('high', (value ?? 0) >= HIGH);
  set(track, 'aria-valuenow', (value ?? 0).toFixed(0));
  write(line.children[2], format(value, '%'));
}
