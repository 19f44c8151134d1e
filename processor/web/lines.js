// The numbers behind a chart: history and live tail in steps, rates of counters, holes, summaries.
// @ts-check

/** @typedef {[number, number]} Point seconds since 1970, and the value there */

/** Points that one chart draws across: more than its pixels say nothing. */
export const ACROSS = 360;

/** Ranges that a chart offers, in seconds. */
export const RANGES = /** @type {[number, string][]} */ ([
  [300, '5 min'], [900, '15 min'], [3600, '1 h'], [21_600, '6 h'], [86_400, '24 h'], [604_800, '7 d'], [2_592_000, '30 d'],
]);

/** Those that the store has something for, the first that goes beyond it included. @param {number | null} held seconds that the store reaches back, null when unknown */
export function offered(held) {
  const wider = RANGES.findIndex(([seconds]) => held !== null && seconds >= held);
  return wider < 0 ? RANGES : RANGES.slice(0, Math.max(wider, 2) + 1);
}

/** What the address asks for: a stretch of the past, or the last so many seconds up to now. @param {URLSearchParams} parameters @param {number} now @param {number} [without] */
export function stretch(parameters, now, without = 900) {
  const [from, to] = [Number(parameters.get('from')), Number(parameters.get('to'))];
  if (from > 0 && to > from) return { from, to, live: false };
  const range = Number(parameters.get('range'));
  const seconds = Number.isFinite(range) && range >= 60 && range <= 400 * 86_400 ? range : without;
  return { from: now - seconds, to: now, live: true };
}

const STEPS = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14_400, 21_600, 43_200, 86_400];

/** A round step, so that no more than the chart can show is asked for. @param {number} seconds */
export function stepFor(seconds) {
  return STEPS.find(step => seconds / step <= ACROSS) ?? Math.ceil(seconds / ACROSS);
}

/**
 * One line: values in steps, fed from the store once and then from the live stream. A gauge's step is the mean of what fell into it, a counter's
 * the last; `rate` turns a counter into what it gains a second.
 */
export class Line {
  /** @param {string} name @param {{step: number, rate?: boolean, scale?: number}} how scale: what each value is multiplied by */
  constructor(name, { step, rate = false, scale = 1 }) {
    this.name = name;
    this.step = step;
    this.rate = rate;
    this.scale = scale;
    /** @type {number[]} */
    this.times = [];
    /** @type {number[]} */
    this.values = [];
    this.count = 0;
  }

  /** @param {number} time @param {number} value */
  push(time, value) {
    const begun = Math.floor(time / this.step) * this.step;
    const last = this.times.length - 1;
    if (last >= 0 && begun < this.times[last]) return;
    if (last < 0 || begun > this.times[last]) {
      this.times.push(begun);
      this.values.push(value);
      this.count = 1;
    } else if (this.rate) {
      this.values[last] = value;
    } else {
      this.count += 1;
      this.values[last] += (value - this.values[last]) / this.count;
    }
  }

  /** Forgets what is older. @param {number} from */
  trim(from) {
    const first = this.times.findIndex(time => time >= from - this.step);
    if (first > 0) {
      this.times.splice(0, first);
      this.values.splice(0, first);
    }
  }

  /** @returns {Point[]} as it is drawn */
  points() {
    const all = this.times.map((time, index) => /** @type {Point} */ ([time, this.values[index]]));
    const shown = this.rate ? rates(all) : all;
    return this.scale === 1 ? shown : shown.map(([time, value]) => [time, value * this.scale]);
  }
}

/** What a counter gains a second; a fall is a start from 0. @param {Point[]} points @returns {Point[]} */
export function rates(points) {
  return points.slice(1).map(([time, value], index) => {
    const [before, last] = points[index];
    return [time, (value >= last ? value - last : value) / (time - before)];
  });
}

/** Samples come each second or ten; where nothing came for so long, a line breaks. */
const HOLE = 35;

/**
 * Lines side by side, as uPlot wants them: one list of times and one of values a line. null breaks a line, undefined is drawn through:
 * there only this line has no sample just then.
 * @param {Point[][]} lines @param {number} step @returns {(number | null | undefined)[][]}
 */
export function joined(lines, step) {
  const times = [...new Set(lines.flatMap(points => points.map(([time]) => time)))].sort((a, b) => a - b);
  const patience = Math.max(3 * step, HOLE);
  const holes = new Set();
  times.forEach((time, index) => index > 0 && time - times[index - 1] > patience && holes.add(times[index - 1] + step));
  const all = [...times, ...holes].sort((a, b) => a - b);
  return [all, ...lines.map(points => column(points, all, holes, patience))];
}

/** @param {Point[]} points @param {number[]} times @param {Set<number>} holes @param {number} patience */
function column(points, times, holes, patience) {
  let at = 0;
  return times.map(time => {
    if (holes.has(time)) return null;
    if (at < points.length && points[at][0] === time) return points[at++][1];
    const [before, after] = [points[at - 1]?.[0], points[at]?.[0]];
    // Between two samples that are far from one another this line has a hole, though others have none.
    return before !== undefined && after !== undefined && after - before > patience ? null : undefined;
  });
}

/** @typedef {{min: number, mean: number, max: number, last: number}} Summary */

/** @param {Iterable<number | null | undefined>} values @returns {Summary | null} null without any value */
export function summary(values) {
  let [min, max, sum, count, last] = [Infinity, -Infinity, 0, 0, NaN];
  for (const value of values) {
    if (typeof value !== 'number' || !Number.isFinite(value)) continue;
    min = Math.min(min, value);
    max = Math.max(max, value);
    sum += value;
    count += 1;
    last = value;
  }
  return count ? { min, mean: sum / count, max, last } : null;
}

/** The lines with the highest values, in order of their names, and how many were left out. @template {{name: string}} T @param {T[]} lines @param {(line: T) => number} height @param {number} most @returns {{kept: T[], left: number}} */
export function highest(lines, height, most) {
  const tallest = lines.map(line => ({ line, tall: height(line) })).sort((a, b) => b.tall - a.tall).slice(0, most).map(({ line }) => line);
  tallest.sort((a, b) => a.name.localeCompare(b.name, 'en', { numeric: true }));
  return { kept: tallest, left: lines.length - tallest.length };
}

/** A change of an alert, as /api/v1/alerts/history tells it. @typedef {{alert: string, instance: string, from: string, to: string, at: string, message?: string}} Change */
/** Some time at one level. @typedef {{alert: string, instance: string, level: string, from: number, to: number, message: string}} Span */

const OPEN = new Set(['critical', 'warning', 'info']);

/** From when to when each alert was at which level; what is open lasts to the end. @param {Change[]} changes oldest first @param {number} from @param {number} to @returns {Span[]} */
export function spans(changes, from, to) {
  /** @type {Map<string, {level: string, since: number, message: string, alert: string}>} */
  const open = new Map();
  /** @type {Span[]} */
  const found = [];
  const end = (/** @type {string} */ instance, /** @type {number} */ time) => {
    const one = open.get(instance);
    if (one && time > from && one.since < to) found.push({ alert: one.alert, instance, level: one.level, from: Math.max(one.since, from), to: Math.min(time, to), message: one.message });
    open.delete(instance);
  };
  for (const change of changes) {
    const time = Date.parse(change.at) / 1000;
    // What was open before the first change that is told, was so from before.
    if (!open.has(change.instance) && OPEN.has(change.from)) open.set(change.instance, { level: change.from, since: from, message: '', alert: change.alert });
    end(change.instance, time);
    if (OPEN.has(change.to)) open.set(change.instance, { level: change.to, since: time, message: change.message ?? '', alert: change.alert });
  }
  for (const instance of [...open.keys()]) end(instance, Infinity);
  return found.sort((a, b) => a.from - b.from || a.alert.localeCompare(b.alert));
}

/**
 * Of marks on a line those that may be drawn, so far apart that each is seen; what is bad goes before what is not.
 * @template {{bad: boolean}} T @param {T[]} marks @param {(mark: T) => number} place @param {number} least @returns {[T, number][]}
 */
export function apart(marks, place, least) {
  /** @type {[T, number][]} */
  const kept = [];
  const placed = marks.map(mark => /** @type {[T, number]} */ ([mark, place(mark)])).sort(([, a], [, b]) => a - b);
  for (const [mark, at] of placed) {
    const last = kept.at(-1);
    if (!last || at - last[1] >= least) kept.push([mark, at]);
    else if (mark.bad && !last[0].bad) kept[kept.length - 1] = [mark, last[1]];
  }
  return kept;
}

/** A line across a chart where a rule's level begins. @typedef {{value: number, level: 'critical' | 'warning' | 'info' | 'ok', alert: string}} Threshold */

const LEVEL_KEYS = /** @type {const} */ ({ info: 'info', warn: 'warning', crit: 'critical', clear: 'ok' });

/** Whether a rule's text picks this metric, of any instance. @param {string} source @param {string} measurement @param {string} field */
export function isAbout(source, measurement, field) {
  const escaped = (/** @type {string} */ text) => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  return new RegExp(`service\\s*(?:=|=~)\\s*"${escaped(measurement)}/(?:[^"]*/)?${escaped(field)}"`).test(source);
}

/**
 * Thresholds of rules over one metric, read off their text: only rules that compare the samples themselves, or their mean and the like, with a number.
 * @param {{name: string, source?: string | null}[]} rules @param {string} measurement @param {string} field @returns {Threshold[]}
 */
export function thresholds(rules, measurement, field) {
  return rules.flatMap(rule => {
    const source = rule.source ?? '';
    const take = /^\s*take:\s*["']?(\w+)/m.exec(source)?.[1] ?? 'mean';
    if (!isAbout(source, measurement, field) || !['mean', 'avg', 'median', 'min', 'max', 'last', 'percentile', 'ewma'].includes(take)) return [];
    return Object.entries(LEVEL_KEYS).flatMap(([key, level]) => {
      const found = new RegExp(`^\\s*${key}:[^\\n]*?metric\\s*[<>]=?\\s*(-?[\\d.]+(?:e[-+]?\\d+)?)`, 'm').exec(source);
      return found ? [{ value: Number(found[1]), level, alert: rule.name }] : [];
    });
  });
}
