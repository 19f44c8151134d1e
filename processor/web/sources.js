// Which charts a node and containers have.
// @ts-check

/** @typedef {import('./chart.js').Spec} Spec */
/** @typedef {import('./chart.js').Source} Source */

const own = (/** @type {any} */ _, /** @type {string} */ field) => field.replaceAll('_', ' ');
const tag = (/** @type {string} */ key) => (/** @type {Record<string, any>} */ tags) => String(tags[key] ?? '');
const both = (/** @type {string} */ key, /** @type {Record<string, string>} */ words) => (/** @type {Record<string, any>} */ tags, /** @type {string} */ field) => `${tags[key] ?? ''} ${words[field] ?? field}`;

/** @param {string} measurement @param {string[]} fields @param {Partial<Source>} [more] @returns {Source[]} */
function of(measurement, fields, more = {}) {
  return fields.map(field => ({ measurement, field, label: own, ...more }));
}

/** @type {Spec[]} */
export const NODE = [
  { title: 'CPU', unit: '%', top: 100, sources: [...of('cpu', ['usage_active'], { where: { cpu: 'cpu-total' }, label: () => 'all of it' }), ...of('cpu', ['usage_user', 'usage_system', 'usage_iowait', 'usage_steal'], { where: { cpu: 'cpu-total' }, label: (_, field) => field.replace('usage_', '') })] },
  { title: 'Memory', unit: '%', top: 100, sources: [...of('mem', ['used_percent'], { label: () => 'used' }), ...of('swap', ['used_percent'], { label: () => 'swap used' })] },
  { title: 'Memory in use', unit: 'bytes', sources: of('mem', ['used', 'cached', 'buffered']) },
  { title: 'Load', unit: 'number', sources: of('system', ['load1', 'load5', 'load15']) },
  { title: 'Disk space used', unit: '%', top: 100, sources: of('disk', ['used_percent'], { label: tag('path') }) },
  { title: 'Disk traffic', unit: 'bytes/s', sources: of('diskio', ['read_bytes', 'write_bytes'], { rate: true, label: both('name', { read_bytes: 'read', write_bytes: 'written' }) }) },
  { title: 'Network traffic', unit: 'bytes/s', sources: of('net', ['bytes_recv', 'bytes_sent'], { rate: true, label: both('interface', { bytes_recv: 'received', bytes_sent: 'sent' }) }) },
  { title: 'Pressure: time in which somebody waited', unit: '%', sources: of('pressure', ['avg10'], { where: { type: 'some' }, label: tag('resource') }) },
  { title: 'CPU of containers, in percent of one processor', unit: '%', sources: of('docker_container_cpu', ['usage_percent'], { label: tag('container_name') }) },
  { title: 'Memory of containers', unit: 'bytes', sources: of('docker_container_mem', ['working_set'], { label: tag('container_name') }) },
];

/** Charts of containers; those of one alone need no names. @param {boolean} one @returns {Spec[]} */
export function containers(one) {
  const name = one ? (/** @type {string} */ word) => () => word : (/** @type {string} */ _word) => tag('container_name');
  const ways = (/** @type {Record<string, string>} */ words) => (one ? (/** @type {any} */ _, /** @type {string} */ field) => words[field] : both('container_name', words));
  // Interfaces and devices stand beside the container's total, which alone is drawn.
  const [network, device] = [{ network: 'total' }, { device: 'total' }];
  return [
    { title: 'CPU, in percent of one processor', unit: '%', sources: of('docker_container_cpu', ['usage_percent'], { label: name('used') }) },
    { title: 'CPU, in percent of the quota', unit: '%', sources: [...of('docker_container_cpu', ['usage_limit_percent'], { label: name('used') }), ...(one ? of('docker_container_cpu', ['throttling_percent'], { label: () => 'stopped at the quota' }) : [])] },
    { title: 'Memory', unit: 'bytes', sources: [...of('docker_container_mem', ['working_set'], { label: name('working set') }), ...(one ? of('docker_container_mem', ['cache'], { label: () => 'page cache' }) : []), ...of('docker_container_mem', ['limit'], { label: () => 'limit', dash: true })] },
    { title: 'Memory, in percent of the limit', unit: '%', sources: of('docker_container_mem', ['usage_percent'], { label: name('working set') }) },
    { title: 'Network traffic', unit: 'bytes/s', sources: of('docker_container_net', ['rx_bytes', 'tx_bytes'], { rate: true, where: network, label: ways({ rx_bytes: 'received', tx_bytes: 'sent' }) }) },
    { title: 'Disk traffic', unit: 'bytes/s', sources: of('docker_container_blkio', ['io_service_bytes_recursive_read', 'io_service_bytes_recursive_write'], { rate: true, where: device, label: ways({ io_service_bytes_recursive_read: 'read', io_service_bytes_recursive_write: 'written' }) }) },
    { title: 'Processes and threads', unit: 'number', sources: [...of('docker_container_status', ['pids_current'], { label: name('running') }), ...of('docker_container_status', ['pids_limit'], { label: () => 'limit', dash: true })] },
    { title: 'Pressure: time in which some process waited', unit: '%', sources: ['cpu', 'mem', 'blkio'].flatMap(part => of(`docker_container_${part}`, ['pressure_some_avg10'], { label: one ? () => part : tags => `${tags.container_name} ${part}` })) },
  ];
}
