import assert from 'node:assert/strict';
import { test } from 'node:test';
import { counts, loud, messageOf } from '../open.js';

const rows = [
  { state: 'warning', message: 'the disk is nearly full' },
  { state: 'critical', message: 'the disk is full', silenced: '3' },
  { state: 'critical', silenced: '3' },
];

test('what a silence holds back is not counted', () => {
  assert.deepEqual(counts(loud(rows)), [['warning', 1]]);
  assert.deepEqual(counts(loud(rows.slice(1))), []);
});

test('a list says which of its alerts are silenced', () => {
  assert.deepEqual(rows.map(messageOf), ['the disk is nearly full', 'silenced: the disk is full', 'silenced']);
});
