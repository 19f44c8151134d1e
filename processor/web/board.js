// Charts that share range, pointer and what happened: filled from the store, and then kept current by the live stream.
// @ts-check
import { get } from './ask.js';
import { Chart, plotting } from './chart.js';
import { onTurn } from './colour.js';
import { el, set, write } from './dom.js';
import { when } from './format.js';
import { RANGES, offered, spans, stepFor, stretch } from './lines.js';
import { onBack, setParams } from './url.js';

/** @typedef {import('./chart.js').Spec} Spec */
/** @typedef {import('./live.js').Row} Row */

/** The store folds better than a page: what is shown is asked for anew now and then. */
const AGAIN_MS = 120_000;
/** More marks than this are a smear: the newest stay. */
const MAX_MARKS = 150;

/** What an action of Docker is called on a chart; what is not here is not drawn. @type {Record<string, string>} */
const ACTIONS = { start: 'started', die: 'ended', oom: 'out of memory', health_status: 'health', service_update: 'updated', task_failed: 'task failed', node_down: 'node down', node_ready: 'node ready' };

export class Board {
  /**
   * @param {HTMLElement} box @param {Spec[]} specs
   * @param {{choice?: Record<string, string>, alerts?: Record<string, string>, concerns?: (change: any) => boolean, events?: string, range?: number}} [about]
   *   choice: attributes that all series must have; alerts: parameters for the history of alerts; concerns: which of these changes are drawn;
   *   events: condition in InfluxQL for the events that are drawn
   */
  constructor(box, specs, about = {}) {
    this.about = about;
    this.now = Date.now() / 1000;
    this.charts = specs.map(spec => new Chart(spec, (from, to) => this.zoom(from, to)));
    /** @type {Map<string, {chart: Chart, source: import('./chart.js').Source}[]>} */
    this.takers = new Map();
    for (const chart of this.charts) {
      for (const source of chart.spec.sources) {
        const key = `${source.measurement}/${source.field}`;
        this.takers.set(key, [...(this.takers.get(key) ?? []), { chart, source }]);
      }
    }
    this.segments = el('div.segments', { role: 'group', 'aria-label': 'Time shown' });
    this.shown = el('span.small', { role: 'status' });
    this.out = el('button.small', { type: 'button', hidden: true, onclick: () => this.range(this.seconds()) }, 'Back to now');
    this.empty = el('p.empty', {}, 'Loading the past…');
    box.replaceChildren(el('div.choices', {}, this.segments, this.out, this.shown), this.empty, el('div.charts', {}, ...this.charts.map(chart => chart.element)));
    this.grid = /** @type {HTMLElement} */ (box.lastElementChild);
    /** @type {import('./lines.js').Span[]} */
    this.spans = [];
    /** @type {import('./chart.js').Mark[]} */
    this.marks = [];
    /** @type {{from: number, to: number, live: boolean}} */
    this.stretch = { from: 0, to: 0, live: true };
    this.loads = 0;
    this.isLoading = false;
    this.readUrl();
    this.showRanges(null);
    this.ending = new AbortController();
    onBack(() => this.readUrl(), this.ending.signal);
    onTurn(() => {
      for (const chart of this.charts) chart.turn();
      this.paint();
    }, this.ending.signal);
    this.timer = setInterval(() => !document.hidden && this.stretch.live && void this.load(), AGAIN_MS);
  }

  /** Another board takes its place: it asks for nothing more, and what was asked is not drawn. */
  end() {
    this.ending.abort();
    clearInterval(this.timer);
    this.loads += 1;
    for (const chart of this.charts) chart.turn();
  }

  readUrl() {
    this.stretch = stretch(new URLSearchParams(location.search), this.now, this.about.range);
    this.mark();
    void this.load();
  }

  seconds() {
    return Number(this.segments.querySelector('[data-last]')?.getAttribute('data-seconds')) || this.about.range || 900;
  }

  /** The last so many seconds, and on. @param {number} seconds */
  range(seconds) {
    setParams({ range: seconds, from: null, to: null }, { push: true });
    this.readUrl();
  }

  /** A stretch of the past. @param {number} from @param {number} to */
  zoom(from, to) {
    setParams({ from: Math.floor(from), to: Math.ceil(to) }, { push: true });
    this.readUrl();
  }

  /** @param {number | null} held */
  showRanges(held) {
    this.segments.replaceChildren(...offered(held).map(([seconds, name]) => el('button', { type: 'button', 'data-seconds': seconds, onclick: () => this.range(seconds) }, name)));
    this.mark();
  }

  /** The server has told of itself: its rules and how far its store reaches back may be asked for. */
  know() {
    void get('/api/v1/rules').then(found => this.charts.forEach(chart => chart.setRules(found.rules ?? [])), () => {});
    void oldest(this.now).then(time => this.showRanges(time === null ? null : this.now - time), () => {});
  }

  /** Shows which range is on. */
  mark() {
    const { from, to, live } = this.stretch;
    const seconds = Math.round(to - from);
    for (const button of this.segments.children) {
      const is = live && button.getAttribute('data-seconds') === String(seconds);
      set(button, 'aria-pressed', String(is));
      if (live) set(button, 'data-last', is);
    }
    this.out.hidden = live;
    write(this.shown, live ? '' : `${when(from)} to ${when(to)}`);
  }

  /** A row of the live stream. @param {Row} row */
  take(row) {
    if (row.time > this.now) this.now = row.time;
    if (!this.stretch.live || row.metric === null) return;
    for (const { chart, source } of this.takers.get(`${row.measurement}/${row.field}`) ?? []) {
      if (fits(row, this.about.choice) && fits(row, source.where)) chart.line(source, row).push(row.time, row.metric);
    }
  }

  async load() {
    const turn = (this.loads += 1);
    if (this.stretch.live) this.stretch = { ...this.stretch, from: this.now - (this.stretch.to - this.stretch.from), to: this.now };
    const { from, to } = this.stretch;
    const step = stepFor(to - from);
    this.isLoading = true;
    const past = this.loadMarks(from, to).catch(() => {});
    /** @type {unknown} */
    let wrong = null;
    await plotting();
    for (const chart of this.charts) {
      const found = await this.fetch(chart, from, to, step).catch(error => ((wrong = error), []));
      if (turn !== this.loads) return;
      chart.begin({ from, to, step, spans: this.spans, marks: this.marks });
      for (const { source, tags, points } of found) {
        const line = chart.line(source, tags);
        for (const [time, value] of points) if (value !== null) line.push(time, value);
      }
      chart.draw(chart.frame);
      this.empty.hidden = this.empty.hidden || !chart.element.hidden;
    }
    await past;
    if (turn !== this.loads) return;
    this.isLoading = false;
    this.paint();
    const nothing = this.charts.every(chart => chart.element.hidden);
    this.empty.hidden = !nothing;
    write(this.empty, wrong ? `The past could not be read: ${wrong instanceof Error ? wrong.message : wrong}` : 'There are no values in this time.');
  }

  /** @param {Chart} chart @param {number} from @param {number} to @param {number} step */
  async fetch(chart, from, to, step) {
    const all = await Promise.all(chart.spec.sources.map(async source => {
      const parameters = { ...this.about.choice, ...source.where, measurement: source.measurement, field: source.field, from: Math.floor(from), to: Math.ceil(to), step: `${step}s` };
      const found = /** @type {{tags: Record<string, string>, points: [number, number | null][]}[]} */ (await get('/api/v1/series', parameters));
      return found.map(({ tags, points }) => ({ source, tags, points }));
    }));
    return all.flat();
  }

  /** @param {number} from @param {number} to */
  async loadMarks(from, to) {
    if (this.about.alerts) {
      const changes = await get('/api/v1/alerts/history', { ...this.about.alerts, from: Math.floor(from) - 86_400, to: Math.ceil(to) });
      this.spans = spans(changes.filter(this.about.concerns ?? (() => true)), from, to);
    }
    if (this.about.events) {
      const q = `SELECT * FROM docker_event WHERE ${this.about.events} AND time >= ${Math.floor(from)}s AND time <= ${Math.ceil(to)}s ORDER BY time DESC LIMIT 1000`;
      const found = await get('/query', { q, epoch: 'ms' });
      const { columns = [], values = [] } = found.results?.[0]?.series?.[0] ?? {};
      const events = values.map((/** @type {any[]} */ cells) => Object.fromEntries(columns.map((/** @type {string} */ name, /** @type {number} */ index) => [name, cells[index]])));
      this.marks = events.filter((/** @type {any} */ one) => one.action in ACTIONS).map(markOf).slice(0, MAX_MARKS);
    }
  }

  /** An event that came just now. @param {Row} row */
  takeEvent(row) {
    if (row.time > this.now) this.now = row.time;
    const mark = row.action in ACTIONS && markOf({ ...row, time: row.time * 1000 });
    if (mark && !this.marks.some(known => known.text === mark.text && Math.abs(known.time - mark.time) < 1)) this.marks = [mark, ...this.marks].slice(0, MAX_MARKS);
  }

  /** Draws what is in sight; called once a frame at most. */
  paint() {
    if (this.stretch.live && !this.isLoading) {
      const seconds = this.stretch.to - this.stretch.from;
      this.stretch = { live: true, from: this.now - seconds, to: this.now };
    }
    const { from, to, live } = this.stretch;
    const step = stepFor(to - from);
    for (const chart of this.charts) {
      if (live) for (const line of chart.lines.values()) line.trim(from);
      const box = chart.element.getBoundingClientRect();
      const isInSight = chart.element.hidden || (box.top < innerHeight && box.bottom > 0);
      // A long range stands nearly still: to draw it each second would show the same picture again.
      const isDue = !chart.plot || chart.element.hidden || !live || to - chart.frame.to >= Math.min(step, 10) || chart.frame.spans !== this.spans || chart.frame.marks !== this.marks;
      if (isInSight && isDue) chart.draw({ from, to, step, spans: this.spans, marks: this.marks });
      else chart.fit();
    }
  }
}

/** Since when the store holds values, by a series that every processor tells. @param {number} now @returns {Promise<number | null>} */
async function oldest(now) {
  const longest = RANGES[RANGES.length - 1][0];
  const found = await get('/api/v1/series', { measurement: 'skep_processor', field: 'events_rate', from: Math.floor(now) - longest, step: '6h' });
  const times = found.flatMap((/** @type {any} */ { points }) => points.slice(0, 1).map((/** @type {any} */ [time]) => time));
  return times.length ? Math.min(...times) : null;
}

/** @param {Record<string, any>} row @param {Record<string, string> | undefined} wanted */
function fits(row, wanted) {
  return !wanted || Object.entries(wanted).every(([key, value]) => row[key] === value);
}

/** @param {any} event with its time in milliseconds @returns {import('./chart.js').Mark} */
function markOf({ action, time, container_name, swarm_service, node, exit_code, planned, state }) {
  const bad = ['oom', 'task_failed', 'node_down'].includes(action) || (action === 'die' && planned === 'false' && exit_code !== '0');
  const note = action === 'die' && exit_code !== undefined && exit_code !== null ? ` (exit ${exit_code})` : action === 'health_status' && state ? ` ${state}` : '';
  return { time: time / 1000, bad, text: `${bad ? '✕' : '◇'} ${container_name ?? swarm_service ?? node ?? ''} ${ACTIONS[action]}${note}` };
}
