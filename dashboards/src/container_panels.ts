// What service and container say of their containers: the same panels, with other variables.
import { unit, type From } from './influxql';
import * as to from './links';
import { lines, number, rows, type AnyPanel, type Levels } from './look';

type Of = 'docker_container_cpu' | 'docker_container_mem' | 'docker_container_net' | 'docker_container_blkio' | 'docker_container_status' | 'docker_container_health';

/** Picks a board's containers by its variables. */
export type Pick = <M extends Of>(measurement: M) => From<M>;

const NAME = '$tag_container_name';
const FULL_MEMORY: Levels = { warn: 90, crit: 98 };

export const use = (pick: Pick): AnyPanel[] => [
  lines({ title: 'CPU by container', about: 'In percent of one processor: two busy ones are 200.', unit: unit('docker_container_cpu', 'usage_percent'), size: [12, 8], links: [to.toContainer],
    queries: [pick('docker_container_cpu').mean('usage_percent').by('container_name', 'host').steps().as(NAME)] }),
  lines({ title: 'Memory of the limit', about: 'Working set in percent of the limit, or of the node\'s memory where there is none. At 100 the kernel kills a process.', unit: unit('docker_container_mem', 'usage_percent'), size: [12, 8], levels: FULL_MEMORY, max: 100, links: [to.toContainer],
    queries: [pick('docker_container_mem').mean('usage_percent').by('container_name', 'host').steps().as(NAME)] }),
];

export const quota = (pick: Pick): AnyPanel[] => [
  lines({ title: 'CPU of the quota', about: 'Processor time in percent of the container\'s quota; containers without one are absent.', unit: unit('docker_container_cpu', 'usage_limit_percent'), size: [12, 7], levels: { warn: 80, crit: 95 }, links: [to.toContainer],
    queries: [pick('docker_container_cpu').mean('usage_limit_percent').by('container_name', 'host').steps().as(NAME)] }),
  lines({ title: 'Throttled', about: 'Periods in which the container was stopped because its quota was used up, in percent of all. It answers late, however idle the node is.', unit: unit('docker_container_cpu', 'throttling_percent'), size: [12, 7], levels: { warn: 25, crit: 75 }, max: 100, links: [to.toContainer],
    queries: [pick('docker_container_cpu').mean('throttling_percent').by('container_name', 'host').steps().as(NAME)] }),
];

export const traffic = (pick: Pick): AnyPanel[] => [
  lines({ title: 'Network', about: 'Bytes received and, below the line, sent, by container, all networks together.', unit: 'Bps', size: [12, 7], mirrored: '/sent/', links: [to.toContainer],
    queries: [pick('docker_container_net').is('network', 'total').rate('rx_bytes').by('container_name', 'host').steps().as(`${NAME} received`), pick('docker_container_net').is('network', 'total').rate('tx_bytes').by('container_name', 'host').steps().as(`${NAME} sent`, 'B')] }),
  lines({ title: 'Block devices', about: 'Bytes read and, below the line, written, by container.', unit: 'Bps', size: [12, 7], mirrored: '/written/', links: [to.toContainer],
    queries: [pick('docker_container_blkio').is('device', 'total').rate('io_service_bytes_recursive_read').by('container_name', 'host').steps().as(`${NAME} read`), pick('docker_container_blkio').is('device', 'total').rate('io_service_bytes_recursive_write').by('container_name', 'host').steps().as(`${NAME} written`, 'B')] }),
];

export const faults = (pick: Pick): AnyPanel[] => [
  lines({ title: 'Kills for want of memory', about: 'Processes that the kernel killed because the limit was reached, in each step.', unit: 'short', size: [12, 7], levels: { warn: 1, crit: 3 }, bars: true, links: [to.toContainer],
    queries: [pick('docker_container_mem').grown('oom_kill').by('container_name', 'host').steps().as(NAME)] }),
  lines({ title: 'Processes', about: 'Processes and threads in the container.', unit: unit('docker_container_status', 'pids_current'), size: [12, 7], links: [to.toContainer],
    queries: [pick('docker_container_status').mean('pids_current').by('container_name', 'host').steps().as(NAME)] }),
];

export const inventory = (pick: Pick, size: [number, number]): AnyPanel[] => [
  rows({ title: 'Image and state', about: 'What Docker says of each container. These are texts: empty where skep itself is the data source, for its store keeps numbers.', unit: 'none', size,
    hide: ['Time'], rename: { container_name: 'container', host: 'node', container_status: 'state', container_image: 'image', container_version: 'version' },
    columns: { container: { links: [to.toContainerOfRow('container', 'node')] }, node: { links: [to.toNodeOfRow('node')] } },
    queries: [pick('docker_container_status').last('container_status').last('container_image').last('container_version').by('container_name', 'host').table()] }),
  rows({ title: 'Age, restarts and exits', about: 'How long each container has been running, how often Docker started it again, with what its process ended the last time, and whether for want of memory.', unit: 'none', size,
    hide: ['Time'], rename: { container_name: 'container', host: 'node', uptime_ns: 'up', restart_count: 'restarts', exitcode: 'exit code', oomkilled: 'killed' },
    columns: {
      container: { links: [to.toContainerOfRow('container', 'node')] }, node: { links: [to.toNodeOfRow('node')] },
      up: { unit: unit('docker_container_status', 'uptime_ns') }, killed: { unit: unit('docker_container_status', 'oomkilled') },
    },
    queries: [pick('docker_container_status').last('uptime_ns').last('restart_count').last('exitcode').last('oomkilled').by('container_name', 'host').table()] }),
];

export const pressure = (pick: Pick): AnyPanel[] => [
  lines({ title: 'Waiting for a processor', about: 'Share of time in which some process of the container waited for a processor.', unit: unit('docker_container_cpu', 'pressure_some_avg10'), size: [8, 7], levels: { warn: 20, crit: 50 }, links: [to.toContainer],
    queries: [pick('docker_container_cpu').mean('pressure_some_avg10').by('container_name', 'host').steps().as(NAME)] }),
  lines({ title: 'Waiting for memory', about: 'Share of time in which some process of the container waited for memory.', unit: unit('docker_container_mem', 'pressure_some_avg10'), size: [8, 7], levels: { warn: 10, crit: 30 }, links: [to.toContainer],
    queries: [pick('docker_container_mem').mean('pressure_some_avg10').by('container_name', 'host').steps().as(NAME)] }),
  lines({ title: 'Waiting for a disk', about: 'Share of time in which some process of the container waited for a block device.', unit: unit('docker_container_blkio', 'pressure_some_avg10'), size: [8, 7], levels: { warn: 20, crit: 50 }, links: [to.toContainer],
    queries: [pick('docker_container_blkio').is('device', 'total').mean('pressure_some_avg10').by('container_name', 'host').steps().as(NAME)] }),
];

/** The last value of each container, as numbers. */
export const summary = (pick: Pick): AnyPanel[] => [
  number({ title: 'Up', about: 'How long the container\'s process has been running.', unit: unit('docker_container_status', 'uptime_ns'), size: [4, 4], queries: [pick('docker_container_status').last('uptime_ns').by('container_name', 'host').steps().as(NAME)] }),
  number({ title: 'CPU', about: 'In percent of one processor.', unit: unit('docker_container_cpu', 'usage_percent'), size: [4, 4], levels: { warn: 80, crit: 150 }, queries: [pick('docker_container_cpu').mean('usage_percent').by('container_name', 'host').steps().as(NAME)] }),
  number({ title: 'Memory of the limit', about: 'Working set in percent of the limit.', unit: unit('docker_container_mem', 'usage_percent'), size: [4, 4], levels: FULL_MEMORY, queries: [pick('docker_container_mem').mean('usage_percent').by('container_name', 'host').steps().as(NAME)] }),
  number({ title: 'Memory', about: 'Working set.', unit: unit('docker_container_mem', 'working_set'), size: [4, 4], queries: [pick('docker_container_mem').mean('working_set').by('container_name', 'host').steps().as(NAME)] }),
  number({ title: 'Last exit code', about: 'What the process ended with the last time; 0 while it has not ended.', unit: unit('docker_container_status', 'exitcode'), size: [4, 4], levels: { warn: 1, crit: 1 }, queries: [pick('docker_container_status').last('exitcode').by('container_name', 'host').steps().as(NAME)] }),
  number({ title: 'Health checks failed', about: 'Health checks that failed in a row; absent where the container has none.', unit: unit('docker_container_health', 'failing_streak'), size: [4, 4], levels: { warn: 1, crit: 3 }, queries: [pick('docker_container_health').last('failing_streak').by('container_name', 'host').steps().as(NAME)] }),
];
