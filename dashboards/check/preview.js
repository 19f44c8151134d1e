// A picture of each board for the documentation, drawn by uPlot from the answers of a real run: node check/preview.js ANSWERS BOARDS PAGES
// It is not Grafana: it shows data, layout, units and colours. `tests/dashboards` writes the answers where SKEP_BOARDS says.
const fs = require('node:fs');
const path = require('node:path');

const [answersFile, boards, pages] = process.argv.slice(2);
const { from, to, answers } = JSON.parse(fs.readFileSync(answersFile, 'utf8'));
const here = (name) => fs.readFileSync(path.join(__dirname, name), 'utf8');
const uplot = path.dirname(require.resolve('uplot/package.json'));
const style = fs.readFileSync(path.join(uplot, 'dist/uPlot.min.css'), 'utf8');
const script = fs.readFileSync(path.join(uplot, 'dist/uPlot.iife.min.js'), 'utf8');

/** Series of one query, with the names that its alias gives. */
function series(target) {
  const found = answers[target.query]?.results?.[0]?.series ?? [];
  return found.flatMap((one) => one.columns.slice(1).map((column, index) => ({
    name: target.alias.replace(/\$tag_(\w+)/g, (_, tag) => one.tags?.[tag] ?? '').replace('$col', column).replace(/ +/g, ' ').trim() || column,
    tags: one.tags ?? {}, points: one.values.map((row) => [Date.parse(row[0]), row[index + 1]]),
  })));
}

/** Rows of a table: tags and columns, renamed, ordered and hidden as the board says. */
function table(panel) {
  const rows = panel.targets.flatMap((target) => (answers[target.query]?.results?.[0]?.series ?? []).flatMap((one) =>
    one.values.map((row) => ({ ...one.tags, ...Object.fromEntries(row.map((value, index) => [index ? one.columns[index] : 'Time', value])) }))));
  const { excludeByName, renameByName, indexByName } = panel.transformations[0].options;
  const names = [...new Set(rows.flatMap((row) => Object.keys(row)))].filter((name) => !excludeByName[name]);
  names.sort((a, b) => (indexByName[a] ?? 99) - (indexByName[b] ?? 99));
  const head = names.map((name) => renameByName[name] ?? name);
  const sort = panel.options.sortBy?.[0];
  const by = sort ? names[head.indexOf(sort.displayName)] : undefined;
  if (by) rows.sort((a, b) => b[by] - a[by]);
  return { head, rows: rows.map((row) => names.map((name) => row[name] ?? null)) };
}

function drawn(panel, y) {
  const { title, type, gridPos, fieldConfig, options } = panel;
  const box = { ...gridPos, y: gridPos.y + y };
  if (type === 'row') return { type, title, box, closed: panel.collapsed };
  const common = { type, title, box, fieldConfig, options };
  return type === 'table' ? { ...common, table: table(panel) } : { ...common, series: panel.targets.flatMap(series) };
}

for (const name of fs.readdirSync(boards).sort()) {
  const board = JSON.parse(fs.readFileSync(path.join(boards, name), 'utf8'));
  const panels = board.panels.map((panel) => drawn(panel, 0));
  const variables = board.templating.list.map((variable) => variable.label);
  const data = JSON.stringify({ title: board.title, variables, from, to, panels }).replaceAll('<', '\\u003c');
  const page = `<!doctype html><meta charset="utf-8"><title>${board.title}</title><style>${style}${here('preview.css')}</style><body><script>${script}</script><script>const BOARD = ${data};</script><script>${here('preview_page.js')}</script>`;
  fs.mkdirSync(pages, { recursive: true });
  fs.writeFileSync(path.join(pages, name.replace('.json', '.html')), page);
}
