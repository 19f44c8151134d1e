// Silence an alert, say that you look after it, disable its rule: what a page may change.
// @ts-check
import { send } from './ask.js';
import { el } from './dom.js';
import { quoted } from './url.js';

/** An instance: `fields` are those of the rule's `by`, `query` finds its event and no other alert's; null: the rule is gone.
 * @typedef {{alert: string, query: string | null, host: string | null, fields: Record<string, string | null>}} Target */

const LENGTHS = [['1h', '1 hour'], ['4h', '4 hours'], ['1d', '1 day'], ['until', 'Until…']];

/** Who asks is remembered by this browser. */
function author() {
  try {
    return localStorage.getItem('skep.author') ?? '';
  } catch {
    return '';
  }
}

/** @param {string} name */
function remember(name) {
  try {
    localStorage.setItem('skep.author', name);
  } catch {
    // Then it is typed again.
  }
}

/** Choices of what a silence is about, the narrowest first: words and query. @param {Target} target @returns {[string, string][]} */
export function scopes({ alert, query, host, fields }) {
  /** @type {[string, string][]} */
  const found = [];
  if (query && Object.keys(fields).length) found.push(['This instance', query]);
  found.push([`All of ${alert}`, `alert = ${quoted(alert)}`]);
  if (host) found.push([`Everything of ${host}`, `host = ${quoted(host)}`]);
  return found;
}

/**
 * Opens a dialog with a form and waits for its end.
 * @param {string} title @param {HTMLElement[]} fields @param {string} verb @param {(form: FormData) => Promise<string>} submit does it and gives what is to be said
 * @returns {Promise<string | null>} null when nothing was done
 */
function ask(title, fields, verb, submit) {
  const wrong = el('p.wrong', { role: 'alert' });
  const button = el('button.primary', { type: 'submit' }, verb);
  const form = el('form', { method: 'dialog' }, ...fields, wrong,
    el('p.actions', {}, el('button', { type: 'button', onclick: () => dialog.close() }, 'Cancel'), button));
  const dialog = el('dialog', { 'aria-labelledby': 'dialog-title' }, el('h2', { id: 'dialog-title' }, title), form);
  document.body.append(dialog);
  dialog.showModal();
  return new Promise(resolve => {
    /** @type {string | null} */
    let said = null;
    dialog.addEventListener('close', () => {
      dialog.remove();
      resolve(said);
    });
    form.addEventListener('submit', event => {
      event.preventDefault();
      button.disabled = true;
      wrong.textContent = '';
      submit(new FormData(form)).then(text => {
        said = text;
        dialog.close();
      }, error => {
        wrong.textContent = error.message;
        button.disabled = false;
      });
    });
  });
}

/** @param {string} label @param {HTMLElement} input */
const field = (label, input) => el('label', {}, el('span', {}, label), input);
const nameField = () => field('Who', el('input', { name: 'author', value: author(), autocomplete: 'name', placeholder: 'your name' }));
/** @param {FormData} form @param {string} name */
const text = (form, name) => String(form.get(name) ?? '').trim();

/** @param {Target} target @returns {Promise<string | null>} what was done */
export function silence(target) {
  const choices = scopes(target);
  const query = el('input', { name: 'where', value: choices[0][1], spellcheck: 'false', required: true });
  const pick = el('select', { name: 'scope', onchange: () => (query.value = choices[Number(pick.value)][1]) },
    ...choices.map(([words], index) => el('option', { value: index }, words)));
  const until = el('input', { type: 'datetime-local', name: 'until', 'aria-label': 'Until', hidden: true });
  const lengths = el('fieldset', {}, el('legend', {}, 'How long'), el('div.actions', {}, ...LENGTHS.map(([value, words], index) =>
    el('label.pick', {}, el('input', { type: 'radio', name: 'for', value, checked: index === 0, onchange: () => {
      until.hidden = value !== 'until';
      until.required = value === 'until';
    } }), words))), until);
  const why = el('input', { name: 'why', required: true, placeholder: 'maintenance, known fault, …' });
  return ask(`Silence ${target.alert}`, [field('What', pick), field('As a query over the alert', query), lengths, field('Why', why), nameField()], 'Silence', async form => {
    const how = text(form, 'for') === 'until' ? { until: new Date(text(form, 'until')).toISOString() } : { for: text(form, 'for') };
    remember(text(form, 'author'));
    const made = await send('POST', '/api/v1/silences', { where: text(form, 'where'), ...how, why: text(form, 'why'), author: text(form, 'author') });
    return `Silence ${made.id} is on.`;
  });
}

/** @param {Target} target @returns {Promise<string | null>} what was done */
export function acknowledge(target) {
  const note = el('input', { name: 'note', required: true, placeholder: 'what you are doing about it' });
  return ask(`Acknowledge ${target.alert}`, [field('Note', note), nameField()], 'Acknowledge', async form => {
    remember(text(form, 'author'));
    const fields = Object.fromEntries(Object.entries(target.fields).map(([key, value]) => [key, value ?? '-']));
    const done = await send('POST', '/api/v1/alerts/ack', { alert: target.alert, fields, note: text(form, 'note'), author: text(form, 'author') });
    return `${done.acknowledged} acknowledged.`;
  });
}

/** Has a rule tell nobody until it is enabled. @param {string} alert @returns {Promise<string | null>} what was done */
export function disable(alert) {
  const about = el('p', {}, 'Its alerts change and show as always, but nobody is told of them until somebody enables it again.');
  const why = el('input', { name: 'why', required: true, placeholder: 'too loud, being rewritten, …' });
  return ask(`Disable ${alert}`, [about, field('Why', why), nameField()], 'Disable', async form => {
    remember(text(form, 'author'));
    await send('POST', '/api/v1/rules/disable', { alert, why: text(form, 'why'), author: text(form, 'author') });
    return `${alert} is disabled.`;
  });
}

/** Has it tell again. @param {string} alert @returns {Promise<string>} */
export async function enable(alert) {
  await send('POST', '/api/v1/rules/enable', { alert });
  return `${alert} is enabled.`;
}

/** Ends a silence. @param {string} id @returns {Promise<string>} */
export async function endSilence(id) {
  await send('DELETE', `/api/v1/silences/${encodeURIComponent(id)}`);
  return `Silence ${id} is over.`;
}
