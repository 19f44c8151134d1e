// Riemann's query language as far as a page must know it: tokens, what may come next, conditions made of a row.
// Whether a query is right is the server's word alone.
// @ts-check
import { quoted } from './url.js';

/** @typedef {import('./live.js').Row} Row */
/** @typedef {'field' | 'operator' | 'joint' | 'not' | 'tagged' | 'text' | 'value' | 'open' | 'close' | 'junk'} Kind */
/** @typedef {{kind: Kind, text: string, from: number, to: number}} Token */
/** What an index was seen to hold. `values` gives those of a field, the most frequent first. @typedef {{fields: string[], values: (field: string) => string[], marks: string[]}} Seen */
/** @typedef {{text: string, about: string}} Option */

export const OPERATORS = /** @type {[string, string][]} */ ([
  ['=', 'is'], ['!=', 'is not'], ['=~', 'has this form; % stands for anything'], ['~=', 'holds this regular expression'],
  ['>', 'more than'], ['>=', 'at least'], ['<', 'less than'], ['<=', 'at most'],
]);

/** Fields of every event, in the order in which they are asked for. */
export const FIELDS = ['service', 'host', 'state', 'metric', 'description', 'time', 'ttl'];
const NUMERIC = new Set(['metric', 'time', 'ttl']);

const SHAPES = /** @type {[Kind, RegExp][]} */ ([
  ['text', /^"(?:[^"\\]|\\.)*"?/], ['open', /^\(/], ['close', /^\)/], ['operator', /^[=<>!~]+/],
  ['joint', /^(?:and|or)(?![\w./-])/], ['not', /^not(?![\w./-])/], ['tagged', /^tagged(?![\w./-])/],
  ['value', /^(?:nil|null|true|false|[-+]?\d[\w.]*)(?![\w./-])/], ['field', /^[\p{L}_*?$][\p{L}\p{N}_.:*+?$/%@#-]*/u],
]);

/** @param {string} text @returns {Token[]} */
export function tokens(text) {
  /** @type {Token[]} */
  const found = [];
  let at = 0;
  while (at < text.length) {
    const rest = text.slice(at);
    const space = /^[\s,]+/.exec(rest);
    if (space) {
      at += space[0].length;
      continue;
    }
    const shape = SHAPES.find(([, pattern]) => pattern.test(rest));
    const length = shape ? /** @type {RegExpExecArray} */ (shape[1].exec(rest))[0].length : 1;
    found.push({ kind: shape ? shape[0] : 'junk', text: rest.slice(0, length), from: at, to: at + length });
    at += length;
  }
  return found;
}

/** A text of the language as it reads. @param {string} written */
export function unquoted(written) {
  const inside = written.replace(/^"/, '').replace(/(^|[^\\])"$/, '$1');
  return inside.replace(/\\(.)/g, (_, sign) => ({ n: '\n', t: '\t', r: '\r' })[/** @type {'n'} */ (sign)] ?? sign);
}

/** Whether a text has its closing quote. @param {string} written */
function isClosed(written) {
  return /^"(?:[^"\\]|\\.)*"$/.test(written);
}

/** What the text before a place asks for next. @param {Token[]} before @returns {'condition' | 'operator' | 'mark' | 'joint' | {valueOf: string, by: string}} */
function wanted(before) {
  const [third, second, last] = [before.at(-3), before.at(-2), before.at(-1)];
  if (!last || last.kind === 'open' || last.kind === 'joint' || last.kind === 'not') return 'condition';
  if (last.kind === 'tagged') return 'mark';
  if (last.kind === 'operator') return { valueOf: second?.kind === 'field' ? second.text : '', by: last.text };
  if (last.kind === 'field' && second?.kind !== 'operator' && third?.kind !== 'tagged') return 'operator';
  return 'joint';
}

/**
 * What may stand at the caret: the place that would be replaced, and what by.
 * @param {string} text @param {number} caret @param {Seen} seen @param {number} [most]
 * @returns {{from: number, to: number, options: Option[]}}
 */
export function complete(text, caret, seen, most = 12) {
  const all = tokens(text);
  // The token that ends at the caret is still being written; a closed text is done.
  const under = all.find(token => token.from < caret && caret <= token.to && !['open', 'close'].includes(token.kind) && !(token.kind === 'text' && caret === token.to && isClosed(token.text)));
  const before = all.filter(token => token.to <= caret && token !== under);
  const [from, to] = under ? [under.from, under.to] : [caret, caret];
  const typed = under ? text.slice(from, caret) : '';
  const what = wanted(before);
  const depth = before.filter(token => token.kind === 'open').length - before.filter(token => token.kind === 'close').length;
  return { from, to, options: ranked(optionsFor(what, seen, depth), typed).slice(0, most) };
}

/** @param {ReturnType<typeof wanted>} what @param {Seen} seen @param {number} depth @returns {Option[]} */
function optionsFor(what, seen, depth) {
  if (what === 'condition') {
    const names = [...FIELDS, ...seen.fields.filter(name => !FIELDS.includes(name))];
    return [...names.map(text => ({ text, about: FIELDS.includes(text) ? 'field' : 'attribute' })), { text: 'not', about: 'the opposite' }, { text: 'tagged', about: 'has a mark' }];
  }
  if (what === 'operator') return OPERATORS.map(([text, about]) => ({ text, about }));
  if (what === 'mark') return seen.marks.map(mark => ({ text: quoted(mark), about: 'mark' }));
  if (what === 'joint') return [{ text: 'and', about: 'both' }, { text: 'or', about: 'one of them' }, ...(depth > 0 ? [{ text: ')', about: 'ends the group' }] : [])];
  if (NUMERIC.has(what.valueOf)) return [];
  const values = seen.values(what.valueOf);
  const forms = what.by === '=~' ? patterns(values) : [];
  return [...forms.map(text => ({ text: quoted(text), about: 'form' })), ...values.map(text => ({ text: quoted(text), about: 'seen' })), { text: 'nil', about: 'absent' }];
}

/** Events that are asked for to learn the values of one attribute: more are too much for a page. */
const MOST_EVENTS = 2000;
/** One event of each node and of each container has the values that all of theirs have. */
const OF_NODES = 'service = "skep_collector/heartbeat"';
const OF_CONTAINERS = 'service =~ "docker_container_status/%/pids_current"';

/** The query whose events have the values of a field: all events with it where they are few. @param {string} field @param {number} count of events that have it, 0 when it is not known */
export function valuesQuery(field, count) {
  if (field === 'host') return OF_NODES;
  const has = `${field} != nil`;
  return count > 0 && count <= MOST_EVENTS ? has : `(${OF_NODES} or ${OF_CONTAINERS}) and ${has}`;
}

/** Forms that several of the values have: `cpu/%` of `cpu/usage_user` and `cpu/usage_system`. @param {string[]} values */
export function patterns(values) {
  /** @type {Map<string, number>} */
  const counts = new Map();
  for (const value of values) {
    const cut = value.indexOf('/');
    if (cut > 0) counts.set(`${value.slice(0, cut)}/%`, (counts.get(`${value.slice(0, cut)}/%`) ?? 0) + 1);
  }
  return [...counts].filter(([, count]) => count > 1).map(([form]) => form);
}

/** Those that begin with what was typed, then those that hold it. @param {Option[]} options @param {string} typed */
function ranked(options, typed) {
  const bare = (/** @type {string} */ text) => text.replace(/^"/, '').toLowerCase();
  const wish = bare(typed.replace(/([^\\])"$/, '$1'));
  if (!wish) return options;
  const place = (/** @type {Option} */ option) => bare(option.text).indexOf(wish);
  const fitting = options.filter(option => place(option) >= 0 && option.text !== typed);
  return [...fitting.filter(option => place(option) === 0), ...fitting.filter(option => place(option) > 0)];
}

/** The text with an option taken, and where the caret is then. @param {string} text @param {{from: number, to: number}} place @param {string} option @returns {[string, number]} */
export function taken(text, { from, to }, option) {
  const rest = text.slice(to).replace(/^\s+/, '');
  const head = `${text.slice(0, from)}${option} `;
  return [head + rest, head.length];
}

/** One condition on a field. @param {string} field @param {string | number | null | undefined} value */
export function condition(field, value) {
  if (value === null || value === undefined) return `${field} = nil`;
  return `${field} = ${typeof value === 'number' ? value : quoted(value)}`;
}

/** The query that finds this row alone. @param {{host?: string | null, service?: string | null}} row */
export function queryOf(row) {
  return `${condition('host', row.host)} and ${condition('service', row.service)}`;
}

/** Both must hold; `true` holds always and needs no word. @param {string} query @param {string} more */
export function narrowed(query, more) {
  const whole = query.trim();
  if (!whole || whole === 'true') return more;
  const needs = tokens(whole).some(token => token.kind === 'joint' && token.text === 'or');
  return `${needs ? `(${whole})` : whole} and ${more}`;
}

/**
 * Conditions of the query that nothing seen fits: for who asks why nothing was found.
 * @param {string} query @param {Seen} seen @returns {{condition: string, field: string, near: string[]}[]}
 */
export function unmatched(query, seen) {
  const all = tokens(query);
  const known = new Set([...FIELDS, ...seen.fields]);
  return all.flatMap((field, at) => {
    const [operator, value] = [all[at + 1], all[at + 2]];
    if (field.kind !== 'field' || operator?.kind !== 'operator' || !value) return [];
    const written = query.slice(field.from, value.to);
    if (!known.has(field.text) && value.text !== 'nil') return [{ condition: written, field: field.text, near: near(field.text, [...known]) }];
    if (operator.text !== '=' || value.kind !== 'text') return [];
    const values = seen.values(field.text);
    if (!values.length || values.includes(unquoted(value.text))) return [];
    return [{ condition: written, field: '', near: near(unquoted(value.text), values) }];
  });
}

/** Up to three that are most like it. @param {string} text @param {string[]} among */
function near(text, among) {
  const pairs = (/** @type {string} */ of) => new Set([...of.toLowerCase()].slice(1).map((sign, at) => of[at].toLowerCase() + sign));
  const wanted = pairs(text);
  const likeness = (/** @type {string} */ other) => {
    const has = pairs(other);
    return (2 * [...wanted].filter(pair => has.has(pair)).length) / (wanted.size + has.size || 1);
  };
  const scored = among.map(other => /** @type {const} */ ([other, likeness(other)])).filter(([, score]) => score >= 0.4);
  return scored.sort((a, b) => b[1] - a[1] || a[0].localeCompare(b[0])).slice(0, 3).map(([other]) => other);
}

/** A query with its mistake marked: the line, and under it carets; long queries are cut around the place. @param {string} query @param {number} position @param {number} end in characters */
export function marked(query, position, end, width = 72) {
  const signs = [...query.replace(/[\n\t\r]/g, ' ')];
  const start = Math.max(0, Math.min(position - Math.floor(width / 2), signs.length - width));
  const cut = signs.slice(start, start + width).join('');
  const lead = start > 0 ? '…' : '';
  const carets = '^'.repeat(Math.max(1, Math.min(end, start + width) - position));
  return `${lead}${cut}${start + width < signs.length ? '…' : ''}\n${' '.repeat(lead.length + Math.max(0, position - start))}${carets}`;
}
