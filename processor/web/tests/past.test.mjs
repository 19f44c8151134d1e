import assert from 'node:assert/strict';
import { test } from 'node:test';
import { stretches } from '../past.js';

const open = { state: 'warning', since: '1970-01-01T00:01:30Z' };

test('before its first change it was what that change came from', () => {
  const changes = [
    { from: 'critical', to: 'ok', at: '1970-01-01T00:00:20Z' },
    { from: 'ok', to: 'warning', at: '1970-01-01T00:01:30Z' },
  ];
  assert.deepEqual(stretches(changes, 0, 100, open), [
    { state: 'critical', from: 0, to: 20 },
    { state: 'ok', from: 20, to: 90 },
    { state: 'warning', from: 90, to: 100 },
  ]);
});

test('one that has just opened, whose change is not known yet, was well before', () => {
  assert.deepEqual(stretches([], 0, 100, open), [{ state: 'ok', from: 0, to: 90 }, { state: 'warning', from: 90, to: 100 }]);
});

test('one that was open all the time is so from the beginning', () => {
  assert.deepEqual(stretches([], 95, 100, open), [{ state: 'warning', from: 95, to: 100 }]);
  assert.deepEqual(stretches([], 0, 100, { state: 'ok', since: null }), [{ state: 'ok', from: 0, to: 100 }]);
});
