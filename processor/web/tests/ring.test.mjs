import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Ring } from '../ring.js';

test('a ring keeps the newest values in their order', () => {
  const ring = new Ring();
  const now = Math.floor(Date.now() / 1000);
  for (let second = 0; second < 100; second += 1) ring.push(now + second, second);
  ring.push(now + 50, -1);
  assert.equal(ring.points.length, 60);
  assert.deepEqual([ring.points[0][1], ring.points[59][1]], [40, 99]);
});
