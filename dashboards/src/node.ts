// One node, or some: what it has, what it does, what hinders it, and which containers it runs.
import type { Dashboard } from '@grafana/grafana-foundation-sdk/dashboard';
import { board, pick } from './board';
import { from, over, unit } from './influxql';
import * as to from './links';
import { bars, FULL, lines, number, rows } from './look';

const cpu = () => from('cpu').is('cpu', 'cpu-total').of('host');
const net = () => from('net').of('host').matches('interface', '^e');

const first = () => [
  number({ title: 'Up', about: 'Time since boot.', unit: unit('system', 'uptime'), size: [3, 4], queries: [from('system').of('host').last('uptime').by('host').steps().as('$tag_host')] }),
  number({ title: 'Processors', about: 'Processors that are online.', unit: 'short', size: [3, 4], queries: [from('system').of('host').last('n_cpus').by('host').steps().as('$tag_host')] }),
  number({ title: 'Memory', about: 'Memory that the kernel can use.', unit: unit('mem', 'total'), size: [3, 4], queries: [from('mem').of('host').last('total').by('host').steps().as('$tag_host')] }),
  number({ title: 'Load per processor', about: 'Tasks that run, want to run or wait for a disk, by processor: above 1 somebody waits.', unit: unit('system', 'load1_per_cpu'), size: [3, 4], levels: { warn: 1, crit: 2 }, decimals: 2,
    queries: [from('system').of('host').last('load1_per_cpu').by('host').steps().as('$tag_host')] }),
  number({ title: 'CPU', about: 'Share of time in which the node was not idle.', unit: unit('cpu', 'usage_active'), size: [3, 4], levels: FULL, queries: [cpu().mean('usage_active').by('host').steps().as('$tag_host')] }),
  number({ title: 'Memory used', about: 'Share of the memory in use, page cache not counted.', unit: unit('mem', 'used_percent'), size: [3, 4], levels: FULL, queries: [from('mem').of('host').mean('used_percent').by('host').steps().as('$tag_host')] }),
  number({ title: 'Swap used', about: 'Share of the swap in use; 0 where there is none.', unit: unit('swap', 'used_percent'), size: [3, 4], levels: { warn: 50, crit: 90 }, queries: [from('swap').of('host').last('used_percent').by('host').steps().as('$tag_host')] }),
  number({ title: 'Clock', about: 'From a heartbeat\'s sending to its arrival: how far the node\'s clock is from the processor\'s, and the way.', unit: unit('skep_collector', 'clock_offset'), size: [3, 4], levels: { warn: 1, crit: 5 },
    queries: [from('skep_collector').of('host').last('clock_offset').by('host').steps().as('$tag_host')] }),
];

const work = () => [
  lines({ title: 'CPU', about: 'Where the processors\' time went; the mean of the nodes picked.', unit: unit('cpu', 'usage_user'), size: [12, 8], stacked: true, max: 100,
    queries: [cpu().mean('usage_user', 'user').mean('usage_system', 'system').mean('usage_iowait', 'iowait').mean('usage_softirq', 'softirq').mean('usage_steal', 'steal').mean('usage_nice', 'nice').steps().as('$col')] }),
  lines({ title: 'Memory', about: 'What the memory is used for; of more than one node picked, the mean.', unit: unit('mem', 'used'), size: [12, 8], stacked: true,
    queries: [from('mem').of('host').mean('used').mean('cached').mean('buffered').mean('free').steps().as('$col')] }),
  lines({ title: 'Pressure', about: 'Share of time in which some task stood still for want of a processor, of memory or of a disk.', unit: unit('pressure', 'avg10'), size: [12, 7], levels: { warn: 20, crit: 50 },
    queries: [from('pressure').of('host').is('type', 'some').mean('avg10').by('host', 'resource').steps().as('$tag_host $tag_resource')] }),
  lines({ title: 'Load', about: 'Tasks that run, want to run or wait for a disk.', unit: unit('system', 'load1'), size: [12, 7], queries: [from('system').of('host').mean('load1').mean('load5').mean('load15').by('host').steps().as('$tag_host $col')] }),
];

const disks = () => [
  bars({ title: 'Filesystems', about: 'Filled share of what anybody can fill.', unit: unit('disk', 'used_percent'), size: [8, 7], levels: FULL, min: 0, max: 100, queries: [from('disk').of('host').last('used_percent').by('host', 'path').steps().as('$tag_host $tag_path')] }),
  lines({ title: 'Busy disks', about: 'Share of time in which a device had something to do.', unit: unit('diskio', 'io_util'), size: [8, 7], levels: { warn: 80, crit: 95 }, max: 100, queries: [from('diskio').of('host').mean('io_util').by('host', 'name').steps().as('$tag_host $tag_name')] }),
  lines({ title: 'Reads and writes', about: 'Bytes read and, below the line, written.', unit: 'Bps', size: [8, 7], mirrored: '/written/',
    queries: [from('diskio').of('host').rate('read_bytes').by('host', 'name').steps().as('$tag_host $tag_name read'), from('diskio').of('host').rate('write_bytes').by('host', 'name').steps().as('$tag_host $tag_name written', 'B')] }),
];

const network = () => [
  lines({ title: 'Network', about: 'Bytes received and, below the line, sent.', unit: 'Bps', size: [12, 7], mirrored: '/sent/',
    queries: [net().rate('bytes_recv').by('host', 'interface').steps().as('$tag_host $tag_interface received'), net().rate('bytes_sent').by('host', 'interface').steps().as('$tag_host $tag_interface sent', 'B')] }),
  lines({ title: 'Errors and drops', about: 'Packets that were broken or thrown away, each second, all interfaces together. They should be 0.', unit: 'pps', size: [12, 7], levels: { warn: 1, crit: 100 },
    queries: [net().rate('err_in', 'errors in').rate('err_out', 'errors out').rate('drop_in', 'drops in').rate('drop_out', 'drops out').by('host', 'interface').steps().as('$tag_host $tag_interface $col')] }),
];

const inhabitants = () => [
  rows({ title: 'Containers by CPU', about: 'The ten containers here with the highest mean use over the picked time, in percent of one processor.', unit: unit('docker_container_cpu', 'usage_percent'), size: [12, 8],
    hide: ['Time'], rename: { container_name: 'container', swarm_service: 'service', host: 'node', usage_percent: 'CPU' }, sort: 'CPU',
    columns: { container: { links: [to.toContainerOfRow('container', 'node')] }, service: { links: [to.toServiceOfRow('service')] }, CPU: { unit: unit('docker_container_cpu', 'usage_percent'), gauge: { warn: 80, crit: 150 } } },
    queries: [over(from('docker_container_cpu').of('host').mean('usage_percent').by('container_name', 'swarm_service', 'host'), 'container_name', 'swarm_service', 'host').top('usage_percent', ['container_name', 'swarm_service', 'host'], 10).table()] }),
  rows({ title: 'Containers by memory', about: 'The ten containers here with the largest mean working set over the picked time.', unit: unit('docker_container_mem', 'working_set'), size: [12, 8],
    hide: ['Time'], rename: { container_name: 'container', swarm_service: 'service', host: 'node', working_set: 'memory' }, sort: 'memory',
    columns: { container: { links: [to.toContainerOfRow('container', 'node')] }, service: { links: [to.toServiceOfRow('service')] }, memory: { unit: unit('docker_container_mem', 'working_set'), gauge: { warn: 1e9, crit: 4e9 } } },
    queries: [over(from('docker_container_mem').of('host').mean('working_set').by('container_name', 'swarm_service', 'host'), 'container_name', 'swarm_service', 'host').top('working_set', ['container_name', 'swarm_service', 'host'], 10).table()] }),
];

export function node(): Dashboard {
  return board('swarm-node', {
    title: 'Node', about: 'What a node has, what it does, what hinders it, and which containers it runs.',
    variables: [pick('host', 'Node', 'system', 'host')],
    panels: [...first(), ...work(), ...disks(), ...network(), ...inhabitants()],
    rows: [
      { title: 'Processors', panels: [
        lines({ title: 'Each processor', about: 'Share of time in which each processor was not idle.', unit: unit('cpu', 'usage_active'), size: [12, 7], max: 100, queries: [from('cpu').isNot('cpu', 'cpu-total').of('host').mean('usage_active').by('host', 'cpu').steps().as('$tag_host $tag_cpu')] }),
        lines({ title: 'Kernel', about: 'Switches between tasks, interrupts and new processes, each second.', unit: 'cps', size: [12, 7], queries: [from('kernel').of('host').rate('context_switches', 'switches').rate('interrupts').rate('processes_forked', 'forks').by('host').steps().as('$tag_host $col')] }),
        lines({ title: 'Tasks', about: 'Tasks that run or want to, that wait for a disk, and that nobody has noticed the end of.', unit: 'short', size: [12, 7], queries: [from('processes').of('host').mean('running').mean('blocked').mean('zombies').by('host').steps().as('$tag_host $col')] }),
        lines({ title: 'Open files', about: 'Share of the possible open files that are open.', unit: unit('linux_sysctl_fs', 'file_used_percent'), size: [12, 7], levels: FULL, queries: [from('linux_sysctl_fs').of('host').mean('file_used_percent').by('host').steps().as('$tag_host')] }),
      ] },
      { title: 'Memory and paging', panels: [
        lines({ title: 'Kernel memory', about: 'The kernel\'s own structures, and what waits to be written.', unit: unit('mem', 'slab'), size: [12, 7], queries: [from('mem').of('host').mean('slab').mean('page_tables').mean('dirty').mean('write_back').by('host').steps().as('$tag_host $col')] }),
        lines({ title: 'Swapping', about: 'Bytes read back from swap and, below the line, written to it. A little is no harm; both at once are.', unit: 'Bps', size: [12, 7], mirrored: '/out/', queries: [from('swap').of('host').rate('in').rate('out').by('host').steps().as('$tag_host $col')] }),
        lines({ title: 'Major faults', about: 'Page faults that had to read from a disk, each second.', unit: 'cps', size: [12, 7], queries: [from('kernel_vmstat').of('host').rate('pgmajfault').by('host').steps().as('$tag_host')] }),
        lines({ title: 'Kills for want of memory', about: 'Processes that the kernel killed, in each step.', unit: 'short', size: [12, 7], levels: { warn: 1, crit: 3 }, bars: true, queries: [from('kernel_vmstat').of('host').grown('oom_kill').by('host').steps().as('$tag_host')] }),
      ] },
      { title: 'TCP and sockets', panels: [
        lines({ title: 'Connections', about: 'TCP connections that are established, and sockets in TIME_WAIT.', unit: 'short', size: [12, 7], queries: [from('net').of('host').is('interface', 'all').mean('tcp_currestab', 'established').by('host').steps().as('$tag_host $col'), from('netstat').of('host').mean('tcp_tw', 'time_wait').by('host').steps().as('$tag_host $col', 'B')] }),
        lines({ title: 'Segments sent again', about: 'TCP segments sent again, and refused connections, each second.', unit: 'pps', size: [12, 7], levels: { warn: 100, crit: 1000 }, queries: [from('net').of('host').is('interface', 'all').rate('tcp_retranssegs', 'sent again').by('host').steps().as('$tag_host $col'), from('nstat').of('host').rate('tcpext_listenoverflows', 'refused').by('host').steps().as('$tag_host $col', 'B')] }),
      ] },
      { title: 'Inodes', panels: [
        bars({ title: 'Inodes used', about: 'Share of the possible files that there are.', unit: unit('disk', 'inodes_used_percent'), size: [12, 7], levels: FULL, min: 0, max: 100, queries: [from('disk').of('host').last('inodes_used_percent').by('host', 'path').steps().as('$tag_host $tag_path')] }),
        lines({ title: 'Waiting for disks', about: 'Time that a request took on average.', unit: unit('diskio', 'io_await'), size: [12, 7], levels: { warn: 50, crit: 200 }, queries: [from('diskio').of('host').mean('io_await').by('host', 'name').steps().as('$tag_host $tag_name')] }),
      ] },
    ],
  });
}
