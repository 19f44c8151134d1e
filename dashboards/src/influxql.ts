// InfluxQL whose measurements, fields and tags are those of the catalogue: a name that is no more does not compile.
import type * as cog from '@grafana/grafana-foundation-sdk/cog';
import catalogue from './catalogue.json';

/** What rules write: no row of the catalogue, for its tags are whatever a rule is `by`. */
const alert = {
  tags: { name: true, container_name: true, swarm_service: true, node: true },
  fields: {
    level: { unit: 'number', kind: 'gauge' },
    /** 1 at the moment of a change; what is open is written again every 30 s. */
    changed: { unit: 'number', kind: 'event' },
    state: { unit: 'text', kind: 'text' },
    value: { unit: 'number', kind: 'gauge' },
    since: { unit: 'text', kind: 'text' },
    message: { unit: 'text', kind: 'text' },
  },
};

const all = { ...catalogue, alert };
type Catalogue = typeof all;
export type Measurement = keyof Catalogue;
export type Field<M extends Measurement> = keyof Catalogue[M]['fields'] & string;
export type Tag<M extends Measurement> = 'host' | (keyof Catalogue[M]['tags'] & string);

/** The catalogue's words for units, as Grafana has them. */
const UNITS: Record<string, string> = {
  percent: 'percent', bytes: 'bytes', number: 'short', s: 's', ms: 'ms', us: 'µs', ns: 'ns', unix_s: 'dateTimeAsIso', unix_ns: 'none', flag: 'bool', text: 'none',
};

/** Grafana's unit for a field. */
export function unit<M extends Measurement>(measurement: M, field: Field<M>): string {
  const fields: Record<string, { unit: string }> = all[measurement].fields;
  const found = UNITS[fields[field]?.unit ?? ''];
  if (!found) throw new Error(`${measurement}/${field} has a unit that the boards do not know`);
  return found;
}

export const DATASOURCE = { type: 'influxdb', uid: '${datasource}' };

/** The SDK knows no InfluxQL. */
export class Target implements cog.Builder<cog.Dataquery> {
  constructor(readonly query: string, readonly alias = '', readonly format: 'time_series' | 'table' = 'time_series', readonly refId = 'A') {}
  build(): cog.Dataquery {
    const { query, alias, refId } = this;
    const target = { refId, rawQuery: true, query, alias, resultFormat: this.format, datasource: DATASOURCE };
    return target as unknown as cog.Dataquery;
  }
}

type Column = { text: string; name: string };

/** What selects share, whether from a measurement or from another select. */
abstract class Select {
  protected columns: Column[] = [];
  protected conditions: string[] = ['$timeFilter'];
  protected groups: string[] = [];
  protected tail = '';

  abstract source(): string;

  protected column(text: string, name: string): this {
    this.columns.push({ text: `${text} AS "${name}"`, name });
    return this;
  }

  /** Whatever else must hold. */
  when(condition: string): this {
    this.conditions.push(condition);
    return this;
  }

  /** Back from the end of the picked time to the beginning of all: for what is written when it changes alone. */
  evenBefore(): this {
    this.conditions[0] = 'time <= ${__to}ms';
    return this;
  }

  /** A value for each step of the picked time. */
  steps(fill = 'none', step = '$__interval'): this {
    this.groups.unshift(`time(${step})`);
    this.tail = ` fill(${fill})`;
    return this;
  }

  /** The newest rows first, and only so many. */
  newest(n: number): this {
    this.tail = ` ORDER BY time DESC LIMIT ${n}`;
    return this;
  }

  names(): string[] {
    return this.columns.map((column) => column.name);
  }

  text(): string {
    const groups = this.groups.length ? ` GROUP BY ${this.groups.join(', ')}` : '';
    const columns = this.columns.map((column) => column.text).join(', ');
    return `SELECT ${columns} FROM ${this.source()} WHERE ${this.conditions.join(' AND ')}${groups}${this.tail}`;
  }

  as(alias: string, refId = 'A'): Target {
    return new Target(this.text(), alias, 'time_series', refId);
  }

  table(refId = 'A'): Target {
    return new Target(this.text(), '', 'table', refId);
  }
}

type Fold = 'mean' | 'max' | 'min' | 'last' | 'sum' | 'count';

export class From<M extends Measurement> extends Select {
  constructor(private measurement: M) {
    super();
  }

  source(): string {
    return `"${this.measurement}"`;
  }

  is(tag: Tag<M>, value: string): this {
    return this.when(`"${tag}" = '${value}'`);
  }

  isNot(tag: Tag<M>, value: string): this {
    return this.when(`"${tag}" != '${value}'`);
  }

  matches(tag: Tag<M>, regex: string): this {
    return this.when(`"${tag}" =~ /${regex}/`);
  }

  /** The tag is one of those picked in a variable. */
  of(tag: Tag<M>, variable: string = tag): this {
    return this.when(`"${tag}" =~ /^$${variable}$/`);
  }

  /** One field folded, under its own name unless another is given. */
  fold(fold: Fold, field: Field<M>, name: string = field, arithmetic = ''): this {
    return this.column(`${fold}("${field}")${arithmetic}`, name);
  }

  mean(field: Field<M>, name: string = field, arithmetic = ''): this {
    return this.fold('mean', field, name, arithmetic);
  }

  max(field: Field<M>, name: string = field, arithmetic = ''): this {
    return this.fold('max', field, name, arithmetic);
  }

  last(field: Field<M>, name: string = field, arithmetic = ''): this {
    return this.fold('last', field, name, arithmetic);
  }

  count(field: Field<M>, name: string = field): this {
    return this.fold('count', field, name);
  }

  /** A counter's growth each second. */
  rate(field: Field<M>, name: string = field, arithmetic = ''): this {
    const fields: Record<string, { kind: string }> = all[this.measurement].fields;
    if (fields[field]?.kind !== 'counter') throw new Error(`${this.measurement}/${field} is no counter`);
    return this.column(`non_negative_derivative(max("${field}"), 1s)${arithmetic}`, name);
  }

  /** How often a counter went up in each step. */
  grown(field: Field<M>, name: string = field): this {
    this.rate(field, name);
    const column = this.columns[this.columns.length - 1];
    if (column) column.text = `non_negative_difference(max("${field}")) AS "${name}"`;
    return this;
  }

  /** A field, or a tag beside fields, as it is. */
  raw(...names: (Field<M> | Tag<M>)[]): this {
    names.forEach((name) => this.columns.push({ text: `"${name}"`, name }));
    return this;
  }

  by(...tags: Tag<M>[]): this {
    tags.forEach((tag) => this.groups.push(`"${tag}"`));
    return this;
  }

  byAll(): this {
    this.groups.push('*');
    return this;
  }
}

/** A select from a select: sums over containers need it, for one that reports twice in a step would count twice. */
export class Over extends Select {
  constructor(private inner: Select, private tags: string[]) {
    super();
  }

  source(): string {
    return `(${this.inner.text()})`;
  }

  private known(name: string): string {
    if (![...this.inner.names(), ...this.tags].includes(name)) throw new Error(`the inner select has no ${name}`);
    return name;
  }

  fold(fold: Fold, of: string, name = of, arithmetic = ''): this {
    return this.column(`${fold}("${this.known(of)}")${arithmetic}`, name);
  }

  /** The rows with the greatest values, each with its tags. */
  top(of: string, tags: string[], n: number): this {
    const list = tags.map((tag) => `"${this.known(tag)}"`).join(', ');
    this.column(`top("${this.known(of)}", ${list}, ${n})`, of);
    return this;
  }

  raw(...names: string[]): this {
    names.forEach((name) => this.columns.push({ text: `"${this.known(name)}"`, name }));
    return this;
  }

  by(...tags: string[]): this {
    tags.forEach((tag) => this.groups.push(tag === '*' ? '*' : `"${this.known(tag)}"`));
    return this;
  }
}

export const from = <M extends Measurement>(measurement: M): From<M> => new From(measurement);
export const over = (inner: Select, ...tags: string[]): Over => new Over(inner, tags);

/** The values of a tag, for a variable. */
export function tagValues<M extends Measurement>(measurement: M, tag: Tag<M>, conditions: [Tag<M>, string][] = []): string {
  const where = conditions.map(([key, variable]) => `"${key}" =~ /^$${variable}$/`).join(' AND ');
  return `SHOW TAG VALUES FROM "${measurement}" WITH KEY = "${tag}"${where ? ` WHERE ${where}` : ''}`;
}
