import assert from 'node:assert/strict';
import { test } from 'node:test';
import { nameOf, skeleton, yaml } from '../skeleton.js';

/** What `skep check` is given by the test in Rust as well: keep them the same. */
const EVENTS = [
  [{ host: 'n1', service: 'cpu/usage_active', measurement: 'cpu', instance: null, field: 'usage_active', metric: 12.5, state: null, attributes: {} }, '%'],
  [{ host: 'n1', service: 'disk/var:log/used', measurement: 'disk', instance: '/var/log', field: 'used', metric: 123456, state: null, attributes: { path: '/var/log', device: 'sda1' } }, 'bytes'],
  [{ host: 'n1', service: 'backup "nightly"', measurement: null, instance: null, field: null, metric: null, state: 'critical', attributes: {} }, undefined],
  [{ host: 's', service: 'docker_node/n1/ready', measurement: 'docker_node', instance: 'n1', field: 'ready', metric: 1, state: null, attributes: { node: 'n1' } }, '0 or 1'],
  [{ host: 'n1', service: 'odd # name: {x}', measurement: null, instance: null, field: null, metric: -4, state: null, attributes: {} }, undefined],
];

test('a rule is made of an event', () => {
  assert.equal(skeleton(...EVENTS[0]), `alerts:
  my-cpu-usage-active:
    about: Say here what it means that this is so, and what to do.
    where: service = "cpu/usage_active"
    by: [host]
    warn: metric > 90
    crit: {when: metric > 95, for: 2m}
    clear: metric < 85
    for: 1m
    message: "{{host}}: cpu/usage_active is {{metric | percent}}"
`);
});

test('one of many things is told apart by the attribute that names it', () => {
  const made = skeleton(...EVENTS[1]);
  assert.match(made, /where: service =~ "disk\/%\/used"\n {4}by: \[host, path\]/);
});

test('an event without metric is asked for its state', () => {
  assert.match(skeleton(...EVENTS[2]), /crit: \{when: state = "critical", for: 1m\}/);
});

test('names are those of rules, and texts are quoted where YAML needs it', () => {
  assert.equal(nameOf({ service: 'Backup / "x"' }), 'my-backup-x');
  assert.equal(yaml('metric > 4'), 'metric > 4');
  assert.equal(yaml("it's: so"), "'it''s: so'");
  assert.equal(yaml('a, b', true), "'a, b'");
});

if (process.env.SKEP_SKELETONS) {
  const { writeFileSync } = await import('node:fs');
  EVENTS.forEach((event, index) => writeFileSync(`${process.env.SKEP_SKELETONS}/${index}.yaml`, skeleton(...event).replace('my-', `my-${index}-`)));
}
