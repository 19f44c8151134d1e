// Units of metrics, from the server's catalogue.
// @ts-check
import { get } from './ask.js';
import { format } from './format.js';

/** @typedef {{unit: string, kind: string, sentence?: string}} Unit */

/** @type {Map<string, Unit>} by `measurement/field` */
let units = new Map();

/** Asked for once a page; until it is there, numbers stand without unit. */
export async function loadUnits() {
  const found = await get('/api/v1/units').catch(() => ({}));
  const list = Array.isArray(found) ? found : Object.entries(found.units ?? found).map(([name, unit]) => ({ name, .../** @type {object} */ (unit) }));
  units = new Map(list.map((/** @type {any} */ unit) => [unit.name ?? `${unit.measurement}/${unit.field}`, unit]));
}

/** What the catalogue knows of a metric. @param {string | null | undefined} measurement @param {string | null | undefined} field */
export function unitOf(measurement, field) {
  return units.get(`${measurement}/${field}`);
}

/** A row's metric in its unit. @param {import('./live.js').Row} row */
export function metricText(row) {
  return format(row.metric, unitOf(row.measurement, row.field)?.unit);
}
