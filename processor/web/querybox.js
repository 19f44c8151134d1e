// The box for a query: completes names and values that were seen, and shows a mistake where it is.
// @ts-check
import { el, set } from './dom.js';
import { complete, marked, taken } from './query.js';

/** A mistake as the server tells it; places are in characters. @typedef {{message: string, help?: string | null, position: number, end: number}} Mistake */

export class QueryBox {
  /**
   * @param {HTMLElement} box
   * @param {{seen: () => import('./query.js').Seen, run: (query: string) => void, wants: (field: string) => void}} about
   *   run: Enter; wants: values of this field may be asked for soon
   */
  constructor(box, about) {
    this.about = about;
    this.at = -1;
    /** @type {{from: number, to: number, options: import('./query.js').Option[]}} */
    this.found = { from: 0, to: 0, options: [] };
    this.list = el('ul.results', { id: 'query-options', role: 'listbox', 'aria-label': 'What may stand here', hidden: true });
    this.wrong = el('div.mistake', { id: 'query-mistake', hidden: true });
    this.input = el('input.query', {
      id: 'query', type: 'text', spellcheck: 'false', autocomplete: 'off', autocapitalize: 'off', placeholder: 'true',
      role: 'combobox', 'aria-expanded': 'false', 'aria-controls': 'query-options', 'aria-autocomplete': 'list', 'aria-describedby': 'query-mistake',
      oninput: () => this.offer(), onkeydown: (/** @type {KeyboardEvent} */ event) => this.onKey(event), onblur: () => this.close(), onclick: () => this.offer(),
    });
    const form = el('form.queryform', { role: 'search', 'aria-label': 'The index', onsubmit: (/** @type {Event} */ event) => { event.preventDefault(); this.submit(); } },
      el('label', { for: 'query' }, 'Query'), el('div.queryfield', {}, this.input, this.list), el('button.primary', { type: 'submit' }, 'Show'));
    box.append(form, this.wrong);
  }

  get value() {
    return this.input.value.trim();
  }

  set value(text) {
    this.input.value = text;
    this.close();
  }

  submit() {
    this.close();
    this.about.run(this.value);
  }

  /** @param {string} query @param {Mistake[]} mistakes none: all is well */
  show(query, mistakes) {
    this.wrong.hidden = mistakes.length === 0;
    set(this.input, 'aria-invalid', mistakes.length ? 'true' : null);
    this.wrong.replaceChildren(...mistakes.slice(0, 3).map(({ message, help, position, end }) => el('div', {},
      el('pre', {}, marked(query, position, end)), el('p', {}, el('span.wrong', {}, `■ ${message}`), help ? `; ${help}` : ''))));
  }

  offer() {
    const caret = this.input.selectionStart ?? this.input.value.length;
    const before = this.input.value.slice(0, caret);
    const field = /([^\s()"=<>!~]+)\s*[=!~]+\s*(?:"[^"]*)?$/.exec(before)?.[1];
    if (field) this.about.wants(field);
    this.found = complete(this.input.value, caret, this.about.seen());
    this.at = -1;
    this.showOptions();
  }

  /** Values came that were asked for: what somebody has chosen already stays chosen. */
  again() {
    if (document.activeElement !== this.input || this.list.hidden) return;
    const chosen = this.found.options[this.at]?.text;
    this.offer();
    this.at = this.found.options.findIndex(({ text }) => text === chosen);
    this.showOptions();
  }

  showOptions() {
    const { options } = this.found;
    this.list.hidden = options.length === 0;
    set(this.input, 'aria-expanded', String(options.length > 0));
    set(this.input, 'aria-activedescendant', this.at >= 0 ? `option-${this.at}` : null);
    this.list.replaceChildren(...options.map(({ text, about }, index) => el('li', {
      id: `option-${index}`, role: 'option', 'aria-selected': String(index === this.at), onmousedown: (/** @type {Event} */ event) => event.preventDefault(), onclick: () => this.take(index),
    }, el('code', {}, text), el('span.quiet.small', {}, about))));
    this.list.children[this.at]?.scrollIntoView({ block: 'nearest' });
  }

  close() {
    this.list.hidden = true;
    this.at = -1;
    set(this.input, 'aria-expanded', 'false');
    set(this.input, 'aria-activedescendant', null);
  }

  /** @param {number} index */
  take(index) {
    const [text, caret] = taken(this.input.value, this.found, this.found.options[index].text);
    this.input.value = text;
    this.input.setSelectionRange(caret, caret);
    this.input.focus();
    this.offer();
  }

  /** @param {KeyboardEvent} event */
  onKey(event) {
    const isOpen = !this.list.hidden;
    const count = this.found.options.length;
    if (event.key === 'ArrowDown' && !isOpen) this.offer();
    else if ((event.key === 'ArrowDown' || event.key === 'ArrowUp') && isOpen) {
      this.at = event.key === 'ArrowDown' ? (this.at + 1) % count : (this.at <= 0 ? count : this.at) - 1;
      this.showOptions();
    } else if (event.key === 'Tab' && isOpen && !event.shiftKey && this.input.value.length > 0 && this.found.from < this.found.to) this.take(Math.max(0, this.at));
    else if (event.key === 'Enter' && isOpen && this.at >= 0) this.take(this.at);
    else if (event.key === 'Escape' && isOpen) this.close();
    else return;
    event.preventDefault();
  }
}
