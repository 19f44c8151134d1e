import assert from 'node:assert/strict';
import { test } from 'node:test';
import { counts, loud, messageOf, whereOf } from '../open.js';

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

test('a field of the rule has its own name again', () => {
  assert.equal(whereOf({ host: 'n1', attributes: { alert: 'errors', instance_service: 'net/eth0/err_in', interface: 'eth0' } }), 'n1, service net/eth0/err_in, interface eth0');
});
