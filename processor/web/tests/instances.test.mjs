import assert from 'node:assert/strict';
import { test } from 'node:test';
import { chosen, inOrder, openWords } from '../instances.js';

const list = (...states) => states.map((state, index) => ({ instance: `n${index}`, state }));

test('the worst stands first, and is looked at until another is wanted', () => {
  const all = inOrder(list('ok', 'warning', 'critical', 'warning'));
  assert.deepEqual(all.map(one => one.instance), ['n2', 'n1', 'n3', 'n0']);
  assert.equal(chosen(all, '').instance, 'n2');
  assert.equal(chosen(all, 'n0').instance, 'n0');
});

test('no other instance takes the place of one that is not there', () => {
  assert.equal(chosen(list('critical'), 'n7'), undefined);
  assert.equal(chosen([], ''), undefined);
});

test('open ones are counted by level, and where all that is told is open there may be more', () => {
  assert.equal(openWords(list('ok'), 0), '● nothing is open');
  assert.equal(openWords(list('critical', 'warning', 'critical', 'ok'), 500), '■ critical 2  ▲ warning 1');
  assert.equal(openWords(list('critical', 'critical'), 0), '■ critical 2');
  assert.equal(openWords(list('critical', 'critical'), 500), '■ critical 2  and more');
});
