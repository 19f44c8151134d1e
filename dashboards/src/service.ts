// One service, or some: what is to run and what does, what it uses, and what went wrong.
import type { Dashboard } from '@grafana/grafana-foundation-sdk/dashboard';
import { alertTable } from './alert_panels';
import { board, pick } from './board';
import { faults, inventory, pressure, quota, traffic, use, type Pick } from './container_panels';
import { from, over, unit } from './influxql';
import * as to from './links';
import { ANY_CRITICAL, lines, number, rows, stripes, words } from './look';

const told = () => from('docker_swarm').of('swarm_stack', 'stack').of('swarm_service', 'service');
const containers: Pick = (measurement) => from(measurement).of('swarm_service' as never, 'service').of('container_name' as never, 'container');

const total = (field: 'tasks_running' | 'tasks_desired' | 'tasks_missing' | 'tasks_pending') => over(told().last(field).by('swarm_service').steps()).fold('sum', field).steps().as(field);

const first = () => [
  number({ title: 'Desired', about: 'Tasks that are to run, of all services picked.', unit: unit('docker_swarm', 'tasks_desired'), size: [3, 4], queries: [total('tasks_desired')] }),
  number({ title: 'Running', about: 'Tasks that run on nodes that are not down.', unit: unit('docker_swarm', 'tasks_running'), size: [3, 4], queries: [total('tasks_running')] }),
  number({ title: 'Missing', about: 'Tasks that are to run less those that do.', unit: unit('docker_swarm', 'tasks_missing'), size: [3, 4], levels: ANY_CRITICAL, queries: [total('tasks_missing')] }),
  number({ title: 'Waiting for a node', about: 'Tasks that no node can take: its constraints, reservations or ports stand in the way.', unit: unit('docker_swarm', 'tasks_pending'), size: [3, 4], levels: ANY_CRITICAL, queries: [total('tasks_pending')] }),
  stripes({ title: 'Tasks missing', about: 'Of each service, over time: green is 0.', unit: unit('docker_swarm', 'tasks_missing'), size: [12, 4], levels: ANY_CRITICAL, mappings: words({ 0: ['all run', 'green'] }), queries: [told().last('tasks_missing').by('swarm_service').steps().as('$tag_swarm_service')] }),
];

const whole = () => [
  lines({ title: 'Desired and running', about: 'Tasks that are to run, and that do.', unit: unit('docker_swarm', 'tasks_running'), size: [8, 7], queries: [told().last('tasks_desired', 'desired').last('tasks_running', 'running').by('swarm_service').steps().as('$tag_swarm_service $col')] }),
  lines({ title: 'Failed tasks', about: 'Tasks that failed in each step; planned stops are not among them.', unit: 'short', size: [8, 7], bars: true, queries: [told().grown('tasks_failed').by('swarm_service').steps().as('$tag_swarm_service')] }),
  rows({ title: 'Exits', about: 'The last containers of the service that ended, with exit code, and whether somebody had asked for it.', unit: 'none', size: [8, 7],
    hide: ['die'], rename: { Time: 'time', container_name: 'container', host: 'node', exit_code: 'exit code', planned: 'planned' },
    columns: { container: { links: [to.toContainerOfRow('container', 'node')] }, node: { links: [to.toNodeOfRow('node')] } },
    queries: [from('docker_event').is('action', 'die').of('swarm_service', 'service').raw('die', 'container_name', 'host', 'exit_code', 'planned').newest(50).table()] }),
];

export function service(): Dashboard {
  return board('swarm-service', {
    title: 'Service', about: 'What is to run of a service and what does, what it uses, and what went wrong.',
    variables: [
      pick('stack', 'Stack', 'docker_swarm', 'swarm_stack'),
      pick('service', 'Service', 'docker_swarm', 'swarm_service', [['swarm_stack', 'stack']]),
      pick('container', 'Task', 'docker_container_cpu', 'container_name', [['swarm_service', 'service']]),
    ],
    panels: [...first(), ...whole(), alertTable([24, 6], 'Open alerts of the service', '"swarm_service" =~ /^$service$/'), ...use(containers), ...inventory(containers, [12, 7])],
    rows: [
      { title: 'Quota', panels: quota(containers) },
      { title: 'Network and disks', panels: traffic(containers) },
      { title: 'Memory and processes', panels: faults(containers) },
      { title: 'Pressure', panels: pressure(containers) },
    ],
  });
}
