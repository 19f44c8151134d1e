// Rows as a grid: lines by one field, columns by another, each square coloured by its state.
// @ts-check
import { el, keep, set, write } from './dom.js';
import { levelClass, levelText } from './format.js';
import { LEVELS } from './format.js';
import { at, grid } from './order.js';
import { metricText } from './units.js';

/** @typedef {import('./live.js').Row} Row */

const MOST = { rows: 120, columns: 24 };

export class GridView {
  /** @param {HTMLElement} box @param {(down: string, across: string, count: number, row: Row) => void} open a square was picked: its line, its column, how many rows it has, and its worst */
  constructor(box, open) {
    this.open = open;
    this.caption = el('caption.hidden');
    this.heads = el('tr');
    this.body = el('tbody');
    this.note = el('p.small.quiet', { hidden: true });
    this.table = el('table.grid', {}, this.caption, el('thead', {}, this.heads), this.body);
    this.element = el('div', {}, el('div.scroll', { tabindex: '0', role: 'region', 'aria-label': 'Grid' }, this.table), this.note);
    /** @type {import('./order.js').Grid} */
    this.made = { rows: [], columns: [], cells: new Map(), hidden: { rows: 0, columns: 0 } };
    this.names = '';
    box.append(this.element);
    this.body.addEventListener('click', event => this.onClick(event));
  }

  /** @param {Iterable<Row>} rows @param {string} down @param {string} across */
  paint(rows, down, across) {
    const made = grid(rows, down, across, MOST);
    this.made = made;
    write(this.caption, `${made.rows.length} lines by ${down}${across ? `, ${made.columns.length} columns by ${across}` : ''}`);
    const names = [down, across, ...made.columns].join('\n');
    if (names !== this.names) {
      this.names = names;
      this.heads.replaceChildren(el('th', { scope: 'col' }, across ? `${down} × ${across}` : down), ...made.columns.map(name => el('th.number', { scope: 'col', title: name }, name)));
      this.body.replaceChildren();
    }
    keep(this.body, made.rows, name => `${this.names}\n${name}`, name => el('tr', {}, el('th', { scope: 'row', title: name }, name), ...made.columns.map(() => el('td.number'))), (tr, name) => this.dress(/** @type {HTMLTableRowElement} */ (tr), name));
    const { rows: lines, columns } = made.hidden;
    this.note.hidden = lines + columns === 0;
    write(this.note, `Beyond what is shown there are ${[lines && `${lines} lines`, columns && `${columns} columns`].filter(Boolean).join(' and ')}: narrow the query.`);
  }

  /** @param {HTMLTableRowElement} tr @param {string} name */
  dress(tr, name) {
    this.made.columns.forEach((column, index) => {
      const td = tr.cells[index + 1];
      const cell = this.made.cells.get(at(name, column));
      const text = cell ? squareText(cell) : '';
      if (td.textContent === text) return;
      if (!cell) {
        td.replaceChildren();
        set(td, 'class', 'number');
        return;
      }
      const level = cell.state ? levelClass(cell.state) : 'quiet';
      set(td, 'class', `number square is-${level}`);
      const button = td.firstElementChild ?? td.appendChild(el('button.plain', { type: 'button' }));
      write(button, text);
      set(button, 'title', `${cell.row.service} on ${cell.row.host}: ${metricText(cell.row)}${cell.state ? `, ${levelText(cell.state)}` : ''}${cell.count > 1 ? `; ${cell.count} events` : ''}`);
    });
  }

  /** @param {Event} event */
  onClick(event) {
    const td = event.target instanceof Element ? event.target.closest('td') : null;
    const tr = /** @type {HTMLTableRowElement | null} */ (td?.parentElement ?? null);
    if (!td || !tr) return;
    const [line, column] = [this.made.rows[tr.sectionRowIndex], this.made.columns[td.cellIndex - 1]];
    const cell = this.made.cells.get(at(line, column));
    if (cell) this.open(line, column, cell.count, cell.row);
  }
}

/** Sign of the state where it is one to look at, the metric, and how many more there are. @param {import('./order.js').Cell} cell */
function squareText({ state, row, count }) {
  const sign = state ? `${LEVELS[/** @type {'ok'} */ (state)] ?? '○'} ` : '';
  return `${sign}${row.metric === null ? row.state ?? '–' : metricText(row)}${count > 1 ? ` +${count - 1}` : ''}`;
}
