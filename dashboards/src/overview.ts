// Is anything wrong, and where: the first look at a swarm.
import type { Dashboard } from '@grafana/grafana-foundation-sdk/dashboard';
import { alertTable, countOpen } from './alert_panels';
import { board, pick } from './board';
import { from, over, unit } from './influxql';
import * as to from './links';
import { ANY_CRITICAL, bars, FULL, lines, number, rows, stripes, words } from './look';

const service = () => from('docker_swarm').matches('swarm_service', '.').of('swarm_stack', 'stack');
const cpu = () => from('cpu').is('cpu', 'cpu-total').of('host');
const container = () => from('docker_container_cpu').of('swarm_stack', 'stack').of('host');

const now = () => [
  number({ title: 'Nodes ready', about: 'Nodes that the managers hear of.', unit: unit('docker_swarm', 'nodes_ready'), size: [3, 4],
    queries: [from('docker_swarm').last('nodes_ready').steps().as('ready')] }),
  number({ title: 'Nodes gone', about: 'Nodes of the swarm that the managers do not hear of: the stripes below say which, and since when.', unit: 'short', size: [3, 4], levels: ANY_CRITICAL,
    queries: [over(from('docker_node').last('ready', 'gone', ' * -1 + 1').by('node').steps()).fold('sum', 'gone').steps().as('gone')] }),
  number({ title: 'Tasks missing', about: 'Tasks that are to run and do not, of the stacks picked. The stock alert service-short opens when it stays so.', unit: unit('docker_swarm', 'tasks_missing'), size: [3, 4], levels: ANY_CRITICAL,
    queries: [over(service().last('tasks_missing', 'missing').by('swarm_service').steps()).fold('sum', 'missing').steps().as('missing')] }),
  number({ title: 'Critical', about: 'Alerts that are open and critical at the end of the picked time, however long ago they opened.', unit: 'short', size: [3, 4], levels: ANY_CRITICAL, noValue: '0', links: [to.toAlerts],
    queries: [countOpen(3)] }),
  number({ title: 'Warnings', about: 'Alerts that are open as warnings at the end of the picked time.', unit: 'short', size: [3, 4], levels: { warn: 1, crit: 1000 }, noValue: '0', links: [to.toAlerts],
    queries: [countOpen(2)] }),
  number({ title: 'Containers', about: 'Containers that the collectors of all picked nodes watch.', unit: unit('skep_collector', 'containers'), size: [3, 4],
    queries: [over(from('skep_collector').of('host').last('containers').by('host').steps()).fold('sum', 'containers').steps().as('containers')] }),
  number({ title: 'Managers to spare', about: 'How many more managers may go before the swarm can decide nothing. It is 0 for one or two managers; below 0 nothing is started or moved.', unit: unit('docker_swarm', 'quorum_margin'), size: [3, 4], levels: { warn: 0, crit: -0.5 },
    queries: [from('docker_swarm').last('quorum_margin').steps().as('margin')] }),
  number({ title: 'Samples', about: 'Events that the processor applies each second: when it falls, collectors fall silent.', unit: 'cps', size: [3, 4], levels: { warn: 2, crit: 1 },
    queries: [from('skep_processor').mean('events_rate').steps().as('events')] }),
];

const fullest = () => [
  bars({ title: 'CPU', about: 'Share of time in which the node was not idle; a click leads to the node.', unit: unit('cpu', 'usage_active'), size: [8, 5], levels: FULL, min: 0, max: 100, links: [to.toNode],
    queries: [cpu().mean('usage_active').by('host').steps().as('$tag_host')] }),
  bars({ title: 'Memory', about: 'Share of the memory in use, page cache not counted.', unit: unit('mem', 'used_percent'), size: [8, 5], levels: FULL, min: 0, max: 100, links: [to.toNode],
    queries: [from('mem').of('host').mean('used_percent').by('host').steps().as('$tag_host')] }),
  bars({ title: 'Fullest filesystem', about: 'The filesystem of each node that is filled most.', unit: unit('disk', 'used_percent'), size: [8, 5], levels: FULL, min: 0, max: 100, links: [to.toNode],
    queries: [from('disk').of('host').max('used_percent').by('host').steps().as('$tag_host')] }),
];

const services = () => [
  stripes({ title: 'Services: tasks missing', about: 'Tasks of each service that are to run and do not: green is 0.', unit: unit('docker_swarm', 'tasks_missing'), size: [12, 8], levels: ANY_CRITICAL, links: [to.toService], mappings: words({ 0: ['all run', 'green'] }),
    queries: [service().last('tasks_missing').by('swarm_service').steps().as('$tag_swarm_service')] }),
  rows({ title: 'Containers that use most CPU', about: 'The ten containers with the highest mean use over the picked time, in percent of one processor. Links lead to container, service and node.', unit: unit('docker_container_cpu', 'usage_percent'), size: [12, 8],
    hide: ['Time'], rename: { container_name: 'container', swarm_service: 'service', host: 'node', usage_percent: 'CPU' }, sort: 'CPU',
    columns: {
      container: { links: [to.toContainerOfRow('container', 'node')] }, service: { links: [to.toServiceOfRow('service')] }, node: { links: [to.toNodeOfRow('node')] },
      CPU: { unit: unit('docker_container_cpu', 'usage_percent'), gauge: { warn: 80, crit: 150 } },
    },
    queries: [over(container().mean('usage_percent').by('container_name', 'swarm_service', 'host'), 'container_name', 'swarm_service', 'host').top('usage_percent', ['container_name', 'swarm_service', 'host'], 10).table()] }),
  lines({ title: 'CPU by service', about: 'All containers of a service together, in percent of one processor: 200 is two processors.', unit: unit('docker_container_cpu', 'usage_percent'), size: [12, 8], stacked: true, links: [to.toService],
    queries: [over(container().matches('swarm_service', '.').mean('usage_percent', 'cpu').by('container_name', 'host', 'swarm_service').steps(), 'swarm_service').fold('sum', 'cpu').by('swarm_service').steps().as('$tag_swarm_service')] }),
  lines({ title: 'Memory by service', about: 'Working sets of all containers of a service together: what their limits are held against.', unit: unit('docker_container_mem', 'working_set'), size: [12, 8], stacked: true, links: [to.toService],
    queries: [over(from('docker_container_mem').of('swarm_stack', 'stack').of('host').matches('swarm_service', '.').mean('working_set', 'memory').by('container_name', 'host', 'swarm_service').steps(), 'swarm_service').fold('sum', 'memory').by('swarm_service').steps().as('$tag_swarm_service')] }),
];

const nodes = () => [
  stripes({ title: 'Nodes', about: 'Whether the managers hear of each node.', unit: unit('docker_node', 'ready'), size: [12, 7], levels: { warn: 1, crit: 0.5 }, mappings: words({ 0: ['gone', 'red'], 1: ['ready', 'green'] }),
    links: [to.link('The node', 'swarm-node', { host: to.label('node') })],
    queries: [from('docker_node').last('ready').by('node').steps().as('$tag_node')] }),
  lines({ title: 'Network by node', about: 'What each node receives and, below the line, sends, all interfaces of hardware and bridges together.', unit: 'Bps', size: [12, 7], mirrored: '/sent/', links: [to.toNode],
    queries: [
      over(from('net').of('host').matches('interface', '^e').rate('bytes_recv', 'received').by('host', 'interface').steps(), 'host').fold('sum', 'received').by('host').steps().as('$tag_host received'),
      over(from('net').of('host').matches('interface', '^e').rate('bytes_sent', 'sent').by('host', 'interface').steps(), 'host').fold('sum', 'sent').by('host').steps().as('$tag_host sent', 'B'),
    ] }),
];

const events = () => [
  lines({ title: 'What happened', about: 'Docker\'s events of the picked time, counted in each step.', unit: 'short', size: [12, 8], bars: true,
    queries: [from('docker_event').count('start').count('die').count('oom').count('task_failed').count('service_update').count('node_down').steps().as('$col')] }),
  alertTable([12, 8]),
];

export function overview(): Dashboard {
  return board('swarm-overview', {
    title: 'Swarm overview',
    about: 'Is anything wrong, and where. Every name leads on: a node to its page, a service to its, an alert to its history.',
    variables: [pick('stack', 'Stack', 'docker_swarm', 'swarm_stack'), pick('host', 'Node', 'system', 'host')],
    panels: [...now(), ...fullest(), ...services()],
    rows: [
      { title: 'Nodes', panels: nodes(), open: true },
      { title: 'Events and alerts', panels: events(), open: true },
      { title: 'Jobs and updates', panels: [
        stripes({ title: 'Updates', about: 'Services that are being updated or taken back.', unit: unit('docker_swarm', 'updating'), size: [12, 6], levels: { warn: 1, crit: 2 }, links: [to.toService], mappings: words({ 0: ['settled', 'green'], 1: ['updating', 'yellow'] }),
          queries: [service().last('updating').by('swarm_service').steps().as('$tag_swarm_service')] }),
        lines({ title: 'Failed tasks', about: 'Tasks that failed in each step, by service; planned stops are not among them.', unit: 'short', size: [12, 6], bars: true, links: [to.toService],
          queries: [service().grown('tasks_failed').by('swarm_service').steps().as('$tag_swarm_service')] }),
      ] },
    ],
  });
}
