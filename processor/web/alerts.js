// Open alerts: the table, the count in the header, the count in the title.
// @ts-check
import { format, levelText, span } from './format.js';

/** The query whose rows this module shows. */
export const OPEN_ALERTS = 'service =~ "alert/%" and state != "ok" and state != "expired"';

const RANK = ['critical', 'warning', 'info'];
/** Attributes of every alert; the others say where it is. */
const OF_EVERY_ALERT = new Set(['alert', 'since', 'message', 'runbook', 'details', 'team', 'labels', 'links']);

/** @param {import('./live.js').Row} row */
function where(row) {
  const labels = new Set((row.attributes.labels ?? '').split(','));
  const rest = Object.entries(row.attributes).filter(([key]) => !OF_EVERY_ALERT.has(key) && !labels.has(key) && key !== 'host');
  return [row.host, ...rest.map(([key, value]) => `${key} ${value}`)].join(', ');
}

/** Worst first, then the oldest. @param {import('./live.js').Row[]} rows */
export function sorted(rows) {
  return [...rows].sort((a, b) => RANK.indexOf(a.state ?? '') - RANK.indexOf(b.state ?? '') || Date.parse(a.since) - Date.parse(b.since));
}

/** Writes the counts into the header and the title. @param {import('./live.js').Row[]} rows */
export function showCounts(rows) {
  const box = document.getElementById('levels');
  const counts = RANK.map(level => [level, rows.filter(row => row.state === level).length]).filter(([, count]) => count);
  const spans = counts.map(([level, count]) => {
    const element = document.createElement('span');
    element.className = String(level);
    element.textContent = `${levelText(String(level))} ${count}`;
    return element;
  });
  if (box && box.textContent !== spans.map(element => element.textContent).join('')) box.replaceChildren(...spans);
  const title = document.title.replace(/^\(\d+\) /, '');
  document.title = rows.length ? `(${rows.length}) ${title}` : title;
}

/** Fills the table of the page. @param {import('./live.js').Row[]} rows @param {HTMLTableElement} table @param {HTMLElement} empty */
export function showTable(rows, table, empty) {
  table.hidden = rows.length === 0;
  empty.hidden = rows.length > 0;
  table.tBodies[0].replaceChildren(...sorted(rows).map(line));
}

/** @param {import('./live.js').Row} row */
function line(row) {
  const tr = document.createElement('tr');
  const since = new Date(row.since);
  const age = span((Date.now() - since.getTime()) / 1000);
  tr.append(
    cell(levelText(row.state ?? ''), row.state ?? ''), cell(row.alert ?? ''), cell(where(row)),
    cell(format(row.metric, 'number'), 'number'), cell(`${age} ago`, '', since.toLocaleString()), cell(row.message ?? '', 'message'));
  return tr;
}

/** @param {string} text @param {string} [className] @param {string} [title] */
function cell(text, className = '', title = '') {
  const td = document.createElement('td');
  td.textContent = text;
  td.className = className;
  td.title = title;
  return td;
}
