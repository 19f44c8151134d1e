// One event of the index with all that it has: attributes, a chart of the last hour, the query that finds it, a rule to begin with.
// @ts-check
import { get } from './ask.js';
import { Chart, plotting } from './chart.js';
import { copy } from './copy.js';
import { el, set, write } from './dom.js';
import { levelClass, levelText, span, when } from './format.js';
import { stepFor } from './lines.js';
import { condition, queryOf } from './query.js';
import { skeleton } from './skeleton.js';
import { metricText, unitOf } from './units.js';
import { to } from './url.js';

/** @typedef {import('./live.js').Row} Row */

/** How far back the chart goes at first. */
const BACK = 3600;

/** Attributes behind which there is a page. @type {Record<string, (name: string) => string>} */
const PAGES = { host: to.node, node: to.node, swarm_service: to.service, container_name: to.container, alert: to.alert };

export class EventBox {
  /** @param {{say: (text: string) => void, narrow: (more: string) => void, closed: () => void}} about narrow: the reader wants only events of which this condition holds */
  constructor(about) {
    this.about = about;
    /** @type {Row | null} */
    this.row = null;
    /** @type {Chart | null} */
    this.chart = null;
    /** How often a past was asked for: only the last is drawn. */
    this.asked = 0;
    /** The server's rules may be asked for. */
    this.hasRules = false;
    this.title = el('h2', { id: 'event-title' });
    this.figure = el('p.event-figure');
    this.unit = el('p.small.quiet');
    this.past = el('div');
    this.facts = el('dl.facts');
    this.rule = el('pre', { tabindex: '0', 'aria-label': 'A rule to begin with' });
    this.ruleBox = el('div.rule', { hidden: true }, el('p.small.quiet', {}, 'A rule to begin with: put it into a file of your rule folder, say what it means, and check its thresholds.'), this.rule,
      el('p.actions', {}, el('button.small', { type: 'button', onclick: () => this.copyRule() }, 'Copy the rule')));
    this.make = el('button', { type: 'button', 'aria-expanded': 'false', onclick: () => this.showRule() }, 'Make an alert from this');
    this.dialog = el('dialog.event', { 'aria-labelledby': 'event-title', onclose: () => this.onClose(), onkeydown: (/** @type {KeyboardEvent} */ event) => this.onKey(event) },
      this.title, this.figure, this.unit, this.past, this.facts,
      el('p.actions', {}, this.make, el('button', { type: 'button', title: 'y', onclick: () => this.copyQuery() }, 'Copy as query'), el('button', { type: 'button', onclick: () => this.dialog.close() }, 'Close')),
      this.ruleBox);
    this.dialog.addEventListener('click', event => event.target === this.dialog && this.dialog.close());
    document.body.append(this.dialog);
  }

  get isOpen() {
    return this.dialog.open;
  }

  /** @param {Row} row */
  open(row) {
    this.row = row;
    this.ruleBox.hidden = true;
    set(this.make, 'aria-expanded', 'false');
    const { service, host, measurement, field } = row;
    this.title.replaceChildren(service ?? '(no service)', el('span.quiet', {}, ` on ${host ?? '(no host)'}`));
    write(this.unit, unitOf(measurement, field)?.sentence ?? '');
    this.unit.hidden = !this.unit.textContent;
    this.facts.replaceChildren(...this.lines(row));
    this.leaveChart();
    this.show();
    if (!this.dialog.open) this.dialog.showModal();
    if (measurement && field && row.metric !== null) void this.showPast(row, Date.now() / 1000 - BACK, Date.now() / 1000);
  }

  close() {
    if (this.dialog.open) this.dialog.close();
  }

  onClose() {
    this.row = null;
    this.leaveChart();
    this.about.closed();
  }

  /** Takes its chart away; what was asked for one is not drawn any more. */
  leaveChart() {
    this.asked += 1;
    this.chart?.turn();
    this.chart = null;
    this.past.replaceChildren();
  }

  /** The row has other values now. @param {Row} row */
  change(row) {
    if (!this.row || row.id !== this.row.id) return;
    this.row = row;
    if (this.chart && row.metric !== null) [...this.chart.lines.values()][0]?.push(row.time, row.metric);
  }

  /** Shows what is now; called once a frame at most. */
  show() {
    const row = this.row;
    if (!row) return;
    const level = row.state ? [el('span', { class: `level ${levelClass(row.state)}` }, levelText(row.state))] : [];
    const text = `${row.metric === null ? '' : metricText(row)} ${row.state ?? ''} ${Math.floor(row.time)}`;
    if (this.figure.dataset.of !== text) {
      this.figure.dataset.of = text;
      this.figure.replaceChildren(...(row.metric === null ? [] : [el('strong', {}, metricText(row)), ' ']), ...level);
    }
    const age = this.facts.querySelector('[data-fact="time"]');
    if (age) write(age, `${when(row.time)}, ${span(Date.now() / 1000 - row.time)} ago`);
    if (this.chart && row.time - this.chart.frame.to >= this.chart.frame.step) {
      const { frame } = this.chart;
      this.chart.draw({ ...frame, from: frame.from + row.time - frame.to, to: row.time });
    }
  }

  /** @param {Row} row */
  lines(row) {
    const own = /** @type {[string, any][]} */ ([['host', row.host], ['service', row.service], ['state', row.state], ['metric', row.metric], ['time', row.time], ['ttl', row.ttl], ['description', row.description], ['tags', row.tags?.join(', ')]]);
    const all = [...own.filter(([, value]) => value !== null && value !== undefined && value !== ''), ...Object.entries(row.attributes ?? {})];
    return all.flatMap(([name, value]) => {
      const page = PAGES[name];
      const text = name === 'ttl' ? `${value} s` : String(value);
      const shown = name === 'time' ? el('span', { 'data-fact': 'time' }) : page ? el('a', { href: page(text) }, text) : el('span', {}, text);
      const narrows = !['metric', 'time', 'ttl', 'tags'].includes(name);
      const only = narrows && el('button.plain.only', { type: 'button', 'aria-label': `only these, by ${name}`, title: condition(name, value), onclick: () => this.about.narrow(condition(name, value)) }, 'only these');
      return [el('dt', {}, name), el('dd', {}, shown, ' ', only)];
    });
  }

  /** @param {Row} row @param {number} from @param {number} until */
  async showPast(row, from, until) {
    const turn = (this.asked += 1);
    const { measurement, field, host } = row;
    const unit = unitOf(measurement, field);
    const rate = unit?.kind.startsWith('counter') ?? false;
    const step = stepFor(until - from);
    const spec = { title: rate ? 'What it gains a second' : 'Lately', unit: rate ? `${unit?.unit ?? ''}/s` : unit?.unit ?? '', sources: [{ measurement: String(measurement), field: String(field), label: () => String(field), rate }] };
    const found = await get('/api/v1/series', { measurement: String(measurement), field: String(field), host: host ?? '', from: Math.floor(from), to: Math.ceil(until), step: `${step}s` }).catch(() => []);
    await plotting();
    if (turn !== this.asked) return;
    this.leaveChart();
    // The store may know fewer tags than the event has attributes; never others.
    const own = found.filter((/** @type {any} */ { tags }) => Object.entries(tags).every(([key, value]) => row[key] === value || row.attributes?.[key] === value));
    const chart = new Chart(spec, (left, right) => void this.showPast(row, left, right));
    chart.begin({ from, to: until, step, spans: [], marks: [] });
    const line = chart.line(spec.sources[0], {});
    for (const { points } of own) for (const [time, value] of points) if (value !== null) line.push(time, value);
    this.past.replaceChildren(chart.element);
    chart.element.hidden = false;
    chart.draw(chart.frame);
    if (chart.element.hidden) this.past.replaceChildren(el('p.small.quiet', {}, 'The store has no values of it.'));
    this.chart = chart;
    if (!this.hasRules) return;
    const { rules = [] } = await get('/api/v1/rules').catch(() => ({}));
    if (this.chart === chart) chart.setRules(rules);
  }

  showRule() {
    if (!this.row) return;
    this.ruleBox.hidden = !this.ruleBox.hidden;
    set(this.make, 'aria-expanded', String(!this.ruleBox.hidden));
    write(this.rule, skeleton(this.row, unitOf(this.row.measurement, this.row.field)?.unit));
    if (!this.ruleBox.hidden) this.ruleBox.scrollIntoView({ block: 'nearest' });
  }

  async copyRule() {
    this.about.say((await copy(this.rule.textContent ?? '')) ? 'The rule is in the clipboard.' : 'The browser did not give the clipboard; mark the rule and copy it.');
  }

  async copyQuery() {
    if (this.row) await copyQuery(this.row, this.about.say);
  }

  /** @param {KeyboardEvent} event */
  onKey(event) {
    if (event.key === 'y' && !event.ctrlKey && !event.altKey && !event.metaKey) void this.copyQuery();
  }
}

/** @param {Row} row @param {(text: string) => void} say */
export async function copyQuery(row, say) {
  const query = queryOf(row);
  say((await copy(query)) ? `Copied: ${query}` : `The browser did not give the clipboard. The query: ${query}`);
}
