// The live stream of the server: named queries in, rows out, kept current.
// @ts-check

/**
 * A row of the index as the pages see it; attributes are further keys.
 * @typedef {{id: number, host: string, service: string, measurement: string | null, instance: string | null, field: string | null,
 *   state: string | null, metric: number | null, time: number, [attribute: string]: any}} Row
 */

/**
 * @typedef {object} Watcher
 * @property {(name: string, rows: Row[]) => void} snapshot all rows of a query, in place of what was known before
 * @property {(name: string, row: Row) => void} change a row that is new or has a new value
 * @property {(name: string, row: Row) => void} gone a row that left the index
 */

/** Without a sign of life for this long, what the page shows is called stale. The server beats every 5 s. */
const STALE_MS = 12_000;

/** The state of the connection: `connecting` before the first word, `lost` once the line is down, `stale` when it is up and silent.
 * @typedef {{is: 'connecting' | 'live' | 'stale' | 'lost', text: string}} Connection */

export class Live {
  /**
   * @param {Record<string, string>} queries name to query
   * @param {Watcher} watcher
   * @param {{rate?: number, connection: (state: Connection) => void}} options how often to hear, in milliseconds; who is told of the connection, on each change of its text
   */
  constructor(queries, watcher, { rate, connection }) {
    this.queries = queries;
    this.watcher = watcher;
    this.rate = rate;
    this.tell = connection;
    /** @type {Map<string, Map<number, Row>>} */
    this.rows = new Map(Object.keys(queries).map(name => [name, new Map()]));
    /** @type {string[]} names of a row's values, in their order */
    this.columns = [];
    this.heard = Date.now();
    this.wasOpen = false;
    this.text = '';
    /** @type {EventSource | null} */
    this.source = null;
    document.addEventListener('visibilitychange', () => (document.hidden ? this.close() : this.open()));
    setInterval(() => this.judge(), 1000);
    this.open();
  }

  /** A hidden page holds no stream: it costs the server nothing. */
  close() {
    this.source?.close();
    this.source = null;
  }

  /** Other queries: the stream is opened anew, and snapshots follow. @param {Record<string, string>} queries */
  watch(queries) {
    this.queries = queries;
    for (const name of this.rows.keys()) if (!(name in queries)) this.rows.delete(name);
    for (const name of Object.keys(queries)) if (!this.rows.has(name)) this.rows.set(name, new Map());
    this.close();
    this.open();
  }

  open() {
    if (this.source || document.hidden) return;
    const parameters = new URLSearchParams();
    for (const [name, query] of Object.entries(this.queries)) parameters.append('s', `${name}:${query}`);
    if (this.rate) parameters.set('rate', String(this.rate));
    const source = new EventSource(`/api/v1/live?${parameters}`);
    this.source = source;
    this.heard = Math.max(this.heard, this.wasOpen ? 0 : Date.now());
    source.addEventListener('snapshot', event => this.onSnapshot(JSON.parse(event.data)));
    source.addEventListener('delta', event => this.onDelta(JSON.parse(event.data)));
    source.addEventListener('gone', event => this.onGone(JSON.parse(event.data)));
    source.addEventListener('beat', () => this.alive());
    source.addEventListener('open', () => this.alive());
    source.addEventListener('error', () => this.judge());
  }

  alive() {
    this.heard = Date.now();
    this.wasOpen = true;
    this.judge();
  }

  judge() {
    if (document.hidden) return;
    if (this.source?.readyState === EventSource.CLOSED) {
      this.close();
      setTimeout(() => this.open(), 1000);
    }
    const state = this.state();
    if (state.text === this.text) return;
    this.text = state.text;
    this.tell(state);
  }

  /** @returns {Connection} */
  state() {
    const silent = Date.now() - this.heard;
    const open = this.source?.readyState === EventSource.OPEN;
    if (open && silent < STALE_MS) return { is: 'live', text: 'live' };
    const seconds = Math.round(silent / 1000);
    if (open) return { is: 'stale', text: `stale since ${seconds} s` };
    if (!this.wasOpen && silent < 3000) return { is: 'connecting', text: 'connecting' };
    return { is: 'lost', text: this.wasOpen ? `connection lost, values are ${seconds} s old` : 'connection lost, nothing was heard yet' };
  }

  /** @param {{s: string, columns: string[], rows: any[][]}} message */
  onSnapshot({ s, columns, rows }) {
    this.columns = columns;
    const known = new Map(rows.map(values => [values[0], this.merged(undefined, values)]));
    this.rows.set(s, known);
    this.watcher.snapshot(s, [...known.values()]);
    this.alive();
  }

  /** @param {{s: string, rows: any[][]}} message */
  onDelta({ s, rows }) {
    const known = this.rows.get(s);
    for (const values of rows) {
      const row = this.merged(known?.get(values[0]), values);
      known?.set(row.id, row);
      this.watcher.change(s, row);
    }
    this.alive();
  }

  /** @param {{s: string, ids: number[]}} message */
  onGone({ s, ids }) {
    const known = this.rows.get(s);
    for (const id of ids) {
      const row = known?.get(id);
      known?.delete(id);
      if (row) this.watcher.gone(s, row);
    }
    this.alive();
  }

  /** A row of a delta may be cut short: what is left out is as it was. @param {Row | undefined} before @param {any[]} values @returns {Row} */
  merged(before, values) {
    const whole = values.length === this.columns.length;
    const row = /** @type {any} */ (whole ? {} : { ...before });
    values.forEach((value, index) => (row[this.columns[index]] = value));
    if (whole) Object.assign(row, row.attributes);
    return row;
  }
}
