import assert from 'node:assert/strict';
import { test } from 'node:test';
import { at, byNumber, grid, slice, sorted, valueOf } from '../order.js';

const row = (service, metric, more = {}) => ({ id: 0, host: 'n1', service, metric, state: null, time: 0, tags: [], attributes: {}, ...more });

test('a value is a field of the event or an attribute', () => {
  const one = row('a', 1, { tags: ['x', 'y'], attributes: { path: '/' } });
  assert.deepEqual(['service', 'metric', 'path', 'tags', 'nothing'].map(field => valueOf(one, field)), ['a', 1, '/', 'x, y', null]);
});

test('numbers go by value, names as people count, and what has none comes last', () => {
  const names = rows => rows.map(one => one.service);
  const rows = [row('c10', 5), row('c9', 30), row('none', null), row('c2', 5)];
  assert.deepEqual(names(sorted(rows, 'metric', true)), ['c9', 'c2', 'c10', 'none']);
  assert.deepEqual(names(sorted(rows, 'metric', false)), ['c2', 'c10', 'c9', 'none']);
  assert.deepEqual(names(sorted(rows, 'service', false)), ['c2', 'c9', 'c10', 'none']);
});

test('states go by how bad they are', () => {
  const rows = ['ok', 'critical', null, 'warning'].map(state => row(String(state), 0, { state }));
  assert.deepEqual(sorted(rows, 'state', true).map(one => one.state), ['critical', 'warning', 'ok', null]);
});

test('a grid has a square for each pair, coloured by the worst in it', () => {
  const made = grid([
    row('a', 1, { host: 'n1', state: 'ok' }), row('a', 9, { host: 'n1', state: 'warning' }), row('a', 99, { host: 'n1', state: 'ok' }), row('b', 3, { host: 'n2' }),
  ], 'host', 'service');
  assert.deepEqual([made.rows, made.columns], [['n1', 'n2'], ['a', 'b']]);
  const cell = made.cells.get(at('n1', 'a'));
  assert.deepEqual([cell.count, cell.state, cell.row.metric], [3, 'warning', 9]);
  assert.equal(made.cells.get(at('n1', 'b')), undefined);
});

test('a grid by one field has one column, and what is beyond its size is counted', () => {
  const rows = Array.from({ length: 12 }, (_, index) => row(`s${index}`, index));
  const made = grid(rows, 'service', '', { rows: 5, columns: 5 });
  assert.deepEqual([made.columns, made.rows.length, made.hidden.rows], [['all'], 5, 7]);
});

test('a window shows a slice of a long list, and the end of it whole', () => {
  assert.deepEqual(slice(0, 300, 30, 5000), { from: 0, to: 18 });
  assert.deepEqual(slice(3000, 300, 30, 5000), { from: 96, to: 114 });
  assert.deepEqual(slice(1e9, 300, 30, 5000), { from: 4982, to: 5000 });
  assert.deepEqual(slice(0, 300, 30, 3), { from: 0, to: 3 });
});

test('numbers are put in order without a look at names, and equals stay', () => {
  const rows = [row('b', 5), row('a', 5), row('c', null), row('d', 9)];
  assert.deepEqual(byNumber(rows, 'metric', true).map(one => one.service), ['d', 'b', 'a', 'c']);
  assert.deepEqual(byNumber(rows, 'metric', false).map(one => one.service), ['b', 'a', 'd', 'c']);
});
