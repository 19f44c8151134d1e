import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inTurn } from '../ask.js';

test('an answer that was overtaken is no news', () => {
  const ask = inTurn();
  const [first, second] = [ask(), ask()];
  assert.equal(second(), true);
  assert.equal(first(), false);
});

test('answers in their order are all taken, though others are on their way', () => {
  const ask = inTurn();
  const [first, second] = [ask(), ask()];
  assert.equal(first(), true);
  assert.equal(second(), true);
});

test('an answer is taken once', () => {
  const isNews = inTurn()();
  assert.deepEqual([isNews(), isNews()], [true, false]);
});
