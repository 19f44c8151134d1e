// Open alerts as rows of the index: which they are, their order, where they are.
// @ts-check
import { rank } from './format.js';

/** @typedef {import('./live.js').Row} Row */

/** The query whose rows these are. */
export const OPEN_ALERTS = 'service =~ "alert/%" and state != "ok" and state != "expired"';

/** Those that nothing silences: what is counted and read out, and what makes a place bad. @param {Row[]} rows */
export function loud(rows) {
  return rows.filter(row => !row.silenced);
}

/** The message as a list shows it, among alerts that may be silenced. @param {Row} row @returns {string} */
export function messageOf(row) {
  return [row.silenced ? 'silenced' : '', row.message].filter(Boolean).join(': ');
}

/** Attributes of every alert; the others say where it is. */
const OF_EVERY_ALERT = new Set(['alert', 'since', 'message', 'runbook', 'details', 'team', 'labels', 'links', 'silenced', 'changed']);

/** The attributes that tell an instance from others. @param {Row} row @returns {[string, string][]} */
export function fieldsOf(row) {
  const attributes = row.attributes ?? {};
  const labels = new Set((attributes.labels ?? '').split(','));
  return Object.entries(attributes).filter(([key]) => !OF_EVERY_ALERT.has(key) && !labels.has(key));
}

/** @param {Row} row */
export function whereOf(row) {
  return [row.host, ...fieldsOf(row).filter(([key]) => key !== 'host').map(([key, value]) => `${key.replace(/^instance_/, '')} ${value}`)].filter(Boolean).join(', ');
}

/** Worst first, then the oldest. @template {{state: string | null, since?: any}} T @param {T[]} rows @returns {T[]} */
export function sorted(rows) {
  return [...rows].sort((a, b) => rank(a.state) - rank(b.state) || Date.parse(a.since) - Date.parse(b.since));
}

/** How many of each level, the worst first. @param {{state: string | null}[]} rows @returns {[string, number][]} */
export function counts(rows) {
  /** @type {Map<string, number>} */
  const found = new Map();
  for (const { state } of rows) found.set(state ?? 'none', (found.get(state ?? 'none') ?? 0) + 1);
  return [...found].sort(([a], [b]) => rank(a) - rank(b));
}
