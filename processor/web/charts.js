// The second page: one node's last hour, in charts that share their pointer.
// @ts-check
/* global uPlot */
import { OPEN_ALERTS, showCounts } from './alerts.js';
import { colour, onTurn } from './colour.js';
import { format } from './format.js';
import { series } from './history.js';
import { Live } from './live.js';

/** @typedef {{title: string, unit: string, rate?: boolean, top?: number, of: Record<string, string>[], label: (tags: Record<string, string>, field: string) => string}} Chart */

const instance = (/** @type {string} */ key) => (/** @type {Record<string, string>} */ tags) => tags[key];
const both = (/** @type {string} */ key) => (/** @type {Record<string, string>} */ tags, /** @type {string} */ field) => `${tags[key]} ${field}`;

/** @type {Chart[]} */
const CHARTS = [
  { title: 'CPU', unit: 'percent', top: 100, label: (_, field) => field, of: ['usage_user', 'usage_system', 'usage_iowait', 'usage_steal'].map(field => ({ measurement: 'cpu', field, cpu: 'cpu-total' })) },
  { title: 'Memory used', unit: 'bytes', label: (_, field) => field, of: ['used', 'cached', 'buffered'].map(field => ({ measurement: 'mem', field })) },
  { title: 'Load', unit: 'number', label: (_, field) => field, of: ['load1', 'load5', 'load15'].map(field => ({ measurement: 'system', field })) },
  { title: 'Disk space used', unit: 'percent', top: 100, label: instance('path'), of: [{ measurement: 'disk', field: 'used_percent' }] },
  { title: 'Disk traffic', unit: 'bytes/s', rate: true, label: both('name'), of: ['read_bytes', 'write_bytes'].map(field => ({ measurement: 'diskio', field })) },
  { title: 'Network traffic', unit: 'bytes/s', rate: true, label: both('interface'), of: ['bytes_recv', 'bytes_sent'].map(field => ({ measurement: 'net', field })) },
  { title: 'Pressure: share of time that somebody waited', unit: 'percent', label: instance('resource'), of: [{ measurement: 'pressure', field: 'avg10', type: 'some' }] },
  { title: 'Container CPU', unit: 'percent', label: instance('container_name'), of: [{ measurement: 'docker_container_cpu', field: 'usage_percent' }] },
  { title: 'Container memory', unit: 'bytes', label: instance('container_name'), of: [{ measurement: 'docker_container_mem', field: 'usage' }] },
];

/** So many seconds without any sample break a line; the slowest samples come each 10 s. */
const HOLE = 35;

/** Lines of one chart at the most; the highest are shown. */
const MAX_LINES = 8;
/** Steps of an axis of bytes. */
const POWERS_OF_2 = Array.from({ length: 50 }, (_, power) => 2 ** power);

const COLOURS = ['#d08a1d', '#3b82c4', '#4a9d5b', '#b3564d', '#7d6bc4', '#2f9e9e', '#a86f9d', '#8a8f45'];

const $ = (/** @type {string} */ id) => /** @type {HTMLElement} */ (document.getElementById(id));
const hostBox = /** @type {HTMLSelectElement} */ ($('host'));
const rangeBox = /** @type {HTMLSelectElement} */ ($('range'));
const wanted = new URLSearchParams(location.search);
if ([...rangeBox.options].some(option => option.value === wanted.get('range'))) rangeBox.value = /** @type {string} */ (wanted.get('range'));

/** @type {Map<string, {plot: any, box: HTMLElement, summary: HTMLElement, names: string}>} */
const shown = new Map();

const live = new Live({ alerts: OPEN_ALERTS, hosts: 'service = "cpu/usage_active"' }, {
  snapshot: (name, rows) => (name === 'hosts' ? rows.forEach(addHost) : counts()),
  change: (name, row) => (name === 'hosts' ? addHost(row) : counts()),
  gone: () => counts(),
}, $('connection'));

function counts() {
  showCounts([...(live.rows.get('alerts')?.values() ?? [])]);
}

/** @param {import('./live.js').Row} row */
function addHost(row) {
  if ([...hostBox.options].some(option => option.value === row.host)) return;
  hostBox.add(new Option(row.host, row.host));
  if (row.host === wanted.get('host')) hostBox.value = row.host;
  if (hostBox.options.length === 1 || row.host === wanted.get('host')) refresh();
}

function choose() {
  const url = new URL(location.href);
  url.searchParams.set('host', hostBox.value);
  url.searchParams.set('range', rangeBox.value);
  history.replaceState(null, '', url);
  for (const { plot, box } of shown.values()) {
    plot.destroy();
    box.remove();
  }
  shown.clear();
  refresh();
}
onTurn(choose);
hostBox.addEventListener('change', choose);
rangeBox.addEventListener('change', choose);

let busy = false;
async function refresh() {
  if (busy || document.hidden || !hostBox.value) return;
  busy = true;
  try {
    for (const chart of CHARTS) await show(chart);
    $('no-charts').hidden = shown.size > 0;
  } catch (error) {
    $('no-charts').textContent = `The history could not be read: ${error}`;
    $('no-charts').hidden = false;
  } finally {
    busy = false;
  }
}

/** @param {Chart} chart */
async function show(chart) {
  const seconds = Number(rangeBox.value);
  const step = Math.max(1, Math.round(seconds / 360));
  /** @type {Map<string, Map<number, number>>} */
  const lines = new Map();
  for (const choice of chart.of) {
    for (const { tags, points } of await series({ ...choice, host: hostBox.value }, seconds, step)) {
      lines.set(chart.label(tags, choice.field), new Map(chart.rate ? rates(points) : points));
    }
  }
  if (lines.size === 0) return;
  const highest = [...lines].map(([name, points]) => /** @type {const} */ ([name, points, Math.max(...points.values())]));
  const kept = highest.sort((a, b) => b[2] - a[2]).slice(0, MAX_LINES).sort((a, b) => a[0].localeCompare(b[0]));
  const times = [...new Set(kept.flatMap(([, points]) => [...points.keys()]))].sort((a, b) => a - b);
  const holes = new Set(times.slice(1).flatMap((time, index) => (time - times[index] > Math.max(3 * step, HOLE) ? [times[index] + step] : [])));
  const all = [...times, ...holes].sort((a, b) => a - b);
  // uPlot breaks a line at null, and draws it through undefined: where only this series has no sample just then.
  const data = [all, ...kept.map(([, points]) => all.map(time => (holes.has(time) ? null : points.get(time))))];
  put(chart, kept.map(([name]) => name), data);
}

/** @param {[number, number][]} points of a counter @returns {[number, number][]} a second */
function rates(points) {
  return points.slice(1).map(([time, value], index) => {
    const [before, last] = points[index];
    return [time, (value >= last ? value - last : value) / (time - before)];
  });
}

/** @param {Chart} chart @param {string[]} names @param {any[]} data */
function put(chart, names, data) {
  const known = shown.get(chart.title);
  if (known && known.names === names.join('\n')) {
    known.plot.setData(data, !known.plot.zoomed);
    known.summary.textContent = summary(chart, names, data);
    return;
  }
  known?.plot.destroy();
  const box = known?.box ?? document.createElement('section');
  const title = document.createElement('h2');
  const words = document.createElement('p');
  box.className = 'chart';
  title.textContent = chart.title;
  words.className = 'summary';
  words.textContent = summary(chart, names, data);
  box.replaceChildren(title, words);
  if (!known) $('charts').append(box);
  const plot = make(chart, names, data, box);
  shown.set(chart.title, { plot, box, summary: words, names: names.join('\n') });
}

/** @param {Chart} chart @param {string[]} names @param {any[]} data */
function summary(chart, names, data) {
  const [first] = data.slice(1).map((values, index) => [names[index], values.filter((/** @type {any} */ value) => typeof value === 'number')]).filter(([, values]) => values.length)
    .sort((a, b) => Math.max(...b[1]) - Math.max(...a[1]));
  if (!first) return 'no values';
  const [name, values] = first;
  const mean = values.reduce((/** @type {number} */ sum, /** @type {number} */ value) => sum + value, 0) / values.length;
  const word = (/** @type {number} */ value) => format(value, chart.unit);
  return `${name}: now ${word(values[values.length - 1])}, mean ${word(mean)}, highest ${word(Math.max(...values))}`;
}

/** @param {Chart} chart @param {string[]} names @param {any[]} data @param {HTMLElement} box */
function make(chart, names, data, box) {
  const [quiet, line] = [colour('--quiet'), colour('--line')];
  const axis = { stroke: quiet, grid: { stroke: line, width: 1 }, ticks: { stroke: line, width: 1 } };
  const value = (/** @type {any} */ _, /** @type {number | null} */ number) => format(number, chart.unit);
  const plot = new (/** @type {any} */ (globalThis).uPlot)({
    width: box.clientWidth - 34, height: 200,
    cursor: { sync: { key: 'skep' } },
    scales: { y: { range: (/** @type {any} */ _, /** @type {number} */ low, /** @type {number} */ high) => [Math.min(0, low ?? 0), chart.top ?? Math.max(high ?? 0, 1e-9) * 1.05] } },
    axes: [axis, { ...axis, size: 76, incrs: chart.unit.startsWith('bytes') ? POWERS_OF_2 : undefined, values: (/** @type {any} */ _, /** @type {number[]} */ ticks) => ticks.map(tick => format(tick, chart.unit)) }],
    series: [{}, ...names.map((label, index) => ({ label, stroke: COLOURS[index % COLOURS.length], width: 1.5, value, points: { show: false } }))],
    hooks: { setSelect: [(/** @type {any} */ u) => (u.zoomed = u.select.width > 0)] },
  }, data, box);
  plot.over.addEventListener('dblclick', () => (plot.zoomed = false));
  return plot;
}

setInterval(refresh, 5000);
setInterval(() => ($('clock').textContent = new Date().toLocaleTimeString()), 1000);
addEventListener('resize', () => {
  for (const { plot, box } of shown.values()) plot.setSize({ width: box.clientWidth - 34, height: 200 });
});
