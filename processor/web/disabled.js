// Whether a rule tells anybody: who disabled it, and what turns that.
// @ts-check
import { when } from './format.js';

/** As the server tells of it. @typedef {{id: string, author: string, why: string, since: string}} Disabled */

/** @param {Disabled} by */
export function disabledWords(by) {
  return `Disabled${by.author ? ` by ${by.author}` : ''} since ${when(by.since)}${by.why ? `: ${by.why}` : ''}`;
}

/** Disables a rule, or enables it again, and says what was done. @param {import('./shell.js').Shell} shell @param {string} name @param {boolean} isDisabled @param {() => unknown} after */
export function turn(shell, name, isDisabled, after) {
  if (shell.readOnly) return;
  const done = import('./dialogs.js').then(dialogs => (isDisabled ? dialogs.enable(name) : dialogs.disable(name)));
  done.then(said => said && shell.say(said), error => shell.say(error.message, { urgent: true })).finally(after);
}
