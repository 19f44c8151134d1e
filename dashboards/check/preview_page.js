// Runs in the page: lays out the panels of BOARD and draws each by its kind.
const COLORS = ['#73bf69', '#f2cc0c', '#5794f2', '#ff9830', '#f2495c', '#b877d9', '#8ab8ff', '#ffa6b0', '#96d98d', '#ca95e5', '#fade2a', '#56a64b'];
const NAMED = { green: '#73bf69', yellow: '#f2cc0c', red: '#f2495c', blue: '#5794f2' };
const LEFT = { percent: ['', ' %'], percentunit: ['', ' %', 100], cps: ['', ' c/s'], pps: ['', ' p/s'], ms: ['', ' ms'], µs: ['', ' µs'] };

function scaled(value, step, names) {
  let n = 0;
  while (Math.abs(value) >= step && n < names.length - 1) { value /= step; n += 1; }
  return `${+value.toFixed(Math.abs(value) < 10 ? 2 : Math.abs(value) < 100 ? 1 : 0)}${names[n]}`;
}

function told(value, unit) {
  if (value === null || value === undefined) return '–';
  if (typeof value !== 'number') return String(value);
  if (unit === 'bytes') return scaled(value, 1024, [' B', ' KiB', ' MiB', ' GiB', ' TiB']);
  if (unit === 'Bps') return scaled(value, 1000, [' B/s', ' kB/s', ' MB/s', ' GB/s']);
  if (unit === 'ns') return told(value / 1e9, 's');
  if (unit === 's') return value >= 86400 ? `${(value / 86400).toFixed(1)} d` : value >= 3600 ? `${(value / 3600).toFixed(1)} h` : value >= 60 ? `${(value / 60).toFixed(1)} min` : value >= 1 || value === 0 ? `${+value.toFixed(2)} s` : `${+(value * 1000).toFixed(2)} ms`;
  if (unit === 'bool') return value ? 'yes' : 'no';
  const [before, after, factor] = LEFT[unit] ?? ['', '', 1];
  return before + scaled(value * (factor ?? 1), 1000, ['', ' k', ' M', ' G']) + after;
}

const colorOf = (value, steps) => NAMED[(steps ?? []).filter((step) => step.value === null || value >= step.value).pop()?.color] ?? '#73bf69';
const mapped = (value, mappings) => (mappings ?? []).map((mapping) => mapping.options[String(value)]).find(Boolean);
const last = (series) => series.points.map((point) => point[1]).filter((value) => value !== null).pop();
const element = (name, parent, text = '', className = '') => { const made = document.createElement(name); made.textContent = text; if (className) made.className = className; parent.append(made); return made; };

const DRAW = {
  stat(panel, box) {
    const { defaults } = panel.fieldConfig;
    const numbers = element('div', box, '', 'numbers');
    const sum = panel.options.reduceOptions.calcs[0] === 'sum';
    const found = panel.series.map((series) => [series.name, sum ? series.points.reduce((total, point) => total + (point[1] ?? 0), 0) : last(series)]);
    if (!found.length) found.push(['', null]);
    for (const [name, value] of found.slice(0, 3)) {
      const word = mapped(value, defaults.mappings);
      const cell = element('div', numbers);
      const big = element('span', cell, value === null ? defaults.noValue : word?.text ?? told(value, defaults.unit));
      big.style.cssText = `font-size:${found.length > 1 ? 17 : 26}px;color:${NAMED[word?.color] ?? colorOf(value, defaults.thresholds.steps)}`;
      if (found.length > 1) element('small', cell, name);
    }
  },
  bargauge(panel, box) {
    const { defaults } = panel.fieldConfig;
    const max = defaults.max ?? Math.max(...panel.series.map(last));
    for (const series of panel.series) {
      const bar = element('div', box, '', 'bar');
      element('span', bar, series.name);
      const fill = element('b', element('i', bar));
      fill.style.cssText = `width:${(100 * last(series)) / max}%;background:${colorOf(last(series), defaults.thresholds.steps)}`;
      element('span', bar, told(last(series), defaults.unit));
    }
  },
  'state-timeline'(panel, box) {
    const { defaults } = panel.fieldConfig;
    for (const series of panel.series) {
      const stripe = element('div', box, '', 'stripe');
      element('span', stripe, series.name);
      const line = element('div', stripe);
      let shown;
      const span = BOARD.to - BOARD.from;
      series.points.forEach(([time, value], index) => {
        const end = series.points[index + 1]?.[0] ?? Math.min(time + 5000, BOARD.to);
        if (index === 0) element('i', line).style.width = `${(100 * Math.max(0, time - BOARD.from)) / span}%`;
        const word = mapped(value, defaults.mappings);
        const text = value === null ? '' : word?.text ?? told(value, defaults.unit);
        const piece = element('i', line, text === shown ? '' : text);
        shown = text;
        piece.style.cssText = `width:${(100 * (end - time)) / span}%;background:${value === null ? 'none' : NAMED[word?.color] ?? colorOf(value, defaults.thresholds.steps)}`;
      });
    }
  },
  table(panel, box) {
    const { head, rows } = panel.table;
    const made = element('table', box);
    const first = element('tr', made);
    head.forEach((name) => element('th', first, name));
    const looks = head.map((name) => Object.fromEntries((panel.fieldConfig.overrides.find((found) => found.matcher.options === name)?.properties ?? []).map((one) => [one.id, one.value])));
    for (const row of rows.slice(0, 30)) {
      const line = element('tr', made);
      row.forEach((value, index) => {
        const look = looks[index];
        const word = mapped(value, look.mappings);
        const isTime = typeof value === 'string' && /^\d{4}-\d\d-\d\dT.*Z$/.test(value);
        const cell = element('td', line, isTime ? value.slice(11, 19) : word?.text ?? told(value, look.unit ?? panel.fieldConfig.defaults.unit));
        if (word) cell.style.cssText = `background:${NAMED[word.color]};color:#111217`;
        if (look['custom.cellOptions']?.type === 'gauge' && typeof value === 'number') {
          const bar = document.createElement('i');
          const max = Math.max(...rows.map((other) => other[index] ?? 0));
          bar.style.cssText = `width:${Math.round((90 * value) / max)}px;background:${colorOf(value, look.thresholds?.steps)}`;
          cell.prepend(bar);
        }
        if (look.links) cell.style.color = '#6e9fff';
      });
    }
  },
  timeseries(panel, box) {
    const { defaults, overrides } = panel.fieldConfig;
    const { custom } = defaults;
    const mirror = overrides.find((found) => found.properties.some((one) => one.id === 'custom.transform'))?.matcher.options;
    const isMirrored = (name) => mirror && new RegExp(mirror.slice(1, -1)).test(name);
    const times = [...new Set(panel.series.flatMap((series) => series.points.map((point) => point[0])))].sort((a, b) => a - b);
    let columns = panel.series.map((series) => {
      const values = new Map(series.points);
      const sign = isMirrored(series.name) ? -1 : 1;
      return times.map((time) => (values.get(time) === null || values.get(time) === undefined ? null : sign * values.get(time)));
    });
    const isStacked = custom.stacking?.mode === 'normal';
    if (isStacked) columns = columns.map((_, index) => times.map((_, at) => columns.slice(0, index + 1).reduce((sum, column) => sum + (column[at] ?? 0), 0)));
    const axis = { stroke: '#9fa7b3', grid: { stroke: '#25282d', width: 1 }, ticks: { stroke: '#25282d', width: 1 }, font: '10px sans-serif' };
    const bars = custom.drawStyle === 'bars';
    const lines = columns.map((_, index) => ({ label: panel.series[index].name, stroke: COLORS[index % COLORS.length], width: bars ? 0 : 1.2, points: { show: false }, spanGaps: true, fill: COLORS[index % COLORS.length] + (isStacked ? 'cc' : '14'), ...(bars ? { paths: uPlot.paths.bars({ size: [0.7, 30] }) } : {}) }));
    const order = isStacked ? [...columns.keys()].reverse() : [...columns.keys()];
    const options = {
      width: box.clientWidth - 14, height: box.clientHeight - 44, legend: { show: false }, cursor: { show: false },
      scales: { x: { time: true, range: [BOARD.from / 1000, BOARD.to / 1000] }, y: { range: (_, low, high) => [Math.min(defaults.min ?? low, low), Math.max(high * 1.1, low + (high === low ? 1 : 0), defaults.max === 100 && high > 60 ? 100 : 0)] } },
      axes: [{ ...axis, size: 28 }, { ...axis, size: 64, ...(defaults.unit === 'bytes' ? { incrs: Array.from({ length: 50 }, (_, n) => 2 ** n) } : {}), values: (_, values) => values.map((value) => told(Math.abs(value), defaults.unit)) }],
      series: [{}, ...order.map((index) => lines[index])],
    };
    new uPlot(options, [times.map((time) => time / 1000), ...order.map((index) => columns[index])], box);
    const legend = element('div', box, '', 'legend');
    lines.forEach((line) => { element('i', legend).style.background = line.stroke; legend.append(line.label); });
  },
};

const header = element('header', document.body);
element('b', header, BOARD.title);
BOARD.variables.forEach((name) => element('span', header, `${name}  All`));
const main = element('main', document.body);
const problems = [];
for (const panel of BOARD.panels) {
  const { x, y, w, h } = panel.box;
  const box = element('section', main, '', panel.type === 'row' ? 'row' : '');
  box.style.gridArea = `${y + 1} / ${x + 1} / span ${h} / span ${w}`;
  if (panel.type === 'row') box.textContent = `${panel.closed ? '›' : '⌄'}  ${panel.title}`;
  else {
    element('h3', box, panel.title);
    const isEmpty = panel.type === 'table' ? !panel.table.rows.length : !panel.series.length && panel.type !== 'stat';
    if (isEmpty) element('div', box, 'No data', 'empty');
    else DRAW[panel.type](panel, box);
  }
}
window.ready = true;
