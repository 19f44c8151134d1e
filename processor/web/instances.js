// Instances of one alert, as /api/v1/explain tells them: their order, the one that is looked at, how many are open.
// @ts-check
import { levelText, rank } from './format.js';
import { counts } from './open.js';

/**
 * `fields` are those of the rule's `by`, `query` finds its event and no other alert's.
 * @typedef {{instance: string, fields: Record<string, string | null>, query: string | null, state: string, since: string | null, value: number | null, why: string[]}} Instance
 */

/** @param {{state: string}} one */
export const isOpen = one => rank(one.state) < 3;

/** Worst first, then by name. @param {Instance[]} list @returns {Instance[]} */
export function inOrder(list) {
  return [...list].sort((a, b) => rank(a.state) - rank(b.state) || a.instance.localeCompare(b.instance));
}

/** The one that is wanted, and never another in its place; the first where none is. @param {Instance[]} list in order @param {string} wanted */
export function chosen(list, wanted) {
  return wanted ? list.find(one => one.instance === wanted) : list[0];
}

/**
 * How many are open, by level. The server tells those that are open first, so where all that it told are open there may be more.
 * @param {Instance[]} told @param {number} more how many it left out
 */
export function openWords(told, more) {
  const open = told.filter(isOpen);
  if (open.length === 0) return '● nothing is open';
  const levels = counts(open).map(([level, count]) => `${levelText(level)} ${count}`).join('  ');
  return more > 0 && open.length === told.length ? `${levels}  and more` : levels;
}
