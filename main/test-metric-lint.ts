/**
 * What `promtool check metrics` looks at: the text format 0.0.4
 * (https://github.com/prometheus/docs/blob/main/docs/instrumenting/exposition_formats.md) and the rules of promlint
 * (github.com/prometheus/client_golang, prometheus/testutil/promlint/validations), written anew. There is no promtool for npm.
 *
 * @packageDocumentation
 */

export interface MetricFamily {
  name: string;
  type: string;
  help: string;
  samples: { name: string; labels: Record<string, string>; value: number }[];
}

const SAMPLE = /^([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(.*)\})? (\S+)$/;
const LABEL = /([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\["\\n])*)"(,|$)/y;

/** @throws Error naming the line that is none of the format. */
export function parseMetrics(text: string): MetricFamily[] {
  if (!text.endsWith('\n')) throw new Error('the last line does not end');
  const families = new Map<string, MetricFamily>();
  let current: MetricFamily | undefined;
  for (const line of text.split('\n')) {
    if (line.trim() === '') continue;
    const [, kind, name = '', rest = ''] = /^# (HELP|TYPE) (\S+) (.*)$/.exec(line) ?? [];
    if (kind === 'HELP') {
      if (families.has(name)) throw new Error(`a second group of lines for ${name}`);
      current = { name, type: 'untyped', help: rest, samples: [] };
      families.set(name, current);
    } else if (kind === 'TYPE') {
      if (!current || current.name !== name || current.samples.length > 0)
        throw new Error(`TYPE of ${name} in the wrong place`);
      current.type = rest;
    } else {
      const found = SAMPLE.exec(line);
      const sample = found?.[1] ?? '';
      const base = current?.type === 'histogram' ? sample.replace(/_(bucket|sum|count)$/, '') : sample;
      if (!found || !current || base !== current.name) throw new Error(`not a sample of its group: ${line}`);
      const value = Number((found[3] ?? '').replace('+Inf', 'Infinity'));
      if (Number.isNaN(value) && found[3] !== 'NaN') throw new Error(`not a number: ${line}`);
      current.samples.push({ name: sample, labels: parseLabels(found[2] ?? '', line), value });
    }
  }
  return [...families.values()];
}

function parseLabels(text: string, line: string): Record<string, string> {
  const labels: Record<string, string> = {};
  for (LABEL.lastIndex = 0; LABEL.lastIndex < text.length; ) {
    const found = LABEL.exec(text);
    if (!found) throw new Error(`not labels: ${line}`);
    labels[found[1] ?? ''] = found[2] ?? '';
  }
  return labels;
}

const BASE_UNITS = [
  'amperes',
  'bytes',
  'celsius',
  'grams',
  'joules',
  'kelvin',
  'meters',
  'metres',
  'seconds',
  'volts',
];
const OTHER_UNITS =
  'minutes hours days weeks kelvins fahrenheit rankine inches yards miles bits calories pounds ounces'.split(
    ' ',
  );
const UNIT_PREFIXES =
  'pico nano micro milli centi deci deca hecto kilo kibi mega mibi giga gibi tera tebi peta pebi'.split(' ');
const ABBREVIATIONS = 's ms us ns sec b kb mb gb tb pb m h d'.split(' ');

/** Of units.go: the first part of the name that is a unit, with or without a prefix, has to be a base unit. */
function isOfBaseUnit(name: string): boolean {
  for (const part of name.split('_')) {
    if (BASE_UNITS.includes(part)) return true;
    const bare = UNIT_PREFIXES.map((prefix) => (part.startsWith(prefix) ? part.slice(prefix.length) : ''));
    if (OTHER_UNITS.includes(part) || bare.some((each) => [...BASE_UNITS, ...OTHER_UNITS].includes(each)))
      return false;
  }
  return true;
}

/** What promlint says of a family. */
export function lintFamily({ name, type, help, samples }: MetricFamily): string[] {
  const labels = samples.flatMap((sample) => Object.keys(sample.labels));
  const parts = name.toLowerCase().split('_');
  const isHistogram = type === 'histogram';
  const rules: [isBroken: boolean, problem: string][] = [
    [help === '', 'no help text'],
    [!isOfBaseUnit(name), 'not a base unit'],
    [type === 'counter' && !name.endsWith('_total'), 'counter metrics should have "_total" suffix'],
    [type !== 'counter' && name.endsWith('_total'), 'non-counter metrics should not have "_total" suffix'],
    [/_(bucket|count|sum)$/.test(name), 'a suffix that is reserved for histograms and summaries'],
    [!isHistogram && labels.includes('le'), 'non-histogram metrics should not have "le" label'],
    [labels.includes('quantile'), 'non-summary metrics should not have "quantile" label'],
    [parts.slice(1).includes(type), 'metric name should not include its type'],
    [name.includes(':'), 'metric names should not contain ":"'],
    [[name, ...labels].some((each) => /[a-z][A-Z]/.test(each)), 'names should be written in snake_case'],
    [parts.slice(1).some((part) => ABBREVIATIONS.includes(part)), 'abbreviated units'],
    [hasDuplicates(samples), 'metric not unique'],
  ];
  return rules.flatMap(([isBroken, problem]) => (isBroken ? [`${name}: ${problem}`] : []));
}

function hasDuplicates(samples: MetricFamily['samples']): boolean {
  const seen = samples.map(({ name, labels }) => JSON.stringify([name, Object.entries(labels).sort()]));
  return new Set(seen).size !== seen.length;
}
