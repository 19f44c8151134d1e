// What is open, what was, what comes again and again, and whether anybody was told.
import type { Dashboard } from '@grafana/grafana-foundation-sdk/dashboard';
import { alertTable, countOpen } from './alert_panels';
import { board, pick } from './board';
import { from, unit } from './influxql';
import * as to from './links';
import { ANY_CRITICAL, LEVELS, lines, number, rows, stripes, words } from './look';

const alert = () => from('alert').of('name', 'alert').of('host');
const notify = () => from('skep_processor');

const first = () => [
  number({ title: 'Critical', about: 'Alerts that are open and critical at the end of the picked time.', unit: 'short', size: [4, 4], levels: ANY_CRITICAL, noValue: '0', queries: [countOpen(3)] }),
  number({ title: 'Warnings', about: 'Alerts that are open as warnings at the end of the picked time.', unit: 'short', size: [4, 4], levels: { warn: 1, crit: 1000 }, noValue: '0', queries: [countOpen(2)] }),
  number({ title: 'Infos', about: 'Alerts that are open as mere information.', unit: 'short', size: [4, 4], noValue: '0', queries: [countOpen(1)] }),
  number({ title: 'Changes', about: 'Changes of level in the picked time, of the alerts and nodes picked.', unit: 'short', size: [4, 4], noValue: '0', reduce: 'sum', queries: [alert().count('changed', 'changes').steps('0').as('changes')] }),
  number({ title: 'Messages', about: 'Messages that were given to notifiers in the picked time.', unit: 'short', size: [4, 4], reduce: 'sum', noValue: '0', queries: [notify().grown('notifications').steps().as('messages')] }),
  number({ title: 'Rules in order', about: 'Whether the rule files hold no mistake; else the rules from before go on.', unit: unit('skep_processor', 'rules_invalid'), size: [4, 4], levels: { warn: 1, crit: 1 }, mappings: words({ 0: ['yes', 'green'], 1: ['mistakes', 'red'] }), queries: [notify().last('rules_invalid').steps().as('mistakes')] }),
];

const history = () => [
  stripes({ title: 'Levels', about: 'The level of each alert instance over time. One that opened before the picked time shows from when it was next told on, 30 s at the most.', unit: 'short', size: [24, 9], levels: { warn: 2, crit: 3 }, mappings: LEVELS,
    queries: [alert().last('level').by('name', 'host', 'swarm_service', 'container_name', 'node').steps('previous').as('$tag_name $tag_host $tag_swarm_service $tag_container_name $tag_node')] }),
  lines({ title: 'Changes by alert', about: 'Changes of level in each step: what comes again and again stands out.', unit: 'short', size: [12, 8], bars: true,
    queries: [alert().count('changed', 'changes').by('name').steps().as('$tag_name')] }),
  rows({ title: 'Most restless', about: 'Alerts by the number of their changes in the picked time.', unit: 'short', size: [12, 8],
    hide: ['Time'], rename: { name: 'alert', host: 'node', changes: 'changes' }, sort: 'changes',
    columns: { alert: { links: [to.toAlertOfRow('alert')] }, node: { links: [to.toNodeOfRow('node')] }, changes: { gauge: { warn: 5, crit: 20 } } },
    queries: [alert().count('changed', 'changes').by('name', 'host').table()] }),
  rows({ title: 'All changes', about: 'The last 200 changes of level. The messages are missing where skep itself is the data source.', unit: 'short', size: [24, 9],
    hide: ['changed'], rename: { Time: 'time', level: 'level', name: 'alert', host: 'node', swarm_service: 'service', container_name: 'container', value: 'value', message: 'message' },
    columns: { level: { mappings: LEVELS, colored: true }, alert: { links: [to.toAlertOfRow('alert')] }, node: { links: [to.toNodeOfRow('node')] }, service: { links: [to.toServiceOfRow('service')] }, container: { links: [to.toContainerOfRow('container', 'node')] } },
    queries: [alert().when('"changed" = 1').raw('changed', 'level', 'value', 'message', 'name', 'host', 'swarm_service', 'container_name').newest(200).table()] }),
];

export function alerts(): Dashboard {
  return board('swarm-alerts', {
    title: 'Alerts', about: 'What is open, what was, what comes again and again, and whether anybody was told.',
    variables: [pick('alert', 'Alert', 'alert', 'name'), pick('host', 'Node', 'alert', 'host', [['name', 'alert']])],
    panels: [...first(), alertTable([24, 8]), ...history()],
    rows: [
      { title: 'Messages', panels: [
        lines({ title: 'Sent', about: 'Messages that arrived, each second, by notifier.', unit: 'cps', size: [12, 7], queries: [notify().matches('notifier', '.').rate('notify_sent').by('notifier').steps().as('$tag_notifier')] }),
        lines({ title: 'Failed', about: 'Tries to send a message that failed, and messages given up, each second, by notifier.', unit: 'cps', size: [12, 7], levels: { warn: 0.01, crit: 1 }, queries: [notify().matches('notifier', '.').rate('notify_failed', 'failed').rate('notify_given_up', 'given up').rate('notify_dropped', 'dropped').by('notifier').steps().as('$tag_notifier $col')] }),
        lines({ title: 'Waiting', about: 'Messages that wait to be sent.', unit: unit('skep_processor', 'notify_waiting'), size: [12, 7], levels: { warn: 10, crit: 100 }, queries: [notify().matches('notifier', '.').last('notify_waiting').by('notifier').steps().as('$tag_notifier')] }),
        lines({ title: 'Held back', about: 'Changes of alert instances and messages given to notifiers, each second: grouping, muting and silences are what lies between.', unit: 'cps', size: [12, 7], queries: [notify().rate('transitions', 'changes').rate('notifications', 'messages').steps().as('$col')] }),
      ] },
    ],
  });
}
