import assert from 'node:assert/strict';
import { test } from 'node:test';
import { scopes } from '../dialogs.js';

const target = { alert: 'net-drops', host: 'n1', fields: { host: 'n1', service: 'net/eth0/drop_in' }, query: 'alert = "net-drops" and host = "n1" and instance_service = "net/eth0/drop_in"' };

test('a silence of one instance has the query that the server tells', () => {
  assert.deepEqual(scopes(target), [['This instance', target.query], ['All of net-drops', 'alert = "net-drops"'], ['Everything of n1', 'host = "n1"']]);
});

test('without a query, and where there is one instance alone, it is about the whole alert', () => {
  assert.deepEqual(scopes({ ...target, query: null }).map(([words]) => words), ['All of net-drops', 'Everything of n1']);
  assert.deepEqual(scopes({ alert: 'quorum', host: null, fields: {}, query: 'alert = "quorum"' }), [['All of quorum', 'alert = "quorum"']]);
});
