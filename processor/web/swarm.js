// The first page: what is wrong, the nodes, the containers.
// @ts-check
import { OPEN_ALERTS, showCounts, showTable } from './alerts.js';
import { CONTAINERS, Containers } from './containers.js';
import { series } from './history.js';
import { Live } from './live.js';
import { NODES, Nodes } from './nodes.js';

const $ = (/** @type {string} */ id) => /** @type {HTMLElement} */ (document.getElementById(id));

const nodes = new Nodes($('nodes'));
const containers = new Containers(/** @type {HTMLTableElement} */ ($('containers')), $('no-containers'));

const parts = {
  nodes: { clear: () => nodes.clear(), take: (/** @type {any} */ row) => nodes.take(row), drop: (/** @type {any} */ row) => nodes.drop(row) },
  containers: { clear: () => containers.clear(), take: (/** @type {any} */ row) => containers.take(row), drop: (/** @type {any} */ row) => containers.drop(row) },
};

const live = new Live({ alerts: OPEN_ALERTS, nodes: NODES, containers: CONTAINERS }, {
  snapshot(name, rows) {
    const part = parts[/** @type {keyof typeof parts} */ (name)];
    part?.clear();
    for (const row of rows) part?.take(row);
    if (name !== 'alerts') fillPast(name).catch(() => {});
    ask();
  },
  change(name, row) {
    parts[/** @type {keyof typeof parts} */ (name)]?.take(row);
    ask();
  },
  gone(name, row) {
    parts[/** @type {keyof typeof parts} */ (name)]?.drop(row);
    ask();
  },
}, $('connection'));

let asked = false;
/** Paints once a frame, whatever came. */
function ask() {
  if (asked) return;
  asked = true;
  requestAnimationFrame(() => {
    asked = false;
    paint();
  });
}

function paint() {
  const alerts = [...(live.rows.get('alerts')?.values() ?? [])];
  showCounts(alerts);
  showTable(alerts, /** @type {HTMLTableElement} */ ($('alerts')), $('no-alerts'));
  $('no-nodes').hidden = nodes.nodes.size > 0;
  nodes.draw();
  containers.draw();
}

/** Lines start with what the store knows of the last five minutes. @param {string} name */
async function fillPast(name) {
  const node = name === 'nodes';
  const choice = node ? { measurement: 'cpu', field: 'usage_active', cpu: 'cpu-total' } : { measurement: 'docker_container_cpu', field: 'usage_percent' };
  for (const { tags, points } of await series(choice, 300, 2)) {
    const history = node ? nodes.nodes.get(tags.host)?.history : containers.containers.get(`${tags.host}\n${tags.container_name}`)?.history;
    if (!history) continue;
    const newer = history.points;
    history.points = [];
    for (const [time, value] of [...points, ...newer]) if (value !== null) history.push(time, value);
  }
  ask();
}

setInterval(() => {
  $('clock').textContent = new Date().toLocaleTimeString();
  ask();
}, 1000);
addEventListener('resize', ask);
