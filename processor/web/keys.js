// The keyboard: `g` and a letter goes to a page, other letters are the page's own. Never with Ctrl, Alt or Meta, never while somebody writes.
// @ts-check
import { el } from './dom.js';

/** @typedef {{key: string, about: string, run: (event: KeyboardEvent) => void}} Key */

/** @type {[string, string, string][]} letter, page, address */
export const GO = [
  ['s', 'Swarm', '/'], ['n', 'Nodes', '/#nodes'], ['a', 'Alerts', '/alerts'],
  ['i', 'Explore the index', '/explore'], ['r', 'Rules', '/rules'], ['t', 'Status', '/status'],
];

/** How long after `g` its letter may come. */
const PATIENCE_MS = 1500;

/** @param {EventTarget | null} target */
function isWriting(target) {
  return target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName));
}

/** Elements that j and k step through: a page marks them with `data-row`. */
function rows() {
  return /** @type {HTMLElement[]} */ ([...document.querySelectorAll('main [data-row]')]).filter(row => row.offsetParent !== null);
}

/** Moves the focus to the next row, or the one before. @param {number} step */
export function stepRow(step) {
  const all = rows();
  const at = all.findIndex(row => row === document.activeElement || row.contains(document.activeElement));
  const next = all[at < 0 ? (step > 0 ? 0 : all.length - 1) : Math.min(all.length - 1, Math.max(0, at + step))];
  next?.focus();
  next?.scrollIntoView({ block: 'nearest' });
}

/** The row that has the focus. @returns {HTMLElement | null} */
export function focusedRow() {
  return document.activeElement instanceof HTMLElement ? document.activeElement.closest('[data-row]') : null;
}

/** @param {KeyboardEvent} event */
function openRow(event) {
  const row = focusedRow();
  if (!row || event.target !== row) return;
  row.querySelector('a')?.click();
}

/** Listens. @param {Key[]} own the page's keys, which go before those of every page */
export function listen(own) {
  let wentAt = -PATIENCE_MS;
  const dialog = help(own);
  /** @type {Key[]} */
  const keys = [
    ...own,
    { key: '?', about: '', run: () => dialog.showModal() },
    { key: 'j', about: '', run: () => stepRow(1) },
    { key: 'k', about: '', run: () => stepRow(-1) },
    { key: 'ArrowDown', about: '', run: event => focusedRow() && (event.preventDefault(), stepRow(1)) },
    { key: 'ArrowUp', about: '', run: event => focusedRow() && (event.preventDefault(), stepRow(-1)) },
    { key: 'Enter', about: '', run: openRow },
    { key: '/', about: '', run: event => (event.preventDefault(), document.getElementById('search')?.focus()) },
  ];
  document.addEventListener('keydown', event => {
    if (event.ctrlKey || event.altKey || event.metaKey || event.defaultPrevented) return;
    if (isWriting(event.target) || document.querySelector('dialog[open]')) return;
    const after = event.timeStamp - wentAt < PATIENCE_MS;
    wentAt = -PATIENCE_MS;
    const go = after && GO.find(([letter]) => letter === event.key);
    if (go) location.assign(go[2]);
    else if (event.key === 'g') wentAt = event.timeStamp;
    else keys.find(({ key }) => key === event.key)?.run(event);
  });
  return () => dialog.showModal();
}

/** The list of keys. @param {Key[]} own */
function help(own) {
  const line = (/** @type {string[]} */ keys, /** @type {string} */ about) =>
    el('div', {}, el('dt', {}, ...keys.flatMap((key, index) => [index ? ' ' : null, el('kbd', {}, key)])), el('dd', {}, about));
  const close = el('button', { type: 'button', onclick: () => dialog.close() }, 'Close');
  const dialog = el('dialog.help', { 'aria-labelledby': 'help-title' },
    el('h2', { id: 'help-title' }, 'Keys'),
    el('dl', {},
      line(['/'], 'search'), line(['j', 'k'], 'next row, row before'), line(['Enter'], 'open the row'), line(['Esc'], 'close what is open'),
      ...GO.map(([letter, page]) => line(['g', letter], page)),
      ...own.filter(key => key.about).map(key => line([key.key], key.about)),
      line(['?'], 'this list')),
    el('p.actions', {}, close));
  document.body.append(dialog);
  return dialog;
}
