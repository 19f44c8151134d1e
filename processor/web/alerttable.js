// Rows of open alerts, as the page of alerts has them: what, where, since when, why, the last day, and what can be done.
// @ts-check
import { el, keep, set, write, writeTicked } from './dom.js';
import { format, levelText } from './format.js';
import { drawRibbon, ribbon } from './past.js';
import { ago, setAgo } from './shell.js';
import { to } from './url.js';

/**
 * An open instance with all that is known of it. `why` is what the rule says of it, `held` what keeps it quiet.
 * @typedef {{key: string, alert: string, instance: string, host: string | null, where: string, state: string, since: string, value: number | null, message: string,
 *   runbook: string | null, team: string | null, note: string, why: string[], held: string, fields: Record<string, string | null> | null, query: string | null, stretches: import('./past.js').Stretch[]}} Open
 */

/** @typedef {{silence: (open: Open) => void, acknowledge: (open: Open) => void}} Doing */

const HEADS = ['Level', 'Alert', 'Where', 'Value', 'Since', 'Message', 'Last 24 h', ''];

/** @param {HTMLTableElement} table @param {Open[]} list @param {Doing} doing @param {{readOnly: boolean, selected: string}} how */
export function drawTable(table, list, doing, how) {
  if (!table.tHead?.rows.length) {
    table.tHead?.append(el('tr', {}, ...HEADS.map(title => el('th', { scope: 'col', class: ['Value', 'Since'].includes(title) ? 'number' : null }, title || el('span.hidden', {}, 'Actions')))));
  }
  keep(table.tBodies[0], list, open => open.key, open => line(open), (row, open) => dress(row, open, doing, how));
}

/** @param {Open} open */
function line(open) {
  return el('tr', { 'data-row': true, tabindex: '0' },
    el('td.level', { 'data-th': 'Level' }), el('td', { 'data-th': 'Alert' }, el('a', {}, open.alert)), el('td.wide.where', { 'data-th': 'Where' }),
    el('td.number', { 'data-th': 'Value' }), el('td.number', { 'data-th': 'Since' }, ago(open.since, '')),
    el('td.message', {}, el('div'), el('div.quiet.small')), el('td.wide.past', {}, ribbon('24 h')),
    el('td.wide', {}, el('div.actions')));
}

/** @param {HTMLElement} row @param {Open} open @param {Doing} doing @param {{readOnly: boolean, selected: string}} how */
function dress(row, open, doing, how) {
  const [level, alert, where, value, since, message, past, actions] = row.children;
  set(row, 'class', `is-${open.state}`);
  set(row, 'aria-selected', how.selected === open.key ? 'true' : null);
  write(level, levelText(open.state));
  set(level, 'class', `level ${open.state}`);
  set(/** @type {Element} */ (alert.firstElementChild), 'href', `${to.alert(open.alert)}?instance=${encodeURIComponent(open.instance)}`);
  write(where, open.where);
  write(value, format(open.value));
  setAgo(/** @type {Element} */ (since.firstElementChild), open.since);
  write(message.children[0], open.message);
  writeTicked(/** @type {HTMLElement} */ (message.children[1]), [open.held, open.note, open.why[0] ?? '', open.team ? `team ${open.team}` : ''].filter(Boolean).join(' · '));
  drawRibbon(/** @type {SVGElement} */ (past.firstElementChild), open.stretches);
  buttons(/** @type {HTMLElement} */ (actions.firstElementChild), open, doing, how.readOnly);
}

/** @type {WeakMap<Element, Open>} what a row's buttons are about */
const about = new WeakMap();

/** @param {HTMLElement} box @param {Open} open @param {Doing} doing @param {boolean} readOnly */
function buttons(box, open, doing, readOnly) {
  about.set(box, open);
  const kind = `${open.runbook ?? ''} ${readOnly}`;
  if (box.dataset.kind === kind) return;
  box.dataset.kind = kind;
  const current = () => about.get(box) ?? open;
  const name = `${open.alert} ${open.instance}`.trim();
  box.replaceChildren(...[
    readOnly ? null : el('button.small', { type: 'button', 'aria-label': `Silence ${name}`, onclick: () => doing.silence(current()) }, 'Silence'),
    readOnly ? null : el('button.small', { type: 'button', 'aria-label': `Acknowledge ${name}`, onclick: () => doing.acknowledge(current()) }, 'Acknowledge'),
    runbook(open.runbook, name),
  ].filter(part => part !== null));
}

/** A link, where the runbook is one: a rule may say anything. @param {string | null} address @param {string} name */
export function runbook(address, name) {
  if (!address || !/^https?:\/\//.test(address)) return null;
  return el('a.button.small', { href: address, rel: 'noreferrer', 'aria-label': `Runbook of ${name}` }, 'Runbook');
}
