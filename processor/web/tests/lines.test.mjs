import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Line, apart, highest, joined, offered, rates, spans, stepFor, stretch, summary, thresholds } from '../lines.js';

test('what falls into one step is its mean', () => {
  const line = new Line('a', { step: 10 });
  [[100, 1], [104, 3], [109.9, 5], [110, 7]].forEach(([time, value]) => line.push(time, value));
  assert.deepEqual(line.points(), [[100, 3], [110, 7]]);
});

test('a sample that is late by a step is left out', () => {
  const line = new Line('a', { step: 1 });
  [[5, 1], [6, 2], [4, 9]].forEach(([time, value]) => line.push(time, value));
  assert.deepEqual(line.points(), [[5, 1], [6, 2]]);
});

test('a counter becomes what it gains a second, and a fall is a start from 0', () => {
  const line = new Line('a', { step: 10, rate: true });
  [[0, 100], [9, 150], [10, 160], [19, 250], [25, 30]].forEach(([time, value]) => line.push(time, value));
  assert.deepEqual(line.points(), [[10, 10], [20, 3]]);
  assert.deepEqual(rates([[0, 5], [2, 1]]), [[2, 0.5]]);
});

test('old values are forgotten', () => {
  const line = new Line('a', { step: 1 });
  for (let time = 0; time < 100; time += 1) line.push(time, time);
  line.trim(90);
  assert.equal(line.points()[0][0], 89);
});

test('lines stand side by side, and only a real hole breaks one', () => {
  const data = joined([[[0, 1], [10, 2], [20, 3]], [[0, 5], [20, 6]]], 10);
  assert.deepEqual(data, [[0, 10, 20], [1, 2, 3], [5, undefined, 6]]);
});

test('where nothing came for long, every line breaks; where one was silent, that one', () => {
  const [times, one] = joined([[[0, 1], [100, 2]]], 10);
  assert.deepEqual([times, one], [[0, 10, 100], [1, null, 2]]);
  const steady = Array.from({ length: 11 }, (_, index) => [index * 10, 1]);
  const data = joined([steady, [[0, 5], [100, 6]]], 10);
  assert.deepEqual(data[2], [5, ...Array(9).fill(null), 6]);
});

test('a summary is of the values that are there', () => {
  assert.deepEqual(summary([1, null, undefined, 3]), { min: 1, mean: 2, max: 3, last: 3 });
  assert.equal(summary([null, NaN]), null);
});

test('of many lines the highest are kept, in order of their names', () => {
  const lines = [['c10', 3], ['c2', 9], ['c3', 1]].map(([name, height]) => ({ name, height }));
  const { kept, left } = highest(lines, line => line.height, 2);
  assert.deepEqual([kept.map(line => line.name), left], [['c2', 'c10'], 1]);
});

test('a step is round, and no more is asked for than can be seen', () => {
  assert.deepEqual([300, 900, 3600, 21_600, 86_400, 2_592_000].map(stepFor), [1, 5, 10, 60, 300, 7200]);
});

test('the address says a range up to now or a stretch of the past', () => {
  const of = text => stretch(new URLSearchParams(text), 10_000);
  assert.deepEqual(of('range=300'), { from: 9700, to: 10_000, live: true });
  assert.deepEqual(of('from=100&to=200'), { from: 100, to: 200, live: false });
  assert.deepEqual(of('range=nonsense'), { from: 9100, to: 10_000, live: true });
  assert.deepEqual(of('from=200&to=100'), { from: 9100, to: 10_000, live: true });
});

test('ranges go as far as the store does', () => {
  assert.deepEqual(offered(2 * 3600).map(([, name]) => name), ['5 min', '15 min', '1 h', '6 h']);
  assert.equal(offered(null).length, 7);
  assert.deepEqual(offered(10).map(([, name]) => name), ['5 min', '15 min', '1 h']);
});

const change = (at, from, to) => ({ alert: 'hot', instance: 'n1', from, to, at: new Date(at * 1000).toISOString() });

test('changes become spans, whatever was open before and is open still', () => {
  const found = spans([change(100, 'warning', 'critical'), change(200, 'critical', 'ok'), change(300, 'ok', 'warning')], 50, 400);
  assert.deepEqual(found.map(({ level, from, to }) => [level, from, to]), [['warning', 50, 100], ['critical', 100, 200], ['warning', 300, 400]]);
});

test('thresholds are read off the rules that compare this metric', () => {
  const source = `cpu-high:\n  where: service = "cpu/usage_active"\n  warn: {when: metric > 90, for: 5m}\n  crit: metric > 98\n  clear: metric < 80\n`;
  const rules = [{ name: 'cpu-high', source }, { name: 'other', source: source.replace('usage_active', 'usage_user') }, { name: 'rising', source: `${source}  take: rate\n` }];
  assert.deepEqual(thresholds(rules, 'cpu', 'usage_active').map(({ level, value, alert }) => [alert, level, value]), [['cpu-high', 'warning', 90], ['cpu-high', 'critical', 98], ['cpu-high', 'ok', 80]]);
});

test('a rule over every instance is a rule over the metric', () => {
  const source = 'disk-full:\n  where: service =~ "disk/%/used_percent"\n  crit: metric > 95\n';
  assert.deepEqual(thresholds([{ name: 'disk-full', source }], 'disk', 'used_percent').map(one => one.value), [95]);
  assert.deepEqual(thresholds([{ name: 'disk-full', source }], 'disk', 'used'), []);
});

test('marks that would lie upon each other are one, and what is bad is seen', () => {
  const mark = (at, bad = false) => ({ at, bad });
  const kept = marks => apart(marks, one => one.at, 10).map(([one, at]) => [one.at, at, one.bad]);
  assert.deepEqual(kept([mark(30), mark(0), mark(9), mark(10)]), [[0, 0, false], [10, 10, false], [30, 30, false]]);
  assert.deepEqual(kept([mark(0), mark(4, true), mark(6), mark(10, true)]), [[4, 0, true], [10, 10, true]]);
  assert.deepEqual(kept([]), []);
});
