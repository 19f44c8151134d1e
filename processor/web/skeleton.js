// A rule to begin with, made of an event: in the YAML of rule files.
// @ts-check
import { quoted } from './url.js';

/** @typedef {{host?: string | null, service?: string | null, measurement?: string | null, instance?: string | null, field?: string | null,
 *   state?: string | null, metric?: number | null, attributes?: Record<string, string>}} Event */

/** Attributes that say which thing it is, before those that say more of it. */
const NAMES = ['container_name', 'swarm_service', 'path', 'interface', 'name', 'cpu', 'resource', 'node', 'device'];

/** @param {Event} event @returns {{where: string, by: string[]}} */
function scope(event) {
  const { measurement, instance, field, service } = event;
  if (!measurement || !field) return { where: `service = ${quoted(service ?? '')}`, by: ['host'] };
  if (!instance) return { where: `service = ${quoted(`${measurement}/${field}`)}`, by: ['host'] };
  const attributes = event.attributes ?? {};
  const names = NAMES.filter(name => name in attributes);
  const by = names.find(name => attributes[name] === instance) ?? names[0];
  return { where: `service =~ ${quoted(`${measurement}/%/${field}`)}`, by: ['host', by ?? 'service'] };
}

/** A number with two digits that mean something. @param {number} value */
function round(value) {
  return String(Number(value.toPrecision(2)));
}

/** @param {string} [unit] */
const isPercent = unit => unit === '%' || unit === 'percent';

/** @param {Event} event @param {string} [unit] @returns {string[]} lines of the levels */
function levels(event, unit) {
  const { metric, state } = event;
  if (metric === null || metric === undefined) return [`crit: {when: ${yaml(`state = ${quoted(state ?? 'critical')}`, true)}, for: 1m}`];
  if (unit === '0 or 1' || unit === 'boolean' || unit === 'flag') return [`crit: {when: metric = ${metric ? 0 : 1}, for: 1m}`];
  if (isPercent(unit) && metric < 90) return ['warn: metric > 90', 'crit: {when: metric > 95, for: 2m}', 'clear: metric < 85'];
  const from = Math.abs(metric) || 1;
  return [`warn: metric > ${round(metric + from / 2)}`, `crit: {when: metric > ${round(metric + from)}, for: 2m}`, `clear: metric < ${round(metric + from / 4)}`];
}

/** A scalar of YAML: plain where that is safe. @param {string} text @param {boolean} [inFlow] within `{}` or `[]` */
export function yaml(text, inFlow = false) {
  const plain = /^[A-Za-z(][^\n]*$/.test(text) && !/: |:$| #|\s$/.test(text) && !(inFlow && /[,{}[\]]/.test(text)) && !/^(true|false|null|yes|no|on|off)$/i.test(text);
  return plain ? text : `'${text.replaceAll("'", "''")}'`;
}

/** A name that a rule may have. @param {Event} event */
export function nameOf(event) {
  const words = event.measurement && event.field ? `${event.measurement} ${event.field}` : event.service ?? '';
  const name = words.toLowerCase().replace(/[^a-z0-9]+/g, '-').replace(/^-+|-+$/g, '');
  return `my-${name || 'alert'}`;
}

/** @param {Event} event @param {string} [unit] the catalogue's @returns {string} */
export function skeleton(event, unit) {
  const { where, by } = scope(event);
  const thing = by.map(field => `{{${field}}}`).join(', ');
  const what = event.measurement && event.field ? `${event.measurement}/${event.field}` : event.service ?? '';
  const says = event.metric === null || event.metric === undefined ? '{{state}}' : isPercent(unit) ? '{{metric | percent}}' : '{{metric}}';
  const lines = [
    'about: Say here what it means that this is so, and what to do.',
    `where: ${yaml(where)}`,
    `by: [${by.join(', ')}]`,
    ...levels(event, unit),
    'for: 1m',
    `message: ${JSON.stringify(`${thing}: ${what} is ${says}`)}`,
  ];
  return `alerts:\n  ${nameOf(event)}:\n${lines.map(line => `    ${line}\n`).join('')}`;
}
