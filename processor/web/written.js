// A rule as it is written: what each file says of it, at which line, and which tests name it.
// @ts-check
import { get } from './ask.js';
import { el } from './dom.js';

/** @typedef {{file: string, line: number, text: string}} Part */
/** @typedef {{file: string, line: number, name: string}} Test */
/** When the files were last read, and since when what is on is. @typedef {{ok: boolean, error: string | null, at: string | null, since: string | null}} Reading */

/** @param {{file?: string | null, line?: number | null}} one */
export const place = one => (one.file ? `${one.file}:${one.line}` : '');

/** Asks what there is of an alert or a stream. @param {'alert' | 'stream'} kind @param {string} name @returns {Promise<{last: Reading, written: Part[], tests: Test[]}>} */
export async function ask(kind, name) {
  const told = await get('/api/v1/rules', { [kind]: name });
  const [one] = [...told.rules, ...told.streams];
  return { last: told.last_reload, written: one?.written ?? [], tests: one?.tests ?? [] };
}

/** What the files say; one that lies over others comes behind them. @param {Part[]} written */
export function parts(written) {
  return written.flatMap(part => [el('p.quiet.small', {}, el('code', {}, place(part))), el('pre', { tabindex: '0', 'aria-label': `What ${place(part)} says` }, part.text)]);
}

/** @param {Test[]} list */
export function testList(list) {
  return list.length ? el('ul.tests', {}, ...list.map(test => el('li', {}, test.name, ' ', el('code.quiet', {}, place(test))))) : el('p.quiet', {}, 'No test of a rule file names it.');
}

/** Fills a box with all of it, once it is opened. @param {Element} box @param {'alert' | 'stream'} kind @param {string} name */
export function fill(box, kind, name) {
  ask(kind, name).then(({ written, tests }) => box.replaceChildren(...parts(written), ...(kind === 'alert' ? [el('p.quiet', {}, 'Tests that cover it:'), testList(tests)] : [])),
    error => box.replaceChildren(el('p.wrong', {}, error.message)));
}
