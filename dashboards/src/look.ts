// How a panel looks: one function for each kind, so that the same thing has the same colours and legends on every board.
import * as bargauge from '@grafana/grafana-foundation-sdk/bargauge';
import type * as cog from '@grafana/grafana-foundation-sdk/cog';
import * as common from '@grafana/grafana-foundation-sdk/common';
import * as dashboard from '@grafana/grafana-foundation-sdk/dashboard';
import * as stat from '@grafana/grafana-foundation-sdk/stat';
import * as statetimeline from '@grafana/grafana-foundation-sdk/statetimeline';
import * as table from '@grafana/grafana-foundation-sdk/table';
import * as timeseries from '@grafana/grafana-foundation-sdk/timeseries';
import { DATASOURCE, type Target } from './influxql';

export type AnyPanel = cog.Builder<dashboard.Panel>;

/** What every panel has; a panel without one of these does not compile. */
export type Common = {
  title: string;
  /** What is to be seen, and what is bad. */
  about: string;
  unit: string;
  /** Width of 24, and height. */
  size: [number, number];
  queries: Target[];
  /** From here on yellow, and from here on red; without them nothing is too much. */
  levels?: Levels | undefined;
  links?: dashboard.DashboardLinkBuilder[];
  min?: number;
  max?: number;
  decimals?: number;
};

/** Two bounds; upside down where little is bad. */
export type Levels = { warn: number; crit: number };

/** The bounds of the stock rules for shares of something finite. */
export const FULL: Levels = { warn: 80, crit: 90 };
/** One is already bad. */
export const ANY: Levels = { warn: 1, crit: 10 };
export const ANY_CRITICAL: Levels = { warn: 1, crit: 1 };

export function thresholds(levels?: Levels): dashboard.ThresholdsConfigBuilder {
  const steps: dashboard.Threshold[] = [];
  if (!levels) steps.push({ value: null, color: 'green' });
  else if (levels.warn > levels.crit) {
    steps.push({ value: null, color: 'red' }, { value: levels.crit, color: 'yellow' }, { value: levels.warn, color: 'green' });
  } else {
    steps.push({ value: null, color: 'green' });
    if (levels.warn < levels.crit) steps.push({ value: levels.warn, color: 'yellow' });
    steps.push({ value: levels.crit, color: 'red' });
  }
  return new dashboard.ThresholdsConfigBuilder().mode(dashboard.ThresholdsMode.Absolute).steps(steps);
}

type Shared = {
  title(text: string): Shared;
  description(text: string): Shared;
  unit(unit: string): Shared;
  datasource(of: common.DataSourceRef): Shared;
  span(w: number): Shared;
  height(h: number): Shared;
  thresholds(levels: cog.Builder<dashboard.ThresholdsConfig>): Shared;
  targets(targets: cog.Builder<cog.Dataquery>[]): Shared;
  dataLinks(links: cog.Builder<dashboard.DashboardLink>[]): Shared;
  min(min: number): Shared;
  max(max: number): Shared;
  decimals(decimals: number): Shared;
};

function begin<P extends Shared>(panel: P, of: Common): P {
  panel.title(of.title).description(of.about).unit(of.unit).datasource(DATASOURCE);
  panel.span(of.size[0]).height(of.size[1]).thresholds(thresholds(of.levels)).targets(of.queries);
  if (of.links) panel.dataLinks(of.links);
  if (of.min !== undefined) panel.min(of.min);
  if (of.max !== undefined) panel.max(of.max);
  if (of.decimals !== undefined) panel.decimals(of.decimals);
  return panel;
}

const color = (mode: dashboard.FieldColorModeId) => new dashboard.FieldColorBuilder().mode(mode);
const BY_LEVEL = dashboard.FieldColorModeId.Thresholds;

/** The last value alone, big. */
export function number(of: Common & { noValue?: string; mappings?: dashboard.ValueMapping[]; reduce?: 'lastNotNull' | 'sum' | 'max'; names?: boolean }): AnyPanel {
  const panel = begin(new stat.PanelBuilder(), of).colorScheme(color(BY_LEVEL)).noValue(of.noValue ?? '–');
  panel.colorMode(common.BigValueColorMode.Value).graphMode(common.BigValueGraphMode.Area);
  panel.reduceOptions(new common.ReduceDataOptionsBuilder().values(false).calcs([of.reduce ?? 'lastNotNull']));
  if (of.mappings) panel.mappings(of.mappings);
  if (of.names) panel.textMode(common.BigValueTextMode.ValueAndName);
  return panel;
}

/** Lines over time, or areas on top of each other, or bars of what was counted. */
export function lines(of: Common & { stacked?: boolean; bars?: boolean; mirrored?: string; signed?: boolean }): AnyPanel {
  const panel = begin(new timeseries.PanelBuilder(), of).colorScheme(color(dashboard.FieldColorModeId.PaletteClassicByName));
  panel.lineWidth(1).fillOpacity(of.stacked || of.bars ? 60 : 8).showPoints(common.VisibilityMode.Never).spanNulls(60_000);
  panel.legend(new common.VizLegendOptionsBuilder().showLegend(true).displayMode(common.LegendDisplayMode.List).placement(common.LegendPlacement.Bottom).calcs([]));
  panel.tooltip(new common.VizTooltipOptionsBuilder().mode(common.TooltipDisplayMode.Multi).sort(common.SortOrder.Descending));
  const style = of.levels ? common.GraphThresholdsStyleMode.Dashed : common.GraphThresholdsStyleMode.Off;
  panel.thresholdsStyle(new common.GraphThresholdsStyleConfigBuilder().mode(style));
  if (of.stacked || of.bars) panel.stacking(new common.StackingConfigBuilder().mode(common.StackingMode.Normal).group('A'));
  if (of.bars) panel.drawStyle(common.GraphDrawStyle.Bars).lineWidth(0);
  if (of.mirrored) panel.overrideByRegexp(of.mirrored, [{ id: 'custom.transform', value: 'negative-Y' }]);
  if (of.min === undefined && !of.mirrored && !of.signed) panel.min(0);
  return panel;
}

/** A bar for each, the last value. */
export function bars(of: Common): AnyPanel {
  const panel = begin(new bargauge.PanelBuilder(), of).colorScheme(color(BY_LEVEL)).noValue('–');
  panel.orientation(common.VizOrientation.Horizontal).displayMode(common.BarGaugeDisplayMode.Basic);
  return panel.reduceOptions(new common.ReduceDataOptionsBuilder().values(false).calcs(['lastNotNull']));
}

/** A stripe for each, coloured by value over time. */
export function stripes(of: Common & { mappings: dashboard.ValueMapping[] }): AnyPanel {
  const panel = begin(new statetimeline.PanelBuilder(), of).colorScheme(color(BY_LEVEL)).mappings(of.mappings);
  panel.mergeValues(true).showValue(common.VisibilityMode.Auto).rowHeight(0.8).fillOpacity(70).lineWidth(0);
  panel.legend(new common.VizLegendOptionsBuilder().showLegend(false).displayMode(common.LegendDisplayMode.List).placement(common.LegendPlacement.Bottom).calcs([]));
  return panel.tooltip(new common.VizTooltipOptionsBuilder().mode(common.TooltipDisplayMode.Single).sort(common.SortOrder.None));
}

export type ColumnLook = { unit?: string; links?: dashboard.DashboardLinkBuilder[]; gauge?: Levels; max?: number; mappings?: dashboard.ValueMapping[]; colored?: boolean };

/** Rows: which columns are hidden, what the others are called, and how single ones look. */
export function rows(of: Common & { hide?: string[]; rename?: Record<string, string>; columns?: Record<string, ColumnLook>; sort?: string }): AnyPanel {
  const panel = begin(new table.PanelBuilder(), of).colorScheme(color(BY_LEVEL)).noValue('–').cellHeight(common.TableCellHeight.Sm);
  const order = Object.keys(of.rename ?? {});
  const options = {
    excludeByName: Object.fromEntries((of.hide ?? []).map((name) => [name, true])),
    renameByName: Object.fromEntries(Object.entries(of.rename ?? {}).filter(([from, to]) => from !== to)),
    indexByName: Object.fromEntries(order.map((name, index) => [name, index])),
  };
  panel.withTransformation({ id: 'organize', options });
  if (of.sort) panel.sortBy([new common.TableSortByFieldStateBuilder().displayName(of.sort).desc(true)]);
  for (const [name, look] of Object.entries(of.columns ?? {})) panel.overrideByName(name, properties(look));
  return panel;
}

function properties(look: ColumnLook): dashboard.DynamicConfigValue[] {
  const found: dashboard.DynamicConfigValue[] = [];
  if (look.unit) found.push({ id: 'unit', value: look.unit });
  if (look.links) found.push({ id: 'links', value: look.links.map((link) => link.build()) });
  if (look.mappings) found.push({ id: 'mappings', value: look.mappings });
  if (look.colored) found.push({ id: 'custom.cellOptions', value: { type: common.TableCellDisplayMode.ColorBackground } });
  if (look.gauge) {
    found.push({ id: 'custom.cellOptions', value: { type: common.TableCellDisplayMode.Gauge, mode: common.BarGaugeDisplayMode.Basic } });
    found.push({ id: 'thresholds', value: thresholds(look.gauge).build() }, { id: 'min', value: 0 });
  }
  if (look.max !== undefined) found.push({ id: 'max', value: look.max });
  return found;
}

/** Numbers that are words. */
export function words(of: Record<string, [string, string]>): dashboard.ValueMapping[] {
  const options = Object.entries(of).map(([value, [text, shade]], index) => [value, { text, color: shade, index }] as const);
  return [{ type: dashboard.MappingType.ValueToText, options: Object.fromEntries(options) }];
}

export const LEVELS = words({ 0: ['ok', 'green'], 1: ['info', 'blue'], 2: ['warning', 'yellow'], 3: ['critical', 'red'] });

