// One chart: lines drawn by uPlot; thresholds, alerts and events drawn in; a table of figures below, which says in words what the picture shows.
// @ts-check
/* global uPlot */
import { colour } from './colour.js';
import { el, set, write } from './dom.js';
import { clock, format, levelText, span, when } from './format.js';
import { Line, apart, highest, isAbout, joined, summary, thresholds } from './lines.js';

/** @type {Promise<void> | null} */
let arrived = null;
/** uPlot comes when the first chart does, so that pages are there before it. */
export function plotting() {
  arrived ??= new Promise((resolve, reject) => {
    document.head.append(el('link', { rel: 'stylesheet', href: '/vendor/uplot.css' }), el('script', { src: '/vendor/uplot.js', onload: () => resolve(), onerror: () => reject(new Error('uPlot did not come')) }));
  });
  return arrived;
}

/** @typedef {import('./lines.js').Span} Span */
/** @typedef {import('./lines.js').Threshold} Threshold */
/** A moment at which something happened. @typedef {{time: number, text: string, bad: boolean}} Mark */
/** Where lines come from. `where` are attributes that a series must have; `label` names a line by them; `rate` shows what a counter gains a second.
 * @typedef {{measurement: string, field: string, where?: Record<string, string>, label: (tags: Record<string, any>, field: string) => string, rate?: boolean, scale?: number, dash?: boolean}} Source */
/** `top` is where the scale ends, if it always does there. @typedef {{title: string, unit: string, top?: number, sources: Source[]}} Spec */
/** What is drawn of one stretch of time. @typedef {{from: number, to: number, step: number, spans: Span[], marks: Mark[]}} Frame */

/** Lines of one chart at the most; the highest are shown. */
const MAX_LINES = 8;
/** A limit so many times as high as what is used is told, not drawn. */
const FAR = 6;
const HEIGHT = 190;
/** Rows of the table of values. */
const MAX_ROWS = 200;
/** Steps of the axis of time, in seconds. */
const STEPS_OF_TIME = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10_800, 21_600, 43_200, 86_400, 172_800, 604_800];
/** Pixels between two marks at the foot. */
const APART = 14;
/** Steps of an axis of bytes. */
const POWERS_OF_2 = Array.from({ length: 60 }, (_, power) => 2 ** power);

const COLOURS = ['#d08a1d', '#3b82c4', '#4a9d5b', '#b3564d', '#7d6bc4', '#2f9e9e', '#a86f9d', '#8a8f45'];
const SIGNS = { critical: '■', warning: '▲', info: '◆', ok: '●' };

export class Chart {
  /** @param {Spec} spec @param {(from: number, to: number) => void} zoom told of what was picked with the mouse */
  constructor(spec, zoom) {
    this.spec = spec;
    this.zoom = zoom;
    /** @type {Map<string, Line & {dash?: boolean}>} */
    this.lines = new Map();
    /** @type {(Line & {dash?: boolean})[]} those that are drawn */
    this.kept = [];
    /** @type {(Line & {dash?: boolean})[]} all there were when lines were chosen */
    this.chosen = [];
    /** @type {Threshold[]} */
    this.thresholds = [];
    /** Names of rules about what is drawn here; null while the rules are not known. @type {Set<string> | null} */
    this.concerned = null;
    /** @type {Frame} */
    this.frame = { from: 0, to: 0, step: 1, spans: [], marks: [] };
    /** @type {any} */
    this.plot = null;
    /** @type {(number | null | undefined)[][]} */
    this.data = [[]];
    this.width = 0;
    this.names = '';
    this.at = -1;
    /** @type {Record<string, string>} looked up once a plot: a look-up costs a layout */
    this.ink = {};
    this.picture = el('div.plot', { role: 'img' });
    this.under = el('p.under.small.quiet');
    this.body = el('tbody');
    this.column = el('th.number', { scope: 'col' }, 'last');
    this.more = el('p.small.quiet', { hidden: true });
    this.values = el('details.values', { ontoggle: () => this.showValues() }, el('summary', {}, 'Values'), el('div'));
    this.element = el('section.chart', { 'aria-label': spec.title }, el('h3', {}, spec.title), this.picture, this.under,
      el('table.figures', {}, el('thead', {}, el('tr', {}, el('th', { scope: 'col' }, 'Line'), this.column,
        ...['min', 'mean', 'max'].map(name => el('th.number', { scope: 'col' }, name)))), this.body), this.more, this.values);
    this.element.hidden = true;
  }

  /** Forgets its lines: others come. @param {Frame} frame */
  begin(frame) {
    this.frame = frame;
    this.lines.clear();
    this.chosen = [];
  }

  /** The line of such a series. @param {Source} source @param {Record<string, any>} tags */
  line(source, tags) {
    const name = source.label(tags, source.field);
    const key = `${source.measurement}/${source.field} ${name}`;
    const known = this.lines.get(key);
    if (known) return known;
    /** @type {Line & {dash?: boolean}} */
    const line = new Line(name, { step: this.frame.step, rate: source.rate, scale: source.scale });
    line.dash = source.dash;
    this.lines.set(key, line);
    return line;
  }

  /** Alerts about what is drawn here. */
  get spans() {
    return this.frame.spans.filter(one => this.concerned?.has(one.alert) ?? true);
  }

  /** Rules are known now. @param {{name: string, source?: string | null}[]} rules */
  setRules(rules) {
    const { sources } = this.spec;
    this.thresholds = sources.flatMap(({ measurement, field, rate }) => (rate ? [] : thresholds(rules, measurement, field)));
    this.concerned = new Set(rules.filter(({ source }) => source && sources.some(({ measurement, field }) => isAbout(source, measurement, field))).map(rule => rule.name));
    this.plot?.redraw();
  }

  /** @param {number} value */
  word(value) {
    return format(value, this.spec.unit);
  }

  /** Draws what has come. @param {Frame} frame */
  draw(frame) {
    this.frame = frame;
    // Live values may be here before what draws them.
    if (!('uPlot' in globalThis)) return;
    this.pick();
    const points = this.kept.map(line => line.points());
    this.element.hidden = points.every(list => list.length === 0);
    if (this.element.hidden) return;
    this.data = joined(points, frame.step);
    const names = this.kept.map(line => line.name).join('\n');
    if (!this.plot || names !== this.names) this.make(names);
    else {
      this.fit();
      this.plot.setData(this.data, false);
    }
    this.plot.setScale('x', { min: frame.from, max: frame.to });
    this.tell();
  }

  /** Chooses the lines that are drawn: anew only when one came or went, so that they do not change places all the time. */
  pick() {
    const all = [...this.lines.values()].filter(line => line.times.length > 0);
    if (this.chosen.length === all.length && this.chosen.every(line => all.includes(line))) return;
    this.chosen = all;
    const top = (/** @type {Line} */ line) => summary(line.points().map(point => point[1]))?.max ?? -Infinity;
    const { kept, left } = highest(all.filter(line => !line.dash), top, MAX_LINES);
    const tallest = Math.max(...kept.map(top));
    // A limit that is far above would press what is used down to the ground.
    const limits = all.filter(line => line.dash);
    const near = limits.filter(line => top(line) <= tallest * FAR);
    this.kept = [...kept, ...near];
    const far = limits.filter(line => !near.includes(line)).map(line => `${line.name} ${this.word(top(line))} is far above`);
    const words = [left && `${left} more lines are lower all the time, and left out`, ...far].filter(Boolean);
    this.more.hidden = words.length === 0;
    write(this.more, `${words.join('; ')}.`);
  }

  /** Where it has another width now. */
  fit() {
    const width = this.picture.clientWidth;
    if (this.plot && width && width !== this.width) this.plot.setSize({ width: (this.width = width), height: HEIGHT });
  }

  /** Colours changed. */
  turn() {
    this.plot?.destroy();
    this.plot = null;
  }

  /** @param {string} names */
  make(names) {
    this.names = names;
    this.plot?.destroy();
    this.width = this.picture.clientWidth || 300;
    for (const name of ['quiet', 'line', 'strong', 'panel', ...Object.keys(SIGNS)]) this.ink[name] = colour(`--${name}`);
    const { quiet, line } = this.ink;
    const axis = { stroke: quiet, grid: { stroke: line, width: 1 }, ticks: { stroke: line, width: 1 }, font: '12px system-ui, sans-serif' };
    const { unit, top } = this.spec;
    const range = (/** @type {any} */ _, /** @type {number} */ low, /** @type {number} */ high) => [Math.min(0, low ?? 0), top ?? (high > 0 ? high * 1.08 : 1)];
    this.plot = new (/** @type {any} */ (globalThis).uPlot)({
      width: this.width, height: HEIGHT, legend: { show: false }, padding: [10, 12, 0, 0],
      cursor: { sync: { key: 'skep', setSeries: false }, drag: { x: true, y: false, setScale: false }, points: { size: 6 } },
      scales: { x: { time: true }, y: { range } },
      axes: [{ ...axis, size: 28, incrs: STEPS_OF_TIME, values: (/** @type {any} */ _, /** @type {number[]} */ ticks) => timeLabels(ticks) },
        { ...axis, size: unit === 'bytes/s' ? 88 : 74, incrs: unit.startsWith('bytes') ? POWERS_OF_2 : undefined, values: (/** @type {any} */ _, /** @type {number[]} */ ticks) => ticks.map(tick => this.word(tick)) }],
      series: [{}, ...this.kept.map((one, index) => ({ label: one.name, stroke: COLOURS[index % COLOURS.length], width: 1.6, dash: one.dash ? [6, 4] : undefined, points: { show: false } }))],
      hooks: {
        drawAxes: [(/** @type {any} */ plot) => this.drawSpans(plot)],
        draw: [(/** @type {any} */ plot) => this.drawOver(plot)],
        setCursor: [(/** @type {any} */ plot) => this.point(plot)],
        setSelect: [(/** @type {any} */ plot) => this.select(plot)],
      },
    }, this.data, this.picture);
    this.body.replaceChildren(...this.kept.map((one, index) => {
      const swatch = el('span.swatch', { 'aria-hidden': 'true' });
      swatch.style.background = COLOURS[index % COLOURS.length];
      return el('tr', {}, el('th', { scope: 'row' }, swatch, one.name), ...Array.from({ length: 4 }, () => el('td.number')));
    }));
  }

  /** @param {any} plot */
  select(plot) {
    const { left, width } = plot.select;
    if (width < 4) return;
    const [from, to] = [plot.posToVal(left, 'x'), plot.posToVal(left + width, 'x')];
    plot.setSelect({ left: 0, width: 0, top: 0, height: 0 }, false);
    if (to - from >= 2) this.zoom(from, to);
  }

  /** Alerts lie behind the lines: a wash over their time, and a strip with the level's sign at the top. @param {any} plot */
  drawSpans(plot) {
    const { ctx: pen, bbox } = plot;
    const ratio = devicePixelRatio || 1;
    pen.save();
    clip(pen, bbox);
    pen.font = `${11 * ratio}px system-ui, sans-serif`;
    for (const one of this.spans) {
      const [left, right] = [plot.valToPos(one.from, 'x', true), plot.valToPos(one.to, 'x', true)];
      const width = Math.max(right - left, 2 * ratio);
      pen.fillStyle = this.ink[one.level] ?? this.ink.info;
      pen.globalAlpha = 0.1;
      pen.fillRect(left, bbox.top, width, bbox.height);
      pen.globalAlpha = 1;
      pen.fillRect(left, bbox.top, width, 3 * ratio);
      pen.fillText(SIGNS[/** @type {'ok'} */ (one.level)] ?? '◆', left + 2 * ratio, bbox.top + 14 * ratio);
    }
    pen.restore();
  }

  /** @param {any} plot */
  drawOver(plot) {
    const { ctx: pen, bbox } = plot;
    const ratio = devicePixelRatio || 1;
    pen.save();
    clip(pen, bbox);
    pen.font = `${11 * ratio}px system-ui, sans-serif`;
    pen.lineWidth = ratio;
    for (const [mark, x] of apart(this.frame.marks, mark => plot.valToPos(mark.time, 'x', true), APART * ratio)) {
      pen.strokeStyle = pen.fillStyle = mark.bad ? this.ink.critical : this.ink.strong;
      stroke(pen, x, bbox.top + bbox.height, x, bbox.top + bbox.height * 0.8, [2 * ratio, 3 * ratio]);
      pen.fillText(mark.bad ? '✕' : '◇', x - 4 * ratio, bbox.top + bbox.height - 2 * ratio);
    }
    this.drawThresholds(plot, ratio);
    pen.restore();
  }

  /** Where levels begin; a word that would lie upon another is left out, its line is not. @param {any} plot @param {number} ratio */
  drawThresholds({ ctx: pen, bbox, valToPos }, ratio) {
    pen.textAlign = 'right';
    pen.lineJoin = 'round';
    /** @type {number[]} */
    const words = [];
    for (const { value, level, alert } of this.thresholds.filter(one => one.level !== 'ok')) {
      const y = valToPos(value, 'y', true);
      if (y < bbox.top || y > bbox.top + bbox.height) continue;
      pen.strokeStyle = this.ink[level];
      pen.lineWidth = ratio;
      stroke(pen, bbox.left, y, bbox.left + bbox.width, y, [5 * ratio, 4 * ratio]);
      const under = y - 16 * ratio < bbox.top;
      const at = under ? y + 12 * ratio : y - 4 * ratio;
      if (words.some(other => Math.abs(other - at) < 13 * ratio)) continue;
      words.push(at);
      const text = `${SIGNS[level]} ${alert} ${this.word(value)}`;
      pen.strokeStyle = this.ink.panel;
      pen.lineWidth = 3 * ratio;
      pen.strokeText(text, bbox.left + bbox.width - 4 * ratio, at);
      pen.fillStyle = this.ink[level];
      pen.fillText(text, bbox.left + bbox.width - 4 * ratio, at);
    }
  }

  /** The pointer moved, here or over another chart. @param {any} plot */
  point(plot) {
    const at = plot.cursor.left >= 0 ? plot.cursor.idx ?? -1 : -1;
    if (at === this.at) return;
    this.at = at;
    this.tell();
  }

  /** Figures, and what they say to who sees no picture. */
  tell() {
    const at = this.at >= 0 && this.at < this.data[0].length ? this.at : -1;
    const time = at >= 0 ? /** @type {number} */ (this.data[0][at]) : 0;
    write(this.column, at >= 0 ? clock(time) : 'last');
    const words = this.kept.map((line, index) => {
      const found = summary(this.data[index + 1] ?? []);
      if (!found) return '';
      const cells = this.body.rows[index].cells;
      const here = at >= 0 ? value(this.data[index + 1], at) : found.last;
      [here, found.min, found.mean, found.max].forEach((number, cell) => write(cells[cell + 1], format(number, this.spec.unit)));
      return `${line.name}: last ${this.word(found.last)}, min ${this.word(found.min)}, mean ${this.word(found.mean)}, max ${this.word(found.max)}`;
    }).filter(Boolean);
    set(this.picture, 'aria-label', `${this.spec.title} over ${span(this.frame.to - this.frame.from)}. ${words.join('. ')}`);
    write(this.under, at >= 0 ? [when(time), ...this.near(time)].join(' · ') : '\u00a0');
    if (this.values.open && at < 0) this.showValues();
  }

  /** Alerts and events at a moment. @param {number} time */
  near(time) {
    const reach = (this.frame.to - this.frame.from) / 100;
    const spans = this.spans.filter(one => one.from <= time && time <= one.to);
    const marks = this.frame.marks.filter(mark => Math.abs(mark.time - time) <= reach);
    return [...spans.map(one => `${levelText(one.level)} ${one.alert}`), ...marks.map(mark => mark.text)].slice(0, 4);
  }

  showValues() {
    if (!this.values.open) return;
    const rows = /** @type {number[]} */ (this.data[0]).map((time, index) => ({ time, index })).filter(({ index }) => this.data.slice(1).some(list => typeof list[index] === 'number')).slice(-MAX_ROWS).reverse();
    const table = el('table', {}, el('caption.hidden', {}, `Values of ${this.spec.title}`),
      el('thead', {}, el('tr', {}, el('th', { scope: 'col' }, 'Time'), ...this.kept.map(line => el('th.number', { scope: 'col' }, line.name)))),
      el('tbody', {}, ...rows.map(({ time, index }) => el('tr', {}, el('th', { scope: 'row' }, when(time)), ...this.kept.map((_, line) => el('td.number', {}, format(this.data[line + 1][index], this.spec.unit)))))));
    const box = /** @type {HTMLElement} */ (this.values.lastElementChild);
    box.className = 'scroll';
    // What scrolls must be in reach of the keyboard.
    box.tabIndex = 0;
    set(box, 'role', 'region');
    set(box, 'aria-label', `Values of ${this.spec.title}`);
    box.replaceChildren(table);
  }
}

/** The value at a place, or the last before it. @param {(number | null | undefined)[]} list @param {number} at */
function value(list, at) {
  while (at > 0 && list[at] === undefined) at -= 1;
  return list[at];
}

/** @param {number[]} ticks */
function timeLabels(ticks) {
  const step = ticks.length > 1 ? ticks[1] - ticks[0] : 60;
  return ticks.map(tick => {
    const text = when(tick);
    return step >= 86_400 ? text.slice(5, 10) : step >= 60 ? (text.slice(11, 16) === '00:00' ? text.slice(5, 10) : text.slice(11, 16)) : text.slice(11, 19);
  });
}

/** @param {CanvasRenderingContext2D} pen @param {{left: number, top: number, width: number, height: number}} box */
function clip(pen, box) {
  pen.beginPath();
  pen.rect(box.left, box.top, box.width, box.height);
  pen.clip();
}

/** @param {CanvasRenderingContext2D} pen @param {number} x @param {number} y @param {number} toX @param {number} toY @param {number[]} dash */
function stroke(pen, x, y, toX, toY, dash) {
  pen.setLineDash(dash);
  pen.beginPath();
  pen.moveTo(x, y);
  pen.lineTo(toX, toY);
  pen.stroke();
  pen.setLineDash([]);
}
