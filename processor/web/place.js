// What the pages of one node, service or container have in common: figures at first sight, alerts, events, charts.
// @ts-check
import { el, keep, set, write } from './dom.js';
import { levelClass, levelText, rank } from './format.js';
import { loud, messageOf, sorted, whereOf } from './open.js';
import { ago, setAgo } from './shell.js';
import { to } from './url.js';

/** @typedef {import('./live.js').Row} Row */
/** A figure with what it is and a remark; `kind` colours the remark. @typedef {{label: string, figure: string, of?: string, note?: string, kind?: string, href?: string}} Figure */

/** The newest metric, or null. @param {Map<string, Row>} rows by service @param {string} service */
export function metric(rows, service) {
  return rows.get(service)?.metric ?? null;
}

/** The table of alerts that are open here. */
export class Alerts {
  /** @param {string} none what to say without any */
  constructor(none) {
    this.body = el('tbody');
    this.table = el('div.scroll', { hidden: true }, el('table.stack', {}, el('caption.hidden', {}, 'Open alerts, the worst and oldest first'),
      el('thead', {}, el('tr', {}, ...['Level', 'Alert', 'Where', 'Since', 'Message'].map(name => el('th', { scope: 'col', class: name === 'Since' ? 'number' : null }, name)))), this.body));
    this.none = el('p.empty', {}, none);
    this.element = el('section', { 'aria-labelledby': 'alerts-title' }, el('h2', { id: 'alerts-title' }, 'Open alerts'), this.none, this.table);
  }

  /** @param {Row[]} rows */
  draw(rows) {
    this.table.hidden = rows.length === 0;
    this.none.hidden = rows.length > 0;
    keep(this.body, sorted(rows), row => `${row.host} ${row.service}`, row => el('tr', { 'data-row': true, tabindex: '0' },
      el('td.level', { 'data-th': 'Level' }), el('td', { 'data-th': 'Alert' }, el('a', { href: to.alert(row.alert) }, row.alert)), el('td.wide.where', { 'data-th': 'Where' }),
      el('td.number', { 'data-th': 'Since' }, ago(row.since, '')), el('td.message')), (tr, row) => {
      const [level, , where, since, message] = tr.children;
      set(tr, 'class', `is-${row.state}`);
      write(level, levelText(row.state));
      set(level, 'class', `level ${levelClass(row.state)}`);
      write(where, whereOf(row));
      setAgo(/** @type {Element} */ (since.firstElementChild), row.since);
      write(message, messageOf(row));
    });
  }
}

/** Figures at first sight. */
export class Figures {
  constructor() {
    this.element = el('ul.tiles', { 'aria-label': 'At first sight' });
  }

  /** @param {Figure[]} figures */
  draw(figures) {
    keep(this.element, figures, one => `${one.label} ${one.href ?? ''}`, one => el('li', {}, el(one.href ? 'a.tile' : 'div.tile', one.href ? { href: one.href } : {},
      el('span.label', {}, one.label), el('span.figure', {}, el('span'), ' ', el('small')), el('span.note'))), (item, one) => {
      const [, figure, note] = /** @type {Element} */ (item.firstElementChild).children;
      write(figure.children[0], one.figure);
      write(figure.children[1], one.of ?? '');
      write(note, one.note ?? '');
      set(note, 'class', `note ${one.kind ?? 'quiet'}`);
    });
  }
}

/** The worst level of those that nothing silences, `ok` without any. @param {Row[]} alerts */
export function worst(alerts) {
  return loud(alerts).reduce((level, row) => (rank(row.state) < rank(level) ? row.state ?? level : level), 'ok');
}

/** A heading with a level beside it. @param {string} kind @param {string} name */
export function heading(kind, name) {
  const level = el('span.level.small');
  const about = el('p.quiet.about');
  const grafana = el('a.small', { hidden: true }, 'Longer, in Grafana');
  return { level, about, grafana, element: el('div.place', {}, el('p.bread', {}, el('a', { href: '/' }, 'Swarm'), el('span', { 'aria-hidden': 'true' }, '›'), kind), el('h1', {}, name, ' ', level), about, el('p', {}, grafana)) };
}

/** @param {Element} element @param {string} level @param {string} [word] */
export function showLevel(element, level, word = levelText(level)) {
  write(element, word);
  set(element, 'class', `level small ${levelClass(level)}`);
}

/** A titled section. @param {string} title @param {...HTMLElement} children */
export function section(title, ...children) {
  const id = title.toLowerCase().replaceAll(/[^a-z]+/g, '-');
  return el('section', { 'aria-labelledby': id }, el('h2', { id }, title), ...children);
}

/** What happened, newest first. @param {string} none */
export function happenedBox(none) {
  const list = el('ol.panel.happened', { reversed: true, hidden: true });
  const empty = el('p.empty', {}, none);
  return { list, empty, element: section('What happened', empty, list) };
}
