// A table of thousands of rows, of which only those in sight are in the page: about forty, which are filled anew as one scrolls.
// @ts-check
import { el, set, write } from './dom.js';
import { levelClass, levelText, shortSpan } from './format.js';
import { MOVING, byNumber, slice, sorted, valueOf } from './order.js';
import { Ring } from './ring.js';
import { draw } from './spark.js';
import { metricText } from './units.js';

/** @typedef {import('./live.js').Row} Row */
/** @typedef {{key: string, title: string, width: number, number?: boolean}} Column width as a share of the table's */

/** Columns that have a name of their own; any attribute may be one too. @type {Record<string, Column>} */
export const COLUMNS = {
  state: { key: 'state', title: 'State', width: 10 }, host: { key: 'host', title: 'Host', width: 12 }, service: { key: 'service', title: 'Service', width: 44 },
  metric: { key: 'metric', title: 'Metric', width: 12, number: true }, spark: { key: 'spark', title: 'Lately', width: 11 },
  time: { key: 'time', title: 'Age', width: 8, number: true }, ttl: { key: 'ttl', title: 'TTL', width: 7, number: true },
  description: { key: 'description', title: 'Description', width: 22 }, tags: { key: 'tags', title: 'Marks', width: 8 },
};

/** @param {string} key @returns {Column} */
export function columnOf(key) {
  return COLUMNS[key] ?? { key, title: key, width: 16 };
}

/** Putting rows in order while people read is of no use more often. */
const ORDER_MS = 1000;
/** Rows that are skipped by Page Up and Page Down. */
const PAGE = 12;

export class RowTable {
  /**
   * @param {HTMLElement} box @param {{caption: string, open: (row: Row) => void, sorted: (key: string, descending: boolean) => void}} about
   *   open: Enter or a click on a row; sorted: the reader chose another order
   */
  constructor(box, about) {
    this.about = about;
    /** @type {Map<number, Row>} */
    this.source = new Map();
    /** @type {(row: Row) => boolean} */
    this.filter = () => true;
    /** @type {Column[]} */
    this.columns = [];
    this.key = 'service';
    this.descending = false;
    /** @type {Row[]} by service and host */
    this.base = [];
    /** @type {number[]} ids in the order shown */
    this.order = [];
    /** @type {Set<number>} ids of those that the filter let in */
    this.fitting = new Set();
    this.isStale = true;
    this.orderedAt = -Infinity;
    /** @type {Map<number, Ring>} */
    this.rings = new Map();
    this.line = 34;
    this.height = 600;
    this.selected = 0;
    this.wantsFocus = false;
    /** @type {HTMLTableRowElement[]} */
    this.pool = [];
    this.group = el('colgroup');
    this.heads = el('tr', { 'aria-rowindex': 1 });
    this.above = el('tbody', { 'aria-hidden': 'true' }, el('tr', {}, el('td.pad')));
    this.body = el('tbody');
    this.below = el('tbody', { 'aria-hidden': 'true' }, el('tr', {}, el('td.pad')));
    this.table = el('table.rows', {}, el('caption.hidden', {}, about.caption), this.group, el('thead', {}, this.heads), this.above, this.body, this.below);
    this.scroller = el('div.scroller', { onscroll: () => this.fill() }, this.table);
    box.append(this.scroller);
    this.body.addEventListener('click', event => this.onClick(event));
    this.body.addEventListener('keydown', event => this.onKey(event));
    this.body.addEventListener('focusin', event => this.onFocus(event));
    new ResizeObserver(() => this.measure()).observe(this.scroller);
  }

  /** @param {string[]} keys */
  setColumns(keys) {
    if (keys.join() === this.columns.map(column => column.key).join()) return;
    this.columns = keys.map(columnOf);
    const whole = this.columns.reduce((sum, column) => sum + column.width, 0);
    this.group.replaceChildren(...this.columns.map(column => {
      const col = el('col', { class: `c-${column.key}` });
      col.style.width = `${((100 * column.width) / whole).toFixed(2)}%`;
      return col;
    }));
    this.heads.replaceChildren(...this.columns.map(column => el('th', { scope: 'col', class: kind(column), 'data-key': column.key },
      column.key === 'spark' ? column.title : el('button.plain', { type: 'button', onclick: () => this.chooseOrder(column) }, column.title))));
    for (const row of this.pool) row.remove();
    this.pool = [];
    this.markOrder();
    this.fill();
  }

  /** @param {Column} column */
  chooseOrder(column) {
    const descending = this.key === column.key ? !this.descending : Boolean(column.number) || column.key === 'state';
    this.setOrder(column.key, descending);
    this.about.sorted(column.key, descending);
  }

  /** @param {string} key @param {boolean} descending */
  setOrder(key, descending) {
    [this.key, this.descending] = [key, descending];
    this.markOrder();
    this.stale();
    this.paint();
  }

  markOrder() {
    for (const head of this.heads.cells) {
      // The age is a time turned round: the youngest row is the latest.
      const down = head.dataset.key === 'time' ? !this.descending : this.descending;
      set(head, 'aria-sort', head.dataset.key !== this.key ? null : down ? 'descending' : 'ascending');
    }
  }

  /** Other rows than before. @param {Map<number, Row>} source */
  setSource(source) {
    this.source = source;
    for (const id of this.rings.keys()) if (!source.has(id)) this.rings.delete(id);
    for (const row of source.values()) this.note(row);
    this.isStale = true;
    this.orderedAt = -Infinity;
  }

  /** A row is there or has other values, by which the filter may let it in, or no more. @param {Row} row */
  change(row) {
    this.note(row);
    if (this.filter(row) !== this.fitting.has(row.id)) this.isStale = true;
  }

  /** @param {Row} row */
  gone(row) {
    this.rings.delete(row.id);
    this.isStale = true;
  }

  /** @param {Row} row */
  note(row) {
    if (row.metric === null) return;
    let ring = this.rings.get(row.id);
    if (!ring) this.rings.set(row.id, (ring = new Ring()));
    ring.push(row.time, row.metric);
  }

  /** What is shown or its order changed by a reader's wish: no waiting. */
  stale() {
    this.isStale = true;
    this.orderedAt = -Infinity;
  }

  /** Rows in the order shown. */
  get count() {
    return this.order.length;
  }

  /** @param {number} [now] */
  paint(now = performance.now()) {
    const isMoving = MOVING.has(this.key);
    if ((this.isStale || isMoving) && now - this.orderedAt >= ORDER_MS - 50) {
      if (this.isStale) {
        const rows = [...this.source.values()].filter(this.filter);
        this.fitting = new Set(rows.map(row => row.id));
        this.base = sorted(rows, isMoving ? 'service' : this.key, isMoving ? false : this.descending);
      } else this.base = this.base.map(row => this.source.get(row.id) ?? row);
      const shown = isMoving ? byNumber(this.base, this.key, this.descending) : this.base;
      const before = this.order[this.selected];
      this.order = shown.map(row => row.id);
      this.follow(before);
      this.isStale = false;
      this.orderedAt = now;
    }
    this.fill();
  }

  /** The row in hand stays in hand, wherever it went. @param {number | undefined} id */
  follow(id) {
    const place = id === undefined ? -1 : this.order.indexOf(id);
    this.selected = Math.max(0, place >= 0 ? place : Math.min(this.selected, this.order.length - 1));
  }

  measure() {
    this.height = this.scroller.clientHeight || this.height;
    const first = this.pool.find(row => !row.hidden);
    if (first?.offsetHeight) this.line = first.offsetHeight;
    this.fill();
  }

  /** Fills what is in sight. */
  fill() {
    const { from, to } = slice(this.scroller.scrollTop, this.height, this.line, this.order.length);
    set(this.table, 'aria-rowcount', this.order.length + 1);
    pad(this.above, from * this.line);
    pad(this.below, (this.order.length - to) * this.line);
    while (this.pool.length < to - from) this.pool.push(this.body.appendChild(this.makeRow()));
    const now = Date.now() / 1000;
    this.pool.forEach((tr, index) => {
      const id = from + index < to ? this.order[from + index] : undefined;
      const row = id === undefined ? undefined : this.source.get(id);
      tr.hidden = !row;
      if (row) this.dress(tr, row, from + index, now);
    });
    for (const tr of this.pool) this.drawSpark(tr);
    if (this.wantsFocus) this.focusSelected(from);
  }

  makeRow() {
    return el('tr', { 'data-row': true }, ...this.columns.map(column => {
      const cell = el(column.key === 'service' ? 'th' : 'td', { scope: column.key === 'service' ? 'row' : null, class: kind(column) });
      if (column.key === 'spark') cell.append(el('canvas.spark', { 'aria-hidden': 'true' }));
      if (column.key === 'service') cell.append(el('span.name', {}, el('bdi', { dir: 'ltr' })), el('span.at.small.quiet'));
      return cell;
    }));
  }

  /** @param {HTMLTableRowElement} tr @param {Row} row @param {number} place @param {number} now */
  dress(tr, row, place, now) {
    if (tr.dataset.id !== String(row.id)) tr.dataset.id = String(row.id);
    set(tr, 'aria-rowindex', place + 2);
    set(tr, 'tabindex', place === this.selected ? 0 : -1);
    const shown = row.state && row.state in { critical: 1, warning: 1, info: 1 } ? `is-${row.state}` : null;
    set(tr, 'class', shown);
    this.columns.forEach((column, index) => {
      const cell = tr.cells[index];
      if (column.key === 'spark') return;
      if (column.key === 'service') {
        write(/** @type {Element} */ (cell.firstElementChild?.firstElementChild), row.service ?? '–');
        write(/** @type {Element} */ (cell.lastElementChild), row.host ?? '');
        return;
      }
      const text = cellText(row, column.key, now);
      if (cell.textContent === text) return;
      cell.textContent = text;
      if (column.key === 'state') set(cell, 'class', `level c-state ${row.state ? levelClass(row.state) : 'quiet'}`);
    });
  }

  /** @param {HTMLTableRowElement} tr */
  drawSpark(tr) {
    const at = this.columns.findIndex(column => column.key === 'spark');
    if (at < 0 || tr.hidden) return;
    const ring = this.rings.get(Number(tr.dataset.id));
    const canvas = /** @type {HTMLCanvasElement} */ (tr.cells[at].firstElementChild);
    const drawn = `${tr.dataset.id} ${ring?.count ?? 0}`;
    if (canvas.dataset.drawn === drawn) return;
    canvas.dataset.drawn = drawn;
    draw(canvas, /** @type {any} */ (ring), null);
  }

  /** The colours changed. */
  turn() {
    for (const tr of this.pool) for (const canvas of tr.querySelectorAll('canvas')) delete canvas.dataset.drawn;
    this.fill();
  }

  /** @returns {Row | undefined} the row that has the focus */
  focused() {
    const tr = document.activeElement?.closest?.('tr[data-id]');
    return tr && this.body.contains(tr) ? this.source.get(Number(/** @type {HTMLElement} */ (tr).dataset.id)) : undefined;
  }

  /** Goes to another row, and there with the focus. @param {number} place */
  go(place) {
    if (!this.order.length) return;
    this.selected = Math.max(0, Math.min(this.order.length - 1, place));
    const top = this.selected * this.line;
    const head = /** @type {HTMLElement} */ (this.heads).offsetHeight;
    if (top < this.scroller.scrollTop) this.scroller.scrollTop = top;
    else if (top + this.line + head > this.scroller.scrollTop + this.height) this.scroller.scrollTop = top + this.line + head - this.height;
    this.wantsFocus = true;
    this.fill();
  }

  /** @param {number} step */
  step(step) {
    this.go(this.focused() ? this.selected + step : this.selected);
  }

  /** @param {number} from */
  focusSelected(from) {
    this.wantsFocus = false;
    this.pool[this.selected - from]?.focus({ preventScroll: true });
  }

  /** @param {Event} event */
  rowOf(event) {
    const tr = event.target instanceof Element ? event.target.closest('tr') : null;
    return tr ? this.source.get(Number(tr.dataset.id)) : undefined;
  }

  /** @param {Event} event */
  onClick(event) {
    const row = this.rowOf(event);
    if (row && !getSelection()?.toString()) this.about.open(row);
  }

  /** @param {Event} event */
  onFocus(event) {
    const row = this.rowOf(event);
    const place = row ? this.order.indexOf(row.id) : -1;
    if (place < 0 || place === this.selected) return;
    this.selected = place;
    this.fill();
  }

  /** @param {KeyboardEvent} event */
  onKey(event) {
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    const steps = /** @type {Record<string, () => void>} */ ({
      ArrowDown: () => this.step(1), ArrowUp: () => this.step(-1), PageDown: () => this.step(PAGE), PageUp: () => this.step(-PAGE),
      Home: () => this.go(0), End: () => this.go(this.order.length - 1), Enter: () => { const row = this.rowOf(event); if (row) this.about.open(row); },
    });
    if (!(event.key in steps)) return;
    event.preventDefault();
    steps[event.key]();
  }
}

/** @param {Column} column */
function kind(column) {
  return [column.number && 'number', `c-${column.key}`].filter(Boolean).join(' ');
}

/** @param {HTMLTableSectionElement} body @param {number} height */
function pad(body, height) {
  body.hidden = height === 0;
  const cell = body.rows[0].cells[0];
  if (cell.style.height !== `${height}px`) cell.style.height = `${height}px`;
}

/** @param {Row} row @param {string} key @param {number} now */
export function cellText(row, key, now) {
  if (key === 'state') return row.state ? levelText(row.state) : '–';
  if (key === 'metric') return metricText(row);
  if (key === 'time') return shortSpan(now - row.time);
  if (key === 'ttl') return row.ttl === null || row.ttl === undefined ? '–' : `${row.ttl} s`;
  return String(valueOf(row, key) ?? '–');
}
