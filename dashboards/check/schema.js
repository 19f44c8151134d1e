// Every board against the types of Grafana's SDK, as a strict JSON schema: node check/schema.js FOLDER
const fs = require('node:fs');
const path = require('node:path');
const Ajv = require('ajv').default;
const units = require('@grafana/grafana-foundation-sdk/units');
const { createGenerator } = require('ts-json-schema-generator');

const SDK = path.dirname(require.resolve('@grafana/grafana-foundation-sdk/dashboard'));
/** The folder of the SDK for each kind of panel. */
const KINDS = { timeseries: 'timeseries', stat: 'stat', bargauge: 'bargauge', table: 'table', 'state-timeline': 'statetimeline' };

function schemaOf(module, type) {
  const file = path.join(SDK, '..', module, 'types.gen.d.ts');
  const generator = createGenerator({ path: file, type, skipTypeCheck: true, additionalProperties: false, expose: 'all' });
  return generator.createSchema(type);
}

const ajv = new Ajv({ allErrors: true, strict: false });
const dashboard = schemaOf('dashboard', 'Dashboard');
const definitions = dashboard.definitions;
// Queries belong to the data source, of which the SDK knows nothing; panels are checked one by one, each by its kind.
for (const name of Object.keys(definitions)) if (/Dataquery/.test(name)) definitions[name] = {};
definitions.Dashboard.properties.panels = { type: 'array' };
const part = (name) => ajv.compile({ $ref: `#/definitions/${name}`, definitions });
const checks = { dashboard: ajv.compile(dashboard), panel: part('Panel'), row: part('RowPanel') };
const options = Object.fromEntries(Object.entries(KINDS).map(([kind, module]) => [kind, ajv.compile(schemaOf(module, 'Options'))]));
const TARGET = ajv.compile({
  type: 'object', additionalProperties: false, required: ['refId', 'rawQuery', 'query', 'resultFormat', 'datasource'],
  properties: {
    refId: { type: 'string', pattern: '^[A-Z]$' }, rawQuery: { const: true }, query: { type: 'string' }, alias: { type: 'string' },
    resultFormat: { enum: ['time_series', 'table'] }, datasource: { type: 'object' },
  },
});
const known = new Set(Object.values(units).filter((unit) => typeof unit === 'string'));

function findings(board) {
  const found = [];
  const hold = (place, check, value) => {
    if (!check(value)) found.push(...check.errors.map((error) => `${place}${error.instancePath} ${error.message} ${JSON.stringify(error.params)}`));
  };
  hold('', checks.dashboard, board);
  for (const outer of board.panels) {
    if (outer.type === 'row') hold(`row ${outer.title}`, checks.row, { ...outer, panels: [] });
    for (const panel of outer.type === 'row' ? outer.panels : [outer]) {
      const place = `panel ${panel.title}`;
      hold(place, checks.panel, panel);
      if (options[panel.type]) hold(`${place} options`, options[panel.type], panel.options);
      else found.push(`${place}: no schema for its kind ${panel.type}`);
      for (const target of panel.targets ?? []) hold(`${place} query`, TARGET, target);
      if (!known.has(panel.fieldConfig.defaults.unit)) found.push(`${place}: Grafana has no unit ${panel.fieldConfig.defaults.unit}`);
    }
  }
  return found;
}

/** Faults that this check must find, or it is none. */
const FAULTS = {
  'a misspelt key of a panel': (board) => (board.panels[8].titel = 'x'),
  'a misspelt option': (board) => (board.panels[8].options.legend.displayMod = 'list'),
  'a word that is none of an option': (board) => (board.panels[8].options.tooltip.mode = 'many'),
  'a unit as a number': (board) => (board.panels[8].fieldConfig.defaults.unit = 5),
  'a misspelt unit': (board) => (board.panels[8].fieldConfig.defaults.unit = 'percentuint'),
  'a word that is no mode of thresholds': (board) => (board.panels[8].fieldConfig.defaults.thresholds.mode = 'absolut'),
  'a refresh as a number': (board) => (board.refresh = 30),
  'a misspelt key of the board': (board) => (board.tag = []),
  'a misspelt key of a query': (board) => (board.panels[8].targets[0].qeury = 'x'),
  'a kind of panel that is gone': (board) => (board.panels[8].type = 'graph'),
  'a variable of no kind': (board) => (board.templating.list[1].type = 'queries'),
};

const folder = process.argv[2];
const boards = fs.readdirSync(folder).sort().map((name) => [name, JSON.parse(fs.readFileSync(path.join(folder, name), 'utf8'))]);
let wrong = boards.flatMap(([name, board]) => findings(board).map((finding) => `${name}: ${finding}`));
const sound = boards.find(([name]) => name === 'swarm-node.json')[1];
for (const [what, plant] of Object.entries(FAULTS)) {
  const board = structuredClone(sound);
  plant(board);
  if (!findings(board).length) wrong.push(`the planted fault is not found: ${what}`);
}
if (wrong.length) {
  console.error(wrong.join('\n'));
  process.exit(1);
}
console.log(`${boards.length} boards fit the schema, ${Object.keys(FAULTS).length} planted faults found`);
