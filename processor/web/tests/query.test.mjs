import assert from 'node:assert/strict';
import { test } from 'node:test';
import { complete, marked, narrowed, patterns, queryOf, taken, tokens, unmatched, unquoted, valuesQuery } from '../query.js';
import { influxText, quoted } from '../url.js';

const seen = {
  fields: ['path', 'container_name'],
  values: field => ({ service: ['cpu/usage_user', 'cpu/usage_system', 'mem/used'], host: ['node-1', 'node-2'], state: ['ok', 'critical'] })[field] ?? [],
  marks: ['skep', 'prod'],
};

/** The options at the `|` of a text. */
function options(text) {
  const caret = text.indexOf('|');
  return complete(text.replace('|', ''), caret, seen).options.map(option => option.text);
}

test('a text falls into tokens with their places', () => {
  const found = tokens('host = "a \\" b" and (metric >= -1.5)');
  assert.deepEqual(found.map(token => token.kind), ['field', 'operator', 'text', 'joint', 'open', 'field', 'operator', 'value', 'close']);
  assert.equal(found[2].text, '"a \\" b"');
  assert.deepEqual([found[5].from, found[5].to], [21, 27]);
});

test('words that begin like a joint are fields', () => {
  assert.deepEqual(tokens('order = nil').map(token => token.kind), ['field', 'operator', 'value']);
  assert.deepEqual(tokens('android.id = nilpotent').map(token => token.kind), ['field', 'operator', 'field']);
});

test('a condition begins with a field, and may be turned or grouped', () => {
  assert.deepEqual(options('|').slice(0, 3), ['service', 'host', 'state']);
  assert.ok(options('|').includes('path'));
  assert.deepEqual(options('ho|'), ['host']);
  assert.deepEqual(options('not cont|'), ['container_name']);
  assert.deepEqual(options('(sta|'), ['state']);
});

test('a field is followed by an operator, that by values that were seen', () => {
  assert.equal(options('host |')[0], '=');
  assert.deepEqual(options('host = |'), ['"node-1"', '"node-2"', 'nil']);
  assert.deepEqual(options('host = "2|'), ['"node-2"']);
  assert.deepEqual(options('metric > |'), []);
  assert.deepEqual(options('tagged |'), ['"skep"', '"prod"']);
});

test('forms are offered for =~', () => {
  assert.deepEqual(patterns(['cpu/a', 'cpu/b', 'mem/a']), ['cpu/%']);
  assert.equal(options('service =~ |')[0], '"cpu/%"');
});

test('a condition is followed by a joint, and a group may end', () => {
  assert.deepEqual(options('host = "a" |'), ['and', 'or']);
  assert.deepEqual(options('(host = "a" |'), ['and', 'or', ')']);
  assert.deepEqual(options('host = "a" an|'), ['and']);
});

test('an option takes the place of what was typed, and the rest stays', () => {
  const { from, to } = complete('ho = "a"', 2, seen);
  assert.deepEqual(taken('ho = "a"', { from, to }, 'host'), ['host = "a"', 5]);
});

test('texts are quoted and read back', () => {
  for (const text of ['plain', 'a "b" \\ c', 'line\nand\ttab', '']) assert.equal(unquoted(quoted(text)), text);
});

test('texts are written for InfluxQL too', () => {
  assert.deepEqual(["n1", "it's", 'a\\', "\\'"].map(influxText), ["'n1'", "'it\\'s'", "'a\\\\'", "'\\\\\\''"]);
});

test('the values of a field are learned from few events', () => {
  assert.equal(valuesQuery('path', 60), 'path != nil');
  const ofEach = '(service = "skep_collector/heartbeat" or service =~ "docker_container_status/%/pids_current") and container_name != nil';
  assert.equal(valuesQuery('container_name', 60_000), ofEach);
  assert.equal(valuesQuery('container_name', 0), ofEach, 'how many there are is not known');
  assert.equal(valuesQuery('host', 0), 'service = "skep_collector/heartbeat"');
});

test('a row becomes the query that finds it', () => {
  assert.equal(queryOf({ host: 'n1', service: 'disk/"/used' }), 'host = "n1" and service = "disk/\\"/used"');
  assert.equal(queryOf({ host: null, service: 'x' }), 'host = nil and service = "x"');
});

test('a query is narrowed without changing what it meant', () => {
  assert.equal(narrowed('true', 'a = 1'), 'a = 1');
  assert.equal(narrowed('a = 1', 'b = 2'), 'a = 1 and b = 2');
  assert.equal(narrowed('a = 1 or b = 2', 'c = 3'), '(a = 1 or b = 2) and c = 3');
  assert.equal(narrowed('name = "this or that"', 'c = 3'), 'name = "this or that" and c = 3');
});

test('what nothing fits is told, with what is like it', () => {
  assert.deepEqual(unmatched('host = "node-3" and state = "ok"', seen), [{ condition: 'host = "node-3"', field: '', near: ['node-1', 'node-2'] }]);
  assert.deepEqual(unmatched('contaner_name = "x"', seen), [{ condition: 'contaner_name = "x"', field: 'contaner_name', near: ['container_name'] }]);
  assert.deepEqual(unmatched('host =~ "node%" and metric > 4', seen), []);
});

test('a mistake is marked under the query', () => {
  assert.equal(marked('host == "a"', 5, 7), 'host == "a"\n     ^^');
  const [line, carets] = marked(`${'x'.repeat(100)} == y`, 101, 103).split('\n');
  assert.equal(line.slice(carets.indexOf('^'), carets.length), '==');
  assert.ok(line.length <= 74);
});
