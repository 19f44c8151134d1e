// Rows in order, and rows as a grid: by any field of theirs.
// @ts-check
import { rank } from './format.js';

/** @typedef {import('./live.js').Row} Row */

/** A field's value: own fields, marks as one text, then attributes. @param {Row} row @param {string} field @returns {string | number | null} */
export function valueOf(row, field) {
  if (field === 'tags') return row.tags?.length ? row.tags.join(', ') : null;
  const own = row[field];
  if (typeof own === 'string' || typeof own === 'number') return own;
  return row.attributes?.[field] ?? null;
}

const collator = new Intl.Collator('en', { numeric: true });
/** Comparing by the collator is a hundred times slower: most names need none of it. @param {string} a @param {string} b */
function byText(a, b) {
  if (a === b) return 0;
  return /\d/.test(a) && /\d/.test(b) ? collator.compare(a, b) : a < b ? -1 : 1;
}

/** @param {string | number | null} a @param {string | number | null} b */
function byValue(a, b) {
  if (typeof a === 'number' && typeof b === 'number') return a - b;
  return byText(String(a), String(b));
}

/**
 * Rows in order of a field; states by how bad they are. What has no value comes last either way; equals stand by service and host,
 * so that nothing moves that need not.
 * @param {Iterable<Row>} rows @param {string} field @param {boolean} descending @returns {Row[]}
 */
export function sorted(rows, field, descending) {
  const turn = descending ? -1 : 1;
  const keyed = Array.from(rows, row => ({ row, key: field === 'state' ? stateKey(row) : valueOf(row, field) }));
  keyed.sort((a, b) => {
    if (a.key === null || b.key === null) return Number(a.key === null) - Number(b.key === null) || tie(a.row, b.row);
    return turn * byValue(a.key, b.key) || tie(a.row, b.row);
  });
  return keyed.map(({ row }) => row);
}

/**
 * The same for numbers and states alone, of rows that stand in order already: equals stay as they are. It compares no text, so that
 * thousands of rows can be put in order each second.
 * @param {Row[]} rows @param {string} field @param {boolean} descending @returns {Row[]}
 */
export function byNumber(rows, field, descending) {
  const turn = descending ? -1 : 1;
  const keyed = rows.map(row => ({ row, key: field === 'state' ? stateKey(row) : /** @type {number | null} */ (row[field]) }));
  keyed.sort((a, b) => {
    if (a.key === null || b.key === null) return Number(a.key === null) - Number(b.key === null);
    return turn * (a.key - b.key);
  });
  return keyed.map(({ row }) => row);
}

/** Fields that change with every event. */
export const MOVING = new Set(['metric', 'time', 'ttl', 'state']);

/** Critical is the most, no state the least. @param {Row} row */
function stateKey(row) {
  return row.state ? -rank(row.state) : null;
}

/** @param {Row} a @param {Row} b */
function tie(a, b) {
  return byText(a.service ?? '', b.service ?? '') || byText(a.host ?? '', b.host ?? '');
}

/** One square: how many rows fall into it, the worst of their states, and the highest metric with its row. @typedef {{count: number, state: string | null, row: Row}} Cell */
/** @typedef {{rows: string[], columns: string[], cells: Map<string, Cell>, hidden: {rows: number, columns: number}}} Grid */

/** The key of a square. @param {string} row @param {string} column */
export const at = (row, column) => `${row}\n${column}`;

/** Rows that have no such field stand under this. */
export const NONE = '–';

/**
 * @param {Iterable<Row>} rows @param {string} down the field whose values make lines @param {string} across the one that makes columns, '' for a single one
 * @param {{rows: number, columns: number}} [most] beyond them is counted as hidden
 * @returns {Grid}
 */
export function grid(rows, down, across, most = { rows: 200, columns: 40 }) {
  /** @type {Map<string, Cell>} */
  const cells = new Map();
  const [lines, columns] = [new Set(), new Set()];
  for (const row of rows) {
    const line = String(valueOf(row, down) ?? NONE);
    const column = across ? String(valueOf(row, across) ?? NONE) : 'all';
    lines.add(line);
    columns.add(column);
    const cell = cells.get(at(line, column));
    if (!cell) {
      cells.set(at(line, column), { count: 1, state: row.state, row });
      continue;
    }
    cell.count += 1;
    const [worse, same] = [rank(row.state) < rank(cell.state), rank(row.state) === rank(cell.state)];
    if (worse) cell.state = row.state;
    if (worse || (same && (row.metric ?? -Infinity) > (cell.row.metric ?? -Infinity))) cell.row = row;
  }
  const kept = (/** @type {Set<any>} */ names, /** @type {number} */ count) => [...names].sort(byText).slice(0, count);
  const shown = { rows: kept(lines, most.rows), columns: kept(columns, most.columns) };
  return { ...shown, cells, hidden: { rows: lines.size - shown.rows.length, columns: columns.size - shown.columns.length } };
}

/** The slice of a long list that a window shows, with some lines around it. @param {number} top scrolled, in pixels @param {number} height of the window @param {number} line height of one @param {number} count @param {number} [spare] */
export function slice(top, height, line, count, spare = 4) {
  const first = Math.max(0, Math.floor(top / line) - spare);
  const shown = Math.ceil(height / line) + 2 * spare;
  const from = Math.max(0, Math.min(first, count - shown));
  return { from, to: Math.min(count, from + shown) };
}
