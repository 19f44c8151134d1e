// What all boards share: variables, annotations, the menu of the other boards, and rows.
import * as dashboard from '@grafana/grafana-foundation-sdk/dashboard';
import { DATASOURCE, Target, from, tagValues, type Measurement, type Tag } from './influxql';
import { BOARDS, type Board } from './links';
import type { AnyPanel } from './look';

/** A variable whose values are those of a tag; `within` are variables picked before it. */
export function pick<M extends Measurement>(name: string, title: string, measurement: M, tag: Tag<M>, within: [Tag<M>, string][] = []): dashboard.QueryVariableBuilder {
  const variable = new dashboard.QueryVariableBuilder(name).label(title).datasource(DATASOURCE);
  variable.query(tagValues(measurement, tag, within)).refresh(dashboard.VariableRefresh.OnTimeRangeChanged);
  // All is all, that which lacks the tag too: containers without a service, series without a stack.
  variable.multi(true).includeAll(true).allValue('.*').sort(dashboard.VariableSort.NaturalAsc);
  return variable.current({ selected: true, text: ['All'], value: ['$__all'] });
}

function annotation(name: string, color: string, query: string, columns: { title?: string; text?: string; tags: string }): dashboard.AnnotationQueryBuilder {
  const target = new Target(query, '', 'table');
  const build = () => ({
    ...(target.build() as object),
    fromAnnotations: true,
    titleColumn: columns.title ?? '',
    textColumn: columns.text ?? '',
    tagsColumn: columns.tags,
  });
  const built = { build: build as unknown as () => ReturnType<Target['build']> };
  return new dashboard.AnnotationQueryBuilder().name(name).datasource(DATASOURCE).enable(true).iconColor(color).target(built);
}

function annotations(): dashboard.AnnotationQueryBuilder[] {
  const events = () => from('docker_event');
  const alerts = from('alert').when('"changed" = 1').raw('changed', 'level', 'state', 'message', 'name', 'host');
  const deaths = events().is('action', 'die').is('planned', 'false').raw('die', 'container_name', 'host', 'exit_code');
  const kills = events().is('action', 'oom').raw('oom', 'container_name', 'host');
  const deploys = events().matches('action', '^service_(create|update|remove)$').raw('service_create', 'service_update', 'service_remove', 'swarm_service', 'action');
  const starts = from('skep_processor').raw('rules_read', 'host');
  return [
    annotation('Alerts', 'red', alerts.text(), { title: 'name', text: 'message', tags: 'state,host' }),
    annotation('Deaths', 'orange', deaths.text(), { title: 'container_name', tags: 'host,exit_code' }),
    annotation('Out of memory', 'dark-red', kills.text(), { title: 'container_name', tags: 'host' }),
    annotation('Deploys', 'blue', deploys.text(), { title: 'swarm_service', tags: 'action' }),
    annotation('Rules read', 'gray', starts.text(), { title: 'host', tags: 'host' }),
  ];
}

export type Row = { title: string; panels: AnyPanel[]; open?: boolean };

export type Contents = {
  title: string;
  about: string;
  variables: dashboard.QueryVariableBuilder[];
  /** To be seen at once. */
  panels: AnyPanel[];
  /** To be opened. */
  rows: Row[];
};

/** A board as Grafana's classic JSON. */
export function board(uid: Board, of: Contents): dashboard.Dashboard {
  const built = new dashboard.DashboardBuilder(of.title).uid(uid).id(null).description(of.about).tags(['swarm', 'skep']);
  built.refresh('30s').time({ from: 'now-1h', to: 'now' }).timezone('browser').tooltip(dashboard.DashboardCursorSync.Crosshair).editable();
  built.withVariable(new dashboard.DatasourceVariableBuilder('datasource').label('Data source').type('influxdb'));
  const named = of.variables.map((variable) => variable.build().name);
  for (const name of BOARDS[uid]) if (!named.includes(name)) throw new Error(`${uid} takes ${name}, and has no such variable`);
  of.variables.forEach((variable) => built.withVariable(variable));
  annotations().forEach((found) => built.annotation(found));
  const menu = new dashboard.DashboardLinkBuilder('Boards').type(dashboard.DashboardLinkType.Dashboards).tags(['swarm']);
  built.link(menu.asDropdown(true).keepTime(true).includeVars(true).icon('external link'));
  of.panels.forEach((panel) => built.withPanel(panel));
  for (const { title, panels, open } of of.rows) {
    const row = new dashboard.RowBuilder(title);
    // Grafana drops the panels of a row that is open; they stand below it.
    if (!open) panels.forEach((panel) => row.withPanel(panel));
    built.withRow(row);
    if (open) panels.forEach((panel) => built.withPanel(panel));
  }
  return numbered(closed(built.build()));
}

/** The SDK leaves room for the panels of closed rows, and Grafana writes none. */
function closed(made: dashboard.Dashboard): dashboard.Dashboard {
  let hidden = 0;
  for (const panel of made.panels ?? []) {
    const inner = 'panels' in panel ? panel.panels : [];
    const end = Math.max(0, ...inner.map(({ gridPos }) => (gridPos ? gridPos.y + gridPos.h : 0)));
    const below = (panel.gridPos?.y ?? 0) + 1;
    for (const { gridPos } of [panel, ...inner]) if (gridPos) gridPos.y -= hidden;
    if (inner.length) hidden += end - below;
  }
  return made;
}

/** Ids in the order of the panels, so that a link to a panel stays as long as the order does. */
function numbered(made: dashboard.Dashboard): dashboard.Dashboard {
  let id = 0;
  for (const panel of made.panels ?? []) {
    panel.id = ++id;
    if ('panels' in panel) for (const inner of panel.panels) inner.id = ++id;
  }
  return made;
}
